internal import Decisioning
internal import EngagementModel
internal import Warehouse

/// Yesterday's plan on today's days: reps live with it, so only a share of it may change; its prices are a start.
struct PreviousPlan: Sendable {
    /// N × T offers, -1 = none; empty without an earlier plan.
    var choices: [Int16] = []
    var prices: PlanPrices?

    static func read(
        _ context: RunContext, _ population: Population, _ catalogue: OfferCatalogue, _ horizon: Horizon
    ) async throws -> PreviousPlan {
        let connection = context.connection
        let found = try await connection.query(
            "SELECT count(*) AS n FROM information_schema.tables WHERE table_schema = 'plan' AND table_name IN ('decision', 'action', 'run')"
        )
        guard try found.int64s("n")[0] == 3, let first = horizon.days.first, let last = horizon.days.last else {
            return PreviousPlan()
        }
        let earlier = try await connection.query("SELECT as_of FROM plan.run").days("as_of").first ?? nil
        // A replay that goes back in time has no yesterday.
        guard let earlier, earlier < context.asOf else { return PreviousPlan() }
        let table = try await connection.query(
            """
            SELECT d.hcp_no, d.day, d.channel, coalesce(d.product_id, '') AS product FROM plan.decision AS d
            WHERE d.day IS NOT NULL AND d.day BETWEEN CAST(? AS DATE) AND CAST(? AS DATE)
            """, [.day(first), .day(last)])
        let hcps = try table.int32s("hcp_no")
        let days = try table.days("day")
        let channels = try table.texts("channel")
        let products = try table.texts("product")
        var offerOf: [String: Int16] = [:]
        for (number, offer) in catalogue.offers.enumerated() {
            offerOf["\(offer.channel.rawValue) \(offer.objective.product)"] = Int16(number)
        }
        var result = PreviousPlan()
        let width = horizon.days.count
        result.choices = [Int16](repeating: -1, count: population.count * width)
        var planned = 0
        for i in hcps.indices {
            guard Int(hcps[i]) < population.count, let day = days[i], let position = horizon.position(of: day),
                let offer = offerOf["\(channels[i]) \(products[i])"]
            else { continue }
            result.choices[Int(hcps[i]) * width + position] = offer
            planned += 1
        }
        if planned == 0 { result.choices = [] }
        return result
    }
}
