import EngagementModel
import Testing

@testable import Insight

/// The whole way, from columns to clusters.
@Suite struct IdentityResolutionTests {
    @Test func febrlPersonsAreFound() throws {
        let records = try IdentityFixtures.records("febrl3_part.csv")
        let result = try IdentityResolution.resolve(records.columns)
        let quality = PairQuality.clusters(result.clusters, truth: records.truth, result.space)
        // Splink 5.0.0 on the whole file: 0.9992 with six columns.
        #expect(quality.f1 >= 0.9992)
        #expect(result.matches.allSatisfy { $0.probability >= 0.5 })
    }

    @Test func fakePersonsAreFound() throws {
        let records = try IdentityFixtures.records("fake_1000_part.csv")
        let result = try IdentityResolution.resolve(records.columns)
        let quality = PairQuality.clusters(result.clusters, truth: records.truth, result.space)
        // Splink 5.0.0 on the whole file: 0.916 at its best threshold.
        #expect(quality.f1 >= 0.95)
        #expect(quality.precision >= 0.99)
    }

    @Test func blockingLosesHardlyAnything() throws {
        let records = IdentityFixtures.persons(3_000, seed: 3)
        var options = IdentityOptions()
        let every = try IdentityResolution.resolve(
            records.columns,
            options: {
                options.everyPairLimit = .infinity
                return options
            }())
        options.everyPairLimit = 0
        let blocked = try IdentityResolution.resolve(records.columns, options: options)
        let best = PairQuality.clusters(every.clusters, truth: records.truth, every.space)
        let fast = PairQuality.clusters(blocked.clusters, truth: records.truth, blocked.space)
        #expect(best.f1 > 0.98)
        #expect(fast.f1 > best.f1 - 0.01)
        #expect(!blocked.rules.isEmpty)
        #expect(blocked.candidatePairs < every.candidatePairs / 5)
        // The prior speaks about all pairs, not about the blocked ones.
        let real = best.real
        #expect(abs(blocked.model.prior * blocked.space.total - real) < 0.1 * real)
        #expect(abs(every.model.prior * every.space.total - real) < 0.1 * real)
    }

    @Test func theSameSeedGivesTheSameResult() throws {
        let records = IdentityFixtures.persons(800, seed: 4)
        var options = IdentityOptions()
        options.everyPairLimit = 0
        let first = try IdentityResolution.resolve(records.columns, options: options)
        let second = try IdentityResolution.resolve(records.columns, options: options)
        #expect(first.model == second.model)
        #expect(first.pairs == second.pairs)
        #expect(first.clusters == second.clusters)
    }

    @Test func swappedNamesAreOnePerson() throws {
        var records = IdentityFixtures.persons(600, seed: 6, errors: 0.05)
        let given = records.columns[0]
        let family = records.columns[1]
        var firsts = given.codes.map { $0 < 0 ? "" : given.values[Int($0)] }
        var lasts = family.codes.map { $0 < 0 ? "" : family.values[Int($0)] }
        for row in stride(from: 0, to: firsts.count, by: 9) { swap(&firsts[row], &lasts[row]) }
        records.columns[0] = IdentityColumn(name: "first_name", cells: firsts)
        records.columns[1] = IdentityColumn(name: "last_name", cells: lasts)
        let result = try IdentityResolution.resolve(records.columns)
        #expect(PairQuality.clusters(result.clusters, truth: records.truth, result.space).f1 > 0.985)
        let label = try #require(result.comparison.comparators[0].labels.firstIndex(of: "swapped with its partner"))
        #expect(result.model.m[0][label] > 0.05)
    }

    @Test func twoFilesAreLinkedAcrossOnly() throws {
        let records = IdentityFixtures.persons(500, seed: 8)
        let order = records.truth.indices.sorted {
            (records.truth[..<$0].contains(records.truth[$0]) ? 1 : 0, $0)
                < (records.truth[..<$1].contains(records.truth[$1]) ? 1 : 0, $1)
        }
        let truth = order.map { records.truth[$0] }
        let left = Set(records.truth).count
        let columns = records.columns.map { column in
            IdentityColumn(name: column.name, codes: order.map { column.codes[$0] }, values: column.values)
        }
        for limit in [0, Double.infinity] {
            var options = IdentityOptions()
            options.cardinality = .oneToOne
            options.everyPairLimit = limit
            let result = try IdentityResolution.resolve(columns, leftCount: left, options: options)
            #expect(result.pairs.allSatisfy { Int($0.left) < left && Int($0.right) >= left })
            #expect(PairQuality.clusters(result.clusters, truth: truth, result.space).f1 > 0.97)
            var sizes: [Int32: Int] = [:]
            for cluster in result.clusters { sizes[cluster, default: 0] += 1 }
            #expect(sizes.values.allSatisfy { $0 <= 2 })
        }
    }

