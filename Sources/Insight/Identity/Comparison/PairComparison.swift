/// Compares two rows over all columns: the levels of agreement packed into one integer, the pattern.
package final class PairComparison: Sendable {
    package let comparators: [FieldComparator]
    package let rowCount: Int
    /// Codes of all columns side by side, one row after another.
    let cells: FrozenBuffer<Int32>
    /// First bit of each column's level in the pattern.
    let shifts: [UInt64]
    let masks: [UInt64]
    private let nested: NestedColumns?

    /// - Precondition: the levels of all columns fit 64 bits (`FieldSelection` sees to it).
    init(_ comparators: [FieldComparator], rowCount: Int) {
        self.comparators = comparators
        self.rowCount = rowCount
        var shifts: [UInt64] = []
        var masks: [UInt64] = []
        var next: UInt64 = 0
        for comparator in comparators {
            let bits = PairComparison.bits(comparator)
            shifts.append(next)
            masks.append((1 << bits) - 1)
            next += bits
        }
        self.shifts = shifts
        self.masks = masks
        var cells = [Int32](repeating: -1, count: rowCount * comparators.count)
        for (column, comparator) in comparators.enumerated() {
            for row in 0..<rowCount { cells[row * comparators.count + column] = comparator.field.rows[row] }
        }
        self.cells = FrozenBuffer(cells)
        let nested = NestedColumns(comparators.map(\.field))
        self.nested = nested.isEmpty ? nil : nested
    }

    /// Bits that hold a column's levels and "missing".
    static func bits(_ comparator: FieldComparator) -> UInt64 {
        UInt64(Int.bitWidth - comparator.levelCount.leadingZeroBitCount)
    }

    @inline(__always) func level(_ field: Int, in pattern: UInt64) -> Int {
        Int((pattern >> shifts[field]) & masks[field])
    }

    /// The pattern of two rows.
    func pattern(_ left: Int, _ right: Int, _ scratch: ComparisonScratch) -> UInt64 {
        let width = comparators.count
        let a = cells.base + left * width
        let b = cells.base + right * width
        var pattern: UInt64 = 0
        for column in 0..<width {
            let comparator = comparators[column]
            var level = comparator.level(a[column], b[column], column, scratch)
            if let partner = comparator.partner, level >= comparator.swappedLevel,
                isSwapped(a, b, column, partner, comparator)
            {
                // The swap is one observation: the first of the two columns tells it, the other says nothing.
                level = column < partner ? comparator.swappedLevel : comparator.missingLevel
            }
            pattern |= UInt64(level) << shifts[column]
        }
        return pattern
    }

    /// The pattern as evidence: a column that agrees because a finer one does says nothing.
    func evidence(_ pattern: UInt64) -> UInt64 {
        guard let nested else { return pattern }
        var result = pattern
        for (field, finer) in nested.determinedBy.enumerated()
        where !finer.isEmpty && level(field, in: pattern) < comparators[field].exactLevels
            && follows(finer, in: pattern) != nil
        {
            result &= ~(masks[field] << shifts[field])
            result |= UInt64(comparators[field].missingLevel) << shifts[field]
        }
        return result
    }

    /// The finer column whose agreement makes a column agree; nil when its agreement, or its lack, is evidence.
    func follows(_ field: Int, in pattern: UInt64) -> Int? {
        guard let nested, level(field, in: pattern) < comparators[field].exactLevels else { return nil }
        return follows(nested.determinedBy[field], in: pattern)
    }

    private func follows(_ finer: [Int], in pattern: UInt64) -> Int? {
        finer.first { level($0, in: pattern) < comparators[$0].exactLevels }
    }

    private func isSwapped(
        _ a: UnsafePointer<Int32>, _ b: UnsafePointer<Int32>, _ column: Int, _ partner: Int,
        _ comparator: FieldComparator
    ) -> Bool {
        guard a[column] >= 0, b[column] >= 0, a[partner] >= 0, b[partner] >= 0 else { return false }
        return comparator.partnerCode[Int(a[column])] == b[partner]
            && comparator.partnerCode[Int(b[column])] == a[partner]
    }

    /// Bits to add because of how frequent the agreed values are.
    func frequencyAdjustment(_ left: Int, _ right: Int) -> Double {
        let width = comparators.count
        let a = cells.base + left * width
        let b = cells.base + right * width
        var bits = 0.0
        for column in 0..<width where a[column] >= 0 && a[column] == b[column] {
            if let nested, nested.determinedBy[column].contains(where: { a[$0] >= 0 && a[$0] == b[$0] }) { continue }
            bits += Double(comparators[column].classes.adjustment[Int(a[column])])
        }
        return bits
    }

    /// Whether two rows are equal in every cell, empty cells included.
    func isIdentical(_ left: Int, _ right: Int) -> Bool {
        let width = comparators.count
        let a = cells.base + left * width
        let b = cells.base + right * width
        for column in 0..<width where a[column] != b[column] { return false }
        return true
    }
}
