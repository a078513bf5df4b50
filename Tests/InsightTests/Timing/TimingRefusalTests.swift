import Foundation
import Insight
import Testing

/// Input that is no purchase history is refused with its row; a thin one with a reason.
@Suite struct TimingRefusalTests {
    private func histories(_ rows: [(Double, Double, Double)]) -> PurchaseHistories {
        PurchaseHistories(frequency: rows.map(\.0), recency: rows.map(\.1), age: rows.map(\.2))
    }

    private static let good: [(Double, Double, Double)] = (0..<20).map { (i: Int) -> (Double, Double, Double) in
        let recency = i % 4 == 0 ? 0.0 : 3.0 + Double(i)
        return (Double(i % 4), recency, 40.0)
    }

    @Test(arguments: [
        ("negative_time", 1.0, -2.0, 10.0), ("negative_time", 0, 0, -1), ("not_finite", 1, 2, .infinity),
        ("not_finite", .nan, 0, 3), ("recency_after_age", 2, 11, 10), ("recency_without_repeat", 0, 3, 10),
        ("bad_frequency", 1.5, 3, 10), ("bad_frequency", -1, 0, 10),
    ])
    func aBadRowIsNamed(code: String, x: Double, last: Double, end: Double) {
        for model in [TimingModel.bgnbd, .mbgnbd, .paretonbd, .mbgcnbdk, .bgbb] {
            let problem = #expect(throws: HistoryProblem.self) {
                try TimingFit.fit(model, histories(Self.good + [(x, last, end)] + Self.good), regularity: 2)
            }
            #expect(problem?.code == code && problem?.row == 20)
        }
    }

    @Test func thinInputIsRefusedWithAReason() {
        func code(_ rows: [(Double, Double, Double)], _ model: TimingModel = .bgnbd) -> String? {
            #expect(throws: HistoryProblem.self) { try TimingFit.fit(model, histories(rows)) }?.code
        }
        #expect(code([]) == "empty")
        #expect(code([(2, 3, 10)]) == "too_few")
        #expect(code([(Double, Double, Double)](repeating: (2, 3, 10), count: 50)) == "all_equal")
        let silent: [(Double, Double, Double)] = (0..<50).map { (i: Int) -> (Double, Double, Double) in
            (0, 0, Double(i))
        }
        #expect(code(silent) == "no_repeat")
        #expect(code([(Double, Double, Double)](repeating: (0, 0, 0), count: 50)) == "no_time")
        #expect(code(Self.good, .mbgcnbdk) == "no_gaps")
        #expect(code(Self.good, .gammagamma) == "no_monetary")
        var halves = Self.good
        halves[1].1 += 0.5
        #expect(code(halves, .bgbb) == "not_whole")
        var many = Self.good
        many[1].0 = 30
        #expect(code(many, .bgbb) == "too_many_purchases")
    }

    @Test func spendRefusesReturnsAndEqualValues() {
        func code(_ monetary: [Double]) -> HistoryProblem? {
            let input = PurchaseHistories(
                frequency: monetary.map { _ in 2 }, recency: [], age: [], monetary: monetary)
            return #expect(throws: HistoryProblem.self) { try TimingFit.fit(.gammagamma, input) }
        }
        let values = (1...20).map { Double($0) }
        #expect(code(values + [-3])?.code == "bad_monetary" && code(values + [-3])?.row == 20)
        #expect(code(values + [.nan])?.row == 20)
        #expect(code(values.map { _ in 5 })?.code == "all_equal")
        #expect(code([3, 4])?.code == "too_few")
    }

    @Test func customersWhoNeverLeaveLeaveTheDropoutOpen() throws {
        // Everyone buys up to the end: no drop-out can be told, and the fit says so instead of inventing one.
        let rows: [(Double, Double, Double)] = (0..<200).map { (i: Int) -> (Double, Double, Double) in
            (Double(3 + i % 5), 39 + Double(i % 10) / 10, 40)
        }
        let fit = try TimingFit.fit(.bgnbd, histories(rows))
        #expect(!fit.warnings.isEmpty)
        let outlook = PurchaseOutlook.make(fit, DistinctHistories(histories(rows)), horizon: 40)
        #expect(outlook.pAlive.allSatisfy { $0 > 0.9 })
        #expect(outlook.expected.allSatisfy { $0 > 1 && $0 < 20 })
    }
}

@Suite struct EventHistoryTests {
    @Test func eventsOfOneDayAreOnePurchase() throws {
        // Customer 0: days 0, 3 (twice), 10; customer 1: day 5 only; customer 2: day 12, after calibration.
        let events = try EventHistories(
            customers: [0, 1, 0, 0, 0, 2], customerCount: 3, days: [10, 5, 0, 3, 3, 12], values: [7, 1, 9, 2, 3, 4],
            calibrationEnd: 8, unit: .day)
        #expect(events.customer == [0, 1])
        #expect(events.histories.frequency == [1, 0])
        #expect(events.histories.recency == [3, 0])
        #expect(events.histories.age == [8, 3])
        #expect(events.histories.monetary == [5, 0])
        #expect(abs(events.histories.logGaps[0] - log(3)) < 1e-15)
        #expect(events.holdout == [1, 0])
        #expect(events.holdoutLength == 4 && events.latecomers == 1 && events.end == 8)
        let weekly = try EventHistories(customers: [0, 0], customerCount: 1, days: [0, 14], unit: .week)
        #expect(weekly.histories.recency == [2] && weekly.holdout.isEmpty && weekly.holdoutLength == 0)
    }

    @Test func badEventsAreRefused() {
        func problem(_ customers: [Int32], _ days: [Int32], _ values: [Double] = [], end: Int32? = nil)
            -> HistoryProblem?
        {
            #expect(throws: HistoryProblem.self) {
                try EventHistories(
                    customers: customers, customerCount: 2, days: days, values: values, calibrationEnd: end)
            }
        }
        #expect(problem([], [])?.code == "empty")
        #expect(problem([0, -1], [1, 2])?.row == 1)
        #expect(problem([0, 1], [1, 2], [1, .infinity])?.row == 1)
        #expect(problem([0, 1], [5, 6], end: 4)?.code == "calibration_before_data")
    }
}
