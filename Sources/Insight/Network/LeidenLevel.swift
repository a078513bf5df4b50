import Foundation
import Statistics

/// One level of the Leiden algorithm: a network whose nodes are groups of nodes of the level below.
struct LeidenLevel {
    let nodeCount: Int
    let offsets: [Int]
    let targets: [Int32]
    let weights: [Double]
    /// Strength of a node: all weight of its members, inner ties included in both directions.
    let strength: [Double]
    /// 2m, the same at every level.
    let totalWeight: Double

    init(_ graph: NetworkGraph) {
        (nodeCount, offsets, targets, weights) = (graph.nodeCount, graph.offsets, graph.targets, graph.weights)
        strength = graph.strengths()
        totalWeight = strength.reduce(0, +)
    }

    private init(
        nodeCount: Int, offsets: [Int], targets: [Int32], weights: [Double], strength: [Double], totalWeight: Double
    ) {
        self.nodeCount = nodeCount
        self.offsets = offsets
        self.targets = targets
        self.weights = weights
        self.strength = strength
        self.totalWeight = totalWeight
    }

    /// Nodes in random order (Fisher and Yates).
    private func shuffled(_ generator: inout SeededGenerator) -> [Int32] {
        var order = (0..<Int32(nodeCount)).map { $0 }
        for i in stride(from: nodeCount - 1, to: 0, by: -1) { order.swapAt(i, generator.below(i + 1)) }
        return order
    }

    /// Fast local moving: each node goes to the neighbouring community (or to one of its own) with the largest gain;
    /// the neighbours of a node that moved are looked at again. Returns dense community numbers.
    func move(
        _ start: [Int32], resolution: Double, _ generator: inout SeededGenerator
    ) -> (communities: [Int32], count: Int) {
        let n = nodeCount
        let community = NetworkScratch<Int32>(repeating: 0, count: n)
        let total = NetworkScratch<Double>(repeating: 0, count: n)
        let members = NetworkScratch<Int32>(repeating: 0, count: n)
        let link = NetworkScratch<Double>(repeating: 0, count: n)
        let touched = NetworkScratch<Int32>(repeating: 0, count: n)
        let waiting = NetworkScratch<Bool>(repeating: true, count: n)
        let empty = NetworkScratch<Int32>(repeating: 0, count: n)
        for node in 0..<n {
            let c = Int(start[node])
            community.base[node] = start[node]
            total.base[c] += strength[node]
            members.base[c] += 1
        }
        var emptyCount = 0
        for c in 0..<n where members.base[c] == 0 {
            empty.base[emptyCount] = Int32(c)
            emptyCount += 1
        }
        let order = shuffled(&generator)
        let queue = NetworkScratch<Int32>(repeating: 0, count: n)
        for i in 0..<n { queue.base[i] = order[i] }
        let factor = resolution / totalWeight
        offsets.withUnsafeBufferPointer { offsets in
            targets.withUnsafeBufferPointer { targets in
                weights.withUnsafeBufferPointer { weights in
                    strength.withUnsafeBufferPointer { strength in
                        let (community, total, members) = (community.base, total.base, members.base)
                        let (link, touched, waiting) = (link.base, touched.base, waiting.base)
                        let (empty, queue) = (empty.base, queue.base)
                        var (head, length) = (0, n)
                        while length > 0 {
                            let v = Int(queue[head])
                            head = head + 1 == n ? 0 : head + 1
                            length -= 1
                            waiting[v] = false
                            let own = Int(community[v])
                            let k = strength[v]
                            let arcs = offsets[v]..<offsets[v + 1]
                            var touchedCount = 0
                            for position in arcs {
                                let c = Int(community[Int(targets[position])])
                                if link[c] == 0 {
                                    touched[touchedCount] = Int32(c)
                                    touchedCount += 1
                                }
                                link[c] += weights[position]
                            }
                            total[own] -= k
                            var best = own
                            var bestGain = link[own] - factor * k * total[own]
                            for i in 0..<touchedCount {
                                let c = Int(touched[i])
                                let gain = link[c] - factor * k * total[c]
                                if gain > bestGain + 1e-12 * (abs(bestGain) + k) { (best, bestGain) = (c, gain) }
                            }
                            for i in 0..<touchedCount { link[Int(touched[i])] = 0 }
                            if bestGain < 0, members[own] > 1, emptyCount > 0 {
                                emptyCount -= 1
                                best = Int(empty[emptyCount])
                            }
                            total[best] += k
                            guard best != own else { continue }
                            community[v] = Int32(best)
                            members[best] += 1
                            members[own] -= 1
                            if members[own] == 0 {
                                empty[emptyCount] = Int32(own)
                                emptyCount += 1
                            }
                            for position in arcs {
                                let u = Int(targets[position])
                                guard !waiting[u], Int(community[u]) != best else { continue }
                                waiting[u] = true
                                let tail = head + length
                                queue[tail >= n ? tail - n : tail] = Int32(u)
                                length += 1
                            }
                        }
                    }
                }
            }
        }
        return Self.dense(community, n)
    }

    /// Numbers in order of first appearance.
    private static func dense(_ community: NetworkScratch<Int32>, _ n: Int) -> (communities: [Int32], count: Int) {
        var number = [Int32](repeating: -1, count: n)
        var count: Int32 = 0
        let result = (0..<n).map { node in
            let c = Int(community.base[node])
            if number[c] < 0 {
                number[c] = count
                count += 1
            }
            return number[c]
        }
        return (result, Int(count))
    }

