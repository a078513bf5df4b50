import EngagementModel
import Foundation

/// A column that segments may be built on.
package struct SegmentColumn: Sendable {
    package enum Values: Sendable {
        /// NaN = missing; read as the median.
        case numbers([Double])
        /// Codes into `names`; negative = missing, in no category.
        case categories([Int32], names: [String])
    }
    package var name: String
    package var values: Values

    package init(name: String, values: Values) {
        self.name = name
        self.values = values
    }
}

/// Columns made comparable: numbers as asinh((x − median) / IQR), categories as one flag each; a number counts the more,
/// the more clearly it falls into two groups.
///
/// The inverse hyperbolic sine is linear near the median and logarithmic far out, so that a few very large volumes do
/// not become segments of their own.
struct SegmentFeatures: Sendable {
    struct Feature: Sendable {
        var column: Int
        var name: String
        /// The category that the flag stands for.
        var category: String?
        /// What rules speak of: the column's own values, missing filled in.
        var raw: [Double]
        var scaled: [Double]
        /// What a missing number was read as.
        var missing = 0.0
    }
    var features: [Feature]
    let rowCount: Int
    /// What the reader should know: columns left out, values filled in.
    private(set) var warnings: [String] = []

    private static let mostCategories = 12

    /// - Throws: `too_few_rows`, `all_missing`, `not_finite`, `no_variation`.
    init(_ columns: [SegmentColumn]) throws {
        features = []
        rowCount =
            columns.first.map { column in
                switch column.values {
                case .numbers(let values): values.count
                case .categories(let codes, _): codes.count
                }
            } ?? 0
        guard rowCount >= 10 else {
            throw Diagnostic(
                "too_few_rows", "\(rowCount) rows are too few for segments", remedy: "give at least 10 rows")
        }
        for (index, column) in columns.enumerated() {
            switch column.values {
            case .numbers(let values): try addNumbers(values, column.name, index)
            case .categories(let codes, let names): try addCategories(codes, names, column.name, index)
            }
        }
        guard !features.isEmpty else {
            throw Diagnostic(
                "no_variation", "every feature has one value only: all rows are alike",
                remedy: "give features that differ")
        }
    }

    private mutating func addNumbers(_ values: [Double], _ name: String, _ column: Int) throws {
        let known = values.filter { !$0.isNaN }.sorted()
        guard let first = known.first, let last = known.last else {
            throw Diagnostic("all_missing", "the feature `\(name)` has no value", remedy: "leave it out")
        }
        guard first.isFinite, last.isFinite else {
            throw Diagnostic(
                "not_finite", "the feature `\(name)` holds an infinite value",
                remedy: "write a finite one; leave it empty if unknown")
        }
        guard first < last else {
            warnings.append("`\(name)` has one value only and was left out")
            return
        }
        let missing = values.count - known.count
        if missing > 0 { warnings.append("`\(name)`: \(missing) missing values were read as the median") }
        let median = Self.quantile(known, 0.5)
        var spread = Self.quantile(known, 0.75) - Self.quantile(known, 0.25)
        if spread <= 0 {
            // Most values are equal: the deviation still has a scale.
            let mean = known.reduce(0) { $0 + ($1 - median) / Double(known.count) }
            let centre = median + mean
            spread = known.reduce(0) { $0 + ($1 - centre) * ($1 - centre) / Double(known.count) }.squareRoot()
        }
        guard spread > 0, spread.isFinite else {
            throw Diagnostic(
                "not_finite", "the values of the feature `\(name)` are too far apart to be compared",
                remedy: "leave out the row that is far from all others, or the column")
        }
        let raw = missing > 0 ? values.map { $0.isNaN ? median : $0 } : values
        let scaled = raw.map { asinh(($0 - median) / spread) }
        let weight = Self.clarity(scaled)
        features.append(
            Feature(
                column: column, name: name, category: nil, raw: raw, scaled: scaled.map { $0 * weight },
                missing: median))
    }

    /// How clearly values fall into two groups, 0.1…1: the share of variance that the best single threshold explains,
    /// from 0.6 (less than the 2/π of a normal variable) to 1. Without it, noise splits clusters as readily as groups do,
    /// because scaling makes all features equally wide.
    private static func clarity(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        let n = Double(sorted.count)
        let mean = sorted.reduce(0, +) / n
        let total = sorted.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        var (sum, between) = (0.0, 0.0)
        for i in 0..<(sorted.count - 1) {
            sum += sorted[i] - mean
            guard sorted[i] < sorted[i + 1] else { continue }
            let left = Double(i + 1)
            between = max(between, sum * sum / left + sum * sum / (n - left))
        }
        return total > 0 ? min(1, max(0.1, (between / total - 0.6) / 0.4)) : 0.1
    }

    private mutating func addCategories(
        _ codes: [Int32], _ names: [String], _ name: String, _ column: Int
    ) throws {
        var counts = [Int](repeating: 0, count: names.count)
        for code in codes where code >= 0 { counts[Int(code)] += 1 }
        let used = counts.indices.filter { counts[$0] > 0 }
        guard !used.isEmpty else {
            throw Diagnostic("all_missing", "the feature `\(name)` has no value", remedy: "leave it out")
        }
        guard used.count > 1 || counts[used[0]] < codes.count else {
            warnings.append("`\(name)` has one value only and was left out")
            return
        }
        let kept = used.sorted { (counts[$1], names[$0]) < (counts[$0], names[$1]) }.prefix(Self.mostCategories)
        if used.count > kept.count {
            warnings.append("`\(name)`: only its \(kept.count) most frequent of \(used.count) values were used")
        }
        for code in kept {
            let flags = codes.map { Int($0) == code ? 1.0 : 0.0 }
            // Two rows of different categories are as far apart as two numbers one IQR from each other.
            features.append(
                Feature(
                    column: column, name: name, category: names[code], raw: flags,
                    scaled: flags.map { $0 * 0.5.squareRoot() }))
        }
    }

    /// A clause in terms of the columns, to be kept.
    func condition(_ clause: SegmentTree.Clause) -> SegmentRules.Condition {
        let feature = features[clause.feature]
        return .init(
            column: feature.name, category: feature.category, threshold: clause.threshold, below: clause.below,
            missing: feature.missing)
    }

    /// Linear between the order statistics of ascending values.
    static func quantile(_ sorted: [Double], _ share: Double) -> Double {
        let position = share * Double(sorted.count - 1)
        let low = Int(position)
        let high = min(low + 1, sorted.count - 1)
        return sorted[low] + (position - Double(low)) * (sorted[high] - sorted[low])
    }

    /// Points, row after row, for the rows asked for.
    func points(_ rows: [Int]) -> [Double] {
        var points: [Double] = []
        points.reserveCapacity(rows.count * features.count)
        for row in rows { for feature in features { points.append(feature.scaled[row]) } }
        return points
    }
}
