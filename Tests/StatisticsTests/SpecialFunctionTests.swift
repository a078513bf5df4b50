import Foundation
import Statistics
import Testing

@Suite struct SpecialFunctionTests {
    @Test(arguments: [
        (0.1, 2.252712651734206), (0.5, 0.5723649429247001), (1.0, 0.0), (2.5, 0.2846828704729192),
        (10.0, 12.801827480081469), (100.5, 361.4355404678042),
    ])
    func logGammaMatchesPublishedValues(x: Double, expected: Double) {
        #expect(abs(Special.logGamma(x) - expected) < 1e-11 * max(1, abs(expected)))
    }

    @Test func digammaIsTheDerivativeOfLogGamma() {
        for x in [0.3, 1.0, 2.7, 15.0] {
            let h = 1e-5
            let slope = (Special.logGamma(x + h) - Special.logGamma(x - h)) / (2 * h)
            #expect(abs(Special.digamma(x) - slope) < 1e-7)
        }
        #expect(abs(Special.digamma(1) + 0.5772156649015329) < 1e-12)
    }

    @Test func normalQuantileInvertsTheDistribution() {
        for p in [1e-10, 0.001, 0.02, 0.3, 0.5, 0.9, 0.999, 1 - 1e-9] {
            #expect(abs(Special.normalCDF(Special.normalQuantile(p)) - p) < 1e-13)
        }
        #expect(abs(Special.normalQuantile(0.95) - 1.6448536269514722) < 1e-12)
    }

    @Test func sigmoidAndLogitAreInverse() {
        for x in [-20.0, -2, 0, 5, 20] { #expect(abs(Special.logit(Special.sigmoid(x)) - x) < 1e-6) }
        #expect(Special.sigmoid(-800) == 0 && Special.sigmoid(800) == 1)
    }

    @Test func negativeBinomialSumsToOneAndTendsToPoisson() {
        let total = (0..<400).reduce(0.0) {
            $0 + exp(Distributions.logNegativeBinomial(Double($1), mean: 6, shape: 1.7))
        }
        #expect(abs(total - 1) < 1e-9)
        let near = Distributions.logNegativeBinomial(4, mean: 3, shape: 1e8)
        #expect(abs(near - Distributions.logPoisson(4, mean: 3)) < 1e-5)
    }

    @Test func positiveNormalHasTheMomentsOfTheCutDistribution() {
        let half = Distributions.positiveNormal(mean: 0, sd: 1)
        #expect(abs(half.mean - (2 / Double.pi).squareRoot()) < 1e-12)
        #expect(abs(half.sd - (1 - 2 / Double.pi).squareRoot()) < 1e-9)
        let far = Distributions.positiveNormal(mean: 5, sd: 0.1)
        #expect(abs(far.mean - 5) < 1e-9 && abs(far.sd - 0.1) < 1e-6)
        #expect(Distributions.positiveNormal(mean: -50, sd: 1).mean > 0)
    }

    @Test func choleskySolvesAndRefusesIndefiniteMatrices() throws {
        let matrix = [4.0, 2, 0.6, 2, 5, 1, 0.6, 1, 3]
        let factor = try #require(Cholesky(matrix, size: 3))
        let x = factor.solve([1, 2, 3])
        for i in 0..<3 {
            let row = (0..<3).reduce(0.0) { $0 + matrix[i * 3 + $1] * x[$1] }
            #expect(abs(row - Double(i + 1)) < 1e-12)
        }
        let inverse = factor.inverse()
        let corner = (0..<3).reduce(0.0) { $0 + matrix[$1] * inverse[$1 * 3] }
        #expect(abs(corner - 1) < 1e-12)
        #expect(Cholesky([1, 2, 2, 1], size: 2) == nil)
    }

    @Test func contentHashFindsEveryChange() {
        func hash(_ bytes: [UInt8]) -> String {
            var hash = ContentHash()
            hash.combine(bytes: bytes)
            return hash.hex
        }
        let bytes = (0..<100).map { UInt8($0) }
        var seen: Set<String> = [hash(bytes), hash(Array(bytes.dropLast())), hash(bytes + [0])]
        for i in bytes.indices {
            var changed = bytes
            changed[i] ^= 1
            seen.insert(hash(changed))
        }
        #expect(seen.count == 103)
        #expect(hash(bytes) == hash(bytes) && hash(bytes).count == 32)
    }
}
