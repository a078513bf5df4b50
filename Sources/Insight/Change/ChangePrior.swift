internal import Foundation

/// What is known of a level before a series is seen, and how noisy values are around it.
package enum ChangePrior: Sendable, Hashable {
    /// Counts around a rate ~ Gamma(shape, rate), variance `dispersion` times the mean.
    case counts(shape: Double, rate: Double, dispersion: Double)
    /// Values around a mean, both unknown: Normal–inverse-gamma with mean, prior observations, shape and scale.
    case gaussian(mean: Double, strength: Double, shape: Double, scale: Double)

    package enum Family: String, Sendable, CaseIterable { case auto, counts, gaussian }

    /// Empirical prior from all series: the spread of their means, and the scatter between neighbouring periods,
    /// which a change of level hardly touches.
    ///
    /// - Throws: `HistoryProblem` when counts are asked for and a value is negative, or no value varies.
    package static func estimate(_ table: SeriesTable, family: Family = .auto) throws -> ChangePrior {
        let whole = table.values.allSatisfy { $0 >= 0 && $0 == $0.rounded() }
        if family == .counts, table.values.contains(where: { $0 < 0 }) {
            throw HistoryProblem("negative_count", "a count is negative", remedy: "use --family gaussian")
        }
        var means: [Double] = []
        var (differences, pairs, sum) = (0.0, 0.0, 0.0)
        for one in 0..<table.count where !table[one].isEmpty {
            let values = table[one]
            means.append(values.reduce(0, +) / Double(values.count))
            sum += values.reduce(0, +)
            for (before, after) in zip(values, values.dropFirst()) {
                differences += (after - before) * (after - before)
                pairs += 1
            }
        }
        guard pairs > 0 else {
            throw HistoryProblem(
                "too_short", "no series has two periods: a change cannot be seen",
                remedy: "give two periods or more of each account")
        }
        let mean = means.reduce(0, +) / Double(means.count)
        let spread = means.reduce(0.0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(means.count - 1, 1))
        let noise = differences / pairs / 2
        let typical = Double(table.values.count) / Double(means.count)
        if family == .counts || (family == .auto && whole) {
            let overall = max(sum / Double(table.values.count), 1e-3)
            let dispersion = max(noise / overall, 1)
            // A level after a change may be anything that levels are: at least as wide as an exponential.
            let variance = max(spread - noise / typical, 0.5 * overall * overall, 1e-9)
            let shape = min(max(overall * overall / variance, 0.2), 2)
            return .counts(shape: shape, rate: shape / overall, dispersion: dispersion)
        }
        guard noise > 0 || spread > 0 else {
            throw HistoryProblem(
                "all_equal", "every value is the same: there is no scatter to tell a change from",
                remedy: "give series in which something happens")
        }
        let within = max(noise, 1e-6 * spread, 1e-12)
        let strength = min(max(within / max(spread, within), 1e-3), 1)
        return .gaussian(mean: mean, strength: strength, shape: 2, scale: 2 * within)
    }
}
