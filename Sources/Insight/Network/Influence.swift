import Statistics

/// How much a node moves the others that ask it.
package enum Influence {
    /// Without adoption data: the exposure that a node gives, Σ_j w_ji / Σ_k w_jk over all j that ask it; sums to the
    /// number of nodes that ask anyone.
    package static func exposureGiven(_ graph: NetworkGraph) -> [Double] {
        let strength = graph.strengths()
        var given = [Double](repeating: 0, count: graph.nodeCount)
        for node in 0..<graph.nodeCount where strength[node] > 0 {
            for position in graph.offsets[node]..<graph.offsets[node + 1] {
                given[Int(graph.targets[position])] += graph.weights[position] / strength[node]
            }
        }
        return given
    }

    /// With a fitted model: adoptions in a period that the node's own adoption adds among those who ask it,
    /// Σ_j σ(η_j + β · share_ji) − σ(η_j), with η_j the log odds of j without exposure. Nodes outside the fit take the
    /// mean log odds.
    package static func addedAdoptions(_ graph: NetworkGraph, _ model: ExposureModel) -> [Double] {
        let known = model.baseline.filter(\.isFinite)
        let mean = known.isEmpty ? 0 : known.reduce(0, +) / Double(known.count)
        let strength = graph.strengths()
        var added = [Double](repeating: 0, count: graph.nodeCount)
        for node in 0..<graph.nodeCount where strength[node] > 0 {
            let eta = model.baseline[node].isFinite ? model.baseline[node] : mean
            let without = Special.sigmoid(eta)
            for position in graph.offsets[node]..<graph.offsets[node + 1] {
                let share = graph.weights[position] / strength[node]
                added[Int(graph.targets[position])] += Special.sigmoid(eta + model.exposure.value * share) - without
            }
        }
        return added
    }
}
