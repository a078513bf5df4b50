internal import Decisioning
internal import EngagementModel
internal import Foundation
internal import Warehouse

/// The goals of the cycle plan on the day of a run: who belongs to each, what was done so far, and what the horizon is
/// to add.
struct CycleGoals: Sendable {
    struct Line: Sendable {
        var goal: CyclePlan.Goal
        /// HCPs of the group, ascending, and the touches of each since the start of the cycle, booked ones included.
        var hcps: [Int32]
        var done: [Int32]
        /// Touches that the horizon has to add so that nobody falls behind the pace, or as many as can be; and that it
        /// may add.
        var floor: Double
        var ceiling: Double?
    }

    var lines: [Line] = []

    /// Nothing without a cycle, and outside of it.
    static func read(
        _ context: RunContext, _ cycle: CyclePlan?, _ population: Population, _ horizon: Horizon,
        _ frozen: FrozenTouches
    ) async throws -> CycleGoals {
        var result = CycleGoals()
        guard let cycle, let last = horizon.days.last, context.asOf + 1 <= cycle.end, last >= cycle.start else {
            return result
        }
        let touches = try await context.connection.query(
            """
            SELECT hcp_no, channel, CAST(count(*) AS INTEGER) AS n FROM mart.touch
            WHERE day BETWEEN CAST(? AS DATE) AND CAST(? AS DATE) AND head AND NOT medical AND NOT machine
              AND direction = 'push' AND (status IS NULL OR status IN ('sent', 'delivered', 'uncertain'))
            GROUP BY hcp_no, channel
            """, [.day(cycle.start), .day(context.asOf)])
        let (hcps, channels) = (try touches.int32s("hcp_no"), try touches.texts("channel"))
        let counts = try touches.int32s("n")
        // At the end of the horizon this share of the goal is due.
        let share = cycle.share(through: last)
        for goal in cycle.goals {
            var done = [Int32](repeating: 0, count: population.count)
            for row in hcps.indices {
                guard let channel = Channel(rawValue: channels[row]), goal.channels.contains(channel) else { continue }
                done[Int(hcps[row])] += counts[row]
            }
            // What is booked in the horizon will have been done by its end.
            for row in frozen.hcp.indices
            where frozen.day[row] > context.asOf && frozen.day[row] <= min(last, cycle.end)
                && goal.channels.contains(frozen.channel[row])
            {
                done[Int(frozen.hcp[row])] += 1
            }
            let members = (0..<Int32(population.count)).filter { isMember(Int($0), goal, population) }
            let mine = members.map { done[Int($0)] }
            let floor = mine.reduce(0.0) { $0 + max(0, Double(goal.least) * share - Double($1)) }
            let ceiling = goal.most.map { most in mine.reduce(0.0) { $0 + Double(max(0, Int32(most) - $1)) } }
            result.lines.append(
                Line(
                    goal: goal, hcps: members, done: mine, floor: min(floor.rounded(.down), ceiling ?? .infinity),
                    ceiling: ceiling))
        }
        return result
    }

    private static func isMember(_ hcp: Int, _ goal: CyclePlan.Goal, _ population: Population) -> Bool {
        guard goal.deciles.contains(Int(population.decile[hcp])) else { return false }
        guard !goal.specialties.isEmpty else { return true }
        let code = population.specialty[hcp]
        return code >= 0 && goal.specialties.contains(population.specialtyNames[Int(code)])
    }

    // MARK: The plan's limits

    /// Names of goals among the plan's limits begin so.
    static let prefix = "goal: "

    /// As volume limits with floors and ceilings over the goal's HCPs.
    func limits(_ catalogue: OfferCatalogue, hcps count: Int) -> [SharedLimit] {
        lines.filter { $0.floor > 0 || $0.ceiling != nil }.map { line in
            var members = [Bool](repeating: false, count: count)
            for hcp in line.hcps { members[Int(hcp)] = true }
            return SharedLimit(
                name: Self.prefix + line.goal.name,
                usage: catalogue.offers.map { line.goal.channels.contains($0.channel) ? 1 : 0 },
                ceiling: line.ceiling, floor: line.floor > 0 ? line.floor : nil, members: members)
        }
    }

