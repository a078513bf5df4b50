internal import Decisioning
internal import EngagementModel
internal import Foundation
internal import Warehouse

/// The goals on the day of a run, of `strategy.yaml` and `goals.csv`: who belongs to each, what was done so far, and
/// what the horizon is to add.
struct CycleGoals: Sendable {
    struct Line: Sendable {
        var name: String
        /// What the goals of one file are called together.
        var cycle: String
        var channels: Set<Channel>
        var start: Day
        var end: Day
        /// HCPs of the goal, ascending; the touches of each that the goal asks for, and that must not be exceeded
        /// (-1 = no such number); and those since the start of the period, booked ones included.
        var hcps: [Int32]
        var least: [Int32]
        var most: [Int32]
        var done: [Int32]
        /// Touches that the horizon has to add so that nobody falls behind the pace, or as many as can be; and that it
        /// may add.
        var floor: Double
        var ceiling: Double?
        /// Share of the period that is over on the as-of day.
        var elapsed = 0.0
        /// Where a person can change it.
        var file: String
        var fileLine: Int?

        var target: Int { least.reduce(0) { $0 + Int($1) } }
    }

    var lines: [Line] = []
    /// Lines of the goals file that fit nobody.
    var diagnostics: [Diagnostic] = []

    /// Nothing without goals, and outside of their periods.
    static func read(
        _ context: RunContext, _ workspace: Workspace, _ population: Population, _ horizon: Horizon,
        _ frozen: FrozenTouches
    ) async throws -> CycleGoals {
        var result = CycleGoals()
        guard let last = horizon.days.last else { return result }
        if let cycle = workspace.cycle {
            for goal in cycle.goals {
                let hcps = (0..<Int32(population.count)).filter { isMember(Int($0), goal, population) }
                result.lines.append(
                    Line(
                        name: goal.name, cycle: cycle.name, channels: goal.channels, start: cycle.start,
                        end: cycle.end, hcps: hcps, least: hcps.map { _ in Int32(goal.least) },
                        most: hcps.map { _ in goal.most.map(Int32.init) ?? -1 }, done: [], floor: 0, ceiling: nil,
                        file: "strategy.yaml", fileLine: nil))
            }
        }
        if !workspace.listedGoals.isEmpty {
            let members = try await ListedMembers.read(context.connection, population)
            for goal in workspace.listedGoals { result.lines.append(members.line(goal, &result.diagnostics)) }
        }
        result.lines.removeAll { context.asOf + 1 > $0.end || last < $0.start || $0.hcps.isEmpty }
        var counted: [Day: Touches] = [:]
        for place in result.lines.indices {
            let start = result.lines[place].start
            if counted[start] == nil { counted[start] = try await Touches.read(context, from: start) }
            result.lines[place].count(counted[start] ?? Touches(), frozen, population.count, context.asOf, last)
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
                name: Self.prefix + line.name,
                usage: catalogue.offers.map { line.channels.contains($0.channel) ? 1 : 0 },
                ceiling: line.ceiling, floor: line.floor > 0 ? line.floor : nil, members: members)
        }
    }

    /// Lowers the floor of a goal that cannot be met: to a twentieth below what can be reached, so that the rest of the
    /// plan keeps some room.
    mutating func relax(_ lack: FloorShortfall) {
        for place in lines.indices where Self.prefix + lines[place].name == lack.limit {
            lines[place].floor = max(0, (0.95 * lack.attainable).rounded(.down))
        }
    }

    /// nil = none.
    func line(of limit: String) -> Line? { lines.first { Self.prefix + $0.name == limit } }

    /// HCPs who have had what the goal allows: blocked on its channels.
    func addBlocks(_ blocks: inout Blocks, _ horizon: Horizon) {
        for line in lines {
            for (place, hcp) in line.hcps.enumerated() where line.most[place] >= 0 {
                guard line.done[place] >= line.most[place] else { continue }
                for channel in line.channels {
                    for day in horizon.days { blocks.add(hcp: hcp, day: day - horizon.asOf, channel: channel) }
                }
            }
        }
    }
}

extension CycleGoals {
    /// Touches by HCP and channel since a day.
    struct Touches: Sendable {
        var hcp: [Int32] = []
        var channel: [Channel?] = []
        var count: [Int32] = []

        static func read(_ context: RunContext, from start: Day) async throws -> Touches {
            let table = try await context.connection.query(
                """
                SELECT hcp_no, channel, CAST(count(*) AS INTEGER) AS n FROM mart.touch
                WHERE day BETWEEN CAST(? AS DATE) AND CAST(? AS DATE) AND head AND NOT medical AND NOT machine
                  AND direction = 'push' AND (status IS NULL OR status IN ('sent', 'delivered', 'uncertain'))
                GROUP BY hcp_no, channel
                """, [.day(start), .day(context.asOf)])
            return Touches(
                hcp: try table.int32s("hcp_no"),
                channel: try table.texts("channel").map { Channel(rawValue: $0) }, count: try table.int32s("n"))
        }
    }
}

