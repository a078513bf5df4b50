internal import Foundation

/// How far a distribution over bins has moved: Σ (p − q) ln (p / q), the symmetrised Kullback–Leibler divergence that
/// credit scoring calls the population stability index.
package enum StabilityIndex {
    /// - Parameters:
    ///   - expected: shares of the bins before.
    ///   - counts: rows in the bins now; empty bins count as half a row, so that the index stays finite.
    package static func value(expected: [Double], counts: [Double]) -> Double {
        let total = counts.reduce(0, +)
        guard total > 0, expected.count == counts.count else { return 0 }
        let least = 0.5 / total
        return zip(expected, counts).reduce(0) { sum, pair in
            let (q, p) = (max(pair.0, least), max(pair.1 / total, least))
            return sum + (p - q) * log(p / q)
        }
    }

    /// The word that goes with an index.
    package static func word(_ value: Double) -> String {
        value < 0.1 ? "stable" : value < 0.25 ? "moving" : "another population"
    }
}
