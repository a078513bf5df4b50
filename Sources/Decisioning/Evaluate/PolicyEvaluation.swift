import Statistics

/// What a policy would have earned on a log, by all six estimators, with intervals that hold when the rows of one
/// person hang together.
///
/// Rows are decisions; clusters are people. Sums over a person's rows are the unit of every interval: a plain mean is
/// the ratio of summed contributions to summed rows, the self-normalised one of contributions to weights.
package struct PolicyEvaluation: Sendable {
    package struct Line: Sendable {
        package var estimator: PolicyEstimator
        package var value: PolicyValue
        /// Contribution of each cluster, and its share of the denominator.
        var sums: [Double]
        var shares: [Double]
    }

    package let rows: Int
    package let clusters: Int
    package let support: PolicySupport
    package let lines: [Line]

    /// Refuse when the log is worth fewer rows of the policy than this.
    package static let minimumEffectiveSize = 30.0
    /// Refuse when a larger share of the policy's choices are actions that the log never took.
    package static let largestUnsupportedShare = 0.05
    /// Refuse when the mean weight is this far below 1: the log does not cover the policy.
    package static let largestLostWeight = 0.2

    /// - Parameters:
    ///   - clusters: person of each row, 0..<clusterCount.
    ///   - context: columns of the rows for the reward model, without the action.
    package init(
        _ log: LoggedDecisions, clusters person: [Int32], clusterCount: Int, context: DesignColumns, folds: Int = 3,
        level: Double = 0.95, seed: UInt64
    ) {
        rows = log.count
        clusters = clusterCount
        support = PolicySupport(log)
        let weights = log.weights
        let model = RewardModel.predictions(
            log, context: context, folds: folds, divisions: log.count <= 20_000 ? 5 : 1, seed: seed)
        let intervals = PolicyIntervals(kind: clusterCount <= 50_000 ? .bootstrap : .normal, level: level, seed: seed)
        func summed(_ values: [Double]) -> [Double] {
            var sums = [Double](repeating: 0, count: clusterCount)
            for row in values.indices { sums[Int(person[row])] += values[row] }
            return sums
        }
        let ones = summed([Double](repeating: 1, count: log.count))
        let weighed = summed(weights)
        lines = PolicyEstimator.allCases.map { estimator in
            let isTuned = estimator == .switchDR || estimator == .dros
            let lambda = isTuned ? estimator.tuned(weights, log.rewards, model) : nil
            let sums = summed(
                estimator.contributions(weights, log.rewards, model, lambda: lambda ?? .infinity))
            let shares = estimator == .snips ? weighed : ones
            var value = intervals.estimate(sums, over: shares)
            value.lambda = lambda
            return Line(estimator: estimator, value: value, sums: sums, shares: shares)
        }
    }

    package subscript(_ estimator: PolicyEstimator) -> Line {
        // Every estimator has a line, in the order of `allCases`.
        lines[PolicyEstimator.allCases.firstIndex(of: estimator) ?? 0]
    }

    /// Why the log says too little about the policy; nil = it says enough.
    package func refusal(minimum: Double = minimumEffectiveSize) -> String? {
        func shown(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }
        if support.effectiveSampleSize < minimum {
            return "the log is worth \(shown(support.effectiveSampleSize)) rows of the policy, fewer than "
                + shown(minimum)
        }
        if let share = support.unsupported, share > Self.largestUnsupportedShare {
            return "\(shown(share * 100))% of the policy's choices are actions that the log never took"
        }
        let lost = 1 - support.meanWeight
        if lost > Self.largestLostWeight && lost > 4 * support.meanWeightError {
            return "the log covers only \(shown(support.meanWeight * 100))% of what the policy would do"
        }
        return nil
    }

    /// This policy's value less another's on the same rows, with the interval of the difference: what both share
    /// cancels. Standard errors by the influence of each person on either ratio.
    package func lead(over other: PolicyEvaluation, _ estimator: PolicyEstimator, level: Double = 0.95) -> PolicyValue {
        let (mine, theirs) = (self[estimator], other[estimator])
        let n = Double(max(mine.sums.count, 1))
        func influence(_ line: Line) -> [Double] {
            let mean = line.shares.reduce(0, +) / n
            return line.sums.indices.map { (line.sums[$0] - line.value.value * line.shares[$0]) / max(mean, 1e-300) }
        }
        let variance = zip(influence(mine), influence(theirs)).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        let error = (variance / max(n - 1, 1) / n).squareRoot()
        let value = mine.value.value - theirs.value.value
        let z = Special.normalQuantile(0.5 + level / 2)
        return PolicyValue(value: value, low: value - z * error, high: value + z * error, standardError: error)
    }
}
