internal import Decisioning
internal import EngagementModel

extension PlanReplay {
    /// One logged decision against what was computed again.
    ///
    /// - Parameters:
    ///   - scored: the scores of a block of HCPs that holds this one; nil for a plan by rules.
    ///   - trace: of the variant that is chosen again (`variant(of:hcp:)`); nil without one and for a plan by rules.
    func check(
        _ decision: Decision, hcp: Int, scored: CandidateColumns?, trace: CandidateTrace?
    ) -> ReplayReport {
        var check = shared
        check.same(.versions, "strategy_version", decision.strategyVersion, run.strategyVersion)
        check.same(.versions, "model_version", decision.modelVersion, run.modelVersion)
        check.same(.versions, "as_of", decision.asOf.description, run.evidence.asOf.description)
        check.same(.versions, "arm", decision.arm.rawValue, Self.name(run.arms[hcp]))
        if let scored { scores(&check, hcp, scored) }
        if let day = decision.day { touch(&check, decision, day, hcp, trace) } else { noTouch(&check, decision, hcp) }
        return ReplayReport(decisionID: decision.decisionID, runID: run.runID, kind: "plan", parts: check.parts)
    }

    /// The variant that is chosen again for the day of a decision; nil for no touch.
    func variant(of decision: Decision, hcp: Int) -> Int? {
        guard let day = decision.day, let position = run.horizon.position(of: day),
            let touch = touches(hcp).first(where: { $0.position == position })
        else { return nil }
        return touch.variant < 0 ? nil : touch.variant
    }

    static func name(_ arm: PlanArm) -> String {
        switch arm {
        case .engine: Arm.engine.rawValue
        case .random: Arm.random.rawValue
        case .rules: Arm.rules.rawValue
        }
    }

    private func scores(_ check: inout ReplayCheck, _ hcp: Int, _ scored: CandidateColumns) {
        for offer in 0..<run.table.offers {
            let cell = hcp * run.table.offers + offer
            guard run.table.variant[cell] >= 0 else { continue }
            let terms = run.catalogue.offers[offer]
            var name: String { "\(terms.channel.rawValue) \(terms.objective.product)" }
            let score = scored.score(hcp: hcp, action: Int(run.table.variant[cell]))
            check.same(.response, "probability of \(name)", run.table.probability[cell], score.probability)
            check.same(.effect, "effect of \(name)", run.table.effect[cell], score.effect)
            check.same(.effect, "effect_low of \(name)", run.table.effectLow[cell], score.effectLow)
            check.same(.effect, "effect_high of \(name)", run.table.effectHigh[cell], score.effectHigh)
            check.same(.value, "value of \(name)", run.table.value[cell], score.value)
        }
    }

    /// What all decisions of the run share: temperature and prices; compared once.
    static func shared(_ run: RecordedRun, _ plan: Plan) -> ReplayCheck {
        var check = ReplayCheck()
        check.same(.price, "temperature", run.recordedTemperature, plan.temperature)
        for (what, logged, replayed) in [
            ("price of a minute of a rep's day", run.recordedPrices.repDay, plan.prices.repDay),
            ("price of a unit of a shared limit", run.recordedPrices.limit, plan.prices.limit),
        ] {
            check.same(.price, "number of prices", "\(logged.count)", "\(replayed.count)")
            for (a, b) in zip(logged, replayed) { check.same(.price, what, a, b) }
        }
        return check
    }

    private func touch(
        _ check: inout ReplayCheck, _ decision: Decision, _ day: Day, _ hcp: Int, _ trace: CandidateTrace?
    ) {
        let population = run.inputs.population
        guard let position = run.horizon.position(of: day) else {
            check.same(.choice, "day", day.description, "outside of the horizon")
            return
        }
        guard let touch = touches(hcp).first(where: { $0.position == position }) else {
            check.same(.choice, "channel on \(day)", decision.channel?.rawValue, nil)
            return
        }
        let (offer, variant) = (run.catalogue.offers[touch.offer], touch.variant)
        check.same(.choice, "channel", decision.channel?.rawValue, offer.channel.rawValue)
        check.same(.choice, "product_id", decision.productID, offer.objective.product)
        let content = variant < 0 ? nil : run.catalogue.variants[variant].content.map { run.inputs.shelf.items[$0].id }
        check.same(.choice, "content_id", decision.contentID, content)
        let rep = offer.slot < 0 ? -1 : population.sender[hcp * Population.slots + Int(offer.slot)]
        check.same(.choice, "sender", decision.sender, rep < 0 ? "system" : population.reps[Int(rep)].id)
        if let hours {
            let moment = hours.moment(hcp: hcp, channel: offer.channel, quiet: quietHours(hcp))
            check.same(.choice, "hour", decision.hour.map(String.init), (moment?.hour).map(String.init))
        }
        if let trace {
            check.same(.features, "features_hash", run.featureHashes[decision.decisionID], trace.contentHash)
        }
        check.same(.effect, "expected_effect", decision.expectedEffect, Double(touch.effect))
        check.same(.effect, "effect_low", decision.effectLow, Double(touch.effectLow))
        check.same(.effect, "effect_high", decision.effectHigh, Double(touch.effectHigh))
        check.same(.value, "value", decision.value, Double(touch.value))
        check.same(.value, "cost", decision.cost, offer.terms.cost)
        check.same(.price, "price", decision.price, prices.price(hcp, touch.offer, position))
        check.same(
            .propensity, "propensity", decision.propensity,
            Double(plan.propensity[hcp * run.horizon.days.count + position]))
    }

    private func noTouch(_ check: inout ReplayCheck, _ decision: Decision, _ hcp: Int) {
        let places = (hcp * run.horizon.days.count)..<((hcp + 1) * run.horizon.days.count)
        let chosen = touches(hcp).first
        check.same(.choice, "channel", nil, chosen.map { run.catalogue.offers[$0.offer].channel.rawValue })
        check.same(.value, "value", decision.value, 0)
        check.same(.price, "price", decision.price, 0)
        let all = places.reduce(1.0) { $0 * Double(plan.propensity[$1]) }
        check.same(.propensity, "propensity", decision.propensity, min(1, max(1e-6, all)))
    }

    private func quietHours(_ hcp: Int) -> Strategy.QuietHours? {
        let country = run.inputs.population.country[hcp]
        let code = country < 0 ? nil : run.inputs.population.countryNames[Int(country)]
        return run.evidence.markets.first { $0.code == code }?.quietHours ?? run.evidence.strategy.quietHours
    }
}
