internal import Decisioning
internal import EngagementModel

/// For every HCP × offer the best eligible variant, or the reason why there is none; row-major, HCP × offer.
struct CandidateTable: Sendable {
    let hcps: Int
    let offers: Int
    /// Variant that stands for the offer; for a refused offer the one that came furthest.
    var variant: [Int32]
    /// `Refusal.code`, or `EligibilityResult.eligible`.
    var refusal: [UInt8]
    var probability: [Float]
    var effect: [Float]
    var effectLow: [Float]
    var effectHigh: [Float]
    /// Currency, before prices; meaningful where eligible.
    var value: [Float]
    /// Days of the horizon on which consent and approval hold.
    var days: [DayMask]
    /// Contents that may not come twice; nil = every content may come on every day.
    private(set) var options: ContentOptions?
    /// By offer: whether its touches choose among `options`.
    private(set) var choosesContents: [Bool]
    /// Days that the rules by product, purpose, sender and content took, and the rule by its number
    /// (`EligibilityResult.rule`); empty where there are none.
    var closed: [DayMask] = []
    var rule: [UInt8] = []

    init(hcps: Int, offers: Int) {
        self.hcps = hcps
        self.offers = offers
        let size = hcps * offers
        variant = [Int32](repeating: -1, count: size)
        refusal = [UInt8](repeating: EligibilityResult.eligible, count: size)
        probability = [Float](repeating: 0, count: size)
        effect = probability
        effectLow = probability
        effectHigh = probability
        value = probability
        days = [DayMask](repeating: 0, count: size)
        choosesContents = [Bool](repeating: false, count: offers)
    }

    /// Takes contents that may not come twice into account; they are added as candidates are taken, or given.
    mutating func choose(among options: ContentOptions?, _ catalogue: OfferCatalogue) {
        self.options = options
        choosesContents = catalogue.offers.indices.map { options?.concerns($0, catalogue) ?? false }
    }

    func isEligible(_ cell: Int) -> Bool { refusal[cell] == EligibilityResult.eligible }

    /// Takes over a block of HCPs: of each offer's variants the eligible one with the highest value.
    ///
    /// - Parameters:
    ///   - scored: nil without models; then the first eligible variant stands for the offer.
    ///   - ends: asked where contents may not come twice; nil = all last.
    mutating func take(
        _ rules: EligibilityResult, _ scored: CandidateColumns?, _ catalogue: OfferCatalogue, ends: EndsEarly? = nil
    ) {
        let width = rules.actions
        // An approval or consent that ends within the horizon is worth only the days that it lasts.
        func worth(_ place: Int) -> Float {
            let days = Float(rules.days[place].nonzeroBitCount)
            guard let value = scored?.value[place] else { return days }
            return value > 0 ? value * days : value
        }
        for hcp in rules.hcps {
            let base = (hcp - rules.hcps.lowerBound) * width
            var found: [(row: ContentOptions.Row, content: Int, worth: Float)] = []
            for offer in 0..<offers {
                let cell = hcp * offers + offer
                var best = -1
                var furthest = -1
                for v in catalogue.variantRange[offer] {
                    let code = rules.refusal[base + v]
                    if code == EligibilityResult.eligible {
                        if choosesContents[offer], let content = catalogue.variants[v].content {
                            let row = option(hcp, offer, v, base + v, rules, scored, ends)
                            found.append((row, content, worth(base + v)))
                        }
                        if best < 0 || worth(base + v) > worth(base + best) { best = v }
                    } else if best < 0, furthest < 0 || code > rules.refusal[base + furthest] {
                        furthest = v
                    }
                }
                let shown = best >= 0 ? best : furthest
                variant[cell] = Int32(shown)
                if shown >= 0, !rules.rule.isEmpty { take(rules, base + shown, into: cell) }
                if best >= 0 {
                    days[cell] = rules.days[base + best]
                } else {
                    refusal[cell] = shown >= 0 ? rules.refusal[base + shown] : Refusal.contentNotApproved.code
                }
                // Refused ones are scored too: what a rule costs is worth knowing.
                if let scored, shown >= 0 {
                    probability[cell] = scored.probability[base + shown]
                    effect[cell] = scored.effect[base + shown]
                    effectLow[cell] = scored.effectLow[base + shown]
                    effectHigh[cell] = scored.effectHigh[base + shown]
                    value[cell] = scored.value[base + shown]
                }
            }
            options?.add(found)
        }
    }

    private func option(
        _ hcp: Int, _ offer: Int, _ variant: Int, _ place: Int, _ rules: EligibilityResult,
        _ scored: CandidateColumns?, _ ends: EndsEarly?
    ) -> ContentOptions.Row {
        let isEnding = ends?(hcp, variant, free: rules.days[place]) ?? false
        var row = ContentOptions.Row(
            hcp: Int32(hcp), offer: Int32(offer), rank: 0, variant: Int32(variant),
            days: isEnding ? rules.days[place] : .max)
        if let scored {
            (row.probability, row.effect) = (scored.probability[place], scored.effect[place])
            (row.effectLow, row.effectHigh) = (scored.effectLow[place], scored.effectHigh[place])
            row.value = scored.value[place]
        }
        if !rules.closed.isEmpty { row.days &= ~rules.closed[place] }
        return row
    }

    /// What rules by product, purpose, sender and content say of a candidate.
    private mutating func take(_ rules: EligibilityResult, _ place: Int, into cell: Int) {
        if rule.isEmpty {
            rule = [UInt8](repeating: EligibilityResult.noRule, count: refusal.count)
            closed = [DayMask](repeating: 0, count: refusal.count)
        }
        (rule[cell], closed[cell]) = (rules.rule[place], rules.closed[place])
    }
}
