@testable import Decisioning

/// Probabilities by enumeration, for tests of the soft policy.
extension SmallPlan {
    /// Marginals of the distribution over all lawful sequences with these weights: days × (actions + 1), the last for no
    /// touch.
    func marginals(_ hcp: Int, weight: ([Int]) -> Double) -> [Double] {
        let (t, a) = (problem.dayCount, problem.actionCount)
        var result = [Double](repeating: 0, count: t * (a + 1))
        var total = 0.0
        for sequence in sequences(hcp) {
            let w = weight(sequence)
            total += w
            for (day, action) in sequence.enumerated() { result[day * (a + 1) + (action < 0 ? a : action)] += w }
        }
        return result.map { $0 / total }
    }
}

extension Double {
    var exponential: Double {
        // e^x by squaring of a short series: the test leans on no library of the planner.
        var sum = 1.0
        var term = 1.0
        let x = self / 1024
        for k in 1...12 {
            term *= x / Double(k)
            sum += term
        }
        for _ in 0..<10 { sum *= sum }
        return sum
    }
}
