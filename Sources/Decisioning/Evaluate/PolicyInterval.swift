import Foundation
import Statistics

/// How an interval around an estimate is made.
package enum PolicyIntervalKind: String, Sendable, CaseIterable {
    /// Percentiles of estimates on rows drawn again with replacement.
    case bootstrap
    /// Estimate ± z standard errors; for the self-normalised estimator by the delta method.
    case normal
    /// Maurer and Pontil, "Empirical Bernstein bounds and sample-variance penalization" (COLT, 2009): holds for
    /// every number of rows, given the range of the observed contributions.
    case bernstein
}

/// An estimate of a policy's value.
package struct PolicyValue: Sendable {
    package var value: Double
    package var low: Double
    package var high: Double
    package var standardError: Double
    /// Chosen or given; nil for estimators without one.
    package var lambda: Double?
}

/// Intervals of means, and of ratios of means.
package struct PolicyIntervals: Sendable {
    package var kind: PolicyIntervalKind
    package var level: Double
    package var resamples: Int
    package var seed: UInt64

    package init(kind: PolicyIntervalKind, level: Double = 0.95, resamples: Int = 1000, seed: UInt64 = 1) {
        self.kind = kind
        self.level = level
        self.resamples = resamples
        self.seed = seed
    }

    /// - Parameter weights: the denominators of a ratio estimate; nil for a plain mean.
    package func estimate(_ contributions: [Double], over weights: [Double]? = nil) -> PolicyValue {
        let n = Double(contributions.count)
        let mean = contributions.reduce(0, +) / n
        let denominator = weights.map { $0.reduce(0, +) / n } ?? 1
        let value = mean / denominator
        // The influence of each row on the estimate; for a mean its distance from it.
        let influence = contributions.indices.map { (contributions[$0] - value * (weights?[$0] ?? 1)) / denominator }
        let variance = influence.reduce(0) { $0 + $1 * $1 } / max(n - 1, 1)
        let error = (variance / n).squareRoot()
        var result = PolicyValue(value: value, low: value, high: value, standardError: error)
        switch kind {
        case .normal:
            let z = Special.normalQuantile(0.5 + level / 2)
            (result.low, result.high) = (value - z * error, value + z * error)
        case .bernstein:
            let range = (influence.max() ?? 0) - (influence.min() ?? 0)
            let term = log(2 / ((1 - level) / 2))
            let half = (2 * variance * term / n).squareRoot() + 7 * range * term / (3 * max(n - 1, 1))
            (result.low, result.high) = (value - half, value + half)
        case .bootstrap:
            let values = resampled(contributions, weights)
            let tail = (1 - level) / 2
            (result.low, result.high) = (Self.quantile(values, tail), Self.quantile(values, 1 - tail))
        }
        return result
    }

    /// Each resample has a stream of its own: the same values on any number of cores.
    private func resampled(_ contributions: [Double], _ weights: [Double]?) -> [Double] {
        let n = contributions.count
        let parts = 16
        let lists = Cores.map(parts) { part in
            ((resamples * part / parts)..<(resamples * (part + 1) / parts)).map { sample in
                var generator = SeededGenerator(seed: seed, stream: UInt64(sample))
                var (top, bottom) = (0.0, 0.0)
                for _ in 0..<n {
                    let row = generator.below(n)
                    top += contributions[row]
                    bottom += weights?[row] ?? 1
                }
                return bottom > 0 ? top / bottom : 0
            }
        }
        return lists.flatMap { $0 }.sorted()
    }

    /// Linear interpolation between order statistics (Hyndman and Fan's type 7).
    static func quantile(_ sorted: [Double], _ p: Double) -> Double {
        guard let last = sorted.last else { return .nan }
        let place = p * Double(sorted.count - 1)
        let low = Int(place)
        guard low + 1 < sorted.count else { return last }
        return sorted[low] + (place - Double(low)) * (sorted[low + 1] - sorted[low])
    }
}
