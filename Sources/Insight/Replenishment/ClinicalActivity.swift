internal import Foundation

/// Clinical activity and stock of accounts: one row an account, product and period.
package struct ClinicalActivity: Sendable {
    package var account: [Int32]
    package var product: [Int32]
    /// A number that grows with time; empty when each account and product has one row.
    package var period: [Int64]
    /// Units in stock at the end of the period.
    package var stock: [Double]
    /// Units on their way; empty for none.
    package var onOrder: [Double]
    /// Procedures done in the period, a column a kind.
    package var activities: [[Double]]
    /// Units used in the period; empty when unknown.
    package var used: [Double]

    package init(
        account: [Int32], product: [Int32], period: [Int64] = [], stock: [Double], onOrder: [Double] = [],
        activities: [[Double]], used: [Double] = []
    ) {
        self.account = account
        self.product = product
        self.period = period
        self.stock = stock
        self.onOrder = onOrder
        self.activities = activities
        self.used = used
    }

    package var count: Int { account.count }

    /// Refuses missing identifiers and amounts that are negative or not finite, with the row.
    package func validate() throws {
        guard count > 0 else { throw HistoryProblem("empty", "there are no rows", remedy: "give at least one") }
        guard !activities.isEmpty else {
            throw HistoryProblem("no_activity", "no column of clinical activity is given", remedy: "give --activity")
        }
        for row in 0..<count {
            guard account[row] >= 0, product[row] >= 0 else {
                throw HistoryProblem(
                    "missing_id", "the account or the product is missing", row: row,
                    remedy: "fill the cell or leave the row out")
            }
            for (name, column) in [("stock", stock), ("on order", onOrder), ("used", used)] where !column.isEmpty {
                try Self.check(column[row], name, row)
            }
            for column in activities { try Self.check(column[row], "activity", row) }
        }
        if activities.allSatisfy({ $0.allSatisfy { $0 == 0 } }) {
            throw HistoryProblem(
                "no_activity", "no procedure was done: there is no demand to plan for",
                remedy: "name the columns in which procedures are counted")
        }
    }

    private static func check(_ value: Double, _ name: String, _ row: Int) throws {
        guard value.isFinite else {
            throw HistoryProblem(
                "not_finite", "a number (\(name)) is missing or not finite", row: row,
                remedy: "fill the cell or leave the row out")
        }
        guard value <= 1e12 else {
            throw HistoryProblem(
                "too_large", "a number (\(name)) is above 1,000,000,000,000", row: row, remedy: "count in a larger unit"
            )
        }
        guard value >= 0 else {
            throw HistoryProblem(
                "negative_amount", "a number (\(name)) is negative", row: row, remedy: "write amounts from 0 on")
        }
    }

    /// Rows of each account and product in order of time; pairs in order of first appearance.
    ///
    /// - Throws: `HistoryProblem` for two rows of one pair and period.
    func pairs() throws -> [[Int]] {
        var numbers = KeyNumbers(expecting: count)
        var rows: [[Int]] = []
        for row in 0..<count {
            let key = UInt64(account[row]) << 32 | UInt64(product[row])
            let pair = Int(numbers.number(of: key))
            if pair == rows.count { rows.append([]) }
            rows[pair].append(row)
        }
        for pair in rows.indices where rows[pair].count > 1 {
            guard !period.isEmpty else {
                throw HistoryProblem(
                    "duplicate_row", "an account has two rows for one product", row: rows[pair][1],
                    remedy: "name the column of the period with --period")
            }
            rows[pair].sort { (period[$0], $0) < (period[$1], $1) }
            for (before, after) in zip(rows[pair], rows[pair].dropFirst()) where period[before] == period[after] {
                throw HistoryProblem(
                    "duplicate_row", "an account has two rows for one product and period", row: after,
                    remedy: "add up rows of one period first")
            }
        }
        return rows
    }
}
