internal import Decisioning
internal import EngagementModel
internal import Statistics

/// One decision in a live moment: rules, values, prices, draw, reasons. Reads memory only.
struct LiveDecision {
    let snapshot: LiveSnapshot
    let hcp: Int
    let person: LivePerson?
    let request: LiveRequest
    let decisionID: String

    /// One candidate of the moment, allowed or not.
    private struct Candidate {
        var offer: Int
        var variant: Int
        var score: CandidateScore
        var price: Double
        var net: Double { Double(score.value) - price }
    }

    /// - Throws: `plan_out_of_date` when the moment lies outside of the days that the plan answers for.
    func answer() throws -> (LiveAnswer, LiveEvidence) {
        let (day, minute) = snapshot.zones.local(request.now, hcp: hcp)
        let distance = day - snapshot.asOf
        guard distance >= 0, distance < LiveSnapshot.reach else {
            throw Diagnostic(
                "plan_out_of_date",
                "The plan of \(snapshot.asOf) answers for the \(LiveSnapshot.reach) days from then on.",
                remedy: "run `rapport run` for the present day")
        }
        var (allowed, refused) = candidates(day, minute)
        let arm = snapshot.arms[hcp]
        let policy = policy(arm, allowed)
        var generator = Self.generator(seed: snapshot.strategy.seed, decisionID)
        var ranking = LivePolicy.Ranking()
        if arm == .rules {
            // The plain rule that the engine is measured against: certain, dearest channel first.
            let place = snapshot.ruleRanking
            allowed.sort { (place.firstIndex(of: $0.offer) ?? 0) < (place.firstIndex(of: $1.offer) ?? 0) }
            ranking.noTouch = allowed.isEmpty ? 1 : 0
            ranking.picks = allowed.indices.prefix(request.limit).map { .init(candidate: $0, propensity: 1) }
        } else {
            ranking = policy.rank(nets: allowed.map(\.net), limit: request.limit, using: &generator)
        }
        let evidence = LiveEvidence(
            allowed.map {
                LiveEvidence.Candidate(
                    offer: UInt8(clamping: $0.offer), variant: UInt16(clamping: $0.variant),
                    probability: $0.score.probability, value: $0.score.value, price: $0.price)
            })
        let answer = LiveAnswer(
            decisionID: decisionID, runID: snapshot.runID, modelVersion: snapshot.modelVersion,
            strategyVersion: snapshot.strategyVersion, asOf: snapshot.asOf, hcpID: snapshot.population.hcpIDs[hcp],
            arm: arm == .engine ? .engine : arm == .random ? .random : .rules, decidedAt: request.now,
            liveEvents: person?.outcomes.count ?? 0, isRescored: person?.scores != nil,
            temperature: policy.temperature, explorationFloor: arm == .rules ? 0 : policy.floor,
            noTouchPropensity: ranking.noTouch,
            actions: ranking.picks.map { action(allowed[$0.candidate], propensity: $0.propensity, day: day) },
            refusals: allowed.isEmpty ? refused : [])
        return (answer, evidence)
    }

    /// Codes of the channels on which people talk.
    private static let talks = Set(Channel.allCases.filter(\.isHuman).map(\.code))

    // MARK: Candidates

    private func candidates(_ day: Day, _ minute: Int) -> ([Candidate], [LiveRefusal]) {
        let rules = snapshot.rules(on: day)
        var row = hcp
        var eligibility = rules.eligibility
        if let consents = person?.consents {
            eligibility = snapshot.rules(on: day, hcp: hcp, consents: consents)
            row = 0
        }
        let result = eligibility.evaluate(row..<(row + 1))
        let market = snapshot.market(of: hcp)
        var history = LiveHistory()
        snapshot.addHistory(of: hcp, to: &history)
        person?.addHistory(to: &history)
        var contact = rules.contacts[market].refusals(history)
        // At most one human contact a day.
        let hasTalk = history.columns.day.indices.contains {
            history.columns.day[$0] == day.number && Self.talks.contains(history.columns.channel[$0])
        }
        if hasTalk {
            for code in Self.talks where contact[Int(code)] == nil { contact[Int(code)] = .gapTooShort }
        }
        let ruled = person?.ruled(snapshot.known, hcp: hcp, asOf: snapshot.asOf) ?? Array(snapshot.known.onFile(hcp))
        let isQuiet = snapshot.quietHours(market: market)?.contains(minute: minute) ?? false
        var allowed: [Candidate] = []
        var refused: [LiveRefusal] = []
        for (number, offer) in snapshot.catalogue.offers.enumerated() {
            if let channels = request.channels, !channels.contains(offer.channel) { continue }
            var best: Candidate?
            var reason: (variant: Int, refusal: Refusal, rule: Int?)?
            for (variant, score) in scores(number) {
                let purpose = snapshot.catalogue.variants[variant].purpose
                if let asked = request.purpose, asked != purpose { continue }
                let code = result.refusal[variant]
                var refusal = code == EligibilityResult.eligible ? nil : Refusal(code: code)
                if !purpose.skipsPromotionalPolicy {
                    if let rule = contact[snapshot.channelCode[number]] { refusal = Self.first(refusal, rule) }
                    if isQuiet { refusal = Self.first(refusal, .quietHours) }
                }
                var rule: Int?
                if refusal == nil {
                    rule = snapshot.known.broken(
                        hcp: hcp, variant: variant, slot: offer.slot, on: day.number, beside: ruled)
                    refusal = rule.map { snapshot.known.book.rules.rules[$0].refusal }
                }
                if let refusal {
                    if reason.map({ refusal.code > $0.refusal.code }) ?? true { reason = (variant, refusal, rule) }
                } else if best.map({ score.value > $0.score.value }) ?? true {
                    best = Candidate(
                        offer: number, variant: variant, score: score, price: price(number, on: day))
                }
            }
            if let best {
                allowed.append(best)
            } else if let reason {
                refused.append(
                    LiveRefusal(
                        channel: offer.channel, productID: offer.objective.product,
                        contentID: contentID(reason.variant), refusal: reason.refusal,
                        rule: reason.rule.map { snapshot.known.words[$0] }))
            }
        }
        return (allowed, refused)
    }