    /// Splits communities into well-connected parts: from single nodes, each still alone joins a part of its community
    /// drawn with probability ∝ exp(gain / θ) among those that are well connected and do not lose.
    func refine(
        _ partition: [Int32], count: Int, resolution: Double, theta: Double, _ generator: inout SeededGenerator
    ) -> (communities: [Int32], count: Int) {
        let n = nodeCount
        var parentTotal = [Double](repeating: 0, count: count)
        for node in 0..<n { parentTotal[Int(partition[node])] += strength[node] }
        let part = NetworkScratch<Int32>(repeating: 0, count: n)
        let total = NetworkScratch<Double>(repeating: 0, count: n)
        let alone = NetworkScratch<Bool>(repeating: true, count: n)
        // Weight between a part and the rest of its community.
        let cut = NetworkScratch<Double>(repeating: 0, count: n)
        let link = NetworkScratch<Double>(repeating: 0, count: n)
        let factor = resolution / totalWeight
        for node in 0..<n {
            part.base[node] = Int32(node)
            total.base[node] = strength[node]
            var inside = 0.0
            for position in offsets[node]..<offsets[node + 1] where partition[Int(targets[position])] == partition[node]
            {
                inside += weights[position]
            }
            cut.base[node] = inside
        }
        var touched: [Int32] = []
        var gains: [Double] = []
        for node in shuffled(&generator) {
            let v = Int(node)
            guard alone.base[v] else { continue }
            let k = strength[v]
            let parent = Int(partition[v])
            guard cut.base[v] >= factor * k * (parentTotal[parent] - k) else { continue }
            touched.removeAll(keepingCapacity: true)
            for position in offsets[v]..<offsets[v + 1] {
                let u = Int(targets[position])
                guard Int(partition[u]) == parent else { continue }
                let c = Int(part.base[u])
                if link.base[c] == 0 { touched.append(Int32(c)) }
                link.base[c] += weights[position]
            }
            gains.removeAll(keepingCapacity: true)
            var bestGain = 0.0
            for c in touched.lazy.map(Int.init) {
                let whole = total.base[c]
                let connected = cut.base[c] >= factor * whole * (parentTotal[parent] - whole)
                let gain = connected ? link.base[c] - factor * k * whole : -.infinity
                gains.append(gain)
                bestGain = max(bestGain, gain)
            }
            let choice = Self.draw(gains, best: bestGain, theta: theta, &generator)
            if let choice {
                let c = Int(touched[choice])
                cut.base[c] += cut.base[v] - 2 * link.base[c]
                total.base[c] += k
                total.base[v] = 0
                part.base[v] = Int32(c)
                alone.base[v] = false
                alone.base[c] = false
            }
            for c in touched { link.base[Int(c)] = 0 }
        }
        return Self.dense(part, n)
    }

    /// A position in `gains` with probability ∝ exp(gain / θ) among gains ≥ 0; nil = stay alone (gain 0).
    private static func draw(
        _ gains: [Double], best: Double, theta: Double, _ generator: inout SeededGenerator
    ) -> Int? {
        let weight = { (gain: Double) in gain < 0 ? 0 : gain == best ? 1 : theta > 0 ? exp((gain - best) / theta) : 0 }
        let stay = weight(0)
        let sum = gains.reduce(stay) { $0 + weight($1) }
        var left = generator.uniform() * sum - stay
        guard left >= 0 else { return nil }
        for (i, gain) in gains.enumerated() {
            left -= weight(gain)
            if left < 0, gain >= 0 { return i }
        }
        return gains.lastIndex { $0 >= 0 }
    }

    /// The network of the parts: weights between two parts are summed, weight inside stays in the strength.
    func aggregated(_ part: [Int32], count: Int) -> LeidenLevel {
        var start = [Int](repeating: 0, count: count + 1)
        for p in part { start[Int(p) + 1] += 1 }
        for p in 0..<count { start[p + 1] += start[p] }
        var next = start
        var memberOf = [Int32](repeating: 0, count: nodeCount)
        for node in 0..<nodeCount {
            memberOf[next[Int(part[node])]] = Int32(node)
            next[Int(part[node])] += 1
        }
        let link = NetworkScratch<Double>(repeating: 0, count: count)
        var newOffsets = [0]
        newOffsets.reserveCapacity(count + 1)
        var newTargets: [Int32] = []
        var newWeights: [Double] = []
        var newStrength = [Double](repeating: 0, count: count)
        for p in 0..<count {
            let first = newTargets.count
            for member in memberOf[start[p]..<start[p + 1]] {
                let v = Int(member)
                newStrength[p] += strength[v]
                for position in offsets[v]..<offsets[v + 1] {
                    let q = Int(part[Int(targets[position])])
                    guard q != p else { continue }
                    if link.base[q] == 0 { newTargets.append(Int32(q)) }
                    link.base[q] += weights[position]
                }
            }
            for i in first..<newTargets.count {
                let q = Int(newTargets[i])
                newWeights.append(link.base[q])
                link.base[q] = 0
            }
            newOffsets.append(newTargets.count)
        }
        return LeidenLevel(
            nodeCount: count, offsets: newOffsets, targets: newTargets, weights: newWeights, strength: newStrength,
            totalWeight: totalWeight)
    }
}
