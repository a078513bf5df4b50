/// How well scores rank people by the effect of a treatment.
///
/// Definitions are those of scikit-uplift: people in order of falling score, ties together; areas by trapezoids, less
/// the straight line, over the same for the best possible order. Source: Radcliffe, "Using control groups to target
/// on predicted lift" (2007); Gutierrez and Gérardy, "Causal inference and uplift modelling" (2016).
package struct UpliftCurves: Sendable {
    private let scores: [Double]
    private let treated: [Bool]
    private let outcomes: [Double]
    /// Rows by falling score; among equal ones the later row first, as the reference's reversed stable sort has it.
    private let order: [Int]

    package init(scores: [Double], treated: [Bool], outcomes: [Double]) {
        self.scores = scores
        self.treated = treated
        self.outcomes = outcomes
        order = scores.indices.sorted { (scores[$0], $0) > (scores[$1], $1) }
    }

    private enum Kind { case uplift, qini }

    /// Normalised area under the Qini curve.
    package var qiniAUC: Double {
        let best = scores.indices.map { treated[$0] ? outcomes[$0] : -outcomes[$0] }
        return normalised(.qini, best: best)
    }

    /// Normalised area under the uplift curve; nil unless every outcome is 0 or 1, which alone has a best order.
    package var upliftAUC: Double? {
        guard outcomes.allSatisfy({ $0 == 0 || $0 == 1 }) else { return nil }
        var (responders, silent) = (0, 0)
        for row in outcomes.indices {
            if outcomes[row] == 1 && !treated[row] { responders += 1 }
            if outcomes[row] == 0 && treated[row] { silent += 1 }
        }
        let best = scores.indices.map { row -> Double in
            let treatment = treated[row] ? 1.0 : 0
            return 2 * (outcomes[row] == treatment ? 1 : 0) + (responders > silent ? outcomes[row] : treatment)
        }
        return normalised(.uplift, best: best)
    }

    /// Difference in mean outcome, treated less control, among the share with the highest scores; nil when one of the
    /// two is missing there.
    package func uplift(at share: Double) -> Double? {
        var (sums, counts) = ((0.0, 0.0), (0.0, 0.0))
        for row in order.prefix(Int(Double(order.count) * share)) {
            if treated[row] {
                sums.1 += outcomes[row]
                counts.1 += 1
            } else {
                sums.0 += outcomes[row]
                counts.0 += 1
            }
        }
        return counts.0 > 0 && counts.1 > 0 ? sums.1 / counts.1 - sums.0 / counts.0 : nil
    }

    private func normalised(_ kind: Kind, best: [Double]) -> Double {
        let actual = area(kind, scores, order)
        let bestOrder = best.indices.sorted { (best[$0], $0) > (best[$1], $1) }
        let perfect = area(kind, best, bestOrder)
        let baseline = perfect.last * Double(scores.count) / 2
        let room = perfect.area - baseline
        return room == 0 ? .nan : (actual.area - baseline) / room
    }

    /// Area under a curve over the number of people, and its last value.
    private func area(_ kind: Kind, _ scores: [Double], _ order: [Int]) -> (area: Double, last: Double) {
        var (treatedCount, treatedSum, controlCount, controlSum) = (0.0, 0.0, 0.0, 0.0)
        var (area, lastCount, lastValue) = (0.0, 0.0, 0.0)
        for (place, row) in order.enumerated() {
            if treated[row] {
                treatedCount += 1
                treatedSum += outcomes[row]
            } else {
                controlCount += 1
                controlSum += outcomes[row]
            }
            // Equal scores make one step.
            if place + 1 < order.count && scores[order[place + 1]] == scores[row] { continue }
            let count = Double(place + 1)
            let value: Double
            switch kind {
            case .qini: value = treatedSum - (controlCount > 0 ? controlSum * treatedCount / controlCount : 0)
            case .uplift:
                let a = treatedCount > 0 ? treatedSum / treatedCount : 0
                let b = controlCount > 0 ? controlSum / controlCount : 0
                value = (a - b) * count
            }
            area += (count - lastCount) * (value + lastValue) / 2
            (lastCount, lastValue) = (count, value)
        }
        return (area, lastValue)
    }
}
