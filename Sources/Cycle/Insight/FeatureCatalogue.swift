internal import EngagementModel
internal import Foundation
internal import Insight
internal import Warehouse

/// The catalogue of features and models, `catalogue.feature`: what there is, from what, tested by what, how fresh, and
/// whether its distribution has moved since the run before.
///
/// Every line is a table or a column that the next analysis can use unchanged: by SQL in the published snapshot, or as
/// Parquet (`rapport export features`).
enum FeatureCatalogue {
    struct Entry: Sendable {
        var name: String
        var table: String
        /// nil for a table that is a building block as a whole.
        var column: String?
        var kind: String
        var owner: String
        var grain: String
        var inputs: String
        var tests: String
        /// The part of the insight step that makes it; nil for the SQL pipeline.
        var part: String?
    }

    private static func feature(
        _ name: String, _ table: String, _ column: String?, _ grain: String, _ inputs: String, _ tests: String,
        part: String? = nil
    ) -> Entry {
        Entry(
            name: name, table: table, column: column, kind: "feature", owner: part == nil ? "data" : "insight",
            grain: grain, inputs: inputs, tests: tests, part: part)
    }

    private static func model(_ name: String, _ grain: String, _ inputs: String, _ tests: String) -> Entry {
        Entry(
            name: name, table: "history.model", column: nil, kind: "model", owner: "decisioning", grain: grain,
            inputs: inputs, tests: tests, part: nil)
    }

    static let entries: [Entry] = [
        feature("yearly volume", "mart.feature_hcp", "volume_12m", "HCP", "volume", "MartVolumeTests"),
        feature("volume trend", "mart.feature_hcp", "volume_trend", "HCP", "volume", "MartVolumeTests"),
        feature("contacts a year", "mart.feature_hcp", "touches_365d", "HCP", "interaction", "MartBruteForceTests"),
        feature("answers a year", "mart.feature_hcp", "engaged_365d", "HCP", "interaction", "MartBruteForceTests"),
        feature("own requests", "mart.feature_hcp", "pull_90d", "HCP", "interaction", "MartBruteForceTests"),
        feature(
            "answer rate by channel", "mart.feature_hcp_channel", "response_rate", "HCP × channel", "interaction",
            "MartBruteForceTests"),
        feature(
            "topic affinity", "mart.feature_hcp_topic", "affinity", "HCP × topic × format", "interaction, content",
            "MartBruteForceTests"),
        feature(
            "hour score", "mart.feature_hcp_hour", "score", "HCP × hour of the week", "interaction",
            "MartBruteForceTests"),
        feature(
            "next need", "insight.need", "urgency", "account or HCP × product", "order, order_line, volume",
            "InsightStepTests, TimingRecoveryTests, SegmentedTimingTests", part: "need"),
        feature(
            "purchase interval", "insight.need", "interval_days", "account or HCP × product",
            "order, order_line, volume", "InsightStepTests", part: "need"),
        feature(
            "change of level", "insight.change", "recent", "account or HCP × product × measure",
            "volume, order, order_line", "InsightStepTests, ChangeDetectorTests", part: "change"),
        feature(
            "order proposal", "insight.replenish", "quantity", "account × product",
            "inventory, procedure_product, claim", "InsightStepTests, ReplenishmentTests", part: "replenish"),
        feature(
            "lapse", "insight.lapse", "days_left", "contract or device", "contract, asset, service_case",
            "InsightStepTests", part: "lapse"),
        feature(
            "segment", "insight.hcp_segment", "segment_no", "HCP", "features of an HCP", "SegmentRulesTests",
            part: "segment"),
        feature(
            "best hour", "insight.channel_hour", "lift", "HCP × channel", "interaction",
            "ChannelHoursTests, InsightPreferenceTests", part: "hour"),
        feature(
            "preference", "insight.preference", "lift", "HCP × channel, HCP × topic × format", "interaction, content",
            "ShrunkRatesTests, InsightPreferenceTests", part: "preference"),
        feature(
            "centrality", "insight.influence", "centrality", "HCP with a tie",
            "referral, claim, affiliation, event_attendance", "InsightStepTests, NetworkTests", part: "influence"),
        feature(
            "influence", "insight.influence", "influence", "HCP with a tie",
            "ties, volume, interaction (control)", "ExposureTests", part: "influence"),
        feature(
            "reading of a message", "insight.reading", nil, "message", "inquiry, service_case, note, interview, survey",
            "InquiryReadingTests", part: "reading"),
        feature("trigger", "insight.trigger", "score", "occasion", "all of the above", "InsightStepTests", part: nil),
        model(
            "response", "HCP × channel × content", "interaction, content, HCP",
            "ResponseModelTests, report.calibration"),
        model("segments", "market", "features of an HCP", "SegmentRulesTests"),
    ]

