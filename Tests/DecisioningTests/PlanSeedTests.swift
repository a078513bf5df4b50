import EngagementModel
import Statistics
import Testing

@testable import Decisioning

/// Propensities against how often each choice is drawn, over many seeds.
@Suite struct PlanSeedTests {
    /// Choices of every HCP and day, counted over seeds: HCPs × days × (actions + 1), the last for no touch.
    private static func counts(_ problem: PlanProblem, seeds: Int) -> [Int] {
        let width = problem.actionCount + 1
        let cells = problem.hcpCount * problem.dayCount
        let parts = 64
        let lists = Cores.map(parts) { part in
            var seen = [Int](repeating: 0, count: cells * width)
            var copy = problem
            for seed in (part * seeds / parts)..<((part + 1) * seeds / parts) {
                copy.seed = UInt64(seed) &* 7919
                guard let plan = try? Planner.plan(copy, options: PlanOptions(threads: 1)) else { continue }
                for cell in 0..<cells {
                    let choice = Int(plan.choice[cell])
                    seen[cell * width + (choice < 0 ? width - 1 : choice)] += 1
                }
            }
            return seen
        }
        var total = [Int](repeating: 0, count: cells * width)
        for list in lists { for k in total.indices { total[k] += list[k] } }
        return total
    }

    @Test func `choices come as often as their propensity says, over 100,000 seeds`() throws {
        var small = SmallPlan.random(3, hcps: 2, actions: 2, days: 2, rich: true)
        small.loosen()
        small.problem.temperature = .fixed(3)
        small.problem.explorationFloor = 0.2
        let seeds = 100_000
        let seen = Self.counts(small.problem, seeds: seeds)
        let plan = try Planner.plan(small.problem, options: PlanOptions(threads: 1, marginals: [0, 1]))
        for k in seen.indices {
            let p = Double(plan.marginals[k])
            let sigma = (max(p * (1 - p), 1e-6) / Double(seeds)).squareRoot()
            let share = Double(seen[k]) / Double(seeds)
            #expect(abs(share - p) < 5 * sigma, "cell \(k): \(share) against \(p)")
        }
        // Every day of every HCP was decided in every plan.
        #expect(seen.reduce(0, +) == seeds * 4)
    }

    /// Capacity for one talk where four would like one: the repairs decide, and the counted propensities know it.
    @Test func `counted propensities hold where capacity binds`() throws {
        var problem = PlanProblem(
            hcpCount: 4, actionCount: 1, dayOffsets: [1], dayWeekdays: [0], value: [9, 8, 7, 6], actionClass: [0],
            senderSlot: [0], actionMinutes: [30])
        problem.slotCount = 1
        problem.sender = [0, 0, 0, 0]
        problem.repCount = 1
        problem.repMinutes = [30]
        problem.temperature = .fixed(4)
        problem.explorationFloor = 0.1
        let seeds = 4000
        let seen = Self.counts(problem, seeds: seeds)
        let plan = try Planner.plan(
            problem, options: PlanOptions(threads: 1, marginals: [0, 1, 2, 3], propensitySeeds: seeds))
        for hcp in 0..<4 {
            for choice in 0..<2 {
                let share = Double(seen[hcp * 2 + choice]) / Double(seeds)
                let counted = Double(plan.marginals[hcp * 2 + choice])
                let sigma = (max(share * (1 - share), 1e-4) / Double(seeds)).squareRoot()
                #expect(abs(share - counted) < 5 * 1.5 * sigma, "HCP \(hcp): \(share) against \(counted)")
            }
            let published = plan.choice[hcp] < 0 ? 1 : 0
            #expect(abs(plan.propensity[hcp] - plan.marginals[hcp * 2 + published]) < 1e-5)
        }
        // One talk at most in any plan.
        #expect((0..<4).reduce(0) { $0 + seen[$1 * 2] } <= seeds)
    }

    @Test func `what is kept from yesterday's plan is certain`() throws {
        var small = SmallPlan.random(11, hcps: 40, actions: 3, days: 3, rich: false)
        small.problem.temperature = .fixed(1)
        small.problem.explorationFloor = 0.05
        small.problem.previousChoice = try Planner.plan(small.problem).choice
        small.problem.maxChangedShare = 0.3
        small.problem.seed = 5
        let plan = try Planner.plan(
            small.problem, options: PlanOptions(marginals: Array(0..<40), propensitySeeds: 20))
        #expect(plan.isKept.contains(true) && plan.isKept.contains(false))
        for hcp in 0..<40 where plan.isKept[hcp] {
            for day in 0..<3 {
                #expect(plan.choice[hcp * 3 + day] == small.problem.previousChoice[hcp * 3 + day])
                #expect(plan.propensity[hcp * 3 + day] == 1)
                let choice = Int(plan.choice[hcp * 3 + day])
                #expect(abs(plan.marginals[(hcp * 3 + day) * 4 + (choice < 0 ? 3 : choice)] - 1) < 1e-6)
            }
        }
    }
}
