import EngagementModel
import Simulation
import Testing

@testable import Cycle

@Suite struct TrueBeliefTests {
    @Test func beliefsAreCalibratedAndKnowLittle() throws {
        let end = Day(year: 2026, month: 5, day: 31)
        let market = try SimulatedMarket(
            MarketParameters(hcps: 1500, seed: 9, endDay: end, kind: .pharma, variation: 0.25))
        let view = CompanyView(market)
        let company = LoopCompany(
            market, strategy: LoopStrategy.standard(weeklyCost: LoopStrategy.fullCost(view), webinarSeats: 10))
        var states: [ContactState] = []
        let log = LoopLog(market, company, windowDays: 14, states: &states)
        let belief = TrueBelief(MarketWorld(market, states: states), company, log).mean.map(Double.init)
        let truth = market.hcps.responsiveness.map(Double.init)
        let known = truth.indices.filter { truth[$0] > 0 }
        #expect(belief.indices.allSatisfy { (belief[$0] > 0) == (truth[$0] > 0) })
        let n = Double(known.count)
        let mean = (
            belief: known.reduce(0) { $0 + belief[$1] } / n, truth: known.reduce(0) { $0 + truth[$1] } / n
        )
        #expect(abs(mean.belief / mean.truth - 1) < 0.06, "\(mean)")
        var (both, spread, whole) = (0.0, 0.0, 0.0)
        for k in known {
            both += (belief[k] - mean.belief) * (truth[k] - mean.truth)
            spread += (belief[k] - mean.belief) * (belief[k] - mean.belief)
            whole += (truth[k] - mean.truth) * (truth[k] - mean.truth)
        }
        // The slope of the truth on a posterior mean is one; what two years of months tell is a small part of the spread.
        #expect(abs(both / spread - 1) < 0.5, "\(both / spread)")
        let correlation = both / (spread * whole).squareRoot()
        #expect((0.08...0.4).contains(correlation), "\(correlation)")
    }
}
