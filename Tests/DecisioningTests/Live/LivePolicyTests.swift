import Decisioning
import EngagementModel
import Foundation
import Statistics
import Testing

@Suite struct LivePolicyTests {
    static let nets = [3.0, -0.5, 0.0, 2.2, 0.9]
    static let policies = [
        LivePolicy(temperature: 1, floor: 0.05), LivePolicy(temperature: 0.3, floor: 0),
        LivePolicy(temperature: 0, floor: 0.1), LivePolicy(temperature: 5, floor: 1),
    ]

    /// Softmax with a floor, written down plainly; the last place is no touch.
    private func expected(_ policy: LivePolicy, _ nets: [Double]) -> [Double] {
        let all = nets + [0]
        if policy.temperature == 0 {
            let best = all.firstIndex(of: all.max() ?? 0) ?? 0
            return all.indices.map { policy.floor / Double(all.count) + ($0 == best ? 1 - policy.floor : 0) }
        }
        let sum = all.reduce(0) { $0 + exp($1 / policy.temperature) }
        return all.map { (1 - policy.floor) * exp($0 / policy.temperature) / sum + policy.floor / Double(all.count) }
    }

    @Test(arguments: policies) func probabilitiesAreTheFormula(_ policy: LivePolicy) {
        for (a, b) in zip(policy.probabilities(nets: Self.nets), expected(policy, Self.nets)) {
            #expect(abs(a - b) < 1e-12)
        }
    }

    /// Over 100,000 seeds: every place's frequency is its stated propensity within four standard deviations, and the
    /// second place's within what the first leaves.
    @Test(arguments: policies) func propensitiesAreTheFrequenciesOfTheDraws(_ policy: LivePolicy) {
        let trials = 100_000
        var first = [Int](repeating: 0, count: Self.nets.count + 1)
        var second = [Int](repeating: 0, count: Self.nets.count + 1)
        let given = 0
        var stated: [Int: Double] = [:]
        for seed in 0..<trials {
            var generator = SeededGenerator(seed: UInt64(seed))
            let ranking = policy.rank(nets: Self.nets, limit: 2, using: &generator)
            first[ranking.picks.first?.candidate ?? Self.nets.count] += 1
            if ranking.picks.first?.candidate == given {
                second[ranking.picks.count > 1 ? ranking.picks[1].candidate : Self.nets.count] += 1
                if ranking.picks.count > 1 { stated[ranking.picks[1].candidate] = ranking.picks[1].propensity }
            }
        }
        let chances = expected(policy, Self.nets)
        for (count, chance) in zip(first, chances) { expectFrequency(count, chance, trials) }
        let left = Array(Self.nets.dropFirst())
        let conditional = expected(policy, left)
        for (place, chance) in conditional.enumerated() {
            expectFrequency(second[place + 1], chance, first[given])
            if place < left.count, let said = stated[place + 1] { #expect(abs(said - chance) < 1e-12) }
        }
    }

    private func expectFrequency(_ count: Int, _ chance: Double, _ trials: Int) {
        let spread = (chance * (1 - chance) * Double(trials)).squareRoot()
        #expect(abs(Double(count) - chance * Double(trials)) <= 4 * spread + 1e-9, "\(count) of \(trials), \(chance)")
    }

    @Test func theSameSeedDrawsTheSame() {
        for seed in 0..<200 {
            var (a, b) = (SeededGenerator(seed: UInt64(seed)), SeededGenerator(seed: UInt64(seed)))
            #expect(
                Self.policies[0].rank(nets: Self.nets, limit: 5, using: &a)
                    == Self.policies[0].rank(nets: Self.nets, limit: 5, using: &b))
        }
    }

    @Test func nobodyIsDrawnTwiceAndTheListEndsAtItsLimit() {
        for seed in 0..<500 {
            var generator = SeededGenerator(seed: UInt64(seed))
            let limit = seed % 8
            let ranking = Self.policies[3].rank(nets: Self.nets, limit: limit, using: &generator)
            #expect(ranking.picks.count <= min(limit, Self.nets.count))
            #expect(Set(ranking.picks.map(\.candidate)).count == ranking.picks.count)
            #expect(ranking.picks.allSatisfy { $0.propensity > 0 && $0.propensity <= 1 })
        }
    }

    @Test func withoutCandidatesNothingIsCertain() {
        var generator = SeededGenerator(seed: 1)
        #expect(
            LivePolicy(temperature: 1, floor: 0.3).rank(nets: [], limit: 3, using: &generator)
                == LivePolicy.Ranking(picks: [], noTouch: 1))
    }

    @Test func hugeValuesOverflowNothing() {
        let chances = LivePolicy(temperature: 1e-3, floor: 0.01).probabilities(nets: [1e12, -1e12, 1e12])
        #expect(chances.allSatisfy { $0.isFinite })
        #expect(abs(chances.reduce(0, +) - 1) < 1e-9)
        #expect(abs(chances[0] - chances[2]) < 1e-12)
    }

    /// Caps and gaps of one day against counting touches one by one, over random histories.
    @Test func contactRulesAgreeWithCounting() {
        var random = SeededGenerator(seed: 7)
        let today = Day(year: 2026, month: 3, day: 10)
        for _ in 0..<3000 {
            let caps = (0..<2).map { k in
                Strategy.Cap(
                    channels: Set(Channel.allCases.filter { _ in random.chance(0.5) }), max: 1 + random.below(3),
                    window: Span(seconds: (1 + random.below(14)) * 86_400), name: "cap \(k)")
            }
            let gaps = [
                Strategy.Gap(
                    channels: Set(Channel.allCases.filter { _ in random.chance(0.5) }),
                    min: Span(seconds: random.below(6) * 43_200), name: "gap")
            ]
            var history = LiveHistory()
            var touches: [(day: Day, channel: Channel)] = []
            for _ in 0..<random.below(7) {
                let touch = (today - 14 + random.below(22), Channel.allCases[random.below(Channel.allCases.count)])
                touches.append(touch)
                history.add(day: touch.0.number, channel: touch.1.code)
            }
            let answers = LiveContactRules(caps: caps, gaps: gaps, day: today).refusals(history)
            for channel in Channel.allCases {
                let breaksCap = caps.contains { cap in
                    guard cap.channels.contains(channel) else { return false }
                    let days = touches.filter { cap.channels.contains($0.channel) }.map(\.day) + [today]
                    let width = max(1, cap.window.days)
                    return (0..<width).contains { back in
                        let first = today - back
                        return days.count { $0 >= first && $0 - first < width } > cap.max
                    }
                }
                let breaksGap = gaps.contains { gap in
                    gap.channels.contains(channel)
                        && touches.contains { gap.channels.contains($0.channel) && abs($0.day - today) < gap.min.days }
                }
                let expected: Refusal? = breaksCap ? .capReached : breaksGap ? .gapTooShort : nil
                #expect(answers[Int(channel.code)] == expected, "\(channel) \(touches) \(caps) \(gaps)")
            }
        }
    }
}
