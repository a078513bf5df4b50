internal import Foundation

extension Special {
    /// log B(a, b) for a, b > 0.
    package static func logBeta(_ a: Double, _ b: Double) -> Double {
        // Large and small arguments together lose digits in the plain difference.
        let (small, large) = (min(a, b), max(a, b))
        guard large > 1e6 else { return logGamma(a) + logGamma(b) - logGamma(a + b) }
        return logGamma(small) - logGammaRise(large, small)
    }

    /// log Γ(x + d) − log Γ(x) without cancellation when x is large.
    package static func logGammaRise(_ x: Double, _ d: Double) -> Double {
        guard x > 1e4 else { return logGamma(x + d) - logGamma(x) }
        func correction(_ z: Double) -> Double { 1 / (12 * z) - 1 / (360 * z * z * z) }
        return (x - 0.5) * log1p(d / x) + d * log(x + d) - d + correction(x + d) - correction(x)
    }

    /// Second derivative of log Γ for x > 0: recurrence up to 10, then the asymptotic series.
    package static func trigamma(_ x: Double) -> Double {
        var x = x
        var sum = 0.0
        while x < 10 {
            sum += 1 / (x * x)
            x += 1
        }
        let f = 1 / (x * x)
        let series = f * (1.0 / 6 - f * (1.0 / 30 - f * (1.0 / 42 - f * (1.0 / 30 - f * 5.0 / 66))))
        return sum + 1 / x + f / 2 + series / x
    }

    /// I_x(a, b), the distribution function of a beta variable; a, b > 0.
    ///
    /// Continued fraction of Lentz's method. Source: Press and others, "Numerical Recipes" (2007), section 6.4.
    package static func regularizedBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
        guard x > 0 else { return 0 }
        guard x < 1 else { return 1 }
        let front = exp(a * log(x) + b * log1p(-x) - logBeta(a, b))
        if x < (a + 1) / (a + b + 2) { return front * betaFraction(x, a, b) / a }
        return 1 - front * betaFraction(1 - x, b, a) / b
    }

    private static func betaFraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
        let tiny = 1e-300
        var c = 1.0
        var d = 1 - (a + b) * x / (a + 1)
        if d.magnitude < tiny { d = tiny }
        d = 1 / d
        var h = d
        for m in 1...10_000 {
            let m = Double(m)
            for step in 0..<2 {
                let numerator =
                    step == 0
                    ? m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
                    : -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
                d = 1 + numerator * d
                if d.magnitude < tiny { d = tiny }
                c = 1 + numerator / c
                if c.magnitude < tiny { c = tiny }
                d = 1 / d
                h *= d * c
                if step == 1, (d * c - 1).magnitude < 1e-15 { return h }
            }
        }
        return h
    }

    /// Logit of the quantile of a beta variable for 0 < p < 1: the quantile itself may be too near 0 or 1 to be told.
    ///
    /// Bisection on the logit, safeguarding Newton steps.
    package static func betaQuantileLogit(_ p: Double, _ a: Double, _ b: Double) -> Double {
        // The lower tail behaves as xᵃ / (a B(a, b)), the upper as its mirror: they bracket the answer.
        let scale = logBeta(a, b)
        var low = min((log(p) + log(a) + scale) / a, 0) - 40 - 2 / a
        var high = max(-(log1p(-p) + log(b) + scale) / b, 0) + 40 + 2 / b
        var z = min(max(digamma(a) - digamma(b), low), high)
        for _ in 0..<200 {
            let x = sigmoid(z)
            let below = x > 0 && x < 1 ? regularizedBeta(x, a, b) : tail(z, a, b, scale)
            if below < p { low = z } else { high = z }
            let density = exp(-a * softplus(-z) - b * softplus(z) - scale)
            var next = z - (below - p) / density
            if !(next > low && next < high) { next = (low + high) / 2 }
            if (next - z).magnitude < 1e-12 * max(1, z.magnitude) { return next }
            z = next
        }
        return z
    }

    /// The distribution function where the variable itself is 0 or 1 to machine precision.
    private static func tail(_ z: Double, _ a: Double, _ b: Double, _ scale: Double) -> Double {
        z < 0 ? exp(a * z - log(a) - scale) : 1 - exp(-b * z - log(b) - scale)
    }

    /// Quantile of a beta variable.
    package static func betaQuantile(_ p: Double, _ a: Double, _ b: Double) -> Double {
        sigmoid(betaQuantileLogit(p, a, b))
    }
}
