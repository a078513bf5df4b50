import EngagementModel
import Statistics
import Testing

@testable import Decisioning

/// Parts of a score against the definition, over all orders.
struct ContributionTests {
    private func trace(_ seed: UInt64) -> CandidateTrace {
        var generator = SeededGenerator(seed: seed)
        func terms(_ count: Int) -> [ScoreTerm] {
            (0..<count).map { i in
                ScoreTerm(
                    theme: i == 0 ? .base : Theme.allCases[1 + generator.below(6)], name: "t\(i)",
                    value: Float(generator.uniform() + 0.5), mean: Float(generator.uniform() * 2 - 1),
                    variance: Float(generator.uniform() * 0.3))
            }
        }
        func score() -> ScoreTrace {
            ScoreTrace(
                contact: terms(8), action: terms(3), cross: terms(2),
                calibration: LogitCalibration(slope: 0.9, shift: -0.2))
        }
        return CandidateTrace(
            reach: score(), engage: score(), gain: TouchGain(reached: 0.2, engaged: 1.1, relativeVariance: 0.2),
            terms: ValueTerms(objective: 0, valuePerUnit: 80, lever: 1.25, cost: 7), contact: ContactFacts())
    }

    private static let mean = TouchGain(reached: 0.1, engaged: 0.5, relativeVariance: 0.3)

    @Test(arguments: 1...12) func `parts add up to the recorded score`(seed: Int) {
        let trace = trace(UInt64(seed))
        let score = trace.replay()
        for gain in [Self.mean, nil] {
            let found = trace.contributions(meanGain: gain)
            #expect(found.effect == Double(score.effect) && found.value == Double(score.value))
            let effect = found.base.effect + found.parts.reduce(0) { $0 + $1.effect }
            #expect(abs(effect - found.effect) <= 1e-12 * max(1, abs(found.effect)))
            // Value is stored in single precision.
            let value = found.base.value + found.parts.reduce(0) { $0 + $1.value } + found.cost
            #expect(abs(value - found.value) <= 1e-5 * max(1, abs(found.value)))
            #expect(found.parts.contains { $0.name == "volume" } == (gain != nil))
            // Log odds are a sum: the parts are the whole.
            for (step, path) in [(trace.reach, \Contributions.Part.reachLogOdds), (trace.engage, \.engageLogOdds)] {
                let whole = step.terms.reduce(0.0) { $0 + Double($1.mean) * Double($1.value) }
                let parts = found.base[keyPath: path] + found.parts.reduce(0) { $0 + $1[keyPath: path] }
                #expect(abs(whole - parts) < 1e-9)
            }
            #expect(trace.contributions(meanGain: gain) == found)
        }
    }

    @Test func `each part is the mean of what it adds over all orders`() {
        var generator = SeededGenerator(seed: 5)
        let players = 5
        let worth = (0..<(1 << players)).map { _ in generator.uniform() * 10 }
        var sums = [Double](repeating: 0, count: players)
        var orders = 0.0
        func walk(_ order: [Int], _ left: [Int]) {
            if left.isEmpty {
                var set = 0
                for player in order {
                    sums[player] += worth[set | 1 << player] - worth[set]
                    set |= 1 << player
                }
                orders += 1
            }
            for (place, next) in left.enumerated() {
                var rest = left
                rest.remove(at: place)
                walk(order + [next], rest)
            }
        }
        walk([], Array(0..<players))
        let found = CandidateTrace.shapley(worth, players)
        for player in 0..<players { #expect(abs(found[player] - sums[player] / orders) < 1e-12) }
        #expect(CandidateTrace.shapley([3], 0).isEmpty)
        #expect(CandidateTrace.shapley([3, 5], 1) == [2])
    }

    @Test func `a theme that says nothing has no part in the effect, equal ones have equal parts`() {
        let terms = [
            ScoreTerm(theme: .base, name: "b", value: 1, mean: -0.5, variance: 0.1),
            ScoreTerm(theme: .history, name: "h", value: 1, mean: 0.4, variance: 0.1),
            ScoreTerm(theme: .recency, name: "r", value: 1, mean: 0.4, variance: 0.1),
            ScoreTerm(theme: .timing, name: "t", value: 0, mean: 0.9, variance: 0.1),
        ]
        let trace = ExplainFixture.trace(terms, contact: ContactFacts())
        let found = trace.contributions(meanGain: nil)
        func effect(_ name: String) -> Double { found.parts.first { $0.name == name }?.effect ?? .nan }
        #expect(effect("timing") == 0)
        #expect(abs(effect("history") - effect("recency")) < 1e-12 && effect("history") > 0)
    }
}
