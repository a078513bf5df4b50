import EngagementModel
import Foundation
import Statistics

/// At most eight segments, each one rule of at most three clauses, that come out the same when the data are drawn again.
///
/// Clusters (k-means on robustly scaled features) are distilled into a shallow tree; **the rules are the segments**, so
/// that what a person reads is exactly what was assigned. The number of segments is the one with the best product of
/// silhouette and bootstrap stability; of those within five per cent of it, the largest.
package struct Segmentation: Sendable {
    package struct Options: Sendable {
        package var maxSegments = 8
        package var maxClauses = 3
        /// Rows to learn from; all rows are assigned.
        package var sample = 10_000
        package var silhouetteSample = 1_500
        package var resamples = 10
        package var starts = 8

        package init(maxSegments: Int = 8, maxClauses: Int = 3) {
            self.maxSegments = maxSegments
            self.maxClauses = maxClauses
        }
    }
    package struct Segment: Sendable {
        package var name: String
        package var rule: String
        package var clauses: Int
        package var size: Int
        package var share: Double
        package var profile: [SegmentProfile]
    }

    /// Largest first.
    package var segments: [Segment]
    /// Segment of each row.
    package var assignment: [Int32]
    /// Share of sampled rows whose rule names their cluster.
    package var fidelity: Double
    /// Mean silhouette of the rules' segments on a sample.
    package var silhouette: Double
    /// Mean adjusted Rand index between these segments and those of resampled data.
    package var stability: Double
    package var warnings: [String]
    /// The same segments as rules that can be applied to other rows.
    package var rules: SegmentRules

    private struct Candidate: Sendable {
        var tree: SegmentTree
        var fidelity: Double
        var silhouette: Double
        var stability: Double
    }

    /// - Throws: `bad_option`, and what `SegmentFeatures` refuses.
    package init(_ columns: [SegmentColumn], options: Options = Options(), seed: UInt64) throws {
        guard (2...8).contains(options.maxSegments), (1...3).contains(options.maxClauses) else {
            throw Diagnostic(
                "bad_option", "two to eight segments and one to three clauses are possible",
                remedy: "more would not be few clear segments")
        }
        let features = try SegmentFeatures(columns)
        var generator = SeededGenerator(seed: seed, stream: 0x5E6)
        let rows = Self.sample(features.rowCount, options.sample, &generator)
        let most = min(options.maxSegments, 1 << options.maxClauses)
        let candidates = Cores.map(most - 1) { index in
            Self.candidate(features, rows, count: index + 2, options, seed)
        }
        let score = candidates.map { $0.silhouette * max(0, $0.stability) }
        let best = score.max() ?? 0
        // Scores are ≤ 0 when nothing separates the rows: then the fewest.
        let chosen = best > 0 ? candidates.indices.last { score[$0] >= 0.95 * best } ?? 0 : 0
        let candidate = candidates[chosen]
        (fidelity, silhouette, stability) = (candidate.fidelity, candidate.silhouette, candidate.stability)
        let leaves = (0..<features.rowCount).map { Int32(candidate.tree.leaf(features, $0)) }
        var sizes = [Int](repeating: 0, count: candidate.tree.leaves.count)
        for leaf in leaves { sizes[Int(leaf)] += 1 }
        let order = sizes.indices.filter { sizes[$0] > 0 }.sorted { (sizes[$1], $0) < (sizes[$0], $1) }
        var place = [Int32](repeating: 0, count: sizes.count)
        for (rank, leaf) in order.enumerated() { place[leaf] = Int32(rank) }
        let numbers = leaves.map { place[Int($0)] }
        assignment = numbers
        let describer = SegmentWords(columns, features, numbers, count: order.count)
        let names = describer.names(order.map { candidate.tree.leaves[$0].clauses })
        segments = order.enumerated().map { rank, leaf in
            let clauses = candidate.tree.leaves[leaf].clauses
            return Segment(
                name: names[rank], rule: describer.rule(clauses), clauses: clauses.count, size: sizes[leaf],
                share: Double(sizes[leaf]) / Double(features.rowCount), profile: describer.profile(rank))
        }
        rules = SegmentRules(
            rules: zip(order, segments).map { leaf, segment in
                let conditions = candidate.tree.leaves[leaf].clauses.map { features.condition($0) }
                return .init(name: segment.name, text: segment.rule, conditions: conditions, share: segment.share)
            }, columns: columns.map(\.name), stability: candidate.stability, silhouette: candidate.silhouette)
        warnings = features.warnings
        if segments.count == 1 { warnings.append("no rule separates the rows: one segment") }
        if stability < 0.6 {
            warnings.append("the segments change when the data are drawn again: do not build on them")
        }
        if silhouette < 0.25 { warnings.append("the segments overlap: the rows have no clear groups") }
    }

    private static func sample(_ n: Int, _ most: Int, _ generator: inout SeededGenerator) -> [Int] {
        guard n > most else { return Array(0..<n) }
        var rows = Array(0..<n)
        for i in 0..<most { rows.swapAt(i, i + generator.below(n - i)) }
        return rows[0..<most].sorted()
    }

    private static func candidate(
        _ features: SegmentFeatures, _ rows: [Int], count: Int, _ options: Options, _ seed: UInt64
    ) -> Candidate {
        var generator = SeededGenerator(seed: seed, stream: 0x5E6_0000 + UInt64(count))
        let width = features.features.count
        let (tree, labels) = distil(features, rows, count, options, &generator)
        let leaves = rows.map { Int32(tree.leaf(features, $0)) }
        let agree = zip(leaves, labels).count { tree.leaves[Int($0)].label == $1 }
        let some = sample(rows.count, options.silhouetteSample, &generator)
        let silhouette = PartitionScores.silhouette(
            features.points(some.map { rows[$0] }), width: width, labels: some.map { leaves[$0] })
        var agreement = 0.0
        for _ in 0..<options.resamples {
            let drawn = rows.map { _ in rows[generator.below(rows.count)] }
            let (other, _) = distil(features, drawn, count, options, &generator)
            agreement += PartitionScores.adjustedRand(leaves, rows.map { Int32(other.leaf(features, $0)) })
        }
        return Candidate(
            tree: tree, fidelity: Double(agree) / Double(rows.count), silhouette: silhouette,
            stability: agreement / Double(max(1, options.resamples)))
    }

    private static func distil(
        _ features: SegmentFeatures, _ rows: [Int], _ count: Int, _ options: Options,
        _ generator: inout SeededGenerator
    ) -> (SegmentTree, [Int32]) {
        let clusters = SegmentClusters.find(
            features.points(rows), width: features.features.count, count: count, starts: options.starts, &generator)
        let tree = SegmentTree(
            features, rows: rows, labels: clusters.labels, clusters: count, maxLeaves: count,
            maxClauses: options.maxClauses, smallest: max(2, rows.count / 50))
        return (tree, clusters.labels)
    }
}
