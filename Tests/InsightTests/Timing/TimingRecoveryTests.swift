import Foundation
import Insight
import Statistics
import Testing

/// Parameters and forecasts of simulated customers, whose truth is known.
@Suite struct TimingRecoveryTests {
    private func expectRecovered(_ fit: TimingFit, _ truth: [Double]) {
        for (i, (value, error)) in zip(fit.parameters, fit.standardErrors).enumerated() {
            guard let error else {
                Issue.record("no standard error of \(fit.model.parameterNames[i])")
                continue
            }
            #expect(abs(value - truth[i]) < 4 * error, "\(fit.model.parameterNames[i])")
            #expect(error < 0.6 * truth[i])
        }
    }

    @Test(arguments: [(TimingModel.bgnbd, 1), (.mbgnbd, 1), (.mbgcnbdk, 3)])
    func modelsWithDropoutAfterPurchasesAreRecovered(model: TimingModel, k: Int) throws {
        let truth = [1.3, 4.0 * Double(k) / Double(k * k), 0.7, 3]
        let (histories, later) = TimingFixtures.simulate(count: 6000, age: 52, ahead: 26, seed: 7) { generator, end in
            TimingFixtures.purchases(
                r: truth[0], alpha: truth[1], a: truth[2], b: truth[3], k: k, dropoutAtZero: model != .bgnbd,
                until: end, &generator)
        }
        let fit = try TimingFit.fit(model, histories)
        #expect(fit.k == k)
        expectRecovered(fit, truth)
        let outlook = PurchaseOutlook.make(fit, DistinctHistories(histories), horizon: 26)
        let (expected, actual) = (outlook.expected.reduce(0, +), later.reduce(0, +))
        #expect(abs(expected / actual - 1) < 0.05)
        let report = HoldoutReport(histories, actual: later, expected: outlook.expected, length: 26)
        #expect(report.meanAbsoluteError < report.rateMeanAbsoluteError)
        #expect((report.correlation ?? 0) > 0.5)
        let binned = report.byFrequency.map(\.customers).reduce(0, +)
        #expect(report.customers == 6000)
        #expect(binned == 6000)
    }

    @Test func paretoIsRecovered() throws {
        let truth = [1.2, 5, 0.9, 15]
        let (histories, later) = TimingFixtures.simulate(count: 6000, age: 52, ahead: 26, seed: 9) { generator, end in
            let rate = generator.gamma(shape: truth[0]) / truth[1]
            let life = generator.exponential() / (generator.gamma(shape: truth[2]) / truth[3])
            var (time, times) = (0.0, [Double]())
            while true {
                time += generator.exponential() / rate
                if time > min(end, life) { return times }
                times.append(time)
            }
        }
        let fit = try TimingFit.fit(.paretonbd, histories)
        expectRecovered(fit, truth)
        let outlook = PurchaseOutlook.make(fit, DistinctHistories(histories), horizon: 26)
        let (expected, actual) = (outlook.expected.reduce(0, +), later.reduce(0, +))
        #expect(abs(expected / actual - 1) < 0.05)
    }

    @Test func opportunitiesAreRecovered() throws {
        let truth = [1.5, 1, 0.8, 4]
        var generator = SeededGenerator(seed: 3)
        var histories = PurchaseHistories(frequency: [], recency: [], age: [])
        for _ in 0..<8000 {
            let (buys, leaves) = (generator.beta(truth[0], truth[1]), generator.beta(truth[2], truth[3]))
            var (x, last) = (0.0, 0.0)
            for opportunity in 1...12 {
                if generator.chance(leaves) { break }
                if generator.chance(buys) { (x, last) = (x + 1, Double(opportunity)) }
            }
            histories.frequency.append(x)
            histories.recency.append(last)
            histories.age.append(12)
        }
        expectRecovered(try TimingFit.fit(.bgbb, histories), truth)
    }

    @Test func spendIsRecovered() throws {
        let truth = [4.0, 3.5, 30]
        var generator = SeededGenerator(seed: 5)
        var histories = PurchaseHistories(frequency: [], recency: [], age: [])
        for customer in 0..<8000 {
            let x = Double(customer % 6)
            let scale = generator.gamma(shape: truth[1]) / truth[2]
            histories.frequency.append(x)
            histories.monetary.append(x > 0 ? generator.gamma(shape: truth[0] * x) / (scale * x) : 0)
        }
        expectRecovered(try TimingFit.fit(.gammagamma, histories), truth)
    }

    @Test func nextPurchasesFallIntoTheirIntervals() throws {
        // The first purchase after the end, of customers who were active then, under the true parameters.
        var generator = SeededGenerator(seed: 21)
        let fit = TimingFit(model: .mbgcnbdk, parameters: [2, 1, 0.3, 6], k: 3)
        var histories = PurchaseHistories(frequency: [], recency: [], age: [])
        var next: [Double] = []
        while next.count < 3000 {
            let rate = generator.gamma(shape: 2) / 1
            let leave = generator.beta(0.3, 6)
            var (time, last, x) = (0.0, 0.0, 0.0)
            while true {
                if generator.chance(leave) { break }
                time += generator.gamma(shape: 3) / rate
                if time > 20 {
                    histories.frequency.append(x)
                    histories.recency.append(last)
                    histories.age.append(20)
                    next.append(time - 20)
                    break
                }
                (last, x) = (time, x + 1)
            }
        }
        let outlook = PurchaseOutlook.make(fit, DistinctHistories(histories), horizon: 1, level: 0.8)
        let inside = next.indices.count { outlook.dueLow[$0] <= next[$0] && next[$0] <= outlook.dueHigh[$0] }
        let early = next.indices.count { next[$0] <= outlook.due[$0] }
        // 3,000 trials: four standard deviations are 0.03 and 0.037.
        let (insideShare, earlyShare) = (Double(inside) / 3000, Double(early) / 3000)
        #expect(abs(insideShare - 0.8) < 0.03)
        #expect(abs(earlyShare - 0.5) < 0.037)
    }

    @Test func orderWeightsAndUnitsDoNotMatter() throws {
        let histories = try TimingFixtures.cdnow()
        let fit = try TimingFit.fit(.bgnbd, histories)
        let turned = PurchaseHistories(
            frequency: histories.frequency.reversed(), recency: histories.recency.reversed(),
            age: histories.age.reversed())
        let backwards = try TimingFit.fit(.bgnbd, turned)
        #expect(abs(backwards.logLikelihood - fit.logLikelihood) < 1e-6)
        let days = PurchaseHistories(
            frequency: histories.frequency, recency: histories.recency.map { $0 * 7 }, age: histories.age.map { $0 * 7 }
        )
        let daily = try TimingFit.fit(.bgnbd, days)
        #expect(abs(daily.parameters[1] / fit.parameters[1] - 7) < 1e-3)
        let weighted = PurchaseHistories(
            frequency: histories.frequency, recency: histories.recency, age: histories.age,
            weight: histories.frequency.map { _ in 2 })
        let double = try TimingFit.fit(.bgnbd, weighted)
        #expect(abs(double.logLikelihood / fit.logLikelihood - 2) < 1e-9)
        let again = try TimingFit.fit(.bgnbd, histories)
        #expect(again.parameters == fit.parameters)
    }
}
