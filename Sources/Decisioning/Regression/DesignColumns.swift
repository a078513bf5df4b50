import Foundation

/// Columns that a regression reads: numbers, brought to mean 0 and deviation 1, and categories, one indicator each.
///
/// A row has few entries that are not zero, so rows are handed out sparsely. Entry 0 is the constant.
package struct DesignColumns: Sendable {
    /// Categories beyond the most frequent ones share no indicator: they are read as the constant alone.
    package static let mostCategories = 200

    package let rowCount: Int
    /// Number of entries of a dense row, the constant included.
    package private(set) var size = 1
    /// Most entries of a row that are not zero.
    package var width: Int { 1 + numbers.count + categories.count }

    private struct Numbers: Sendable {
        var values: [Double]
        var entry: Int
    }

    private struct Categories: Sendable {
        var codes: [Int32]
        /// Entry of each code, -1 for none.
        var entries: [Int32]
    }

    private var numbers: [Numbers] = []
    private var categories: [Categories] = []

    package init(rowCount: Int) { self.rowCount = rowCount }

    /// Adds a column of finite numbers. A constant column adds nothing.
    package mutating func add(_ values: [Double]) {
        precondition(values.count == rowCount, "one value for each row")
        let n = Double(max(rowCount, 1))
        // Scaled first, so that squares of huge values stay finite.
        let scale = values.reduce(0) { max($0, abs($1)) }
        guard scale > 0 else { return }
        let mean = values.reduce(0) { $0 + $1 / scale } / n
        let variance = values.reduce(0) { $0 + ($1 / scale - mean) * ($1 / scale - mean) } / n
        guard variance > 1e-24 else { return }
        let deviation = variance.squareRoot()
        numbers.append(Numbers(values: values.map { ($0 / scale - mean) / deviation }, entry: size))
        size += 1
    }

    /// Adds a column of categories 0..<count; a negative code is none.
    package mutating func add(codes: [Int32], count: Int) {
        precondition(codes.count == rowCount, "one code for each row")
        var frequency = [Int](repeating: 0, count: count)
        for code in codes where code >= 0 { frequency[Int(code)] += 1 }
        let kept = (0..<count).sorted { (-frequency[$0], $0) < (-frequency[$1], $1) }.prefix(Self.mostCategories)
        var entries = [Int32](repeating: -1, count: max(count, 1))
        for code in kept.sorted() {
            entries[code] = Int32(size)
            size += 1
        }
        categories.append(Categories(codes: codes, entries: entries))
    }

    /// Writes the entries of a row that are not zero; returns how many.
    @inline(__always) func read(_ row: Int, _ index: UnsafeMutablePointer<Int32>, _ value: UnsafeMutablePointer<Double>)
        -> Int
    {
        index[0] = 0
        value[0] = 1
        var count = 1
        for column in numbers {
            index[count] = Int32(truncatingIfNeeded: column.entry)
            value[count] = column.values[row]
            count += 1
        }
        for column in categories {
            let code = column.codes[row]
            if code < 0 { continue }
            let entry = column.entries[Int(code)]
            if entry < 0 { continue }
            index[count] = entry
            value[count] = 1
            count += 1
        }
        return count
    }
}
