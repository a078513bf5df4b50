internal import Foundation

// Random variates for a `SeededGenerator`. Every draw is a function of the generator's state alone, and no
// variate is cached between calls, so that a stream can be copied, replayed or cut at any point.

extension SeededGenerator {
    /// Uniform in (0, 1): safe to take the logarithm of.
    public mutating func openUniform() -> Double { (Double(next() >> 11) + 0.5) * 0x1.0p-53 }

    /// Exponential with mean 1.
    public mutating func exponential() -> Double { -log(openUniform()) }

    /// Standard normal, by the polar method.
    ///
    /// Source: Marsaglia and Bray, "A convenient method for generating normal variables" (SIAM Review, 1964).
    public mutating func normal() -> Double {
        while true {
            let u = 2 * uniform() - 1
            let v = 2 * uniform() - 1
            let s = u * u + v * v
            if s > 0 && s < 1 { return u * (-2 * log(s) / s).squareRoot() }
        }
    }

    /// Normal with a mean and a standard deviation.
    public mutating func normal(mean: Double, deviation: Double) -> Double { mean + deviation * normal() }

    /// Gamma with a shape > 0 and scale 1 (mean = variance = shape).
    ///
    /// Source: Marsaglia and Tsang, "A simple method for generating gamma variables" (ACM TOMS, 2000).
    public mutating func gamma(shape: Double) -> Double {
        guard shape >= 1 else {
            // Boost: Gamma(a) = Gamma(a + 1) · U^(1/a).
            let u = openUniform()
            return gamma(shape: shape + 1) * pow(u, 1 / max(shape, 1e-12))
        }
        let d = shape - 1.0 / 3
        let c = 1 / (9 * d).squareRoot()
        while true {
            let x = normal()
            let t = 1 + c * x
            guard t > 0 else { continue }
            let v = t * t * t
            let u = openUniform()
            // The squeeze decides nearly every draw without a logarithm.
            if u < 1 - 0.0331 * (x * x) * (x * x) { return d * v }
            if log(u) < 0.5 * x * x + d * (1 - v + log(v)) { return d * v }
        }
    }

    /// Beta with shapes a, b > 0.
    public mutating func beta(_ a: Double, _ b: Double) -> Double {
        let x = gamma(shape: a)
        let y = gamma(shape: b)
        return x + y > 0 ? x / (x + y) : 0.5
    }

    /// Poisson with a mean ≥ 0: inversion for small means, transformed rejection (PTRS) from 10 on.
    ///
    /// Source: Hörmann, "The transformed rejection method for generating Poisson random variables" (1993).
    public mutating func poisson(mean: Double) -> Int {
        guard mean > 0 else { return 0 }
        if mean < 10 {
            var term = exp(-mean)
            var sum = term
            var k = 0
            let u = uniform()
            // Beyond 200 the remaining mass is below the resolution of a Double.
            while u > sum && k < 200 {
                k += 1
                term *= mean / Double(k)
                sum += term
            }
            return k
        }
        let logMean = log(mean)
        let b = 0.931 + 2.53 * mean.squareRoot()
        let a = -0.059 + 0.02483 * b
        let inverseAlpha = 1.1239 + 1.1328 / (b - 3.4)
        let squeeze = 0.9277 - 3.6224 / (b - 2)
        while true {
            let u = uniform() - 0.5
            let v = openUniform()
            let us = 0.5 - abs(u)
            let k = ((2 * a / us + b) * u + mean + 0.43).rounded(.down)
            if us >= 0.07 && v <= squeeze { return Int(k) }
            if k < 0 || (us < 0.013 && v > us) { continue }
            let bound = k * logMean - mean - SeededGenerator.logFactorial(k)
            if log(v * inverseAlpha / (a / (us * us) + b)) <= bound { return Int(k) }
        }
    }

    /// Negative binomial with a mean and a size: variance = mean + mean² / size. Gamma–Poisson mixture.
    public mutating func negativeBinomial(mean: Double, size: Double) -> Int {
        guard mean > 0 else { return 0 }
        return poisson(mean: mean * gamma(shape: size) / size)
    }

