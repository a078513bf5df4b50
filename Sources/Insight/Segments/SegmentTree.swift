import Foundation

/// A shallow tree that tells clusters apart by thresholds on single features: each leaf is one rule.
///
/// Grown best first by the fall of the Gini impurity (Breiman and others 1984), at most `maxClauses` deep.
struct SegmentTree: Sendable {
    struct Clause: Sendable, Hashable {
        var feature: Int
        /// `raw <= threshold` when below, else `raw > threshold`.
        var threshold: Double
        var below: Bool

        func holds(_ value: Double) -> Bool { (value <= threshold) == below }
    }
    struct Leaf: Sendable, Hashable {
        var clauses: [Clause]
        var label: Int32
    }
    /// Disjoint, and together they hold every row.
    private(set) var leaves: [Leaf]

    private struct Growing {
        var rows: [Int]
        var clauses: [Clause]
        var counts: [Int]
        var split: Split?
    }
    private struct Split {
        var clause: Clause
        var gain: Double
    }

    /// - Parameters:
    ///   - rows: which rows of the features to learn from; may repeat.
    ///   - labels: cluster of each of `rows`.
    init(
        _ features: SegmentFeatures, rows: [Int], labels: [Int32], clusters: Int, maxLeaves: Int, maxClauses: Int,
        smallest: Int
    ) {
        var all = [Int](repeating: 0, count: clusters)
        for label in labels { all[Int(label)] += 1 }
        var growing = [Growing(rows: Array(rows.indices), clauses: [], counts: all, split: nil)]
        let best = { (node: Growing) -> Split? in
            guard node.clauses.count < maxClauses else { return nil }
            return Self.bestSplit(features, rows, labels, node.rows, node.counts, smallest)
        }
        growing[0].split = best(growing[0])
        while growing.count < maxLeaves {
            var chosen: Int?
            for i in growing.indices {
                guard let gain = growing[i].split?.gain else { continue }
                if gain > chosen.flatMap({ growing[$0].split?.gain }) ?? 0 { chosen = i }
            }
            guard let chosen, let split = growing[chosen].split else { break }
            let node = growing[chosen]
            let halves = [true, false].map { below -> Growing in
                var clause = split.clause
                clause.below = below
                let inside = node.rows.filter { clause.holds(features.features[clause.feature].raw[rows[$0]]) }
                var counts = [Int](repeating: 0, count: clusters)
                for position in inside { counts[Int(labels[position])] += 1 }
                return Growing(rows: inside, clauses: node.clauses + [clause], counts: counts, split: nil)
            }
            growing.replaceSubrange(chosen...chosen, with: halves)
            for i in chosen...(chosen + 1) { growing[i].split = best(growing[i]) }
        }
        leaves = growing.map { node in
            let label = node.counts.indices.max { node.counts[$0] < node.counts[$1] } ?? 0
            return Leaf(clauses: node.clauses, label: Int32(label))
        }
        mergeSiblings()
    }

    /// Two leaves that differ in their last clause only and name the same cluster are one.
    private mutating func mergeSiblings() {
        var i = 0
        while i + 1 < leaves.count {
            let (a, b) = (leaves[i], leaves[i + 1])
            if a.label == b.label, a.clauses.count == b.clauses.count, a.clauses.dropLast() == b.clauses.dropLast(),
                !a.clauses.isEmpty
            {
                leaves[i].clauses.removeLast()
                leaves.remove(at: i + 1)
                i = 0
            } else {
                i += 1
            }
        }
    }

    private static func bestSplit(
        _ features: SegmentFeatures, _ rows: [Int], _ labels: [Int32], _ node: [Int], _ counts: [Int], _ smallest: Int
    ) -> Split? {
        guard node.count >= 2 * smallest else { return nil }
        // n · Gini = n − Σ c² / n; the smaller, the purer.
        let score = { (counts: [Int], n: Int) in
            Double(n) - counts.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(n)
        }
        let whole = score(counts, node.count)
        var best: Split?
        for (index, feature) in features.features.enumerated() {
            let order = node.sorted { (feature.raw[rows[$0]], $0) < (feature.raw[rows[$1]], $1) }
            var left = [Int](repeating: 0, count: counts.count)
            var right = counts
            for i in 0..<(order.count - 1) {
                let label = Int(labels[order[i]])
                left[label] += 1
                right[label] -= 1
                let (a, b) = (feature.raw[rows[order[i]]], feature.raw[rows[order[i + 1]]])
                guard a < b, i + 1 >= smallest, order.count - i - 1 >= smallest else { continue }
                let gain = whole - score(left, i + 1) - score(right, order.count - i - 1)
                if gain > (best?.gain ?? 1e-9) * (1 + 1e-12) {
                    let threshold = feature.category == nil ? readable(between: a, and: b) : 0.5
                    best = Split(clause: Clause(feature: index, threshold: threshold, below: true), gain: gain)
                }
            }
        }
        return best
    }

    /// The number with the fewest decimals in a ..< b.
    static func readable(between a: Double, and b: Double) -> Double {
        let middle = a + (b - a) / 2
        let size = Int(log10(max(abs(a), abs(b), 1e-300)).rounded(.up))
        for digits in (-size)...(17 - size) {
            let unit = pow(10, Double(abs(digits)))
            let rounded = digits >= 0 ? (middle * unit).rounded() / unit : (middle / unit).rounded() * unit
            if rounded >= a, rounded < b { return rounded }
        }
        return a
    }

    /// The leaf of a row.
    func leaf(_ features: SegmentFeatures, _ row: Int) -> Int {
        leaves.firstIndex { leaf in
            leaf.clauses.allSatisfy { $0.holds(features.features[$0.feature].raw[row]) }
        } ?? 0
    }
}
