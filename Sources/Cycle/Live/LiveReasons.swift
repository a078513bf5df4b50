internal import Decisioning
internal import EngagementModel
internal import Ledger

/// Three sentences for a live action, from the figures that decided: effect and worth, chance against the usual one,
/// what happened last and what the capacity costs.
struct LiveReasons {
    let snapshot: LiveSnapshot
    let hcp: Int
    let person: LivePerson?

    func sentences(offer number: Int, score: CandidateScore, price: Double, day: Day, now: Int64) -> [String] {
        let offer = snapshot.catalogue.offers[number]
        let measure = DecisionAssembly.words(offer.objective.measure)
        let channel = offer.channel.title.lowercased()
        var result = [
            "Expected \(Self.digits(Double(score.effect))) \(measure) more than without a touch"
                + " (\(Self.digits(Double(score.effectLow))) to \(Self.digits(Double(score.effectHigh))))."
        ]
        let usual = snapshot.meanProbability[number]
        if snapshot.isRulesOnly {
            result.append("Decided by rules, without a model.")
        } else if usual > 0 {
            let chance = Int((score.probability * 100).rounded())
            let ratio = Self.digits(Double(score.probability / usual))
            result.append("The chance of engagement by \(channel) is \(chance)%, \(ratio) times the usual one.")
        } else {
            result.append("The chance of engagement by \(channel) is \(Int((score.probability * 100).rounded()))%.")
        }
        if let last = person?.lastTouch {
            let minutes = max(0, (now - last.outcome.occurredAt) / 60_000_000)
            let ago =
                minutes < 120
                ? "\(minutes) minutes" : minutes < 2880 ? "\(minutes / 60) hours" : "\(minutes / 1440) days"
            let what = last.outcome.response == .none ? "no answer yet" : last.outcome.response.rawValue
            result.append("Last reported \(ago) ago: \(last.outcome.channel.title.lowercased()), \(what).")
        } else if price > 0 {
            result.append("The capacity that it takes costs \(Self.digits(price)) at the current prices.")
        } else {
            result.append("It takes no scarce capacity: its value needs no price.")
        }
        return result
    }

    /// At most two significant decimals, without a formatter: this runs for every action of every decision.
    static func digits(_ value: Double) -> String {
        let size = abs(value)
        guard size < 1e9 else { return "\(value)" }
        let places = size >= 100 ? 1.0 : size >= 1 ? 100.0 : size >= 0.01 ? 1000.0 : 100_000.0
        let rounded = (value * places).rounded() / places
        return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
    }
}
