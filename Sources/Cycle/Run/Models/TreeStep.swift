internal import Decisioning
internal import EngagementModel
internal import Ledger
internal import Warehouse

/// The challenger of gradient-boosted trees in a run.
enum TreeStep {
    static func library(_ workspace: Workspace) throws(Diagnostic) -> TreeLibrary {
        try TreeLibrary.load(
            nativeDirectory: workspace.settings.nativeDirectory ?? DriverLocation.nativeDirectory())
    }

    /// Before a run changes anything: the library that its models need.
    ///
    /// - Throws: `library_missing`, `library_unusable`, with what to do.
    static func check(_ workspace: Workspace, _ ledger: Ledger) async throws {
        guard workspace.challengers.contains(where: { $0.kind == .lightgbm }) else { return }
        do throws(Diagnostic) {
            _ = try library(workspace)
        } catch {
            let released = try await ModelRegister.released(workspace, ledger)
            guard ModelRegister.trees(released, workspace) != nil else { throw error }
            throw Diagnostic(
                error.code, "the released model `\(released)` cannot plan: \(error.message)",
                remedy:
                    "run script/setup, which installs it, or `rapport model promote \(ModelRegister.champion)` to plan "
                    + "with the online model; the published plan stands")
        }
    }

    /// The released trees as this run learnt them; nil when an online model is released.
    ///
    /// - Throws: `model_missing` when they were not learnt yet.
    static func planner(
        _ context: RunContext
    ) async throws -> (name: String, bytes: [UInt8], model: TreeResponse)? {
        let released = try await ModelRegister.released(context.workspace, context.ledger)
        guard ModelRegister.trees(released, context.workspace) != nil else { return nil }
        let name = ModelRegister.stored(released, released: ModelRegister.champion)
        guard let bytes = try await ModelStore.bytes(name, context.connection) else {
            throw Diagnostic(
                "model_missing", "the released model `\(released)` has not been learnt",
                remedy: "run all steps of `rapport run`, the learn step among them")
        }
        return (released, bytes, try TreeResponse(decoding: bytes, library: try library(context.workspace)))
    }

    /// The trees that made the plan of a snapshot or record.
    static func planner(_ bytes: [UInt8], _ workspace: Workspace) throws -> TreeResponse {
        try TreeResponse(decoding: bytes, library: try library(workspace))
    }

    /// Learns anew from the whole history, when the day has not been learnt yet; returns how well it predicted.
    ///
    /// - Throws: `library_missing` with the command that installs LightGBM.
    static func learn(
        _ challenger: Challenger, _ context: RunContext, _ inputs: ModelInputs
    ) async throws -> [ResponseReport.Row] {
        let library = try library(context.workspace)
        let name = ModelRegister.stored(challenger.name, released: ModelRegister.champion)
        if let bytes = try await ModelStore.bytes(name, context.connection),
            let stored = try? TreeResponse(decoding: bytes, library: library),
            stored.learnedUntil == context.asOfEnd
        {
            return []
        }
        var options = TreeOptions()
        options.rounds = challenger.rounds ?? options.rounds
        options.leaves = challenger.leaves ?? options.leaves
        options.learningRate = challenger.learningRate ?? options.learningRate
        options.seed = context.workspace.strategy.seed
        let input = inputs.response
        let (model, rows) = try await OwnThread.run("rapport.trees") { [options] in
            try TreeResponse.learn(input, options: options, library: library)
        }
        try await ModelStore.save(
            name, version: model.version, asOf: context.asOf, bytes: model.encoded(), context.connection)
        return rows
    }

    /// Scores of the plan's variants by the stored trees.
    static func scorer(
        _ bytes: [UInt8], _ context: RunContext, _ inputs: ModelInputs, _ catalogue: OfferCatalogue,
        outcomes: [OutcomeModel], terms: [ValueTerms]
    ) throws -> (Range<Int>) throws -> CandidateColumns {
        let trees = TreeScorer(
            model: try TreeResponse(decoding: bytes, library: try library(context.workspace)),
            input: inputs.response, actions: catalogue.responseActions)
        // Outcomes and values are those of every model; only the probabilities are the trees'.
        let values = CandidateScorer(
            response: ResponseScorer(
                model: ResponseModel(), input: inputs.response, actions: catalogue.responseActions),
            outcomes: outcomes, terms: terms)
        return { block in values.score(try trees.score(block)) }
    }
}
