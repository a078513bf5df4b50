import Foundation

/// What one touch on a channel adds to an HCP's outcome, by how far it gets.
package struct TouchGain: Sendable, Hashable, Codable {
    /// Units of outcome over the horizon when the touch reaches, engages, advances; a touch that does not reach adds
    /// nothing.
    package var reached: Float
    package var engaged: Float
    /// Variance relative to the square of the gain.
    package var relativeVariance: Float

    /// Expected gain and its 90% interval, from the probabilities of the response and their standard deviations.
    ///
    /// Delta method; both sources of doubt are taken to be independent. The interval never goes below zero, since
    /// effects are modelled as not negative.
    package func effect(
        reach: Float, reachSD: Float, engage: Float, engageSD: Float
    ) -> (mean: Float, low: Float, high: Float) {
        let step = engaged - reached
        let mean = reach * (reached + engage * step)
        let byReach = (reached + engage * step) * reachSD
        let byEngage = reach * step * engageSD
        let deviation = (mean * mean * relativeVariance + byReach * byReach + byEngage * byEngage).squareRoot()
        return (mean, max(0, mean - 1.6448536 * deviation), mean + 1.6448536 * deviation)
    }
}

extension OutcomeModel {
    /// The gain of one more touch of an HCP on a channel, on top of what is still carried over.
    @inline(__always) package func gain(hcp: Int, channel code: Int) -> TouchGain {
        if isAssumption {
            let unit = Float(options.assumedConversion)
            return TouchGain(reached: unit * ExposureWeight.byLevel[1], engaged: unit, relativeVariance: 0.5)
        }
        if let shared { return shared.gain(hcp: hcp, channel: code, shape: shape[hcp]) }
        let column = columnOfChannel[code]
        let width = gainWidth
        let segments = width > 0 ? gain.count / width - 1 : 0
        let s = segment[hcp] < 0 || Int(segment[hcp]) >= segments ? segments : Int(segment[hcp])
        // A channel without history has the prior's effect.
        let beta = column < 0 ? PanelRegression.priorMean : gain[s * width + column]
        let sd = column < 0 ? PanelRegression.priorSD : gainSD[s * width + column]
        let carried = column < 0 ? 0 : Double(carry[hcp * width + column])
        let base = Double(untouched[hcp])
        let relative = beta > 0 ? pow(sd / beta, 2) : 1
        return TouchGain(
            reached: Float(base * lift(beta, carried, Double(ExposureWeight.byLevel[1]))),
            engaged: Float(base * lift(beta, carried, Double(ExposureWeight.byLevel[2]))),
            relativeVariance: Float(relative) + 1 / max(shape[hcp], 0.1))
    }

    /// The gains of a range of HCPs on one channel.
    package func gains(hcps: Range<Int>, channel code: Int) -> [TouchGain] {
        hcps.map { gain(hcp: $0, channel: code) }
    }

    private var gainWidth: Int { effects.count }

    /// Σ over the horizon of (1 + A + w)^β / (1 + A)^β − 1, both A and w fading by the carry-over.
    private func lift(_ beta: Double, _ carried: Double, _ weight: Double) -> Double {
        var stock = carried * carryOver
        var touch = weight
        var sum = 0.0
        for _ in 0..<options.horizonMonths {
            sum += expm1(beta * log1p(touch / (1 + stock)))
            stock *= carryOver
            touch *= carryOver
            if touch < 1e-3 { break }
        }
        return sum
    }
}
