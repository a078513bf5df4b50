internal import Foundation
internal import Statistics

/// Log likelihood of BG/BB: at each of n opportunities an active customer buys with chance p ~ Beta(α, β), and leaves
/// before each with chance θ ~ Beta(γ, δ).
///
/// L = B(α+x, β+n−x) B(γ, δ+n) / N + Σ_{i=0}^{n−t−1} B(α+x, β+t−x+i) B(γ+1, δ+t+i) / N, N = B(α, β) B(γ, δ).
/// Source: Fader, Hardie, Shang, "Customer-base analysis in a discrete-time noncontractual setting" (2010), eq. 5.
struct OpportunityLikelihood: TimingLikelihood {
    let histories: DistinctHistories

    func evaluate(_ parameters: [Double]) -> (value: Double, gradient: [Double]) {
        let (alpha, beta, gamma, delta) = (parameters[0], parameters[1], parameters[2], parameters[3])
        let constants = (
            value: Special.logBeta(alpha, beta) + Special.logBeta(gamma, delta),
            ab: Special.digamma(alpha + beta), gd: Special.digamma(gamma + delta),
            slopes: SIMD4(
                Special.digamma(alpha), Special.digamma(beta), Special.digamma(gamma), Special.digamma(delta))
        )
        let parts = ParallelRanges.map(histories.count, piece: 256) { range -> SIMD8<Double> in
            var sum = SIMD8<Double>(repeating: 0)
            for g in range {
                let x = histories.frequencies[Int(histories.frequencyIndex[g])]
                let last = histories.recencies[Int(histories.recencyIndex[g])]
                let n = histories.ages[Int(histories.ageIndex[g])]
                let terms = Self.terms(x: x, last: last, n: n, parameters)
                let largest = terms.reduce(-.infinity) { max($0, $1.log) }
                var (total, slopes) = (0.0, SIMD4<Double>(repeating: 0))
                for term in terms {
                    let share = exp(term.log - largest)
                    total += share
                    slopes += share * term.slopes
                }
                slopes /= total
                let value = largest + log(total)
                sum += histories.customers[g] * SIMD8(value, slopes[0], slopes[1], slopes[2], slopes[3], 0, 0, 0)
            }
            return sum
        }
        let sum = parts.reduce(SIMD8<Double>(repeating: 0), +)
        let n = histories.total
        return (
            sum[0] - n * constants.value,
            [
                sum[1] - n * (constants.slopes[0] - constants.ab), sum[2] - n * (constants.slopes[1] - constants.ab),
                sum[3] - n * (constants.slopes[2] - constants.gd), sum[4] - n * (constants.slopes[3] - constants.gd),
            ]
        )
    }

    /// Log chance, given p and θ's priors, that a history came about and the customer is still active after n.
    static func logActive(x: Double, n: Double, _ p: [Double]) -> Double {
        Special.logBeta(p[0] + x, p[1] + n - x) + Special.logBeta(p[2], p[3] + n)
    }

    static func logHistory(x: Double, last: Double, n: Double, _ p: [Double]) -> Double {
        let terms = terms(x: x, last: last, n: n, p)
        let largest = terms.reduce(-.infinity) { max($0, $1.log) }
        return largest + log(terms.reduce(0) { $0 + exp($1.log - largest) })
    }

    /// Every way in which the history can have come about: active to the end, or gone after the (t + i)-th
    /// opportunity; with derivatives of its logarithm by α, β, γ, δ.
    private static func terms(
        x: Double, last: Double, n: Double, _ p: [Double]
    ) -> [(log: Double, slopes: SIMD4<Double>)] {
        func slopes(_ misses: Double, _ left: Double, _ stayed: Double) -> SIMD4<Double> {
            let ab = Special.digamma(p[0] + x + p[1] + misses)
            let gd = Special.digamma(p[2] + left + p[3] + stayed)
            return SIMD4(
                Special.digamma(p[0] + x) - ab, Special.digamma(p[1] + misses) - ab,
                Special.digamma(p[2] + left) - gd, Special.digamma(p[3] + stayed) - gd)
        }
        var result = [(log: logActive(x: x, n: n, p), slopes: slopes(n - x, 0, n))]
        var at = last
        while at < n {
            let value = Special.logBeta(p[0] + x, p[1] + at - x) + Special.logBeta(p[2] + 1, p[3] + at)
            result.append((value, slopes(at - x, 1, at)))
            at += 1
        }
        return result
    }
}
