/// Series of values over periods, one an account: what change detection reads.
///
/// Values of one series lie together in order of time; periods without a row are gaps that the caller fills or refuses.
package struct SeriesTable: Sendable {
    /// First value of each series in `values`, and the end of the last.
    package let start: [Int]
    package let values: [Double]
    /// The period of each value, increasing within a series.
    package let periods: [Int64]

    package var count: Int { start.count - 1 }

    /// - Parameters:
    ///   - series: number of the series of each row, 0..<seriesCount.
    ///   - periods: a number that grows with time (days, months).
    /// - Throws: `HistoryProblem` for no rows, missing identifiers, values that are not finite, two rows of one series
    ///   for one period.
    package init(series: [Int32], seriesCount: Int, periods: [Int64], values: [Double]) throws {
        guard !series.isEmpty else { throw HistoryProblem("empty", "there are no rows", remedy: "give at least one") }
        var start = [Int](repeating: 0, count: seriesCount + 1)
        for row in series.indices {
            guard series[row] >= 0, Int(series[row]) < seriesCount else {
                throw HistoryProblem(
                    "missing_id", "the identifier is missing", row: row, remedy: "fill the cell or leave the row out")
            }
            guard values[row].isFinite else {
                throw HistoryProblem(
                    "not_finite", "the value is missing or not finite", row: row,
                    remedy: "write 0 where nothing happened, or leave the row out")
            }
            start[Int(series[row]) + 1] += 1
        }
        for i in 0..<seriesCount { start[i + 1] += start[i] }
        var next = start
        var rows = [Int](repeating: 0, count: series.count)
        for row in series.indices {
            // Insertion from the right: files are nearly in order of time.
            var slot = next[Int(series[row])]
            next[Int(series[row])] += 1
            while slot > start[Int(series[row])], periods[rows[slot - 1]] > periods[row] {
                rows[slot] = rows[slot - 1]
                slot -= 1
            }
            rows[slot] = row
        }
        for one in 0..<seriesCount {
            for slot in start[one]..<start[one + 1] where slot > start[one] {
                if periods[rows[slot]] == periods[rows[slot - 1]] {
                    throw HistoryProblem(
                        "duplicate_period", "the period occurs twice for the same identifier",
                        row: max(rows[slot], rows[slot - 1]), remedy: "add up rows of one period first")
                }
            }
        }
        self.start = start
        self.values = rows.map { values[$0] }
        self.periods = rows.map { periods[$0] }
    }

    package subscript(_ one: Int) -> ArraySlice<Double> { values[start[one]..<start[one + 1]] }
}
