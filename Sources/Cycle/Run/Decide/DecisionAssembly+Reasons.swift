internal import Decisioning
internal import EngagementModel
internal import Foundation

/// What a decision says of itself: labels, facts and the sentences of each arm.
extension DecisionAssembly {
    /// A code as people write it.
    static func words(_ code: String) -> String { code.replacing("_", with: " ") }

    /// A label for every offer × variant, so that records share their texts.
    func labels() -> [[ActionLabel]] {
        catalogue.offers.indices.map { number in
            let offer = catalogue.offers[number]
            return catalogue.variantRange[number].map { v in
                let item = catalogue.variants[v].content.map { inputs.shelf.items[$0] }
                return ActionLabel(
                    channel: offer.channel, contentID: item?.id, title: item?.title,
                    topic: item?.topic.map(Self.words), productID: offer.objective.product,
                    measure: Self.words(offer.objective.measure))
            }
        }
    }

    /// The variant that stands for an offer.
    func shown(_ hcp: Int, _ offer: Int) -> Int {
        max(Int(table.variant[hcp * table.offers + offer]), catalogue.variantRange[offer].lowerBound)
    }

    func shown(_ touch: PlannedTouch) -> Int {
        max(touch.variant, catalogue.variantRange[touch.offer].lowerBound)
    }

    /// What sentences may say of the HCP beside the score of the choice.
    func facts(_ hcp: Int, _ touch: PlannedTouch, _ moment: Moment?) -> HCPFacts {
        let population = inputs.population
        var facts = HCPFacts(
            specialty: population.specialty[hcp] < 0 ? nil : specialtyTitles[Int(population.specialty[hcp])],
            hidesVolume: population.hidesVolume[hcp], moment: moment)
        let variant = touch.variant
        facts.consent = consentText(hcp, variant: variant, catalogue.offers[touch.offer].channel)
        if let scorer, let objective = scorer.terms[variant].objective {
            scorer.outcomes[objective].describe(hcp: hcp, into: &facts)
            if facts.hidesVolume { (facts.recentVolume, facts.volumeTrend, facts.averageVolume) = (nil, nil, nil) }
        }
        return facts
    }

    /// The reasons that a record of all candidates would give (`DecisionRecord.reasons`), from the choice alone.
    func modelReasons(
        _ hcp: Int, _ touch: PlannedTouch, _ labels: [[ActionLabel]], _ price: Double, _ facts: HCPFacts,
        _ trace: CandidateTrace?
    ) -> [String] {
        var choice = candidate(hcp, touch.offer, labels, price)
        choice.label = labels[touch.offer][shown(touch) - catalogue.variantRange[touch.offer].lowerBound]
        choice.score = CandidateScore(
            probability: touch.probability, effect: touch.effect, effectLow: touch.effectLow,
            effectHigh: touch.effectHigh, value: touch.value)
        if let trace {
            choice.trace = trace
            choice.score = trace.replay()
        }
        return DecisionRecord.reasons(for: choice, facts: facts, allowed: cells(hcp).count { table.isEligible($0) })
    }

    func cells(_ hcp: Int) -> Range<Int> { (hcp * table.offers)..<((hcp + 1) * table.offers) }

    /// A touch that was drawn has no argument for it, and none against: only what it is for, and what is true anyway.
    func drawnReasons(_ hcp: Int, _ facts: HCPFacts, _ explained: [String]) -> [String] {
        let allowed = cells(hcp).count { table.isEligible($0) }
        var reasons = [
            "Drawn at random among \(allowed) allowed actions, to learn what works; not chosen by its value."
        ]
        if let consent = facts.consent { reasons.append("May be contacted: \(consent).") }
        // An assumption is always said.
        if facts.assumedConversion != nil, let last = explained.last { reasons.append(last) }
        return reasons
    }

    /// A touch of the control arm by rules follows a list, whatever the model thinks of it.
    func listedReasons(
        _ hcp: Int, _ offer: OfferCatalogue.Offer, _ facts: HCPFacts, _ explained: [String]
    ) -> [String] {
        let decile = inputs.population.decile[hcp]
        let place = decile > 0 && !facts.hidesVolume ? " to volume decile \(decile)" : ""
        var reasons = [
            "Chosen by the plain rule that the engine is measured against, the highest volume and the dearest channel "
                + "first: \(offer.channel.title.lowercased())\(place); not chosen by its value."
        ]
        if let consent = facts.consent { reasons.append("May be contacted: \(consent).") }
        if facts.assumedConversion != nil, let last = explained.last { reasons.append(last) }
        return reasons
    }

    static let listedQuiet =
        "Left alone by the plain rule that the engine is measured against: its list had no touch left for this HCP."
    static let drawnQuiet = "Drawn at random to be left alone, to learn what happens without a touch."

    func quietReasons(_ hcp: Int, _ labels: [[ActionLabel]], _ prices: OfferPrices) -> [String] {
        var refusals: [Refusal: Int] = [:]
        var best: (offer: Int, price: Double, net: Double)?
        for offer in catalogue.offers.indices {
            let cell = hcp * table.offers + offer
            if table.isEligible(cell) {
                let price = prices.price(hcp, offer, nil)
                let net = Double(table.value[cell]) - price
                // The first of equals, as a search of the whole record finds it.
                if best.map({ $0.net < net }) ?? true { best = (offer, price, net) }
            } else if let refusal = Refusal(code: table.refusal[cell]) {
                refusals[refusal, default: 0] += 1
            }
        }
        return DecisionRecord.quietReasons(
            best: best.map { candidate(hcp, $0.offer, labels, $0.price) }, refusals: refusals)
    }

    /// An allowed candidate as the table has it.
    func candidate(_ hcp: Int, _ offer: Int, _ labels: [[ActionLabel]], _ price: Double) -> CandidateRecord {
        let cell = hcp * table.offers + offer
        return CandidateRecord(
            label: labels[offer][shown(hcp, offer) - catalogue.variantRange[offer].lowerBound],
            score: CandidateScore(
                probability: table.probability[cell], effect: table.effect[cell], effectLow: table.effectLow[cell],
                effectHigh: table.effectHigh[cell], value: table.value[cell]),
            price: price)
    }

    func consentText(_ hcp: Int, variant: Int, _ channel: Channel) -> String? {
        switch rules.basis(hcp: hcp, action: variant) {
        case .consent(let row):
            let captured = Day(number: Int32(rules.input.consents.captured[row] / 86_400_000_000))
            return "the opt-in of \(captured)"
        case .rule: return "the market's rule for \(channel.title.lowercased())"
        case nil: return nil
        }
    }

    /// Without models, the facts that the rule looks at.
    func ruleReasons(_ hcp: Int, _ offer: OfferCatalogue.Offer) -> [String] {
        let population = inputs.population
        var reasons: [String] = []
        if population.decile[hcp] > 0 && !population.hidesVolume[hcp] {
            reasons.append("Volume decile \(population.decile[hcp]) of 10.")
        }
        reasons.append("\(offer.channel.title) comes first among the channels that are allowed for this HCP.")
        reasons.append("Decided by rules, without a model.")
        return reasons
    }

    func split(_ reasons: [String]) -> (String?, String?, String?) {
        (reasons.first, reasons.dropFirst().first, reasons.dropFirst(2).first)
    }
}
