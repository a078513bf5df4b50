internal import Decisioning
internal import EngagementModel
internal import Simulation
internal import Statistics

/// What an oracle knows: the true expected increment of every eligible touch, at the HCP's favourite hour.
struct TrueValues {
    let world: MarketWorld
    let company: LoopCompany
    private var market: SimulatedMarket { world.market }

    init(_ world: MarketWorld, _ company: LoopCompany) {
        self.world = world
        self.company = company
    }

    /// The favourite hour where the channel may be used then, else the nearest one.
    func minute(hcp: Int, channel: Channel) -> Int {
        let hour = market.favouriteMoment(of: hcp).hour
        let window = channel.isHuman ? 8...17 : 8...20
        return min(max(hour, window.lowerBound), window.upperBound) * 60 + 30
    }

    /// Replaces values by the truth on a day, the best eligible variant standing for its offer.
    func fill(_ table: inout CandidateTable, _ rules: EligibilityResult, on day: Day) {
        for hcp in rules.hcps {
            var state = world.states[hcp]
            state.advance(to: day.number, decay: market.decay)
            for (number, offer) in company.catalogue.offers.enumerated() {
                let cell = hcp * table.offers + number
                guard table.isEligible(cell) else { continue }
                let terms = ValueTerms(company.strategy, channel: offer.channel, objective: 0)
                let worth = Float(offer.objective.valuePerUnit * offer.objective.lever)
                let minute = minute(hcp: hcp, channel: offer.channel)
                var best = -Float.infinity
                for variant in company.catalogue.variantRange[number] {
                    let place = (hcp - rules.hcps.lowerBound) * rules.actions + variant
                    guard rules.refusal[place] == EligibilityResult.eligible else { continue }
                    let content = company.catalogue.variants[variant].content.map { company.contentOfShelf[$0] }
                    let units = market.expectedUnits(
                        hcp: hcp, channel: offer.channel, content: content, product: company.productOfOffer[number],
                        day: day, minute: minute, state: state)
                    let value = Float(units) * worth - Float(terms.cost)
                    guard value > best else { continue }
                    best = value
                    table.variant[cell] = Int32(variant)
                    table.days[cell] = rules.days[place]
                    table.effect[cell] = Float(units)
                    table.value[cell] = value
                }
            }
        }
    }

    /// How much of its value a touch keeps after 0, 1, 2 … others within days: fatigue and diminishing returns, mean
    /// over a sample of HCPs. This is what the planner can express of them.
    func fatigue(_ channel: Channel) -> [Float] {
        let day = world.today + 1
        var sums = [Double](repeating: 0, count: 4)
        let stride = max(1, market.hcps.count / 400)
        for hcp in Swift.stride(from: 0, to: market.hcps.count, by: stride) {
            let product = Int(market.hcps.product[hcp * 2])
            guard product >= 0 else { continue }
            var g = SeededGenerator(seed: market.parameters.seed ^ 0xFA71_60E0, stream: UInt64(hcp))
            var state = world.states[hcp]
            state.advance(to: day.number, decay: market.decay)
            for k in sums.indices {
                sums[k] += market.expectedUnits(
                    hcp: hcp, channel: channel, content: nil, product: product, day: day,
                    minute: minute(hcp: hcp, channel: channel), state: state)
                let response = market.respond(
                    hcp: hcp, channel: channel, content: nil, minute: nil, weekday: nil, state: state, using: &g)
                state.record(channel, level: response.level, slot: 0, direction: .push, market.coefficients)
            }
        }
        guard sums[0] > 0 else { return [1] }
        return sums.map { Float(min(1, max(0.05, $0 / sums[0]))) }
    }

    /// N × 7: what the favourite weekday adds to a touch, as a factor of its value.
    func weekdayFactors(on monday: Day) -> [Float] {
        var factors = [Float](repeating: 1, count: market.hcps.count * 7)
        for hcp in 0..<market.hcps.count {
            let minute = minute(hcp: hcp, channel: .inPerson)
            let state = world.states[hcp]
            func chance(_ weekday: Int) -> Double {
                let p = market.chances(
                    hcp: hcp, channel: .inPerson, content: nil, minute: minute, weekday: weekday, state: state)
                return p.reached
            }
            let base = chance(monday.weekday)
            guard base > 0 else { continue }
            for weekday in 0..<7 { factors[hcp * 7 + weekday] = Float(chance(weekday) / base) }
        }
        return factors
    }
}
