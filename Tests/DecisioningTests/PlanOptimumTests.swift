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
        print("lost \(lost / total) of the exhaustive optimum")
        // Not every tiny knapsack is solved to the end; on the whole little is lost.
        #expect(lost <= 0.02 * total, "lost \(lost) of \(total)")
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

    @Test func `floors that exclude each other are reported with a relaxation that would do`() throws {
        var reported = 0
        for seed in 3000..<3100 as Range<UInt64> {
            var small = SmallPlan.random(seed, hcps: 3, actions: 3, days: 2, rich: false)
            small.problem.limits = (0..<2).map { k in
                SharedLimit(
                    name: "floor \(k)", usage: (0..<3).map { $0 == k ? 1 : 0 }, floor: Double(1 + (Int(seed) + k) % 4))
            }
            let plan = try Planner.plan(small.problem, options: PlanOptions(threads: 1))
            #expect(small.faults(plan) == [], "seed \(seed)")
            guard let short = plan.shortfalls.first else { continue }
            reported += 1
            #expect(short.reached <= short.attainable + 1e-6 && short.attainable < short.floor, "seed \(seed)")
            #expect(short.ceiling >= short.attainable - 1e-6)
            // All others as far as this plan reaches them, the first as far as it is said to go.
            var relaxed = small
            for l in 0..<2 {
                let floor = small.problem.limits[l].floor ?? 0
                relaxed.problem.limits[l].floor =
                    small.problem.limits[l].name == short.limit ? short.attainable : min(floor, plan.limitUsed[l])
            }
            #expect(relaxed.optimum() != nil, "seed \(seed): the relaxation would not do")
        }
        #expect(reported > 20)
    }
}
