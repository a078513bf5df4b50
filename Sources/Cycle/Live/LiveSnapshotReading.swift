internal import Decisioning
internal import EngagementModel
internal import Foundation
internal import Ledger
internal import Warehouse

/// Reads a published plan into the parts of a `LiveSnapshot`.
struct LiveSnapshotReading: Sendable {
    let id: String
    let context: RunContext
    let runID: String
    let modelVersion: String
    let isRulesOnly: Bool
    let temperature: Double
    let inputs: ModelInputs
    let catalogue: OfferCatalogue
    let candidates: LiveCandidates
    let prices: LivePrices
    let names: LiveNames
    let scorer: LiveScorer?
    let template: EligibilityInput
    let touches: (start: [Int32], day: [Int32], channel: [UInt8])
    let known: KnownTouches

    /// Opens the file and reads it.
    ///
    /// - Throws: `no_plan` when it holds none, and what the engine says.
    static func open(
        _ file: URL, workspace: Workspace, ledger: Ledger, now: @escaping @Sendable () -> Int64
    ) async throws -> LiveSnapshot {
        let warehouse = try Warehouse.open(workspace.warehouseOptions(path: file.path, readOnly: true))
        do {
            let connection = try warehouse.connect()
            let parts = try await read(
                file.lastPathComponent, connection, workspace: workspace, ledger: ledger, now: now)
            return LiveSnapshot(parts, warehouse: warehouse, connection: connection)
        } catch {
            warehouse.close()
            throw error
        }
    }

    private static func read(
        _ id: String, _ connection: WarehouseConnection, workspace: Workspace, ledger: Ledger,
        now: @escaping @Sendable () -> Int64
    ) async throws -> LiveSnapshotReading {
        let run = try await connection.query("SELECT run_id, as_of, model_version, temperature, mode FROM plan.run")
        guard run.rowCount > 0, let asOf = try run.days("as_of")[0] else {
            throw Diagnostic("no_plan", "The snapshot holds no plan.", remedy: "run `rapport run` first")
        }
        let isRulesOnly = try run.texts("mode") == ["rules_only"]
        let context = RunContext(
            workspace: workspace, request: RunRequest(asOf: asOf), connection: connection, ledger: ledger, now: now,
            progress: { _ in })
        let inputs = try await inputs(context)
        let population = inputs.population
        let catalogue = OfferCatalogue(strategy: workspace.strategy, shelf: inputs.shelf, products: inputs.products)
        let horizon = Horizon(asOf: asOf, days: (0..<LiveSnapshot.reach).map { asOf + $0 })
        let frozen = try await FrozenTouches.read(context, population, horizon)
        let minutes = try await Capacity.read(connection, population, horizon, frozen)
        let rules = try await Rules.prepare(context, inputs, catalogue, horizon, frozen, minutes)
        var start = [Int32](repeating: 0, count: population.count + 1)
        for hcp in frozen.hcp { start[Int(hcp) + 1] += 1 }
        for i in 0..<population.count { start[i + 1] += start[i] }
        return LiveSnapshotReading(
            id: id, context: context, runID: try run.texts("run_id")[0],
            modelVersion: try run.texts("model_version")[0], isRulesOnly: isRulesOnly,
            temperature: try run.doubles("temperature")[0], inputs: inputs, catalogue: catalogue,
            candidates: try await LiveCandidates.read(
                connection, hcps: population.count, catalogue: catalogue, shelf: inputs.shelf),
            prices: try await LivePrices.read(
                connection, reps: population.reps.map(\.id),
                days: Horizon(asOf: asOf, strategy: workspace.strategy).days, catalogue: catalogue,
                strategy: workspace.strategy),
            names: try await LiveNames.read(connection, hcpIDs: population.hcpIDs),
            scorer: isRulesOnly ? nil : try await scorer(context, inputs, catalogue), template: rules.input,
            touches: (start, frozen.day.map(\.number), frozen.channel.map(\.code)),
            known: try await KnownTouches.read(
                context, population, catalogue, inputs.shelf, horizon, isLive: true))
    }

    /// What a run reads, but for the history of touches: that is read for one HCP at a time.
    private static func inputs(_ context: RunContext) async throws -> ModelInputs {
        let population = try await Population.read(
            context.connection, asOf: context.asOf, defaultZone: context.workspace.settings.timezone)
        let shelf = try await ContentShelf.read(context.connection)
        var products = Interner(context.workspace.strategy.objectives.map(\.product))
        for item in shelf.items { _ = products.optional(item.product) }
        let hcps = ModelInputs.columns(population)
        let response = try ResponseInput(
            touches: TouchColumns(hcp: [], time: [], channel: [], level: []), hcps: hcps, contents: shelf.columns,
            reps: population.reps.map(\.id), asOf: context.asOfEnd)
        return ModelInputs(population: population, shelf: shelf, products: products, response: response)
    }

    /// The models that made the plan; nil when one of them is missing, is of another version of the program, or needs a
    /// library that is not there: then the plan's own scores serve until the next run.
    private static func scorer(
        _ context: RunContext, _ inputs: ModelInputs, _ catalogue: OfferCatalogue
    ) async throws -> LiveScorer? {
        do { return try await models(context, inputs, catalogue) } catch let diagnostic as Diagnostic
            where ["model_damaged", "library_missing", "library_unusable"].contains(diagnostic.code)
        { return nil }
    }

    private static func models(
        _ context: RunContext, _ inputs: ModelInputs, _ catalogue: OfferCatalogue
    ) async throws -> LiveScorer? {
        let strategy = context.workspace.strategy
        guard let bytes = try await ModelStore.read("response", context.connection) else { return nil }
        var outcomes: [OutcomeModel] = []
        for objective in strategy.objectives {
            let name = "outcome \(objective.product) \(objective.measure)"
            guard let stored = try await ModelStore.read(name, context.connection) else { return nil }
            outcomes.append(try OutcomeModel(decoding: stored))
        }
        let planner = try await ModelStore.planner(context.connection)
        return LiveScorer(
            model: try ResponseModel(decoding: bytes),
            trees: try planner.map { try TreeStep.planner($0.bytes, context.workspace) }, outcomes: outcomes,
            actions: catalogue.responseActions,
            terms: catalogue.valueTerms(strategy),
            contents: inputs.shelf.columns, reps: inputs.population.reps.map(\.id), hcps: inputs.response.hcps)
    }
}

extension Horizon {
    /// Given days instead of business days: a live moment may fall on any.
    init(asOf: Day, days: [Day]) {
        self.asOf = asOf
        self.days = days
    }
}
