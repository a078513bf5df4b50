internal import Decisioning
internal import EngagementModel
public import Foundation
internal import Ledger
internal import Warehouse

/// How a policy is judged.
public struct EvaluationOptions: Sendable {
    public var reward: PolicyReward = .net
    /// HCPs at most; a seeded sample of them when there are more.
    public var hcps = 20_000
    public var minimumEffectiveSize = 30.0
    public var level = 0.95
    /// Plans drawn for each run to count propensities under the whole procedure, repairs included.
    public var seeds = 64
    public init() {}
}

extension DecisionBook {
    /// The value of a strategy on the ledger's logged decisions.
    ///
    /// - Throws: a `ValidationFailure` with every mistake of the file; `no_log` when no logged decision is final yet.
    public func evaluate(strategyFile: URL, options: EvaluationOptions) async throws -> PolicyEvaluationReport {
        let strategy = try StrategyFile.open(strategyFile)
        return try await evaluate(
            TargetPolicy(strategy: strategy), name: strategyFile.lastPathComponent, options: options)
    }

    /// The value of planning with a model of `models.yaml`, or with the `standard` one.
    ///
    /// - Throws: `unknown_model`, `no_log`.
    public func evaluate(model: String, options: EvaluationOptions) async throws -> PolicyEvaluationReport {
        let known = ModelRegister.models(workspace).map(\.name)
        guard known.contains(model) else {
            throw Diagnostic(
                "unknown_model", "there is no model `\(model)`",
                remedy: "the models are \(known.joined(separator: ", ")); models.yaml names more")
        }
        return try await evaluate(TargetPolicy(model: model), name: model, options: options)
    }

    private func evaluate(
        _ policy: TargetPolicy, name: String, options: EvaluationOptions
    ) async throws -> PolicyEvaluationReport {
        let log = try await log(policy, options)
        let seed = workspace.strategy.seed
        func judged(_ number: Int) -> PolicyEvaluation {
            PolicyEvaluation(
                log.decisions(policy: number), clusters: log.person, clusterCount: log.personCount,
                context: log.context, level: options.level, seed: seed)
        }
        let result = judged(0)
        var report = PolicyEvaluationReport(
            policy: name, reward: options.reward, runs: log.runs, firstDay: log.firstDay?.description ?? "",
            lastDay: log.lastDay?.description ?? "", decisions: log.count, hcps: log.personCount,
            touches: log.touches, executed: log.executed,
            logged: log.reward.reduce(0, +) / Double(max(log.count, 1)),
            effectiveSampleSize: result.support.effectiveSampleSize, maxWeight: result.support.maxWeight,
            meanWeight: result.support.meanWeight, unsupportedShare: result.support.unsupported ?? 0, estimates: [],
            refusal: result.refusal(minimum: options.minimumEffectiveSize), level: options.level)
        guard report.refusal == nil else { return report }
        let present = judged(1)
        report.estimates = result.lines.map { line in
            let lead = result.lead(over: present, line.estimator, level: options.level)
            return PolicyEvaluationReport.Estimate(
                estimator: line.estimator.rawValue, value: line.value.value, low: line.value.low,
                high: line.value.high, standardError: line.value.standardError,
                // No shrinkage at all is an infinite λ, which JSON cannot say.
                lambda: line.value.lambda.flatMap { $0.isFinite ? $0 : nil }, lead: lead.value, leadLow: lead.low,
                leadHigh: lead.high)
        }
        return report
    }

