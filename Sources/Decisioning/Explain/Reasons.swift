package import EngagementModel
import Foundation

/// What a person reads about a decision.
package struct Explanation: Sendable, Hashable, Codable {
    /// The three strongest reasons.
    package var reasons: [String]
    /// Expected effect and its interval.
    package var effect: String
    /// What came next, and what stands between.
    package var runnerUp: String?
}

extension DecisionRecord {
    /// Reasons from the model's own additive contributions; nothing is computed a second way.
    ///
    /// A contribution to a logit counts as its effect on the logarithm of the expected outcome, (1 − p) × contribution,
    /// so that reach, engagement and volume are on one scale.
    package func explain() -> Explanation {
        let effect = choice.map(effectText) ?? "No touch is planned."
        return Explanation(reasons: reasons, effect: effect, runnerUp: betweenText)
    }

    /// The reasons alone.
    package var reasons: [String] {
        let allowed = candidates.filter { $0.refusal == nil }
        if let choice { return Self.reasons(for: choice, facts: facts, allowed: allowed.count) }
        var refusals: [Refusal: Int] = [:]
        for case .some(let refusal) in candidates.map(\.refusal) { refusals[refusal, default: 0] += 1 }
        return Self.quietReasons(best: allowed.max { $0.net < $1.net }, refusals: refusals)
    }

    /// Why a candidate was chosen, as a plan of many decisions stores it.
    ///
    /// - Parameter allowed: how many candidates were.
    package static func reasons(for choice: CandidateRecord, facts: HCPFacts, allowed: Int) -> [String] {
        let sentences = Sentences(facts: facts, choice: choice, allowed: allowed).ranked()
        // An assumption is always said, even where three other reasons are stronger.
        let disclosed = facts.assumedConversion.map { assumption($0, choice) }
        return disclosed.map { Array(sentences.prefix(2)) + [$0] } ?? sentences
    }

    private static func assumption(_ conversion: Double, _ choice: CandidateRecord) -> String {
        let measure = choice.label.measure ?? "units"
        return
            "No volumes to learn from yet: the effect assumes \(Wording.number(conversion)) \(measure) for each contact "
            + "that engages."
    }

    private func effectText(_ choice: CandidateRecord) -> String {
        let measure = choice.label.measure ?? "units"
        let score = choice.score
        return "Expected effect \(Wording.signed(Double(score.effect))) \(measure) "
            + "(90% interval \(Wording.number(Double(score.effectLow))) to \(Wording.number(Double(score.effectHigh))))."
    }

    /// Why nothing is planned: the best allowed action is not worth its price, or nothing is allowed.
    ///
    /// - Parameters:
    ///   - best: the allowed candidate that is worth most after prices; nil = nothing is allowed.
    ///   - refusals: how many candidates each rule refused.
    package static func quietReasons(best: CandidateRecord?, refusals: [Refusal: Int]) -> [String] {
        guard let best else {
            let order = refusals.sorted { ($1.value, $0.key.code) < ($0.value, $1.key.code) }
            return order.prefix(3).map(\.key.sentence)
        }
        let verdict =
            best.net > 0
            ? "Other HCPs make better use of the same resources now."
            : "The best allowed action, \(best.label.name), is worth \(Wording.number(Double(best.score.value))) "
                + "and would cost \(Wording.number(best.price)) in shared limits."
        return [verdict]
    }

    private var betweenText: String? { runnerUp.map { between($0) } }

    /// Why a candidate was not chosen: the rule that forbids it, or what it is worth beside the choice.
    package func whyNot(_ position: Int) -> String {
        let candidate = candidates[position]
        if position == chosen { return "\(candidate.label.name) is the planned action." }
        if let refusal = candidate.refusal { return "\(candidate.label.name): \(refusal.sentence)" }
        return between(candidate)
    }

    private func between(_ other: CandidateRecord) -> String {
        let price = other.price > 0.005 ? " after a price of \(Wording.number(other.price))\(limitText(other))" : ""
        guard let choice else {
            return other.net > 0
                ? "\(other.label.name) is worth \(Wording.number(other.net))\(price), but its resources do more elsewhere."
                : "\(other.label.name) is worth \(Wording.number(other.net))\(price): less than no touch."
        }
        let gap = choice.net - other.net
        if gap >= 0.005 {
            return "\(other.label.name) is worth \(Wording.number(gap)) less than \(choice.label.name): "
                + "\(Wording.number(other.net)) against \(Wording.number(choice.net))\(price)."
        }
        if gap > -0.005 { return "\(other.label.name) is worth as much as \(choice.label.name); the choice was drawn." }
        return "\(other.label.name) is worth \(Wording.number(-gap)) more\(price), but "
            + "\(choice.label.name) was drawn, to learn from, or kept to hold a shared limit."
    }

    private func limitText(_ candidate: CandidateRecord) -> String { candidate.limit.map { " for \($0)" } ?? "" }
}

/// Numbers and rates as people say them.
enum Wording {
    /// Two significant places below 10, one decimal above, whole from 100 on; no trailing zeros.
    static func number(_ value: Double) -> String {
        let size = abs(value)
        if size < 0.000_5 { return "0" }
        let places = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3
        guard size < 1e15 else { return String(format: "%.0f", value).replacing("-", with: "−") }
        // Written by hand: a plan of 100,000 HCPs says a million numbers.
        var scale = [1, 10, 100, 1000][places]
        var units = Int((size * Double(scale)).rounded(.toNearestOrEven))
        while scale > 1, units % 10 == 0 { (units, scale) = (units / 10, scale / 10) }
        let whole = String(units / scale)
        let sign = value < 0 ? "−" : ""
        guard scale > 1 else { return sign + whole }
        let fraction = String(units % scale + scale).dropFirst()
        return sign + whole + "." + fraction
    }

    static func signed(_ value: Double) -> String { value > 0 ? "+" + number(value) : number(value) }

    /// "2 of 5", or "fewer than 1 of 10".
    static func share(_ rate: Double) -> String {
        let ofFive = (rate * 5).rounded()
        if ofFive >= 1 { return "\(Int(ofFive)) of 5" }
        return rate >= 0.05 ? "1 of 10" : "fewer than 1 of 20"
    }

    static func days(_ count: Int) -> String { count == 0 ? "today" : count == 1 ? "yesterday" : "\(count) days ago" }

    static func percent(_ ratio: Double) -> String { "\(Int((abs(ratio) * 100).rounded()))%" }
}
