import EngagementModel
import Testing

@testable import Insight

/// From pairs to persons: chains, answers, identifiers that stay, questions worth asking.
@Suite struct IdentityClusterTests {
    private func clusters(
        _ rows: Int, _ bits: [RowPair: Double], answers: PairAnswers = PairAnswers(),
        cardinality: Cardinality = .manyToMany, left: Int? = nil, otherwise: Double = -20
    ) throws -> [Int32] {
        let clustering = Clustering(
            space: PairSpace(rowCount: rows, leftCount: left), threshold: 0, cardinality: cardinality, answers: answers,
            evidence: { bits[RowPair(Int32($0), Int32($1))] ?? otherwise }, isIdentical: { _, _ in false })
        return try clustering.clusters(bits.map { ScoredPair(left: $0.left, right: $0.right, bits: $1) })
    }

    @Test func aChainOfWeakPairsIsNotOnePerson() throws {
        let chain = [RowPair(0, 1): 12.0, RowPair(2, 3): 12.0, RowPair(1, 2): 2.0]
        let found = try clusters(4, chain)
        #expect(found == [0, 0, 1, 1])
        // With evidence across, the same weak pair joins.
        #expect(try clusters(4, chain, otherwise: -0.1) == [0, 0, 0, 0])
    }

    @Test func aLongChainIsCutAndALargePersonIsNot() throws {
        var chain: [RowPair: Double] = [:]
        for row in 0..<Int32(400) { chain[RowPair(row, row + 1)] = row % 2 == 0 ? 12 : 1 }
        #expect(Set(try clusters(401, chain)).count == 201)
        var person: [RowPair: Double] = [:]
        for a in 0..<Int32(60) { for b in (a + 1)..<Int32(60) { person[RowPair(a, b)] = 6 } }
        #expect(Set(try clusters(60, person)).count == 1)
    }

