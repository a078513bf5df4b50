internal import Foundation
internal import Statistics

/// Log likelihood of BG/NBD, MBG/NBD and MBG/CNBD-k: purchases every k-th event of a Poisson process, drop-out with
/// a constant chance after a purchase.
///
/// With q = r + k x, c = b + x (+ 1 when the first purchase counts), the likelihood of one history is, up to the gaps,
/// B(a, c) / B(a, b) · Γ(q) αʳ / (Γ(r) (α + T)^q) · [S₁ + S₂], where
/// S₁ = a / (c − 1) · ((α + T) / (α + t))^q (the customer has left; no such term for BG/NBD without a repeat) and
/// S₂ = Σ_{j<k} (q)_j / j! · ((T − t) / (α + T))^j (still active, j events into the next gap).
/// Sources: Fader, Hardie, Lee (2005) eq. 6; Batislam and others (2007); Reutterer, Platzer, Schröder (2021) eq. 8.
struct DropoutLikelihood: TimingLikelihood {
    let histories: DistinctHistories
    /// A customer may leave straight after the first purchase.
    let dropoutAtZero: Bool
    let k: Int

    /// Functions of the frequency alone, for one set of parameters.
    private struct Tables {
        var q: [Double] = []
        /// log(a / (c − 1)); −∞ where the customer cannot have left.
        var left: [Double] = []
        var inverseC: [Double] = []
        var value = 0.0
        var gradient = [0.0, 0.0, 0.0, 0.0]
    }

    func evaluate(_ parameters: [Double]) -> (value: Double, gradient: [Double]) {
        let (r, alpha, a) = (parameters[0], parameters[1], parameters[2])
        let tables = tabulate(parameters)
        let agePlus = histories.ages.map { alpha + $0 }
        let recencyPlus = histories.recencies.map { alpha + $0 }
        let logAge = agePlus.map { log($0) }
        let logRecency = recencyPlus.map { log($0) }
        let parts = ParallelRanges.map(histories.count, piece: 16_384) { range -> SIMD8<Double> in
            var (value, dr, dalpha, da, db) = (0.0, 0.0, 0.0, 0.0, 0.0)
            for g in range {
                let (f, last, end) = (
                    Int(histories.frequencyIndex[g]), Int(histories.recencyIndex[g]), Int(histories.ageIndex[g])
                )
                let weight = histories.customers[g]
                let q = tables.q[f]
                let (lt, at) = (logAge[end], agePlus[end])
                var active = (log: 0.0, byQ: 0.0, byJ: 0.0)
                if k > 1 { active = phases(q: q, share: (at - recencyPlus[last]) / at) }
                var (soft, share) = (0.0, 0.0)
                if tables.left[f] > -.infinity {
                    let u = tables.left[f] + q * (lt - logRecency[last]) - active.log
                    let e = exp(-u.magnitude)
                    soft = max(u, 0) + log1p(e)
                    share = u >= 0 ? 1 / (1 + e) : e / (1 + e)
                }
                value += weight * (active.log + soft - q * lt)
                dr += weight * (share * (lt - logRecency[last]) + (1 - share) * active.byQ - lt)
                let pull = share * q * (1 / at - 1 / recencyPlus[last])
                dalpha += weight * (pull - (q + (1 - share) * active.byJ) / at)
                da += weight * share
                db += weight * share * tables.inverseC[f]
            }
            return SIMD8(value, dr, dalpha, da, db, 0, 0, 0)
        }
        let sum = parts.reduce(SIMD8<Double>(repeating: 0), +)
        let total = histories.total
        return (
            tables.value + sum[0] + gapTerm,
            [
                tables.gradient[0] + sum[1], r / alpha * total + sum[2], tables.gradient[2] + sum[3] / a,
                tables.gradient[3] - sum[4],
            ]
        )
    }

    /// What the gaps alone contribute: (k − 1) Σ log gap − x log (k − 1)!.
    private var gapTerm: Double {
        guard k > 1 else { return 0 }
        let logFactorial = Special.logGamma(Double(k))
        var purchases = 0.0
        for (x, n) in zip(histories.frequencies, histories.customersByFrequency) { purchases += x * n }
        return Double(k - 1) * (histories.logGaps ?? 0) - purchases * logFactorial
    }

    private func tabulate(_ parameters: [Double]) -> Tables {
        let (r, alpha, a, b) = (parameters[0], parameters[1], parameters[2], parameters[3])
        var tables = Tables()
        let first = (
            gamma: Special.logGamma(r), beta: Special.logBeta(a, b), psiR: Special.digamma(r),
            psiAB: Special.digamma(a + b), psiB: Special.digamma(b), alpha: log(alpha)
        )
        for (x, customers) in zip(histories.frequencies, histories.customersByFrequency) {
            let q = r + Double(k) * x
            let c = b + x + (dropoutAtZero ? 1 : 0)
            tables.q.append(q)
            tables.left.append(dropoutAtZero || x > 0 ? log(a / (c - 1)) : -.infinity)
            tables.inverseC.append(dropoutAtZero || x > 0 ? 1 / (c - 1) : 0)
            let chances = Special.logBeta(a, c) - first.beta
            tables.value += customers * (Special.logGamma(q) - first.gamma + r * first.alpha + chances)
            tables.gradient[0] += customers * (Special.digamma(q) - first.psiR + first.alpha)
            let psiAC = Special.digamma(a + c)
            tables.gradient[2] += customers * (first.psiAB - psiAC)
            tables.gradient[3] += customers * (Special.digamma(c) - psiAC - first.psiB + first.psiAB)
        }
        return tables
    }

    /// log S₂, its derivative by q, and the mean number of events into the gap.
    private func phases(q: Double, share: Double) -> (log: Double, byQ: Double, byJ: Double) {
        var (term, sum, byQ, byJ, harmonic) = (1.0, 1.0, 0.0, 0.0, 0.0)
        for j in 1..<k {
            let before = q + Double(j - 1)
            term *= before / Double(j) * share
            harmonic += 1 / before
            sum += term
            byQ += term * harmonic
            byJ += term * Double(j)
        }
        return (log(sum), byQ / sum, byJ / sum)
    }
}
