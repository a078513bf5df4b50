internal import Definitions
internal import EngagementModel
internal import Foundation

/// Reads `strategy.yaml` (and the parts of it that a market may change).
enum StrategyFile {
    /// Another strategy than the workspace's own.
    ///
    /// - Throws: a `ValidationFailure` with every mistake of the file.
    static func open(_ file: URL) throws -> Strategy {
        let name = file.lastPathComponent
        let log = YAMLReader.DiagnosticLog()
        guard let data = FileManager.default.contents(atPath: file.path) else {
            throw ValidationFailure(diagnostics: [
                Diagnostic("file_missing", "there is no such file", file: file.path, remedy: "check the path")
            ])
        }
        let yaml = YAMLReader.open(String(decoding: data, as: UTF8.self), file: name, log: log)
        // The goals are those of the recorded plan, whatever a file that is judged says of a cycle.
        _ = yaml.flatMap(CyclePlanFile.read)
        let strategy = yaml.map(read)
        guard let strategy, !log.diagnostics.contains(where: { $0.severity == .error }) else {
            throw ValidationFailure(diagnostics: log.diagnostics)
        }
        return strategy
    }

    static func read(_ yaml: YAMLReader) -> Strategy {
        var strategy = Strategy()
        if let value = yaml.integer("horizon_days", 1...20) { strategy.horizonDays = value }
        strategy.objectives = yaml.mappings("objectives").compactMap(objective)
        strategy.channels = channels(yaml)
        strategy.caps = caps(yaml)
        strategy.gaps = gaps(yaml)
        strategy.repeats = repeats(yaml)
        if let value = quietHours(yaml) { strategy.quietHours = value }
        strategy.budgets = budgets(yaml)
        if let inner = yaml.mapping("capacity") {
            if let source = inner.string("source"), source != "rep_calendar" {
                inner.report("source", "unknown_value", "`\(source)` is not known", remedy: "use rep_calendar")
            }
            if let value = inner.string("default"), value != "rep.minutes_per_day" {
                inner.report("default", "unknown_value", "`\(value)` is not known", remedy: "use rep.minutes_per_day")
            }
            inner.finish()
        }
        strategy.consent = consent(yaml) ?? [:]
        if let inner = yaml.mapping("arms") {
            if let value = inner.number("random", 0...0.5) { strategy.arms.random = value }
            if let value = inner.number("rules", 0...0.5) { strategy.arms.rules = value }
            inner.finish()
        }
        if let inner = yaml.mapping("exploration") {
            if let text = inner.string("temperature"), text != "auto" {
                strategy.exploration.temperature = inner.number("temperature", 0...1e9)
            }
            if let value = inner.number("floor", 0...0.5) { strategy.exploration.floor = value }
            inner.finish()
        }
        if let inner = yaml.mapping("stability") {
            if let value = inner.number("max_changed_share", 0...1) { strategy.maxChangedShare = value }
            inner.finish()
        }
        if let value = yaml.integer("seed", 0...Int.max) { strategy.seed = UInt64(value) }
        checkConsistency(strategy, yaml)
        yaml.finish()
        return strategy
    }

    private static func checkConsistency(_ strategy: Strategy, _ yaml: YAMLReader) {
        for channel in strategy.channels.keys.sorted(by: { $0.code < $1.code }) where strategy.consent[channel] == nil {
            yaml.report(
                "consent", "channel_denied", "the channel \(channel.rawValue) has no consent rule, so it is denied",
                remedy: "add `\(channel.rawValue): opt_in` or `not_opted_out` if it may be used", warning: true)
        }
        if strategy.objectives.isEmpty {
            yaml.report(
                "objectives", "no_objective", "no objective: every touch is worth nothing, so nothing is planned",
                remedy: "add `- {product: …, measure: …, value_per_unit: …}`", warning: true)
        }
    }

    private static func objective(_ yaml: YAMLReader) -> Strategy.Objective? {
        let product = yaml.required("product")
        let measure = yaml.required("measure")
        let value = yaml.number("value_per_unit", 0...1e12)
        if value == nil && !yaml.has("value_per_unit") { yaml.report("value_per_unit", "missing_key", "is required") }
        let lever = yaml.number("lever", 0...10) ?? 1
        yaml.finish()
        guard let product, let measure, let value else { return nil }
        return Strategy.Objective(product: product, measure: measure, valuePerUnit: value, lever: lever)
    }

    private static func channels(_ yaml: YAMLReader) -> [Channel: Strategy.ChannelTerms] {
        var result: [Channel: Strategy.ChannelTerms] = [:]
        guard let inner = yaml.mapping("channels") else { return result }
        for (key, channel) in named(inner) {
            guard let terms = inner.mapping(key) else { continue }
            result[channel] = Self.terms(terms, channel)
        }
        return result
    }

    /// What one touch of a channel takes.
    static func terms(_ yaml: YAMLReader, _ channel: Channel) -> Strategy.ChannelTerms {
        var sender: Strategy.Sender = channel.isHuman || channel == .emailRep ? .rep : .system
        if let text = yaml.string("sender") {
            if let value = Strategy.Sender(rawValue: text) {
                sender = value
            } else {
                yaml.report("sender", "unknown_value", "`\(text)` is none of rep, system")
            }
        }
        let terms = Strategy.ChannelTerms(
            minutes: yaml.number("minutes", 0...1440) ?? 0, cost: yaml.number("cost", 0...1e9) ?? 0, sender: sender)
        yaml.finish()
        return terms
    }

