internal import Decisioning
internal import EngagementModel
internal import Simulation

/// A piece of the truth that Rapport may be given instead of what it has learnt, to see what knowing it is worth.
public enum LoopTruth: String, Sendable, CaseIterable, Codable {
    /// P(reached), P(engaged) and P(advanced) at the hour that will be chosen.
    case response
    /// What each step of the ladder adds to an HCP's volume, except how far this HCP differs from others.
    case effects
    /// How far this HCP's volume responds to promotion, relative to the mean of all.
    case responsiveness
    /// The same as far as volumes can tell it to one who knows the market's law: a bound on what can be learnt.
    case belief
    /// Favourite hours and weekdays.
    case hours
    /// How much of its value a touch keeps after others within days.
    case fatigue
}

/// Values of touches, some pieces learnt and some true.
struct MixedValues {
    let truth: TrueValues
    let given: Set<LoopTruth>
    let outcomes: [OutcomeModel]
    let timing: BestHours
    private let meanLimit: Double
    /// Guesses of responsiveness by HCP × slot, where they are given instead of the truth.
    private let belief: TrueBelief?

    init(
        _ world: MarketWorld, _ company: LoopCompany, _ mind: LoopMind, timing: BestHours, given: Set<LoopTruth>,
        belief: TrueBelief?
    ) {
        truth = TrueValues(world, company)
        self.given = given
        outcomes = mind.outcomes
        self.timing = timing
        self.belief = belief
        let limits = world.market.hcps.responsiveness.filter { $0 > 0 }
        meanLimit = Double(limits.reduce(0, +)) / Double(max(limits.count, 1))
    }

    /// Replaces the values of a block's scores.
    func replace(_ scores: inout CandidateColumns, on day: Day) {
        let (company, market) = (truth.company, truth.world.market)
        for hcp in scores.hcps {
            var state = truth.world.states[hcp]
            state.advance(to: day.number, decay: market.decay)
            for (number, offer) in company.catalogue.offers.enumerated() {
                guard let k = company.strategy.objectives.firstIndex(of: offer.objective) else { continue }
                let product = company.productOfOffer[number]
                let slot = market.hcps.slot(of: product, hcp: hcp)
                let terms = ValueTerms(company.strategy, channel: offer.channel, objective: k)
                let gain = outcomes[k].gain(hcp: hcp, channel: Int(offer.channel.code))
                let own = slot.map { Double(market.hcps.responsiveness[hcp * 2 + $0]) / meanLimit } ?? 0
                let guess =
                    belief.flatMap { belief in slot.map { Double(belief.mean[hcp * 2 + $0]) / meanLimit } } ?? own
                var units = (Double(gain.reached), Double(gain.engaged), Double(gain.engaged))
                if given.contains(.effects) {
                    func unit(_ level: ResponseLevel) -> Double {
                        market.increment(
                            hcp: hcp, channel: offer.channel, level: level, product: product, day: day, state: state)
                            * (given.contains(.responsiveness) ? 1 : (belief == nil ? 1 : guess) / max(own, 1e-9))
                    }
                    units = (unit(.reached), unit(.engaged), unit(.advanced))
                } else if given.contains(.responsiveness) || belief != nil {
                    units = (units.0 * guess, units.1 * guess, units.2 * guess)
                }
                let minute =
                    given.contains(.hours)
                    ? truth.minute(hcp: hcp, channel: offer.channel)
                    : (timing.moment(hcp: hcp, channel: offer.channel, quiet: company.strategy.quietHours)?.hour ?? 10)
                        * 60 + 30
                for variant in company.catalogue.variantRange[number] {
                    let place = (hcp - scores.hcps.lowerBound) * scores.actions + variant
                    let content = company.catalogue.variants[variant].content.map { company.contentOfShelf[$0] }
                    let p = market.chances(
                        hcp: hcp, channel: offer.channel, content: content, minute: minute, weekday: day.weekday,
                        state: state)
                    let known = given.contains(.response)
                    let (reach, engage) =
                        known ? (p.reached, p.engaged) : (Double(scores.reach[place]), Double(scores.engage[place]))
                    let effect =
                        reach
                        * ((1 - engage) * units.0 + engage * ((1 - p.advanced) * units.1 + p.advanced * units.2))
                    scores.effect[place] = Float(effect)
                    scores.value[place] = terms.value(effect: Float(effect))
                }
            }
        }
    }
}
