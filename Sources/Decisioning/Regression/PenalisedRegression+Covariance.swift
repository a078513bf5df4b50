import Statistics

extension PenalisedRegression {
    /// Covariance of the coefficients that does not trust the model's variance: H⁻¹ (Σ r² x xᵀ) H⁻¹.
    ///
    /// Source: White, "A heteroskedasticity-consistent covariance matrix estimator" (Econometrica, 1980).
    package func covariance(_ design: DesignColumns, outcomes: [Double], rows: [Int], penalty: Double = 1) -> [Double] {
        let size = design.size
        var bread = [Double](repeating: 0, count: size * size)
        var filling = bread
        var index = [Int32](repeating: 0, count: design.width)
        var value = [Double](repeating: 0, count: design.width)
        index.withUnsafeMutableBufferPointer { index in
            value.withUnsafeMutableBufferPointer { value in
                guard let i = index.baseAddress, let v = value.baseAddress else { return }
                for row in rows {
                    let count = design.read(row, i, v)
                    var z = 0.0
                    for k in 0..<count { z += coefficients[Int(i[k])] * v[k] }
                    let p = mean(z)
                    let residual = outcomes[row] - p
                    let bend = family == .linear ? 1 : max(p * (1 - p), 1e-12)
                    for a in 0..<count {
                        for b in 0..<count {
                            let place = Int(i[a]) * size + Int(i[b])
                            bread[place] += bend * v[a] * v[b]
                            filling[place] += residual * residual * v[a] * v[b]
                        }
                    }
                }
            }
        }
        for k in 0..<size { bread[k * size + k] += k == 0 ? 1e-9 : penalty }
        guard let inverse = Cholesky(bread, size: size)?.inverse() else { return filling.map { _ in 0 } }
        return Self.product(Self.product(inverse, filling, size), inverse, size)
    }

    private static func product(_ a: [Double], _ b: [Double], _ n: Int) -> [Double] {
        var result = [Double](repeating: 0, count: n * n)
        for i in 0..<n {
            for k in 0..<n where a[i * n + k] != 0 {
                for j in 0..<n { result[i * n + j] += a[i * n + k] * b[k * n + j] }
            }
        }
        return result
    }

    /// Variance of a row's linear predictor.
    package static func variance(_ covariance: [Double], _ design: DesignColumns, _ row: Int) -> Double {
        var index = [Int32](repeating: 0, count: design.width)
        var value = [Double](repeating: 0, count: design.width)
        return index.withUnsafeMutableBufferPointer { index in
            value.withUnsafeMutableBufferPointer { value in
                guard let i = index.baseAddress, let v = value.baseAddress else { return 0 }
                let count = design.read(row, i, v)
                var sum = 0.0
                for a in 0..<count {
                    for b in 0..<count { sum += v[a] * v[b] * covariance[Int(i[a]) * design.size + Int(i[b])] }
                }
                return max(sum, 0)
            }
        }
    }
}
