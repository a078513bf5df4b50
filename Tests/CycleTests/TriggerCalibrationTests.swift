import EngagementModel
import Testing

@testable import Cycle

@Suite struct TriggerCalibrationTests {
    /// Six days of cases with a score, of which every `n`-th came true.
    private func cases(_ kind: String, score: Double, every n: Int, count: Int = 120) -> [TriggerCalibration.Case] {
        (0..<count).map { i in
            .init(
                day: Day(year: 2026, month: 1 + i % 6, day: 5), kind: kind, score: score, came: (i / 6) % n == 0)
        }
    }

    @Test func aScoreBecomesTheShareThatCameTrue() {
        let all = cases("need_due", score: 0.8, every: 4) + cases("prescribing_fall", score: 0.9, every: 1000)
        let promised = TriggerCalibration.promised(all)
        let due = promised[..<120]
        #expect(due.allSatisfy { abs($0 - 0.25) < 0.1 })
        // One of a hundred and twenty came: no alarm is left.
        #expect(promised[120...].allSatisfy { $0 < 0.2 })
        let lines = TriggerCalibration.all(all)
        #expect(lines.map(\.kind) == ["need_due", "prescribing_fall"] && lines.allSatisfy { $0.cases == 120 })
        #expect(lines.allSatisfy { $0.slope > 0 })
    }

    @Test func aDayIsNotJudgedByItself() {
        // Everything comes true on one day, nothing on the others: that day's promise must not know it.
        let all = (0..<60).map { i in
            TriggerCalibration.Case(
                day: Day(year: 2026, month: 1 + i % 6, day: 5), kind: "need_due", score: 0.5, came: i % 6 == 2)
        }
        let promised = TriggerCalibration.promised(all)
        for i in all.indices where i % 6 == 2 { #expect(promised[i] < 0.2) }
        for i in all.indices where i % 6 != 2 { #expect(promised[i] > promised[2]) }
    }

    @Test func whatPromisesSomethingElseAndASingleDayKeepTheirScores() {
        let stock = cases("order_proposal", score: 0.05, every: 2)
        #expect(TriggerCalibration.promised(stock).allSatisfy { $0 == 0.05 } && TriggerCalibration.all(stock).isEmpty)
        let single = stock.map {
            TriggerCalibration.Case(day: Day(year: 2026, month: 1, day: 5), kind: "need_due", score: 0.7, came: $0.came)
        }
        #expect(TriggerCalibration.promised(single).allSatisfy { $0 == 0.7 })
        #expect(TriggerCalibration.promised([]).isEmpty)
    }
}
