import Foundation
import Statistics

/// One touch for each of millions of groups: prices from the grid's dual, the best action at these prices, and for the
/// few groups that are nearly indifferent a choice that makes the limits hold and leaves little over.
package struct GridPlan: Sendable {
    /// Action of each group, 255 for none.
    package var choice: [UInt8]
    package var objective: Double
    package var upperBound: Double
    package var iterations: Int
    /// Owners and pools over their limit.
    package var violations: Int

    package var gap: Double { (upperBound - objective) / max(abs(upperBound), 1e-300) }
}

package enum GridOptimizer {
    /// Groups of each owner that are decided one by one.
    private static let contested = 64

    package static func solve(_ grid: TouchGrid) -> GridPlan {
        let sweep = GridSweep(grid)
        let found = LimitPrices(sweep, temperature: 0)
        let real = found.prices.indices.map { found.prices[$0] * sweep.valueScale / sweep.useScales[$0] }
        var width = contested
        while true {
            let first = FirstChoice(sweep, found.prices, contested: width)
            if let plan = finish(grid, first, real, found, sweep) { return plan }
            // Too few groups could change for the limits to hold.
            width *= 8
        }
    }

    private static func finish(
        _ grid: TouchGrid, _ first: FirstChoice, _ prices: [Double], _ found: LimitPrices, _ sweep: GridSweep
    ) -> GridPlan? {
        let limits = zip(grid.capacities + grid.budgets, first.used).map { $0 - $1 }
        guard limits.allSatisfy({ $0 >= 0 }) || first.isEverything else { return nil }
        var problem = first.problem
        problem.limits = limits.map { max($0, 0) }
        let scaled = ScaledChoice(problem)
        let rounding = ChoiceRounding(
            scaled: scaled, sweep: ChoiceSweep(scaled),
            prices: prices.indices.map { prices[$0] * scaled.useScales[$0] / scaled.valueScale })
        let choice = rounding.finished(rounding.best())
        var all = first.choice
        for (place, group) in first.groups.enumerated() {
            all[group] = choice[place] < 0 ? 255 : first.actions[Int(scaled.original[Int(choice[place])])]
        }
        let (objective, used) = account(grid, all)
        // Single precision: sums of ten million values are right to about a part in ten million.
        let bound = found.bound * sweep.valueScale * (1 + 2e-7)
        let violations = zip(used, grid.capacities + grid.budgets).count { $0 > $1 * (1 + 1e-9) }
        return GridPlan(
            choice: all, objective: objective, upperBound: bound, iterations: found.iterations,
            violations: violations)
    }

    /// Value and uses of a whole choice, counted anew.
    package static func account(_ grid: TouchGrid, _ choice: [UInt8]) -> (value: Double, used: [Double]) {
        let parts = min(grid.ownerCount, 32)
        let sums = Cores.map(parts) { part -> (Double, [Double]) in
            var value = 0.0
            var used = [Double](repeating: 0, count: grid.ownerCount + grid.budgets.count)
            for owner in (grid.ownerCount * part / parts)..<(grid.ownerCount * (part + 1) / parts) {
                for block in grid.ownerBlocks[owner]..<grid.ownerBlocks[owner + 1] {
                    let base = grid.ownerGroups[owner] + (block - grid.ownerBlocks[owner]) * TouchGrid.lanes
                    for lane in 0..<grid.lanes(block, of: owner) where choice[base + lane] != 255 {
                        let action = Int(choice[base + lane])
                        value += grid.value(block, lane, action)
                        used[owner] += Double(grid.minutes[action])
                        for pool in grid.budgets.indices {
                            used[grid.ownerCount + pool] += Double(grid.costs[pool][action])
                        }
                    }
                }
            }
            return (value, used)
        }
        var used = [Double](repeating: 0, count: grid.ownerCount + grid.budgets.count)
        for sum in sums { for k in used.indices { used[k] += sum.1[k] } }
        return (sums.reduce(0) { $0 + $1.0 }, used)
    }
}

/// The best action of every group at given prices, and the groups of each owner that are nearest to another one.
private struct FirstChoice {
    /// 255 for none.
    var choice: [UInt8]
    /// What the decided groups use: owners, then pools.
    var used: [Double]
    /// Groups that are left open, and their candidates as a problem whose limits are not set yet.
    var groups: [Int] = []
    var actions: [UInt8] = []
    var problem: ChoiceProblem
    var isEverything: Bool

    private struct Open: Sendable {
        var group: Int
        var owner: Int
        var actions: [(action: UInt8, value: Double)]
    }

