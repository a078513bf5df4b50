import Foundation

/// The Fellegi–Sunter model: how often matched and unmatched pairs show each level of agreement.
///
/// Source: Fellegi, Sunter, "A theory for record linkage" (JASA 64, 1969).
package struct MatchModel: Sendable, Equatable {
    /// Share of matches among all pairs.
    package var prior: Double
    /// P(level | match, both cells filled), one list a column.
    package var m: [[Double]]
    /// P(level | no match, both cells filled).
    package var u: [[Double]]

    package init(prior: Double, m: [[Double]], u: [[Double]]) {
        self.prior = prior
        self.m = m
        self.u = u
    }

    /// Bits of evidence of each level: log₂(m / u). Full agreement never speaks against a match, full disagreement
    /// never for one.
    package var weights: [[Double]] {
        zip(m, u).map { m, u in
            var bits = zip(m, u).map { log2(max($0, 1e-12) / max($1, 1e-12)) }
            if let last = bits.indices.last, last > 0 {
                bits[0] = max(0, bits[0])
                bits[last] = min(0, bits[last])
            }
            return bits
        }
    }

    /// Bits of evidence before anything is compared.
    package var priorBits: Double { log2(prior / (1 - prior)) }

    static func probability(bits: Double) -> Double { 1 / (1 + exp2(-bits)) }
}

/// Match weights laid out for scoring patterns.
struct PatternScorer: Sendable {
    private let comparison: PairComparison
    private let weights: [[Double]]
    let dependence: ChanceDependence
    let priorBits: Double

    init(_ model: MatchModel, _ comparison: PairComparison, _ dependence: ChanceDependence) {
        self.comparison = comparison
        self.dependence = dependence
        // One more level: a missing cell weighs nothing.
        weights = model.weights.map { $0 + [0] }
        priorBits = model.priorBits
    }

    /// Match weight of a pattern in bits, prior included, before the adjustment for frequency.
    func bits(_ pattern: UInt64) -> Double {
        let told = comparison.evidence(pattern)
        var total = priorBits + dependence.bits(told)
        for field in weights.indices { total += weights[field][comparison.level(field, in: told)] }
        return total
    }
}
