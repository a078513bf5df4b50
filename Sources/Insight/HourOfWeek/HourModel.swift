internal import Foundation
internal import Statistics

/// How openings depend on the hour of sending: an hour effect of the market and of each segment, a level of each
/// HCP, and the scatter of single HCPs around both.
///
/// Openings of HCP i of segment s in hour h are beta–binomial with mean σ(η_h + δ_sh + θ_i), δ_sh ~ N(0, σ²),
/// θ_i ~ N(0, τ²), concentration κ. Hours and levels are estimated together, so that an hour in which only eager
/// HCPs were written to does not look good for it, and an HCP who was only written to at night does not look lazy.
/// Variances are empirical Bayes (an approximate EM on posterior modes), κ is maximum likelihood.
package struct HourModel: Sendable {
    package let segmentCount: Int
    package let segmentOf: [Int32]
    /// η_h + δ_sh, segment after segment, and the variance of its estimate.
    package private(set) var effects: [Double]
    package private(set) var effectVariances: [Double]
    /// θ_i and the variance of its estimate.
    package private(set) var levels: [Float]
    package private(set) var levelVariances: [Float]
    /// τ and σ.
    package private(set) var levelDeviation: Double
    package private(set) var segmentDeviation: Double
    /// κ: as many messages as an HCP's own hour must have had to count as much as everything else known of it.
    package private(set) var concentration: Double
    /// False when no HCP was written to twice in the same hour, so that κ is a default.
    package private(set) var concentrationKnown: Bool

    package static let defaultConcentration = 40.0

    /// - Parameters:
    ///   - segmentOf: segment of each HCP, 0..<segmentCount; empty for one segment.
    package init(_ counts: HourCounts, segmentOf: [Int32] = [], segmentCount: Int = 1, rounds: Int = 10) throws {
        guard counts.sends > 0 else {
            throw HistoryProblem("empty", "no messages were sent", remedy: "give a log with at least one row")
        }
        let hours = WeekHour.count
        self.segmentCount = max(segmentCount, 1)
        self.segmentOf = segmentOf
        let rate = (Double(counts.opens) + 0.5) / (Double(counts.sends) + 1)
        effects = [Double](repeating: Special.logit(rate), count: self.segmentCount * hours)
        effectVariances = [Double](repeating: 0, count: self.segmentCount * hours)
        levels = [Float](repeating: 0, count: counts.hcpCount)
        levelVariances = [Float](repeating: 0, count: counts.hcpCount)
        (levelDeviation, segmentDeviation) = (0.5, 0.3)
        (concentration, concentrationKnown) = (Self.defaultConcentration, false)
        var market = [Double](repeating: Special.logit(rate), count: hours)
        var own = [Double](repeating: 0, count: self.segmentCount * hours)
        for round in 0..<rounds {
            // A weak prior here: shrunken levels of HCPs who were written to at odd hours would colour those hours.
            let sums = updateLevels(counts, priorShare: 0.05, steps: round == 0 ? 3 : 1)
            updateHours(sums, &market, &own)
        }
        _ = updateLevels(counts, priorShare: 1, steps: 3)
        fitConcentration(counts)
    }

    /// Chance that a message to a middling HCP of a segment is opened when sent in an hour.
    package func chance(segment: Int, hour: Int) -> Double {
        Special.sigmoid(effects[segment * WeekHour.count + hour])
    }

    func segment(_ hcp: Int) -> Int { segmentOf.isEmpty ? 0 : Int(segmentOf[hcp]) }

    // MARK: Levels

    /// Sums over HCPs, a cell a segment and hour: openings beyond expectation, and the information in them.
    private struct Sums: Sendable {
        var surplus: [Double]
        var information: [Double]
        var squares = 0.0
        var tried = 0.0
    }

    /// Posterior modes of every level under the present hours, by steps of Newton's method from the last ones.
    ///
    /// - Parameter priorShare: how much of the prior's precision counts in the modes; τ is estimated with all of it.
    private mutating func updateLevels(_ counts: HourCounts, priorShare: Double, steps: Int) -> Sums {
        let hours = WeekHour.count
        let cellCount = segmentCount * hours
        let odds = effects.map { exp($0) }
        let full = 1 / (levelDeviation * levelDeviation)
        let precision = full * priorShare
        let model = self
        var (levels, variances) = (self.levels, levelVariances)
        let parts = levels.withUnsafeMutableBufferPointer { levelBuffer in
            variances.withUnsafeMutableBufferPointer { varianceBuffer -> [Sums] in
                guard let levelBase = levelBuffer.baseAddress, let varianceBase = varianceBuffer.baseAddress else {
                    return []
                }
                let (level, variance) = (Shared(levelBase), Shared(varianceBase))
                return ParallelRanges.map(counts.hcpCount, piece: max(32_768, counts.hcpCount / 16)) { range in
                    var sums = Sums(
                        surplus: [Double](repeating: 0, count: cellCount),
                        information: [Double](repeating: 0, count: cellCount))
                    var tried: [(place: Int, sends: Double, opens: Double)] = []
                    for hcp in range {
                        tried.removeAll(keepingCapacity: true)
                        let base = model.segment(hcp) * hours
                        for hour in 0..<hours {
                            let word = counts.cells[hcp * hours + hour]
                            if word == 0 { continue }
                            tried.append((base + hour, Double(word & 0xFFFF), Double(word >> 16)))
                        }
                        var theta = Double(level.value[hcp])
                        var information = precision
                        for _ in 0..<steps where !tried.isEmpty {
                            let factor = exp(theta)
                            var gradient = -theta * precision
                            information = precision
                            for cell in tried {
                                let p = 1 - 1 / (1 + odds[cell.place] * factor)
                                gradient += cell.opens - cell.sends * p
                                information += cell.sends * p * (1 - p)
                            }
                            theta += min(max(gradient / information, -1), 1)
                        }
                        let factor = exp(theta)
                        for cell in tried {
                            let p = 1 - 1 / (1 + odds[cell.place] * factor)
                            sums.surplus[cell.place] += cell.opens - cell.sends * p
                            sums.information[cell.place] += cell.sends * p * (1 - p)
                        }
                        level.value[hcp] = Float(theta)
                        variance.value[hcp] = Float(1 / information)
                        if !tried.isEmpty {
                            let proper = information - precision + full
                            let mean = theta * information / proper
                            sums.squares += mean * mean + 1 / proper
                            sums.tried += 1
                        }
                    }
                    return sums
                }
            }
        }
        (self.levels, levelVariances) = (levels, variances)
        var total = parts[0]
        for part in parts.dropFirst() {
            for i in 0..<cellCount {
                total.surplus[i] += part.surplus[i]
                total.information[i] += part.information[i]
            }
            total.squares += part.squares
            total.tried += part.tried
        }
        levelDeviation = min(max((total.squares / max(total.tried, 1)).squareRoot(), 0.05), 5)
        return total
    }

    // MARK: Hours

    private mutating func updateHours(_ sums: Sums, _ market: inout [Double], _ own: inout [Double]) {
        let hours = WeekHour.count
        let weighted = (0..<segmentCount * hours).reduce(into: (0.0, 0.0)) { mean, cell in
            mean.0 += sums.information[cell] * effects[cell]
            mean.1 += sums.information[cell]
        }
        let centre = weighted.0 / max(weighted.1, 1e-9)
        for hour in 0..<hours {
            var (surplus, information) = (0.0, 0.0)
            for segment in 0..<segmentCount {
                surplus += sums.surplus[segment * hours + hour]
                information += sums.information[segment * hours + hour]
            }
            // Half a message at the market's mean keeps an hour that no one was tried in at that mean.
            let step = (surplus + 0.5 * (centre - market[hour])) / (information + 0.5)
            market[hour] += min(max(step, -1), 1)
        }
        let precision = 1 / (segmentDeviation * segmentDeviation)
        var (squares, known) = (0.0, 0.0)
        for cell in own.indices {
            let information = sums.information[cell] + precision
            if segmentCount > 1 {
                let step = (sums.surplus[cell] - own[cell] * precision) / information
                own[cell] += min(max(step, -1), 1)
                squares += own[cell] * own[cell] + 1 / information
                known += 1
            }
            effects[cell] = market[cell % hours] + own[cell]
            effectVariances[cell] = 1 / (sums.information[cell] + (segmentCount > 1 ? precision : 0.5))
        }
        if segmentCount > 1 { segmentDeviation = min(max((squares / known).squareRoot(), 0.02), 2) }
    }

    // MARK: Scatter

    /// What is known of one HCP's hour without its own messages.
    struct Others: Sendable {
        var mean: Double
        /// Variance of the mean over mean × (1 − mean).
        var looseness: Double
    }

    /// Takes an hour's own messages out of the HCP's level again, by one step of Newton's method: left in, they would
    /// count twice and κ would look too large.
    @inline(__always) static func others(
        odds: Double, variance: Double, effectVariance: Double, sends: Double, opens: Double
    ) -> Others {
        var mean = 1 - 1 / (1 + odds)
        var variance = variance
        if sends > 0 {
            let information = sends * mean * (1 - mean)
            let rest = max(1 / variance - information, 1e-3)
            let shift = min(max((opens - sends * mean) / rest, -3), 3)
            mean = 1 - 1 / (1 + odds * exp(-shift))
            variance = 1 / rest
        }
        mean = min(max(mean, 1e-9), 1 - 1e-9)
        return Others(mean: mean, looseness: mean * (1 - mean) * (variance + effectVariance))
    }

    /// Concentration of the beta distribution that has both the scatter of κ and the uncertainty of the mean.
    @inline(__always) static func strength(_ kappa: Double, _ known: Others) -> Double {
        max(1 / (1 / (kappa + 1) + known.looseness) - 1, 0.1)
    }

    /// Cells with two messages or more, from evenly spaced HCPs, decide on κ.
    private mutating func fitConcentration(_ counts: HourCounts) {
        var cells: [(known: Others, sends: Double, opens: Double)] = []
        let stride = max(counts.hcpCount / 20_000, 1)
        for hcp in Swift.stride(from: 0, to: counts.hcpCount, by: stride) {
            let (level, variance) = (Double(levels[hcp]), Double(levelVariances[hcp]))
            let base = segment(hcp) * WeekHour.count
            for hour in 0..<WeekHour.count {
                let (n, o) = counts.cell(hcp, hour)
                guard n >= 2 else { continue }
                let known = Self.others(
                    odds: exp(effects[base + hour] + level), variance: variance,
                    effectVariance: effectVariances[base + hour], sends: Double(n), opens: Double(o))
                cells.append((known, Double(n), Double(o)))
            }
        }
        guard cells.count >= 100 else { return }
        let sample = cells
        func likelihood(_ logKappa: Double) -> Double {
            let kappa = exp(logKappa)
            return ParallelRanges.map(sample.count, piece: 8192) { range in
                range.reduce(0.0) { sum, i in
                    let (known, n, o) = sample[i]
                    let strength = Self.strength(kappa, known)
                    let (a, b) = (strength * known.mean, strength * (1 - known.mean))
                    return sum + Special.logGammaRise(a, o) + Special.logGammaRise(b, n - o)
                        - Special.logGammaRise(strength, n)
                }
            }.reduce(0, +)
        }
        // Golden section on log κ between 1 and 100,000.
        var (low, high) = (0.0, log(100_000.0))
        let ratio = 0.6180339887498949
        var (left, right) = (high - ratio * (high - low), low + ratio * (high - low))
        var (fLeft, fRight) = (likelihood(left), likelihood(right))
        while high - low > 0.02 {
            if fLeft > fRight {
                (high, right, fRight) = (right, left, fLeft)
                left = high - ratio * (high - low)
                fLeft = likelihood(left)
            } else {
                (low, left, fLeft) = (left, right, fRight)
                right = low + ratio * (high - low)
                fRight = likelihood(right)
            }
        }
        (concentration, concentrationKnown) = (exp((low + high) / 2), true)
    }
}
