import Foundation
import Statistics

/// The six estimators of a policy's value from another policy's log.
package enum PolicyEstimator: String, Sendable, CaseIterable {
    /// Inverse propensity score: mean of w·r.
    case ips
    /// Self-normalised: Σw·r / Σw.
    case snips
    /// Direct method: mean of the model's expected reward under the policy.
    case dm
    /// Doubly robust: direct method plus w times the model's error on the logged action.
    case dr
    /// Doubly robust where w ≤ λ, direct method beyond.
    case switchDR = "switch-dr"
    /// Doubly robust with optimistically shrunk weights λw / (w² + λ).
    case dros

    package var needsModel: Bool { self != .ips && self != .snips }

    /// The weight with which the model's error counts.
    @inline(__always) func weight(_ w: Double, _ lambda: Double) -> Double {
        switch self {
        case .switchDR: w <= lambda ? w : 0
        case .dros: lambda.isInfinite ? w : (w > 0 ? lambda * w / (w * w + lambda) : 0)
        case .dm: 0
        default: w
        }
    }

    /// Each row's share in the estimate: the estimate is their mean, for `snips` over the mean weight.
    package func contributions(
        _ weights: [Double], _ rewards: [Double], _ model: RewardPredictions?, lambda: Double
    ) -> [Double] {
        guard needsModel, let model else { return zip(weights, rewards).map { $0 * $1 } }
        return weights.indices.map { row in
            model.policy[row] + weight(weights[row], lambda) * (rewards[row] - model.logged[row])
        }
    }

    /// The λ that the log can bear: from the widest interval to the narrowest, the last whose estimate still agrees
    /// with all wider ones.
    ///
    /// Source: SLOPE, Su, Srinath, Krishnamurthy, "Adaptive estimator selection for off-policy evaluation" (ICML,
    /// 2020); the factor √6 − 1 and one-sided intervals at 95% as in Open Bandit Pipeline.
    package func tuned(_ weights: [Double], _ rewards: [Double], _ model: RewardPredictions) -> Double {
        guard self == .switchDR || self == .dros else { return .infinity }
        let n = Double(weights.count)
        let order = weights.sorted()
        let quantiles = (1...20).map { order[min(order.count - 1, order.count * $0 / 20)] }
        let grid =
            self == .switchDR
            ? Array(Set([0] + quantiles)).sorted() : [0] + (0...12).map { pow(10, Double($0) / 2 - 1) } + [.infinity]
        let candidates = grid.map { lambda -> (lambda: Double, value: Double, half: Double) in
            let values = contributions(weights, rewards, model, lambda: lambda)
            let mean = values.reduce(0, +) / n
            let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / n
            return (lambda, mean, Special.normalQuantile(0.95) * (variance / max(n - 1, 1)).squareRoot())
        }
        // Of equally wide ones the least shrunk comes first.
        let widest = candidates.sorted { ($0.half, $0.lambda) > ($1.half, $1.lambda) }
        let factor = 6.0.squareRoot() - 1
        var accepted: [(lambda: Double, value: Double, half: Double)] = []
        for candidate in widest {
            let agrees = accepted.allSatisfy {
                abs($0.value - candidate.value) <= candidate.half + factor * $0.half
            }
            if !agrees { break }
            accepted.append(candidate)
        }
        return accepted.last?.lambda ?? .infinity
    }
}
