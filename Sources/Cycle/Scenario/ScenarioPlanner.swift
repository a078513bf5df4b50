internal import Decisioning
internal import EngagementModel
internal import Ledger
internal import Statistics
internal import Warehouse

/// Answers a scenario from the fitted models of the last run: candidates scored and ruled anew under the change, prices
/// and plan solved again, doubt carried by draws from the posterior. Nothing is stored.
public struct ScenarioPlanner: Sendable {
    private let workspace: Workspace
    private let ledger: Ledger
    private let now: @Sendable () -> Int64
    private let book: DecisionBook

    public init(workspace: Workspace, now: @escaping @Sendable () -> Int64) throws {
        self.workspace = workspace
        self.now = now
        book = try DecisionBook(workspace: workspace, now: now)
        ledger = book.ledger
    }

    /// One side of the comparison: what would be done.
    struct Side: Sendable {
        var strategy: Strategy
        var catalogue: OfferCatalogue
        var table: CandidateTable
        var plan: Plan
        var ends: EndsEarly
        var refused: [Refusal: Int]
    }

    /// - Parameter draws: models drawn from the posterior; intervals hold 90% of them.
    /// - Throws: `no_snapshot`; `no_models` after a run by rules; `unknown_content`, `unknown_product`, `unknown_rep` for
    ///   names that the workspace does not know.
    public func answer(_ scenario: Scenario, draws: Int) async throws -> ScenarioReport {
        guard let file = SnapshotStore(directory: workspace.snapshotDirectory).current else {
            throw Diagnostic("no_snapshot", "nothing has been published yet", remedy: "run `rapport run` first")
        }
        return try await book.withConnection(file) { connection in
            let run = try await RecordedRun.read(connection, hcpID: nil, workspace)
            guard let model = run.model, !run.isRulesOnly else {
                throw Diagnostic(
                    "no_models", "the last run planned by rules: there are no models to ask",
                    remedy: "run `rapport run` without --rules-only first")
            }
            try Self.check(scenario, run)
            let before = try await side(Scenario(name: "before"), run, model, connection)
            let after = try await side(scenario, run, model, connection)
            let valuation = ScenarioValuation(run: run, seed: run.evidence.strategy.seed)
            let worth = try await OwnThread.run("rapport.scenario") {
                try valuation.draws(draws, model: model, sides: [before, after])
            }
            return ScenarioReport(
                scenario: scenario.name, run: run, before: before, after: after, worth: worth,
                conflicts: [
                    ScenarioConflicts(run, before).count, ScenarioConflicts(run, after).count,
                ])
        }
    }

    private static func check(_ scenario: Scenario, _ run: RecordedRun) throws {
        let contents = Set(run.inputs.shelf.items.map(\.id))
        if let lost = scenario.withdrawn.union(scenario.approved).sorted().first(where: { !contents.contains($0) }) {
            throw Diagnostic("unknown_content", "the workspace knows no content `\(lost)`")
        }
        let products = run.evidence.strategy.objectives.map(\.product)
        if let lost = scenario.levers.keys.sorted().first(where: { !products.contains($0) }) {
            throw Diagnostic(
                "unknown_product", "no objective is about `\(lost)`",
                remedy: "the objectives are about \(products.joined(separator: ", "))")
        }
        let reps = Set(run.inputs.population.reps.map(\.id))
        if let lost = scenario.repCapacity.keys.sorted().first(where: { !reps.contains($0) }) {
            throw Diagnostic("unknown_rep", "the workspace knows no rep `\(lost)`")
        }
    }

