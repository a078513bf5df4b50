internal import Foundation
internal import Statistics

/// Units that will be used of one product at one account, as a distribution that widens with time.
///
/// Negative binomial with mean μ t and variance φ μ t + v t² after t periods: scatter from period to period, and
/// uncertainty of the mean itself. Where the variance is below Poisson's, Poisson.
package struct DemandOutlook: Sendable, Hashable {
    /// Units a period, and the variance of that estimate.
    package var mean: Double
    package var meanVariance: Double
    /// Variance over mean within a period.
    package var dispersion: Double

    package init(mean: Double, meanVariance: Double, dispersion: Double) {
        self.mean = mean
        self.meanVariance = meanVariance
        self.dispersion = dispersion
    }

    /// From the history of one account and product, newest row last.
    ///
    /// - Parameter halfLife: periods after which a row counts half.
    init(_ model: UsageModel, _ data: ClinicalActivity, rows: [Int], halfLife: Double) {
        var (weights, squares, activity) = (0.0, 0.0, 0.0)
        var (own, total) = (0.0, 0.0)
        for (age, row) in rows.reversed().enumerated() {
            let weight = exp2(-Double(age) / halfLife)
            weights += weight
            squares += weight * weight
            activity += weight * model.expected(data, row: row)
            own += model.demand(data, row: row)
            total += model.expected(data, row: row)
        }
        let strength = model.factorStrength
        let factor = strength.isFinite && strength + total > 0 ? (strength + own) / (strength + total) : 1
        let effective = weights * weights / squares
        mean = factor * activity / weights
        dispersion = model.dispersion
        let ofFactor = strength.isFinite ? model.dispersion / (strength + total) : 0
        meanVariance = model.dispersion * mean / effective + mean * mean * ofFactor
    }

    /// Chance that no more than `units` are used within a number of periods.
    package func chance(ofAtMost units: Double, within periods: Double) -> Double {
        let expected = mean * periods
        guard units >= 0 else { return 0 }
        guard expected > 1e-12 else { return 1 }
        let variance = dispersion * expected + meanVariance * periods * periods
        let excess = max(variance / expected - 1, 1e-6)
        let shape = expected / excess
        return Special.regularizedBeta(1 / (1 + excess), shape, units.rounded(.down) + 1)
    }

    /// Smallest whole number of units that suffices with a chance of `level` for a number of periods.
    package func units(sufficingWith level: Double, for periods: Double) -> Double {
        if chance(ofAtMost: 0, within: periods) >= level { return 0 }
        var high = max((mean * periods).rounded(.up), 1)
        while chance(ofAtMost: high, within: periods) < level {
            high *= 2
            if high > 1e12 { return high }
        }
        var low = 0.0
        while high - low > 1 {
            let middle = ((low + high) / 2).rounded(.down)
            // Beyond 2⁵³ there is no whole number between.
            guard middle > low, middle < high else { break }
            if chance(ofAtMost: middle, within: periods) >= level { high = middle } else { low = middle }
        }
        return high
    }
}
