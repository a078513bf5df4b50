import Foundation

@testable import Insight

/// Coleman, Katz and Menzel's physicians, with reference values of NetworkX, igraph and statsmodels.
struct MedicalInnovation {
    struct Reference: Decodable {
        struct Hazard: Decodable {
            let coefficients: [Double]
            let errors: [Double]
            let log_likelihood: Double
        }
        let order: [String]
        let pagerank: [Double]
        let betweenness: [Double]
        let betweenness_undirected: [Double]
        let modularity_of_cities: Double
        let leiden_igraph_best_of_50: Double
        let rows: Int
        let hazard: Hazard
        let hazard_without_contact: Hazard
    }
    let reference: Reference
    let graph: NetworkGraph
    let ids: [String]
    let history: AdoptionHistory

    init() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Fixtures/medical_innovation")
        func table(_ name: String) throws -> [[String]] {
            try String(contentsOf: folder.appending(path: name), encoding: .utf8).split(separator: "\n").dropFirst()
                .map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
        }
        let reference = try JSONDecoder().decode(
            Reference.self, from: Data(contentsOf: folder.appending(path: "reference.json")))
        self.reference = reference
        let nodes = try table("nodes.csv")
        let all = reference.order + nodes.map { $0[0] }.filter { !reference.order.contains($0) }
        let number = Dictionary(uniqueKeysWithValues: all.enumerated().map { ($1, $0) })
        let ties = try table("edges.csv")
        graph = try NetworkGraph.directed(
            nodeCount: all.count, from: ties.map { Int32(number[$0[0]] ?? -1) },
            to: ties.map { Int32(number[$0[1]] ?? -1) }
        ).graph
        ids = all
        var history = AdoptionHistory(
            adopted: [Int?](repeating: nil, count: all.count), periods: 17,
            observed: [Bool](repeating: false, count: all.count), covariates: [])
        var columns = [[Double]](repeating: [Double](repeating: .nan, count: all.count), count: 3)
        for row in nodes {
            let node = number[row[0]] ?? 0
            history.observed[node] = true
            history.adopted[node] = Int(row[2])
            for j in 0..<3 { columns[j][node] = Double(row[3 + j]) ?? .nan }
        }
        history.covariates = zip(["detail", "proage2", "science"], columns).map {
            .init(name: $0, values: .constant($1), isContact: $0 == "detail")
        }
        self.history = history
    }

    /// The graph of the nodes that have ties, as the references saw it.
    func tied() -> NetworkGraph {
        let n = reference.order.count
        return NetworkGraph(
            nodeCount: n, offsets: Array(graph.offsets[0...n]), targets: graph.targets, weights: graph.weights)
    }
}
