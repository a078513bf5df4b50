internal import Decisioning
internal import EngagementModel
internal import Warehouse

/// A run whose plan is solved again from its recorded inputs: same inputs, same plan, byte for byte.
struct PlanReplay: Sendable {
    let run: RecordedRun
    /// As computed again.
    let plan: Plan
    /// nil in a record of a version that asked another model for the hours.
    let hours: BestHours?
    let prices: OfferPrices
    let shared: ReplayCheck

    /// The planner's problem as the run had it.
    static func problem(_ run: RecordedRun, _ connection: WarehouseConnection) async throws -> PlanProblem {
        let evidence = run.evidence
        var problem = PlanInputs.problem(
            strategy: evidence.strategy, markets: evidence.markets, population: run.inputs.population,
            catalogue: run.catalogue, horizon: run.horizon, frozen: evidence.frozen, repMinutes: run.minutes,
            table: run.table, arms: run.arms, rulesOnly: run.isRulesOnly,
            fatigue: { run.model?.fatigue(channel: $0) })
        problem.limits += try await CycleGoals.saved(connection).limits(
            run.catalogue, hcps: run.inputs.population.count)
        var blocks = Blocks()
        try await blocks.addSaved(connection)
        blocks.fill(&problem, run.catalogue)
        problem.previousChoice = evidence.previous.choices
        problem.maxChangedShare = evidence.previous.choices.isEmpty ? nil : evidence.strategy.maxChangedShare
        problem.warmStart = evidence.previous.prices
        return problem
    }

    static func read(
        _ connection: WarehouseConnection, hcpID only: String?, _ workspace: Workspace
    ) async throws -> PlanReplay {
        let run = try await RecordedRun.read(connection, hcpID: only, workspace)
        let population = run.inputs.population
        let problem = try await problem(run, connection)
        let plan = try await Planning.solve(
            problem, options: PlanOptions(propensitySeeds: run.propensitySeeds))
        let kept = try await connection.query(
            "SELECT 1 AS one FROM information_schema.tables WHERE table_schema = 'insight' AND table_name = 'channel_hour'"
        )
        let hours = kept.rowCount > 0 ? try await HourPart.hours(connection, population) : nil
        return PlanReplay(
            run: run, plan: plan, hours: hours,
            prices: OfferPrices(
                catalogue: run.catalogue, sender: population.sender, days: run.horizon.days.count,
                limits: problem.limits, prices: plan.prices), shared: shared(run, plan))
    }

    /// The touches that were published for an HCP.
    func touches(_ hcp: Int) -> [PlannedTouch] {
        run.table.touches(of: hcp, days: run.horizon.days, in: plan).filter {
            !run.lapsed.contains(RecordedRun.HCPDay(hcp: Int32(hcp), day: run.horizon.days[$0.position]))
        }
    }
}