    /// Variants of an offer with their scores: the plan's best, or all of them once the HCP was scored anew.
    private func scores(_ offer: Int) -> [(Int, CandidateScore)] {
        if let scores = person?.scores {
            return snapshot.catalogue.variantRange[offer].map { ($0, scores[$0]) }
        }
        let cell = hcp * snapshot.candidates.offers + offer
        let variant = Int(snapshot.candidates.variant[cell])
        return variant < 0 ? [] : [(variant, snapshot.candidates.score(cell))]
    }

    /// Of two refusals the one whose rule is checked first.
    private static func first(_ a: Refusal?, _ b: Refusal) -> Refusal {
        guard let a else { return b }
        return a.code <= b.code ? a : b
    }

    private func price(_ offer: Int, on day: Day) -> Double {
        let terms = snapshot.catalogue.offers[offer]
        return snapshot.prices.price(offer: offer, rep: rep(offer), minutes: terms.terms.minutes, on: day)
    }

    private func rep(_ offer: Int) -> Int {
        let slot = Int(snapshot.catalogue.offers[offer].slot)
        return slot < 0 ? -1 : Int(snapshot.population.sender[hcp * Population.slots + slot])
    }

    private func contentID(_ variant: Int) -> String? {
        snapshot.catalogue.variants[variant].content.map { snapshot.shelf.items[$0].id }
    }

    // MARK: Policy

    /// The plan's temperature, in the HCP's own unit: the best value of the moment.
    private func policy(_ arm: PlanArm, _ allowed: [Candidate]) -> LivePolicy {
        if arm == .random { return LivePolicy(temperature: 1, floor: 1) }
        let best = max(allowed.map { Double($0.score.value) }.max() ?? 0, snapshot.meanScale * 1e-3)
        let floor = snapshot.isRulesOnly ? 0 : snapshot.strategy.exploration.floor
        return LivePolicy(
            temperature: snapshot.fixedTemperature ?? snapshot.relativeTemperature * best, floor: floor)
    }

    /// The randomness of one decision: from the strategy's seed and the decision's id.
    static func generator(seed: UInt64, _ decisionID: String) -> SeededGenerator {
        SeededGenerator(seed: seed ^ hash(decisionID))
    }

    private static func hash(_ text: String) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return SeededGenerator.mix(hash)
    }

    private func action(_ candidate: Candidate, propensity: Double, day: Day) -> LiveAction {
        let offer = snapshot.catalogue.offers[candidate.offer]
        let rep = rep(candidate.offer)
        return LiveAction(
            offer: candidate.offer, channel: offer.channel, contentID: contentID(candidate.variant),
            productID: offer.objective.product, purpose: snapshot.catalogue.variants[candidate.variant].purpose,
            objective: offer.objective.name, sender: rep < 0 ? "system" : snapshot.population.reps[rep].id,
            value: Double(candidate.score.value), price: candidate.price, net: candidate.net,
            probability: Double(candidate.score.probability), effect: Double(candidate.score.effect),
            effectLow: Double(candidate.score.effectLow), effectHigh: Double(candidate.score.effectHigh),
            propensity: propensity,
            reasons: LiveReasons(snapshot: snapshot, hcp: hcp, person: person).sentences(
                offer: candidate.offer, score: candidate.score, price: candidate.price, day: day, now: request.now))
    }
}
