/// Minimises a smooth function of a few variables from its gradient.
///
/// BFGS with a strong Wolfe line search. Source: Nocedal and Wright, "Numerical Optimization" (2006), algorithms
/// 6.1, 3.5 and 3.6.
package enum QuasiNewton {
    package struct Minimum: Sendable {
        package var point: [Double]
        package var value: Double
        package var gradient: [Double]
        package var evaluations: Int
        /// False when the iterations ran out, or when no step went down or three in a row gained nothing to speak of
        /// although the gradient had not vanished.
        package var converged: Bool
    }

    /// - Parameters:
    ///   - tolerance: stop when the quadratic model promises less than this, in units of the function.
    ///   - longestStep: longest step in any variable, so that a first step cannot leave the sensible region.
    ///   - function: value and gradient; +∞ or not-a-number marks a forbidden point.
    package static func minimize(
        from start: [Double], tolerance: Double = 1e-8, iterations: Int = 300, longestStep: Double = 2,
        _ function: @escaping ([Double]) -> (value: Double, gradient: [Double])
    ) -> Minimum {
        let n = start.count
        var search = LineSearch(function)
        var here = search.evaluate(start)
        var inverse = identity(n, scale: 1)
        var fresh = true
        var idle = 0
        for _ in 0..<iterations {
            var direction = times(inverse, here.gradient).map { -$0 }
            var slope = dot(direction, here.gradient)
            if !(slope < 0) {
                inverse = identity(n, scale: 1)
                fresh = true
                direction = here.gradient.map { -$0 }
                slope = dot(direction, here.gradient)
            }
            // The noise of a sum of many terms bounds what can still be gained.
            let noise = 4 * here.value.magnitude * Double.ulpOfOne
            if !fresh, -slope / 2 < tolerance + noise { return search.finish(here, converged: true) }
            if here.gradient.allSatisfy({ $0 == 0 }) { return search.finish(here, converged: true) }
            let largest = direction.reduce(0.0) { max($0, $1.magnitude) }
            let limit = longestStep / largest
            let guess = fresh ? min(1 / max(largest, 1), limit) : min(1, limit)
            guard let next = search.step(from: here, direction, slope, first: guess, limit: limit, noise: noise) else {
                if fresh { return search.finish(here, converged: -slope < 1e3 * (tolerance + noise)) }
                inverse = identity(n, scale: 1)
                fresh = true
                continue
            }
            let move = zip(next.point, here.point).map { $0 - $1 }
            let turn = zip(next.gradient, here.gradient).map { $0 - $1 }
            let curvature = dot(move, turn)
            if curvature > 1e-12 * dot(move, move).squareRoot() * dot(turn, turn).squareRoot() {
                if fresh { inverse = identity(n, scale: curvature / dot(turn, turn)) }
                update(&inverse, move, turn, curvature)
                fresh = false
            }
            // On a ridge that never ends the noise would lead on for thousands of evaluations.
            idle = here.value - next.value < 1e-10 * here.value.magnitude ? idle + 1 : 0
            here = next
            if idle == 3 { return search.finish(here, converged: -slope < 1e3 * (tolerance + noise)) }
        }
        return search.finish(here, converged: false)
    }

    /// Second derivatives by central differences of the gradient, symmetric, row-major.
    package static func hessian(
        at point: [Double], step: Double = 1e-4, _ gradient: ([Double]) -> [Double]
    ) -> [Double] {
        let n = point.count
        var result = [Double](repeating: 0, count: n * n)
        for i in 0..<n {
            var (up, down) = (point, point)
            up[i] += step
            down[i] -= step
            let (high, low) = (gradient(up), gradient(down))
            for j in 0..<n {
                let value = (high[j] - low[j]) / (2 * step)
                result[i * n + j] += value / 2
                result[j * n + i] += value / 2
            }
        }
        return result
    }

    // MARK: Small dense algebra

    private static func identity(_ n: Int, scale: Double) -> [Double] {
        var matrix = [Double](repeating: 0, count: n * n)
        for i in 0..<n { matrix[i * n + i] = scale }
        return matrix
    }

    static func dot(_ a: [Double], _ b: [Double]) -> Double {
        var sum = 0.0
        for i in a.indices { sum += a[i] * b[i] }
        return sum
    }

    private static func times(_ matrix: [Double], _ x: [Double]) -> [Double] {
        let n = x.count
        return (0..<n).map { i in
            var sum = 0.0
            for j in 0..<n { sum += matrix[i * n + j] * x[j] }
            return sum
        }
    }

    /// H ← (I − ρ s yᵀ) H (I − ρ y sᵀ) + ρ s sᵀ.
    private static func update(_ inverse: inout [Double], _ s: [Double], _ y: [Double], _ curvature: Double) {
        let n = s.count
        let hy = times(inverse, y)
        let rho = 1 / curvature
        let factor = (1 + dot(y, hy) * rho) * rho
        for i in 0..<n {
            for j in 0..<n { inverse[i * n + j] += factor * s[i] * s[j] - rho * (hy[i] * s[j] + s[i] * hy[j]) }
        }
    }
}

