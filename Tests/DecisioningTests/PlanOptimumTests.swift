import EngagementModel
import Statistics
import Testing

@testable import Decisioning

@Suite struct PlanOptimumTests {
    @Test func `bound is never below the exhaustive optimum and the plan never above`() throws {
        var lost = 0.0
        var total = 0.0
        for seed in 0..<400 as Range<UInt64> {
            let rich = seed % 2 == 1
            let small = SmallPlan.random(
                seed, hcps: 1 + Int(seed % 3), actions: 1 + Int(seed % 4), days: 1 + Int(seed / 3 % 3), rich: rich)
            let plan = try Planner.plan(small.problem, options: PlanOptions(threads: 1))
            let best = try #require(small.optimum())
            #expect(small.faults(plan) == [], "seed \(seed)")
            #expect(plan.upperBound >= best - 1e-4, "seed \(seed)")
            #expect(plan.objective <= best + 1e-4, "seed \(seed)")
            lost += best - plan.objective
            total += best
        }
        // Not every tiny knapsack is solved to the end; on the whole little is lost.
        #expect(lost <= 0.05 * total, "lost \(lost) of \(total)")
    }

    @Test func `without shared limits the plan is the optimum`() throws {
        for seed in 1000..<1200 as Range<UInt64> {
            var small = SmallPlan.random(seed, hcps: 3, actions: 4, days: 3, rich: true)
            small.loosen()
            let plan = try Planner.plan(small.problem, options: PlanOptions(threads: 1))
            let best = try #require(small.optimum())
            #expect(abs(plan.objective - best) <= 1e-4, "seed \(seed)")
            #expect(small.faults(plan) == [], "seed \(seed)")
        }
    }

    @Test func `a floor that can be met is met`() throws {
        var met = 0
        for seed in 2000..<2150 as Range<UInt64> {
            var small = SmallPlan.random(seed, hcps: 3, actions: 3, days: 2, rich: false)
            small.problem.limits[0].ceiling = nil
            small.problem.limits[0].floor = Double(1 + seed % 4)
            let plan = try Planner.plan(small.problem, options: PlanOptions(threads: 1))
            #expect(small.faults(plan) == [], "seed \(seed)")
            if let best = small.optimum() {
                #expect(plan.upperBound >= best - 1e-4, "seed \(seed)")
                if plan.shortfalls.isEmpty { met += 1 }
            } else {
                let shortfall = try #require(plan.shortfalls.first, "seed \(seed)")
                #expect(shortfall.attainable < shortfall.floor, "seed \(seed)")
                var relaxed = small
                relaxed.problem.limits[0].floor = shortfall.attainable
                #expect(relaxed.optimum() != nil, "seed \(seed): the relaxation would not do")
                #expect(shortfall.ceiling >= shortfall.attainable - 1e-6)
            }
        }
        #expect(met > 60)
    }
}
