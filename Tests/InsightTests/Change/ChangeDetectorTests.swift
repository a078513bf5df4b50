import Foundation
import Insight
import Statistics
import Testing

@Suite struct ChangeDetectorTests {
    /// Every way to cut the series, each piece by its marginal likelihood.
    private func enumerate(
        _ values: [Double], hazard: Double, _ marginal: ([Double]) -> Double
    ) -> (lastRun: [Double], unchanged: Double) {
        let n = values.count
        var lastRun = [Double](repeating: 0, count: n)
        var total = 0.0
        for cuts in 0..<(1 << (n - 1)) {
            var weight = 1.0
            var piece: [Double] = [values[0]]
            for i in 1..<n {
                if cuts & (1 << (i - 1)) != 0 {
                    weight *= hazard * marginal(piece)
                    piece = []
                } else {
                    weight *= 1 - hazard
                }
                piece.append(values[i])
            }
            weight *= marginal(piece)
            lastRun[piece.count - 1] += weight
            total += weight
        }
        lastRun = lastRun.map { $0 / total }
        return (lastRun, lastRun[n - 1])
    }

    @Test(arguments: [[3.0, 2, 4, 3, 9, 11, 10, 8], [0, 0, 1, 0, 0, 0, 0], [5, 5]])
    func countsEqualTheSumOverAllSegmentations(values: [Double]) {
        let (shape, rate) = (1.3, 0.4)
        let detector = ChangeDetector(
            prior: .counts(shape: shape, rate: rate, dispersion: 1), expectedRun: 10)
        let oracle = enumerate(values, hazard: 0.1) { piece in
            let (n, sum) = (Double(piece.count), piece.reduce(0, +))
            let factorials = piece.reduce(0) { $0 + Special.logGamma($1 + 1) }
            let gammas = Special.logGamma(shape + sum) - Special.logGamma(shape)
            return exp(gammas + shape * log(rate) - (shape + sum) * log(rate + n) - factorials)
        }
        let last = detector.runLengths(values).last ?? []
        for (value, expected) in zip(last, oracle.lastRun) { #expect(abs(value - expected) < 1e-12) }
        let probability = detector.lastChange(values[...]).probability
        #expect(abs(probability + oracle.unchanged - 1) < 1e-12)
    }

    @Test func gaussiansEqualTheSumOverAllSegmentations() {
        let (mean, strength, shape, scale) = (2.0, 0.3, 2.0, 1.5)
        let values = [1.8, 2.3, 2.1, 5.9, 6.3, 6.0, 6.1]
        let detector = ChangeDetector(
            prior: .gaussian(mean: mean, strength: strength, shape: shape, scale: scale), expectedRun: 5)
        let oracle = enumerate(values, hazard: 0.2) { piece in
            // Murphy (2007), "Conjugate Bayesian analysis of the Gaussian distribution", eq. 95.
            let n = Double(piece.count)
            let average = piece.reduce(0, +) / n
            let square = piece.reduce(0) { $0 + ($1 - average) * ($1 - average) }
            let k = strength + n
            let b = scale + square / 2 + strength * n * (average - mean) * (average - mean) / (2 * k)
            let a = shape + n / 2
            let gammas = Special.logGamma(a) - Special.logGamma(shape)
            return exp(gammas + shape * log(scale) - a * log(b) + 0.5 * log(strength / k) - n / 2 * log(2 * .pi))
        }
        let last = detector.runLengths(values).last ?? []
        for (value, expected) in zip(last, oracle.lastRun) { #expect(abs(value - expected) < 1e-11) }
        let change = detector.lastChange(values[...])
        #expect(change.place == 3 && change.probability > 0.8)
        #expect(abs(change.before - 2.07) < 0.3 && abs(change.after - 6.08) < 0.5)
    }

    @Test func aPlainChangeIsFoundWhereItIs() {
        let values = [12.0, 9, 11, 10, 13, 8, 11, 10, 12, 2, 3, 1, 2, 4, 2]
        let change = ChangeDetector(prior: .counts(shape: 1, rate: 0.1, dispersion: 1), expectedRun: 48)
            .lastChange(values[...], within: 8)
        #expect(change.place == 9)
        #expect(change.probability > 0.99 && change.recent > 0.9)
        #expect(abs(change.before - 10.7) < 1.5 && abs(change.after - 2.3) < 1)
        let shifted = values.map { $0 + 1e9 }
        let gaussian = ChangeDetector(
            prior: .gaussian(mean: 1e9 + 7, strength: 0.2, shape: 2, scale: 4), expectedRun: 48
        ).lastChange(shifted[...])
        #expect(gaussian.place == 9 && gaussian.probability > 0.95)
    }

    /// 4,000 prescribers over 24 months, overdispersed; a tenth halve or double their level in month 20.
    @Test func alarmsArePreciseAtAGivenRate() throws {
        var generator = SeededGenerator(seed: 4)
        var (series, periods, values) = ([Int32](), [Int64](), [Double]())
        var truth: [Bool] = []
        for one in 0..<4000 {
            var level = 4 + 12 * generator.gamma(shape: 1.5) / 1.5
            let changes = one % 10 == 0
            truth.append(changes)
            for month in 0..<24 {
                if month == 20, changes { level *= one % 20 == 0 ? 0.4 : 2.2 }
                series.append(Int32(one))
                periods.append(Int64(month))
                values.append(Double(generator.negativeBinomial(mean: level, size: 30)))
            }
        }
        let table = try SeriesTable(series: series, seriesCount: 4000, periods: periods, values: values)
        let prior = try ChangePrior.estimate(table)
        guard case .counts(_, _, let dispersion) = prior else {
            Issue.record("counts were not recognised")
            return
        }
        #expect(dispersion > 1.1 && dispersion < 2.5)
        let changes = ChangeDetector(prior: prior, expectedRun: 48).lastChanges(table, within: 4)
        let order = changes.indices.sorted { (changes[$1].recent, $0) < (changes[$0].recent, $1) }
        let alarms = order.prefix(200)
        let precision = Double(alarms.count { truth[$0] }) / 200
        #expect(precision > 0.9)
        let found = alarms.filter { truth[$0] }
        let exact = found.count { abs((changes[$0].place ?? 0) - 20) <= 1 }
        let enough = 0.9 * Double(found.count)
        #expect(Double(exact) > enough)
        let falseShare = Double(changes.indices.count { !truth[$0] && changes[$0].recent > 0.5 }) / 3600
        #expect(falseShare < 0.03)
    }

    @Test func badSeriesAreRefused() throws {
        func problem(
            _ series: [Int32], _ periods: [Int64], _ values: [Double], _ family: ChangePrior.Family = .auto
        ) -> HistoryProblem? {
            #expect(throws: HistoryProblem.self) {
                let table = try SeriesTable(series: series, seriesCount: 2, periods: periods, values: values)
                return try ChangePrior.estimate(table, family: family)
            }
        }
        #expect(problem([], [], [])?.code == "empty")
        #expect(problem([0], [1], [2])?.code == "too_short")
        #expect(problem([0, -1], [1, 2], [2, 3])?.row == 1)
        #expect(problem([0, 0], [1, 2], [2, .infinity])?.row == 1)
        #expect(problem([0, 0, 0], [1, 2, 1], [2, 3, 4])?.row == 2)
        #expect(problem([0, 0], [1, 2], [-2, 3], .counts)?.code == "negative_count")
        #expect(problem([0, 0], [1, 2], [1.5, 1.5])?.code == "all_equal")
    }

    @Test func equalCountsShowNoChange() throws {
        let table = try SeriesTable(
            series: (0..<24).map { Int32($0 / 12) }, seriesCount: 2, periods: (0..<24).map { Int64(23 - $0) },
            values: [Double](repeating: 0, count: 24))
        let prior = try ChangePrior.estimate(table)
        let changes = ChangeDetector(prior: prior, expectedRun: 48).lastChanges(table)
        #expect(changes.allSatisfy { $0.probability < 0.3 })
    }
}
