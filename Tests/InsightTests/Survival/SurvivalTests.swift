import Foundation
import Insight
import Statistics
import Testing

@Suite struct SurvivalTests {
    /// Weeks of remission under 6-mercaptopurine; negative numbers are censored. Freireich and others (1963).
    private static let weeks: [Double] = [
        6, 6, 6, -6, 7, -9, 10, -10, -11, 13, 16, -17, -19, -20, 22, 23, -25, -32, -32, -34, -35,
    ]
    private static let lives = ObservedLives(duration: weeks.map(\.magnitude), ended: weeks.map { $0 > 0 })

    @Test func theTextbookCurveIsReached() throws {
        let curve = try KaplanMeier(Self.lives)
        #expect(curve.ages == [6, 7, 10, 13, 16, 22, 23])
        #expect(curve.atRisk == [21, 17, 15, 12, 11, 7, 6])
        // Kalbfleisch and Prentice (2002), table 1.1, and Greenwood's errors.
        for (value, expected) in zip(curve.survival, [0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482]) {
            #expect(abs(value - expected) < 1e-4)
        }
        for (value, expected) in zip(curve.standardErrors, [0.0764, 0.0869, 0.0963, 0.1068, 0.1141, 0.1282, 0.1346]) {
            #expect(abs(value - expected) < 1e-4)
        }
        #expect(curve.median == 23)
        #expect(curve.share(beyond: 5.9) == 1 && curve.share(beyond: 12) == curve.survival[2])
        for (i, interval) in curve.interval().enumerated() {
            #expect(interval.low < curve.survival[i] && curve.survival[i] < interval.high && interval.low > 0)
        }
    }

    @Test func weibullReachesThePublishedEstimates() throws {
        // R survreg(Surv(time, status) ~ 1): intercept 3.519, scale 0.739.
        let fit = try WeibullSurvival(Self.lives)
        #expect(abs(log(fit.scale) - 3.519) < 0.001)
        #expect(abs(1 / fit.shape - 0.739) < 0.001)
        let age = 12.0
        let chance = fit.chanceToEnd(within: 8, age: age)
        #expect(abs(chance - (1 - fit.share(beyond: 20) / fit.share(beyond: 12))) < 1e-12)
        #expect(abs(fit.timeToEnd(chance, age: age) - 8) < 1e-9)
    }

    @Test func lateEntryIsNoBias() throws {
        // Devices of every age, seen from a given day on for two years: shape 2, scale 6.
        var generator = SeededGenerator(seed: 4)
        var lives = ObservedLives(duration: [], ended: [])
        while lives.count < 8000 {
            let life = 6 * generator.exponential().squareRoot()
            let age = 10 * generator.uniform()
            guard life > age else { continue }
            lives.entered.append(age)
            lives.duration.append(min(life, age + 2))
            lives.ended.append(life <= age + 2)
        }
        let fit = try WeibullSurvival(lives)
        #expect(abs(fit.shape - 2) < 4 * (fit.standardErrors[0] ?? 0))
        #expect(abs(fit.scale - 6) < 4 * (fit.standardErrors[1] ?? 0))
        #expect((fit.standardErrors[0] ?? 1) < 0.1)
        let curve = try KaplanMeier(lives)
        #expect(abs(curve.share(beyond: 4) - exp(-4.0 / 9)) < 0.03)
    }

    @Test func badLivesAreRefused() {
        func problem(_ duration: [Double], _ ended: [Bool], _ entered: [Double] = []) -> HistoryProblem? {
            #expect(throws: HistoryProblem.self) {
                try WeibullSurvival(ObservedLives(duration: duration, ended: ended, entered: entered))
            }
        }
        let yes = [Bool](repeating: true, count: 6)
        #expect(problem([], [])?.code == "empty")
        #expect(problem([1], [true])?.code == "too_few")
        #expect(problem([1, 2, -3, 4, 5, 6], yes)?.row == 2)
        #expect(problem([1, 2, .infinity, 4, 5, 6], yes)?.row == 2)
        #expect(problem([1, 2, 3, 4, 5, 6], yes, [0, 0, 0, 5, 0, 0])?.code == "entry_after_end")
        #expect(problem([3, 3, 3, 3, 3, 3], yes)?.code == "all_equal")
        #expect(problem([1, 2, 3, 4, 5, 0], yes)?.code == "ended_at_start")
        #expect(problem([1, 2, 3, 4, 5, 6], yes.map { !$0 })?.code == "too_few")
    }
}