    init(_ sweep: GridSweep, _ prices: [Double], contested: Int) {
        let grid = sweep.grid
        var choice = [UInt8](repeating: 255, count: grid.groupCount)
        let parts = min(grid.ownerCount, 64)
        let results = choice.withUnsafeMutableBufferPointer { buffer -> [(open: [Open], used: [Double])] in
            guard let base = buffer.baseAddress else { return [] }
            let target = Shared(base)
            return Cores.map(parts) { part in
                var open: [Open] = []
                var used = [Double](repeating: 0, count: grid.ownerCount + grid.budgets.count)
                for owner in (grid.ownerCount * part / parts)..<(grid.ownerCount * (part + 1) / parts) {
                    open += Self.decide(owner, sweep, prices, contested, target.value, &used)
                }
                return (open, used)
            }
        }
        self.choice = choice
        used = Array(repeating: 0, count: grid.ownerCount + grid.budgets.count)
        for result in results { for k in used.indices { used[k] += result.used[k] } }
        isEverything = (0..<grid.ownerCount).allSatisfy {
            grid.ownerGroups[$0 + 1] - grid.ownerGroups[$0] <= contested
        }
        var (starts, values): ([Int32], [Double]) = ([0], [])
        var (useStarts, useLimits, amounts): ([Int32], [Int32], [Double]) = ([0], [], [])
        for entry in results.flatMap(\.open) {
            groups.append(entry.group)
            for (action, value) in entry.actions {
                values.append(value)
                actions.append(action)
                useLimits.append(Int32(entry.owner))
                amounts.append(Double(grid.minutes[Int(action)]))
                for pool in grid.budgets.indices {
                    useLimits.append(Int32(grid.ownerCount + pool))
                    amounts.append(Double(grid.costs[pool][Int(action)]))
                }
                useStarts.append(Int32(amounts.count))
            }
            starts.append(Int32(values.count))
        }
        problem = ChoiceProblem(
            groupStarts: starts, values: values, useStarts: useStarts, useLimits: useLimits, useAmounts: amounts,
            limits: used, floors: used.map { _ in 0 })
    }

    /// Chooses for the groups of one owner; returns those with the least regret for another choice.
    private static func decide(
        _ owner: Int, _ sweep: GridSweep, _ prices: [Double], _ contested: Int,
        _ choice: UnsafeMutablePointer<UInt8>, _ used: inout [Double]
    ) -> [Open] {
        let grid = sweep.grid
        let price = sweep.actionPrices(owner, prices)
        var regrets: [(regret: Float, group: Int)] = []
        for block in grid.ownerBlocks[owner]..<grid.ownerBlocks[owner + 1] {
            var best = SIMD16<Float>(repeating: 0)
            var second = SIMD16<Float>(repeating: -.greatestFiniteMagnitude)
            var which = SIMD16<Int32>(repeating: 255)
            for action in 0..<grid.actionCount {
                let score = grid.values(block, action) - price[action]
                let better = score .> best
                let rest = score.replacing(with: best, where: better)
                second.replace(with: rest, where: rest .> second)
                best.replace(with: score, where: better)
                which.replace(with: Int32(action), where: better)
            }
            let gap = best - second
            let base = grid.ownerGroups[owner] + (block - grid.ownerBlocks[owner]) * TouchGrid.lanes
            for lane in 0..<grid.lanes(block, of: owner) {
                choice[base + lane] = UInt8(truncatingIfNeeded: which[lane])
                regrets.append((gap[lane], base + lane))
            }
        }
        regrets.sort { ($0.regret, $0.group) < ($1.regret, $1.group) }
        let wide = regrets.prefix(contested)
        let reach = (wide.last?.regret ?? 0) * 4
        var isOpen = Set<Int>()
        var open: [Open] = []
        for (_, group) in wide {
            isOpen.insert(group)
            let place = group - grid.ownerGroups[owner]
            let block = grid.ownerBlocks[owner] + place / TouchGrid.lanes
            let lane = place % TouchGrid.lanes
            let scores = (0..<grid.actionCount).map { Float(grid.value(block, lane, $0)) - price[$0] }
            let top = scores.reduce(0, max)
            let near = (0..<grid.actionCount).filter { scores[$0] >= top - reach }
            open.append(
                Open(group: group, owner: owner, actions: near.map { (UInt8($0), grid.value(block, lane, $0)) }))
        }
        for group in grid.ownerGroups[owner]..<grid.ownerGroups[owner + 1]
        where choice[group] != 255 && !isOpen.contains(group) {
            let action = Int(choice[group])
            used[owner] += Double(grid.minutes[action])
            for pool in grid.budgets.indices { used[grid.ownerCount + pool] += Double(grid.costs[pool][action]) }
        }
        return open
    }
}
