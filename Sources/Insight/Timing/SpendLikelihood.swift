internal import Foundation
internal import Statistics

/// Log likelihood of gamma-gamma: a customer's purchases vary around a mean of their own, which varies over customers.
///
/// Σ log Γ(px + q) − log Γ(px) − log Γ(q) + q log v + (px − 1) log z + px log x − (px + q) log(x z + v), over
/// customers with x repeat purchases of mean value z.
/// Source: Fader and Hardie, "The gamma-gamma model of monetary value" (2013), eq. 1a.
struct SpendLikelihood: TimingLikelihood {
    let purchases: [Double]
    let means: [Double]
    let customers: [Double]

    /// Keeps the customers with a repeat purchase.
    init(_ histories: PurchaseHistories) {
        let rows = (0..<histories.count).filter { histories.frequency[$0] > 0 }
        purchases = rows.map { histories.frequency[$0] }
        means = rows.map { histories.monetary[$0] }
        customers = rows.map { histories.weight.isEmpty ? 1 : histories.weight[$0] }
    }

    func evaluate(_ parameters: [Double]) -> (value: Double, gradient: [Double]) {
        let (p, q, v) = (parameters[0], parameters[1], parameters[2])
        let (gammaQ, psiQ, logV) = (Special.logGamma(q), Special.digamma(q), log(v))
        let parts = ParallelRanges.map(purchases.count, piece: 16_384) { range -> SIMD4<Double> in
            var sum = SIMD4<Double>(repeating: 0)
            for i in range {
                let (x, z) = (purchases[i], means[i])
                let px = p * x
                let (logX, logZ, logSum) = (log(x), log(z), log(x * z + v))
                let gammas = Special.logGamma(px + q) - Special.logGamma(px) - gammaQ
                let value = gammas + q * logV + (px - 1) * logZ + px * logX - (px + q) * logSum
                let psi = Special.digamma(px + q)
                let byP = x * (psi - Special.digamma(px) + logZ + logX - logSum)
                let byQ = psi - psiQ + logV - logSum
                let byV = q / v - (px + q) / (x * z + v)
                sum += customers[i] * SIMD4(value, byP, byQ, byV)
            }
            return sum
        }
        let sum = parts.reduce(SIMD4<Double>(repeating: 0), +)
        return (sum[0], [sum[1], sum[2], sum[3]])
    }

    /// Expected value of a purchase of a customer with x repeat purchases of mean value z; nil when q ≤ 1 and the
    /// mean over customers is infinite.
    static func expected(_ parameters: [Double], purchases x: Double, mean z: Double) -> Double? {
        let (p, q, v) = (parameters[0], parameters[1], parameters[2])
        guard p * x + q > 1 else { return nil }
        return p * (v + x * (x > 0 ? z : 0)) / (p * x + q - 1)
    }
}

extension TimingFit {
    /// Expected value of a purchase under gamma-gamma; nil when the mean over customers is infinite (q ≤ 1).
    package func expectedSpend(purchases: Double, mean: Double) -> Double? {
        SpendLikelihood.expected(parameters, purchases: purchases, mean: mean)
    }
}
