import Foundation
import Statistics
import Testing

@testable import Insight

/// Forecasts against brute-force integration over what is unknown of one customer.
@Suite struct TimingOracleTests {
    private static let rule = GaussLegendre(64)

    /// ∫ f(λ) Gamma(λ; r, α) dλ, on log λ in 24 panels.
    private func overRates(_ r: Double, _ alpha: Double, _ f: (Double) -> Double) -> Double {
        let constant = r * log(alpha) - Special.logGamma(r)
        let (low, high) = (log(r / alpha) - 40 / min(r, 1), log((r + 60) / alpha) + 1)
        return panels(low, high, 24) { u in
            let rate = exp(u)
            return exp(constant + r * u - alpha * rate) * f(rate)
        }
    }

    /// ∫ f(p) Beta(p; a, b) dp, on logit p.
    private func overChances(_ a: Double, _ b: Double, _ f: (Double) -> Double) -> Double {
        let constant = Special.logBeta(a, b)
        return panels(-40 / min(a, 1), 40 / min(b, 1), 24) { z in
            exp(-a * Special.softplus(-z) - b * Special.softplus(z) - constant) * f(Special.sigmoid(z))
        }
    }

    private func panels(_ low: Double, _ high: Double, _ count: Int, _ f: (Double) -> Double) -> Double {
        let width = (high - low) / Double(count)
        return (0..<count).reduce(0) { sum, i in
            sum + Self.rule.integrate(low + Double(i) * width, low + Double(i + 1) * width, f)
        }
    }

    private func poisson(_ mean: Double, below n: Int) -> Double {
        var (term, sum) = (exp(-mean), 0.0)
        for i in 0..<max(n, 0) {
            sum += term
            term *= mean / Double(i + 1)
        }
        return sum
    }

    /// Chance to be active, expected purchases ahead, chance to have bought again if active, by integration.
    private func dropoutOracle(
        _ p: [Double], k: Int, dropoutAtZero: Bool, x: Int, last: Double, end: Double, ahead: Double
    ) -> (alive: Double, expected: Double, again: Double) {
        let (elapsed, d) = (end - last, dropoutAtZero ? 1 : 0)
        let scale = Double(k * x) * log(max(p[0], 0.1) / p[1])
        var (alive, gone, purchases, again) = (0.0, 0.0, 0.0, 0.0)
        // Chances to stay enter only as moments of the beta distribution: integrate those once.
        let stays = (0..<400).map { n in overChances(p[2], p[3]) { pow(1 - $0, Double(x + d + n)) } }
        let leaves =
            x + d > 0 ? overChances(p[2], p[3]) { $0 * pow(1 - $0, Double(x + d - 1)) } : 0
        alive = overRates(p[0], p[1]) { rate in
            exp(Double(k * x) * log(rate) - scale - rate * last) * poisson(rate * elapsed, below: k)
        }
        gone = overRates(p[0], p[1]) { rate in exp(Double(k * x) * log(rate) - scale - rate * last) }
        func future(_ f: @escaping (Double, Int) -> Double) -> Double {
            overRates(p[0], p[1]) { rate in
                let history = exp(Double(k * x) * log(rate) - scale - rate * last)
                var (phase, sum) = (exp(-rate * elapsed), 0.0)
                for j in 0..<k {
                    sum += phase * f(rate, j)
                    phase *= rate * elapsed / Double(j + 1)
                }
                return history * sum
            }
        }
        purchases = future { rate, j in
            var sum = 0.0
            for n in 1...400 {
                let reach = 1 - poisson(rate * ahead, below: n * k - j)
                if reach < 1e-15 { break }
                sum += reach * stays[n - 1]
            }
            return sum
        }
        again = future { rate, j in 1 - poisson(rate * ahead, below: k - j) }
        let total = alive * stays[0] + gone * leaves
        return (alive * stays[0] / total, purchases / total, again / alive)
    }

    @Test(arguments: [
        (TimingModel.bgnbd, 1, 2, 30.43, 38.86), (.bgnbd, 1, 0, 0, 38.86), (.bgnbd, 1, 7, 12, 15),
        (.mbgnbd, 1, 0, 0, 20), (.mbgnbd, 1, 3, 5, 30), (.mbgcnbdk, 2, 3, 8, 20), (.mbgcnbdk, 3, 5, 10, 12.5),
        (.mbgcnbdk, 4, 0, 0, 9), (.mbgcnbdk, 3, 2, 3, 40),
    ])
    func dropoutForecastsEqualIntegration(model: TimingModel, k: Int, x: Int, last: Double, end: Double) {
        for (p, ahead) in [([0.8, 3.5, 0.9, 2.5], 12.0), ([2.2, 1.4, 1.0, 4], 6), ([0.6, 6, 0.4, 0.8], 25)] {
            let fit = TimingFit(model: model, parameters: p, k: k)
            let outlook = RenewalOutlook(
                r: p[0], alpha: p[1], a: p[2], b: p[3], k: k, dropoutAtZero: model != .bgnbd,
                (Double(x), last, end))
            let oracle = dropoutOracle(
                p, k: k, dropoutAtZero: model != .bgnbd, x: x, last: last, end: end, ahead: ahead)
            let values = PurchaseOutlook.customer(fit, (Double(x), last, end), horizon: ahead, tails: [0.2, 0.5, 0.9])
            #expect(abs(values[0] - oracle.alive) < 1e-8)
            #expect(abs(values[1] - oracle.expected) < 1e-7 * max(1, oracle.expected))
            #expect(abs(1 - outlook.stillWaiting(ahead) - oracle.again) < 1e-8)
            #expect(abs(values[5] - oracle.alive * oracle.again) < 1e-8)
            for (i, tail) in [0.2, 0.5, 0.9].enumerated() {
                #expect(abs(1 - outlook.stillWaiting(values[2 + i]) - tail) < 1e-9)
            }
        }
    }

