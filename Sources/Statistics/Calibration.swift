import Foundation

/// One bin of a reliability diagram: mean prediction against observed share.
package struct CalibrationBin: Sendable, Hashable, Codable {
    package var low: Double
    package var high: Double
    package var count: Int
    package var predicted: Double
    package var observed: Double
}

/// How good a set of probabilities was, on data that the model had not seen.
package struct ProbabilityScore: Sendable, Hashable, Codable {
    package var count: Int
    package var positives: Int
    /// Mean negative log likelihood in nats, and the same for a constant that knows the observed share.
    package var logLoss: Double
    package var baseLogLoss: Double
    /// Area under the ROC curve, ties counted half; 0.5 when one class is missing.
    package var auc: Double
    /// Expected calibration error over ten bins of equal count.
    package var ece: Double
    package var bins: [CalibrationBin]

    package init(probabilities: [Double], outcomes: [Bool], bins binCount: Int = 10) {
        precondition(probabilities.count == outcomes.count, "one outcome for each probability")
        count = outcomes.count
        positives = outcomes.count(where: { $0 })
        guard count > 0 else {
            (logLoss, baseLogLoss, auc, ece, bins) = (0, 0, 0.5, 0, [])
            return
        }
        var loss = 0.0
        for (p, y) in zip(probabilities, outcomes) {
            let q = min(max(p, 1e-12), 1 - 1e-12)
            loss -= y ? log(q) : log1p(-q)
        }
        logLoss = loss / Double(count)
        let share = Double(positives) / Double(count)
        baseLogLoss = share == 0 || share == 1 ? 0 : -share * log(share) - (1 - share) * log1p(-share)
        let order = (0..<count).sorted { (probabilities[$0], $0) < (probabilities[$1], $1) }
        auc = Self.area(order, probabilities, outcomes, positives)
        bins = Self.bins(order, probabilities, outcomes, min(binCount, count))
        ece = bins.reduce(0) { $0 + Double($1.count) * abs($1.predicted - $1.observed) } / Double(count)
    }

    /// Mann–Whitney statistic with mid-ranks.
    private static func area(_ order: [Int], _ p: [Double], _ y: [Bool], _ positives: Int) -> Double {
        let negatives = order.count - positives
        guard positives > 0, negatives > 0 else { return 0.5 }
        var rankSum = 0.0
        var i = 0
        while i < order.count {
            var j = i
            while j < order.count, p[order[j]] == p[order[i]] { j += 1 }
            let rank = Double(i + j + 1) / 2
            for k in i..<j where y[order[k]] { rankSum += rank }
            i = j
        }
        let n = Double(positives)
        return (rankSum - n * (n + 1) / 2) / (n * Double(negatives))
    }

    private static func bins(_ order: [Int], _ p: [Double], _ y: [Bool], _ count: Int) -> [CalibrationBin] {
        (0..<count).compactMap { bin in
            let rows = order[(bin * order.count / count)..<((bin + 1) * order.count / count)]
            guard let first = rows.first, let last = rows.last else { return nil }
            let n = Double(rows.count)
            return CalibrationBin(
                low: p[first], high: p[last], count: rows.count, predicted: rows.reduce(0) { $0 + p[$1] } / n,
                observed: Double(rows.count(where: { y[$0] })) / n)
        }
    }
}

/// A straight line on the logit scale that corrects a model's probabilities: σ(slope × logit + shift).
///
/// Source: Platt, "Probabilistic outputs for support vector machines" (1999), with a Gaussian prior on the
/// identity line so that few data change little.
package struct LogitCalibration: Sendable, Hashable, Codable {
    package var slope: Double
    package var shift: Double

    package init(slope: Double = 1, shift: Double = 0) {
        self.slope = slope
        self.shift = shift
    }

    /// Fits slope and shift by Newton's method.
    ///
    /// - Parameter priorRows: strength of the prior, as so many rows at even odds that lie on the identity.
    package static func fit(logits: [Double], outcomes: [Bool], priorRows: Double = 50) -> LogitCalibration {
        guard !logits.isEmpty else { return LogitCalibration() }
        var line = LogitCalibration()
        let strength = priorRows / 4
        for _ in 0..<25 {
            var (ga, gb) = (strength * (1 - line.slope), -strength * line.shift)
            var (haa, hab, hbb) = (strength, 0.0, strength)
            for (z, y) in zip(logits, outcomes) {
                let p = Special.sigmoid(line.slope * z + line.shift)
                let residual = (y ? 1 : 0) - p
                let weight = p * (1 - p)
                ga += residual * z
                gb += residual
                haa += weight * z * z
                hab += weight * z
                hbb += weight
            }
            let determinant = haa * hbb - hab * hab
            guard determinant > 1e-12 else { break }
            let (da, db) = ((hbb * ga - hab * gb) / determinant, (haa * gb - hab * ga) / determinant)
            let step = min(1, 2 / max(abs(da), abs(db), 1e-12))
            line.slope += step * da
            line.shift += step * db
            if abs(da) + abs(db) < 1e-9 { break }
        }
        line.slope = min(max(line.slope, 0.05), 5)  // never turns the order round
        return line
    }
}

/// Accuracy of predicted counts.
package enum CountScore {
    /// Mean Poisson deviance, 2 Σ (y log(y/μ) − y + μ) / n.
    package static func deviance(_ observed: [Double], _ predicted: [Double]) -> Double {
        guard !observed.isEmpty else { return 0 }
        var sum = 0.0
        for (y, mean) in zip(observed, predicted) {
            let mu = max(mean, 1e-9)
            sum += (y > 0 ? y * log(y / mu) : 0) - y + mu
        }
        return 2 * sum / Double(observed.count)
    }

    /// Slope of the Poisson regression of the outcome on log prediction: 1 = calibrated, below 1 = too spread out.
    package static func calibrationSlope(_ observed: [Double], _ predicted: [Double]) -> Double {
        var (a, b) = (0.0, 1.0)
        let z = predicted.map { log(max($0, 1e-9)) }
        for _ in 0..<50 {
            var (ga, gb, haa, hab, hbb) = (0.0, 0.0, 1e-9, 0.0, 1e-9)
            for (y, x) in zip(observed, z) {
                let mean = exp(min(a + b * x, 30))
                ga += y - mean
                gb += (y - mean) * x
                haa += mean
                hab += mean * x
                hbb += mean * x * x
            }
            let determinant = haa * hbb - hab * hab
            guard determinant > 1e-9 else { break }
            let (da, db) = ((hbb * ga - hab * gb) / determinant, (haa * gb - hab * ga) / determinant)
            let step = min(1, 1 / max(abs(da), abs(db), 1e-12))
            a += step * da
            b += step * db
            if abs(da) + abs(db) < 1e-9 { break }
        }
        return b
    }

    /// Share of the outcome in the tenth with the highest predictions, over the tenth's share of the population.
    package static func topDecileLift(_ observed: [Double], _ predicted: [Double]) -> Double {
        let n = observed.count
        let total = observed.reduce(0, +)
        guard n >= 10, total > 0 else { return 1 }
        let order = (0..<n).sorted { (predicted[$1], $0) < (predicted[$0], $1) }
        let top = order.prefix(n / 10).reduce(0.0) { $0 + observed[$1] }
        return top / total * Double(n) / Double(n / 10)
    }
}