    /// The decide step in memory, under the scenario.
    private func side(
        _ scenario: Scenario, _ run: RecordedRun, _ model: ResponseModel, _ connection: WarehouseConnection
    ) async throws -> Side {
        let strategy = scenario.applied(to: run.evidence.strategy)
        var inputs = run.inputs
        inputs.shelf = scenario.applied(to: inputs.shelf)
        let catalogue = OfferCatalogue(strategy: strategy, shelf: inputs.shelf, products: inputs.products)
        let horizon = Horizon(asOf: run.evidence.asOf, strategy: strategy)
        let minutes = scenario.applied(
            to: run.minutes, reps: inputs.population.reps.map(\.id), days: horizon.days.count)
        var changed = workspace
        changed.strategy = strategy
        changed.markets = run.evidence.markets
        let context = RunContext(
            workspace: changed, request: RunRequest(asOf: run.evidence.asOf), connection: connection, ledger: ledger,
            now: now, progress: { _ in })
        let rules = try await Rules.prepare(context, inputs, catalogue, horizon, run.evidence.frozen, minutes)
        let scorer = PlanScorer(
            online: CandidateScorer(
                response: ResponseScorer(model: model, input: inputs.response, actions: catalogue.responseActions),
                outcomes: run.outcomes, terms: catalogue.valueTerms(strategy)),
            trees: run.trees, input: inputs.response)
        let seen = try await SeenContents.read(context, inputs.population, catalogue, inputs.shelf, horizon)
        let known = try await KnownTouches.read(context, inputs.population, catalogue, inputs.shelf, horizon)
        let ends = EndsEarly(catalogue: catalogue, rules: rules, items: inputs.shelf.items, days: horizon.days)
        let (table, counts) = try DecideStep.candidates(
            inputs.population.count, catalogue, rules, scorer, seen, known, strategy.repeats, ends)
        var problem = PlanInputs.problem(
            strategy: strategy, markets: run.evidence.markets, population: inputs.population, catalogue: catalogue,
            horizon: horizon, frozen: run.evidence.frozen, repMinutes: minutes, table: table, arms: run.arms,
            rulesOnly: false, sequences: scenario.sequences, fatigue: { model.fatigue(channel: $0) })
        problem.limits += try await CycleGoals.saved(connection).limits(catalogue, hcps: inputs.population.count)
        var blocks = Blocks()
        try await blocks.addSaved(connection)
        blocks.fill(&problem, catalogue)
        var refused: [Refusal: Int] = [:]
        for (_, reasons) in counts.refused {
            for (reason, hcps) in reasons { refused[reason, default: 0] += hcps }
        }
        var plan = try await Planning.solve(problem)
        // What the contact policy has no room for is dropped here as in a run.
        let prices = OfferPrices(
            catalogue: catalogue, sender: inputs.population.sender, days: horizon.days.count, limits: problem.limits,
            prices: plan.prices)
        known.drop(from: &plan, table, catalogue, horizon.days, prices, ends: ends)
        return Side(strategy: strategy, catalogue: catalogue, table: table, plan: plan, ends: ends, refused: refused)
    }
}

/// What plans are worth under models drawn from the posterior.
struct ScenarioValuation: Sendable {
    let run: RecordedRun
    let seed: UInt64

    /// One planned touch: whose, and by which offer.
    struct Touch: Sendable {
        var hcp: Int
        var offer: Int
        var variant: Int
    }

    /// For each side the touches and, draw by draw, what each is worth in currency.
    struct Worth: Sendable {
        var touches: [[Touch]]
        /// Side → draw → touch.
        var values: [[[Double]]]
    }

    /// The same draw judges all sides, so that what they share cancels in the difference.
    ///
    /// Responses: every weight from its posterior. Outcomes: one factor for each objective and channel, with the mean
    /// relative variance of its touches, never below 0. Released trees have no posterior: each draw moves their log odds by
    /// as much as it moves the online model's for the same touch.
    func draws(_ count: Int, model: ResponseModel, sides: [ScenarioPlanner.Side]) throws -> Worth {
        let touches = sides.map { side -> [Touch] in
            let days = Horizon(asOf: run.evidence.asOf, strategy: side.strategy).days
            var touches: [Touch] = []
            for hcp in 0..<side.table.hcps {
                for touch in side.table.touches(of: hcp, days: days, in: side.plan, ends: side.ends) {
                    touches.append(Touch(hcp: hcp, offer: touch.offer, variant: touch.variant))
                }
            }
            return touches
        }
        var worth = Worth(touches: touches, values: sides.map { _ in [] })
        let centres = try zip(sides, touches).map { try self.centres($0, $1, model) }
        for draw in 0..<count {
            var generator = SeededGenerator(seed: seed, stream: 0x5CE0 + UInt64(draw))
            let drawn = model.drawn(using: &generator)
            var shocks: [String: Double] = [:]
            for objective in run.evidence.strategy.objectives {
                for channel in Channel.allCases { shocks["\(objective.product) \(channel.code)"] = generator.normal() }
            }
            for (number, side) in sides.enumerated() {
                worth.values[number].append(values(side, touches[number], drawn, shocks, centres[number]))
            }
        }
        return worth
    }

    /// Of one touch: what the online model says, and what the released trees say.
    private struct Centre {
        var own: ResponsePair
        var trees: ResponsePair
    }

