internal import Decisioning
internal import EngagementModel
internal import Foundation
internal import Warehouse

/// What the planner was given besides candidates, people and minutes: kept with the plan, so that the plan can be made
/// again from its snapshot alone, whatever became of the ledger and of the workspace's files since.
struct PlanEvidence: Sendable {
    var asOf: Day
    var strategy: Strategy
    var markets: [Market]
    /// Time zone of HCPs without one.
    var defaultZone: String
    var frozen: FrozenTouches
    /// Yesterday's plan on the days of this one, and its prices.
    var previous: PreviousPlan

    // MARK: Writing

    func save(_ context: RunContext, runID: String, modelVersion: String) async throws {
        let connection = context.connection
        func text(_ value: some Encodable) throws -> String {
            String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
        }
        try await connection.ingest(
            ColumnSet([
                ("run_id", .text([runID])), ("as_of", .day([asOf])),
                ("strategy_version", .text([context.workspace.strategyVersion])),
                ("model_version", .text([modelVersion])), ("program_version", .text([ProgramVersion.current])),
                ("strategy", .text([try text(strategy)])), ("markets", .text([try text(markets)])),
                ("default_zone", .text([defaultZone])), ("is_warm", .bool([previous.prices != nil])),
            ]), into: "plan.input", mode: .replace)
        try await connection.ingest(
            ColumnSet([
                ("hcp_no", .int32(frozen.hcp)), ("day", .day(frozen.day)),
                ("channel", .text(frozen.channel.map(\.rawValue))),
            ]), into: "plan.frozen", mode: .replace)
        let planned = previous.choices.indices.filter { previous.choices[$0] >= 0 }
        try await connection.ingest(
            ColumnSet([
                ("place", .int64(planned.map(Int64.init))),
                ("action_no", .int32(planned.map { Int32(previous.choices[$0]) })),
            ]), into: "plan.previous", mode: .replace)
        let (days, limits) = (previous.prices?.repDay ?? [], previous.prices?.limit ?? [])
        try await connection.ingest(
            ColumnSet([
                ("place", .int32((days.indices.map(Int32.init)) + limits.indices.map(Int32.init))),
                ("is_limit", .bool(days.map { _ in false } + limits.map { _ in true })),
                ("price", .double(days + limits)),
            ]), into: "plan.warm_price", mode: .replace)
    }

    // MARK: Reading

    /// - Parameter cells: HCPs × days of the plan.
    /// - Throws: `record_incomplete` for a plan of an earlier version of the program.
    static func read(_ connection: WarehouseConnection, cells: (PlanEvidence) -> Int) async throws -> PlanEvidence {
        let found = try await connection.query(
            "SELECT 1 AS one FROM information_schema.tables WHERE table_schema = 'plan' AND table_name = 'input'")
        guard found.rowCount > 0 else {
            throw Diagnostic(
                "record_incomplete", "the plan was made by a version that did not record all of its inputs",
                remedy: "plans from `rapport run` of this version on can be replayed")
        }
        let input = try await connection.query("SELECT * FROM plan.input")
        func value<T: Decodable>(_ column: String, _ type: T.Type) throws -> T {
            try JSONDecoder().decode(type, from: Data(try input.texts(column)[0].utf8))
        }
        var result = PlanEvidence(
            asOf: try input.days("as_of")[0] ?? Day(number: 0), strategy: try value("strategy", Strategy.self),
            markets: try value("markets", [Market].self), defaultZone: try input.texts("default_zone")[0],
            frozen: FrozenTouches(), previous: PreviousPlan())
        // The order of the run: by HCP and day, then by the channel's place in the closed list.
        let touches = try await connection.query("SELECT hcp_no, day, channel FROM plan.frozen")
        let (hcps, days) = (try touches.int32s("hcp_no"), try touches.days("day"))
        let channels = try touches.texts("channel").map { Channel(rawValue: $0) ?? .inPerson }
        let order = hcps.indices.sorted { a, b in
            (hcps[a], days[a]?.number ?? 0, channels[a].code) < (hcps[b], days[b]?.number ?? 0, channels[b].code)
        }
        result.frozen.hcp = order.map { hcps[$0] }
        result.frozen.day = order.map { days[$0] ?? Day(number: 0) }
        result.frozen.channel = order.map { channels[$0] }
        let previous = try await connection.query("SELECT place, action_no FROM plan.previous")
        if previous.rowCount > 0 {
            result.previous.choices = [Int16](repeating: -1, count: cells(result))
            let actions = try previous.int32s("action_no")
            for (row, place) in try previous.int64s("place").enumerated()
            where Int(place) < result.previous.choices.count {
                result.previous.choices[Int(place)] = Int16(clamping: actions[row])
            }
        }
        if try input.bools("is_warm")[0] {
            let table = try await connection.query(
                "SELECT is_limit, price FROM plan.warm_price ORDER BY is_limit, place")
            let (isLimit, prices) = (try table.bools("is_limit"), try table.doubles("price"))
            var warm = PlanPrices(repDay: [], limit: [])
            for row in prices.indices {
                if isLimit[row] { warm.limit.append(prices[row]) } else { warm.repDay.append(prices[row]) }
            }
            result.previous.prices = warm
        }
        return result
    }
}
