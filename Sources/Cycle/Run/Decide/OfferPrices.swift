internal import Decisioning
internal import EngagementModel

/// What a touch costs in shared limits: the prices of a plan, by offer, HCP and day.
struct OfferPrices: Sendable {
    let catalogue: OfferCatalogue
    /// N × slots: rep numbers.
    let sender: [Int32]
    let days: Int
    let limits: [SharedLimit]
    let prices: PlanPrices

    /// Currency, on a day of the horizon; without one, on the cheapest day.
    func price(_ hcp: Int, _ offer: Int, _ position: Int?) -> Double {
        let terms = catalogue.offers[offer]
        var price = 0.0
        for (k, limit) in limits.enumerated() where limit.members.isEmpty || limit.members[hcp] {
            price += Double(limit.usage[offer]) * prices.limit[k]
        }
        guard terms.slot >= 0 else { return price }
        let rep = sender[hcp * Population.slots + Int(terms.slot)]
        guard rep >= 0 else { return price }
        let first = Int(rep) * days
        let minute =
            position.map { prices.repDay[first + $0] } ?? prices.repDay[first..<(first + days)].min() ?? 0
        return price + minute * terms.terms.minutes
    }
}