    /// log k! for a whole number k ≥ 0, to about 1e-10: exact sums below 10, Stirling's series above.
    static func logFactorial(_ k: Double) -> Double {
        if k < 10 {
            var result = 0.0
            var i = 2.0
            while i <= k {
                result += log(i)
                i += 1
            }
            return result
        }
        let x = k + 1
        let square = x * x
        let series = (1.0 / 12 - (1.0 / 360 - 1.0 / 1260 / square) / square) / x
        return (x - 0.5) * log(x) - x + 0.918938533204672742 + series
    }
}

/// Zipf on 1...count: P(k) ∝ k^(−exponent); constant time per draw for any count.
///
/// Source: Hörmann and Derflinger, "Rejection-inversion to generate variates from monotone discrete
/// distributions" (ACM TOMACS, 1996).
public struct ZipfDistribution: Sendable {
    public let count: Int
    public let exponent: Double
    private let areaAtStart: Double
    private let areaAtEnd: Double
    private let shortcut: Double

    /// `count` ≥ 1, `exponent` > 0.
    public init(count: Int, exponent: Double) {
        self.count = max(1, count)
        self.exponent = exponent
        areaAtStart = ZipfDistribution.area(1.5, exponent) - 1
        areaAtEnd = ZipfDistribution.area(Double(self.count) + 0.5, exponent)
        shortcut = 2 - ZipfDistribution.inverse(ZipfDistribution.area(2.5, exponent) - pow(2, -exponent), exponent)
    }

    public func sample(using generator: inout SeededGenerator) -> Int {
        while true {
            let u = areaAtEnd + generator.uniform() * (areaAtStart - areaAtEnd)
            let x = ZipfDistribution.inverse(u, exponent)
            let k = min(max((x + 0.5).rounded(.down), 1), Double(count))
            if k - x <= shortcut || u >= ZipfDistribution.area(k + 0.5, exponent) - pow(k, -exponent) {
                return Int(k)
            }
        }
    }

    /// ∫ t^(−s) dt up to a constant; the logarithm at s = 1, kept smooth around it.
    private static func area(_ x: Double, _ s: Double) -> Double {
        let t = (1 - s) * log(x)
        return (abs(t) > 1e-8 ? expm1(t) / t : 1 + t / 2) * log(x)
    }

    private static func inverse(_ y: Double, _ s: Double) -> Double {
        let t = max(y * (1 - s), -1)
        return exp((abs(t) > 1e-8 ? log1p(t) / t : 1 - t / 2) * y)
    }
}

/// Draws an index with given weights in constant time.
///
/// Source: Walker's alias method in Vose's form, "A linear algorithm for generating random numbers with a
/// given distribution" (IEEE TSE, 1991).
public struct AliasTable: Sendable {
    private let threshold: [Double]
    private let alias: [Int32]

    /// Weights ≥ 0, not necessarily normalised; all zero (or an empty list) gives the uniform distribution.
    public init(_ weights: [Double]) {
        let n = weights.count
        let total = weights.reduce(0) { $0 + max(0, $1) }
        var scaled = weights.map { total > 0 ? max(0, $0) / total * Double(n) : 1 }
        var threshold = [Double](repeating: 1, count: n)
        var alias = (0..<Int32(n)).map { $0 }
        var small = scaled.indices.filter { scaled[$0] < 1 }
        var large = scaled.indices.filter { scaled[$0] >= 1 }
        while let low = small.popLast(), let high = large.popLast() {
            threshold[low] = scaled[low]
            alias[low] = Int32(high)
            scaled[high] -= 1 - scaled[low]
            if scaled[high] < 1 { small.append(high) } else { large.append(high) }
        }
        // What is left over differs from 1 by rounding only.
        self.threshold = threshold
        self.alias = alias
    }

    public var count: Int { threshold.count }

    public func sample(using generator: inout SeededGenerator) -> Int {
        guard !threshold.isEmpty else { return 0 }
        let i = generator.below(threshold.count)
        return generator.uniform() < threshold[i] ? i : Int(alias[i])
    }
}
