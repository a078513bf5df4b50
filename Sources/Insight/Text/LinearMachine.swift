import Statistics

/// One linear score a class: one-against-rest support vector machines with squared hinge loss and L2 regularisation.
///
/// Dual coordinate descent: Hsieh and others, "A dual coordinate descent method for large-scale linear SVM" (ICML 2008),
/// algorithm 3 with shrinking; the intercept is a feature of value 1.
struct LinearMachine: Sendable {
    /// Per class `width` weights and the intercept.
    private(set) var weights: [[Double]]
    /// Dual variables, to start from at the next, weaker regularisation.
    private var duals: [[Double]]

    /// - Parameters:
    ///   - labels: class of each row.
    ///   - cost: C, the weight of the loss against the regularisation.
    ///   - start: a machine of the same rows at a smaller cost.
    init(
        _ rows: SparseRows, labels: [Int32], classes: Int, cost: Double, seed: UInt64, start: LinearMachine? = nil,
        tolerance: Double = 0.1, maximumEpochs: Int = 200
    ) {
        let squares = (0..<rows.count).map { row in
            rows.values[rows.offsets[row]..<rows.offsets[row + 1]].reduce(1) { $0 + $1 * $1 }
        }
        let fitted = (0..<classes).map { label in
            var generator = SeededGenerator(seed: seed, stream: UInt64(label))
            return Self.fit(
                rows, squares, labels.map { $0 == label }, cost, start?.duals[label], tolerance, maximumEpochs,
                &generator)
        }
        weights = fitted.map(\.weights)
        duals = fitted.map(\.duals)
    }

    /// A machine that was trained before; it cannot be a start.
    init(weights: [[Double]]) { (self.weights, duals) = (weights, []) }

    private static func fit(
        _ rows: SparseRows, _ squares: [Double], _ positive: [Bool], _ cost: Double, _ start: [Double]?,
        _ tolerance: Double, _ maximumEpochs: Int, _ generator: inout SeededGenerator
    ) -> (weights: [Double], duals: [Double]) {
        let n = rows.count
        let diagonal = 0.5 / cost
        var duals = start ?? [Double](repeating: 0, count: n)
        var weights = [Double](repeating: 0, count: rows.width + 1)
        var active = (0..<n).map { Int32($0) }
        rows.offsets.withUnsafeBufferPointer { offsets in
            rows.indices.withUnsafeBufferPointer { indices in
                rows.values.withUnsafeBufferPointer { values in
                    weights.withUnsafeMutableBufferPointer { weights in
                        let bias = weights.count - 1
                        func add(_ row: Int, _ amount: Double) {
                            for i in offsets[row]..<offsets[row + 1] { weights[Int(indices[i])] += amount * values[i] }
                            weights[bias] += amount
                        }
                        for row in 0..<n where duals[row] != 0 { add(row, positive[row] ? duals[row] : -duals[row]) }
                        var (count, bound) = (n, Double.infinity)
                        for _ in 0..<maximumEpochs {
                            for i in 0..<count { active.swapAt(i, i + generator.below(count - i)) }
                            var (largest, smallest) = (-Double.infinity, Double.infinity)
                            var i = 0
                            while i < count {
                                let row = Int(active[i])
                                let y = positive[row] ? 1.0 : -1.0
                                var score = weights[bias]
                                for k in offsets[row]..<offsets[row + 1] {
                                    score += weights[Int(indices[k])] * values[k]
                                }
                                let gradient = y * score - 1 + diagonal * duals[row]
                                if duals[row] == 0, gradient > bound {
                                    // Far beyond the margin: it will stay at 0.
                                    count -= 1
                                    active.swapAt(i, count)
                                    continue
                                }
                                let projected = duals[row] == 0 ? min(gradient, 0) : gradient
                                largest = max(largest, projected)
                                smallest = min(smallest, projected)
                                if abs(projected) > 1e-12 {
                                    let new = max(0, duals[row] - gradient / (squares[row] + diagonal))
                                    add(row, (new - duals[row]) * y)
                                    duals[row] = new
                                }
                                i += 1
                            }
                            if largest - smallest <= tolerance {
                                if count == n { break }
                                (count, bound) = (n, .infinity)
                            } else {
                                bound = largest > 0 ? largest : .infinity
                            }
                        }
                    }
                }
            }
        }
        return (weights, duals)
    }

    /// Scores of every class for every row, row after row.
    func scores(_ rows: SparseRows) -> [Double] {
        var result: [Double] = []
        result.reserveCapacity(rows.count * weights.count)
        for row in 0..<rows.count {
            for weights in weights {
                var score = weights[rows.width]
                for i in rows.offsets[row]..<rows.offsets[row + 1] {
                    score += weights[Int(rows.indices[i])] * rows.values[i]
                }
                result.append(score)
            }
        }
        return result
    }
}
