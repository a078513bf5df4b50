import EngagementModel
import Statistics
import Testing

@testable import Decisioning

@Suite struct PlanTrellisTests {
    @Test func `marginals agree with enumeration over random rules and histories`() throws {
        for seed in 0..<300 as Range<UInt64> {
            var small = SmallPlan.random(
                seed, hcps: 3, actions: 1 + Int(seed % 4), days: 1 + Int(seed / 2 % 4), rich: true)
            small.loosen()
            let tau = [0.5, 2, 8][Int(seed % 3)]
            small.problem.temperature = .fixed(tau)
            let plan = try Planner.plan(small.problem, options: PlanOptions(threads: 1, marginals: [0, 1, 2]))
            let width = small.problem.dayCount * (small.problem.actionCount + 1)
            for hcp in 0..<3 {
                let expected = small.marginals(hcp) { Double(small.value(hcp, $0) / tau).exponential }
                for k in 0..<width {
                    let found = Double(plan.marginals[hcp * width + k])
                    #expect(abs(found - expected[k]) < 2e-4, "seed \(seed) hcp \(hcp) cell \(k)")
                }
                for (day, action) in small.sequence(plan, hcp).enumerated() {
                    let column = action < 0 ? small.problem.actionCount : action
                    let p = Double(plan.propensity[hcp * small.problem.dayCount + day])
                    #expect(abs(p - expected[day * (small.problem.actionCount + 1) + column]) < 2e-4, "seed \(seed)")
                }
            }
        }
    }

    @Test func `the random arm is even over eligible actions`() throws {
        for seed in 0..<100 as Range<UInt64> {
            var small = SmallPlan.random(seed, hcps: 2, actions: 3, days: 3, rich: true)
            small.loosen()
            small.problem.arms = [.random, .random]
            small.problem.randomTouchRate = 0.4
            let plan = try Planner.plan(small.problem, options: PlanOptions(threads: 1, marginals: [0, 1]))
            let width = 3 * 4
            for hcp in 0..<2 {
                let eligible = (0..<3).count { a in
                    small.problem.value[hcp * 3 + a] > -.infinity
                        && (small.problem.senderSlot[a] < 0 || small.problem.sender[hcp] >= 0)
                }
                let each = 0.4 / 0.6 / Double(max(1, eligible))
                let expected = small.marginals(hcp) { sequence in
                    sequence.reduce(1) { $1 >= 0 ? $0 * each : $0 }
                }
                for k in 0..<width {
                    #expect(abs(Double(plan.marginals[hcp * width + k]) - expected[k]) < 2e-4, "seed \(seed)")
                }
            }
        }
    }

    @Test func `sampled choices come as often as their propensity says`() throws {
        var small = SmallPlan.random(11, hcps: 4, actions: 3, days: 3, rich: true)
        small.loosen()
        small.problem.temperature = .fixed(3)
        small.problem.explorationFloor = 0.2
        let runs = 4000
        let width = 3 * 4
        let reference = try Planner.plan(
            small.problem, options: PlanOptions(threads: 1, marginals: [0, 1, 2, 3])
        ).marginals
        var seen = [Double](repeating: 0, count: reference.count)
        for run in 0..<runs {
            small.problem.seed = UInt64(run) &* 7919
            let plan = try Planner.plan(small.problem, options: PlanOptions(threads: 1))
            for hcp in 0..<4 {
                for (day, action) in small.sequence(plan, hcp).enumerated() {
                    seen[hcp * width + day * 4 + (action < 0 ? 3 : action)] += 1
                }
            }
        }
        for k in seen.indices {
            let p = Double(reference[k])
            let sigma = (max(p * (1 - p), 1e-4) / Double(runs)).squareRoot()
            #expect(abs(seen[k] / Double(runs) - p) < 5 * sigma, "cell \(k): \(seen[k] / Double(runs)) against \(p)")
        }
    }
}
