internal import EngagementModel
internal import Foundation
internal import Statistics
internal import Warehouse

/// What the scores of one kind of trigger turned out to be worth: a line on the logit scale, learnt from a back-test.
///
/// Scores come from models (the chance of an order, the belief in a change) and from counts (visits of a fortnight). What
/// came of past ones makes them the probabilities that they are read as; where hardly any came true, no score is left
/// that would raise an alarm.
public struct TriggerCalibration: Sendable, Codable, Hashable {
    public var kind: String
    public var slope: Double
    public var shift: Double
    /// Raised and judged triggers that it was learnt from.
    public var cases: Int

    /// One raised trigger of a past day, and whether it came true.
    struct Case: Sendable {
        var day: Day
        var kind: String
        var score: Double
        var came: Bool
    }

    /// A stock that runs out and an order that is placed are two things: the score of `order_proposal` is the former.
    static let untouched: Set<String> = ["order_proposal"]
    /// Strength of the identity, in cases: a dozen alarms of which none came true must not stay alarms.
    private static let prior = 8.0

    static func logit(_ score: Double) -> Double {
        let p = min(max(score, 0.001), 0.999)
        return log(p / (1 - p))
    }

    static func fit(_ cases: [Case]) -> LogitCalibration {
        let logits = cases.map { logit($0.score) }
        var line = LogitCalibration.fit(logits: logits, outcomes: cases.map(\.came), priorRows: prior)
        // A slope that was held at its bound leaves the shift of another line: the shift is found again beside it.
        for _ in 0..<50 {
            var (gradient, weight) = (-prior / 4 * line.shift, prior / 4)
            for (one, z) in zip(cases, logits) {
                let p = Special.sigmoid(line.slope * z + line.shift)
                gradient += (one.came ? 1 : 0) - p
                weight += p * (1 - p)
            }
            line.shift += min(max(gradient / weight, -2), 2)
        }
        return line
    }

    /// One line a kind, from all days.
    static func all(_ cases: [Case]) -> [TriggerCalibration] {
        Dictionary(grouping: cases.filter { !untouched.contains($0.kind) }, by: \.kind).map { kind, own in
            let line = fit(own)
            return TriggerCalibration(kind: kind, slope: line.slope, shift: line.shift, cases: own.count)
        }.sorted { $0.kind < $1.kind }
    }

    /// What a line that was learnt on the other days promises for each case: nothing is judged by itself. A kind that is
    /// left as it is, and the only day there is, keep their scores.
    static func promised(_ cases: [Case]) -> [Double] {
        var result = cases.map(\.score)
        let days = Set(cases.map(\.day))
        guard days.count > 1 else { return result }
        for kind in Set(cases.map(\.kind)).subtracting(untouched) {
            for day in days {
                let line = fit(cases.filter { $0.kind == kind && $0.day != day })
                for i in cases.indices where cases[i].kind == kind && cases[i].day == day {
                    result[i] = Special.sigmoid(line.slope * logit(cases[i].score) + line.shift)
                }
            }
        }
        return result
    }
}
