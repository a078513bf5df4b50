import Foundation
import Statistics
import Testing

@testable import Insight

struct NetworkTests {
    @Test func pageRankIsNetworkXs() throws {
        let data = try MedicalInnovation()
        let rank = PageRank.values(data.tied())
        for (value, expected) in zip(rank.values, data.reference.pagerank) { #expect(abs(value - expected) < 1e-8) }
        #expect(abs(rank.values.reduce(0, +) - 1) < 1e-12)
    }

    @Test func betweennessIsNetworkXs() throws {
        let data = try MedicalInnovation()
        for (graph, expected) in [
            (data.tied(), data.reference.betweenness),
            (data.tied().undirected(), data.reference.betweenness_undirected),
        ] {
            let found = Betweenness.values(graph, seed: 1)
            #expect(found.exact)
            for (value, expected) in zip(found.values, expected) { #expect(abs(value - expected) < 1e-12) }
        }
    }

    @Test func sampledBetweennessFindsTheSameCentre() {
        // Two cliques that meet in node 0: the bridge carries every path between them.
        var ties: [(Int32, Int32)] = []
        for group in [1, 21] {
            for a in group..<(group + 20) {
                for b in (a + 1)..<(group + 20) { ties.append((Int32(a), Int32(b))) }
                ties.append((0, Int32(a)))
            }
        }
        let graph = Self.graph(41, ties).undirected()
        let exact = Betweenness.values(graph, seed: 1)
        let sampled = Betweenness.values(graph, seed: 1, exactUpTo: 0, work: 0)
        #expect(!sampled.exact)
        #expect(sampled.pivots == 16)
        #expect(abs(exact.values[0] - 2.0 * 20 * 20 / (40 * 39)) < 1e-12)
        #expect(sampled.values.max() == sampled.values[0])
        #expect(abs(sampled.values[0] - exact.values[0]) < 0.1)
    }

    @Test func modularityIsNetworkXs() throws {
        let data = try MedicalInnovation()
        let cities = data.reference.order.map { Int32($0.prefix(1)) ?? 0 }
        let q = Modularity.value(data.tied().undirected(), communities: cities)
        #expect(abs(q - data.reference.modularity_of_cities) < 1e-12)
    }

    @Test func communitiesAreAsGoodAsIgraphs() throws {
        let data = try MedicalInnovation()
        let graph = data.tied().undirected()
        let found = Leiden.suited(to: graph).communities(of: graph, seed: 1)
        #expect(found.modularity >= data.reference.leiden_igraph_best_of_50 - 1e-9)
        #expect(abs(Modularity.value(graph, communities: found.communities) - found.modularity) < 1e-12)
        let again = Leiden.suited(to: graph).communities(of: graph, seed: 1)
        #expect(again.communities == found.communities)
    }

    @Test(arguments: 1...5) func everyCommunityIsConnected(seed: Int) {
        var generator = SeededGenerator(seed: UInt64(seed))
        let ties = (0..<900).map { _ in (Int32(generator.below(400)), Int32(generator.below(400))) }
        let graph = Self.graph(400, ties).undirected()
        let found = Leiden().communities(of: graph, seed: UInt64(seed))
        for community in 0..<Int32(found.count) {
            let members = found.communities.indices.filter { found.communities[$0] == community }
            var reached: Set<Int> = [members[0]]
            var open = [members[0]]
            while let node = open.popLast() {
                for position in graph.offsets[node]..<graph.offsets[node + 1] {
                    let next = Int(graph.targets[position])
                    if found.communities[next] == community, reached.insert(next).inserted { open.append(next) }
                }
            }
            #expect(reached.count == members.count)
        }
    }

    @Test func plantedGroupsAreFound() {
        var generator = SeededGenerator(seed: 3)
        var ties: [(Int32, Int32)] = []
        for _ in 0..<6000 {
            let a = generator.below(300)
            let b = generator.chance(0.85) ? a / 30 * 30 + generator.below(30) : generator.below(300)
            ties.append((Int32(a), Int32(b)))
        }
        let graph = Self.graph(300, ties).undirected()
        let found = Leiden.suited(to: graph).communities(of: graph, seed: 1)
        #expect(found.count == 10)
        let planted = (0..<Int32(300)).map { $0 / 30 }
        #expect(PartitionScores.adjustedRand(found.communities, planted) > 0.99)
    }

    @Test func duplicatesAreSummedAndSelfTiesLeftOut() throws {
        let (graph, repairs) = try NetworkGraph.directed(
            nodeCount: 3, from: [0, 0, 1, 2, 0, 2], to: [1, 1, 1, 0, 2, 1], weights: [1, 2, 5, 1, 0, 0.5])
        #expect(repairs == .init(selfTies: 1, zeroTies: 1, duplicates: 1))
        #expect(graph.offsets == [0, 1, 1, 3])
        #expect(graph.targets == [1, 0, 1])
        #expect(graph.weights == [3, 1, 0.5])
        let both = graph.undirected()
        #expect(both.targets == [1, 2, 0, 2, 0, 1])
        #expect(both.weights == [3, 1, 3, 0.5, 1, 0.5])
    }

    @Test func badTiesAreNamed() {
        func refused(_ weights: [Double], _ to: [Int32] = [1, 2, 0]) -> NetworkRefusal? {
            do {
                _ = try NetworkGraph.directed(nodeCount: 3, from: [0, 1, 2], to: to, weights: weights)
                return nil
            } catch { return error }
        }
        #expect(refused([1, -1, 1]) == NetworkRefusal(.weightNegative, tie: 1))
        #expect(refused([1, 1, .infinity]) == NetworkRefusal(.weightNotFinite, tie: 2))
        #expect(refused([.nan, 1, 1]) == NetworkRefusal(.weightNotFinite, tie: 0))
        #expect(refused([1, 1, 1], [1, 3, 0]) == NetworkRefusal(.nodeOutOfRange, tie: 1))
        #expect(refused([1, 1, 1]) == nil)
    }

    @Test func networksWithoutTiesHaveAnswers() {
        let graph = Self.graph(3, [])
        #expect(PageRank.values(graph).values.allSatisfy { abs($0 - 1.0 / 3) < 1e-15 })
        #expect(Betweenness.values(graph, seed: 1).values == [0, 0, 0])
        let found = Leiden().communities(of: graph, seed: 1)
        #expect(found.count == 3)
        #expect(found.modularity == 0)
        #expect(PageRank.values(Self.graph(0, [])).values.isEmpty)
    }

    static func graph(_ nodes: Int, _ ties: [(Int32, Int32)]) -> NetworkGraph {
        let arcs = ties.filter { $0.0 != $0.1 }
        let result = try? NetworkGraph.directed(nodeCount: nodes, from: arcs.map(\.0), to: arcs.map(\.1)).graph
        return result ?? NetworkGraph(nodeCount: 0, offsets: [0], targets: [], weights: [])
    }
}
