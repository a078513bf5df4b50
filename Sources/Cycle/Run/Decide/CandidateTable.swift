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
    }

    func isEligible(_ cell: Int) -> Bool { refusal[cell] == EligibilityResult.eligible }

    /// Takes over a block of HCPs: of each offer's variants the eligible one with the highest value.
    ///
    /// - Parameter scored: nil without models; then the first eligible variant stands for the offer.
    mutating func take(_ rules: EligibilityResult, _ scored: CandidateColumns?, _ catalogue: OfferCatalogue) {
        let width = rules.actions
        // An approval or consent that ends within the horizon is worth only the days that it lasts.
        func worth(_ place: Int) -> Float {
            let days = Float(rules.days[place].nonzeroBitCount)
            guard let value = scored?.value[place] else { return days }
            return value > 0 ? value * days : value
        }
        for hcp in rules.hcps {
            let base = (hcp - rules.hcps.lowerBound) * width
            for offer in 0..<offers {
                let cell = hcp * offers + offer
                var best = -1
                var furthest = -1
                for v in catalogue.variantRange[offer] {
                    let code = rules.refusal[base + v]
                    if code == EligibilityResult.eligible {
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
        }
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
