internal import Foundation
internal import Statistics

/// The last change of level of one series.
package struct LevelChange: Sendable, Hashable {
    /// Place in the series of the first value after the most probable last change; nil with fewer than two values.
    package var place: Int?
    /// Chance that the level changed at all, and that it changed within the last periods asked for.
    package var probability: Double
    package var recent: Double
    /// Mean level before and after that place (equal to the one level when there is no place).
    package var before: Double
    package var after: Double
}

/// Bayesian online change detection for series of counts or of Gaussian values.
///
/// The posterior of the run length (periods since the last change) is carried forward exactly; between changes a
/// level is constant and conjugate. Source: Adams and MacKay, "Bayesian online changepoint detection" (2007),
/// algorithm 1, with a constant hazard. Counts with more variance than a Poisson distribution are scaled down by
/// their dispersion first (a quasi-likelihood).
package struct ChangeDetector: Sendable {
    package let prior: ChangePrior
    /// Chance of a change between two periods.
    package let hazard: Double
    private let logGammas: [Double]

    /// - Parameters:
    ///   - expectedRun: mean number of periods between changes, above 1.
    package init(prior: ChangePrior, expectedRun: Double) {
        self.prior = prior
        hazard = 1 / max(expectedRun, 1.000001)
        if case .counts(let shape, _, let dispersion) = prior {
            // log Γ(shape + y / dispersion) for whole y: nearly every one that counts need.
            logGammas = (0..<16_384).map { Special.logGamma(shape + Double($0) / dispersion) }
        } else {
            logGammas = []
        }
    }

    /// Posterior of the run length after each value, a row a value: entry r is the chance that the last r + 1 values
    /// share one level and the one before does not.
    package func runLengths(_ values: [Double]) -> [[Double]] {
        var state = State(self, capacity: values.count)
        return values.map { value in
            state.observe(value)
            return Array(state.chance.prefix(state.length))
        }
    }

    /// The last change of a series.
    ///
    /// - Parameter within: number of last periods for `recent`.
    package func lastChange(_ values: ArraySlice<Double>, within: Int = 3) -> LevelChange {
        guard let first = values.first else {
            return LevelChange(place: nil, probability: 0, recent: 0, before: .nan, after: .nan)
        }
        let n = values.count
        guard n > 1 else { return LevelChange(place: nil, probability: 0, recent: 0, before: first, after: first) }
        var state = State(self, capacity: n)
        for value in values { state.observe(value) }
        // Run length n (entry n − 1) is the series without a change.
        let unchanged = state.chance[n - 1]
        var best = 0
        for r in 1..<(n - 1) where n > 2 && state.chance[r] > state.chance[best] { best = r }
        let place = n - 1 - best
        let recent = state.chance[0..<min(max(within, 0), n - 1)].reduce(0, +)
        // The level before: the run up to that place, whatever its own length, weighed as it was then.
        var earlier = State(self, capacity: n)
        for value in values.prefix(place) { earlier.observe(value) }
        return LevelChange(
            place: place, probability: min(max(1 - unchanged, 0), 1), recent: min(recent, 1),
            before: earlier.mean(), after: state.mean(ofRun: best))
    }

    /// The run-length posterior and the sums that each run length has seen.
    private struct State {
        let detector: ChangeDetector
        var length = 0
        var chance: [Double]
        private var sums: [Double]
        private var squares: [Double]

        init(_ detector: ChangeDetector, capacity: Int) {
            self.detector = detector
            chance = [Double](repeating: 0, count: capacity + 1)
            sums = chance
            squares = chance
        }

        mutating func observe(_ raw: Double) {
            // Gaussian values are taken from the prior mean on: sums of squares of large numbers lose their digits.
            var value = raw
            if case .gaussian(let mean, _, _, _) = detector.prior { value -= mean }
            // Entry r becomes r + 1; a new run starts at 0. Before the first value there is only the new run.
            var largest = -Double.infinity
            var logs = [Double](repeating: 0, count: length + 1)
            for r in 0...length {
                logs[r] = detector.logPredictive(
                    value, run: r, sum: r == 0 ? 0 : sums[r - 1], square: r == 0 ? 0 : squares[r - 1])
                largest = max(largest, logs[r])
            }
            var total = 0.0
            let stay = length == 0 ? 0 : 1 - detector.hazard
            for r in stride(from: length, through: 0, by: -1) {
                let before = r == 0 ? (length == 0 ? 1 : detector.hazard) : stay * chance[r - 1]
                let mass = before * exp(logs[r] - largest)
                chance[r] = mass
                total += mass
                sums[r] = (r == 0 ? 0 : sums[r - 1]) + value
                squares[r] = (r == 0 ? 0 : squares[r - 1]) + value * value
            }
            length += 1
            if total > 0 { for r in 0..<length { chance[r] /= total } }
        }

        /// Posterior mean of the level after a run of r + 1 values.
        func mean(ofRun r: Int) -> Double {
            switch detector.prior {
            case .counts(let shape, let rate, let dispersion):
                return (shape + sums[r] / dispersion) / (rate * dispersion + Double(r + 1)) * dispersion
            case .gaussian(let mean, let strength, _, _):
                return mean + sums[r] / (strength + Double(r + 1))
            }
        }

        func mean() -> Double {
            (0..<length).reduce(0) { $0 + chance[$1] * mean(ofRun: $1) }
        }
    }

    /// Log density of a value (Gaussian: from the prior mean on) after a run of values with a sum and a sum of squares.
    private func logPredictive(_ value: Double, run: Int, sum: Double, square: Double) -> Double {
        let n = Double(run)
        switch prior {
        case .counts(let shape, let rate, let dispersion):
            // In units of the dispersion counts are Poisson again, and so is the rate's gamma prior.
            let b = rate * dispersion + n
            let a = shape + sum / dispersion
            let y = value / dispersion
            let rise = logGamma(sum + value, shape, dispersion) - logGamma(sum, shape, dispersion)
            return rise - Special.softplus(-log(b)) * a - y * log1p(b)
        case .gaussian(_, let strength, let shape, let scale):
            let k = strength + n
            let centre = sum / k
            let a = shape + n / 2
            let average = n > 0 ? sum / n : 0
            let within = n > 0 ? max(square - n * average * average, 0) : 0
            let b = scale + within / 2 + strength * n * average * average / (2 * k)
            let variance = b * (k + 1) / (a * k)
            let z = (value - centre) * (value - centre) / (2 * a * variance)
            let gammas = Special.logGamma(a + 0.5) - Special.logGamma(a)
            return gammas - 0.5 * log(2 * Double.pi * a * variance) - (a + 0.5) * log1p(z)
        }
    }

    private func logGamma(_ sum: Double, _ shape: Double, _ dispersion: Double) -> Double {
        let place = Int(exactly: sum) ?? -1
        if place >= 0, place < logGammas.count { return logGammas[place] }
        return Special.logGamma(shape + sum / dispersion)
    }
}

extension ChangeDetector {
    /// The last change of every series.
    package func lastChanges(_ table: SeriesTable, within: Int = 3) -> [LevelChange] {
        ParallelRanges.map(table.count, piece: 4096) { range in
            range.map { lastChange(table[$0], within: within) }
        }.flatMap { $0 }
    }
}
