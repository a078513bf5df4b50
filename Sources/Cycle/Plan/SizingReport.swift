internal import Decisioning
internal import EngagementModel
internal import Warehouse

/// What the plan would be worth with another number of field reps, each number planned anew from the last run's records.
public struct SizingReport: Sendable, Codable {
    public var asOf: String
    public var days: Int
    /// Field reps of the plan as it is.
    public var reps: Int
    public var points: [Point]
    /// Reps by their identifiers.
    public var minutePrices: [String: MinutePrice]

    public struct Point: Sendable, Codable {
        /// Of the present field minutes; 1 = as it is.
        public var capacity: Double
        public var reps: Double
        /// Currency over the horizon: the best plan found, before exploration, and what no plan could beat.
        public var value: Double
        public var bound: Double
        public var touches: Int
        public var visits: Int
    }

    /// What a minute of a rep is worth, mean over the days: now, and once there are two of this rep.
    public struct MinutePrice: Sendable, Codable {
        public var now: Double
        public var doubled: Double
    }

    /// Shares of the present capacity that are planned.
    public static let capacities = [0.5, 0.75, 1, 1.25, 1.5, 2]
}

extension DecisionBook {
    /// Plans the last run again with fewer and more field minutes; takes as long as so many plans.
    ///
    /// By diminishing returns a second rep in a territory is worth at most the minutes at today's price, and at least
    /// the minutes at the price that is left once they are there; the doubled plan, where every territory has a second
    /// rep, gives the latter.
    public func sizingReport() async throws -> SizingReport {
        guard let file = SnapshotStore(directory: workspace.snapshotDirectory).current else {
            throw Diagnostic("no_snapshot", "nothing has been published yet", remedy: "run `rapport run` first")
        }
        return try await withConnection(file) { connection in
            let run = try await RecordedRun.read(connection, hcpID: nil, workspace)
            var problem = try await PlanReplay.problem(run, connection)
            // Yesterday's plan would hold the new reps' days empty: each number is planned as if from scratch.
            (problem.previousChoice, problem.maxChangedShare) = ([], nil)
            problem.warmStart = run.recordedPrices
            // Control arms take their share of whatever there is, worth it or not: they say nothing of what reps are worth.
            problem.arms = []
            let reps = run.inputs.population.reps
            let isField = reps.map { $0.kind == .field || $0.kind == .hybrid || $0.kind == .kam }
            let width = run.horizon.days.count
            let visits = run.catalogue.offers.map { $0.channel == .inPerson }
            var report = SizingReport(
                asOf: run.evidence.asOf.description, days: width, reps: isField.count { $0 }, points: [],
                minutePrices: [:])
            for capacity in SizingReport.capacities {
                var changed = problem
                for place in changed.repMinutes.indices where isField[place / width] {
                    changed.repMinutes[place] *= Float(capacity)
                }
                var plan = try await Planning.solve(changed)
                if !plan.shortfalls.isEmpty {
                    // Goals that fewer reps cannot meet would price everything else away.
                    for lack in plan.shortfalls {
                        for place in changed.limits.indices where changed.limits[place].name == lack.limit {
                            changed.limits[place].floor = max(0, (0.95 * lack.attainable).rounded(.down))
                        }
                    }
                    plan = try await Planning.solve(changed)
                }
                report.points.append(
                    .init(
                        capacity: capacity, reps: Double(report.reps) * capacity,
                        value: plan.objective + plan.explorationCost, bound: plan.upperBound, touches: plan.touches,
                        visits: plan.choice.count { $0 >= 0 && visits[Int($0)] }))
                guard capacity == 1 || capacity == 2 else { continue }
                for (number, rep) in reps.enumerated() where isField[number] {
                    let prices = plan.prices.repDay[(number * width)..<((number + 1) * width)]
                    let mean = prices.reduce(0, +) / Double(max(1, width))
                    var entry = report.minutePrices[rep.id] ?? .init(now: 0, doubled: 0)
                    if capacity == 1 { entry.now = mean } else { entry.doubled = mean }
                    report.minutePrices[rep.id] = entry
                }
            }
            return report
        }
    }
}