    /// Rows that drift is read from, about; all where there are not twice as many.
    private static let sample: Int64 = 100_000

    static func write(_ context: RunContext) async throws -> InsightPart.Work {
        let connection = context.connection
        let parts = try await connection.query("SELECT part, version, as_of, \"rows\", note FROM insight.part")
        var made: [String: (version: String, asOf: Day?, note: String)] = [:]
        let (names, versions) = (try parts.texts("part"), try parts.texts("version"))
        let (days, notes) = (try parts.days("as_of"), try parts.texts("note"))
        for i in names.indices { made[names[i]] = (versions[i], days[i], notes[i]) }
        let models = try await models(context)
        var rows: [Row] = []
        for entry in entries {
            if entry.kind == "model" {
                guard let model = models[entry.name] else { continue }
                rows.append(
                    Row(entry: entry, version: model.version, fresh: model.asOf, rows: 1, drift: nil, note: model.note))
                continue
            }
            let count = try await connection.query("SELECT count(*) AS n FROM \(entry.table)").int64s("n")[0]
            let known = entry.part.flatMap { made[$0] }
            let version = known?.version ?? "sql-1"
            let drift = count > 0 ? try await drift(entry, version, count, context) : nil
            rows.append(
                Row(
                    entry: entry, version: version, fresh: known?.asOf ?? context.asOf, rows: count, drift: drift,
                    note: known?.note ?? ""))
        }
        for (name, model) in models.sorted(by: { $0.key < $1.key }) where name.hasPrefix("outcome ") {
            let entry = Self.model(name, "HCP × month", "volume, interaction", "OutcomeModelTests, report.forecast")
            rows.append(
                Row(entry: entry, version: model.version, fresh: model.asOf, rows: 1, drift: nil, note: model.note))
        }
        if let trained = try TextModelFile.trained(context.workspace) {
            rows.append(Row(text: trained, by: try TextModelFile.reader(context.workspace), fresh: context.asOf))
        }
        try await connection.ingest(
            ColumnSet([
                ("name", .text(rows.map(\.entry.name))), ("kind", .text(rows.map(\.entry.kind))),
                ("version", .text(rows.map(\.version))), ("owner", .text(rows.map(\.entry.owner))),
                ("grain", .text(rows.map(\.entry.grain))), ("inputs", .text(rows.map(\.entry.inputs))),
                ("tests", .text(rows.map(\.entry.tests))), ("fresh_as_of", .optionalDay(rows.map(\.fresh))),
                ("rows", .int64(rows.map(\.rows))), ("drift", .optionalDouble(rows.map(\.drift))),
                ("drift_word", .text(rows.map { $0.drift.map(StabilityIndex.word) ?? "" })),
                ("note", .text(rows.map(\.note))),
                (
                    "place",
                    .text(rows.map { [$0.entry.table, $0.entry.column].compactMap { $0 }.joined(separator: ".") })
                ),
            ]), into: "catalogue.feature", mode: .replace)
        return InsightPart.Work(rows: rows.count)
    }

    private struct Row: Sendable {
        var entry: Entry
        var version: String
        var fresh: Day?
        var rows: Int64
        var drift: Double?
        var note: String

        init(entry: Entry, version: String, fresh: Day?, rows: Int64, drift: Double?, note: String) {
            (self.entry, self.version, self.fresh) = (entry, version, fresh)
            (self.rows, self.drift, self.note) = (rows, drift, note)
        }

