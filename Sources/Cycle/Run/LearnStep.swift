internal import Decisioning
internal import EngagementModel
internal import Statistics
internal import Warehouse

/// Features, the response model, and for each objective the outcome model with its forecast of the next month.
enum LearnStep {
    static func run(_ context: RunContext, _ memory: inout RunMemory, _ summary: inout RunSummary) async throws {
        _ = try await Marts.features(context.connection, runID: context.runID)
        guard !context.request.rulesOnly else { return }
        let inputs = try await memory.inputs(context)
        let released = try await ModelRegister.released(context.workspace, context.ledger)
        let online = ModelRegister.online(released, context.workspace)
        try await ModelRegister.exchange(online, context.connection)
        let options = ModelRegister.models(context.workspace).first { $0.name == online }?.responseOptions
        let model = try await learnResponses(context, inputs, options ?? ResponseOptions(), &summary)
        memory.response = model
        try await ChallengerStep.learn(context, inputs, online: online)
        if released != online {
            summary.calibration = try await calibration(
                context.connection, "report.challenger WHERE model = ?", [.text(released)])
        }
        memory.outcomes = try await learnOutcomes(context, inputs)
    }

    // MARK: Responses

    /// Continues the model of the snapshot; begins anew when there is none, or when the day lies before what it knows.
    private static func learnResponses(
        _ context: RunContext, _ inputs: ModelInputs, _ options: ResponseOptions, _ summary: inout RunSummary
    ) async throws -> ResponseModel {
        let connection = context.connection
        var model = ResponseModel()
        if let bytes = try await ModelStore.bytes("response", connection), !ResponseModel.isOfOtherFormat(bytes) {
            let stored = try ResponseModel(decoding: bytes)
            if stored.learnedUntil == context.asOfEnd {
                // Learnt already, by a run that did not get further: the same model, or a rerun would plan with another.
                summary.calibration = try await calibration(connection)
                return stored
            }
            if stored.learnedUntil < context.asOfEnd { model = stored }
        }
        let report = model.learn(inputs.response, options: options)
        let rows = report.rows.filter { $0.step == .engaged || $0.step == .reached }
        try await connection.ingest(
            ColumnSet([
                ("step", .text(rows.map { "\($0.step)" })), ("channel", .text(rows.map(\.channel.rawValue))),
                ("n", .int64(rows.map { Int64($0.score.count) })), ("log_loss", .double(rows.map(\.score.logLoss))),
                ("base_log_loss", .double(rows.map(\.score.baseLogLoss))), ("auc", .double(rows.map(\.score.auc))),
                ("ece", .double(rows.map(\.score.ece))), ("raw_ece", .double(rows.map(\.rawECE))),
            ]), into: "report.calibration", mode: .replace)
        let bins = rows.flatMap { row in row.score.bins.map { (row, $0) } }
        try await connection.ingest(
            ColumnSet([
                ("step", .text(bins.map { "\($0.0.step)" })), ("channel", .text(bins.map(\.0.channel.rawValue))),
                ("low", .double(bins.map(\.1.low))), ("high", .double(bins.map(\.1.high))),
                ("n", .int64(bins.map { Int64($0.1.count) })), ("predicted", .double(bins.map(\.1.predicted))),
                ("observed", .double(bins.map(\.1.observed))),
            ]), into: "report.calibration_bin", mode: .replace)
        // Last, so that a stored model says that all of this is there.
        try await ModelStore.save(
            "response", version: model.version, asOf: context.asOf, bytes: model.encoded(), connection)
        summary.calibration = try await calibration(connection)
        return model
    }

    /// How well the model that plans predicts.
    private static func calibration(
        _ connection: WarehouseConnection, _ source: String = "report.calibration", _ values: [SQLValue] = []
    ) async throws -> [RunSummary.CalibrationLine] {
        let table = try await connection.query(
            "SELECT channel || ' ' || step AS name, n, log_loss, base_log_loss, auc, ece FROM \(source)", values)
        let names = try table.texts("name")
        let counts = try table.int64s("n")
        let (loss, base) = (try table.doubles("log_loss"), try table.doubles("base_log_loss"))
        let (auc, error) = (try table.doubles("auc"), try table.doubles("ece"))
        return names.indices.map {
            RunSummary.CalibrationLine(
                channel: names[$0], touches: Int(counts[$0]), logLoss: loss[$0], baseLogLoss: base[$0], auc: auc[$0],
                calibrationError: error[$0])
        }
    }

