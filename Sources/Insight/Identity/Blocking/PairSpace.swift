/// The pairs that could match: all pairs of one file, or every row of the first file with every row of the second.
package struct PairSpace: Sendable {
    package let rowCount: Int
    /// Rows before this one are the first file; `nil` for one file.
    package let leftCount: Int?

    package init(rowCount: Int, leftCount: Int? = nil) {
        self.rowCount = rowCount
        self.leftCount = leftCount
    }

    package var total: Double { PairSpace.pairs(rowCount, left: leftCount) }

    static func pairs(_ rows: Int, left: Int?) -> Double {
        if let left { return Double(left) * Double(rows - left) }
        return Double(rows) * Double(rows - 1) / 2
    }

    /// Pairs of rows with equal codes, for each code.
    func agreeingPairs(_ codes: FrozenBuffer<Int32>, distinct: Int) -> [Double] {
        var left = [Double](repeating: 0, count: distinct)
        guard let boundary = leftCount else {
            for row in 0..<rowCount where codes[row] >= 0 { left[Int(codes[row])] += 1 }
            return left.map { $0 * ($0 - 1) / 2 }
        }
        var right = left
        for row in 0..<rowCount where codes[row] >= 0 {
            if row < boundary { left[Int(codes[row])] += 1 } else { right[Int(codes[row])] += 1 }
        }
        return zip(left, right).map { $0 * $1 }
    }

    /// Pairs of rows where neither cell is missing.
    func filledPairs(_ codes: FrozenBuffer<Int32>) -> Double {
        var left = 0
        var right = 0
        for row in 0..<rowCount where codes[row] >= 0 {
            if let leftCount, row >= leftCount { right += 1 } else { left += 1 }
        }
        return leftCount == nil ? Double(left) * Double(left - 1) / 2 : Double(left) * Double(right)
    }
}
