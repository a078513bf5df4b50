import Statistics

/// PageRank: where someone ends who follows ties at random and starts anew with probability 1 − damping.
///
/// Source: Brin and Page, "The anatomy of a large-scale hypertextual web search engine" (1998), equation of section
/// 2.1.1, in the form that sums to 1; a node without ties out starts anew (as NetworkX does).
package enum PageRank {
    package struct Result: Sendable {
        /// One a node, summing to 1.
        package var values: [Double]
        package var iterations: Int
        /// L1 distance of the last two iterates.
        package var change: Double
    }

    /// - Parameters:
    ///   - graph: ties out of each node.
    ///   - incoming: `graph.reversed()`, when the caller already has it.
    ///   - tolerance: the L1 change at which to stop; the error is at most damping / (1 − damping) times that.
    package static func values(
        _ graph: NetworkGraph, incoming: NetworkGraph? = nil, damping: Double = 0.85, tolerance: Double = 1e-11,
        maximumIterations: Int = 400
    ) -> Result {
        let n = graph.nodeCount
        guard n > 0 else { return Result(values: [], iterations: 0, change: 0) }
        let back = incoming ?? graph.reversed()
        let share = graph.strengths().map { $0 > 0 ? 1 / $0 : 0 }
        var rank = [Double](repeating: 1 / Double(n), count: n)
        var flow = [Double](repeating: 0, count: n)
        let ranges = NetworkParts.ranges(offsets: back.offsets)
        var change = Double.infinity
        var iteration = 0
        while iteration < maximumIterations, change > tolerance {
            iteration += 1
            var dangling = 0.0
            for node in 0..<n {
                flow[node] = rank[node] * share[node]
                if share[node] == 0 { dangling += rank[node] }
            }
            let base = (1 - damping + damping * dangling) / Double(n)
            change = step(back, flow: flow, rank: &rank, base: base, damping: damping, ranges: ranges)
        }
        return Result(values: rank, iterations: iteration, change: change)
    }

    /// One pull along the arcs in; returns the L1 change, summed in the order of the ranges.
    private static func step(
        _ back: NetworkGraph, flow: [Double], rank: inout [Double], base: Double, damping: Double,
        ranges: [Range<Int>]
    ) -> Double {
        rank.withUnsafeMutableBufferPointer { rank in
            let out = Shared(rank)
            return Cores.map(ranges.count) { part in
                var change = 0.0
                back.offsets.withUnsafeBufferPointer { offsets in
                    back.targets.withUnsafeBufferPointer { sources in
                        back.weights.withUnsafeBufferPointer { weights in
                            flow.withUnsafeBufferPointer { flow in
                                for node in ranges[part] {
                                    var sum = 0.0
                                    for position in offsets[node]..<offsets[node + 1] {
                                        sum += flow[Int(sources[position])] * weights[position]
                                    }
                                    let value = base + damping * sum
                                    change += abs(value - out.value[node])
                                    out.value[node] = value
                                }
                            }
                        }
                    }
                }
                return change
            }.reduce(0, +)
        }
    }
}
