internal import Foundation
internal import Statistics

/// What each person answers to, arm by arm (channels, or topics in their formats), as answers per try: the person's own
/// record shrunk to colleagues of the group, the group to the market, with an interval.
///
/// Answers per *try*: an arm that was never tried on a person has no record there, and much trying is no merit. How
/// strongly a record is shrunk is learnt for each arm from how much people differ on it (beta-binomial, moments;
/// Kleinman, "Proportions with extraneous variance", 1973). What a person answers on *other* arms moves the expectation,
/// so that a person who answers everything is expected to answer here; the arm's own record does not count twice.
package struct ShrunkRates: Sendable {
    /// One record: a person, an arm, tries and answers.
    package struct Records: Sendable {
        package var person: [Int32]
        package var arm: [Int32]
        package var tries: [Int32]
        /// At most `tries`.
        package var answers: [Int32]

        package init(person: [Int32] = [], arm: [Int32] = [], tries: [Int32] = [], answers: [Int32] = []) {
            (self.person, self.arm, self.tries, self.answers) = (person, arm, tries, answers)
        }
    }

    package struct Rate: Sendable, Hashable {
        package var value: Double
        package var low: Double
        package var high: Double
        /// Times what a person of the group would be expected to answer on this arm.
        package var lift: Double
    }

    /// Tries that the market counts for in a group's rate, and expected answers that an average person counts for.
    private static let strengths = (group: 50.0, person: 4.0)

    private let groups: Int
    /// Rate of arm × group, the unknown group last.
    private let rates: [Double]
    /// Strength of the prior of each arm in tries.
    package let concentration: [Double]

    /// - Parameters:
    ///   - group: of each person, -1 for none.
    /// - Throws: `HistoryProblem` for answers that are more than tries, or numbers out of range.
    package init(_ records: Records, arms: Int, group: [Int32], groups: Int) throws {
        let n = records.person.count
        guard records.arm.count == n, records.tries.count == n, records.answers.count == n else {
            throw HistoryProblem(
                "ragged_columns", "the columns differ in length", remedy: "give columns of one length")
        }
        var (tries, answers) = ([Double](repeating: 0, count: arms * (groups + 1)), [Double]())
        answers = tries
        for row in 0..<n {
            guard (0..<group.count).contains(Int(records.person[row])), (0..<arms).contains(Int(records.arm[row]))
            else {
                throw HistoryProblem(
                    "missing_id", "a record names nobody, or nothing", row: row, remedy: "leave the row out")
            }
            guard records.answers[row] >= 0, records.answers[row] <= records.tries[row] else {
                throw HistoryProblem(
                    "bad_count", "a record has more answers than tries, or fewer than none", row: row,
                    remedy: "count answers to what was tried")
            }
            let cell = Self.cell(records, row, group, groups)
            tries[cell] += Double(records.tries[row])
            answers[cell] += Double(records.answers[row])
        }
        let market = (0..<arms).map { arm in
            let cells = (arm * (groups + 1))..<((arm + 1) * (groups + 1))
            return (answers[cells].reduce(0, +) + 1) / (tries[cells].reduce(0, +) + 5)
        }
        rates = tries.indices.map { cell in
            (answers[cell] + Self.strengths.group * market[cell / (groups + 1)]) / (tries[cell] + Self.strengths.group)
        }
        self.groups = groups
        concentration = Self.concentrations(records, arms, group, groups, rates)
    }

    private static func cell(_ records: Records, _ row: Int, _ group: [Int32], _ groups: Int) -> Int {
        let own = group[Int(records.person[row])]
        return Int(records.arm[row]) * (groups + 1) + (own < 0 ? groups : Int(own))
    }

    /// From the spread of people around the rate of their group: none where people differ no more than chance.
    private static func concentrations(
        _ records: Records, _ arms: Int, _ group: [Int32], _ groups: Int, _ rates: [Double]
    ) -> [Double] {
        var (spread, people) = ([Double](repeating: 0, count: arms), [Double](repeating: 0, count: arms))
        var (total, squares) = (people, people)
        for row in records.person.indices where records.tries[row] > 0 {
            let (arm, n) = (Int(records.arm[row]), Double(records.tries[row]))
            let rate = min(max(rates[cell(records, row, group, groups)], 1e-6), 1 - 1e-6)
            let deviation = Double(records.answers[row]) - n * rate
            spread[arm] += deviation * deviation / (n * rate * (1 - rate))
            people[arm] += 1
            total[arm] += n
            squares[arm] += n * n
        }
        return (0..<arms).map { arm in
            // E[spread] = people + ρ (total − people).
            let more = total[arm] - people[arm]
            guard people[arm] >= 20, more >= 20 else { return 10 }
            let correlation = (spread[arm] - people[arm]) / more
            guard correlation > 1e-3 else { return 1000 }
            return min(max(1 / correlation - 1, 2), 1000)
        }
    }

    /// One rate a record, in order.
    ///
    /// - Parameter level: probability of the interval.
    package func posteriors(_ records: Records, group: [Int32], level: Double = 0.9) -> [Rate] {
        var (expected, answered) = (
            [Double](repeating: 0, count: group.count), [Double](repeating: 0, count: group.count)
        )
        for row in records.person.indices {
            let person = Int(records.person[row])
            expected[person] += Double(records.tries[row]) * rates[Self.cell(records, row, group, groups)]
            answered[person] += Double(records.answers[row])
        }
        let table = BetaQuantileTable(level: level)
        let (expectedOfAll, answeredOfAll) = (expected, answered)
        return ParallelRanges.map(records.person.count, piece: 8192) { range in
            range.map { row in
                let person = Int(records.person[row])
                let (n, y) = (Double(records.tries[row]), Double(records.answers[row]))
                let base = rates[Self.cell(records, row, group, groups)]
                // The person's level from the other arms alone.
                let others = max(0, expectedOfAll[person] - n * base)
                let level =
                    (max(0, answeredOfAll[person] - y) + Self.strengths.person) / (others + Self.strengths.person)
                let mean = min(max(base * level, 1e-4), 0.98)
                let strength = concentration[Int(records.arm[row])]
                let (a, b) = (strength * mean + y, strength * (1 - mean) + n - y)
                let value = a / (a + b)
                let interval = table.interval(a, b)
                return Rate(
                    value: value, low: min(interval.low, value), high: max(interval.high, value), lift: value / base)
            }
        }.flatMap { $0 }
    }
}
