internal import Definitions
internal import EngagementModel
internal import Foundation

/// Reads `rapport.yaml`.
///
/// Keys: `name, currency, languages, timezone, variables, warehouse {engine, driver, entrypoint, options,
/// memory_limit, threads, native, snapshots_kept}, ledger {file}, server {host, port}, delivery {…}` (see `DeliverySection`),
/// `scan` (a program and its arguments: see `FileScanner`), `events {sources [{key, per_second, body_kib, event_kib, events}]}`.
enum SettingsFile {
    static func read(_ yaml: YAMLReader) -> Settings {
        var settings = Settings()
        if let value = yaml.string("name") { settings.name = value }
        if let value = yaml.string("currency") {
            if value.count == 3, value.allSatisfy({ $0.isUppercase && $0.isASCII }) {
                settings.currency = value
            } else {
                yaml.report("currency", "bad_value", "expected a three-letter code (ISO 4217) such as EUR")
            }
        }
        if let value = yaml.strings("languages") { settings.languages = value }
        if let value = yaml.string("timezone") {
            if TimeZone(identifier: value) != nil {
                settings.timezone = value
            } else {
                yaml.report(
                    "timezone", "bad_value", "`\(value)` is no time zone of the tz database, such as Europe/Berlin")
            }
        }
        if let inner = yaml.mapping("variables") {
            for key in inner.keys { settings.variables[key] = inner.string(key) }
        }
        if let inner = yaml.mapping("warehouse") { readWarehouse(inner, into: &settings) }
        if let inner = yaml.mapping("ledger") {
            if let value = inner.string("file") { settings.ledgerFile = value }
            inner.finish()
        }
        if let inner = yaml.mapping("server") {
            if let value = inner.string("host") { settings.host = value }
            if let value = inner.integer("port", 0...65_535) { settings.port = value }
            inner.finish()
        }
        if let inner = yaml.mapping("events") {
            for source in inner.mappings("sources") {
                guard let key = source.required("key") else { continue }
                let limits = Settings.EventSource(
                    perSecond: source.integer("per_second", 1...10_000_000),
                    bodyBytes: source.integer("body_kib", 1...65_536).map { $0 * 1024 },
                    eventBytes: source.integer("event_kib", 1...65_536).map { $0 * 1024 },
                    events: source.integer("events", 1...100_000))
                if settings.eventSources.updateValue(limits, forKey: key) != nil {
                    source.report("key", "duplicate_key", "two sources have the same key")
                }
                source.finish()
            }
            inner.finish()
        }
        if let value = yaml.string("scan") { settings.scan = value }
        if let inner = yaml.mapping("delivery") { settings.delivery = DeliverySection.read(inner) }
        yaml.finish()
        return settings
    }

    private static func readWarehouse(_ yaml: YAMLReader, into settings: inout Settings) {
        let engine = yaml.string("engine") ?? "duckdb"
        let path = yaml.string("driver")
        let entrypoint = yaml.string("entrypoint")
        var options: [String: String] = [:]
        if let inner = yaml.mapping("options") {
            for key in inner.keys { options[key] = inner.string(key) }
        }
        switch engine {
        case "duckdb": settings.engine = .duckdb
        case "adbc":
            if let path {
                settings.engine = .driver(path: path, entrypoint: entrypoint, options: options)
            } else {
                yaml.report(
                    "driver", "missing_key", "is required when engine is adbc", remedy: "name the driver's library")
            }
        default:
            yaml.report("engine", "unknown_value", "`\(engine)` is none of duckdb, adbc")
        }
        if let value = yaml.string("memory_limit") { settings.memoryLimit = value }
        if let value = yaml.integer("threads", 1...1024) { settings.threads = value }
        if let value = yaml.string("native") { settings.nativeDirectory = value }
        if let value = yaml.integer("snapshots_kept", 1...1000) { settings.snapshotsKept = value }
        if let value = yaml.integer("records_kept", 0...100_000) { settings.recordsKept = value }
        yaml.finish()
    }
}
