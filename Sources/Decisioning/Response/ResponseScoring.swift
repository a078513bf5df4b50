import Foundation
package import Statistics

/// Probabilities of a range of HCPs × all actions, row-major: index = (hcp − first) × actions + action.
package struct ResponseScores: Sendable {
    package var hcps: Range<Int>
    package var actions: Int
    /// P(reached), P(engaged | reached) and the standard deviation of each.
    package var reach: [Float]
    package var engage: [Float]
    package var reachSD: [Float]
    package var engageSD: [Float]
}

/// One term of a logit: feature × weight, with what it is about.
package struct ScoreTerm: Sendable, Hashable, Codable {
    package var theme: Theme
    package var name: String
    package var value: Float
    package var mean: Float
    package var variance: Float
    package var contribution: Float { mean * value }
}

/// All terms of one logit, in the order and the groups in which they are added: replaying them gives the same bits.
package struct ScoreTrace: Sendable, Hashable, Codable {
    /// HCP and channel; shared by all contents of the channel.
    package var contact: [ScoreTerm]
    /// Content and average moment; shared by all HCPs.
    package var action: [ScoreTerm]
    /// HCP × content.
    package var cross: [ScoreTerm]
    package var calibration: LogitCalibration
    /// nil for the online model. Of trees the terms are parts by column, which add up to this but for rounding: the score
    /// is computed from it.
    package var trees: TreeLogit?

    /// Probability and its standard deviation, from the record alone.
    package func replay() -> (probability: Float, sd: Float) {
        if let trees { return trees.probability(calibration) }
        return LogitParts.total([contact, action, cross].map(LogitParts.init(terms:))).probability(calibration)
    }
}

/// Mean and variance of a part of a logit.
struct LogitParts {
    var mean: Float = 0
    var variance: Float = 0

    init() {}

    init(terms: [ScoreTerm]) {
        for term in terms {
            mean += term.mean * term.value
            variance += term.variance * term.value * term.value
        }
    }

    @inline(__always) init(_ weights: UnsafePointer<SIMD2<Float>>, _ buffer: FeatureBuffer) {
        (mean, variance) = OnlineLogistic.moments(weights, buffer)
    }

    /// Contact, action, cross: always added in this order.
    @inline(__always) static func total(_ parts: [LogitParts]) -> LogitParts {
        var sum = LogitParts()
        for part in parts { sum = sum + part }
        return sum
    }

    @inline(__always) static func + (a: LogitParts, b: LogitParts) -> LogitParts {
        var sum = a
        sum.mean += b.mean
        sum.variance += b.variance
        return sum
    }

    /// Calibrated probability and its standard deviation (delta method).
    @inline(__always) func probability(_ line: LogitCalibration) -> (probability: Float, sd: Float) {
        let z = Float(line.slope) * OnlineLogistic.moderated(mean, variance) + Float(line.shift)
        let p = LogitParts.sigmoid(z)
        return (p, p * (1 - p) * Float(line.slope) * max(variance, 0).squareRoot())
    }

    @inline(__always) static func sigmoid(_ z: Float) -> Float { 1 / (1 + exp(-z)) }
}
