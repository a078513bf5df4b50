import Foundation
import Statistics
import Testing

@testable import Insight

struct ExposureTests {
    @Test func theHazardIsStatsmodels() throws {
        let data = try MedicalInnovation()
        for (contact, expected) in [(true, data.reference.hazard), (false, data.reference.hazard_without_contact)] {
            let model = try ExposureModel.fit(data.graph, data.history, contact: contact)
            let found = [model.exposure] + model.contact + model.attributes
            #expect(model.rows == data.reference.rows)
            #expect(found.count == expected.coefficients.count)
            for (coefficient, (value, error)) in zip(found, zip(expected.coefficients, expected.errors)) {
                #expect(abs(coefficient.value - value) < 1e-7)
                #expect(abs(coefficient.standardError - error) < 1e-6)
            }
            #expect(abs(model.logLikelihood - expected.log_likelihood) < 1e-8)
        }
    }

    /// Van den Bulte and Lilien's point: contagion is not there once marketing is held constant.
    @Test func contactTakesTheCreditFromExposure() {
        let world = Adoption(seed: 11, exposure: 0, contact: 2)
        let with = try? ExposureModel.fit(world.graph, world.history)
        let without = try? ExposureModel.fit(world.graph, world.history, contact: false)
        #expect((without?.exposure.low ?? 0) > 0)
        #expect((with?.exposure.low ?? 1) < 0 && (with?.exposure.high ?? -1) > 0)
    }

    @Test func aTrueEffectIsFound() {
        let world = Adoption(seed: 12, exposure: 1.5, contact: 1)
        let model = try? ExposureModel.fit(world.graph, world.history)
        #expect((model?.exposure.low ?? 9) < 1.5 && (model?.exposure.high ?? -9) > 1.5)
        #expect((model?.exposure.p ?? 1) < 0.001)
        #expect(abs((model?.contact.first?.value ?? 0) - 1) < 0.3)
    }

    @Test func influenceCountsThoseWhoAsk() throws {
        // 1, 2 and 3 ask 0; 3 also asks 1.
        let graph = NetworkTests.graph(4, [(1, 0), (2, 0), (3, 0), (3, 1)])
        #expect(Influence.exposureGiven(graph) == [2.5, 0.5, 0, 0])
        let world = Adoption(seed: 12, exposure: 1.5, contact: 1)
        let model = try ExposureModel.fit(world.graph, world.history)
        let added = Influence.addedAdoptions(world.graph, model)
        let given = Influence.exposureGiven(world.graph)
        #expect(zip(added, given).allSatisfy { ($0 > 0) == ($1 > 0) })
    }

    @Test func historiesWithoutAnAnswerAreRefused() throws {
        let world = Adoption(seed: 12, exposure: 1.5, contact: 1)
        func cause(_ change: (inout AdoptionHistory) -> Void, _ graph: NetworkGraph? = nil) -> NetworkRefusal.Cause? {
            var history = world.history
            change(&history)
            do {
                _ = try ExposureModel.fit(graph ?? world.graph, history)
                return nil
            } catch { return error.cause }
        }
        let n = world.graph.nodeCount
        #expect(cause { _ in } == nil)
        #expect(cause { $0.adopted = [Int?](repeating: nil, count: n) } == .noAdoption)
        #expect(cause { $0.periods = 1 } == .noPeriods)
        #expect(cause({ _ in }, NetworkTests.graph(n, [])) == .empty)
        #expect(
            cause { $0.covariates[0].values = .constant([Double](repeating: 3, count: n)) } == .noVariation("contact"))
        #expect(cause { $0.covariates[0].values = .constant([Double](repeating: .nan, count: n)) } == .noAdoption)
        // A column that is 1 exactly for those who adopt.
        #expect(
            cause { history in
                history.covariates[0].values = .constant(history.adopted.map { $0 == nil ? 0 : 1 })
            } == .separated("contact"))
    }
}

/// A world in which marketing clusters where ties cluster.
struct Adoption {
    let graph: NetworkGraph
    let history: AdoptionHistory

    init(seed: UInt64, exposure: Double, contact: Double, nodes: Int = 1500, periods: Int = 12) {
        var generator = SeededGenerator(seed: seed)
        var ties: [(Int32, Int32)] = []
        for node in 0..<nodes {
            for _ in 0..<4 { ties.append((Int32(node), Int32(node / 30 * 30 + generator.below(30)))) }
        }
        let graph = NetworkTests.graph(nodes, ties)
        let groups = (0..<(nodes / 30 + 1)).map { _ in generator.chance(0.5) ? 1.0 : 0 }
        let calls = (0..<nodes).map { groups[$0 / 30] + (generator.uniform() - 0.5) }
        var adopted = [Int?](repeating: nil, count: nodes)
        for period in 1...periods {
            var now: [Int] = []
            for node in 0..<nodes where adopted[node] == nil {
                let range = graph.offsets[node]..<graph.offsets[node + 1]
                let weight = range.reduce(0.0) { $0 + graph.weights[$1] }
                let reached = range.reduce(0.0) {
                    $0 + ((adopted[Int(graph.targets[$1])] ?? periods + 1) < period ? graph.weights[$1] : 0)
                }
                let share = weight > 0 ? reached / weight : 0
                let odds = -3.5 + exposure * share + contact * calls[node]
                if generator.chance(Special.sigmoid(odds)) { now.append(node) }
            }
            for node in now { adopted[node] = period }
        }
        self.graph = graph
        history = AdoptionHistory(
            adopted: adopted, periods: periods, observed: [Bool](repeating: true, count: nodes),
            covariates: [.init(name: "contact", values: .constant(calls), isContact: true)])
    }
}
