import Foundation
import Statistics

/// Linear or logistic regression with a quadratic penalty on every coefficient but the constant.
///
/// Minimises ½ penalty·‖β‖² + Σ w·loss, the loss half the squared error or the negative log likelihood: penalty 1 is
/// scikit-learn's default for logistic regression. Newton's method with step halving; exact for the linear case.
/// Source: Hastie, Tibshirani, Friedman, "The Elements of Statistical Learning" (2009), sections 3.4.1 and 4.4.1.
package struct PenalisedRegression: Sendable {
    package enum Family: Sendable { case linear, logistic }

    package let family: Family
    package private(set) var coefficients: [Double]

    /// - Parameters:
    ///   - rows: those to learn from.
    ///   - weights: of every row of `design`, or nil for one each.
    package init(
        _ family: Family, _ design: DesignColumns, outcomes: [Double], rows: [Int], weights: [Double]? = nil,
        penalty: Double = 1
    ) {
        self.family = family
        coefficients = [Double](repeating: 0, count: design.size)
        guard !rows.isEmpty else { return }
        let total = rows.reduce(0) { $0 + (weights?[$1] ?? 1) }
        let mean = rows.reduce(0) { $0 + (weights?[$1] ?? 1) * outcomes[$1] } / max(total, 1e-300)
        coefficients[0] =
            family == .linear ? mean : Special.logit(min(max(mean, 0.5 / (total + 1)), 1 - 0.5 / (total + 1)))
        var best = Sums(family, design, outcomes, rows, weights, penalty, coefficients)
        for _ in 0..<50 {
            guard let factor = Self.factor(best.curvature, design.size) else { return }
            let step = factor.solve(best.gradient)
            var length = 1.0
            var moved = false
            while length > 1e-4 {
                let trial = zip(coefficients, step).map { $0 - length * $1 }
                let sums = Sums(family, design, outcomes, rows, weights, penalty, trial)
                if sums.loss <= best.loss + 1e-12 * abs(best.loss) {
                    (coefficients, best, moved) = (trial, sums, true)
                    break
                }
                length /= 2
            }
            let largest = step.reduce(0) { max($0, abs($1)) }
            if !moved || family == .linear || largest * length < 1e-9 { return }
        }
    }

    /// A ridge of rounding size keeps a constant column apart from the constant.
    private static func factor(_ matrix: [Double], _ size: Int) -> Cholesky? {
        var matrix = matrix
        let trace = (0..<size).reduce(0) { $0 + matrix[$1 * size + $1] }
        for k in 0..<size { matrix[k * size + k] += 1e-12 * (trace / Double(size)) }
        return Cholesky(matrix, size: size)
    }

    /// The linear predictor of a row.
    package func score(_ design: DesignColumns, _ row: Int) -> Double {
        withUnsafeTemporaryAllocation(of: Int32.self, capacity: design.width) { index in
            withUnsafeTemporaryAllocation(of: Double.self, capacity: design.width) { value in
                guard let i = index.baseAddress, let v = value.baseAddress else { return 0 }
                let count = design.read(row, i, v)
                var sum = 0.0
                for k in 0..<count { sum += coefficients[Int(i[k])] * v[k] }
                return sum
            }
        }
    }

    /// The expected outcome of a linear predictor.
    @inline(__always) package func mean(_ score: Double) -> Double {
        family == .linear ? score : Special.sigmoid(score)
    }

    package func predict(_ design: DesignColumns, _ row: Int) -> Double { mean(score(design, row)) }
}

/// Loss, gradient and curvature at one point, over all rows.
private struct Sums {
    var loss = 0.0
    var gradient: [Double]
    var curvature: [Double]

    init(
        _ family: PenalisedRegression.Family, _ design: DesignColumns, _ outcomes: [Double], _ rows: [Int],
        _ weights: [Double]?, _ penalty: Double, _ beta: [Double]
    ) {
        let size = design.size
        gradient = [Double](repeating: 0, count: size)
        curvature = [Double](repeating: 0, count: size * size)
        // A fixed number of parts: the sum does not depend on the number of cores.
        let parts = rows.count < 20_000 ? 1 : 8
        let sums = Cores.map(parts) { part in
            Self.over(
                rows[(rows.count * part / parts)..<(rows.count * (part + 1) / parts)], family, design, outcomes,
                weights, beta)
        }
        for sum in sums {
            loss += sum.0
            for k in 0..<size { gradient[k] += sum.1[k] }
            for k in 0..<(size * size) { curvature[k] += sum.2[k] }
        }
        for k in 1..<max(size, 1) {
            loss += 0.5 * penalty * beta[k] * beta[k]
            gradient[k] += penalty * beta[k]
            curvature[k * size + k] += penalty
        }
        for i in 0..<size { for j in 0..<i { curvature[j * size + i] = curvature[i * size + j] } }
    }

    private static func over(
        _ rows: ArraySlice<Int>, _ family: PenalisedRegression.Family, _ design: DesignColumns, _ outcomes: [Double],
        _ weights: [Double]?, _ beta: [Double]
    ) -> (Double, [Double], [Double]) {
        let size = design.size
        var loss = 0.0
        var gradient = [Double](repeating: 0, count: size)
        var curvature = [Double](repeating: 0, count: size * size)
        var index = [Int32](repeating: 0, count: design.width)
        var value = [Double](repeating: 0, count: design.width)
        gradient.withUnsafeMutableBufferPointer { g in
            curvature.withUnsafeMutableBufferPointer { h in
                index.withUnsafeMutableBufferPointer { index in
                    value.withUnsafeMutableBufferPointer { value in
                        guard let i = index.baseAddress, let v = value.baseAddress else { return }
                        for row in rows {
                            let count = design.read(row, i, v)
                            let weight = weights?[row] ?? 1
                            var z = 0.0
                            for k in 0..<count { z += beta[Int(i[k])] * v[k] }
                            let y = outcomes[row]
                            let residual: Double
                            let bend: Double
                            if family == .linear {
                                residual = weight * (z - y)
                                bend = weight
                                loss += 0.5 * residual * (z - y)
                            } else {
                                let p = Special.sigmoid(z)
                                residual = weight * (p - y)
                                bend = weight * max(p * (1 - p), 1e-12)
                                loss += weight * (Special.softplus(z) - y * z)
                            }
                            for a in 0..<count {
                                let x = v[a]
                                g[Int(i[a])] += residual * x
                                let line = Int(i[a]) * size
                                // Entries of a row ascend: the lower triangle.
                                for b in 0...a { h[line + Int(i[b])] += bend * x * v[b] }
                            }
                        }
                    }
                }
            }
        }
        return (loss, gradient, curvature)
    }
}
