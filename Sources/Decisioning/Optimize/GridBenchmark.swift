import Foundation
import Statistics

/// The planning of one touch each for millions of HCPs, measured.
package struct GridBenchmark: Sendable {
    package var groups: Int
    package var fillSeconds: Double
    package var solveSeconds: Double
    package var gap: Double
    package var violations: Int
    package var iterations: Int
    package var objective: Double

    /// 24 actions in six channels, an owner for every 5,000 groups, minutes for about a third of the groups, a budget
    /// for about half of what they would cost, and a volume.
    package static func grid(groups: Int, seed: UInt64 = 1) -> TouchGrid {
        let owners = max(1, groups / 5_000)
        let sizes = (0..<owners).map { groups * ($0 + 1) / owners - groups * $0 / owners }
        let baseMinutes: [Float] = [30, 15, 10, 0, 5, 20]
        let moreMinutes: [Float] = [5, 5, 2, 0, 1, 5]
        let baseCost: [Float] = [20, 8, 4, 0.5, 1, 12]
        let minutes: [Float] = (0..<24).map { baseMinutes[$0 % 6] + Float($0 / 6) * moreMinutes[$0 % 6] }
        let costs: [Float] = (0..<24).map { baseCost[$0 % 6] * (1 + 0.25 * Float($0 / 6)) }
        let volume: [Float] = (0..<24).map { $0 % 6 == 3 || $0 % 6 == 4 ? 1 : 0 }
        let effect: [Float] = [0.30, 0.18, 0.12, 0.05, 0.06, 0.22]
        return TouchGrid(
            groupsOfOwner: sizes, minutes: minutes, capacities: sizes.map { Double($0) * 8 },
            costs: [costs, volume], budgets: [Double(groups) * 3, Double(groups) * 0.3]
        ) { group, values in
            var generator = SeededGenerator(seed: seed, stream: UInt64(group))
            let potential = Float(25 * (generator.exponential() + generator.exponential()))
            for action in 0..<24 {
                let taste = Float(generator.uniform() + generator.uniform()) * 0.9 + 0.2
                values[action] = potential * effect[action % 6] * taste - costs[action]
            }
        }
    }

    package static func run(groups: Int) -> GridBenchmark {
        func seconds(_ since: ContinuousClock.Instant) -> Double {
            let taken = ContinuousClock.now - since
            return Double(taken.components.seconds) + Double(taken.components.attoseconds) * 1e-18
        }
        let start = ContinuousClock.now
        let grid = grid(groups: groups)
        let filled = seconds(start)
        let begin = ContinuousClock.now
        let plan = GridOptimizer.solve(grid)
        return GridBenchmark(
            groups: groups, fillSeconds: filled, solveSeconds: seconds(begin), gap: plan.gap,
            violations: plan.violations, iterations: plan.iterations, objective: plan.objective)
    }
}
