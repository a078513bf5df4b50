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
        public var goal: String
        public var least: Int
        public var most: Int?
        public var done: Int
        public var planned: Int
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
    /// The cycle plan as the newest run saw it.
    ///
    /// - Throws: `no_cycle` when `strategy.yaml` has none, or the run lies outside of it.
    public func cycleReport() async throws -> CycleReport {
        guard let cycle = workspace.cycle else {
            throw Diagnostic(
                "no_cycle", "strategy.yaml has no `cycle:` section", remedy: "docs/decisions.md shows one")
        }
        let connection = try snapshot()
        let goals = try await CycleGoals.saved(connection)
        guard !goals.lines.isEmpty, let asOf = try await connection.query("SELECT as_of FROM plan.run").days("as_of")[0]
        else {
            throw Diagnostic(
                "no_cycle", "the last run knew no goal of the cycle", remedy: "run `rapport run` within the cycle")
        }
        let ids = try await connection.query("SELECT hcp_id FROM mart.hcp ORDER BY hcp_no").texts("hcp_id")
        let plan = try await connection.query(
            "SELECT hcp_no, channel FROM plan.decision WHERE day IS NOT NULL AND day <= CAST(? AS DATE)",
            [.day(cycle.end)])
        let (planned, channels) = (try plan.int32s("hcp_no"), try plan.texts("channel"))
        let prices = try await connection.query("SELECT name, price FROM plan.price WHERE kind = 'goal'")
        let priceOf = Dictionary(
            zip(try prices.texts("name"), try prices.doubles("price")), uniquingKeysWith: { first, _ in first })
        let elapsed = cycle.share(through: asOf)
        var report = CycleReport(
            cycle: cycle.name, start: cycle.start.description, end: cycle.end.description, asOf: asOf.description,
            elapsed: elapsed, goals: [], hcps: [])
        for line in goals.lines {
            var coming: [Int32: Int] = [:]
            for (row, hcp) in planned.enumerated() {
                if let channel = Channel(rawValue: channels[row]), line.goal.channels.contains(channel) {
                    coming[hcp, default: 0] += 1
                }
            }
            let least = line.goal.least
            var (capped, kept, all) = (0, 0, 0)
            for (place, hcp) in line.hcps.enumerated() {
                let done = Int(line.done[place])
                capped += min(done, least)
                all += coming[hcp] ?? 0
                if Double(done) >= (Double(least) * elapsed).rounded(.down) { kept += 1 }
                report.hcps.append(
                    CycleReport.Person(
                        hcpID: ids[Int(hcp)], goal: line.goal.name, least: least, most: line.goal.most, done: done,
                        planned: coming[hcp] ?? 0))
            }
            let target = least * line.hcps.count
            report.goals.append(
                CycleReport.Goal(
                    goal: line.goal.name, channels: line.goal.channels.map(\.rawValue).sorted(),
                    hcps: line.hcps.count, target: target, due: Int((Double(target) * elapsed).rounded()),
                    done: line.done.reduce(0) { $0 + Int($1) }, planned: all,
                    attainment: target > 0 ? Double(capped) / Double(target) : 1, onPace: kept,
                    floor: Int(line.floor), ceiling: line.ceiling.map { Int($0) },
                    // A binding floor makes the price of its limit negative: a touch there is paid for.
                    price: max(0, -(priceOf[CycleGoals.prefix + line.goal.name] ?? 0))))
        }
        return report
    }
}
