internal import Decisioning
internal import EngagementModel
internal import Warehouse

extension DecisionBook {
    /// The parts of a planned decision's score, from the run's record.
    ///
    /// - Throws: `no_contributions` for what no model scored; `replay_differs` when the record does not give the logged
    ///   effect back, bit for bit: then the parts would be of another score.
    func contributions(_ decision: Decision) async throws -> Explanation.Contributions {
        guard let channel = decision.channel else {
            throw Diagnostic(
                "no_contributions", "the decision is to leave the HCP alone: there is no score to take apart")
        }
        let connection = try snapshot()
        guard try await connection.query("SELECT run_id FROM plan.run").texts("run_id").first == decision.runID else {
            throw Diagnostic(
                "no_contributions", "the decision is not of the newest run, whose histories are kept",
                remedy: "ask for a decision of the newest run")
        }
        let run = try await RecordedRun.read(connection, hcpID: decision.hcpID, workspace)
        guard let scorer = run.scorer, let hcp = run.inputs.population.hcpIDs.firstIndex(of: decision.hcpID),
            let offer = run.catalogue.offers.firstIndex(where: {
                $0.channel == channel && $0.objective.product == decision.productID
            })
        else { throw Diagnostic("no_contributions", "the decision was made by rules, without a model") }
        let content = decision.contentID.flatMap { id in run.inputs.shelf.items.firstIndex { $0.id == id } }
        guard
            let variant = run.catalogue.variantRange[offer].first(where: {
                run.catalogue.variants[$0].content == content
            })
        else { throw Diagnostic("no_contributions", "the record holds no score for the choice") }
        let trace = try scorer.trace(hcp: hcp, action: variant)
        let mean = scorer.terms[variant].objective.map {
            scorer.outcomes[$0].meanGain(hcps: run.inputs.population.count, channel: channel)
        }
        let parts = trace.contributions(meanGain: mean)
        guard parts.effect == decision.expectedEffect else {
            throw Diagnostic(
                "replay_differs", "the record gives another effect than the one logged",
                remedy: "`rapport replay` names what differs")
        }
        func part(_ part: Contributions.Part) -> Explanation.Contributions.Part {
            .init(
                name: part.name, reachLogOdds: part.reachLogOdds, engageLogOdds: part.engageLogOdds,
                effect: part.effect, value: part.value)
        }
        return .init(
            base: part(parts.base), parts: parts.parts.map(part), cost: parts.cost, effect: parts.effect,
            value: parts.value)
    }
}
