internal import Foundation
internal import Statistics

/// What is to be expected of each customer after the end of observation.
package struct PurchaseOutlook: Sendable {
    /// Chance to be still active.
    package var pAlive: [Double]
    /// Purchases expected within the horizon.
    package var expected: [Double]
    /// Chance of at least one purchase within the horizon.
    package var chance: [Double]
    /// Time to the next purchase from the end of observation, given that the customer is still active: median, and
    /// the central interval of `level`. ∞ when beyond what a Double tells.
    package var due: [Double]
    package var dueLow: [Double]
    package var dueHigh: [Double]

    /// Forecasts every row.
    ///
    /// - Parameters:
    ///   - horizon: length of time (or number of opportunities) ahead, ≥ 0.
    ///   - level: probability of the interval of the next due time.
    package static func make(
        _ fit: TimingFit, _ distinct: DistinctHistories, horizon: Double, level: Double = 0.8
    ) -> PurchaseOutlook {
        let tails = [(1 - level) / 2, 0.5, (1 + level) / 2]
        let n = distinct.count
        let columns = [Double](unsafeUninitializedCapacity: 6 * n) { buffer, initialized in
            if let base = buffer.baseAddress {
                let rows = Shared(base)
                _ = ParallelRanges.map(n, piece: 1024) { range in
                    for g in range {
                        let history = (
                            x: distinct.frequencies[Int(distinct.frequencyIndex[g])],
                            last: distinct.recencies[Int(distinct.recencyIndex[g])],
                            end: distinct.ages[Int(distinct.ageIndex[g])]
                        )
                        let one = customer(fit, history, horizon: horizon, tails: tails)
                        for column in 0..<6 { rows.value[column * n + g] = one[column] }
                    }
                }
            }
            initialized = 6 * n
        }
        func spread(_ column: Int) -> [Double] { distinct.groupOfRow.map { columns[column * n + Int($0)] } }
        return PurchaseOutlook(
            pAlive: spread(0), expected: spread(1), chance: spread(5), due: spread(3), dueLow: spread(2),
            dueHigh: spread(4))
    }

    /// Chance to be active, expected purchases, quantiles of the next purchase for the three tails given, and the
    /// chance of a purchase within the horizon.
    static func customer(
        _ fit: TimingFit, _ history: (x: Double, last: Double, end: Double), horizon: Double, tails: [Double]
    ) -> SIMD8<Double> {
        let p = fit.parameters
        switch fit.model {
        case .bgnbd, .mbgnbd, .mbgcnbdk:
            return RenewalOutlook(
                r: p[0], alpha: p[1], a: p[2], b: p[3], k: fit.k, dropoutAtZero: fit.model != .bgnbd, history
            ).values(horizon: horizon, tails: tails)
        case .paretonbd:
            return pareto(p, history, horizon: horizon, tails: tails)
        case .bgbb:
            return opportunities(p, history, horizon: horizon.rounded(.down), tails: tails)
        case .gammagamma:
            return SIMD8(repeating: .nan)
        }
    }

    /// Source: Fader and Hardie, "A note on deriving the Pareto/NBD model" (2005), eqs. 22 and 35.
    private static func pareto(
        _ p: [Double], _ history: (x: Double, last: Double, end: Double), horizon: Double, tails: [Double]
    ) -> SIMD8<Double> {
        let (r, alpha, s, beta) = (p[0], p[1], p[2], p[3])
        let q = r + history.x
        let alive = ParetoLikelihood.bracket(
            q: q, alpha: alpha, s: s, beta: beta, last: history.last, end: history.end)[5]
        let ratio = log1p(horizon / (beta + history.end))
        // (1 − e^−(s−1) ratio) / (s − 1), which is the ratio itself at s = 1.
        let lived = (s - 1).magnitude < 1e-9 ? ratio : -expm1(-(s - 1) * ratio) / (s - 1)
        let expected = alive * q * (beta + history.end) / (alpha + history.end) * lived
        var result = SIMD8(alive, expected, 0, 0, 0, 0, 0, 0)
        for (i, tail) in tails.enumerated() {
            result[2 + i] = (alpha + history.end) * expm1(-log1p(-tail) / q)
        }
        // The first purchase of an active customer at time t has the density q / (α + T + t) · (1 + t / (α + T))^−q, times
        // the chance (1 + t / (β + T))^−s to be active still. Simpson's rule in log time.
        let (pace, stay) = (alpha + history.end, beta + history.end)
        let steps = 64
        let width = log1p(horizon / pace) / Double(steps)
        var sum = 0.0
        for i in 0...steps {
            let v = Double(i) * width
            let weight = i == 0 || i == steps ? 1.0 : i % 2 == 1 ? 4 : 2
            sum += weight * q * exp(-q * v - s * log1p(pace * expm1(v) / stay))
        }
        result[5] = alive * sum * width / 3
        return result
    }

    /// Source: Fader, Hardie, Shang (2010), eqs. 7 and 13, the latter as the sum it came from.
    private static func opportunities(
        _ p: [Double], _ history: (x: Double, last: Double, end: Double), horizon: Double, tails: [Double]
    ) -> SIMD8<Double> {
        let (x, n) = (history.x, history.end)
        let active = OpportunityLikelihood.logActive(x: x, n: n, p)
        let alive = exp(active - OpportunityLikelihood.logHistory(x: x, last: history.last, n: n, p))
        var (stays, sum, m) = (1.0, 0.0, 0.0)
        var (first, bought) = ((p[0] + x) / (p[0] + p[1] + n), 0.0)
        while m < horizon {
            stays *= (p[3] + n + m) / (p[2] + p[3] + n + m)
            sum += stays
            bought += stays * first
            first *= (p[1] + n - x + m) / (p[0] + p[1] + n + m + 1)
            m += 1
        }
        let expected = alive * (p[0] + x) / (p[0] + p[1] + n) * sum
        var result = SIMD8(alive, expected, 0, 0, 0, 0, 0, 0)
        for (i, tail) in tails.enumerated() { result[2 + i] = missesUntil(tail, p[0] + x, p[1] + n - x) }
        result[5] = alive * bought
        return result
    }

    /// Smallest number of opportunities within which a purchase comes with chance `tail`; chance per opportunity
    /// Beta(a, b).
    private static func missesUntil(_ tail: Double, _ a: Double, _ b: Double) -> Double {
        // log P(no purchase in m opportunities) = log B(a, b + m) − log B(a, b).
        func reached(_ m: Double) -> Bool {
            Special.logGammaRise(b, m) - Special.logGammaRise(a + b, m) <= log1p(-tail)
        }
        var high = 1.0
        while !reached(high) {
            high *= 2
            if high > 1e9 { return .infinity }
        }
        var low = high == 1 ? 0 : high / 2
        while high - low > 1 {
            let middle = ((low + high) / 2).rounded(.down)
            if reached(middle) { high = middle } else { low = middle }
        }
        return high
    }
}
