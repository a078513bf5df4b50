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
        let learnt = result.model.relearnt(PairAnswers(same: differing), result.comparison)
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
        let learnt = result.model.relearnt(PairAnswers(), result.comparison)
        for (a, b) in zip(learnt.m.joined(), result.model.m.joined()) { #expect(abs(a - b) < 1e-9) }
        #expect(learnt.prior == result.model.prior)
    }
}

/// Records in which hardly anybody is twice: neighbours of one town must not pass for one person.
@Suite struct FewTwinsTests {
    /// Six hundred people in three towns, the first twelve a second time with another phone.
    private func records() -> [IdentityColumn] {
        let firsts = ["Anna", "Boris", "Clara", "David", "Elena", "Felix", "Greta", "Hugo", "Irene", "Jonas", "Klara"]
        let lasts = [
            "Abel", "Birken", "Czerny", "Dorn", "Ehrlich", "Falke", "Grün", "Hohen", "Isen", "Jablon", "Kalt", "Lind",
            "Mont",
        ]
        let people = Array(0..<600) + Array(0..<12)
        func column(_ name: String, _ kind: FieldKind, _ cell: (Int, Int) -> String) -> IdentityColumn {
            IdentityColumn(name: name, kind: kind, cells: people.enumerated().map { cell($1, $0) })
        }
        return [
            column("first_name", .name) { person, _ in firsts[person % 11] },
            column("last_name", .name) { person, _ in lasts[person / 11 % 13] + (person % 7 == 0 ? "mann" : "er") },
            column("phone", .phone) { person, row in
                "+49 30 \(100_000 + person * 1_337 % 800_000 + (row >= 600 ? 5 : 0))"
            },
            column("address_line", .address) { person, _ in "\(person % 90 + 1) \(lasts[person % 13]) Street" },
            column("city", .category) { person, _ in ["Berlin", "Hamburg", "Köln"][person % 3] },
            column("postal_code", .postcode) { person, _ in String(10_000 + person % 3 * 10_000 + person * 17 % 400) },
            column("country", .category) { person, _ in person % 3 == 2 ? "AT" : "DE" },
        ]
    }

    @Test(arguments: [Double.infinity, 0]) func neighboursAreNotTwins(everyPairLimit: Double) throws {
        var options = IdentityOptions()
        options.twinShare = 0.01
        options.threshold = 0.995
        options.everyPairLimit = everyPairLimit
        let result = try IdentityResolution.resolve(records(), options: options)
        let found = result.matches.map { [Int($0.left), Int($0.right)] }
        #expect(found.allSatisfy { $0[1] - $0[0] == 600 }, "\(found)")
        #expect(found.count >= 10)
    }
}
