import Testing

@testable import Insight

@Suite struct LabelledPairsTests {
    @Test func settledPairsMoveTheModelTowardsWhatTheyShow() throws {
        let records = IdentityFixtures.persons(1_200, seed: 5)
        let result = try IdentityResolution.resolve(records.columns)
        // A person confirms pairs whose first columns differ: agreement there must count for less afterwards.
        let differing = result.matches.filter { pair in
            let codes = result.comparison.comparators[0].field.rows
            return codes[Int(pair.left)] != codes[Int(pair.right)]
        }.prefix(60).map { RowPair($0.left, $0.right) }
        try #require(differing.count >= 20)
        let learnt = result.relearnt(PairAnswers(same: differing))
        #expect(learnt.m[0][0] < result.model.m[0][0])
        #expect(
            learnt.u == result.model.u
                || zip(learnt.u, result.model.u).allSatisfy { a, b in
                    zip(a, b).allSatisfy { abs($0 - $1) < 1e-9 }
                })
        for levels in learnt.m { #expect(abs(levels.reduce(0, +) - 1) < 1e-9) }
        var options = IdentityOptions()
        options.model = learnt
        options.answers = PairAnswers(same: differing)
        let again = try IdentityResolution.resolve(records.columns, options: options)
        for pair in differing { #expect(again.clusters[Int(pair.left)] == again.clusters[Int(pair.right)]) }
        let before = PairQuality.clusters(result.clusters, truth: records.truth, result.space)
        let after = PairQuality.clusters(again.clusters, truth: records.truth, again.space)
        #expect(after.f1 > before.f1 - 0.02)
    }

    @Test func withoutAnswersNothingMoves() throws {
        let records = IdentityFixtures.persons(300, seed: 6)
        let result = try IdentityResolution.resolve(records.columns)
        let learnt = result.relearnt(PairAnswers())
        for (a, b) in zip(learnt.m.joined(), result.model.m.joined()) { #expect(abs(a - b) < 1e-9) }
        #expect(learnt.prior == result.model.prior)
    }
}