    /// Lowers the floor of a goal that cannot be met: to a twentieth below what can be reached, so that the rest of the
    /// plan keeps some room.
    mutating func relax(_ lack: FloorShortfall) {
        for place in lines.indices where Self.prefix + lines[place].goal.name == lack.limit {
            lines[place].floor = max(0, (0.95 * lack.attainable).rounded(.down))
        }
    }

    /// nil = none.
    func floor(of limit: String) -> Double? {
        lines.first { Self.prefix + $0.goal.name == limit }.flatMap { $0.floor > 0 ? $0.floor : nil }
    }

    /// HCPs who have had what the goal allows: blocked on its channels.
    func addBlocks(_ blocks: inout Blocks, _ horizon: Horizon) {
        for line in lines {
            guard let most = line.goal.most else { continue }
            for (place, hcp) in line.hcps.enumerated() where line.done[place] >= Int32(most) {
                for channel in line.goal.channels {
                    for day in horizon.days { blocks.add(hcp: hcp, day: day - horizon.asOf, channel: channel) }
                }
            }
        }
    }

    // MARK: The record

    func save(_ connection: WarehouseConnection) async throws {
        try await connection.ingest(
            ColumnSet([
                ("goal", .text(lines.map(\.goal.name))),
                (
                    "channels",
                    .text(lines.map { $0.goal.channels.map(\.rawValue).sorted().joined(separator: ";") })
                ),
                ("least", .int32(lines.map { Int32($0.goal.least) })),
                ("most", .optionalInt32(lines.map { $0.goal.most.map(Int32.init) })),
                ("floor", .double(lines.map(\.floor))), ("ceiling", .optionalDouble(lines.map(\.ceiling))),
            ]), into: "plan.goal", mode: .replace)
        try await connection.ingest(
            ColumnSet([
                ("goal", .text(lines.flatMap { line in line.hcps.map { _ in line.goal.name } })),
                ("hcp_no", .int32(lines.flatMap(\.hcps))), ("done", .int32(lines.flatMap(\.done))),
            ]), into: "plan.goal_hcp", mode: .replace)
    }

    /// The goals of a recorded plan; none where it was made without.
    static func saved(_ connection: WarehouseConnection) async throws -> CycleGoals {
        let found = try await connection.query(
            "SELECT 1 AS one FROM information_schema.tables WHERE table_schema = 'plan' AND table_name = 'goal'")
        guard found.rowCount > 0 else { return CycleGoals() }
        let goals = try await connection.query("SELECT * FROM plan.goal ORDER BY rowid")
        let people = try await connection.query("SELECT goal, hcp_no, done FROM plan.goal_hcp ORDER BY goal, hcp_no")
        var hcps: [String: [Int32]] = [:]
        var done: [String: [Int32]] = [:]
        let (names, numbers) = (try people.texts("goal"), try people.int32s("hcp_no"))
        for (row, count) in try people.int32s("done").enumerated() {
            hcps[names[row], default: []].append(numbers[row])
            done[names[row], default: []].append(count)
        }
        let (channels, least, most) = (
            try goals.texts("channels"), try goals.int32s("least"), try goals.ints("most")
        )
        let (floors, ceilings) = (try goals.doubles("floor"), try goals.optionalDoubles("ceiling"))
        return CycleGoals(
            lines: try goals.texts("goal").enumerated().map { row, name in
                Line(
                    goal: CyclePlan.Goal(
                        name: name,
                        channels: Set(
                            channels[row].split(separator: ";").compactMap { Channel(rawValue: String($0)) }),
                        specialties: [], deciles: 0...10, least: Int(least[row]), most: most[row].map(Int.init)),
                    hcps: hcps[name] ?? [], done: done[name] ?? [], floor: floors[row], ceiling: ceilings[row])
            })
    }
}
