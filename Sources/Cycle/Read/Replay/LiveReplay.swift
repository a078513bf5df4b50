internal import Decisioning
internal import EngagementModel
internal import Ledger
internal import Statistics
internal import Warehouse

/// A live decision made again: scores from the run's snapshot and the outcomes known then, prices from the plan, the
/// draw from its own record.
struct LiveReplay: Sendable {
    let record: LiveDecisionRecord
    /// Outcomes of the HCP that were in the scores.
    let outcomes: [LiveOutcomeRecord]

    /// - Throws: `record_incomplete` for a decision of a version that did not record what it chose from.
    func check(_ connection: WarehouseConnection, _ workspace: Workspace) async throws -> ReplayReport {
        guard record.scoredThrough >= 0, let evidence = LiveEvidence(bytes: record.considered) else {
            throw Diagnostic(
                "record_incomplete", "the live decision was made by a version that did not record what it chose from",
                remedy: "decisions made from this version on can be replayed")
        }
        var check = ReplayCheck()
        let run = try await RecordedRun.read(connection, hcpID: record.hcpID, workspace)
        guard let hcp = run.inputs.population.hcpIDs.firstIndex(of: record.hcpID) else {
            throw Diagnostic("record_gone", "the HCP of the decision is not in the snapshot of its run")
        }
        check.same(.versions, "strategy_version", record.strategyVersion, run.strategyVersion)
        check.same(.versions, "model_version", record.modelVersion, run.modelVersion)
        check.same(.versions, "arm", record.arm.rawValue, PlanReplay.name(run.arms[hcp]))
        check.same(
            .versions, "seed", "\(UInt64(bitPattern: record.seed))", "\(run.evidence.strategy.seed)")
        try await scores(&check, evidence, run, hcp, connection)
        draw(&check, evidence, run)
        return ReplayReport(
            decisionID: record.decisionID, runID: record.runID, kind: "live", parts: check.parts)
    }

    // MARK: Scores and prices

    private func scores(
        _ check: inout ReplayCheck, _ evidence: LiveEvidence, _ run: RecordedRun, _ hcp: Int,
        _ connection: WarehouseConnection
    ) async throws {
        let scores = try scores(run, hcp)
        let strategy = run.evidence.strategy
        let prices = try await LivePrices.read(
            connection, reps: run.inputs.population.reps.map(\.id),
            days: Horizon(asOf: run.evidence.asOf, strategy: strategy).days, catalogue: run.catalogue,
            strategy: strategy)
        let names = try await LiveNames.read(connection, hcpIDs: run.inputs.population.hcpIDs)
        let zones = LiveZones(
            names.zones, defaultZone: run.evidence.defaultZone, from: run.evidence.asOf, days: LiveSnapshot.reach)
        let day = zones.local(record.at, hcp: hcp).day
        for candidate in evidence.candidates {
            let (offer, variant) = (Int(candidate.offer), Int(candidate.variant))
            guard offer < run.catalogue.offers.count, variant < run.catalogue.variants.count else {
                check.same(.choice, "candidate", "offer \(offer)", nil)
                continue
            }
            let terms = run.catalogue.offers[offer]
            var name: String { "\(terms.channel.rawValue) \(terms.objective.product)" }
            if let scores {
                check.same(.response, "probability of \(name)", candidate.probability, scores[variant].probability)
                check.same(.value, "value of \(name)", candidate.value, scores[variant].value)
            }
            let slot = Int(terms.slot)
            let rep = slot < 0 ? -1 : Int(run.inputs.population.sender[hcp * Population.slots + slot])
            check.same(
                .price, "price of \(name)", candidate.price,
                prices.price(offer: offer, rep: rep, minutes: terms.terms.minutes, on: day))
        }
    }

    /// By variant: as of the plan, or anew with the outcomes; nil for a plan by rules.
    private func scores(_ run: RecordedRun, _ hcp: Int) throws -> [CandidateScore]? {
        guard let scorer = run.scorer else { return nil }
        guard record.scoredThrough > 0 else {
            let block = try scorer.score(hcp..<(hcp + 1))
            return run.catalogue.variants.indices.map { block.score(hcp: hcp, action: $0) }
        }
        var person = LivePerson()
        let oldest = run.evidence.asOf + -PlanDesk.windowDays(run.evidence.strategy, run.evidence.markets)
        for outcome in outcomes where outcome.day >= oldest { person.add(outcome) }
        let live = LiveScorer(
            model: run.model ?? ResponseModel(), trees: run.trees, outcomes: run.outcomes,
            actions: run.catalogue.responseActions,
            terms: scorer.terms, contents: run.inputs.shelf.columns, reps: run.inputs.population.reps.map(\.id),
            hcps: run.inputs.response.hcps)
        return try person.scores(
            live, hcp: hcp, history: run.inputs.response.touches, shelf: run.inputs.shelf, asOf: run.evidence.asOf)
    }

    // MARK: The draw

    private func draw(_ check: inout ReplayCheck, _ evidence: LiveEvidence, _ run: RecordedRun) {
        var ranking = LivePolicy.Ranking()
        let limit = asked("limit").flatMap { Int($0) } ?? 0
        if record.arm == .rules {
            ranking.noTouch = evidence.candidates.isEmpty ? 1 : 0
            ranking.picks = evidence.candidates.indices.prefix(limit).map { .init(candidate: $0, propensity: 1) }
        } else {
            let policy = LivePolicy(temperature: record.temperature, floor: record.explorationFloor)
            var generator = LiveDecision.generator(seed: UInt64(bitPattern: record.seed), record.decisionID)
            ranking = policy.rank(nets: evidence.candidates.map(\.net), limit: limit, using: &generator)
        }
        let shown = record.shown.split(separator: "\n").map {
            $0.split(separator: "\t", omittingEmptySubsequences: false)
        }
        check.same(.choice, "number of actions", "\(shown.count)", "\(ranking.picks.count)")
        check.same(.propensity, "no_touch_propensity", record.noTouchPropensity, ranking.noTouch)
        for (line, pick) in zip(shown, ranking.picks) where line.count == 7 {
            let candidate = evidence.candidates[pick.candidate]
            let variant = run.catalogue.variants[min(Int(candidate.variant), run.catalogue.variants.count - 1)]
            let offer = run.catalogue.offers[variant.offer]
            check.same(.choice, "offer", String(line[0]), "\(candidate.offer)")
            check.same(.choice, "channel", String(line[1]), offer.channel.rawValue)
            check.same(.choice, "product_id", String(line[2]), offer.objective.product)
            let content = variant.content.map { run.inputs.shelf.items[$0].id } ?? ""
            check.same(.choice, "content_id", String(line[3]), content)
            check.same(.value, "value", String(line[4]), "\(candidate.value)")
            check.same(.price, "price", String(line[5]), "\(Float(candidate.price))")
            check.same(.propensity, "propensity", String(line[6]), "\(pick.propensity)")
        }
    }

    /// One word of the question, such as `limit=3`.
    private func asked(_ name: String) -> String? {
        record.asked.split(separator: " ").first { $0.hasPrefix(name + "=") }.map {
            String($0.dropFirst(name.count + 1))
        }
    }
}
