import Statistics

/// Betweenness: the share of shortest paths (fewest ties) between other nodes that lead through a node.
///
/// Exact for small networks (Brandes, "A faster algorithm for betweenness centrality", 2001); for large ones from
/// pivots drawn without replacement and scaled up, which is unbiased (Brandes and Pich, "Centrality estimation in
/// large networks", 2007). Weights are strengths, not lengths, and play no part.
package enum Betweenness {
    package struct Result: Sendable {
        /// In 0…1: divided by the number of ordered pairs of other nodes (n − 1)(n − 2).
        package var values: [Double]
        /// Sources visited; nodeCount when exact.
        package var pivots: Int
        package var exact: Bool
    }

    /// - Parameters:
    ///   - graph: ties out; for an undirected network each tie in both directions.
    ///   - exactUpTo: exact when nodes × (nodes + arcs) is at most this.
    ///   - work: otherwise so many pivots that pivots × (nodes + arcs) is about this, at least 16.
    package static func values(
        _ graph: NetworkGraph, seed: UInt64, exactUpTo: Double = 2e9, work: Double = 2.5e8
    ) -> Result {
        let n = graph.nodeCount
        guard n > 2 else { return Result(values: [Double](repeating: 0, count: n), pivots: n, exact: true) }
        let cost = Double(n + graph.arcCount)
        let exact = Double(n) * cost <= exactUpTo
        var sources = (0..<n).map { Int32($0) }
        if !exact {
            let count = min(n, max(16, Int(work / cost)))
            var generator = SeededGenerator(seed: seed, stream: 0xBE7)
            for i in 0..<count { sources.swapAt(i, i + generator.below(n - i)) }
            sources = Array(sources[0..<count])
        }
        let picked = sources
        let ranges = NetworkParts.ranges(picked.count)
        let partial = Cores.map(ranges.count) { part in
            let search = ShortestPaths(graph.nodeCount)
            for source in picked[ranges[part]] { search.visit(Int(source), graph) }
            return search.total
        }
        var values = [Double](repeating: 0, count: n)
        let scale = Double(n) / Double(picked.count) / (Double(n - 1) * Double(n - 2))
        for total in partial { for node in 0..<n { values[node] += total[node] } }
        for node in 0..<n { values[node] *= scale }
        return Result(values: values, pivots: picked.count, exact: exact)
    }
}

/// Breadth-first searches with the number of shortest paths and the dependencies of Brandes' theorem 6.
private final class ShortestPaths {
    private let n: Int
    private let sums: NetworkScratch<Double>
    private let distance: NetworkScratch<Int32>
    private let paths: NetworkScratch<Double>
    private let dependency: NetworkScratch<Double>
    private let order: NetworkScratch<Int32>

    var total: [Double] { Array(UnsafeBufferPointer(start: sums.base, count: n)) }

    init(_ n: Int) {
        self.n = n
        sums = NetworkScratch(repeating: 0, count: n)
        distance = NetworkScratch(repeating: -1, count: n)
        paths = NetworkScratch(repeating: 0, count: n)
        dependency = NetworkScratch(repeating: 0, count: n)
        order = NetworkScratch(repeating: 0, count: n)
    }

    func visit(_ source: Int, _ graph: NetworkGraph) {
        graph.offsets.withUnsafeBufferPointer { offsets in
            graph.targets.withUnsafeBufferPointer { targets in
                let count = spread(source, offsets, targets)
                collect(source, count, offsets, targets)
            }
        }
    }

    /// Distances and path counts from `source`; returns the number of nodes reached, in `order`.
    private func spread(
        _ source: Int, _ offsets: UnsafeBufferPointer<Int>, _ targets: UnsafeBufferPointer<Int32>
    ) -> Int {
        let (distance, paths, order) = (self.distance.base, self.paths.base, self.order.base)
        var (head, count) = (0, 1)
        order[0] = Int32(source)
        distance[source] = 0
        paths[source] = 1
        while head < count {
            let v = Int(order[head])
            head += 1
            let next = distance[v] + 1
            for position in offsets[v]..<offsets[v + 1] {
                let w = Int(targets[position])
                if distance[w] < 0 {
                    distance[w] = next
                    order[count] = Int32(w)
                    count += 1
                }
                if distance[w] == next { paths[w] += paths[v] }
            }
        }
        return count
    }

    /// Dependencies from the farthest node back, then a clean slate.
    private func collect(
        _ source: Int, _ count: Int, _ offsets: UnsafeBufferPointer<Int>, _ targets: UnsafeBufferPointer<Int32>
    ) {
        let (distance, paths, order) = (self.distance.base, self.paths.base, self.order.base)
        let (dependency, sums) = (self.dependency.base, self.sums.base)
        for index in stride(from: count - 1, through: 0, by: -1) {
            let v = Int(order[index])
            let next = distance[v] + 1
            var sum = 0.0
            for position in offsets[v]..<offsets[v + 1] {
                let w = Int(targets[position])
                if distance[w] == next { sum += (1 + dependency[w]) / paths[w] }
            }
            dependency[v] = sum * paths[v]
            if v != source { sums[v] += dependency[v] }
        }
        for index in 0..<count {
            let v = Int(order[index])
            distance[v] = -1
            paths[v] = 0
            dependency[v] = 0
        }
    }
}
