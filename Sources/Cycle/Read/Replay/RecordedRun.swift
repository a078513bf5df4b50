internal import Decisioning
internal import EngagementModel
internal import Statistics
internal import Warehouse

/// What a snapshot, or the record kept after it, holds of its run: candidates, prices and versions as recorded, models,
/// and in a snapshot the histories to score again.
/// Nothing is asked of the ledger or of the workspace's files.
struct RecordedRun: Sendable {
    let runID: String
    let strategyVersion: String
    let modelVersion: String
    let evidence: PlanEvidence
    let inputs: ModelInputs
    let catalogue: OfferCatalogue
    let horizon: Horizon
    /// As recorded.
    let table: CandidateTable
    let recordedPrices: PlanPrices
    let recordedTemperature: Double
    /// By decision: digest of the features, as recorded.
    let featureHashes: [String: String]
    /// HCPs and days whose drawn touch was dropped, because the consent or the approval of that very one ends before.
    let lapsed: Set<HCPDay>

    struct HCPDay: Hashable, Sendable {
        var hcp: Int32
        var day: Day
    }
    let arms: [PlanArm]
    /// nil for a plan by rules.
    let model: ResponseModel?
    let outcomes: [OutcomeModel]
    /// nil for a plan by rules, and where no histories are kept.
    let scorer: PlanScorer?
    /// The trees that planned, with what `scorer` needs; nil otherwise.
    var trees: TreeResponse? { scorer?.trees?.model }
    let isRulesOnly: Bool
    let minutes: [Float]
    /// Roundings over which the logged propensities were counted; 0 = the formula.
    let propensitySeeds: Int

    /// - Parameter only: the HCP whose scores are wanted, so that this history alone is read; nil = all.
    /// - Throws: `library_missing` where trees planned, histories are kept, and LightGBM is not there to score them again.
    static func read(
        _ connection: WarehouseConnection, hcpID only: String?, _ workspace: Workspace
    ) async throws -> RecordedRun {
        let run = try await connection.query("SELECT * FROM plan.run")
        // Records of earlier versions hold the formula's.
        let seeds = run.schema.names.contains("propensity_seeds") ? try run.int32s("propensity_seeds")[0] : 0
        let isRulesOnly = try run.texts("mode") == ["rules_only"]
        let people = try await connection.query("SELECT count(*) AS n FROM mart.hcp").int64s("n")[0]
        let evidence = try await PlanEvidence.read(connection) {
            Int(people) * Horizon(asOf: $0.asOf, strategy: $0.strategy).days.count
        }
        let population = try await Population.read(
            connection, asOf: evidence.asOf, defaultZone: evidence.defaultZone)
        let history = try await connection.query(
            "SELECT 1 AS one FROM information_schema.tables WHERE table_schema = 'mart' AND table_name = 'touch'")
        let inputs = try await inputs(connection, population, evidence, only, hasHistory: history.rowCount > 0)
        let strategy = evidence.strategy
        let catalogue = OfferCatalogue(strategy: strategy, shelf: inputs.shelf, products: inputs.products)
        let (prices, minutes) = try await RecordedPlan.prices(connection)
        let models = isRulesOnly ? nil : try await models(connection, strategy)
        let planner = isRulesOnly ? nil : try await ModelStore.planner(connection)
        let scorer = try models.flatMap { models in
            history.rowCount == 0
                ? nil
                : PlanScorer(
                    online: CandidateScorer(
                        response: ResponseScorer(
                            model: models.response, input: inputs.response, actions: catalogue.responseActions),
                        outcomes: models.outcomes, terms: catalogue.valueTerms(strategy)),
                    trees: try planner.map { try TreeStep.planner($0.bytes, workspace) }, input: inputs.response)
        }
        return RecordedRun(
            runID: try run.texts("run_id")[0], strategyVersion: try run.texts("strategy_version")[0],
            modelVersion: planner.map { TreeResponse.version(of: $0.bytes) } ?? models?.response.version ?? "rules",
            evidence: evidence, inputs: inputs, catalogue: catalogue,
            horizon: Horizon(asOf: evidence.asOf, strategy: strategy),
            table: try await RecordedPlan.candidates(connection, inputs, catalogue, strategy.repeats),
            recordedPrices: prices,
            recordedTemperature: try run.doubles("temperature")[0],
            featureHashes: try await RecordedPlan.features(connection),
            lapsed: try await RecordedPlan.lapsed(connection),
            arms: PlanInputs.arms(population, strategy, rulesOnly: isRulesOnly), model: models?.response,
            outcomes: models?.outcomes ?? [], scorer: scorer, isRulesOnly: isRulesOnly, minutes: minutes,
            propensitySeeds: Int(seeds))
    }

    private static func inputs(
        _ connection: WarehouseConnection, _ population: Population, _ evidence: PlanEvidence, _ only: String?,
        hasHistory: Bool
    ) async throws -> ModelInputs {
        let shelf = try await ContentShelf.read(connection)
        var products = Interner(evidence.strategy.objectives.map(\.product))
        for item in shelf.items { _ = products.optional(item.product) }
        let number = only.flatMap { population.hcpIDs.firstIndex(of: $0) }
        let touches =
            hasHistory
            ? try await RecordedPlan.touches(
                connection, hcp: number, contents: shelf.ids, products: products,
                reps: Interner(population.reps.map(\.id)))
            : TouchColumns(hcp: [], time: [], channel: [], level: [])
        return ModelInputs(
            population: population, shelf: shelf, products: products,
            response: try ResponseInput(
                touches: touches, hcps: ModelInputs.columns(population), contents: shelf.columns,
                reps: population.reps.map(\.id), asOf: Int64(evidence.asOf.number + 1) * 86_400_000_000 - 1))
    }

    private static func models(
        _ connection: WarehouseConnection, _ strategy: Strategy
    ) async throws -> (response: ResponseModel, outcomes: [OutcomeModel]) {
        func bytes(_ name: String) async throws -> [UInt8] {
            guard let bytes = try await ModelStore.read(name, connection) else {
                throw Diagnostic(
                    "record_incomplete", "the record does not hold the model `\(name)` of its plan",
                    remedy: "run again: a run stores the models that it plans with")
            }
            return bytes
        }
        let response = try ResponseModel(decoding: try await bytes("response"))
        var outcomes: [OutcomeModel] = []
        for objective in strategy.objectives {
            outcomes.append(
                try OutcomeModel(decoding: try await bytes("outcome \(objective.product) \(objective.measure)")))
        }
        return (response, outcomes)
    }
}
