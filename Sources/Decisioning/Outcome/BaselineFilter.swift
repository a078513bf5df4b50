import Foundation
import Statistics

/// Each HCP's own level, following slow change: a gamma belief that is discounted every month.
///
/// Belief Gamma(α, r) on the level; before each month α and r go back towards the segment's prior by 1 − ω, the month's
/// outcome has mean level × e_t and adds (y, e) to them. Predictions are negative binomial with shape α, and ω and the
/// prior's strength are the ones that predicted best (Harvey and Fernandes 1989).
struct BaselineFilter: Sendable {
    /// Share of the belief that is kept from month to month.
    var keep: Double
    /// Shape of the prior: small = HCPs differ much.
    var shape: Double
    /// Outcomes are counted in units of the dispersion, so that euros or boxes are not taken for so many events.
    var unit: Double
    /// Mean level of each segment; the last is "unknown".
    var levels: [Double]

    struct Belief {
        var shape: Double
        var rate: Double
        var level: Double { shape / rate }
    }

    func prior(_ segment: Int) -> Belief {
        let level = max(levels[segment], 1e-6)
        return Belief(shape: shape, rate: shape / (level / unit))
    }

    /// Belief before a month, given that of the month before.
    @inline(__always) func forecast(_ belief: Belief, _ prior: Belief) -> Belief {
        Belief(
            shape: keep * belief.shape + (1 - keep) * prior.shape, rate: keep * belief.rate + (1 - keep) * prior.rate)
    }

    /// Runs over the months of one HCP and returns the belief for the next month, and the log likelihood of the one-step
    /// predictions if asked.
    func run(_ outcome: [Double], _ expected: [Double], segment: Int, scores: Bool = false) -> (Belief, Double) {
        let prior = prior(segment)
        var belief = prior
        var logLikelihood = 0.0
        for t in outcome.indices {
            belief = forecast(belief, prior)
            let y = outcome[t] / unit
            if scores, t >= 3 {
                logLikelihood += Distributions.logNegativeBinomial(
                    y, mean: max(belief.level * expected[t], 1e-9), shape: belief.shape)
            }
            belief.shape += y
            belief.rate += expected[t]
        }
        return (forecast(belief, prior), logLikelihood)
    }
}
