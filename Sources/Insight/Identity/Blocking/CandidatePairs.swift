/// Walks over the pairs that at least one rule makes, each once, without ever storing them.
///
/// A pair belongs to the first rule that makes it: later rules skip it by comparing the groups of the two rows.
package final class CandidatePairs: Sendable {
    private let space: PairSpace
    private let groups: [RuleGroups]
    /// Groups of all rules side by side, one row after another.
    private let memberships: FrozenBuffer<Int32>
    /// Pairs from groups too large to be compared in full: each row with its nearest neighbours.
    private let neighbours: [(Int32, Int32)]
    private let chunks: [Chunk]
    /// Groups that were too large.
    package let oversizedGroups: Int

    private enum Chunk: Sendable {
        /// Every pair whose first row lies in the range.
        case everyPair(Range<Int>)
        /// Pairs whose first member lies in a range of the rule's order.
        case rule(Int, Range<Int>)
        case neighbours
    }

    package var chunkCount: Int { chunks.count }

    /// All pairs.
    init(all space: PairSpace) {
        self.space = space
        groups = []
        memberships = FrozenBuffer([])
        neighbours = []
        oversizedGroups = 0
        let outer = space.leftCount ?? space.rowCount
        let parts = min(max(1, outer), 32)
        chunks = (0..<parts).map { part in
            // Early rows have more partners in one file: equal areas of the triangle.
            let bound: (Int) -> Int = { part in
                if space.leftCount != nil { return outer * part / parts }
                let share = 1 - Double(part) / Double(parts)
                return part == parts ? outer : outer - Int(Double(outer) * share.squareRoot())
            }
            return .everyPair(bound(part)..<bound(part + 1))
        }
    }

    init(rules: [BlockingRule], keys: [BlockingKey], space: PairSpace, groupLimit: Int, window: Int = 8) {
        self.space = space
        let groups = WorkSplit.map(rules.count) { rule in
            RuleGroups(rules[rule].keys.map { keys[$0].rows }, rowCount: space.rowCount, limit: groupLimit)
        }
        self.groups = groups
        var memberships = [Int32](repeating: -1, count: space.rowCount * rules.count)
        for (rule, group) in groups.enumerated() {
            for row in 0..<space.rowCount { memberships[row * rules.count + rule] = group.groupOf[row] }
        }
        self.memberships = FrozenBuffer(memberships)
        oversizedGroups = groups.reduce(0) { $0 + $1.oversized.count }
        neighbours = CandidatePairs.neighbourPairs(groups, keys, memberships, space, window)
        var chunks: [Chunk] = []
        for (rule, group) in groups.enumerated() {
            var start = 0
            var cost = 0
            for index in 0..<group.groupCount {
                let size = Int(group.starts[index + 1] - group.starts[index])
                cost += size * (size - 1) / 2
                let end = Int(group.starts[index + 1])
                if cost > 400_000 || index == group.groupCount - 1 {
                    chunks.append(.rule(rule, start..<end))
                    start = end
                    cost = 0
                }
            }
        }
        if !neighbours.isEmpty { chunks.append(.neighbours) }
        self.chunks = chunks
    }

    /// Calls `body` with the two rows of every pair of one chunk, the lower row first.
    @inline(__always) func forEachPair(in chunk: Int, _ body: (Int, Int) -> Void) {
        switch chunks[chunk] {
        case .everyPair(let range):
            for left in range {
                for right in (space.leftCount ?? (left + 1))..<max(space.leftCount ?? (left + 1), space.rowCount) {
                    body(left, right)
                }
            }
        case .neighbours: for (left, right) in neighbours { body(Int(left), Int(right)) }
        case .rule(let rule, let range): forEachPair(of: rule, range, body)
        }
    }

    @inline(__always) private func forEachPair(of rule: Int, _ range: Range<Int>, _ body: (Int, Int) -> Void) {
        let group = groups[rule]
        let width = groups.count
        var position = range.lowerBound
        while position < range.upperBound {
            let number = Int(group.groupOf[Int(group.order[position])])
            let end = Int(group.starts[number + 1])
            var second = position
            if let boundary = space.leftCount {
                while second < end, Int(group.order[second]) < boundary { second += 1 }
            }
            let split = second
            for first in position..<(space.leftCount == nil ? end : split) {
                let left = Int(group.order[first])
                let own = memberships.base + left * width
                pairs: for place in (space.leftCount == nil ? first + 1 : split)..<end {
                    let right = Int(group.order[place])
                    let other = memberships.base + right * width
                    for earlier in 0..<rule where own[earlier] == other[earlier] && own[earlier] >= 0 { continue pairs }
                    body(left, right)
                }
            }
            position = end
        }
    }

    /// Rows of large groups in the order of all their cells, each paired with the next few: the sorted neighbourhood.
    /// Source: Hernández, Stolfo, "The merge/purge problem for large databases" (SIGMOD 1995).
    private static func neighbourPairs(
        _ groups: [RuleGroups], _ keys: [BlockingKey], _ memberships: [Int32], _ space: PairSpace, _ window: Int
    ) -> [(Int32, Int32)] {
        let width = groups.count
        var pairs: [(Int32, Int32)] = []
        let exact = keys.filter(\.isExact)
        var seen = Set<UInt64>()
        for rows in groups.flatMap(\.oversized) {
            let sorted = rows.sorted { a, b in
                for key in exact where key.rows[Int(a)] != key.rows[Int(b)] {
                    return key.rows[Int(a)] < key.rows[Int(b)]
                }
                return a < b
            }
            for place in sorted.indices {
                for other in sorted[(place + 1)..<min(sorted.count, place + 1 + window)] {
                    let low = min(sorted[place], other)
                    let high = max(sorted[place], other)
                    if let boundary = space.leftCount, Int(low) >= boundary || Int(high) < boundary { continue }
                    let isMade = (0..<width).contains { rule in
                        let group = memberships[Int(low) * width + rule]
                        return group >= 0 && group == memberships[Int(high) * width + rule]
                    }
                    if !isMade, seen.insert(UInt64(low) << 32 | UInt64(high)).inserted { pairs.append((low, high)) }
                }
            }
        }
        return pairs
    }
}
