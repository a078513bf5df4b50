/// Why two rows are taken for one: the evidence column by column, from the prior to the whole (a waterfall).
package struct MatchExplanation: Sendable, Equatable {
    package struct Step: Sendable, Equatable {
        package var field: String
        /// The level of agreement in words; `nil` for a missing cell.
        package var level: String?
        /// Evidence of the level, log₂(m / u).
        package var bits: Double
        /// Less because another column agrees as well, with which this one agrees by chance.
        package var dependenceBits: Double
        /// More or less because the agreed value is rare or common.
        package var frequencyBits: Double

        package var total: Double { bits + dependenceBits + frequencyBits }
    }

    /// Evidence before anything is compared.
    package var priorBits: Double
    package var steps: [Step]

    package var totalBits: Double { steps.reduce(priorBits) { $0 + $1.total } }
    package var probability: Double { MatchModel.probability(bits: totalBits) }
}

extension IdentityResult {
    /// The evidence for two rows, column by column. Its sum is the pair's match weight.
    package func explain(_ left: Int, _ right: Int) -> MatchExplanation {
        let scratch = ComparisonScratch(fields: comparison.comparators.count, slotBits: 2)
        let pattern = comparison.pattern(left, right, scratch)
        let told = comparison.evidence(pattern)
        let weights = model.weights
        let steps = comparison.comparators.indices.map { index -> MatchExplanation.Step in
            let comparator = comparison.comparators[index]
            if let finer = comparison.follows(index, in: pattern) {
                return MatchExplanation.Step(
                    field: comparator.field.name,
                    level: "exact, as \(comparison.comparators[finer].field.name) agrees", bits: 0, dependenceBits: 0,
                    frequencyBits: 0)
            }
            let level = comparison.level(index, in: told)
            let code = comparator.field.rows[left]
            let agrees = code >= 0 && code == comparator.field.rows[right]
            return MatchExplanation.Step(
                field: comparator.field.name, level: level < comparator.levelCount ? comparator.labels[level] : nil,
                bits: level < comparator.levelCount ? weights[index][level] : 0,
                dependenceBits: dependence.bits(told, field: index),
                frequencyBits: agrees ? Double(comparator.classes.adjustment[Int(code)]) : 0)
        }
        return MatchExplanation(priorBits: model.priorBits, steps: steps)
    }
}