extension CycleGoals.Line {
    /// Counts what was done and is booked, and derives what the horizon has to add.
    fileprivate mutating func count(
        _ touches: CycleGoals.Touches, _ frozen: FrozenTouches, _ people: Int, _ asOf: Day, _ last: Day
    ) {
        var all = [Int32](repeating: 0, count: people)
        for row in touches.hcp.indices {
            guard let channel = touches.channel[row], channels.contains(channel) else { continue }
            all[Int(touches.hcp[row])] += touches.count[row]
        }
        // What is booked in the horizon will have been done by its end.
        for row in frozen.hcp.indices
        where frozen.day[row] > asOf && frozen.day[row] >= start && frozen.day[row] <= min(last, end)
            && channels.contains(frozen.channel[row])
        {
            all[Int(frozen.hcp[row])] += 1
        }
        done = hcps.map { all[Int($0)] }
        // At the end of the horizon this share of the goal is due.
        let share = CyclePlan.share(of: start, end, through: last)
        var (due, room) = (0.0, 0.0)
        for place in hcps.indices {
            due += max(0, Double(least[place]) * share - Double(done[place]))
            room += Double(max(0, most[place] - done[place]))
        }
        // HCPs without a maximum are not bounded by the others' one.
        ceiling = !most.isEmpty && most.allSatisfy { $0 >= 0 } ? room : nil
        floor = min(due.rounded(.down), ceiling ?? .infinity)
        elapsed = CyclePlan.share(of: start, end, through: asOf)
    }
}

/// HCPs by identifier, segment and specialty: whom the lines of a goals file mean.
private struct ListedMembers {
    private var numbers: [String: Int32] = [:]
    private var groups: [String: [Int32]] = [:]

    static func read(_ connection: WarehouseConnection, _ population: Population) async throws -> ListedMembers {
        var result = ListedMembers()
        for (number, id) in population.hcpIDs.enumerated() { result.numbers[id] = Int32(number) }
        // Identifiers of sources count too, where they are nobody else's.
        let table = try await connection.query(
            "SELECT source_hcp_id, min(hcp_no) AS hcp_no FROM mart.xref GROUP BY 1 HAVING count(DISTINCT hcp_no) = 1")
        for (id, number) in zip(try table.texts("source_hcp_id"), try table.int32s("hcp_no"))
        where result.numbers[id] == nil { result.numbers[id] = number }
        for (number, code) in population.specialty.enumerated() where code >= 0 {
            result.groups[population.specialtyNames[Int(code)].lowercased(), default: []].append(Int32(number))
        }
        let known = try await connection.query(
            """
            SELECT 1 AS one FROM information_schema.tables
            WHERE table_schema = 'insight' AND table_name IN ('segment', 'hcp_segment')
            """)
        if known.rowCount == 2 {
            let rows = try await connection.query(
                """
                SELECT lower(s.name) AS name, h.hcp_no FROM insight.hcp_segment AS h
                JOIN insight.segment AS s ON s.segment_no = h.segment_no ORDER BY h.hcp_no
                """)
            var segments: [String: [Int32]] = [:]
            for (name, number) in zip(try rows.texts("name"), try rows.int32s("hcp_no")) {
                segments[name, default: []].append(number)
            }
            result.groups.merge(segments) { _, segment in segment }
        }
        return result
    }

    /// A line for an HCP goes before one for a group that the HCP is in; of two groups the later line counts.
    func line(_ goal: CyclePlan.ListedGoal, _ diagnostics: inout [Diagnostic]) -> CycleGoals.Line {
        var terms: [Int32: (least: Int32, most: Int32)] = [:]
        for byName in [false, true] {
            for row in goal.rows where (row.hcpID != nil) == byName {
                let found = row.hcpID.map { numbers[$0].map { [$0] } ?? [] } ?? groups[row.segment?.lowercased() ?? ""]
                if (found ?? []).isEmpty {
                    diagnostics.append(
                        Diagnostic(
                            byName ? "unknown_hcp" : "unknown_segment",
                            byName
                                ? "no HCP has the identifier of this line"
                                : "nobody is in the segment or specialty of this line", severity: .warning,
                            file: GoalsFile.name, line: row.line,
                            remedy: byName
                                ? "use an hcp_id of `rapport decisions` or of a source"
                                : "use a segment of the page Insight, or a specialty"))
                }
                for hcp in found ?? [] { terms[hcp] = (Int32(row.least), row.most.map(Int32.init) ?? -1) }
            }
        }
        let hcps = terms.keys.sorted()
        return .init(
            name: goal.name, cycle: GoalsFile.name, channels: goal.channels, start: goal.start, end: goal.end,
            hcps: hcps, least: hcps.map { terms[$0]?.least ?? 0 }, most: hcps.map { terms[$0]?.most ?? -1 }, done: [],
            floor: 0, ceiling: nil, file: GoalsFile.name, fileLine: goal.rows.first?.line)
    }
}
