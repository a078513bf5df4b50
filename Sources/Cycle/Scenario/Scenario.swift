internal import Decisioning
internal import Definitions
internal import EngagementModel
public import Foundation

/// A question "what if": changes to content, channels, frequency, sequence, capacity and budget of a strategy.
public struct Scenario: Sendable {
    public var name: String
    /// Changes of the strategy, applied to the one that the last run planned with.
    var caps: [Strategy.Cap]?
    var gaps: [Strategy.Gap]?
    var budgets: [Strategy.Budget]?
    /// nil = the channel is not used.
    var channels: [Channel: Strategy.ChannelTerms?] = [:]
    /// By product.
    var levers: [String: Double] = [:]
    /// Factor on the minutes of every rep's day, and of single reps.
    var capacity = 1.0
    var repCapacity: [String: Double] = [:]
    var withdrawn: Set<String> = []
    var approved: Set<String> = []
    var sequences: [PlanSequence] = []

    /// Reads a scenario file.
    ///
    /// - Throws: a `ValidationFailure` with every mistake.
    public static func open(_ file: URL) throws -> Scenario {
        let name = file.lastPathComponent
        let log = YAMLReader.DiagnosticLog()
        guard let data = FileManager.default.contents(atPath: file.path) else {
            throw ValidationFailure(diagnostics: [
                Diagnostic("file_missing", "there is no such file", file: file.path, remedy: "check the path")
            ])
        }
        let found = YAMLReader.open(String(decoding: data, as: UTF8.self), file: name, log: log).map(ScenarioFile.read)
        guard let found, !log.diagnostics.contains(where: { $0.severity == .error }) else {
            throw ValidationFailure(diagnostics: log.diagnostics)
        }
        return found
    }

    /// The changed strategy.
    func applied(to strategy: Strategy) -> Strategy {
        var changed = strategy
        if let caps { changed.caps = caps }
        if let gaps { changed.gaps = gaps }
        for budget in budgets ?? [] {
            changed.budgets.removeAll { $0.name == budget.name }
            changed.budgets.append(budget)
        }
        for (channel, terms) in channels { changed.channels[channel] = terms }
        for place in changed.objectives.indices {
            if let lever = levers[changed.objectives[place].product] { changed.objectives[place].lever = lever }
        }
        return changed
    }

    func applied(to shelf: ContentShelf) -> ContentShelf {
        var changed = shelf
        for place in changed.items.indices {
            let id = changed.items[place].id
            // What is assumed beats every word of review.
            if withdrawn.contains(id) || approved.contains(id) { changed.items[place].editions = nil }
            if withdrawn.contains(id) { changed.items[place].state = .withdrawn }
            if approved.contains(id) {
                changed.items[place].state = .approvedForDistribution
                changed.items[place].approved = nil
                changed.items[place].expires = nil
            }
        }
        return changed
    }

    /// R × T minutes.
    func applied(to minutes: [Float], reps: [String], days: Int) -> [Float] {
        minutes.indices.map { minutes[$0] * Float(capacity * (repCapacity[reps[$0 / max(days, 1)]] ?? 1)) }
    }
}

/// An assumption on order: a touch of `then` within a time after one of `after` is worth `factor` times as much.
struct PlanSequence: Sendable, Hashable {
    var after: Set<Channel>
    var then: Set<Channel>
    var withinDays: Int
    var factor: Double
}

/// Reads a scenario:
/// ```yaml
/// name: fewer visits, more e-mail
/// capacity: {minutes: 0.8}
/// caps:
///   - {channels: any, max: 4, window: 7d}
/// ```
enum ScenarioFile {
    static func read(_ yaml: YAMLReader) -> Scenario {
        var scenario = Scenario(name: yaml.string("name") ?? yaml.file)
        if yaml.has("caps") { scenario.caps = StrategyFile.caps(yaml) }
        if yaml.has("gaps") { scenario.gaps = StrategyFile.gaps(yaml) }
        if yaml.has("budgets") { scenario.budgets = StrategyFile.budgets(yaml) }
        if let inner = yaml.mapping("channels") {
            for (key, channel) in StrategyFile.named(inner) {
                if inner.isFalse(key) {
                    scenario.channels[channel] = .some(nil)
                } else if let terms = inner.mapping(key) {
                    scenario.channels[channel] = StrategyFile.terms(terms, channel)
                }
            }
        }
        if let inner = yaml.mapping("levers") {
            for product in inner.keys { scenario.levers[product] = inner.number(product, 0...10) }
            inner.finish()
        }
        if let inner = yaml.mapping("capacity") {
            scenario.capacity = inner.number("minutes", 0...100) ?? 1
            if let reps = inner.mapping("reps") {
                for rep in reps.keys { scenario.repCapacity[rep] = reps.number(rep, 0...100) }
                reps.finish()
            }
            inner.finish()
        }
        if let inner = yaml.mapping("content") {
            scenario.withdrawn = Set(inner.strings("withdraw") ?? [])
            scenario.approved = Set(inner.strings("approve") ?? [])
            inner.finish()
        }
        scenario.sequences = yaml.mappings("sequence").compactMap(sequence)
        yaml.finish()
        return scenario
    }

    private static func sequence(_ item: YAMLReader) -> PlanSequence? {
        let after = StrategyFile.group(item, "after")
        let then = StrategyFile.group(item, "then")
        let within = item.span("within")
        let factor = item.number("factor", 0...10)
        for key in ["after", "then", "within", "factor"] where !item.has(key) {
            item.report(key, "missing_key", "is required")
        }
        if let within, within.days > 14 {
            item.report("within", "out_of_range", "expected at most 14d: the planner looks no further back")
        }
        item.finish()
        guard let after, let then, let within, let factor else { return nil }
        return PlanSequence(after: after, then: then, withinDays: within.days, factor: factor)
    }
}