    // MARK: Outcomes

    private static func learnOutcomes(_ context: RunContext, _ inputs: ModelInputs) async throws -> [OutcomeModel] {
        var models: [OutcomeModel] = []
        var forecasts = Forecasts.Rows()
        let fits = try await OutcomeFit.models(context, inputs)
        for (number, objective) in context.workspace.strategy.objectives.enumerated() {
            let (model, last) = fits[number]
            models.append(model)
            if !model.isAssumption {
                forecasts.append(objective, month: last + 1, model.expected, Int32(number))
            }
        }
        try await Forecasts.save(forecasts, context)
        return models
    }
}

/// The outcome models of all objectives: the stored ones while their inputs are the same, else all are fitted anew, since
/// each begins with what the months of the others say.
enum OutcomeFit {
    static func models(
        _ context: RunContext, _ inputs: ModelInputs
    ) async throws -> [(model: OutcomeModel, lastMonth: Int32)] {
        let objectives = context.workspace.strategy.objectives
        var months: [OutcomeMonths] = []
        // A month is complete when it is over; what is delivered late is missing for everyone alike.
        let complete = Month.index(of: context.asOf + 1) - 1
        for objective in objectives {
            let volumes = try await Volumes.read(context.connection, objective)
            months.append(
                OutcomeMonths(
                    volumes: volumes, product: inputs.products.known(objective.product),
                    last: min(complete, volumes.month.max() ?? complete)))
        }
        let version = OutcomeModel.inputs(months, hcps: inputs.response.hcps)
        var stored: [OutcomeModel] = []
        for (objective, months) in zip(objectives, months) {
            guard let bytes = try await ModelStore.bytes(name(objective), version: version, context.connection),
                var model = try? OutcomeModel(decoding: bytes)
            else { break }
            model.refresh(touches: inputs.response, product: months.product)
            stored.append(model)
        }
        let models =
            stored.count == objectives.count ? stored : OutcomeModel.learn(months, touches: inputs.response)
        for (objective, model) in zip(objectives, models) {
            // Live decisions read it: what touches have left moves on every day.
            try await ModelStore.save(
                name(objective), version: version, asOf: context.asOf, bytes: model.encoded(), context.connection)
        }
        return zip(models, months).map { ($0, $1.last) }
    }

    private static func name(_ objective: Strategy.Objective) -> String {
        "outcome \(objective.product) \(objective.measure)"
    }
}

/// What the learn step hands to the decide step, and that to the publish step; read again where a resumed run begins.
struct RunMemory: Sendable {
    /// Decisions by HCP and day, and their places in the senders' days.
    struct Plan: Sendable {
        var decisions: [Decision]
        var ranks: [Int32]
    }

    var plan: Plan?
    private var read: ModelInputs?
    var response: ResponseModel?
    var outcomes: [OutcomeModel]?

    mutating func inputs(_ context: RunContext) async throws -> ModelInputs {
        if let read { return read }
        let inputs = try await ModelInputs.read(context)
        read = inputs
        return inputs
    }

    /// The models of the learn step; after a resumption learnt again from what is stored.
    mutating func models(_ context: RunContext) async throws -> (response: ResponseModel, outcomes: [OutcomeModel]) {
        if let response, let outcomes { return (response, outcomes) }
        let inputs = try await inputs(context)
        let stored = try await ModelStore.bytes("response", context.connection)
        let response = try stored.map { try ResponseModel(decoding: $0) } ?? ResponseModel()
        let outcomes = try await OutcomeFit.models(context, inputs).map(\.model)
        (self.response, self.outcomes) = (response, outcomes)
        return (response, outcomes)
    }
}

/// Monthly outcomes of one objective.
enum Volumes {
    static func read(_ connection: WarehouseConnection, _ objective: Strategy.Objective) async throws -> VolumeColumns {
        let table = try await connection.query(
            """
            SELECT hcp_no, CAST((year(month) - 1970) * 12 + month(month) - 1 AS INTEGER) AS month, CAST(value AS DOUBLE) AS value
            FROM mart.volume_month WHERE product_id = ? AND measure = ? ORDER BY hcp_no, month
            """, [.text(objective.product), .text(objective.measure)])
        return VolumeColumns(
            hcp: try table.int32s("hcp_no"), month: try table.int32s("month"), value: try table.doubles("value"))
    }
}
