internal import Foundation

/// Nodes and weights of Gauss–Legendre quadrature on [−1, 1], by Newton's method on the Legendre polynomial.
package struct GaussLegendre: Sendable {
    package let nodes: [Double]
    package let weights: [Double]

    /// A rule that is exact for polynomials up to degree 2 × count − 1.
    package init(_ count: Int) {
        precondition(count > 0, "a rule has at least one node")
        var nodes = [Double](repeating: 0, count: count)
        var weights = [Double](repeating: 0, count: count)
        for i in 0..<(count + 1) / 2 {
            var x = cos(Double.pi * (Double(i) + 0.75) / (Double(count) + 0.5))
            var slope = 1.0
            for _ in 0..<50 {
                var (previous, value) = (0.0, 1.0)
                for j in 0..<count {
                    let n = Double(j)
                    (previous, value) = (value, ((2 * n + 1) * x * value - n * previous) / (n + 1))
                }
                slope = Double(count) * (x * value - previous) / (x * x - 1)
                let move = value / slope
                x -= move
                if move.magnitude < 1e-15 { break }
            }
            nodes[i] = -x
            nodes[count - 1 - i] = x
            weights[i] = 2 / ((1 - x * x) * slope * slope)
            weights[count - 1 - i] = weights[i]
        }
        self.nodes = nodes
        self.weights = weights
    }

    /// ∫ of `function` from `low` to `high`.
    package func integrate(_ low: Double, _ high: Double, _ function: (Double) -> Double) -> Double {
        let (middle, half) = ((low + high) / 2, (high - low) / 2)
        var sum = 0.0
        for i in nodes.indices { sum += weights[i] * function(middle + half * nodes[i]) }
        return sum * half
    }
}
