import Foundation
import Statistics
import Testing

@Suite struct QuasiNewtonTests {
    @Test func rosenbrocksValleyIsFollowedToItsEnd() {
        let minimum = QuasiNewton.minimize(from: [-1.2, 1], tolerance: 1e-14) { p in
            let (a, b) = (1 - p[0], p[1] - p[0] * p[0])
            return (a * a + 100 * b * b, [-2 * a - 400 * p[0] * b, 200 * b])
        }
        #expect(minimum.converged)
        #expect(abs(minimum.point[0] - 1) < 1e-6 && abs(minimum.point[1] - 1) < 1e-6)
        #expect(minimum.evaluations < 100)
    }

    @Test func forbiddenPointsAreBackedAwayFrom() {
        // −log x + x is infinite for x ≤ 0; its minimum is at 1.
        let minimum = QuasiNewton.minimize(from: [0.01], longestStep: 100) { p in
            p[0] > 0 ? (p[0] - log(p[0]), [1 - 1 / p[0]]) : (.infinity, [0])
        }
        #expect(minimum.converged && abs(minimum.point[0] - 1) < 1e-4)
    }

    @Test func aRidgeThatNeverEndsIsLeftSoon() {
        // Falls for ever towards larger x, ever less, under the noise of a sum of many terms.
        var seen = 0.0
        let minimum = QuasiNewton.minimize(from: [0, 3]) { p in
            seen += 1
            let noise = sin(1e4 * seen) * 1e-8
            return (1e5 + exp(-p[0]) + p[1] * p[1] + noise, [-exp(-p[0]), 2 * p[1]])
        }
        #expect(minimum.evaluations < 200, "\(minimum.evaluations)")
        #expect(minimum.value < 1e5 + 1e-3)
    }

    @Test func theHessianOfAQuadraticIsItsMatrix() {
        let hessian = QuasiNewton.hessian(at: [3, -2]) { [4 * $0[0] + $0[1], $0[0] + 6 * $0[1]] }
        for (value, expected) in zip(hessian, [4.0, 1, 1, 6]) { #expect(abs(value - expected) < 1e-8) }
    }
}

@Suite struct GaussLegendreTests {
    @Test func polynomialsAreIntegratedExactly() {
        for count in [1, 2, 5, 12, 64] {
            let rule = GaussLegendre(count)
            let degree = 2 * count - 1
            let value = rule.integrate(0, 2) { pow($0 / 2, Double(degree)) }
            #expect(abs(value - 2 / Double(degree + 1)) < 1e-13)
            #expect(abs(rule.weights.reduce(0, +) - 2) < 1e-13)
        }
    }
}

@Suite struct BetaFunctionTests {
    @Test func logBetaKeepsItsDigitsBesideLargeArguments() {
        #expect(abs(exp(Special.logBeta(2, 3)) - 1.0 / 12) < 1e-14)
        // B(a, 1) = 1 / a; B(a, 2) = 1 / (a (a + 1)).
        for a in [0.1, 7, 1e5, 1e7, 1e12] {
            #expect(abs(Special.logBeta(a, 1) + log(a)) < 1e-10 * max(1, log(a)))
            #expect(abs(Special.logBeta(2, a) + log(a) + log(a + 1)) < 1e-10 * max(1, log(a)))
        }
    }

    @Test func trigammaIsTheSlopeOfDigamma() {
        #expect(abs(Special.trigamma(1) - Double.pi * Double.pi / 6) < 1e-12)
        #expect(abs(Special.trigamma(0.5) - Double.pi * Double.pi / 2) < 1e-12)
        let slope = (Special.digamma(3.7 + 1e-5) - Special.digamma(3.7 - 1e-5)) / 2e-5
        #expect(abs(Special.trigamma(3.7) - slope) < 1e-8)
    }

    @Test func theBetaDistributionAgreesWithItsBinomialSum() {
        // I_x(k, n − k + 1) = P(Bin(n, x) ≥ k).
        for (n, k, x) in [(10, 3, 0.2), (25, 20, 0.9), (7, 1, 0.01), (40, 12, 0.5)] {
            var sum = 0.0
            for i in k...n {
                let choose = -log(Double(n + 1)) - Special.logBeta(Double(i + 1), Double(n - i + 1))
                sum += exp(choose + Double(i) * log(x) + Double(n - i) * log1p(-x))
            }
            #expect(abs(Special.regularizedBeta(x, Double(k), Double(n - k + 1)) - sum) < 1e-12)
        }
        #expect(Special.regularizedBeta(0, 2, 3) == 0 && Special.regularizedBeta(1, 2, 3) == 1)
    }

    @Test func quantilesInvertTheDistribution() {
        for (a, b) in [(0.05, 0.05), (0.3, 4), (1, 1), (8, 2), (500, 3), (2e4, 3e4)] {
            for p in [0.01, 0.05, 0.5, 0.95] {
                let x = Special.betaQuantile(p, a, b)
                // Quantiles at the very ends are only known by their logit.
                if x > 1e-12, x < 1 - 1e-9 { #expect(abs(Special.regularizedBeta(x, a, b) - p) < 1e-9) }
                #expect(x >= 0 && x <= 1)
            }
        }
        #expect(abs(Special.betaQuantile(0.5, 1, 1) - 0.5) < 1e-12)
    }

    @Test func rangesAreCutTheSameWayAndComeBackInOrder() {
        let parts = ParallelRanges.map(10, piece: 4) { Array($0) }
        #expect(parts == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]])
        #expect(ParallelRanges.map(0, piece: 4) { $0.count }.isEmpty)
    }
}