    /// The rows of every kept run whose plan was in force on days whose answers are final; policy 0 is the one that is
    /// judged, policy 1 what the run itself planned with, everyone decided by the engine.
    private func log(_ policy: TargetPolicy, _ options: EvaluationOptions) async throws -> PolicyLog {
        var log = PolicyLog(policies: 2)
        let published = try await ledger.runs(limit: 10_000)
        guard let newest = published.first?.record.asOf,
            let current = SnapshotStore(directory: workspace.snapshotDirectory).current
        else { throw Self.nothingLogged }
        // Of several runs of a day the last one was in force.
        var byDay: [Day: PublishedRun] = [:]
        for run in published where byDay[run.record.asOf] == nil { byDay[run.record.asOf] = run }
        let days = byDay.keys.sorted()
        guard days.count > 1 else { throw Self.nothingLogged }
        let outcomes = try await withConnection(current) { try await LoggedOutcomes.read($0, from: days[0]) }
        let archive = RecordArchive(directory: workspace.recordDirectory)
        for (day, next) in zip(days, days.dropFirst()) {
            guard let record = byDay[day]?.record, record.mode == .full, let file = archive.file(of: record.runID)
            else { continue }
            let decisions = try await ledger.decisions(ofRun: record.runID, includingNoTouch: false).map(\.decision)
            try await withConnection(file) { connection in
                let planned = try await ModelRegister.planned(connection)
                if let model = policy.model, model != planned,
                    try await !ChallengerScores.names(connection).contains(model)
                {
                    return
                }
                let replay = try await PlanReplay.read(connection, hcpID: nil, workspace)
                let final = Self.finalDays(replay.run, inForceUntil: next, newest: newest)
                guard !final.isEmpty else { return }
                let hcps = sample(replay, options.hcps)
                let drawn = try await Planning.solve(
                    try await PlanReplay.problem(replay.run, connection),
                    options: PlanOptions(propensitySeeds: options.seeds))
                var judged = policy
                judged.seeds = options.seeds
                // A model that planned this run is its present policy.
                if planned == policy.model { judged.model = nil }
                let chances = [
                    try await judged.chances(replay.run, connection, hcps: hcps),
                    try await TargetPolicy(seeds: options.seeds).chances(replay.run, connection, hcps: hcps),
                ]
                let byPlace = Dictionary(
                    decisions.compactMap { row in row.day.map { ("\(row.hcpID) \($0)", row) } },
                    uniquingKeysWith: { first, _ in first })
                try Self.confirm(replay, byPlace, hcps: hcps, days: final)
                log.add(
                    replay, propensities: drawn.propensity, seeds: options.seeds, days: final, hcps: hcps,
                    policies: chances, decisions: byPlace, outcomes: outcomes,
                    reward: options.reward, strategy: workspace.strategy)
            }
        }
        guard log.count > 0 else { throw Self.nothingLogged }
        return log
    }

    private static let nothingLogged = Diagnostic(
        "no_log", "no logged decision is final yet",
        remedy: "a decision counts when a later run has followed and every channel's window for answers has closed;"
            + " records_kept in rapport.yaml says how far back records reach")

    /// Days of the plan until the next run took over, whose answers are final on every channel: leaving out single
    /// actions would favour those that answer fast.
    private static func finalDays(_ run: RecordedRun, inForceUntil next: Day, newest: Day) -> [Day] {
        let longest = run.catalogue.offers.map { Int(ColdStart.windowDays[Int($0.channel.code)]) }.max() ?? 0
        return run.horizon.days.filter { $0 <= next && $0 + longest <= newest }
    }

    /// HCPs that were drawn, by the engine or at random, and not kept from the plan before; a sample by the seed when
    /// there are many.
    private func sample(_ replay: PlanReplay, _ limit: Int) -> [Int] {
        let run = replay.run
        let drawn = run.arms.indices.filter { run.arms[$0] != .rules && !replay.plan.isKept[$0] }
        guard drawn.count > limit else { return Array(drawn) }
        // By the id, so that the same HCPs are taken in every run.
        let keyed = drawn.map { hcp -> (UInt64, Int) in
            var generator = LiveDecision.generator(
                seed: workspace.strategy.seed, run.inputs.population.hcpIDs[hcp])
            return (generator.next(), hcp)
        }
        return keyed.sorted { $0.0 < $1.0 }.prefix(limit).map(\.1).sorted()
    }

    /// The plan that was solved again must be the one that the ledger holds, or its propensities are not those of the
    /// log.
    private static func confirm(
        _ replay: PlanReplay, _ decisions: [String: Decision], hcps: [Int], days: [Day]
    ) throws {
        let run = replay.run
        let width = run.horizon.days.count
        for hcp in hcps {
            let touches = replay.touches(hcp)
            for day in days {
                guard let position = run.horizon.position(of: day) else { continue }
                let choice = touches.first { $0.position == position }?.offer ?? -1
                let logged = decisions["\(run.inputs.population.hcpIDs[hcp]) \(day)"]
                let isSame =
                    choice < 0
                    ? logged == nil
                    : logged?.channel == run.catalogue.offers[choice].channel
                        && logged?.propensity == Double(replay.plan.propensity[hcp * width + position])
                guard isSame else {
                    throw Diagnostic(
                        "replay_differs", "a logged decision of the run \(run.runID) is not reproduced",
                        remedy: "`rapport replay --run \(run.runID)` says what differs")
                }
            }
        }
    }
}
