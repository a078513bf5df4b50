/// Many separate choices that share limits: at most one candidate a group, and over all groups the uses of each
/// shared thing between its floor and its limit.
///
/// Candidates of a group lie side by side; uses of a candidate lie side by side.
package struct ChoiceProblem: Sendable {
    /// Candidates of group g: groupStarts[g]..<groupStarts[g + 1].
    package var groupStarts: [Int32]
    package var values: [Double]
    /// Uses of candidate c: useStarts[c]..<useStarts[c + 1].
    package var useStarts: [Int32]
    package var useLimits: [Int32]
    /// Not negative, finite.
    package var useAmounts: [Double]
    /// Infinite where there is none.
    package var limits: [Double]
    /// 0 where there is none.
    package var floors: [Double]

    package init(
        groupStarts: [Int32], values: [Double], useStarts: [Int32], useLimits: [Int32], useAmounts: [Double],
        limits: [Double], floors: [Double]
    ) {
        self.groupStarts = groupStarts
        self.values = values
        self.useStarts = useStarts
        self.useLimits = useLimits
        self.useAmounts = useAmounts
        self.limits = limits
        self.floors = floors
    }

    package var groupCount: Int { groupStarts.count - 1 }
    package var candidateCount: Int { values.count }

    @inline(__always) func candidates(_ group: Int) -> Range<Int> {
        Int(groupStarts[group])..<Int(groupStarts[group + 1])
    }

    @inline(__always) func uses(_ candidate: Int) -> Range<Int> {
        Int(useStarts[candidate])..<Int(useStarts[candidate + 1])
    }

    /// What a choice (candidate or -1 for each group) uses of each shared thing.
    package func usage(_ choice: [Int32]) -> [Double] {
        var used = [Double](repeating: 0, count: limits.count)
        for candidate in choice where candidate >= 0 {
            for use in uses(Int(candidate)) { used[Int(useLimits[use])] += useAmounts[use] }
        }
        return used
    }

    package func value(_ choice: [Int32]) -> Double {
        choice.reduce(0) { $1 >= 0 ? $0 + values[Int($1)] : $0 }
    }

    /// Limits exceeded or floors missed by more than rounding.
    package func violations(_ choice: [Int32]) -> [Int] {
        let used = usage(choice)
        return limits.indices.filter { k in
            used[k] > limits[k] + 1e-9 * abs(limits[k]) || used[k] < floors[k] - 1e-9 * abs(floors[k])
        }
    }
}

/// What was chosen, and how good it is at most.
package struct ChoiceResult: Sendable {
    /// Candidate of each group, -1 for none.
    package var choice: [Int32]
    /// Probability of each candidate under the whole procedure, repair included.
    package var propensities: [Double]
    package var objective: Double
    /// No choice within the limits is worth more.
    package var upperBound: Double
    /// Value of one more unit of each shared thing; negative where a floor costs.
    package var prices: [Double]
    /// Sweeps over all groups.
    package var iterations: Int
    /// Limits or floors that the choice breaks; empty unless the floors cannot be met.
    package var violations: [Int]
    /// Whether the objective was proved to be the best there is.
    package var isOptimal: Bool

    /// (upper bound − objective) / |upper bound|.
    package var gap: Double {
        upperBound == objective ? 0 : (upperBound - objective) / max(abs(upperBound), 1e-300)
    }
}
