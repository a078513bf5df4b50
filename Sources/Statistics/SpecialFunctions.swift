import Foundation

/// Logistic, gamma and normal functions in double precision; no state, no allocation.
package enum Special {
    /// 1 / (1 + e⁻ˣ), without overflow on either side.
    package static func sigmoid(_ x: Double) -> Double {
        if x >= 0 { return 1 / (1 + exp(-x)) }
        let e = exp(x)
        return e / (1 + e)
    }

    /// log(p / (1 − p)); `p` is kept 10⁻¹² away from 0 and 1.
    package static func logit(_ p: Double) -> Double {
        let q = min(max(p, 1e-12), 1 - 1e-12)
        return log(q) - log1p(-q)
    }

    /// log(1 + eˣ).
    package static func softplus(_ x: Double) -> Double { max(x, 0) + log1p(exp(-abs(x))) }

    /// log Γ(x) for x > 0, relative error below 10⁻¹³.
    ///
    /// Lanczos approximation, g = 7, n = 9 (Godfrey 2001): pure, whereas C's `lgamma` writes a global sign.
    package static func logGamma(_ x: Double) -> Double {
        if x < 0.5 { return log(Double.pi / abs(sin(Double.pi * x))) - logGamma(1 - x) }
        let z = x - 1
        var sum = lanczos[0]
        for i in 1..<9 { sum += lanczos[i] / (z + Double(i)) }
        let t = z + 7.5
        return 0.5 * log(2 * Double.pi) + (z + 0.5) * log(t) - t + log(sum)
    }

    private static let lanczos: [Double] = [
        0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
        12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
    ]

    /// Derivative of log Γ for x > 0: recurrence up to 10, then the asymptotic series.
    package static func digamma(_ x: Double) -> Double {
        var x = x
        var sum = 0.0
        while x < 10 {
            sum -= 1 / x
            x += 1
        }
        let f = 1 / (x * x)
        let series = f * (1.0 / 12 - f * (1.0 / 120 - f * (1.0 / 252 - f * (1.0 / 240 - f / 132))))
        return sum + log(x) - 0.5 / x - series
    }

    package static func normalDensity(_ x: Double) -> Double { exp(-0.5 * x * x) / (2 * Double.pi).squareRoot() }

    package static func normalCDF(_ x: Double) -> Double { 0.5 * erfc(-x / 2.0.squareRoot()) }

    /// Quantile of the standard normal for 0 < p < 1.
    ///
    /// Acklam's rational approximation (2003) with one Halley step: absolute error below 10⁻¹⁴.
    package static func normalQuantile(_ p: Double) -> Double {
        guard p > 0, p < 1 else { return p <= 0 ? -.infinity : .infinity }
        let tail = min(p, 1 - p)
        var x: Double
        if tail < 0.02425 {
            let q = (-2 * log(tail)).squareRoot()
            let top = polynomial(tailTop, q)
            x = top / (polynomial(tailBottom, q) * q + 1)
            if p > 0.5 { x = -x }
        } else {
            let q = p - 0.5
            let r = q * q
            x = polynomial(middleTop, r) * q / (polynomial(middleBottom, r) * r + 1)
        }
        let error = normalCDF(x) - p
        let u = error / normalDensity(x)
        x -= u / (1 + x * u / 2)
        return x
    }

    private static let tailTop = [
        -7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838, -2.549732539343734, 4.374664141464968,
        2.938163982698783,
    ]
    private static let tailBottom = [
        7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996, 3.754408661907416,
    ]
    private static let middleTop = [
        -3.969683028665376e+01, 2.209460984245205e+02, -2.759285104469687e+02, 1.383577518672690e+02,
        -3.066479806614716e+01, 2.506628277459239,
    ]
    private static let middleBottom = [
        -5.447609879822406e+01, 1.615858368580409e+02, -1.556989798598866e+02, 6.680131188771972e+01,
        -1.328068155288572e+01,
    ]

    /// Horner's scheme, highest power first.
    private static func polynomial(_ coefficients: [Double], _ x: Double) -> Double {
        coefficients.reduce(0) { $0 * x + $1 }
    }
}

/// Densities and moments that the models need.
package enum Distributions {
    /// log P(Y = y) of a negative binomial with mean `mean` and shape `shape` (variance = mean + mean²/shape).
    package static func logNegativeBinomial(_ y: Double, mean: Double, shape: Double) -> Double {
        let gammas = Special.logGamma(y + shape) - Special.logGamma(shape) - Special.logGamma(y + 1)
        let total = log(shape + mean)
        return gammas + shape * (log(shape) - total) + (y > 0 ? y * (log(mean) - total) : 0)
    }

    /// log P(Y = y) of a Poisson distribution.
    package static func logPoisson(_ y: Double, mean: Double) -> Double {
        (y > 0 ? y * log(mean) : 0) - mean - Special.logGamma(y + 1)
    }

    /// Mean and standard deviation of a normal distribution cut off below zero.
    package static func positiveNormal(mean: Double, sd: Double) -> (mean: Double, sd: Double) {
        guard sd > 0 else { return (max(mean, 0), 0) }
        let a = -mean / sd
        guard a < 30 else { return (sd / a, sd / a) }  // far tail: nearly exponential
        let ratio = Special.normalDensity(a) / max(Special.normalCDF(-a), 1e-300)
        let variance = max(1 + a * ratio - ratio * ratio, 1e-12)
        return (mean + sd * ratio, sd * variance.squareRoot())
    }
}
