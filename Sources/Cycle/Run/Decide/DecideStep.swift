internal import Decisioning
internal import EngagementModel
internal import Warehouse

/// Eligible → priced → chosen → recorded: the plan of the run, written to `plan.*`.
enum DecideStep {
    static func run(
        _ context: RunContext, _ memory: inout RunMemory, runID: String, _ summary: inout RunSummary
    ) async throws {
        let strategy = context.workspace.strategy
        let inputs = try await memory.inputs(context)
        let catalogue = OfferCatalogue(strategy: strategy, shelf: inputs.shelf, products: inputs.products)
        if catalogue.droppedOffers > 0 {
            summary.diagnostics.append(
                Diagnostic(
                    "too_many_offers",
                    "\(catalogue.droppedOffers) channel × product pairs were left out: a plan takes 64",
                    severity: .warning, file: "strategy.yaml", remedy: "use fewer channels or objectives"))
        }
        let horizon = Horizon(asOf: context.asOf, strategy: strategy)
        let frozen = try await FrozenTouches.read(context, inputs.population, horizon)
        let minutes = try await Capacity.read(context.connection, inputs.population, horizon, frozen)
        let rules = try await Rules.prepare(context, inputs, catalogue, horizon, frozen, minutes)
        let rulesOnly = context.request.rulesOnly
        let trees = rulesOnly ? nil : try await TreeStep.planner(context)
        var scorer: PlanScorer?
        if !rulesOnly {
            let models = try await memory.models(context)
            scorer = PlanScorer(
                online: CandidateScorer(
                    response: ResponseScorer(
                        model: models.response, input: inputs.response, actions: catalogue.responseActions),
                    outcomes: models.outcomes, terms: catalogue.valueTerms(strategy)),
                trees: trees?.model, input: inputs.response)
        }
        let modelVersion = scorer?.version ?? "rules"
        let seen = try await SeenContents.read(context, inputs.population, catalogue, inputs.shelf, horizon)
        let known = try await KnownTouches.read(context, inputs.population, catalogue, inputs.shelf, horizon)
        let endsEarly = EndsEarly(
            catalogue: catalogue, rules: rules, items: inputs.shelf.items, days: horizon.days)
        let (table, counts) = try candidates(
            inputs.population.count, catalogue, rules, scorer, seen, known, strategy.repeats, endsEarly)
        let arms = PlanInputs.arms(inputs.population, strategy, rulesOnly: rulesOnly)
        var problem = PlanInputs.problem(
            strategy: strategy, markets: context.workspace.markets, population: inputs.population,
            catalogue: catalogue, horizon: horizon, frozen: frozen, repMinutes: minutes, table: table, arms: arms,
            rulesOnly: rulesOnly, fatigue: { scorer?.online.response.model.fatigue(channel: $0) })
        var blocks = try await Blocks.dismissed(context, inputs.population, horizon)
        blocks.addEnds(table, catalogue, horizon, endsEarly)
        blocks.addClosed(table, catalogue, horizon)
        var goals = try await CycleGoals.read(context, context.workspace, inputs.population, horizon, frozen)
        goals.addBlocks(&blocks, horizon)
        problem.limits += goals.limits(catalogue, hcps: inputs.population.count)
        blocks.fill(&problem, catalogue)
        try await context.connection.execute("CREATE SCHEMA IF NOT EXISTS plan")
        try await blocks.save(context.connection)
        let previous = try await PreviousPlan.read(
            context, inputs.population, catalogue, horizon, limits: problem.limits.map(\.name))
        problem.previousChoice = previous.choices
        problem.maxChangedShare = previous.choices.isEmpty ? nil : strategy.maxChangedShare
        problem.warmStart = previous.prices
        // What is logged is the chance of the whole procedure, repairs included: counted where the day can pay for it.
        let drawn = PlanOptions(propensitySeeds: Planning.propensitySeeds(hcps: inputs.population.count))
        var plan = try await Planning.solve(problem, options: drawn)
        let shortfalls = plan.shortfalls
        if !shortfalls.isEmpty {
            // Floors out of reach would price everything else away: nearly as much as can be is planned instead.
            for lack in shortfalls { goals.relax(lack) }
            problem.limits =
                PlanInputs.limits(strategy, catalogue) + goals.limits(catalogue, hcps: inputs.population.count)
            plan = try await Planning.solve(problem, options: drawn)
        }
        try await goals.save(context.connection)
        let hours = try await HourPart.hours(context.connection, inputs.population)
        let occasions = try await Occasions.read(context.connection)
        var assembly = DecisionAssembly(
            context: context, runID: runID, modelVersion: modelVersion, inputs: inputs, catalogue: catalogue,
            horizon: horizon, table: table, plan: plan, arms: arms, scorer: scorer, hours: hours, rules: rules,
            limits: problem.limits,
            specialtyTitles: inputs.population.specialtyNames.map(DecisionAssembly.words), endsEarly: endsEarly,
            occasions: occasions)
        assembly.drop(known)
        let decisions = try assembly.decisions()
        memory.plan = RunMemory.Plan(decisions: decisions.rows.map(\.decision), ranks: decisions.rows.map(\.rank))
        try await PlanTables.write(
            context, runID: runID, modelVersion: modelVersion, assembly: assembly, decisions: decisions,
            problem: problem, counts: counts, minutes: minutes)
        try await PlanEvidence(
            asOf: context.asOf, strategy: strategy, markets: context.workspace.markets,
            defaultZone: context.workspace.settings.timezone, frozen: frozen, previous: previous
        ).save(context, runID: runID, modelVersion: modelVersion)
        try await ModelStore.savePlanner(
            trees.map { ($0.name, $0.model.version, $0.bytes) }, asOf: context.asOf, context.connection)
        if !rulesOnly {
            try await ChallengerStep.score(
                context, inputs, catalogue, table, outcomes: try await memory.models(context).outcomes,
                planner: try await ModelRegister.planned(context.connection))
        }
        summary.diagnostics += goals.diagnostics
        for lack in shortfalls {
            let goal = goals.line(of: lack.limit)
            summary.diagnostics.append(
                Diagnostic(
                    "floor_out_of_reach",
                    "\(lack.limit): \(Int(lack.floor)) touches are due, \(Int(lack.attainable)) can be reached; "
                        + "the plan asks for \(Int(goal?.floor ?? 0))", severity: .warning,
                    file: goal?.file ?? "strategy.yaml", line: goal?.fileLine,
                    remedy: "lower the goal by \(Int((lack.floor - lack.attainable).rounded(.up))), or free capacity"))
        }
        summarise(&summary, plan, decisions, inputs.population, minutes)
    }

