import Foundation
import Statistics
import Testing

@Suite struct CalibrationTests {
    @Test func areaCountsTiesHalf() {
        let score = ProbabilityScore(probabilities: [0.1, 0.4, 0.4, 0.8], outcomes: [false, false, true, true])
        #expect(score.auc == 0.875)
        #expect(ProbabilityScore(probabilities: [0.3, 0.6], outcomes: [true, true]).auc == 0.5)
    }

    @Test func logLossAndCalibrationErrorMatchAHandCount() {
        let score = ProbabilityScore(probabilities: [0.25, 0.75], outcomes: [false, true], bins: 2)
        #expect(abs(score.logLoss + log(0.75)) < 1e-12)
        #expect(abs(score.baseLogLoss - log(2)) < 1e-12)
        #expect(abs(score.ece - 0.25) < 1e-12)
        #expect(score.bins.map(\.observed) == [0, 1])
    }

    @Test func repairsAModelThatIsTooSureAndLeavesAGoodOneAlone() {
        var random = SeededGenerator(seed: 5)
        let truth = (0..<20_000).map { _ in 1.2 * random.normal() - 0.5 }
        let outcomes = truth.map { random.chance(Special.sigmoid($0)) }
        let sure = LogitCalibration.fit(logits: truth.map { 2 * $0 + 1 }, outcomes: outcomes)
        #expect(abs(sure.slope - 0.5) < 0.03 && abs(sure.shift + 0.5) < 0.05)
        let good = LogitCalibration.fit(logits: truth, outcomes: outcomes)
        #expect(abs(good.slope - 1) < 0.05 && abs(good.shift) < 0.05)
        let few = LogitCalibration.fit(logits: [3, 3, 3], outcomes: [false, false, false])
        #expect(few.slope > 0.4, "three rows change little: \(few)")
    }

    @Test func countScoresKnowAPerfectForecast() {
        var random = SeededGenerator(seed: 2)
        let means = (0..<5000).map { _ in exp(random.normal()) }
        let counts = means.map { Double(random.poisson(mean: $0)) }
        #expect(CountScore.deviance([3, 0], [3, 0]) < 1e-6)
        #expect(CountScore.deviance(counts, means) < CountScore.deviance(counts, means.map { $0 * 1.5 }))
        #expect(abs(CountScore.calibrationSlope(counts, means) - 1) < 0.05)
        #expect(abs(CountScore.calibrationSlope(counts, means.map { $0 * $0 }) - 0.5) < 0.05)
        #expect(CountScore.topDecileLift(counts, means) > 2)
    }
}
