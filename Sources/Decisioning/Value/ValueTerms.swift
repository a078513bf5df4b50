package import EngagementModel

/// What one action costs and what its outcome is worth.
package struct ValueTerms: Sendable, Hashable, Codable {
    /// Position in the list of outcome models; nil = no objective, the touch is worth nothing but its service.
    package var objective: Int?
    /// Currency for a unit of the outcome, and the strategy's lever on it.
    package var valuePerUnit: Double
    package var lever: Double
    /// Currency per touch.
    package var cost: Double

    package init(objective: Int?, valuePerUnit: Double, lever: Double = 1, cost: Double = 0) {
        self.objective = objective
        self.valuePerUnit = valuePerUnit
        self.lever = lever
        self.cost = cost
    }

    /// The terms of a channel and an objective of the strategy.
    package init(_ strategy: Strategy, channel: Channel, objective: Int?) {
        let goal = objective.map { strategy.objectives[$0] }
        self.init(
            objective: objective, valuePerUnit: goal?.valuePerUnit ?? 0, lever: goal?.lever ?? 1,
            cost: strategy.channels[channel]?.cost ?? 0)
    }

    /// effect × value × lever − cost.
    @inline(__always) package func value(effect: Float) -> Float {
        effect * Float(valuePerUnit * lever) - Float(cost)
    }
}

/// A scale of values from which a temperature follows.
package enum ValueScale {
    /// Median over HCPs of the best eligible positive value; 0 when nothing is worth its cost.
    ///
    /// A temperature of a few percent of it lets near ties share the plan and leaves clear cases alone.
    /// - Parameter isEligible: by candidate, row-major as `values`.
    package static func typical(values: [Float], actions: Int, isEligible: (Int) -> Bool) -> Double {
        guard actions > 0 else { return 0 }
        var best: [Float] = []
        for row in 0..<(values.count / actions) {
            var top: Float = 0
            for k in (row * actions)..<((row + 1) * actions) where values[k] > top && isEligible(k) { top = values[k] }
            if top > 0 { best.append(top) }
        }
        guard !best.isEmpty else { return 0 }
        best.sort()
        return Double(best[best.count / 2])
    }
}
