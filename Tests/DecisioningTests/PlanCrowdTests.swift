import Statistics
import Testing

@testable import Decisioning

/// Instances made to break rules: histories over their caps, frozen touches ahead, dismissed touches, stale plans.
@Suite struct PlanCrowdTests {
    @Test func `overrun histories, frozen touches and dismissed touches never lead to a violation`() throws {
        for seed in 0..<600 as Range<UInt64> {
            var small = SmallPlan.random(
                seed &+ 9000, hcps: 16, actions: 1 + Int(seed % 6), days: 1 + Int(seed % 10), rich: true, maxOffset: 18)
            small.crowd(seed)
            switch seed % 5 {
            case 0: small.problem.temperature = .auto
            case 1: (small.problem.temperature, small.problem.explorationFloor) = (.fixed(5), 0.5)
            case 2: small.problem.limits[0].floor = min(3, small.problem.limits[0].ceiling ?? 3)
            default: break
            }
            if seed % 3 == 0 {
                small.problem.arms = (0..<16).map { [.engine, .random, .rules][$0 % 3] }
                small.problem.ruleRanking = (0..<UInt8(small.problem.actionCount)).reversed()
            }
            let plan = try Planner.plan(small.problem, options: PlanOptions(threads: 1))
            #expect(small.faults(plan) == [], "seed \(seed)")
        }
    }

    @Test func `a crowded plan is still never above the optimum, nor its bound below`() throws {
        for seed in 0..<150 as Range<UInt64> {
            var small = SmallPlan.random(
                seed &+ 700, hcps: 2, actions: 1 + Int(seed % 3), days: 1 + Int(seed % 3), rich: true)
            small.crowd(seed)
            small.problem.maxChangedShare = nil
            let plan = try Planner.plan(small.problem, options: PlanOptions(threads: 1))
            let best = try #require(small.optimum())
            #expect(plan.upperBound >= best - 1e-4, "seed \(seed)")
            #expect(plan.objective <= best + 1e-4, "seed \(seed)")
        }
    }

    @Test func `a dismissed touch is not offered again on its day, its channel stays open on others`() throws {
        var problem = PlanProblem(
            hcpCount: 2, actionCount: 2, dayOffsets: [1, 2, 3], dayWeekdays: [0, 1, 2], value: [9, 5, 9, 5],
            actionClass: [0, 0], senderSlot: [-1, -1], actionMinutes: [0, 0])
        problem.ruleSets = [ContactRules(gaps: [.init(classes: 1, minDays: 30)])]
        problem.actionChannel = [4, 7]
        problem.temperature = .fixed(0)
        problem.weekdayFactor = [1, 0.5, 0.4, 1, 1, 1, 1, 1, 0.5, 0.4, 1, 1, 1, 1]
        problem.blockStart = [0, 1, 1]
        problem.blockDay = [1]
        problem.blockChannel = [4]
        let plan = try Planner.plan(problem)
        #expect(plan.violations == 0)
        // The other channel on the first day is worth 5, the dismissed one a day later 4.5.
        #expect(Array(plan.choice[0..<3]) == [1, -1, -1])
        #expect(Array(plan.choice[3..<6]) == [0, -1, -1])
        problem.blockDay = [40]
        #expect(try Planner.plan(problem).choice[0] == 0)
        problem.actionChannel = []
        #expect(throws: (any Error).self) { try Planner.plan(problem) }
    }
}
