import Statistics

/// Communities by the Leiden algorithm: fast local moves, refinement, aggregation, until nothing improves.
///
/// Maximises modularity with a resolution. Every community is connected. Source: Traag, Waltman, van Eck, "From
/// Louvain to Leiden: guaranteeing well-connected communities" (Scientific Reports 9, 2019), algorithm A.2.
package struct Leiden: Sendable {
    package var resolution: Double
    /// θ of the refinement, in units of the mean weight of a tie; small is nearly greedy.
    package var randomness: Double
    /// Whole passes over the network; each starts from the communities of the one before.
    package var passes: Int
    /// Independent starts, the best of which is kept.
    package var starts: Int

    package init(resolution: Double = 1, randomness: Double = 0.01, passes: Int = 10, starts: Int = 1) {
        self.resolution = resolution
        self.randomness = randomness
        self.passes = passes
        self.starts = starts
    }

    /// Effort by size, never by clock: ten starts for small networks, two passes for large ones.
    package static func suited(to graph: NetworkGraph, resolution: Double = 1) -> Leiden {
        let arcs = graph.arcCount
        return Leiden(
            resolution: resolution, passes: arcs > 2_000_000 ? 2 : 20,
            starts: arcs <= 50_000 ? 16 : arcs <= 500_000 ? 4 : 1)
    }

    package struct Result: Sendable {
        /// One a node; numbered from 0 by size, largest first, ties by the first node.
        package var communities: [Int32]
        package var count: Int
        package var modularity: Double
    }

    /// - Parameter graph: each tie in both directions (`NetworkGraph.undirected()`).
    package func communities(of graph: NetworkGraph, seed: UInt64) -> Result {
        let candidates = Cores.map(max(1, starts)) { start in
            var generator = SeededGenerator(seed: seed, stream: 0x1E1D_E000 + UInt64(start))
            return best(graph, &generator)
        }
        var chosen = candidates[0]
        for candidate in candidates where candidate.modularity > chosen.modularity + 1e-12 { chosen = candidate }
        return chosen
    }

    private func best(_ graph: NetworkGraph, _ generator: inout SeededGenerator) -> Result {
        var communities = (0..<Int32(graph.nodeCount)).map { $0 }
        var quality = -Double.infinity
        for _ in 0..<max(1, passes) {
            let next = pass(graph, from: communities, &generator)
            let value = Modularity.value(graph, communities: next, resolution: resolution)
            // Equal within rounding: the pass found nothing.
            guard value > quality + 1e-10 else { break }
            (communities, quality) = (next, value)
        }
        let (numbered, count) = Leiden.bySize(communities)
        return Result(communities: numbered, count: count, modularity: graph.arcCount == 0 ? 0 : quality)
    }

    /// One sequence of levels; returns dense community numbers.
    private func pass(_ graph: NetworkGraph, from start: [Int32], _ generator: inout SeededGenerator) -> [Int32] {
        let n = graph.nodeCount
        guard n > 0, graph.arcCount > 0 else { return start }
        var level = LeidenLevel(graph)
        let theta = randomness * level.totalWeight / Double(max(1, graph.arcCount))
        var nodeOfLevel = (0..<Int32(n)).map { $0 }
        var partition = start
        while true {
            let moved = level.move(partition, resolution: resolution, &generator)
            partition = moved.communities
            if moved.count == level.nodeCount { break }
            var refined = level.refine(
                partition, count: moved.count, resolution: resolution, theta: theta, &generator)
            if refined.count == level.nodeCount { refined = (partition, moved.count) }
            var parent = [Int32](repeating: 0, count: refined.count)
            for node in 0..<level.nodeCount { parent[Int(refined.communities[node])] = partition[node] }
            for node in 0..<n { nodeOfLevel[node] = refined.communities[Int(nodeOfLevel[node])] }
            level = level.aggregated(refined.communities, count: refined.count)
            partition = parent
        }
        return nodeOfLevel.map { partition[Int($0)] }
    }

    /// Communities numbered by size, largest first, ties by the first node.
    static func bySize(_ communities: [Int32]) -> (communities: [Int32], count: Int) {
        let bound = Int((communities.max() ?? -1) + 1)
        var size = [Int](repeating: 0, count: bound)
        var first = [Int](repeating: Int.max, count: bound)
        for (node, c) in communities.enumerated() {
            size[Int(c)] += 1
            first[Int(c)] = min(first[Int(c)], node)
        }
        let order = (0..<bound).filter { size[$0] > 0 }.sorted { (size[$1], first[$0]) < (size[$0], first[$1]) }
        var number = [Int32](repeating: 0, count: bound)
        for (rank, c) in order.enumerated() { number[c] = Int32(rank) }
        return (communities.map { number[Int($0)] }, order.count)
    }
}
