import EngagementModel
import Testing

@testable import Decisioning

/// Why the logged propensity must know the repairs: importance weights with it are right where capacity binds, and with
/// the formula of the proposal they are not.
struct PlanWeightTests {
    /// Capacity for one talk where four would like one.
    private static var problem: PlanProblem {
        var problem = PlanProblem(
            hcpCount: 4, actionCount: 1, dayOffsets: [1], dayWeekdays: [0], value: [9, 8, 7, 6], actionClass: [0],
            senderSlot: [0], actionMinutes: [30])
        problem.slotCount = 1
        problem.sender = [0, 0, 0, 0]
        problem.repCount = 1
        problem.repMinutes = [30]
        problem.temperature = .fixed(4)
        problem.explorationFloor = 0.1
        return problem
    }

    /// Mean over many logged plans of 1{talk} / propensity, by HCP: 1 where the propensity is the chance of the talk.
    private func weights(seeds: Int) throws -> [Double] {
        var sums = [Double](repeating: 0, count: 4)
        let plans = 3000
        for seed in 0..<plans {
            var copy = Self.problem
            copy.seed = UInt64(seed) &* 104_729 &+ 11
            let plan = try Planner.plan(copy, options: PlanOptions(threads: 1, propensitySeeds: seeds))
            for hcp in 0..<4 where plan.choice[hcp] >= 0 { sums[hcp] += 1 / Double(plan.propensity[hcp]) }
        }
        return sums.map { $0 / Double(plans) }
    }

    /// A random arm of four whose share of the rep's minutes is one talk: how often each is left the talk is its propensity.
    @Test func `the random arm's propensities are observed frequencies, repairs included`() throws {
        var problem = Self.problem
        problem.arms = [PlanArm](repeating: .random, count: 4)
        problem.randomTouchRate = 0.8
        var (talks, logged, formula) = ([Double](repeating: 0, count: 4), 0.0, 0.0)
        var weights = [Double](repeating: 0, count: 4)
        let plans = 2000
        for seed in 0..<plans {
            problem.seed = UInt64(seed) &* 104_729 &+ 11
            let plan = try Planner.plan(problem, options: PlanOptions(threads: 1, propensitySeeds: 64))
            for hcp in 0..<4 where plan.choice[hcp] >= 0 {
                talks[hcp] += 1
                logged += Double(plan.propensity[hcp])
                weights[hcp] += 1 / Double(plan.propensity[hcp])
                if seed < 50 {
                    let plain = try Planner.plan(problem, options: PlanOptions(threads: 1))
                    formula = max(formula, Double(plain.propensity[hcp]))
                }
            }
        }
        let all = talks.reduce(0, +)
        // One talk is left in nearly every plan, to each of the four as often.
        #expect(all > 0.9 * Double(plans) && all <= Double(plans))
        for hcp in 0..<4 {
            #expect(abs(talks[hcp] / Double(plans) - 0.25) < 0.04, "\(talks)")
            #expect(abs(weights[hcp] / Double(plans) - 1) < 0.25, "\(weights)")
        }
        #expect(abs(logged / all - all / Double(plans) / 4) < 0.03, "\(logged / all)")
        // What the draw alone says is three times as much.
        #expect(formula > 0.6, "\(formula)")
    }

    @Test func `weights by counted propensities are right, by the proposal's they are not`() throws {
        let counted = try weights(seeds: 64)
        // 1 but for the noise of 3,000 logs, and for what one over a count of 64 exceeds its mean: (1 − p) / 64 p, a fifth
        // for the rarest talk.
        for weight in counted { #expect(abs(weight - 1) < 0.3, "\(counted)") }
        let proposed = try weights(seeds: 0)
        let worst = proposed.map { abs($0 - 1) }.max() ?? 0
        #expect(worst > 0.5, "\(proposed)")
        #expect(worst > 2 * (counted.map { abs($0 - 1) }.max() ?? 1), "\(counted) \(proposed)")
    }
}
