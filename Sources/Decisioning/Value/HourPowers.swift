internal import Foundation

/// What an answer on another channel counts for when the favourite hour of one is asked: 0 nothing, 1 as much as its own.
///
/// A normalised power prior over the 24 hours: the belief from the other channels' answers, raised to a power, is the
/// prior of the channel's own. The powers are learnt from all HCPs who answer on both, by the marginal likelihood of the
/// own answers, as the mean of their posterior under a uniform prior: one half where nothing is known. (Ibrahim, Chen,
/// "Power prior distributions for regression models", 2000; Gravestock, Held, "Adaptive power priors with empirical
/// Bayes for clinical trials", 2017.)
package struct HourPowers: Sendable, Hashable {
    /// Of channels of its kind (a person speaks, or a message comes).
    package var kind = 0.5
    package var other = 0.5

    /// What one HCP's answers say of each favourite hour, as log likelihoods.
    struct Case: Sendable {
        var own: [Double]
        var kind: [Double]
        var other: [Double]
    }

    private static let steps = 10

    init() {}

    /// - Parameter prior: how common each favourite hour is on the channel.
    init(_ cases: [Case], prior: [Double]) {
        let side = Self.steps + 1
        var scores = [Double](repeating: 0, count: side * side)
        // e^(w·evidence) for every power w, so that no pair of powers needs an exponential.
        func powers(_ evidence: [Double]) -> [Double] {
            let top = evidence.max() ?? 0
            return (0..<side).flatMap { step in
                evidence.map { exp(Double(step) / Double(Self.steps) * ($0 - top)) }
            }
        }
        for one in cases {
            let (kind, other) = (powers(one.kind), powers(one.other))
            let top = one.own.max() ?? 0
            let own = one.own.map { exp($0 - top) }
            for i in 0..<side {
                for j in 0..<side {
                    var (all, both) = (0.0, 0.0)
                    for h in 0..<24 {
                        let weight = prior[h] * kind[i * 24 + h] * other[j * 24 + h]
                        all += weight
                        both += weight * own[h]
                    }
                    scores[i * side + j] += log(max(both, 1e-300) / max(all, 1e-300))
                }
            }
        }
        let top = scores.max() ?? 0
        var (sum, first, second) = (0.0, 0.0, 0.0)
        for i in 0..<side {
            for j in 0..<side {
                let weight = exp(scores[i * side + j] - top)
                sum += weight
                first += weight * Double(i)
                second += weight * Double(j)
            }
        }
        kind = first / sum / Double(Self.steps)
        other = second / sum / Double(Self.steps)
    }
}
