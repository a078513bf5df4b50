internal import Decisioning
internal import EngagementModel
internal import Warehouse

/// The current prices of the plan: a minute of each rep on each day, and each shared limit.
struct LivePrices: Sendable {
    private let days: [Day]
    /// R × T, currency per minute.
    private let minute: [Double]
    /// By offer: what its share of the limits costs.
    private let limit: [Double]

    static func read(
        _ connection: WarehouseConnection, reps: [String], days: [Day], catalogue: OfferCatalogue, strategy: Strategy
    ) async throws -> LivePrices {
        let table = try await connection.query("SELECT kind, name, rep_id, day, price FROM plan.price")
        let (kinds, names) = (try table.texts("kind"), try table.texts("name"))
        let (ids, when, prices) = (try table.strings("rep_id"), try table.days("day"), try table.doubles("price"))
        let numbers = Interner(reps)
        var minute = [Double](repeating: 0, count: reps.count * days.count)
        var byLimit: [String: Double] = [:]
        for i in kinds.indices {
            if kinds[i] == "limit" {
                byLimit[names[i]] = prices[i]
            } else if let day = when[i], let position = days.firstIndex(of: day) {
                let rep = numbers.known(ids[i])
                if rep >= 0 { minute[Int(rep) * days.count + position] = prices[i] }
            }
        }
        let usage = PlanInputs.limits(strategy, catalogue)
        let limit = catalogue.offers.indices.map { offer in
            usage.reduce(0) { $0 + Double($1.usage[offer]) * (byLimit[$1.name] ?? 0) }
        }
        return LivePrices(days: days, minute: minute, limit: limit)
    }

    /// Price of what a touch uses on a day: of the plan's first day from then on, the last one after its end.
    ///
    /// - Parameter rep: −1 = the system.
    func price(offer: Int, rep: Int, minutes: Double, on day: Day) -> Double {
        guard rep >= 0, !days.isEmpty else { return limit[offer] }
        let position = days.firstIndex { $0 >= day } ?? days.count - 1
        return limit[offer] + minute[rep * days.count + position] * minutes
    }
}
