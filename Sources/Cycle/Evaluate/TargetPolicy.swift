internal import Decisioning
internal import EngagementModel
internal import Foundation
internal import Warehouse

/// A policy to be judged on the log: the engine under a strategy and a response model.
struct TargetPolicy: Sendable {
    /// nil = the strategy of each logged run.
    var strategy: Strategy?
    /// Name of the response model; nil = the one that each run planned with.
    var model: String?
    /// Plans that are drawn to count how often each choice is made, repairs included.
    var seeds = 64

    /// Probabilities of one run's HCPs: rows × days × (offers + 1), the last for no touch.
    struct Chances: Sendable {
        /// `channel product` of each offer.
        var actions: [String]
        var days: [Day]
        var probability: [Float]

        subscript(row: Int, day: Int, action: Int) -> Double {
            Double(probability[(row * days.count + day) * (actions.count + 1) + action])
        }
    }

    /// What the engine would do with the candidates of a recorded run: prices solved again, soft policy at its
    /// temperature, exploration floor mixed in, rounding and repair as often as there are seeds. Every HCP is decided by the engine, those of the arms too.
    func chances(_ run: RecordedRun, _ connection: WarehouseConnection, hcps: [Int]) async throws -> Chances {
        let strategy = strategy ?? run.evidence.strategy
        let catalogue = OfferCatalogue(strategy: strategy, shelf: run.inputs.shelf, products: run.inputs.products)
        let horizon = Horizon(asOf: run.evidence.asOf, strategy: strategy)
        let table = try await candidates(run, catalogue, connection)
        let previous = Self.carried(run, catalogue, horizon)
        var problem = PlanInputs.problem(
            strategy: strategy, markets: run.evidence.markets, population: run.inputs.population,
            catalogue: catalogue, horizon: horizon, frozen: run.evidence.frozen,
            repMinutes: Self.minutes(run, horizon), table: table, arms: [], rulesOnly: false,
            fatigue: { run.model?.fatigue(channel: $0) })
        problem.limits += try await CycleGoals.saved(connection).limits(catalogue, hcps: run.inputs.population.count)
        var blocks = Blocks()
        try await blocks.addSaved(connection)
        blocks.fill(&problem, catalogue)
        problem.previousChoice = previous
        problem.maxChangedShare = previous.isEmpty ? nil : strategy.maxChangedShare
        let plan = try await Planning.solve(
            problem, options: PlanOptions(marginals: hcps, propensitySeeds: seeds))
        let actions = catalogue.offers.map { "\($0.channel.rawValue) \($0.objective.product)" }
        var chances = Chances(actions: actions, days: horizon.days, probability: plan.marginals)
        // Without exploration the plan itself is the policy.
        if plan.temperature == 0, problem.explorationFloor == 0 {
            let width = actions.count + 1
            chances.probability = [Float](repeating: 0, count: hcps.count * horizon.days.count * width)
            for (row, hcp) in hcps.enumerated() {
                for day in horizon.days.indices {
                    let choice = Int(plan.choice[hcp * horizon.days.count + day])
                    chances.probability[(row * horizon.days.count + day) * width + (choice < 0 ? width - 1 : choice)] =
                        1
                }
            }
        }
        return chances
    }

    /// The recorded candidates at this strategy's values, with this model's scores.
    private func candidates(
        _ run: RecordedRun, _ catalogue: OfferCatalogue, _ connection: WarehouseConnection
    ) async throws -> CandidateTable {
        let recorded = try await scored(run, connection)
        guard let strategy else { return recorded }
        var table = CandidateTable(hcps: recorded.hcps, offers: catalogue.offers.count)
        table.choose(among: Self.options(recorded, run.catalogue, strategy, catalogue), catalogue)
        for (offer, terms) in catalogue.offers.enumerated() {
            let source = run.catalogue.offers.firstIndex {
                $0.channel == terms.channel && $0.objective.product == terms.objective.product
            }
            for hcp in 0..<table.hcps {
                let cell = hcp * table.offers + offer
                guard let source else {
                    table.refusal[cell] = Refusal.contentNotApproved.code
                    continue
                }
                let from = hcp * recorded.offers + source
                // Caps and gaps are the planner's to check: the change may be about them.
                let refusal = Refusal(code: recorded.refusal[from])
                let isHistory = refusal == .capReached || refusal == .gapTooShort
                table.refusal[cell] = isHistory ? EligibilityResult.eligible : recorded.refusal[from]
                table.probability[cell] = recorded.probability[from]
                table.effect[cell] = recorded.effect[from]
                table.value[cell] = terms.value(ofEffect: recorded.effect[from])
            }
        }
        return table
    }

