/// A log of decisions with the probability with which each was taken, and the policy to be evaluated on it.
package struct LoggedDecisions: Sendable {
    /// What the evaluated policy would do.
    package enum Policy: Sendable {
        /// Only its probability of the logged action is known.
        case ofLoggedAction
        /// The same probabilities in every row: positions × actions, row-major.
        case contextFree([Double])
        /// rows × actions, row-major.
        case rows([Double])
    }

    /// Logged action of each row, 0..<actionCount.
    package var actions: [Int32]
    package var actionCount: Int
    package var rewards: [Double]
    /// Probability with which the logged action was taken, in (0, 1].
    package var propensities: [Double]
    /// The evaluated policy's probability of the logged action, in [0, 1].
    package var targets: [Double]
    /// Place on the page or in the list, 0..<positionCount; a reward model is fitted for each.
    package var positions: [Int32]
    package var positionCount: Int
    package var policy: Policy

    package init(
        actions: [Int32], actionCount: Int, rewards: [Double], propensities: [Double], targets: [Double],
        positions: [Int32]? = nil, positionCount: Int = 1, policy: Policy = .ofLoggedAction
    ) {
        self.actions = actions
        self.actionCount = actionCount
        self.rewards = rewards
        self.propensities = propensities
        self.targets = targets
        self.positions = positions ?? [Int32](repeating: 0, count: actions.count)
        self.positionCount = positions == nil ? 1 : positionCount
        self.policy = policy
    }

    package var count: Int { actions.count }

    /// Importance weights: the evaluated policy's probability over the logging policy's.
    package var weights: [Double] { zip(targets, propensities).map { $0 / $1 } }

    /// The evaluated policy's probability of `action` in `row`; 0 where it is not known.
    @inline(__always) func probability(_ row: Int, _ action: Int) -> Double {
        switch policy {
        case .ofLoggedAction: 0
        case .contextFree(let table): table[Int(positions[row]) * actionCount + action]
        case .rows(let table): table[row * actionCount + action]
        }
    }

    /// Recovers the whole policy from its probabilities of the logged actions, when those depend on action and
    /// position alone and add up to one; nil otherwise.
    package func contextFreePolicy() -> Policy? {
        var table = [Double](repeating: .nan, count: positionCount * actionCount)
        for row in 0..<count {
            let cell = Int(positions[row]) * actionCount + Int(actions[row])
            if table[cell].isNaN { table[cell] = targets[row] }
            guard abs(table[cell] - targets[row]) <= 1e-9 else { return nil }
        }
        for position in 0..<positionCount {
            let line = table[(position * actionCount)..<((position + 1) * actionCount)]
            let sum = line.reduce(0) { $0 + ($1.isNaN ? 0 : $1) }
            guard abs(sum - 1) <= 1e-6 else { return nil }
        }
        return .contextFree(table.map { $0.isNaN ? 0 : $0 })
    }
}

/// How much the log says about the evaluated policy.
package struct PolicySupport: Sendable {
    /// (Σw)² / Σw²: the number of rows drawn from the evaluated policy itself that would say as much (Kish 1965).
    package var effectiveSampleSize: Double
    package var maxWeight: Double
    /// Mean importance weight; 1 in expectation when the log covers the policy and the propensities are right.
    package var meanWeight: Double
    package var meanWeightError: Double
    /// Share of rows whose logged action the evaluated policy might take.
    package var rowsInSupport: Double
    /// Share of the evaluated policy's choices that fall on actions which the log never took; nil when not known.
    package var unsupported: Double?

    package init(_ log: LoggedDecisions) {
        let n = Double(max(log.count, 1))
        let weights = log.weights
        let sum = weights.reduce(0, +)
        // Relative to the largest weight, so that squares neither overflow nor vanish.
        maxWeight = weights.max() ?? 0
        let scale = maxWeight > 0 ? maxWeight : 1
        let squares = weights.reduce(0) { $0 + ($1 / scale) * ($1 / scale) }
        effectiveSampleSize = squares > 0 ? (sum / scale) * (sum / scale) / squares : 0
        meanWeight = sum / n
        let variance = weights.reduce(0) { $0 + ($1 - sum / n) * ($1 - sum / n) } / max(n - 1, 1)
        meanWeightError = (variance / n).squareRoot()
        rowsInSupport = Double(weights.count { $0 > 0 }) / n
        if case .ofLoggedAction = log.policy { return }
        var seen = [Bool](repeating: false, count: log.positionCount * log.actionCount)
        for row in 0..<log.count { seen[Int(log.positions[row]) * log.actionCount + Int(log.actions[row])] = true }
        var lost = 0.0
        for row in 0..<log.count {
            let base = Int(log.positions[row]) * log.actionCount
            for action in 0..<log.actionCount where !seen[base + action] { lost += log.probability(row, action) }
        }
        unsupported = lost / n
    }
}
