internal import Decisioning
package import EngagementModel
internal import Foundation
package import Ledger
internal import Warehouse

/// Plans again with a changed strategy, from the candidates of the published run: "what would this lever change?".
///
/// Values follow levers, costs and minutes; caps and gaps are the changed ones. What the models say stays as it was,
/// and so do refusals for consent, approval and territory. Nothing is stored.
package struct WhatIfPlanner: Sendable {
    private let workspace: Workspace
    private let ledger: Ledger
    private let now: @Sendable () -> Int64

    package init(workspace: Workspace, ledger: Ledger, now: @escaping @Sendable () -> Int64) {
        self.workspace = workspace
        self.ledger = ledger
        self.now = now
    }

    /// A plan in figures.
    package struct Figures: Sendable {
        package var touches: [Channel: Int] = [:]
        package var value = 0.0
        package var cost = 0.0
        package var hcps = 0
        package var refusals: [Refusal: Int] = [:]
        package var gap = 0.0
    }

    /// The published strategy and a changed one, planned alike; the horizon and the channels stay.
    ///
    /// Arms, exploration and fatigue are those of the run, so that `before` is the published plan but for the bound on
    /// changes from the day before.
    package func compare(_ strategy: Strategy) async throws -> (before: Figures, after: Figures) {
        guard let file = SnapshotStore(directory: workspace.snapshotDirectory).current else {
            throw Diagnostic("no_snapshot", "nothing has been published yet", remedy: "run `rapport run` first")
        }
        let warehouse = try Warehouse.open(workspace.warehouseOptions(path: file.path, readOnly: true))
        defer { warehouse.close() }
        let connection = try warehouse.connect()
        let before = try await plan(workspace.strategy, connection)
        return (before, try await plan(strategy, connection))
    }

    private func plan(_ strategy: Strategy, _ connection: WarehouseConnection) async throws -> Figures {
        let run = try await connection.query("SELECT as_of, mode FROM plan.run")
        guard let asOf = try run.days("as_of").first ?? nil else {
            throw Diagnostic("no_plan", "the snapshot holds no plan", remedy: "run `rapport run` first")
        }
        let rulesOnly = try run.texts("mode") == ["rules_only"]
        var changed = workspace
        changed.strategy = strategy
        let context = RunContext(
            workspace: changed, request: RunRequest(asOf: asOf), connection: connection, ledger: ledger, now: now,
            progress: { _ in })
        let population = try await Population.read(connection, asOf: asOf, defaultZone: workspace.settings.timezone)
        let shelf = try await ContentShelf.read(connection)
        var products = Interner(strategy.objectives.map(\.product))
        for item in shelf.items { _ = products.optional(item.product) }
        let catalogue = OfferCatalogue(strategy: strategy, shelf: shelf, products: products)
        let horizon = Horizon(asOf: asOf, strategy: strategy)
        let seen = try await SeenContents.read(context, population, catalogue, shelf, horizon)
        var table = try await candidates(connection, population.count, catalogue, shelf, seen)
        table.choose(
            among: try await options(connection, strategy.repeats, shelf, catalogue), catalogue)
        // Decisions that people took are part of the plan that is compared; appointments stand.
        let frozen = try await FrozenTouches.read(context, population, horizon)
        let minutes = try await Capacity.read(connection, population, horizon, frozen)
        let response = try await ModelStore.read("response", connection).map { try ResponseModel(decoding: $0) }
        var problem = PlanInputs.problem(
            strategy: strategy, markets: workspace.markets, population: population, catalogue: catalogue,
            horizon: horizon, frozen: frozen, repMinutes: minutes, table: table,
            arms: PlanInputs.arms(population, strategy, rulesOnly: rulesOnly), rulesOnly: rulesOnly,
            fatigue: { rulesOnly ? nil : response?.fatigue(channel: $0) })
        problem.limits += try await CycleGoals.saved(connection).limits(catalogue, hcps: population.count)
        var blocks = try await Blocks.dismissed(context, population, horizon)
        try await blocks.addSaved(connection)
        blocks.fill(&problem, catalogue)
        var plan = try await Planning.solve(problem)
        // What the contact policy has no room for is dropped here as in a run.
        let known = try await KnownTouches.read(context, population, catalogue, shelf, horizon)
        let prices = OfferPrices(
            catalogue: catalogue, sender: population.sender, days: horizon.days.count, limits: problem.limits,
            prices: plan.prices)
        known.drop(from: &plan, table, catalogue, horizon.days, prices)
        return figures(plan, table, catalogue, horizon.days)
    }

    private func candidates(
        _ connection: WarehouseConnection, _ count: Int, _ catalogue: OfferCatalogue, _ shelf: ContentShelf,
        _ seen: SeenContents
    ) async throws -> CandidateTable {
        let stored = try await connection.query(
            """
            SELECT c.*, a.channel, a.product_id
            FROM plan.candidate AS c JOIN plan.action AS a ON a.action_no = c.action_no
            """)
        var offerOf: [String: Int] = [:]
        for (number, offer) in catalogue.offers.enumerated() {
            offerOf["\(offer.channel.rawValue) \(offer.objective.product)"] = number
        }
        var table = CandidateTable(hcps: count, offers: catalogue.offers.count)
        for cell in table.refusal.indices { table.refusal[cell] = Refusal.contentNotApproved.code }
        let hcps = try stored.int32s("hcp_no")
        let channels = try stored.texts("channel")
        let products = try stored.texts("product_id")
        let refusals = try stored.strings("refusal")
        let effects = try stored.floats("effect")
        let contents = try stored.strings("content_id")
        var variants: [String: Int] = [:]
        for (number, variant) in catalogue.variants.enumerated() {
            variants["\(variant.offer) \(variant.content.map { shelf.items[$0].id } ?? "")"] = number
        }
        let rules = stored.columns.contains("rule") ? try stored.strings("rule") : hcps.map { _ in nil }
        for i in hcps.indices {
            guard let offer = offerOf["\(channels[i]) \(products[i])"], Int(hcps[i]) < count else { continue }
            let cell = Int(hcps[i]) * catalogue.offers.count + offer
            let refusal = refusals[i].flatMap(Refusal.init(rawValue:))
            // Caps and gaps are the planner's to check: the change may be about them. What was sent lately is not.
            // Nor are the rules of `contact.yaml`.
            let isSeen = refusal == .gapTooShort && seen.closes(offer, to: Int(hcps[i]), catalogue)
            let stands =
                refusal != nil
                && (rules[i] != nil || refusal != .capReached && (refusal != .gapTooShort || isSeen))
            table.refusal[cell] = stands ? (refusal?.code ?? 0) : EligibilityResult.eligible
            let terms = catalogue.offers[offer]
            table.variant[cell] = Int32(
                variants["\(offer) \(contents[i] ?? "")"] ?? catalogue.variantRange[offer].lowerBound)
            table.effect[cell] = effects[i]
            table.value[cell] = terms.value(ofEffect: effects[i])
        }
        return table
    }

    /// The run's contents at this strategy's values.
    private func options(
        _ connection: WarehouseConnection, _ rule: Strategy.Gap?, _ shelf: ContentShelf, _ catalogue: OfferCatalogue
    ) async throws -> ContentOptions? {
        let actions = try await connection.query("SELECT channel, product_id FROM plan.action ORDER BY action_no")
        let places = zip(try actions.texts("channel"), try actions.texts("product_id")).map { channel, product in
            catalogue.offers.firstIndex { $0.channel.rawValue == channel && $0.objective.product == product }
        }
        return try await RecordedPlan.options(
            connection, rule, shelf, catalogue, offerOf: { places[$0] },
            valued: { $0.value = catalogue.offers[Int($0.offer)].value(ofEffect: $0.effect) })
    }

    private func figures(_ plan: Plan, _ table: CandidateTable, _ catalogue: OfferCatalogue, _ days: [Day]) -> Figures {
        var result = Figures()
        result.gap = plan.gap
        for hcp in 0..<table.hcps {
            let touches = table.touches(of: hcp, days: days, in: plan)
            for touch in touches {
                let offer = catalogue.offers[touch.offer]
                result.touches[offer.channel, default: 0] += 1
                result.value += Double(touch.value)
                result.cost += offer.terms.cost
            }
            if !touches.isEmpty { result.hcps += 1 }
        }
        for code in table.refusal where code != EligibilityResult.eligible {
            if let refusal = Refusal(code: code) { result.refusals[refusal, default: 0] += 1 }
        }
        return result
    }
}
