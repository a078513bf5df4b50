internal import Decisioning
internal import EngagementModel
internal import Warehouse

/// Yesterday's plan on today's days: reps live with it, so only a share of it may change; its prices are a start.
struct PreviousPlan: Sendable {
    /// N × T offers, -1 = none; empty without an earlier plan.
    var choices: [Int16] = []
    var prices: PlanPrices?

    static func read(
        _ context: RunContext, _ population: Population, _ catalogue: OfferCatalogue, _ horizon: Horizon,
        limits: [String]
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
        result.prices = try await prices(connection, population, horizon, limits)
        return result
    }

    /// Yesterday's prices by name and date, on today's reps, days and limits.
    private static func prices(
        _ connection: WarehouseConnection, _ population: Population, _ horizon: Horizon, _ limits: [String]
    ) async throws -> PlanPrices {
        let table = try await connection.query(
            "SELECT kind, name, rep_id, day, price FROM plan.price ORDER BY kind, rep_id, day, name")
        let (kinds, names) = (try table.texts("kind"), try table.texts("name"))
        let (reps, days) = (try table.texts("rep_id"), try table.days("day"))
        let prices = try table.doubles("price")
        var old: (reps: [String], days: [Int], limits: [String]) = ([], [], [])
        var known = PlanPrices(repDay: [], limit: [])
        // Rows of a rep lie together and in the order of the days, the same days for each.
        for i in kinds.indices {
            if kinds[i] == "limit" {
                old.limits.append(names[i])
                known.limit.append(prices[i])
            } else if let day = days[i] {
                if old.reps.last != reps[i] { old.reps.append(reps[i]) }
                if old.reps.count == 1 { old.days.append(Int(day.number)) }
                known.repDay.append(prices[i])
            }
        }
        return known.carried(
            from: old,
            to: (population.reps.map(\.id), horizon.days.map { Int($0.number) }, limits))
    }
}