    /// Rules and scores block by block, so that only the best variant of each offer is kept.
    static func candidates(
        _ count: Int, _ catalogue: OfferCatalogue, _ rules: Eligibility, _ scorer: PlanScorer?, _ seen: SeenContents,
        _ known: KnownTouches, _ repeats: Strategy.Gap?, _ endsEarly: EndsEarly
    ) throws -> (CandidateTable, EligibilityCounts) {
        var table = CandidateTable(hcps: count, offers: catalogue.offers.count)
        table.choose(among: repeats.map { ContentOptions($0) }, catalogue)
        var counts = EligibilityCounts()
        let actions = rules.input.actions
        var first = 0
        while first < count {
            let block = first..<min(first + 8192, count)
            var answers = rules.evaluate(block)
            seen.narrow(&answers)
            known.narrow(&answers)
            counts.add(answers, actions: actions)
            table.take(answers, try scorer?.score(block), catalogue, ends: endsEarly)
            first = block.upperBound
        }
        return (table, counts)
    }

    private static func summarise(
        _ summary: inout RunSummary, _ plan: Plan, _ decisions: DecisionAssembly.Result, _ population: Population,
        _ minutes: [Float]
    ) {
        summary.plan.touches = decisions.touches
        summary.plan.lapsed = decisions.lapsed.count { $0.rule == nil }
        summary.plan.crowded = decisions.lapsed.count { $0.rule != nil }
        summary.plan.hcps = decisions.touchedHCPs
        summary.plan.value = decisions.rows.reduce(0) { $0 + $1.decision.value }
        summary.plan.cost = decisions.rows.reduce(0) { $0 + $1.decision.cost }
        summary.plan.gap = plan.gap
        summary.plan.upperBound = plan.upperBound
        summary.plan.explorationCost = plan.explorationCost
        summary.plan.sweeps = plan.sweeps
        summary.plan.violations = plan.violations
        if plan.previousTouches > 0 {
            summary.plan.changedShare = Double(plan.changedTouches) / Double(plan.previousTouches)
        }
        let width = population.reps.isEmpty ? 0 : minutes.count / population.reps.count
        if width > 0, let best = plan.prices.repDay.indices.max(by: { plan.prices.repDay[$0] < plan.prices.repDay[$1] })
        {
            summary.plan.hourPrice = plan.prices.repDay[best] * 60
            summary.plan.hourPriceRep = population.reps[best / width].id
        }
    }
}

/// Runs the planner on threads of its own: it computes for seconds and must not sit on the cooperative pool.
enum Planning {
    /// How many further roundings a run counts its propensities over: 64 up to 15,000 HCPs, a million HCPs' worth beyond,
    /// and none (the formula alone, without repairs) where fewer than eight would be left.
    static func propensitySeeds(hcps: Int) -> Int {
        let seeds = min(64, 1_000_000 / max(1, hcps))
        return seeds < 8 ? 0 : seeds
    }

    static func solve(_ problem: PlanProblem, options: PlanOptions = PlanOptions()) async throws -> Plan {
        try await OwnThread.run("rapport.planner") { try Planner.plan(problem, options: options) }
    }
}
