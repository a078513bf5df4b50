import Foundation
import Statistics

/// The dual of a grid: things 0..<owners are minutes, the rest are pools.
struct GridSweep: DualSurface {
    let grid: TouchGrid
    let limits: [Double]
    let floors: [Double]
    let globals: [Int32]
    let globalNumber: [Int32]
    let valueScale: Double
    let useScales: [Double]
    var groupCount: Int { grid.groupCount }

    init(_ grid: TouchGrid) {
        self.grid = grid
        let pools = grid.budgets.count
        // A sample settles the units; they change no result, only tolerances.
        var (sum, count) = (0.0, 0.0)
        for owner in stride(from: 0, to: grid.ownerCount, by: max(1, grid.ownerCount / 50)) {
            for block in grid.ownerBlocks[owner]..<min(grid.ownerBlocks[owner] + 4, grid.ownerBlocks[owner + 1]) {
                for lane in 0..<grid.lanes(block, of: owner) {
                    let top = (0..<grid.actionCount).reduce(0.0) { max($0, abs(grid.value(block, lane, $1))) }
                    sum += top
                    count += 1
                }
            }
        }
        valueScale = sum > 0 ? sum / count : 1
        func mean(_ values: [Float]) -> Double {
            let positive = values.filter { $0 > 0 }
            return positive.isEmpty ? 1 : positive.reduce(0) { $0 + Double($1) } / Double(positive.count)
        }
        let minuteScale = mean(grid.minutes)
        useScales = Array(repeating: minuteScale, count: grid.ownerCount) + grid.costs.map(mean)
        limits = zip(grid.capacities + grid.budgets, useScales).map { $0 / $1 }
        floors = Array(repeating: 0, count: limits.count)
        globals = (0..<pools).map { Int32(grid.ownerCount + $0) }
        globalNumber = (0..<limits.count).map { $0 < grid.ownerCount ? -1 : Int32($0 - grid.ownerCount) }
    }

    func share(_ stride: Int) -> Double {
        var visited = 0
        for owner in 0..<grid.ownerCount {
            let blocks = grid.ownerBlocks[owner + 1] - grid.ownerBlocks[owner]
            let first = owner % Swift.max(1, Swift.min(stride, blocks))
            var block = first
            while block < blocks {
                visited += grid.lanes(grid.ownerBlocks[owner] + block, of: owner)
                block += stride
            }
        }
        return Double(visited) / Double(Swift.max(grid.groupCount, 1))
    }

    /// What each action costs a group of an owner at given (scaled) prices, in units of value.
    func actionPrices(_ owner: Int, _ prices: [Double]) -> [Float] {
        (0..<grid.actionCount).map { action in
            var price = prices[owner] * Double(grid.minutes[action]) / useScales[owner]
            for pool in grid.budgets.indices {
                let k = grid.ownerCount + pool
                price += prices[k] * Double(grid.costs[pool][action]) / useScales[k]
            }
            return Float(price * valueScale)
        }
    }

    /// - Parameter stride: every `stride`-th block of each owner only.
    func evaluate(_ prices: [Double], temperature: Double, stride: Int) -> ChoiceDual {
        let parts = min(grid.ownerCount, 32)
        let sums = Cores.map(parts) { part in
            over((grid.ownerCount * part / parts)..<(grid.ownerCount * (part + 1) / parts), prices, temperature, stride)
        }
        var total = sums[0]
        for sum in sums.dropFirst() { total.add(sum) }
        return total
    }

    private func over(_ owners: Range<Int>, _ prices: [Double], _ temperature: Double, _ stride: Int) -> ChoiceDual {
        let pools = grid.budgets.count
        var point = ChoiceDual(things: limits.count, globals: pools)
        let tau = Float(temperature * valueScale)
        var scores = [Lanes](repeating: Lanes(), count: grid.actionCount)
        // Uses of an action: minutes first, then the pools, in scaled units.
        let uses = (0..<grid.actionCount).map { action in
            [grid.minutes[action] / Float(useScales[0])]
                + (0..<pools).map { grid.costs[$0][action] / Float(useScales[grid.ownerCount + $0]) }
        }
        var sums = [Lanes](repeating: Lanes(), count: pools + 1)
        var products = [Lanes](repeating: Lanes(), count: (pools + 1) * (pools + 1))
        for owner in owners {
            let price = actionPrices(owner, prices)
            var owned = OwnerSums(pools + 1)
            let first = grid.ownerBlocks[owner]
            let last = grid.ownerBlocks[owner + 1]
            var block = first + owner % Swift.max(1, Swift.min(stride, last - first))
            while block < last {
                blockSums(block, price, tau, uses, &scores, &sums, &products, &owned)
                block += stride
            }
            owned.add(to: &point, owner: owner, pools: grid.ownerCount, tau: Double(tau), valueScale)
        }
        return point
    }

    @inline(__always) private func blockSums(
        _ block: Int, _ price: [Float], _ tau: Float, _ uses: [[Float]], _ scores: inout [Lanes],
        _ sums: inout [Lanes], _ products: inout [Lanes], _ owned: inout OwnerSums
    ) {
        let count = sums.count
        var top = Lanes(repeating: 0)
        for action in scores.indices {
            let score = grid.values(block, action) - price[action]
            scores[action] = score
            top = LaneMath.max(top, score)
        }
        let rate = 1.442_695_04 / tau
        var total = LaneMath.exp2Down((0 - top) * rate)
        for k in 0..<count { sums[k] = Lanes() }
        for k in 0..<(count * count) { products[k] = Lanes() }
        for action in scores.indices {
            let weight = LaneMath.exp2Down((scores[action] - top) * rate)
            total += weight
            for i in 0..<count {
                let part = weight * uses[action][i]
                sums[i] += part
                for j in 0...i { products[i * count + j] += part * uses[action][j] }
            }
        }
        let inverse = 1 / total
        owned.hard += Double(laneSum(top))
        for lane in 0..<16 { owned.logs += LaneMath.ln(total[lane]) }
        for i in 0..<count { sums[i] *= inverse }
        for i in 0..<count {
            owned.usage[i] += Double(laneSum(sums[i]))
            for j in 0...i {
                owned.products[i * count + j] += Double(
                    laneSum(products[i * count + j] * inverse - sums[i] * sums[j]))
            }
        }
    }
}

/// Sums over the blocks of one owner: minutes first, then pools.
private struct OwnerSums {
    let count: Int
    var hard = 0.0
    var logs = 0.0
    var usage: [Double]
    var products: [Double]

    init(_ count: Int) {
        self.count = count
        usage = Array(repeating: 0, count: count)
        products = Array(repeating: 0, count: count * count)
    }

    /// Scaled units: values over the value scale; curvature times it over the temperature.
    func add(to point: inout ChoiceDual, owner: Int, pools first: Int, tau: Double, _ valueScale: Double) {
        let pools = count - 1
        point.hard += hard / valueScale
        point.soft += (hard + tau * logs) / valueScale
        let bend = valueScale / tau
        point.usage[owner] += usage[0]
        point.diagonal[owner] += products[0] * bend
        for i in 0..<pools {
            point.usage[first + i] += usage[i + 1]
            point.border[owner * pools + i] += products[(i + 1) * count] * bend
            for j in 0...i { point.block[i * pools + j] += products[(i + 1) * count + j + 1] * bend }
        }
    }
}

@inline(__always) private func laneSum(_ x: Lanes) -> Float {
    let eight = x.lowHalf + x.highHalf
    let four = eight.lowHalf + eight.highHalf
    let two = four.lowHalf + four.highHalf
    return two.x + two.y
}
