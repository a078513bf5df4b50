internal import Foundation

/// The future of one customer under BG/NBD, MBG/NBD or MBG/CNBD-k, exactly.
///
/// Given that the customer is active, j < k events have passed since the last purchase, and within a time h ahead D
/// events in all, j included, have P(D = d) ∝ (q)_d / d! (1 − z)^q Σ_{j<k} C(d, j) y^j z^(d−j) with
/// z = h / (α + T + h) and y = (T − t) / (α + T + h). The n-th purchase needs D ≥ n k and n − 1 times no drop-out,
/// which has expectation Π (c + i) / (a + c + i). For k = 1 the sum equals the closed form with ₂F₁ of Fader, Hardie,
/// Lee (2005), eq. 10, without its singularity at a = 1; for k > 1 it replaces the approximation of
/// Reutterer, Platzer, Schröder (2021), section 3.4.
struct RenewalOutlook {
    let q: Double
    let k: Int
    let a: Double
    let c: Double
    /// α + T, and the time since the last purchase.
    let scale: Double
    let elapsed: Double
    /// log(S₁ / S₂): how much likelier it is that the customer has left than not.
    let logOdds: Double
    let phases: Double

    init(
        r: Double, alpha: Double, a: Double, b: Double, k: Int, dropoutAtZero: Bool,
        _ history: (x: Double, last: Double, end: Double)
    ) {
        q = r + Double(k) * history.x
        self.k = k
        self.a = a
        c = b + history.x + (dropoutAtZero ? 1 : 0)
        scale = alpha + history.end
        elapsed = history.end - history.last
        var (term, sum) = (1.0, 1.0)
        for j in 1..<max(k, 1) {
            term *= (q + Double(j - 1)) / Double(j) * elapsed / scale
            sum += term
        }
        phases = sum
        let canLeave = dropoutAtZero || history.x > 0
        // log1p keeps the digits when little time has passed since the last purchase.
        let odds = log(a / (c - 1)) + q * log1p(elapsed / (alpha + history.last)) - log(sum)
        logOdds = canLeave ? odds : -.infinity
    }

    var pAlive: Double { logOdds > 0 ? exp(-logOdds) / (1 + exp(-logOdds)) : 1 / (1 + exp(logOdds)) }

    func values(horizon: Double, tails: [Double]) -> SIMD8<Double> {
        var result = SIMD8(pAlive, 0, 0, 0, 0, 0, 0, 0)
        result[1] = result[0] * expectedIfActive(horizon)
        for (i, tail) in tails.enumerated() { result[2 + i] = due(tail) }
        // Nobody leaves before the next purchase.
        result[5] = horizon > 0 ? pAlive * (1 - stillWaiting(horizon)) : 0
        return result
    }

    /// Expected purchases within `horizon` of an active customer.
    func expectedIfActive(_ horizon: Double) -> Double {
        guard horizon > 0 else { return 0 }
        let z = horizon / (scale + horizon)
        let y = elapsed / (scale + horizon)
        // Scaled by exp(exponent), so that (1 − z)^q may be too small for a Double.
        var exponent = -q * log1p(horizon / scale) - log(phases)
        var lanes = [1.0]  // k = 1 needs one lane
        var (below, diagonal, d) = (1.0, 1.0, 0)
        var (sum, stays, purchases) = (0.0, 1.0, 0)
        var weight = exp(exponent)
        let limit = 10_000_000
        while d < limit {
            // `below` holds P(D ≤ d), scaled; a purchase is complete at each multiple of k.
            if (d + 1) % k == 0 {
                let reach = 1 - below * weight
                if reach < 1e-13 { break }
                sum += reach * stays
                stays *= (c + Double(purchases)) / (a + c + Double(purchases))
                purchases += 1
            }
            let rise = (q + Double(d)) * z
            var mass = 0.0
            for j in lanes.indices {
                lanes[j] *= rise / Double(d + 1 - j)
                mass += lanes[j]
            }
            d += 1
            if d < k {
                diagonal *= (q + Double(d - 1)) / Double(d) * y
                lanes.append(diagonal)
                mass += diagonal
            }
            below += mass
            if below > 1e200 {
                for j in lanes.indices { lanes[j] *= 1e-200 }
                below *= 1e-200
                diagonal *= 1e-200
                exponent += 200 * log(10)
                weight = exp(exponent)
            }
        }
        return sum
    }

    /// Time until an active customer has bought again with chance `tail`.
    func due(_ tail: Double) -> Double {
        if k == 1 { return scale * expm1(-log1p(-tail) / q) }
        // P(D < k) falls from 1 with log time; bracket, then false position with Illinois's correction.
        let target = 1 - tail
        let middle = log(scale * Double(k) / q)
        var (low, high) = (middle - 1, middle + 1)
        var (lowGap, highGap) = (stillWaiting(exp(low)) - target, stillWaiting(exp(high)) - target)
        while lowGap < 0 {
            (high, highGap) = (low, lowGap)
            low -= 2
            if low < -700 { return 0 }
            lowGap = stillWaiting(exp(low)) - target
        }
        while highGap > 0 {
            (low, lowGap) = (high, highGap)
            high += 2
            if high > 700 { return .infinity }
            highGap = stillWaiting(exp(high)) - target
        }
        for _ in 0..<100 {
            let width = high - low
            if width < 1e-12 || lowGap == highGap { break }
            let at = (low * highGap - high * lowGap) / (highGap - lowGap)
            let gap = stillWaiting(exp(at)) - target
            if gap.magnitude < 1e-14 { return exp(at) }
            if gap < 0 {
                (high, highGap) = (at, gap)
                lowGap /= 2
            } else {
                (low, lowGap) = (at, gap)
                highGap /= 2
            }
            if high - low > width / 2 {
                let half = (low + high) / 2
                let gapHalf = stillWaiting(exp(half)) - target
                if gapHalf < 0 { (high, highGap) = (half, gapHalf) } else { (low, lowGap) = (half, gapHalf) }
            }
        }
        return exp((low + high) / 2)
    }

    /// Chance that an active customer has not bought again after `time`: D < k.
    func stillWaiting(_ time: Double) -> Double {
        // D < k: Σ_{d<k} (q)_d / d! (y + z)^d (1 − z)^q, since every split of d events is then allowed.
        let both = (elapsed + time) / (scale + time)
        var (term, sum) = (1.0, 1.0)
        for d in 1..<max(k, 1) {
            term *= (q + Double(d - 1)) / Double(d) * both
            sum += term
        }
        return sum / phases * exp(-q * log1p(time / scale))
    }
}
