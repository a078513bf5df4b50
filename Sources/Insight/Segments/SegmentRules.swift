internal import EngagementModel

/// Segments as rules that can be kept and applied again: what a person read yesterday is what is assigned today.
package struct SegmentRules: Sendable, Hashable, Codable {
    package struct Condition: Sendable, Hashable, Codable {
        package var column: String
        /// The category that is meant; nil for a number.
        package var category: String?
        package var threshold: Double
        package var below: Bool
        /// What a missing number is read as.
        package var missing: Double

        func holds(_ value: Double) -> Bool { ((value.isNaN ? missing : value) <= threshold) == below }
    }
    package struct Rule: Sendable, Hashable, Codable {
        package var name: String
        package var text: String
        package var conditions: [Condition]
        /// Share of the rows when the rules were found.
        package var share: Double
    }

    /// Disjoint and complete, largest first when they were found.
    package var rules: [Rule]
    package var columns: [String]
    package var stability: Double
    package var silhouette: Double

    /// The rule of each row.
    ///
    /// - Throws: `segment_column` when a rule speaks of a column that is not there, or of another kind.
    package func assign(_ given: [SegmentColumn]) throws -> [Int32] {
        var cells: [String: (SegmentColumn, Int)] = [:]
        for column in given {
            switch column.values {
            case .numbers(let values): cells[column.name] = (column, values.count)
            case .categories(let codes, _): cells[column.name] = (column, codes.count)
            }
        }
        let rowCount = cells.values.first?.1 ?? 0
        // One lane of values a condition, so that a row is a walk over a few arrays.
        let lanes = try rules.map { rule in
            try rule.conditions.map { condition -> [Double] in
                switch (cells[condition.column]?.0.values, condition.category) {
                case (.numbers(let values), nil): return values
                case (.categories(let codes, let names), let category?):
                    let code = Int32(names.firstIndex(of: category) ?? -2)
                    return codes.map { $0 == code ? 1 : 0 }
                default:
                    throw Diagnostic(
                        "segment_column", "the rules speak of `\(condition.column)`, which is not there any more",
                        remedy: "find the segments again")
                }
            }
        }
        return (0..<rowCount).map { row in
            let found = rules.indices.first { rule in
                rules[rule].conditions.indices.allSatisfy { rules[rule].conditions[$0].holds(lanes[rule][$0][row]) }
            }
            return Int32(found ?? 0)
        }
    }

    /// How far the sizes have moved since the rules were found: the population stability index, Σ (p − q) ln (p / q).
    /// Below 0.1 nothing happened, above 0.25 the people are others.
    package func drift(_ assignment: [Int32]) -> Double {
        var counts = [Double](repeating: 0, count: rules.count)
        for segment in assignment { counts[Int(segment)] += 1 }
        return StabilityIndex.value(expected: rules.map(\.share), counts: counts)
    }
}