    @Test(arguments: [(0, 0.0, 38.86), (2, 30.43, 38.86), (9, 20, 21), (4, 1.5, 60), (40, 30, 39), (3, 7, 7)])
    func paretoEqualsIntegration(x: Int, last: Double, end: Double) {
        for p in [[0.553, 10.578, 0.606, 11.669], [2, 1.5, 1.0, 20], [0.7, 40, 3.2, 0.9]] {
            let scale = Double(x) * log(max(Double(x), 0.5) / max(end, 1))
            func history(_ rate: Double) -> Double { Double(x) * log(rate) - scale }
            var (alive, gone, ahead, again) = (0.0, 0.0, 0.0, 0.0)
            for (kind, horizon) in [(0, 0.0), (1, 0), (2, 13), (3, 13)] {
                let sum = overRates(p[2], p[3]) { leave in
                    overRates(p[0], p[1]) { rate in
                        let total = rate + leave
                        let stays = exp(history(rate) - total * end)
                        switch kind {
                        case 0: return stays
                        case 1: return leave / total * (exp(history(rate) - total * last) - stays)
                        case 2: return stays * rate / leave * -expm1(-leave * horizon)
                        default: return stays * rate / total * -expm1(-total * horizon)
                        }
                    }
                }
                switch kind {
                case 0: alive = sum
                case 1: gone = sum
                case 2: ahead = sum
                default: again = sum
                }
            }
            let values = PurchaseOutlook.customer(
                TimingFit(model: .paretonbd, parameters: p), (Double(x), last, end), horizon: 13, tails: [])
            #expect(abs(values[0] - alive / (alive + gone)) < 1e-8)
            #expect(abs(values[1] - ahead / (alive + gone)) < 1e-7 * max(1, values[1]))
            #expect(abs(values[5] - again / (alive + gone)) < 1e-6)
        }
    }

    /// p and θ of BG/BB by brute force: the chance of a purchase in one of the next opportunities.
    @Test func chancesOfOpportunitiesEqualIntegration() {
        for (p, x, last, n) in [([1.2, 0.75, 0.66, 2.78], 3.0, 5.0, 6.0), ([0.9, 2, 1.4, 6], 0, 0, 6)] {
            let fit = TimingFit(model: .bgbb, parameters: p)
            for horizon in [1.0, 4] {
                let values = PurchaseOutlook.customer(fit, (x, last, n), horizon: horizon, tails: [])
                // Purchases and departures are independent of each other for who is active.
                let stays = (1...Int(horizon)).map { m in
                    overChances(p[2], p[3]) { pow(1 - $0, n + Double(m)) } / overChances(p[2], p[3]) { pow(1 - $0, n) }
                }
                let usual = overChances(p[0], p[1]) { pow($0, x) * pow(1 - $0, n - x) }
                let again = (1...Int(horizon)).reduce(0.0) { sum, m in
                    let first = overChances(p[0], p[1]) { pow($0, x + 1) * pow(1 - $0, n - x + Double(m - 1)) }
                    return sum + stays[m - 1] * first / usual
                }
                #expect(abs(values[5] - values[0] * again) < 1e-7)
                if horizon == 1 { #expect(abs(values[5] - values[1]) < 1e-12) }
            }
        }
    }

    @Test func gradientsAreTheSlopesOfTheLikelihood() throws {
        let histories = try TimingFixtures.regular()
        let distinct = DistinctHistories(histories)
        let donations = DistinctHistories(TimingFixtures.donations)
        let spend = SpendLikelihood(try TimingFixtures.cdnow())
        let cases: [(any TimingLikelihood, [Double])] = [
            (DropoutLikelihood(histories: distinct, dropoutAtZero: false, k: 1), [0.7, 3, 0.8, 2]),
            (DropoutLikelihood(histories: distinct, dropoutAtZero: true, k: 4), [1.2, 0.7, 1.1, 3]),
            (ParetoLikelihood(histories: distinct), [0.7, 3, 0.6, 12]),
            (ParetoLikelihood(histories: distinct), [0.7, 30, 1.6, 2]),
            (OpportunityLikelihood(histories: donations), [1.2, 0.8, 0.6, 2.5]), (spend, [6, 4, 15]),
        ]
        for (likelihood, point) in cases {
            let (value, gradient) = likelihood.evaluate(point)
            #expect(value.isFinite)
            for i in point.indices {
                let h = 1e-5 * point[i]
                var (up, down) = (point, point)
                up[i] += h
                down[i] -= h
                let slope = (likelihood.evaluate(up).value - likelihood.evaluate(down).value) / (2 * h)
                #expect(abs(slope - gradient[i]) < 2e-5 * max(1, abs(slope)), "\(type(of: likelihood)) \(i)")
            }
        }
    }

    @Test func manyPurchasesAndLongTimesStayFinite() {
        for model in [TimingModel.bgnbd, .mbgnbd, .paretonbd] {
            for (x, last, end) in [(5000.0, 900.0, 1000.0), (2, 0.001, 1e6), (0, 0, 1e9), (800, 10, 3000)] {
                let values = PurchaseOutlook.customer(
                    TimingFit(model: model, parameters: [0.8, 3, 0.7, 3]), (x, last, end), horizon: end,
                    tails: [0.1, 0.5, 0.9])
                #expect(values[0] >= 0 && values[0] <= 1)
                #expect(values[1] >= 0 && values[1].isFinite)
                #expect(values[2] <= values[3] && values[3] <= values[4])
            }
        }
    }
}
