import Foundation

/// Columns that agree together by chance: two strangers of one town share its postcode as well. Counted twice, such
/// agreement would pass for a match, and in a file without duplicates EM would call all neighbours one person.
///
/// Each column may lean on one other, so that u(level) becomes u(level | the other's level): a forest, chosen by
/// mutual information of exact agreement. Learnt from random pairs that agree on nothing else, which leaves matches out.
/// Source: Chow, Liu, "Approximating discrete probability distributions with dependence trees" (IEEE Trans. Inf.
/// Theory 14, 1968).
struct ChanceDependence: Sendable {
    private let comparison: PairComparison
    private let links: [Link]

    private struct Link: Sendable {
        var field: Int
        var parent: Int
        /// Bits to add, one list a level of the parent, one entry a level of the column.
        var bits: [[Double]]
    }

    /// For each column with one it leans on: (column, the other).
    var pairs: [(field: Int, parent: Int)] { links.map { ($0.field, $0.parent) } }

    /// - Parameters:
    ///   - patterns: patterns of random pairs and how often each was seen.
    ///   - levels: P(level) of each column among random pairs.
    init(_ comparison: PairComparison, patterns: [UInt64], counts: [Double], levels: [[Double]]) {
        self.comparison = comparison
        let width = comparison.comparators.count
        guard width > 2 else {
            links = []
            return
        }
        var agreement: [UInt64] = []  // columns that agree in a way that chance seldom makes
        agreement.reserveCapacity(patterns.count)
        for pattern in patterns {
            var set: UInt64 = 0
            for field in 0..<width {
                let level = comparison.level(field, in: pattern)
                if level < levels[field].count - 1, levels[field][level] < 0.05 { set |= 1 << UInt64(field) }
            }
            agreement.append(set)
        }
        let allowed = width >= 7 ? 1 : 0
        var candidates: [(information: Double, a: Int, b: Int)] = []
        for a in 0..<width {
            for b in (a + 1)..<max(a + 1, width) {
                let information = ChanceDependence.information(
                    comparison, patterns, counts, agreement, a, b, allowed)
                if information > 0 { candidates.append((information, a, b)) }
            }
        }
        candidates.sort { ($1.information, $0.a, $0.b) < ($0.information, $1.a, $1.b) }
        var joined = DisjointSets(width)
        var leans = [Bool](repeating: false, count: width)
        var links: [Link] = []
        for (_, a, b) in candidates where joined.find(a) != joined.find(b) {
            // A column leans on one other only.
            let (field, parent) = leans[b] ? (a, b) : (b, a)
            if leans[field] { continue }
            leans[field] = true
            joined.union(a, b)
            links.append(
                ChanceDependence.link(comparison, patterns, counts, agreement, field, parent, allowed))
        }
        self.links = links
    }

    /// Bits to add to the weight of a pattern.
    func bits(_ pattern: UInt64) -> Double { links.reduce(0) { $0 + bits($1, pattern) } }

    /// Bits to add for one column.
    func bits(_ pattern: UInt64, field: Int) -> Double {
        links.reduce(0) { $1.field == field ? $0 + bits($1, pattern) : $0 }
    }

    private func bits(_ link: Link, _ pattern: UInt64) -> Double {
        let level = comparison.level(link.field, in: pattern)
        let above = comparison.level(link.parent, in: pattern)
        guard above < link.bits.count, level < link.bits[above].count else { return 0 }
        return link.bits[above][level]
    }

    private static func isClean(_ set: UInt64, _ a: Int, _ b: Int, _ allowed: Int) -> Bool {
        (set & ~(1 << UInt64(a)) & ~(1 << UInt64(b))).nonzeroBitCount <= allowed
    }

    /// Mutual information of exact agreement in bits a pair; 0 unless agreement comes together clearly more often.
    private static func information(
        _ comparison: PairComparison, _ patterns: [UInt64], _ counts: [Double], _ agreement: [UInt64], _ a: Int,
        _ b: Int, _ allowed: Int
    ) -> Double {
        let left = comparison.comparators[a]
        let right = comparison.comparators[b]
        var cells = [0.0, 0, 0, 0]
        for (index, pattern) in patterns.enumerated() where isClean(agreement[index], a, b, allowed) {
            let x = comparison.level(a, in: pattern)
            let y = comparison.level(b, in: pattern)
            guard x < left.levelCount, y < right.levelCount else { continue }
            cells[(x < left.exactLevels ? 2 : 0) + (y < right.exactLevels ? 1 : 0)] += counts[index]
        }
        let total = cells.reduce(0, +)
        let first = cells[2] + cells[3]
        let second = cells[1] + cells[3]
        guard cells[3] >= 20, cells[3] * total > 3 * first * second else { return 0 }
        var information = 0.0
        for (index, count) in cells.enumerated() where count > 0 {
            let x = index >= 2 ? first : total - first
            let y = index % 2 == 1 ? second : total - second
            information += count / total * log2(count * total / (x * y))
        }
        return information
    }

    private static func link(
        _ comparison: PairComparison, _ patterns: [UInt64], _ counts: [Double], _ agreement: [UInt64], _ field: Int,
        _ parent: Int, _ allowed: Int
    ) -> Link {
        let own = comparison.comparators[field]
        let other = comparison.comparators[parent]
        var joint = [[Double]](
            repeating: [Double](repeating: 0, count: own.levelCount), count: other.levelCount)
        for (index, pattern) in patterns.enumerated() where isClean(agreement[index], field, parent, allowed) {
            let level = comparison.level(field, in: pattern)
            let above = comparison.level(parent, in: pattern)
            guard level < own.levelCount, above < other.levelCount else { continue }
            joint[above][level] += counts[index]
        }
        let sums = (0..<own.levelCount).map { level in joint.reduce(0.01) { $0 + $1[level] } }
        let total = sums.reduce(0, +)
        let bits = joint.map { row -> [Double] in
            // Chance without regard to the other column counts as five pairs.
            let seen = row.reduce(5, +)
            return zip(row, sums).map { counted, sum in
                let marginal = sum / total
                return min(4, max(-14, -log2((counted + 5 * marginal) / seen / marginal)))
            }
        }
        return Link(field: field, parent: parent, bits: bits)
    }
}
