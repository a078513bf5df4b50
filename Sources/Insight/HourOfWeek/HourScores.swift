internal import Foundation
internal import Statistics

/// Scores of hours of the week for a range of HCPs, 168 rows an HCP.
package struct HourScores: Sendable {
    /// Chance that a message sent in that hour is opened, with a central interval.
    package var score: [Float]
    package var low: [Float]
    package var high: [Float]

    /// Scores the HCPs of a range.
    ///
    /// What the HCP's other hours, the segment and the market say of an hour is a beta prior, as strong as κ and the
    /// uncertainty of the HCP's level and of the hour's effect allow; the messages sent in that hour update it. An
    /// hour that was never tried keeps the wide interval of the unknown.
    package static func make(
        _ model: HourModel, _ counts: HourCounts, hcps: Range<Int>, quantiles: BetaQuantileTable
    ) -> HourScores {
        let hours = WeekHour.count
        let total = hcps.count * hours
        var result = HourScores(
            score: [Float](repeating: 0, count: total), low: [Float](repeating: 0, count: total),
            high: [Float](repeating: 0, count: total))
        guard total > 0 else { return result }
        let odds = model.effects.map { exp($0) }
        result.score.withUnsafeMutableBufferPointer { score in
            result.low.withUnsafeMutableBufferPointer { low in
                result.high.withUnsafeMutableBufferPointer { high in
                    guard let first = score.baseAddress, let second = low.baseAddress, let third = high.baseAddress
                    else { return }
                    let places = (Shared(first), Shared(second), Shared(third))
                    _ = ParallelRanges.map(hcps.count, piece: 2048) { range in
                        for row in range {
                            let hcp = hcps.lowerBound + row
                            let base = model.segment(hcp) * hours
                            let (factor, variance) = (
                                exp(Double(model.levels[hcp])), Double(model.levelVariances[hcp])
                            )
                            for hour in 0..<hours {
                                let word = counts.cells[hcp * hours + hour]
                                let one = cell(
                                    odds: odds[base + hour] * factor,
                                    variance: variance, effectVariance: model.effectVariances[base + hour],
                                    sends: Double(word & 0xFFFF), opens: Double(word >> 16),
                                    concentration: model.concentration)
                                let interval = quantiles.interval(one.a, one.b)
                                let place = row * hours + hour
                                places.0.value[place] = Float(one.a / (one.a + one.b))
                                places.1.value[place] = Float(interval.low)
                                places.2.value[place] = Float(interval.high)
                            }
                        }
                    }
                }
            }
        }
        return result
    }

    /// The beta distribution of one HCP's hour.
    @inline(__always) static func cell(
        odds: Double, variance: Double, effectVariance: Double, sends: Double, opens: Double, concentration: Double
    ) -> (a: Double, b: Double) {
        let known = HourModel.others(
            odds: odds, variance: variance, effectVariance: effectVariance, sends: sends, opens: opens)
        let strength = HourModel.strength(concentration, known)
        return (strength * known.mean + opens, strength * (1 - known.mean) + sends - opens)
    }
}

/// Quantiles of beta distributions from a table: hundreds of millions are wanted, and a search for each is too slow.
///
/// The logit of the quantile less log(a/b), over a grid of log a and log b, interpolated by cubics. Error of a
/// quantile below 10⁻⁴ for a, b from 0.05 to 10⁵; outside, the nearest of those is taken.
package struct BetaQuantileTable: Sendable {
    private static let start = -3.3
    private static let step = 0.15
    private static let size = 102
    private let low: [Double]
    private let high: [Double]

    /// Tables for the central interval of a probability.
    package init(level: Double) {
        let size = Self.size
        let tail = (1 - level) / 2
        func table(_ p: Double) -> [Double] {
            ParallelRanges.map(size, piece: 4) { rows in
                rows.flatMap { i in
                    (0..<size).map { j in
                        let (logA, logB) = (Self.start + Double(i) * Self.step, Self.start + Double(j) * Self.step)
                        return Special.betaQuantileLogit(p, exp(logA), exp(logB)) - (logA - logB)
                    }
                }
            }.flatMap { $0 }
        }
        low = table(tail)
        high = table(1 - tail)
    }

    /// Low and high end of the interval of Beta(a, b).
    @inline(__always) package func interval(_ a: Double, _ b: Double) -> (low: Double, high: Double) {
        let (logA, logB) = (log(a), log(b))
        let top = Double(Self.size) - 2.001
        let x = min(max((logA - Self.start) / Self.step, 1), top)
        let y = min(max((logB - Self.start) / Self.step, 1), top)
        let (i, j) = (Int(x), Int(y))
        let (wx, wy) = (Self.weights(x - Double(i)), Self.weights(y - Double(j)))
        var (sumLow, sumHigh) = (0.0, 0.0)
        low.withUnsafeBufferPointer { low in
            high.withUnsafeBufferPointer { high in
                for row in 0..<4 {
                    let base = (i - 1 + row) * Self.size + j - 1
                    var (a, b) = (0.0, 0.0)
                    for column in 0..<4 {
                        a += wy[column] * low[base + column]
                        b += wy[column] * high[base + column]
                    }
                    sumLow += wx[row] * a
                    sumHigh += wx[row] * b
                }
            }
        }
        // The centre is that of the clamped place, or the two would disagree.
        let centre = (x - y) * Self.step
        return (Special.sigmoid(sumLow + centre), Special.sigmoid(sumHigh + centre))
    }

    /// Cubic interpolation through four neighbours (Lagrange).
    @inline(__always) private static func weights(_ t: Double) -> SIMD4<Double> {
        let (u, v, w) = (t + 1, t - 1, t - 2)
        return SIMD4(-t * v * w / 6, u * v * w / 2, -u * t * w / 2, u * t * v / 6)
    }
}
