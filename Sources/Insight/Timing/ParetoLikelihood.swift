internal import Foundation
internal import Statistics

/// Log likelihood of Pareto/NBD: Poisson purchases, drop-out at a constant rate at any time.
///
/// L = Γ(r + x) αʳ βˢ / Γ(r) · [ (α + T)^−(r+x) (β + T)^−s + s ∫_t^T (α + y)^−(r+x) (β + y)^−(s+1) dy ].
/// The integral is taken by Gauss–Legendre panels on log(min(α, β) + y), where the integrand is analytic in a strip
/// of half-width π; that stays exact where the usual hypergeometric series converge slowly or cancel.
/// Source: Fader and Hardie, "A note on deriving the Pareto/NBD model" (2005), eq. 17.
struct ParetoLikelihood: TimingLikelihood {
    let histories: DistinctHistories

    private static let rule = GaussLegendre(12)

    func evaluate(_ parameters: [Double]) -> (value: Double, gradient: [Double]) {
        let (r, alpha, s, beta) = (parameters[0], parameters[1], parameters[2], parameters[3])
        var (value, dr) = (0.0, 0.0)
        let (gammaR, psiR, logAlpha) = (Special.logGamma(r), Special.digamma(r), log(alpha))
        for (x, customers) in zip(histories.frequencies, histories.customersByFrequency) {
            value += customers * (Special.logGamma(r + x) - gammaR)
            dr += customers * (Special.digamma(r + x) - psiR)
        }
        let parts = ParallelRanges.map(histories.count, piece: 2048) { range -> SIMD8<Double> in
            var sum = SIMD8<Double>(repeating: 0)
            for g in range {
                let q = r + histories.frequencies[Int(histories.frequencyIndex[g])]
                let last = histories.recencies[Int(histories.recencyIndex[g])]
                let end = histories.ages[Int(histories.ageIndex[g])]
                let one = Self.bracket(q: q, alpha: alpha, s: s, beta: beta, last: last, end: end)
                sum += histories.customers[g] * one
            }
            return sum
        }
        let sum = parts.reduce(SIMD8<Double>(repeating: 0), +)
        let total = histories.total
        value += total * (r * logAlpha + s * log(beta)) + sum[0]
        return (
            value,
            [
                dr + total * logAlpha + sum[1], total * r / alpha + sum[2], total * log(beta) + sum[3],
                total * s / beta + sum[4],
            ]
        )
    }

    /// Logarithm of the bracket of L, its derivatives by q, α, s, β, and in lane 5 the chance to be active.
    static func bracket(
        q: Double, alpha: Double, s: Double, beta: Double, last: Double, end: Double
    ) -> SIMD8<Double> {
        // All terms are taken relative to the integrand at the last purchase, where it is largest.
        let reference = -q * log(alpha + last) - (s + 1) * log(beta + last)
        let (logA, logB) = (log(alpha + end), log(beta + end))
        var sum = SIMD8<Double>(repeating: 0)
        add(
            -q * logA - s * logB - reference, 1, SIMD4(-logA, -q / (alpha + end), -logB, -s / (beta + end)), to: &sum)
        let alive = sum[0]
        let shift = min(alpha, beta)
        let logS = log(s)
        var (u, y) = (log(shift + last), last)
        let top = log(shift + end)
        while u < top {
            let fall = (q / (alpha + y) + (s + 1) / (beta + y)) * (shift + y)
            let width = min(top - u, min(1.5, 6 / fall))
            let (middle, half) = (u + width / 2, width / 2)
            for i in 0..<12 {
                let at = exp(middle + half * rule.nodes[i])
                let (ay, by) = (alpha + at - shift, beta + at - shift)
                let (la, lb) = (log(ay), log(by))
                let height = logS - q * la - (s + 1) * lb - reference
                let slopes = SIMD4(-la, -q / ay, 1 / s - lb, -(s + 1) / by)
                add(height, rule.weights[i] * half * at, slopes, to: &sum)
            }
            u += width
            y = exp(u) - shift
            // What lies beyond is below the resolution of the sum.
            if -q * log(alpha + y) - (s + 1) * log(beta + y) - reference < -40 { break }
        }
        let total = sum[0]
        var result = sum / total
        result[0] = log(total) + reference
        // Too small to be told from zero: the logarithm decides.
        result[5] = alive / total
        return result
    }

    @inline(__always) private static func add(
        _ height: Double, _ factor: Double, _ slopes: SIMD4<Double>, to sum: inout SIMD8<Double>
    ) {
        let term = exp(height) * factor
        sum += term * SIMD8(1, slopes[0], slopes[1], slopes[2], slopes[3], 0, 0, 0)
    }
}
