import Statistics
import Testing

@testable import Insight

/// Candidate pairs: each one that a rule makes, once.
@Suite struct IdentityBlockingTests {
    private func keys(_ columns: [[Int32]]) -> [BlockingKey] {
        columns.enumerated().map { index, rows in
            BlockingKey(
                name: "k\(index)", field: index, isExact: true, rows: FrozenBuffer(rows),
                distinct: Int(rows.max() ?? 0) + 1)
        }
    }

    private func pairs(_ candidates: CandidatePairs) -> [RowPair] {
        var pairs: [RowPair] = []
        for chunk in 0..<candidates.chunkCount {
            candidates.forEachPair(in: chunk) { pairs.append(RowPair(Int32($0), Int32($1))) }
        }
        return pairs
    }

    @Test(arguments: [nil, 90]) func candidatesEqualTheDefinition(left: Int?) {
        var generator = SeededGenerator(seed: 21)
        let rows = 200
        let columns = [6, 15, 40].map { values in
            (0..<rows).map { _ in generator.chance(0.1) ? Int32(-1) : Int32(generator.below(values)) }
        }
        let sets = [[0, 1], [2], [1, 2]]
        let rules = sets.map { BlockingRule(keys: $0, label: "", estimatedPairs: 0) }
        let space = PairSpace(rowCount: rows, leftCount: left)
        let found = pairs(CandidatePairs(rules: rules, keys: keys(columns), space: space, groupLimit: 1_000))
        var expected = Set<RowPair>()
        for a in 0..<rows {
            for b in (a + 1)..<max(a + 1, rows) where left == nil || (a < left ?? 0 && b >= left ?? 0) {
                let isMade = sets.contains { $0.allSatisfy { columns[$0][a] >= 0 && columns[$0][a] == columns[$0][b] } }
                if isMade { expected.insert(RowPair(Int32(a), Int32(b))) }
            }
        }
        #expect(Set(found) == expected)
        #expect(found.count == expected.count)
        #expect(pairs(CandidatePairs(all: space)).count == Int(space.total))
    }

    @Test func largeGroupsKeepTheirLikestNeighbours() {
        let rows = 400
        let shared = [Int32](repeating: 0, count: rows)
        // Row 2k and row 399 − 2k are twins.
        let twins = (0..<rows).map { Int32(min($0, rows - 1 - $0)) }
        let rules = [BlockingRule(keys: [0], label: "", estimatedPairs: 0)]
        let candidates = CandidatePairs(
            rules: rules, keys: keys([shared, twins]), space: PairSpace(rowCount: rows), groupLimit: 50)
        let found = pairs(candidates)
        #expect(candidates.oversizedGroups == 1)
        #expect(found.count == Set(found).count)
        #expect(found.count < rows * 9)
        for row in 0..<(rows / 2) { #expect(found.contains(RowPair(Int32(row), Int32(rows - 1 - row)))) }
    }

    @Test func hiddenMatchesFollowFromTheRules() {
        // One rule on two columns, agreeing with chance 0.8 and 0.5: hidden 1 − 0.4.
        let truncation = BlockedTruncation(rules: [[3, 7]])
        let hidden = truncation.hidden([0.8, 0.5])
        #expect(abs(hidden.share - 0.6) < 1e-12)
        #expect(abs(hidden.agreement[0] - 0.4 / 0.6) < 1e-12)
        #expect(abs(hidden.agreement[1] - 0.1 / 0.6) < 1e-12)
        // Either of two columns: hidden when neither agrees.
        #expect(abs(BlockedTruncation(rules: [[0], [1]]).hidden([0.8, 0.5]).share - 0.1) < 1e-12)
        #expect(BlockedTruncation(rules: []).hidden([]).share == 0)
    }
}
