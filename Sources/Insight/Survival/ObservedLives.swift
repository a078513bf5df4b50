/// How long contracts or devices have lasted: one row each, ended or still running.
package struct ObservedLives: Sendable {
    /// Age at the end of observation, in one unit of time.
    package var duration: [Double]
    /// False while it still runs (censored).
    package var ended: [Bool]
    /// Age at which observation began (left truncation); empty for 0.
    package var entered: [Double]

    package init(duration: [Double], ended: [Bool], entered: [Double] = []) {
        self.duration = duration
        self.ended = ended
        self.entered = entered
    }

    package var count: Int { duration.count }

    /// Refuses what no life can be, with its row.
    package func validate() throws {
        guard count > 0 else {
            throw HistoryProblem("empty", "there are no contracts or devices", remedy: "give at least one")
        }
        guard ended.count == count, entered.isEmpty || entered.count == count else {
            throw HistoryProblem("ragged_columns", "the columns differ in length", remedy: "give columns of one length")
        }
        for row in 0..<count {
            let (from, to) = (entered.isEmpty ? 0 : entered[row], duration[row])
            guard from.isFinite, to.isFinite else {
                throw HistoryProblem(
                    "not_finite", "a duration is missing or not finite", row: row,
                    remedy: "fill the duration or leave the row out")
            }
            guard from >= 0, to >= 0 else {
                throw HistoryProblem(
                    "negative_time", "a duration is negative", row: row,
                    remedy: "count durations from the beginning of each life")
            }
            guard from <= to else {
                throw HistoryProblem(
                    "entry_after_end", "observation begins after it ends", row: row,
                    remedy: "the age at entry lies before the age at the end")
            }
        }
    }
}