    /// Where the draws start from, touch by touch; empty without released trees.
    private func centres(
        _ side: ScenarioPlanner.Side, _ touches: [Touch], _ model: ResponseModel
    ) throws -> [Centre] {
        guard let trees = run.trees else { return [] }
        let actions = side.catalogue.responseActions
        let own = ResponseScorer(model: model, input: run.inputs.response, actions: actions)
        let scorer = TreeScorer(model: trees, input: run.inputs.response, actions: actions)
        var result: [Centre] = []
        result.reserveCapacity(touches.count)
        try blocks(of: touches, side) { block, places in
            let (ours, theirs) = (own.score(block), try scorer.score(block))
            for place in places {
                let (hcp, action) = (touches[place].hcp, touches[place].variant)
                result.append(
                    Centre(own: ours.pair(hcp: hcp, action: action), trees: theirs.pair(hcp: hcp, action: action)))
            }
        }
        return result
    }

    /// Touches lie in the order of HCPs: one block of scores at a time.
    private func blocks(
        of touches: [Touch], _ side: ScenarioPlanner.Side, _ body: (Range<Int>, Range<Int>) throws -> Void
    ) rethrows {
        var first = 0
        while first < touches.count {
            let block = touches[first].hcp..<min(touches[first].hcp + 4096, side.table.hcps)
            let end = touches[first...].firstIndex { $0.hcp >= block.upperBound } ?? touches.count
            try body(block, first..<end)
            first = end
        }
    }

    private func values(
        _ side: ScenarioPlanner.Side, _ touches: [Touch], _ model: ResponseModel, _ shocks: [String: Double],
        _ centres: [Centre]
    ) -> [Double] {
        let scorer = CandidateScorer(
            response: ResponseScorer(
                model: model, input: run.inputs.response, actions: side.catalogue.responseActions),
            outcomes: run.outcomes, terms: side.catalogue.valueTerms(side.strategy))
        let factors = side.catalogue.offers.indices.map { offer -> Double in
            let terms = side.catalogue.offers[offer]
            guard let place = side.strategy.objectives.firstIndex(of: terms.objective) else { return 1 }
            let mine = touches.filter { $0.offer == offer }
            guard !mine.isEmpty else { return 1 }
            let variance = mine.reduce(0.0) {
                $0 + Double(run.outcomes[place].gain(hcp: $1.hcp, channel: Int(terms.channel.code)).relativeVariance)
            }
            let shock = shocks["\(terms.objective.product) \(terms.channel.code)"] ?? 0
            return max(0, 1 + shock * (variance / Double(mine.count)).squareRoot())
        }
        var result = [Double](repeating: 0, count: touches.count)
        blocks(of: touches, side) { block, places in
            var drawn = scorer.response.score(block)
            if !centres.isEmpty {
                for place in places {
                    let (hcp, action) = (touches[place].hcp, touches[place].variant)
                    drawn.set(
                        centres[place].trees.moved(
                            from: centres[place].own, to: drawn.pair(hcp: hcp, action: action)),
                        hcp: hcp, action: action)
                }
            }
            let scores = scorer.score(drawn)
            for place in places {
                let touch = touches[place]
                let terms = side.catalogue.offers[touch.offer]
                let effect = Double(scores.score(hcp: touch.hcp, action: touch.variant).effect) * factors[touch.offer]
                result[place] = effect * terms.objective.valuePerUnit * terms.objective.lever - terms.terms.cost
            }
        }
        return result
    }
}

/// Touches of a plan that the rules of today would not have allowed: caps, gaps, and two people on one day.
struct ScenarioConflicts: Sendable {
    private(set) var count = 0

    init(_ run: RecordedRun, _ side: ScenarioPlanner.Side) {
        let strategy = run.evidence.strategy
        let days = Horizon(asOf: run.evidence.asOf, strategy: side.strategy).days
        let rules = days.map { LiveContactRules(caps: strategy.caps, gaps: strategy.gaps, day: $0) }
        let frozen = run.evidence.frozen
        var row = 0
        for hcp in 0..<side.table.hcps {
            var history = LiveHistory()
            while row < frozen.hcp.count, Int(frozen.hcp[row]) <= hcp {
                if Int(frozen.hcp[row]) == hcp {
                    history.add(day: frozen.day[row].number, channel: frozen.channel[row].code)
                }
                row += 1
            }
            for (position, day) in days.enumerated() {
                let choice = Int(side.plan.choice[hcp * days.count + position])
                guard choice >= 0 else { continue }
                let channel = side.catalogue.offers[choice].channel
                if rules[position].refusals(history)[Int(channel.code)] != nil { count += 1 }
                history.add(day: day.number, channel: channel.code)
            }
        }
    }
}