    /// The recorded contents in this strategy's offers and at its values.
    private static func options(
        _ recorded: CandidateTable, _ old: OfferCatalogue, _ strategy: Strategy, _ catalogue: OfferCatalogue
    ) -> ContentOptions? {
        guard let rule = strategy.repeats, let options = recorded.options else { return nil }
        let places = old.offers.map { offer in
            catalogue.offers.firstIndex {
                $0.channel == offer.channel && $0.objective.product == offer.objective.product
            }
        }
        let rows = options.rows.compactMap { row -> ContentOptions.Row? in
            guard let offer = places[Int(row.offer)] else { return nil }
            var row = row
            row.variant +=
                Int32(catalogue.variantRange[offer].lowerBound)
                - Int32(old.variantRange[Int(row.offer)].lowerBound)
            row.offer = Int32(offer)
            row.value = catalogue.offers[offer].value(ofEffect: row.effect)
            return row
        }
        return ContentOptions(rule, rows: rows)
    }

    /// - Throws: `unknown_model` when the run did not learn a challenger of that name.
    private func scored(_ run: RecordedRun, _ connection: WarehouseConnection) async throws -> CandidateTable {
        guard let model else { return run.table }
        let effects = try await ChallengerScores.read(model, run, connection)
        var table = run.table
        for cell in table.refusal.indices {
            guard let effect = effects[cell] else { continue }
            table.effect[cell] = effect
            table.value[cell] = run.catalogue.offers[cell % table.offers].value(ofEffect: effect)
        }
        if let options = run.table.options {
            // A challenger scores the content that stands for an offer: the others keep their ratio to it.
            let rows = options.rows.map { row -> ContentOptions.Row in
                let cell = Int(row.hcp) * table.offers + Int(row.offer)
                guard let effect = effects[cell], run.table.effect[cell] > 0 else { return row }
                var row = row
                row.effect *= effect / run.table.effect[cell]
                row.value = run.catalogue.offers[Int(row.offer)].value(ofEffect: row.effect)
                return row
            }
            table.choose(among: ContentOptions(options.rule, rows: rows), run.catalogue)
        }
        return table
    }

    /// Minutes of the reps' days on this horizon: those recorded; a day beyond them has the rep's last day's.
    private static func minutes(_ run: RecordedRun, _ horizon: Horizon) -> [Float] {
        let width = run.horizon.days.count
        guard width > 0 else { return [] }
        return (0..<(run.minutes.count / width)).flatMap { rep in
            horizon.days.indices.map { run.minutes[rep * width + min($0, width - 1)] }
        }
    }

    /// Yesterday's plan in this strategy's offers and days.
    private static func carried(_ run: RecordedRun, _ catalogue: OfferCatalogue, _ horizon: Horizon) -> [Int16] {
        let choices = run.evidence.previous.choices
        guard !choices.isEmpty else { return [] }
        let place = run.catalogue.offers.map { old in
            Int16(
                catalogue.offers.firstIndex {
                    $0.channel == old.channel && $0.objective.product == old.objective.product
                } ?? -1)
        }
        let (old, new) = (run.horizon.days.count, horizon.days.count)
        var result = [Int16](repeating: -1, count: choices.count / max(old, 1) * new)
        for hcp in 0..<(choices.count / max(old, 1)) {
            for day in 0..<min(old, new) where choices[hcp * old + day] >= 0 {
                result[hcp * new + day] = place[Int(choices[hcp * old + day])]
            }
        }
        return result
    }
}