/// One line search after another on the same function.
private struct LineSearch {
    typealias Point = (point: [Double], value: Double, gradient: [Double])

    private let function: ([Double]) -> (value: Double, gradient: [Double])
    private var evaluations = 0

    init(_ function: @escaping ([Double]) -> (value: Double, gradient: [Double])) {
        self.function = function
    }

    mutating func evaluate(_ point: [Double]) -> Point {
        evaluations += 1
        let (value, gradient) = function(point)
        let usable = value.isFinite && gradient.allSatisfy(\.isFinite)
        return (point, usable ? value : .infinity, usable ? gradient : [Double](repeating: 0, count: point.count))
    }

    func finish(_ here: Point, converged: Bool) -> QuasiNewton.Minimum {
        QuasiNewton.Minimum(
            point: here.point, value: here.value, gradient: here.gradient, evaluations: evaluations,
            converged: converged && here.value.isFinite)
    }

    /// A point along `direction` that satisfies the strong Wolfe conditions, or the best decrease that was found.
    mutating func step(
        from here: Point, _ direction: [Double], _ slope: Double, first: Double, limit: Double, noise: Double
    ) -> Point? {
        var (low, lowValue, lowSlope) = (0.0, here.value, slope)
        var high = Double.infinity
        var (highValue, step) = (0.0, first)
        var best: Point?
        for _ in 0..<40 {
            let there = evaluate(zip(here.point, direction).map { $0 + step * $1 })
            let along = QuasiNewton.dot(there.gradient, direction)
            let sufficient = there.value <= here.value + 1e-4 * step * slope + noise
            if sufficient, there.value < (best?.value ?? .infinity) { best = there }
            if !sufficient || (low > 0 && there.value >= lowValue + noise) {
                (high, highValue) = (step, there.value)
            } else {
                if along.magnitude <= -0.9 * slope { return there }
                if along >= 0 {
                    // The minimum lies between the last good step and this one.
                    (high, highValue) = (step, there.value)
                } else {
                    (low, lowValue, lowSlope) = (step, there.value, along)
                    if step >= limit { return there }
                }
            }
            if high.isInfinite {
                step = min(step * 3, limit)
                continue
            }
            let width = high - low
            if width.magnitude < 1e-12 * max(high.magnitude, 1e-12) { return best }
            // Minimum of the parabola through the low end's value and slope and the high end's value.
            let rise = highValue - lowValue - lowSlope * width
            let parabola = rise > 0 && rise.isFinite ? low - lowSlope * width * width / (2 * rise) : low + width / 2
            step = min(max(parabola, low + 0.1 * width), low + 0.9 * width)
            if !highValue.isFinite { step = low + 0.3 * width }
        }
        return best
    }
}
