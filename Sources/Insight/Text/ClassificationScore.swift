import Foundation

/// How often the likeliest class was right, by class, and what its probabilities were worth.
package struct ClassificationScore: Sendable {
    package struct Label: Sendable, Hashable {
        package var name: String
        /// Texts that have it.
        package var count: Int
        package var precision: Double
        package var recall: Double
        package var f1: Double
    }

    package var accuracy: Double
    /// Mean F1 over the labels that occur in truth or prediction.
    package var macroF1: Double
    /// In the order of `names`.
    package var labels: [Label]
    /// Expected calibration error of the likeliest class' probability, ten bins of equal count.
    package var calibrationError: Double

    package init(truth: [Int], predicted: [Int], probability: [Double], names: [String]) {
        precondition(truth.count == predicted.count && truth.count == probability.count, "one of each a text")
        var (has, said, right) = (
            [Int](repeating: 0, count: names.count), [Int](repeating: 0, count: names.count),
            [Int](repeating: 0, count: names.count)
        )
        for (t, p) in zip(truth, predicted) {
            has[t] += 1
            said[p] += 1
            if t == p { right[t] += 1 }
        }
        let all = names.indices.map { c -> Label in
            let precision = said[c] > 0 ? Double(right[c]) / Double(said[c]) : 0
            let recall = has[c] > 0 ? Double(right[c]) / Double(has[c]) : 0
            let f1 = has[c] + said[c] > 0 ? 2 * Double(right[c]) / Double(has[c] + said[c]) : 0
            return Label(name: names[c], count: has[c], precision: precision, recall: recall, f1: f1)
        }
        let present = all.indices.filter { has[$0] + said[$0] > 0 }
        labels = all
        accuracy = truth.isEmpty ? 0 : Double(right.reduce(0, +)) / Double(truth.count)
        macroF1 = present.isEmpty ? 0 : present.reduce(0) { $0 + all[$1].f1 } / Double(present.count)
        let order = truth.indices.sorted { (probability[$0], $0) < (probability[$1], $1) }
        let bins = min(10, truth.count)
        var error = 0.0
        for bin in 0..<bins {
            let rows = order[(bin * order.count / bins)..<((bin + 1) * order.count / bins)]
            let gap = rows.reduce(0.0) { $0 + probability[$1] - (truth[$1] == predicted[$1] ? 1 : 0) }
            error += abs(gap)
        }
        calibrationError = truth.isEmpty ? 0 : error / Double(truth.count)
    }
}