    /// The keys of a mapping as channels; unknown ones are reported.
    static func named(_ yaml: YAMLReader) -> [(String, Channel)] {
        yaml.keys.compactMap { key in
            if let channel = Channel(rawValue: key) { return (key, channel) }
            let all = Channel.allCases.map(\.rawValue)
            yaml.report(
                key, "unknown_channel", "is no channel; the channels are \(all.joined(separator: ", "))",
                remedy: nearest(key, all).map { "did you mean `\($0)`?" })
            return nil
        }
    }

    static func group(_ yaml: YAMLReader, _ key: String) -> Set<Channel>? {
        guard let names = yaml.strings(key) else { return nil }
        var result: Set<Channel> = []
        for name in names {
            if let channels = Channel.group(name) {
                result.formUnion(channels)
            } else {
                let all = ["any", "human", "digital"] + Channel.allCases.map(\.rawValue)
                yaml.report(
                    key, "unknown_channel", "`\(name)` is no channel",
                    remedy: nearest(name, all).map { "did you mean `\($0)`?" })
            }
        }
        return result
    }

    private static func label(_ yaml: YAMLReader) -> String { (yaml.strings("channels") ?? []).joined(separator: ", ") }

    private static func checkScope(_ yaml: YAMLReader) {
        if let scope = yaml.string("scope"), scope != "hcp" {
            yaml.report("scope", "unknown_value", "`\(scope)` is not known", remedy: "use hcp")
        }
    }

    static func caps(_ yaml: YAMLReader) -> [Strategy.Cap] {
        yaml.mappings("caps").compactMap { item in
            checkScope(item)
            let channels = group(item, "channels") ?? Set(Channel.allCases)
            let max = item.integer("max", 0...1000)
            let window = item.span("window")
            for key in ["max", "window"] where !item.has(key) { item.report(key, "missing_key", "is required") }
            let name = label(item)
            item.finish()
            guard let max, let window else { return nil }
            return Strategy.Cap(channels: channels, max: max, window: window, name: "\(max) \(name) in \(window)")
        }
    }

    static func gaps(_ yaml: YAMLReader) -> [Strategy.Gap] {
        yaml.mappings("gaps").compactMap { item in
            checkScope(item)
            let channels = group(item, "channels") ?? Set(Channel.allCases)
            let span = item.span("min")
            if !item.has("min") { item.report("min", "missing_key", "is required") }
            let name = label(item)
            item.finish()
            guard let span else { return nil }
            return Strategy.Gap(channels: channels, min: span, name: "\(span) between \(name)")
        }
    }

    /// Messages that go to somebody; what is looked up there may be shown again.
    private static let messages: Set<Channel> = [.email, .emailRep, .sms, .messaging, .mail]

    /// The same content again: after fourteen days, unless the file says otherwise; `min: 0d` = at any time.
    static func repeats(_ yaml: YAMLReader) -> Strategy.Gap? {
        let item = yaml.mapping("repeats")
        let channels = item.flatMap { group($0, "channels") } ?? messages
        let span = item?.span("min") ?? Span(seconds: 14 * 86_400)
        if let item, !item.has("min") { item.report("min", "missing_key", "is required") }
        item?.finish()
        guard span.seconds > 0 else { return nil }
        return Strategy.Gap(channels: channels, min: span, name: "\(span) before the same content again")
    }

    static func quietHours(_ yaml: YAMLReader) -> Strategy.QuietHours? {
        guard let inner = yaml.mapping("quiet_hours") else { return nil }
        let start = inner.timeOfDay("start")
        let end = inner.timeOfDay("end")
        inner.finish()
        guard let start, let end else { return nil }
        return Strategy.QuietHours(startMinute: start, endMinute: end)
    }

    static func budgets(_ yaml: YAMLReader) -> [Strategy.Budget] {
        yaml.mappings("budgets").compactMap { item in
            let channels = group(item, "channels") ?? Set(Channel.allCases)
            let touches = item.integer("max_touches", 0...Int(1e12))
            let cost = item.number("max_cost", 0...1e15)
            if let window = item.string("window"), window != "horizon" {
                item.report("window", "unknown_value", "`\(window)` is not known", remedy: "use horizon")
            }
            let name = item.string("name") ?? label(item)
            item.finish()
            guard touches != nil || cost != nil else {
                item.report("max_touches", "missing_key", "a budget needs max_touches or max_cost")
                return nil
            }
            return Strategy.Budget(name: name, channels: channels, maxTouches: touches, maxCost: cost)
        }
    }

    static func consent(_ yaml: YAMLReader) -> [Channel: Strategy.ConsentRule]? {
        guard let inner = yaml.mapping("consent") else { return nil }
        var result: [Channel: Strategy.ConsentRule] = [:]
        for (key, channel) in named(inner) {
            guard let text = inner.string(key) else { continue }
            if let rule = Strategy.ConsentRule(rawValue: text) {
                result[channel] = rule
            } else {
                inner.report(key, "unknown_value", "`\(text)` is none of opt_in, not_opted_out, denied")
            }
        }
        return result
    }
}
