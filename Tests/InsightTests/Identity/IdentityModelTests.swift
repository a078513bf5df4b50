import Foundation
import Statistics
import Testing

@testable import Insight

/// The model is learnt back from pairs whose parameters are known.
@Suite struct IdentityModelTests {
    /// Rows drawn so that matches agree with known chances: categories with many values, no near levels.
    private func planted(rows persons: Int, agreement: [Double], values: [Int], seed: UInt64)
        -> IdentityFixtures.Records
    {
        var generator = SeededGenerator(seed: seed)
        var cells = agreement.map { _ in [String]() }
        var truth: [Int32] = []
        for person in 0..<persons {
            let own = values.map { generator.below($0) }
            for copy in 0..<2 {
                for field in own.indices {
                    let value =
                        copy == 0 || generator.chance(agreement[field]) ? own[field] : generator.below(values[field])
                    cells[field].append("v\(value)")
                }
                truth.append(Int32(person))
            }
        }
        let columns = cells.enumerated().map { IdentityColumn(name: "f\($0)", kind: .category, cells: $1) }
        return .init(columns: columns, truth: truth, keys: truth.indices.map { "\($0)" })
    }

    @Test(arguments: [0, Double.infinity]) func parametersAreRecovered(limit: Double) throws {
        let agreement = [0.95, 0.8, 0.7, 0.9]
        let values = [500, 300, 400, 200]
        let records = planted(rows: 1_500, agreement: agreement, values: values, seed: 17)
        var options = IdentityOptions()
        options.everyPairLimit = limit
        let result = try IdentityResolution.resolve(records.columns, options: options)
        #expect(abs(result.model.prior * result.space.total - 1_500) < 100)
        for field in agreement.indices {
            let exact = result.comparison.comparators[field].exactLevels
            // What the pairs of this draw really show.
            let cells = records.columns[field].codes
            let expected = Double(stride(from: 0, to: cells.count, by: 2).count { cells[$0] == cells[$0 + 1] }) / 1_500
            #expect(abs(result.model.m[field].prefix(exact).reduce(0, +) - expected) < 0.02)
            #expect(abs(result.model.u[field].prefix(exact).reduce(0, +) * Double(values[field]) - 1) < 0.15)
        }
    }

    /// Two of one postcode share town and country as well: the finest that agrees tells it, the others nothing.
    @Test func whatFollowsFromAPostcodeIsCountedOnce() throws {
        var generator = SeededGenerator(seed: 23)
        var cells = [[String]](repeating: [], count: 5)
        for _ in 0..<900 {
            // Three countries of very different size; each postcode lies in one town, each town in one country.
            let country = generator.chance(0.9) ? 0 : 1 + generator.below(2)
            let town = country * 100 + generator.below(country == 0 ? 40 : 4)
            let row = [
                "first\(generator.below(60))", "last\(generator.below(300))",
                "\(10_000 + town * 10 + generator.below(6))",
                "town\(town)", "country\(country)",
            ]
            for field in row.indices { cells[field].append(row[field]) }
        }
        let (first, last) = (cells[0].count, cells[0].count + 1)
        // Two strangers of a rare country's postcode, and two of its town alone.
        for row in [
            ["zoe", "alpha", "12011", "town201", "country2"], ["zoe", "omega", "12011", "town201", "country2"],
            ["zoe", "gamma", "12013", "town201", "country2"],
        ] { for field in row.indices { cells[field].append(row[field]) } }
        let names = ["first_name", "last_name", "postal_code", "city", "country"]
        let kinds: [FieldKind] = [.name, .name, .postcode, .category, .category]
        let columns = names.indices.map { IdentityColumn(name: names[$0], kind: kinds[$0], cells: cells[$0]) }
        var options = IdentityOptions()
        options.twinShare = 0.01
        let result = try IdentityResolution.resolve(columns, options: options)
        let neighbours = result.explain(first, last)
        #expect(neighbours.steps[2].total > 4)
        #expect(neighbours.steps[3].total == 0 && neighbours.steps[4].total == 0)
        #expect(neighbours.steps[4].level == "exact, as postal_code agrees")
        #expect(abs(neighbours.totalBits - result.evidence(first, last)) < 1e-9)
        let townsmen = result.explain(first, last + 1)
        #expect(townsmen.steps[3].total > 0 && townsmen.steps[4].total == 0)
        #expect(townsmen.steps[4].level == "exact, as city agrees")
        #expect(abs(townsmen.totalBits - result.evidence(first, last + 1)) < 1e-9)
        // Different names are not outweighed.
        #expect(neighbours.probability < 0.5)
    }

    @Test func probabilitiesAreCalibrated() throws {
        let records = planted(rows: 2_000, agreement: [0.9, 0.75, 0.7], values: [120, 100, 80], seed: 18)
        let result = try IdentityResolution.resolve(records.columns)
        let expected = result.pairs.reduce(0) { $0 + $1.probability }
        let real = result.pairs.count { records.truth[Int($0.left)] == records.truth[Int($0.right)] }
        #expect(abs(expected - Double(real)) < 0.1 * Double(real))
    }

    @Test func chanceAgreementIsCountedNotSampled() {
        let column = IdentityColumn(name: "f", kind: .category, cells: ["a", "a", "a", "b", "b", "", "c"])
        let comparison = PairComparison([FieldComparator(EncodedField(column, kind: .category))], rowCount: 7)
        let space = PairSpace(rowCount: 7)
        let random = RandomPairs(comparison, space, sample: 80, seed: 1)
        // 3 + 1 agreeing pairs among the 15 pairs of filled cells, of 21.
        #expect(abs(random.levels[0].dropLast().reduce(0, +) - 4.0 / 15) < 1e-12)
        #expect(abs(random.filled[0] - 15.0 / 21) < 1e-12)
    }
}
