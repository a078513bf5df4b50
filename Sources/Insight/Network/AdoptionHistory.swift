/// Who adopted when, and what else is known of each node: the input of the exposure model.
package struct AdoptionHistory: Sendable {
    /// A column that is a control in the hazard.
    package struct Covariate: Sendable {
        package enum Values: Sendable {
            /// One a node.
            case constant([Double])
            /// One a node and period, node after node; what is known *before* the period's decision.
            case perPeriod([Double])
        }
        package var name: String
        package var values: Values
        /// Contact with the company's people or media: the control without which exposure takes credit for marketing.
        package var isContact: Bool

        package init(name: String, values: Values, isContact: Bool = false) {
            self.name = name
            self.values = values
            self.isContact = isContact
        }
    }

    /// Period of adoption, 1…periods; nil = not adopted by then.
    package var adopted: [Int?]
    /// Last observed period.
    package var periods: Int
    /// False for nodes that count as peers only: nothing is known of them.
    package var observed: [Bool]
    package var covariates: [Covariate]

    package init(adopted: [Int?], periods: Int, observed: [Bool], covariates: [Covariate]) {
        self.adopted = adopted
        self.periods = periods
        self.observed = observed
        self.covariates = covariates
    }

    /// Periods as consecutive bins with at least `adoptions` adoptions each, because a period without any has no
    /// estimable level of its own. Returns the bin of each period 1…periods at index period − 1.
    func periodBins(atLeast adoptions: Int) -> [Int] {
        var events = [Int](repeating: 0, count: periods)
        for node in adopted.indices where observed[node] {
            if let period = adopted[node], period >= 1, period <= periods { events[period - 1] += 1 }
        }
        var bins: [Int] = []
        var (bin, inBin) = (0, 0)
        for period in 0..<periods {
            bins.append(bin)
            inBin += events[period]
            if inBin >= adoptions, events[(period + 1)...].reduce(0, +) >= adoptions { (bin, inBin) = (bin + 1, 0) }
        }
        return bins
    }
}
