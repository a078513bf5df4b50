import Foundation

/// A symmetric positive definite matrix, factored once and solved many times; row-major, small (tens to hundreds).
package struct Cholesky: Sendable {
    package let size: Int
    private var lower: [Double]

    /// Factors `matrix` (size × size, row-major); nil when it is not positive definite.
    package init?(_ matrix: [Double], size: Int) {
        precondition(matrix.count == size * size, "a square matrix is expected")
        self.size = size
        lower = matrix
        for j in 0..<size {
            var pivot = lower[j * size + j]
            for k in 0..<j { pivot -= lower[j * size + k] * lower[j * size + k] }
            guard pivot > 0, pivot.isFinite else { return nil }
            let root = pivot.squareRoot()
            lower[j * size + j] = root
            for i in (j + 1)..<max(size, j + 1) {
                var sum = lower[i * size + j]
                for k in 0..<j { sum -= lower[i * size + k] * lower[j * size + k] }
                lower[i * size + j] = sum / root
            }
        }
    }

    /// Solves A x = b.
    package func solve(_ b: [Double]) -> [Double] {
        var x = b
        for i in 0..<size {
            for k in 0..<i { x[i] -= lower[i * size + k] * x[k] }
            x[i] /= lower[i * size + i]
        }
        for i in stride(from: size - 1, through: 0, by: -1) {
            for k in (i + 1)..<max(size, i + 1) { x[i] -= lower[k * size + i] * x[k] }
            x[i] /= lower[i * size + i]
        }
        return x
    }

    /// A⁻¹, row-major.
    package func inverse() -> [Double] {
        var result = [Double](repeating: 0, count: size * size)
        for j in 0..<size {
            var unit = [Double](repeating: 0, count: size)
            unit[j] = 1
            let column = solve(unit)
            for i in 0..<size { result[i * size + j] = column[i] }
        }
        return result
    }
}
