internal import Decisioning
internal import EngagementModel
internal import Statistics
internal import Warehouse

/// Learns the models beside `response`, released trees among them, and scores the plan's candidates with them, so that they can be judged later on
/// what comes of the plan.
enum ChallengerStep {
    /// Every model but the one that is `response`.
    static func learn(_ context: RunContext, _ inputs: ModelInputs, online: String) async throws {
        let connection = context.connection
        var lines: [(name: String, row: ResponseReport.Row)] = []
        for model in ModelRegister.models(context.workspace) where model.name != online {
            switch model.kind {
            case .online:
                let name = ModelRegister.stored(model.name, released: online)
                var learnt = ResponseModel()
                if let bytes = try await ModelStore.bytes(name, connection) {
                    let stored = try ResponseModel(decoding: bytes)
                    if stored.learnedUntil == context.asOfEnd { continue }
                    if stored.learnedUntil < context.asOfEnd { learnt = stored }
                }
                let report = learnt.learn(inputs.response, options: model.responseOptions)
                lines += report.rows.filter { $0.step == .engaged || $0.step == .reached }.map { (model.name, $0) }
                try await ModelStore.save(
                    name, version: learnt.version, asOf: context.asOf, bytes: learnt.encoded(), connection)
            case .lightgbm:
                lines += try await TreeStep.learn(model, context, inputs).map { (model.name, $0) }
            }
        }
        // What a run that did not get further learnt already keeps its figures.
        try await connection.execute(
            """
            CREATE TABLE IF NOT EXISTS report.challenger (model VARCHAR, step VARCHAR, channel VARCHAR, n BIGINT,
              log_loss DOUBLE, base_log_loss DOUBLE, auc DOUBLE, ece DOUBLE)
            """)
        let others = ModelRegister.models(context.workspace).map(\.name).filter { $0 != online }
        let learnt = Set(lines.map(\.name))
        try await connection.execute(
            "DELETE FROM report.challenger WHERE model NOT IN (\(SQLText.list(others.filter { !learnt.contains($0) } + [""])))"
        )
        guard !lines.isEmpty else { return }
        try await connection.ingest(
            ColumnSet([
                ("model", .text(lines.map(\.name))), ("step", .text(lines.map { "\($0.row.step)" })),
                ("channel", .text(lines.map(\.row.channel.rawValue))),
                ("n", .int64(lines.map { Int64($0.row.score.count) })),
                ("log_loss", .double(lines.map(\.row.score.logLoss))),
                ("base_log_loss", .double(lines.map(\.row.score.baseLogLoss))),
                ("auc", .double(lines.map(\.row.score.auc))), ("ece", .double(lines.map(\.row.score.ece))),
            ]), into: "report.challenger", mode: .append)
    }

    /// Effects of the plan's candidates by every model but the one that planned: `plan.challenger`.
    static func score(
        _ context: RunContext, _ inputs: ModelInputs, _ catalogue: OfferCatalogue, _ table: CandidateTable,
        outcomes: [OutcomeModel], planner: String
    ) async throws {
        let connection = context.connection
        let names = ModelRegister.models(context.workspace).filter { $0.name != planner }
        let online = try await ModelRegister.holder(connection)
        try await connection.ingest(
            ColumnSet([
                ("model", .text([])), ("hcp_no", .int32([])), ("action_no", .int32([])), ("probability", .float([])),
                ("effect", .float([])),
            ]), into: "plan.challenger", mode: .replace)
        for model in names {
            let name = ModelRegister.stored(model.name, released: online)
            guard let bytes = try await ModelStore.bytes(name, connection) else { continue }
            let terms = catalogue.valueTerms(context.workspace.strategy)
            let score: (Range<Int>) throws -> CandidateColumns
            switch model.kind {
            case .online:
                let scorer = CandidateScorer(
                    response: ResponseScorer(
                        model: try ResponseModel(decoding: bytes), input: inputs.response,
                        actions: catalogue.responseActions),
                    outcomes: outcomes, terms: terms)
                score = { scorer.score($0) }
            case .lightgbm:
                score = try TreeStep.scorer(bytes, context, inputs, catalogue, outcomes: outcomes, terms: terms)
            }
            var first = 0
            while first < table.hcps {
                let block = first..<min(first + 8192, table.hcps)
                try await write(model.name, table, try score(block), connection)
                first = block.upperBound
            }
        }
    }

    private static func write(
        _ name: String, _ table: CandidateTable, _ scored: CandidateColumns, _ connection: WarehouseConnection
    ) async throws {
        var columns = (hcp: [Int32](), action: [Int32](), probability: [Float](), effect: [Float]())
        for hcp in scored.hcps {
            for offer in 0..<table.offers where table.variant[hcp * table.offers + offer] >= 0 {
                let score = scored.score(hcp: hcp, action: Int(table.variant[hcp * table.offers + offer]))
                columns.hcp.append(Int32(hcp))
                columns.action.append(Int32(offer))
                columns.probability.append(score.probability)
                columns.effect.append(score.effect)
            }
        }
        try await connection.ingest(
            ColumnSet([
                ("model", .textDictionary(codes: columns.hcp.map { _ in 0 }, values: [name])),
                ("hcp_no", .int32(columns.hcp)), ("action_no", .int32(columns.action)),
                ("probability", .float(columns.probability)), ("effect", .float(columns.effect)),
            ]), into: "plan.challenger", mode: .append)
    }
}

/// Effects that a challenger gave the candidates of a recorded run.
enum ChallengerScores {
    /// By cell of the candidate table; nil where the challenger has none.
    ///
    /// - Throws: `unknown_model` when the run knows no challenger of that name.
    static func read(
        _ name: String, _ run: RecordedRun, _ connection: WarehouseConnection
    ) async throws -> [Float?] {
        guard try await names(connection).contains(name) else {
            throw Diagnostic(
                "unknown_model", "the run \(run.runID) knows no challenger `\(name)`",
                remedy: "name it in models.yaml; runs from then on score with it")
        }
        var result = [Float?](repeating: nil, count: run.table.refusal.count)
        let table = try await connection.query(
            "SELECT hcp_no, action_no, effect FROM plan.challenger WHERE model = ?", [.text(name)])
        let (hcps, actions) = (try table.int32s("hcp_no"), try table.int32s("action_no"))
        for (row, effect) in try table.floats("effect").enumerated() {
            let cell = Int(hcps[row]) * run.table.offers + Int(actions[row])
            if cell < result.count { result[cell] = effect }
        }
        return result
    }

    /// The challengers of a recorded run.
    static func names(_ connection: WarehouseConnection) async throws -> Set<String> {
        let found = try await connection.query(
            "SELECT 1 AS one FROM information_schema.tables WHERE table_schema = 'plan' AND table_name = 'challenger'")
        guard found.rowCount > 0 else { return [] }
        return Set(try await connection.query("SELECT DISTINCT model FROM plan.challenger").texts("model"))
    }
}
