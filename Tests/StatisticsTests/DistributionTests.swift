import Foundation
import Testing

@testable import Statistics

/// Moments of seeded samples against the distributions' own: the tolerance is five standard errors, so a wrong
/// formula fails and the fixed seed never flickers.
@Suite struct DistributionTests {
    private let n = 200_000

    private func moments(_ seed: UInt64, _ draw: (inout SeededGenerator) -> Double) -> (mean: Double, variance: Double)
    {
        var g = SeededGenerator(seed: seed)
        var sum = 0.0
        var squares = 0.0
        for _ in 0..<n {
            let x = draw(&g)
            sum += x
            squares += x * x
        }
        let mean = sum / Double(n)
        return (mean, squares / Double(n) - mean * mean)
    }

    private func expectMean(_ value: Double, _ mean: Double, variance: Double, _ label: String) {
        #expect(abs(value - mean) < 5 * (variance / Double(n)).squareRoot(), "\(label): mean \(value), not \(mean)")
    }

    @Test func normalHasItsMomentsAndTails() {
        let m = moments(1) { $0.normal() }
        expectMean(m.mean, 0, variance: 1, "normal")
        #expect(abs(m.variance - 1) < 0.02)
        let tail = moments(2) { $0.normal() > 1.959964 ? 1 : 0 }
        expectMean(tail.mean, 0.025, variance: 0.025 * 0.975, "upper tail")
        let shifted = moments(3) { $0.normal(mean: 3, deviation: 2) }
        expectMean(shifted.mean, 3, variance: 4, "shifted normal")
    }

    @Test(arguments: [0.3, 1.0, 2.5, 40])
    func gammaHasItsMoments(shape: Double) {
        let m = moments(4) { $0.gamma(shape: shape) }
        expectMean(m.mean, shape, variance: shape, "gamma \(shape)")
        #expect(abs(m.variance / shape - 1) < 0.05)
    }

    @Test func betaHasItsMoments() {
        let m = moments(5) { $0.beta(2, 5) }
        let variance = 10.0 / (49 * 8)
        expectMean(m.mean, 2.0 / 7, variance: variance, "beta")
        #expect(abs(m.variance / variance - 1) < 0.03)
    }

    @Test func exponentialHasMeanOne() {
        expectMean(moments(6) { $0.exponential() }.mean, 1, variance: 1, "exponential")
    }

    @Test(arguments: [0.2, 3.0, 9.99, 10.0, 55, 2000])
    func poissonHasItsMoments(mean: Double) {
        let m = moments(7) { Double($0.poisson(mean: mean)) }
        expectMean(m.mean, mean, variance: mean, "poisson \(mean)")
        #expect(abs(m.variance / mean - 1) < 0.03)
    }

    @Test func poissonMatchesItsProbabilities() {
        // Both branches, cell by cell.
        for mean in [4.0, 14.0] {
            var g = SeededGenerator(seed: 8)
            var counts = [Int](repeating: 0, count: 64)
            for _ in 0..<n { counts[min(63, g.poisson(mean: mean))] += 1 }
            for k in 0..<25 {
                let p = exp(Double(k) * log(mean) - mean - SeededGenerator.logFactorial(Double(k)))
                let error = (p * (1 - p) / Double(n)).squareRoot()
                #expect(abs(Double(counts[k]) / Double(n) - p) < 5 * error + 1e-5, "P(\(k)) at mean \(mean)")
            }
        }
    }

    @Test func negativeBinomialIsOverdispersed() {
        let m = moments(9) { Double($0.negativeBinomial(mean: 6, size: 2)) }
        expectMean(m.mean, 6, variance: 24, "negative binomial")
        #expect(abs(m.variance / 24 - 1) < 0.05)
        #expect(moments(9) { Double($0.negativeBinomial(mean: 0, size: 2)) }.mean == 0)
    }

    @Test(arguments: [0.7, 1.0, 1.5, 3.0])
    func zipfMatchesItsProbabilities(exponent: Double) {
        let zipf = ZipfDistribution(count: 50, exponent: exponent)
        let total = (1...50).reduce(0.0) { $0 + pow(Double($1), -exponent) }
        var g = SeededGenerator(seed: 10)
        var counts = [Int](repeating: 0, count: 51)
        for _ in 0..<n { counts[zipf.sample(using: &g)] += 1 }
        for k in 1...50 {
            let p = pow(Double(k), -exponent) / total
            let error = (p * (1 - p) / Double(n)).squareRoot()
            #expect(abs(Double(counts[k]) / Double(n) - p) < 5 * error, "P(\(k)) at exponent \(exponent)")
        }
    }

    @Test func zipfOfOneIsOne() {
        var g = SeededGenerator(seed: 11)
        let zipf = ZipfDistribution(count: 1, exponent: 2)
        for _ in 0..<100 { #expect(zipf.sample(using: &g) == 1) }
    }

    @Test func aliasTableMatchesItsWeights() {
        let weights = [0.0, 5, 1, 0.25, 3.75]
        let table = AliasTable(weights)
        var g = SeededGenerator(seed: 12)
        var counts = [Int](repeating: 0, count: weights.count)
        for _ in 0..<n { counts[table.sample(using: &g)] += 1 }
        #expect(counts[0] == 0)
        for (count, weight) in zip(counts, weights) {
            let p = weight / 10
            #expect(abs(Double(count) / Double(n) - p) <= 5 * (p * (1 - p) / Double(n)).squareRoot())
        }
        #expect(AliasTable([]).sample(using: &g) == 0)
        #expect(Set((0..<200).map { _ in AliasTable([0, 0, 0]).sample(using: &g) }) == [0, 1, 2])
    }

    @Test func sameStreamSameNumbers() {
        func draws(_ stream: UInt64) -> [Double] {
            var g = SeededGenerator(seed: 13, stream: stream)
            return [g.normal(), g.gamma(shape: 2), g.beta(1, 2), Double(g.poisson(mean: 20))]
        }
        #expect(draws(1) == draws(1))
        #expect(draws(1) != draws(2))
    }

    @Test func logFactorialIsExactAtBothBranches() {
        #expect(abs(SeededGenerator.logFactorial(9) - log(362_880.0)) < 1e-12)
        #expect(abs(SeededGenerator.logFactorial(10) - log(3_628_800.0)) < 1e-9)
        #expect(SeededGenerator.logFactorial(0) == 0)
    }
}