    @Test func theWaterfallAddsUpToTheWeight() throws {
        let records = try IdentityFixtures.records("fake_1000_part.csv")
        let result = try IdentityResolution.resolve(records.columns)
        for pair in result.pairs.prefix(200) {
            let explanation = result.explain(Int(pair.left), Int(pair.right))
            #expect(abs(explanation.totalBits - pair.bits) < 1e-5)
            #expect(explanation.steps.count == records.columns.count)
            #expect(explanation.steps.allSatisfy { $0.level != nil || $0.total == 0 })
        }
    }

    @Test func aLearntModelServesAnotherRun() throws {
        let records = IdentityFixtures.persons(700, seed: 9)
        let first = try IdentityResolution.resolve(records.columns)
        var options = IdentityOptions()
        options.model = first.model
        let second = try IdentityResolution.resolve(records.columns, options: options)
        #expect(second.model == first.model)
        #expect(second.clusters == first.clusters)
        #expect(second.steps == 0)
    }

    // MARK: Bad input

    private func refusal(_ columns: [IdentityColumn], leftCount: Int? = nil) -> String? {
        do {
            _ = try IdentityResolution.resolve(columns, leftCount: leftCount)
            return nil
        } catch { return (error as? Diagnostic)?.code }
    }

    @Test func inputWithoutPairsIsRefused() {
        #expect(refusal([]) == "too_few_rows")
        #expect(refusal([IdentityColumn(name: "name", cells: [])]) == "too_few_rows")
        #expect(refusal([IdentityColumn(name: "name", cells: ["anna"])]) == "too_few_rows")
        #expect(refusal([IdentityColumn(name: "name", cells: ["anna", "peter"])], leftCount: 2) == "too_few_rows")
    }

    @Test func columnsThatSayNothingAreRefused() {
        let rows = 40
        let same = ["name", "city"].map { IdentityColumn(name: $0, cells: Array(repeating: "x", count: rows)) }
        let empty = ["name", "city"].map { IdentityColumn(name: $0, cells: Array(repeating: "", count: rows)) }
        #expect(refusal(same) == "nothing_to_compare")
        #expect(refusal(empty) == "nothing_to_compare")
        let placeholders = IdentityColumn(name: "name", cells: (0..<rows).map { $0 % 2 == 0 ? "NULL" : "n/a" })
        #expect(refusal([placeholders]) == "nothing_to_compare")
    }

    @Test func everyRecordTwiceIsEveryPersonOnce() throws {
        let records = IdentityFixtures.persons(200, seed: 11, errors: 0)
        let single = records.truth.indices.filter { !records.truth[..<$0].contains(records.truth[$0]) }
        let columns = records.columns.map { column in
            IdentityColumn(
                name: column.name, codes: (single + single).map { column.codes[$0] }, values: column.values)
        }
        let result = try IdentityResolution.resolve(columns)
        #expect(result.clusterCount == single.count)
        #expect(
            PairQuality.clusters(result.clusters, truth: (single + single).map { records.truth[$0] }, result.space).f1
                == 1)
    }

    @Test func personsWithoutDuplicatesStayApart() throws {
        let records = IdentityFixtures.persons(400, seed: 12, errors: 0)
        let single = records.truth.indices.filter { !records.truth[..<$0].contains(records.truth[$0]) }
        let columns = records.columns.map { column in
            IdentityColumn(name: column.name, codes: single.map { column.codes[$0] }, values: column.values)
        }
        let result = try IdentityResolution.resolve(columns)
        #expect(Double(result.clusterCount) > 0.97 * Double(single.count))
        // A town has one postcode: agreement on both is one observation.
        #expect(result.dependentColumns.map { Set([$0.0, $0.1]) } == [["city", "postcode"]])
    }

    @Test func columnsTooCoarseForALargeFileAreRefused() {
        let rows = 60_000
        let gender = IdentityColumn(name: "gender", cells: (0..<rows).map { $0 % 2 == 0 ? "m" : "f" })
        #expect(refusal([gender]) == "too_many_pairs")
    }

    @Test func aValueSharedByAllDoesNotBlowUpTheWork() throws {
        var records = IdentityFixtures.persons(6_000, seed: 13)
        // A practice's switchboard: most rows carry one phone number.
        let rows = records.truth.count
        records.columns[5] = IdentityColumn(
            name: "phone", cells: (0..<rows).map { $0 % 5 == 0 ? "0301\(100_000 + $0)" : "030 555000" })
        let result = try IdentityResolution.resolve(records.columns)
        #expect(result.candidatePairs < 6_000_000)
        #expect(PairQuality.clusters(result.clusters, truth: records.truth, result.space).f1 > 0.9)
    }
}
