import Statistics
import Testing

@testable import Decisioning

@Suite struct OptimizeGridTests {
    /// The same problem for the general optimiser.
    private func general(_ grid: TouchGrid) -> ChoiceProblem {
        var (starts, values): ([Int32], [Double]) = ([0], [])
        var (useStarts, useLimits, amounts): ([Int32], [Int32], [Double]) = ([0], [], [])
        for owner in 0..<grid.ownerCount {
            for place in 0..<(grid.ownerGroups[owner + 1] - grid.ownerGroups[owner]) {
                for action in 0..<grid.actionCount {
                    values.append(grid.value(grid.ownerBlocks[owner] + place / 16, place % 16, action))
                    useLimits.append(Int32(owner))
                    amounts.append(Double(grid.minutes[action]))
                    for pool in grid.budgets.indices {
                        useLimits.append(Int32(grid.ownerCount + pool))
                        amounts.append(Double(grid.costs[pool][action]))
                    }
                    useStarts.append(Int32(amounts.count))
                }
                starts.append(Int32(values.count))
            }
        }
        return ChoiceProblem(
            groupStarts: starts, values: values, useStarts: useStarts, useLimits: useLimits, useAmounts: amounts,
            limits: grid.capacities + grid.budgets,
            floors: Array(repeating: 0, count: grid.ownerCount + grid.budgets.count))
    }

    @Test func theGridAgreesWithTheGeneralOptimiser() {
        let grid = GridBenchmark.grid(groups: 10_007)
        let plan = GridOptimizer.solve(grid)
        let problem = general(grid)
        let reference = ChoiceOptimizer.solve(problem)
        #expect(plan.violations == 0)
        #expect(abs(plan.upperBound - reference.upperBound) < 2e-4 * reference.upperBound)
        #expect(plan.objective <= reference.upperBound * (1 + 1e-6))
        #expect(plan.gap < 1e-3, "\(plan.gap)")
        // The choice, counted by the general problem.
        let choice = plan.choice.enumerated().map { $1 == 255 ? -1 : Int32($0 * grid.actionCount) + Int32($1) }
        #expect(problem.violations(choice).isEmpty)
        #expect(abs(problem.value(choice) - plan.objective) < 1e-6 * plan.objective)
        #expect(GridOptimizer.solve(grid).choice == plan.choice)
    }

    @Test func valuesSurviveTheirSixteenBits() {
        var generator = SeededGenerator(seed: 1)
        let values = (0..<(37 * 3)).map { _ in Float(generator.normal() * 100) }
        let grid = TouchGrid(
            groupsOfOwner: [20, 17], minutes: [1, 2, 3], capacities: [10, 10], costs: [], budgets: []
        ) { group, out in
            for action in 0..<3 { out[action] = values[group * 3 + action] }
        }
        for group in 0..<37 {
            let (owner, place) = group < 20 ? (0, group) : (1, group - 20)
            let most = (0..<3).reduce(Float(0)) { max($0, abs(values[group * 3 + $1])) }
            for action in 0..<3 {
                let got = grid.value(grid.ownerBlocks[owner] + place / 16, place % 16, action)
                #expect(abs(got - Double(values[group * 3 + action])) <= Double(most) / 32767)
            }
        }
    }

    @Test func withoutCapacityNothingThatTakesTimeIsChosen() {
        let grid = TouchGrid(
            groupsOfOwner: [100], minutes: [5, 0], capacities: [0], costs: [[1, 1]], budgets: [30]
        ) { group, out in
            out = [10, 1 + Float(group) / 100]
        }
        let plan = GridOptimizer.solve(grid)
        #expect(plan.violations == 0)
        #expect(!plan.choice.contains(0))
        #expect(plan.choice.count { $0 == 1 } == 30)
    }
}
