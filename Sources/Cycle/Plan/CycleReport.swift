internal import EngagementModel
internal import Warehouse

/// Attainment of the cycle plan: what was done of each goal, what is planned, and who is behind.
public struct CycleReport: Sendable, Codable {
    public var cycle: String
    public var start: String
    public var end: String
    public var asOf: String
    /// Share of the cycle's business days that are over.
    public var elapsed: Double
    public var goals: [Goal]
    /// Every HCP of every goal.
    public var hcps: [Person]

    public struct Goal: Sendable, Codable {
        public var goal: String
        public var channels: [String]
        public var start: String
        public var end: String
        public var hcps: Int
        /// Touches: the goal over the cycle, due by now, done (booked ones included), planned in the horizon.
        public var target: Int
        public var due: Int
        public var done: Int
        public var planned: Int
        /// Done of the target, capped HCP by HCP, so that one who had too many hides none who had too few.
        public var attainment: Double
        /// HCPs whose touches keep the pace.
        public var onPace: Int
        /// Touches that the plan had to hold at least, and was allowed at most.
        public var floor: Int
        public var ceiling: Int?
        /// Currency: what the last touch that the floor asks for costs the plan; 0 = the goal is met by itself.
        public var price: Double
    }

    public struct Person: Sendable, Codable {
        public var hcpID: String
        /// The field rep in charge.
        public var repID: String?
        public var goal: String
        public var least: Int
        public var most: Int?
        public var done: Int
        public var planned: Int
        public var isOnPace: Bool
    }

    public func rendered() -> String {
        var text = "\(cycle), \(start) to \(end); \(Int((elapsed * 100).rounded()))% of it is over on \(asOf)\n\n"
        var rows = [["goal", "HCPs", "target", "due", "done", "planned", "attained", "on pace", "price of one more"]]
        for goal in goals {
            rows.append([
                goal.goal, "\(goal.hcps)", "\(goal.target)", "\(goal.due)", "\(goal.done)", "\(goal.planned)",
                "\(Int((goal.attainment * 100).rounded()))%", "\(goal.onPace)", goal.price.formatted3,
            ])
        }
        text += TextColumns.rendered(rows)
        return text + "\n--json lists every HCP with what was done and what is planned.\n"
    }
}

/// Plain columns: the first to the left, the others to the right.
enum TextColumns {
    static func rendered(_ rows: [[String]]) -> String {
        let count = rows.map(\.count).max() ?? 0
        let widths = (0..<count).map { column in rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
        var text = ""
        for row in rows {
            var line = (row.first ?? "").padding(to: widths.first ?? 0)
            for (column, cell) in row.enumerated().dropFirst() {
                line += "  " + String(repeating: " ", count: widths[column] - cell.count) + cell
            }
            while line.hasSuffix(" ") { line.removeLast() }
            text += line + "\n"
        }
        return text
    }
}

extension DecisionBook {
    /// The goals as the newest run saw them.
    ///
    /// - Throws: `no_cycle` when neither `strategy.yaml` nor `goals.csv` has any, or the run lies outside of them.
    public func cycleReport() async throws -> CycleReport {
        let connection = try snapshot()
        guard let asOf = try await connection.query("SELECT as_of FROM plan.run").days("as_of").first ?? nil else {
            throw Diagnostic("no_plan", "the snapshot holds no plan", remedy: "run `rapport run` first")
        }
        let goals = try await CycleGoals.saved(connection)
        guard let first = goals.lines.first else {
            throw workspace.cycle == nil && workspace.listedGoals.isEmpty
                ? Diagnostic(
                    "no_cycle", "strategy.yaml has no `cycle:` section, and there is no goals.csv",
                    remedy: "docs/decisions.md shows both")
                : Diagnostic(
                    "no_cycle", "the last run knew no goal", remedy: "run `rapport run` within the period of the goals")
        }
        let people = try await connection.query(
            """
            SELECT h.hcp_id, min(a.rep_id) FILTER (WHERE a.rep_kind IN ('field', 'hybrid', 'kam')) AS rep_id
            FROM mart.hcp AS h LEFT JOIN mart.hcp_rep AS a ON a.hcp_no = h.hcp_no
            GROUP BY h.hcp_no, h.hcp_id ORDER BY h.hcp_no
            """)
        let (ids, reps) = (try people.texts("hcp_id"), try people.strings("rep_id"))
        let plan = try await connection.query("SELECT hcp_no, channel, day FROM plan.decision WHERE day IS NOT NULL")
        let (planned, channels) = (try plan.int32s("hcp_no"), try plan.texts("channel").map { Channel(rawValue: $0) })
        let days = try plan.days("day")
        let prices = try await connection.query("SELECT name, price FROM plan.price WHERE kind = 'goal'")
        let priceOf = Dictionary(
            zip(try prices.texts("name"), try prices.doubles("price")), uniquingKeysWith: { first, _ in first })
        let (start, end) = (goals.lines.map(\.start).min() ?? first.start, goals.lines.map(\.end).max() ?? first.end)
        var report = CycleReport(
            cycle: Set(goals.lines.map(\.cycle)).sorted().joined(separator: " and "), start: start.description,
            end: end.description, asOf: asOf.description, elapsed: CyclePlan.share(of: start, end, through: asOf),
            goals: [], hcps: [])
        for line in goals.lines {
            var coming: [Int32: Int] = [:]
            for (row, hcp) in planned.enumerated() {
                if let channel = channels[row], line.channels.contains(channel), days[row] ?? line.end <= line.end {
                    coming[hcp, default: 0] += 1
                }
            }
            report.add(line, coming, ids, reps, priceOf[CycleGoals.prefix + line.name] ?? 0)
        }
        return report
    }
}

extension CycleReport {
    fileprivate mutating func add(
        _ line: CycleGoals.Line, _ coming: [Int32: Int], _ ids: [String], _ reps: [String?], _ price: Double
    ) {
        let elapsed = line.elapsed
        var (capped, kept, all) = (0, 0, 0)
        for (place, hcp) in line.hcps.enumerated() {
            let (done, least) = (Int(line.done[place]), Int(line.least[place]))
            capped += min(done, least)
            all += coming[hcp] ?? 0
            let isOnPace = Double(done) >= (Double(least) * elapsed).rounded(.down)
            if isOnPace { kept += 1 }
            hcps.append(
                Person(
                    hcpID: ids[Int(hcp)], repID: reps[Int(hcp)], goal: line.name, least: least,
                    most: line.most[place] < 0 ? nil : Int(line.most[place]), done: done,
                    planned: coming[hcp] ?? 0, isOnPace: isOnPace))
        }
        let target = line.target
        goals.append(
            Goal(
                goal: line.name, channels: line.channels.map(\.rawValue).sorted(), start: line.start.description,
                end: line.end.description, hcps: line.hcps.count, target: target,
                due: Int((Double(target) * elapsed).rounded()), done: line.done.reduce(0) { $0 + Int($1) },
                planned: all, attainment: target > 0 ? Double(capped) / Double(target) : 1, onPace: kept,
                floor: Int(line.floor), ceiling: line.ceiling.map { Int($0) },
                // A binding floor makes the price of its limit negative: a touch there is paid for.
                price: max(0, -price)))
    }
}