    @Test func answersBind() throws {
        let bits = [RowPair(0, 1): 9.0, RowPair(2, 3): -3.0]
        let answers = PairAnswers(same: [RowPair(2, 3)], different: [RowPair(0, 1)])
        #expect(try clusters(4, bits, answers: answers) == [0, 1, 2, 2])
        // What is said to be different stays so by way of others.
        let triangle = [RowPair(0, 1): 9.0, RowPair(1, 2): 8.0, RowPair(0, 2): 5.0]
        let found = try clusters(3, triangle, answers: PairAnswers(different: [RowPair(0, 2)]))
        #expect(found[0] != found[2])
        #expect(throws: Diagnostic.self) {
            try clusters(
                3, triangle, answers: PairAnswers(same: [RowPair(0, 1), RowPair(1, 2)], different: [RowPair(0, 2)]))
        }
    }

    @Test func cardinalityHolds() throws {
        // Rows 0 and 1 are the first file.
        let bits = [RowPair(0, 2): 9.0, RowPair(0, 3): 8.0, RowPair(1, 2): 7.0, RowPair(1, 3): 6.0]
        #expect(try clusters(4, bits, cardinality: .oneToOne, left: 2) == [0, 1, 0, 1])
        #expect(try clusters(4, bits, cardinality: .oneToMany, left: 2) == [0, 1, 0, 0])
    }

    @Test func aNewDeliveryKeepsTheIdentifiers() throws {
        let known = ["P7", "P7", "P9", "", "", ""]
        let stable = StableIdentifiers(
            clusters: [0, 0, 1, 1, 2, 2], known: known, names: ["a", "b", "c", "d", "e", "f"])
        #expect(stable.identifiers == ["P7", "P7", "P9", "P9", "e", "e"])
        #expect(stable.fresh == 1)
        #expect(stable.merged.isEmpty)
        #expect(StableIdentifiers.ties(known: known) == [RowPair(0, 1)])
    }

    @Test func mergedIdentifiersLeaveATrace() {
        let stable = StableIdentifiers(clusters: [0, 0, 0], known: ["B", "A", "A"], names: ["x", "y", "z"])
        #expect(stable.identifiers == ["A", "A", "A"])
        #expect(stable.merged == [.init(kept: "A", absorbed: "B")])
    }

    @Test func anIdentifierBelongsToOneClusterOnly() {
        // P fell apart; a new record happens to be called P as well.
        let stable = StableIdentifiers(
            clusters: [0, 0, 1, 2], known: ["P", "P", "P", ""], names: ["P", "b", "c", "P"])
        #expect(stable.identifiers == ["P", "P", "c", "P-2"])
        #expect(Set([stable.identifiers[0], stable.identifiers[2], stable.identifiers[3]]).count == 3)
    }

    @Test func identifiersSurviveASecondDelivery() throws {
        let records = IdentityFixtures.persons(400, seed: 31)
        let half = records.truth.count / 2
        let firstColumns = records.columns.map { column in
            IdentityColumn(name: column.name, codes: Array(column.codes[..<half]), values: column.values)
        }
        let first = try IdentityResolution.resolve(firstColumns)
        let before = StableIdentifiers(clusters: first.clusters, known: [], names: records.keys)
        let known = before.identifiers + Array(repeating: "", count: records.truth.count - half)
        var options = IdentityOptions()
        options.answers.same = StableIdentifiers.ties(known: known)
        let second = try IdentityResolution.resolve(records.columns, options: options)
        let after = StableIdentifiers(clusters: second.clusters, known: known, names: records.keys)
        let absorbed = Dictionary(after.merged.map { ($0.absorbed, $0.kept) }, uniquingKeysWith: { a, _ in a })
        for row in 0..<half {
            #expect(after.identifiers[row] == absorbed[before.identifiers[row]] ?? before.identifiers[row])
        }
        #expect(PairQuality.clusters(second.clusters, truth: records.truth, second.space).f1 > 0.95)
    }

    @Test func questionsAreRankedByWhatTheyChange() {
        // Clusters of 3, 2, 1 and 1 rows.
        let clusters: [Int32] = [0, 0, 0, 1, 1, 2, 3]
        let pairs = [
            ScoredPair(left: 0, right: 3, bits: -0.5), ScoredPair(left: 1, right: 4, bits: -2),
            ScoredPair(left: 5, right: 6, bits: -0.5), ScoredPair(left: 0, right: 1, bits: 20),
            ScoredPair(left: 3, right: 4, bits: 0.2), ScoredPair(left: 5, right: 0, bits: -9),
        ]
        let review = ClericalReview(pairs, clusters: clusters, answers: PairAnswers())
        // One question between the same two groups; the sure pairs are not asked.
        #expect(
            review.questions.map { RowPair($0.pair.left, $0.pair.right) } == [
                RowPair(0, 3), RowPair(3, 4), RowPair(5, 6),
            ])
        #expect(review.questions[0].affected == 6)
        #expect(review.questions[1].isJoined)
        let settled = ClericalReview(
            pairs, clusters: clusters, answers: PairAnswers(same: [RowPair(0, 3)], different: [RowPair(5, 6)]))
        #expect(!settled.questions.contains { $0.pair.left == 5 })
    }

    @Test func qualityEqualsItsDefinition() {
        let clusters: [Int32] = [0, 0, 1, 1, 1, 2]
        let truth: [Int32] = [0, 0, 0, 1, 1, -1]
        let quality = PairQuality.clusters(clusters, truth: truth, PairSpace(rowCount: 6))
        #expect(quality == PairQuality(hits: 2, found: 4, real: 4))
        #expect(quality.f1 == 0.5)
        let across = PairQuality.clusters(clusters, truth: truth, PairSpace(rowCount: 6, leftCount: 3))
        // Across 0…2 | 3…5: found (2,3), (2,4); real none.
        #expect(across == PairQuality(hits: 0, found: 2, real: 0))
        let labels = [
            (pair: RowPair(0, 1), isMatch: true), (pair: RowPair(0, 2), isMatch: true),
            (pair: RowPair(2, 3), isMatch: false),
        ]
        #expect(PairQuality.labels(labels, clusters: clusters) == PairQuality(hits: 1, found: 2, real: 2))
    }
}
