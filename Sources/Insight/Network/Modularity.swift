/// How much more weight lies inside communities than chance would put there.
package enum Modularity {
    /// Q = Σ_c [ w_c / m − γ (k_c / 2m)² ], with w_c the weight inside community c, k_c the sum of its strengths and m
    /// the weight of all ties. Source: Newman, "Analysis of weighted networks" (2004), with resolution γ (Reichardt and
    /// Bornholdt 2006). 0 for a network without ties.
    ///
    /// - Parameters:
    ///   - graph: each tie in both directions.
    ///   - communities: one number a node, from 0.
    package static func value(_ graph: NetworkGraph, communities: [Int32], resolution: Double = 1) -> Double {
        let count = Int((communities.max() ?? -1) + 1)
        var inside = [Double](repeating: 0, count: count)
        var strength = [Double](repeating: 0, count: count)
        for node in 0..<graph.nodeCount {
            let own = Int(communities[node])
            for position in graph.offsets[node]..<graph.offsets[node + 1] {
                let weight = graph.weights[position]
                strength[own] += weight
                if Int(communities[Int(graph.targets[position])]) == own { inside[own] += weight }
            }
        }
        let total = strength.reduce(0, +)
        guard total > 0 else { return 0 }
        var sum = 0.0
        for c in 0..<count { sum += inside[c] / total - resolution * (strength[c] / total) * (strength[c] / total) }
        return sum
    }
}