        /// The classifier of inquiries with what it showed on texts that it had not seen.
        init(text trained: TrainedText, by reader: InquiryReader, fresh: Day) {
            let proof = (reader.readsMeaning ? trained.embedded?.proof : nil) ?? trained.proof
            var entry = FeatureCatalogue.model(
                "inquiry kinds", "message", "texts labelled by people", "TrainedTextTests")
            (entry.table, entry.owner) = (TextModelFile.path, "insight")
            let folds = proof.foldAccuracy.map { String(format: "%.3f", $0) }.joined(separator: ", ")
            self.init(
                entry: entry, version: trained.version, fresh: fresh, rows: 1, drift: nil,
                note:
                    "accuracy \(String(format: "%.3f", proof.accuracy)) on unseen texts (parts: \(folds)), macro F1 "
                    + "\(String(format: "%.3f", proof.macroF1)), calibration error "
                    + "\(String(format: "%.3f", proof.calibrationError)), from \(proof.texts) texts"
                    + (reader.readsMeaning ? ", with a sentence model" : ""))
        }
    }

    private static func models(
        _ context: RunContext
    ) async throws -> [String: (version: String, asOf: Day?, note: String)] {
        try await ModelStore.prepare(context.connection)
        let table = try await context.connection.query("SELECT name, version, as_of FROM history.model ORDER BY name")
        let (names, versions) = (try table.texts("name"), try table.texts("version"))
        var found: [String: (version: String, asOf: Day?, note: String)] = [:]
        for (i, day) in try table.days("as_of").enumerated() { found[names[i]] = (versions[i], day, "") }
        return found
    }

    /// The population stability index of a column against the run before, over the tenths of the first run.
    ///
    /// Bounds are kept with the version: another version is another feature, and starts anew.
    private static func drift(
        _ entry: Entry, _ version: String, _ count: Int64, _ context: RunContext
    ) async throws -> Double? {
        guard let column = entry.column else { return nil }
        let connection = context.connection
        // Tenths of a few hundred thousand rows say as much as those of millions; which rows does not depend on chance.
        var rows = entry.table
        if case .duckdb = context.workspace.settings.engine, count > 2 * sample {
            rows += " WHERE rowid % \(count / sample) = 0"
        }
        let stored = try await connection.query(
            "SELECT bound, share, as_of FROM history.feature_bin WHERE name = ? AND version = ? ORDER BY bin",
            [.text(entry.name), .text(version)])
        var bounds = try stored.doubles("bound")
        let shares = try stored.doubles("share")
        let before = try stored.days("as_of").first ?? nil
        if bounds.isEmpty {
            let tenths = (1...9).map { String(Double($0) / 10) }.joined(separator: ", ")
            let found = try await connection.query(
                "SELECT CAST(unnest(quantile_cont(CAST(\(column) AS DOUBLE), [\(tenths)])) AS DOUBLE) AS bound FROM \(rows)"
            )
            // A value that many share is one bound, not several.
            bounds = Set(try found.doubles("bound").filter(\.isFinite)).sorted()
            guard !bounds.isEmpty else { return nil }
        } else {
            bounds.removeLast()
        }
        // How many rows lie at or below each bound; the differences are the bins.
        let list = bounds.map { "count(CASE WHEN CAST(\(column) AS DOUBLE) <= \($0) THEN 1 END)" }
        let table = try await connection.query(
            "SELECT unnest([\((list + ["count(\(column))"]).joined(separator: ", "))]) AS n FROM \(rows)")
        let below = try table.int64s("n").map(Double.init)
        let counts = below.indices.map { $0 == 0 ? below[0] : below[$0] - below[$0 - 1] }
        let total = counts.reduce(0, +)
        guard total > 0 else { return nil }
        let value = shares.count == counts.count ? StabilityIndex.value(expected: shares, counts: counts) : nil
        if before != context.asOf || value == nil {
            try await connection.execute("DELETE FROM history.feature_bin WHERE name = ?", [.text(entry.name)])
            try await connection.ingest(
                ColumnSet([
                    ("name", .text(counts.map { _ in entry.name })), ("version", .text(counts.map { _ in version })),
                    ("as_of", .day(counts.map { _ in context.asOf })),
                    ("bin", .int32(counts.indices.map { Int32($0) })),
                    ("bound", .double(bounds + [.greatestFiniteMagnitude])),
                    ("share", .double(counts.map { $0 / total })),
                ]), into: "history.feature_bin", mode: .append)
        }
        return value
    }
}
