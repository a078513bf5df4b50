import Foundation

/// What is typical of a segment in one column.
package struct SegmentProfile: Sendable, Hashable {
    package var column: String
    /// Numbers: the median in the segment and over all rows. Categories: the share of the most typical one.
    package var value: Double
    package var overall: Double
    /// The category that is most over-represented.
    package var category: String?
}

/// Names, rules and profiles in words.
struct SegmentWords {
    private let features: SegmentFeatures
    private let columns: [SegmentColumn]
    private let rowsOfSegment: [[Int]]
    private let sorted: [[Double]]

    init(_ columns: [SegmentColumn], _ features: SegmentFeatures, _ assignment: [Int32], count: Int) {
        self.columns = columns
        self.features = features
        var rows = [[Int]](repeating: [], count: count)
        for (row, segment) in assignment.enumerated() { rows[Int(segment)].append(row) }
        rowsOfSegment = rows
        sorted = features.features.map { $0.category == nil ? $0.raw.sorted() : [] }
    }

    /// `visits > 12 and specialty is Cardiology`; clauses on one column meet in one interval.
    func rule(_ clauses: [SegmentTree.Clause]) -> String {
        guard !clauses.isEmpty else { return "all" }
        return clauses.map { clause in
            let feature = features.features[clause.feature]
            if let category = feature.category {
                return "\(feature.name) \(clause.below ? "is not" : "is") \(category)"
            }
            return "\(feature.name) \(clause.below ? "<=" : ">") \(Self.text(clause.threshold))"
        }.joined(separator: " and ")
    }

    private static func text(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
    }

    /// One name a segment, all different, from the directions of its clauses: the thresholds move a little from one
    /// delivery to the next, the words stay.
    func names(_ rules: [[SegmentTree.Clause]]) -> [String] {
        var names = rules.map { clauses -> String in
            var parts: [String] = []
            var seen: Set<Int> = []
            for clause in clauses where seen.insert(clause.feature).inserted {
                parts.append(words(clauses.filter { $0.feature == clause.feature }))
            }
            let text = parts.isEmpty ? "all" : parts.joined(separator: ", ")
            return text.prefix(1).uppercased() + text.dropFirst()
        }
        // Two segments in the same words are told apart by their rules.
        for segment in names.indices {
            let name = names[segment]
            let twins = names.indices.filter { names[$0] == name }
            if twins.count > 1 { for twin in twins { names[twin] += " (\(rule(rules[twin])))" } }
        }
        return names
    }

    /// All clauses of a rule on one feature.
    private func words(_ clauses: [SegmentTree.Clause]) -> String {
        let feature = features.features[clauses[0].feature]
        if let category = feature.category { return clauses[0].below ? "not \(category)" : category }
        let below = clauses.count { $0.below }
        let level =
            switch (below, clauses.count - below) {
            case (1, 0): "low"
            case (0, 1): "high"
            case (_, 0): "very low"
            case (0, _): "very high"
            default: "medium"
            }
        return "\(level) \(feature.name.replacing("_", with: " "))"
    }

    func profile(_ segment: Int) -> [SegmentProfile] {
        let rows = rowsOfSegment[segment]
        return columns.indices.compactMap { column in
            let own = features.features.indices.filter { features.features[$0].column == column }
            guard let first = own.first, !rows.isEmpty else { return nil }
            if features.features[first].category == nil {
                let values = rows.map { features.features[first].raw[$0] }.sorted()
                return SegmentProfile(
                    column: columns[column].name, value: SegmentFeatures.quantile(values, 0.5),
                    overall: SegmentFeatures.quantile(sorted[first], 0.5))
            }
            let shares = own.map { index -> (inside: Double, overall: Double, category: String?) in
                let feature = features.features[index]
                return (
                    rows.reduce(0) { $0 + feature.raw[$1] } / Double(rows.count),
                    feature.raw.reduce(0, +) / Double(feature.raw.count), feature.category
                )
            }
            let typical = shares.max { $0.inside - $0.overall < $1.inside - $1.overall }
            return typical.map {
                SegmentProfile(
                    column: columns[column].name, value: $0.inside, overall: $0.overall, category: $0.category)
            }
        }
    }
}
