/// Ties between nodes 0..<nodeCount as compressed sparse rows: the arcs of node v are
/// `targets[offsets[v]..<offsets[v + 1]]`, in ascending order, each target once.
package struct NetworkGraph: Sendable {
    package let nodeCount: Int
    /// nodeCount + 1 positions in `targets` and `weights`.
    package let offsets: [Int]
    package let targets: [Int32]
    /// > 0; duplicates of a tie are one arc with the sum of their weights.
    package let weights: [Double]

    package var arcCount: Int { targets.count }

    /// What building left out or put together.
    package struct Repairs: Sendable, Hashable {
        /// Ties of a node to itself: they carry no influence and are left out.
        package var selfTies = 0
        /// Ties of weight 0: no tie.
        package var zeroTies = 0
        /// Ties that repeat an earlier one; their weights are summed.
        package var duplicates = 0
    }

    init(nodeCount: Int, offsets: [Int], targets: [Int32], weights: [Double]) {
        self.nodeCount = nodeCount
        self.offsets = offsets
        self.targets = targets
        self.weights = weights
    }

    /// The directed graph of a list of ties.
    ///
    /// - Parameters:
    ///   - from, to: node numbers in 0..<nodeCount, one pair a tie.
    ///   - weights: one a tie, or nil for weight 1.
    /// - Throws: `NetworkRefusal` with the number of the first tie whose weight is negative or not finite, or whose
    ///   node is out of range.
    package static func directed(
        nodeCount: Int, from: [Int32], to: [Int32], weights: [Double]? = nil
    ) throws(NetworkRefusal) -> (graph: NetworkGraph, repairs: Repairs) {
        guard from.count == to.count, weights.map({ $0.count == from.count }) ?? true else {
            throw NetworkRefusal(.unequalColumns, tie: nil)
        }
        var repairs = Repairs()
        var keep: [Bool]?
        for tie in from.indices {
            guard from[tie] >= 0, to[tie] >= 0, from[tie] < nodeCount, to[tie] < nodeCount else {
                throw NetworkRefusal(.nodeOutOfRange, tie: tie)
            }
            var drop = from[tie] == to[tie]
            if drop { repairs.selfTies += 1 }
            if let weight = weights?[tie] {
                guard weight.isFinite else { throw NetworkRefusal(.weightNotFinite, tie: tie) }
                guard weight >= 0 else { throw NetworkRefusal(.weightNegative, tie: tie) }
                if weight == 0, !drop {
                    repairs.zeroTies += 1
                    drop = true
                }
            }
            if drop {
                if keep == nil { keep = [Bool](repeating: true, count: from.count) }
                keep?[tie] = false
            }
        }
        let graph: NetworkGraph
        if let keep {
            let kept = from.indices.filter { keep[$0] }
            graph = merged(
                nodeCount, kept.map { from[$0] }, kept.map { to[$0] }, weights.map { w in kept.map { w[$0] } })
            repairs.duplicates = kept.count - graph.arcCount
        } else {
            graph = merged(nodeCount, from, to, weights)
            repairs.duplicates = from.count - graph.arcCount
        }
        return (graph, repairs)
    }

    /// Two stable counting sorts, by target and then by source, leave each row in ascending order of target.
    private static func merged(_ n: Int, _ from: [Int32], _ to: [Int32], _ weights: [Double]?) -> NetworkGraph {
        let byTarget = rows(n, keys: to, others: from, weights: weights)
        var keys = [Int32](repeating: 0, count: to.count)
        for node in 0..<n {
            for position in byTarget.offsets[node]..<byTarget.offsets[node + 1] { keys[position] = Int32(node) }
        }
        let bySource = rows(n, keys: byTarget.targets, others: keys, weights: byTarget.weights)
        return bySource.summed()
    }

    /// One counting sort: rows of `keys`, in the order of the input within a row.
    private static func rows(_ n: Int, keys: [Int32], others: [Int32], weights: [Double]?) -> NetworkGraph {
        var offsets = [Int](repeating: 0, count: n + 1)
        for key in keys { offsets[Int(key) + 1] += 1 }
        for node in 0..<n { offsets[node + 1] += offsets[node] }
        var next = offsets
        var targets = [Int32](repeating: 0, count: keys.count)
        var sorted = [Double](repeating: 1, count: keys.count)
        targets.withUnsafeMutableBufferPointer { targets in
            sorted.withUnsafeMutableBufferPointer { sorted in
                next.withUnsafeMutableBufferPointer { next in
                    for tie in keys.indices {
                        let key = Int(keys[tie])
                        let position = next[key]
                        next[key] = position + 1
                        targets[position] = others[tie]
                        if let weights { sorted[position] = weights[tie] }
                    }
                }
            }
        }
        return NetworkGraph(nodeCount: n, offsets: offsets, targets: targets, weights: sorted)
    }

    /// Neighbouring equal targets of a row become one arc with the summed weight.
    private func summed() -> NetworkGraph {
        var (offsets, targets, weights) = (self.offsets, self.targets, self.weights)
        var write = 0
        targets.withUnsafeMutableBufferPointer { targets in
            weights.withUnsafeMutableBufferPointer { weights in
                for node in 0..<nodeCount {
                    let start = write
                    for position in self.offsets[node]..<self.offsets[node + 1] {
                        if write > start, targets[write - 1] == targets[position] {
                            weights[write - 1] += weights[position]
                        } else {
                            targets[write] = targets[position]
                            weights[write] = weights[position]
                            write += 1
                        }
                    }
                    offsets[node] = start
                }
            }
        }
        offsets[nodeCount] = write
        targets.removeLast(targets.count - write)
        weights.removeLast(weights.count - write)
        return NetworkGraph(nodeCount: nodeCount, offsets: offsets, targets: targets, weights: weights)
    }

    /// The same ties, read backwards.
    package func reversed() -> NetworkGraph {
        var sources = [Int32](repeating: 0, count: arcCount)
        for node in 0..<nodeCount {
            for position in offsets[node]..<offsets[node + 1] { sources[position] = Int32(node) }
        }
        return NetworkGraph.rows(nodeCount, keys: targets, others: sources, weights: weights)
    }

    /// Each tie in both directions: the weight of {u, v} is the sum of u→v and v→u.
    package func undirected(reversed other: NetworkGraph? = nil) -> NetworkGraph {
        let back = other ?? reversed()
        var newOffsets = [Int](repeating: 0, count: nodeCount + 1)
        var newTargets = [Int32](repeating: 0, count: 2 * arcCount)
        var newWeights = [Double](repeating: 0, count: 2 * arcCount)
        var write = 0
        newTargets.withUnsafeMutableBufferPointer { outTargets in
            newWeights.withUnsafeMutableBufferPointer { outWeights in
                for node in 0..<nodeCount {
                    var (i, j) = (offsets[node], back.offsets[node])
                    let (iEnd, jEnd) = (offsets[node + 1], back.offsets[node + 1])
                    while i < iEnd || j < jEnd {
                        let a = i < iEnd ? targets[i] : Int32.max
                        let b = j < jEnd ? back.targets[j] : Int32.max
                        var weight = 0.0
                        if a <= b {
                            weight += weights[i]
                            i += 1
                        }
                        if b <= a {
                            weight += back.weights[j]
                            j += 1
                        }
                        outTargets[write] = min(a, b)
                        outWeights[write] = weight
                        write += 1
                    }
                    newOffsets[node + 1] = write
                }
            }
        }
        newTargets.removeLast(newTargets.count - write)
        newWeights.removeLast(newWeights.count - write)
        return NetworkGraph(nodeCount: nodeCount, offsets: newOffsets, targets: newTargets, weights: newWeights)
    }

    /// Sum of the weights of each node's arcs.
    package func strengths() -> [Double] {
        (0..<nodeCount).map { node in
            var sum = 0.0
            for position in offsets[node]..<offsets[node + 1] { sum += weights[position] }
            return sum
        }
    }

    /// Number of arcs of a node.
    package func degree(_ node: Int) -> Int { offsets[node + 1] - offsets[node] }
}

/// Why a list of ties is no network; the caller knows the file and turns the number of the tie into a line.
package struct NetworkRefusal: Error, Sendable, Hashable {
    package enum Cause: Sendable, Hashable {
        case unequalColumns, nodeOutOfRange, weightNotFinite, weightNegative
        /// A tie that is not there.
        case empty
        /// The exposure model: nobody adopted, everybody adopted at once, no ties, or a column without variation.
        case noAdoption, noVariation(String), tooFewAdoptions(Int), separated(String), noPeriods
    }
    package var cause: Cause
    /// From 0.
    package var tie: Int?

    package init(_ cause: Cause, tie: Int? = nil) {
        self.cause = cause
        self.tie = tie
    }
}
