/// Two rows and the evidence that they are one: log₂ odds, prior included.
package struct ScoredPair: Sendable, Equatable {
    package var left: Int32
    package var right: Int32
    package var bits: Double

    package init(left: Int32, right: Int32, bits: Double) {
        self.left = left
        self.right = right
        self.bits = bits
    }

    package var probability: Double { MatchModel.probability(bits: bits) }
}

/// What a person has settled, or an earlier run: rows that are one, rows that are not.
package struct PairAnswers: Sendable, Equatable {
    package var same: [RowPair]
    package var different: [RowPair]

    package init(same: [RowPair] = [], different: [RowPair] = []) {
        self.same = same
        self.different = different
    }
}

/// Two rows, the lower first.
package struct RowPair: Sendable, Hashable {
    package let left: Int32
    package let right: Int32

    package init(_ a: Int32, _ b: Int32) {
        left = min(a, b)
        right = max(a, b)
    }
}

/// How many rows of each file one person may have.
package enum Cardinality: String, Sendable, CaseIterable {
    case manyToMany = "many-to-many"
    /// Each row of the second file belongs to at most one row of the first.
    case oneToMany = "one-to-many"
    case oneToOne = "one-to-one"
}
