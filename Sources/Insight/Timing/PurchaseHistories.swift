internal import Foundation
internal import Statistics

/// What buy-till-you-die models know of each customer: sufficient statistics, one row a customer.
///
/// Times are in one unit, counted from the customer's first purchase. Source: Fader, Hardie and Lee, "Counting your
/// customers the easy way" (Marketing Science, 2005).
package struct PurchaseHistories: Sendable {
    /// Repeat purchases: the first one is not counted.
    package var frequency: [Double]
    /// Time of the last purchase, 0 without a repeat.
    package var recency: [Double]
    /// Time of the end of observation; for discrete opportunities, their number.
    package var age: [Double]
    /// Sum over repeat purchases of the logarithm of the time since the purchase before; empty when unknown.
    package var logGaps: [Double]
    /// Mean value of a repeat purchase; empty when unknown.
    package var monetary: [Double]
    /// Customers that a row stands for; empty for one each.
    package var weight: [Double]

    package init(
        frequency: [Double], recency: [Double], age: [Double], logGaps: [Double] = [], monetary: [Double] = [],
        weight: [Double] = []
    ) {
        self.frequency = frequency
        self.recency = recency
        self.age = age
        self.logGaps = logGaps
        self.monetary = monetary
        self.weight = weight
    }

    package var count: Int { frequency.count }
    package var customers: Double { weight.isEmpty ? Double(count) : weight.reduce(0, +) }

    /// Refuses what no purchase history can be, with its row.
    package func validate() throws {
        guard count > 0 else {
            throw HistoryProblem("empty", "there are no customers", remedy: "give a file with at least ten customers")
        }
        for row in 0..<count {
            let (x, last, end) = (frequency[row], recency[row], age[row])
            guard x.isFinite, last.isFinite, end.isFinite else {
                throw HistoryProblem(
                    "not_finite", "a value is missing or not finite", row: row,
                    remedy: "fill the cell or leave the row out")
            }
            guard x >= 0, x == x.rounded(), x < 2_000_000_000 else {
                throw HistoryProblem(
                    "bad_frequency", "the frequency is no whole number from 0 up", row: row,
                    remedy: "give the number of purchases after the first")
            }
            guard last >= 0, end >= 0 else {
                throw HistoryProblem(
                    "negative_time", "a time is negative", row: row,
                    remedy: "recency and age are counted from the first purchase")
            }
            guard last <= end else {
                throw HistoryProblem(
                    "recency_after_age", "the last purchase lies after the end of observation", row: row,
                    remedy: "recency and age are both counted from the first purchase")
            }
            guard x > 0 || last == 0 else {
                throw HistoryProblem(
                    "recency_without_repeat", "the recency is above 0 although there is no repeat purchase", row: row,
                    remedy: "recency is the time from the first purchase to the last, 0 with one purchase")
            }
        }
        try validateWeights()
        if age.allSatisfy({ $0 == 0 }) {
            throw HistoryProblem(
                "no_time", "no customer has been observed for any time",
                remedy: "name the column of the time from the first purchase to the end with --age")
        }
    }

    private func validateWeights() throws {
        for row in weight.indices where !(weight[row] >= 0 && weight[row].isFinite) {
            throw HistoryProblem(
                "bad_weight", "the number of customers is negative or missing", row: row,
                remedy: "write how many customers the row stands for")
        }
        for row in logGaps.indices where !logGaps[row].isFinite {
            throw HistoryProblem(
                "not_finite", "the sum of log gaps is missing or not finite", row: row,
                remedy: "write 0 for customers without a repeat purchase")
        }
    }

    /// Refuses input from which a model with several parameters cannot be told.
    package func validateForFit() throws {
        guard customers >= 10 else {
            throw HistoryProblem(
                "too_few", "fewer than ten customers: the parameters cannot be estimated",
                remedy: "give more customers, or a longer list with --weight")
        }
        guard frequency.contains(where: { $0 > 0 }) else {
            throw HistoryProblem(
                "no_repeat", "no customer has a repeat purchase: the rate of purchases cannot be estimated",
                remedy: "observe for longer, or check that frequency counts the purchases after the first")
        }
        let first = (frequency[0], recency[0], age[0])
        if (1..<count).allSatisfy({ (frequency[$0], recency[$0], age[$0]) == first }) {
            throw HistoryProblem(
                "all_equal", "every customer has the same history: differences between them cannot be estimated",
                remedy: "give customers who differ")
        }
    }
}

/// The distinct histories of a customer base with the number of customers of each.
///
/// A likelihood is summed over distinct histories, and functions of one statistic alone are tabulated over its
/// distinct values: a million customers observed by the day share a few thousand of each.
package struct DistinctHistories: Sendable {
    /// Distinct frequencies, recencies and ages in order of first appearance.
    package let frequencies: [Double]
    package let recencies: [Double]
    package let ages: [Double]
    /// One entry a distinct history: places in the three lists above, and customers.
    package let frequencyIndex: [Int32]
    package let recencyIndex: [Int32]
    package let ageIndex: [Int32]
    package let customers: [Double]
    /// The distinct history of each row.
    package let groupOfRow: [Int32]
    /// Customers of each distinct frequency.
    package let customersByFrequency: [Double]
    /// Σ of log gaps over customers, nil when unknown.
    package let logGaps: Double?

    package var count: Int { customers.count }
    package var total: Double { customersByFrequency.reduce(0, +) }

    package init(_ histories: PurchaseHistories) {
        let x = DistinctValues(histories.frequency)
        let last = DistinctValues(histories.recency)
        let end = DistinctValues(histories.age)
        let n = histories.count
        var keys = KeyNumbers(expecting: n)
        var (fx, rx, ax) = ([Int32](), [Int32](), [Int32]())
        var customers: [Double] = []
        var groups = [Int32](repeating: 0, count: n)
        var byFrequency = [Double](repeating: 0, count: x.values.count)
        let (recencies, ages) = (UInt64(last.values.count), UInt64(end.values.count))
        for row in 0..<n {
            let key = (UInt64(x.numbers[row]) * recencies + UInt64(last.numbers[row])) * ages + UInt64(end.numbers[row])
            let group = keys.number(of: key)
            if Int(group) == customers.count {
                fx.append(x.numbers[row])
                rx.append(last.numbers[row])
                ax.append(end.numbers[row])
                customers.append(0)
            }
            let weight = histories.weight.isEmpty ? 1 : histories.weight[row]
            customers[Int(group)] += weight
            byFrequency[Int(x.numbers[row])] += weight
            groups[row] = group
        }
        (frequencyIndex, recencyIndex, ageIndex) = (fx, rx, ax)
        (frequencies, self.recencies, self.ages) = (x.values, last.values, end.values)
        (self.customers, groupOfRow, customersByFrequency) = (customers, groups, byFrequency)
        if histories.logGaps.isEmpty {
            logGaps = nil
        } else {
            var sum = 0.0
            for row in 0..<n { sum += histories.logGaps[row] * (histories.weight.isEmpty ? 1 : histories.weight[row]) }
            logGaps = sum
        }
    }
}

/// Distinct numbers in order of first appearance, and the place of each row's number among them.
struct DistinctValues {
    var values: [Double] = []
    var numbers: [Int32]

    init(_ column: [Double]) {
        numbers = [Int32](repeating: 0, count: column.count)
        var keys = KeyNumbers(expecting: 4096)
        for row in column.indices {
            let value = column[row] + 0  // −0 becomes 0
            let number = keys.number(of: value.bitPattern)
            if Int(number) == values.count { values.append(value) }
            numbers[row] = number
        }
    }
}

/// Numbers 64-bit keys in order of first appearance; open addressing, linear probing.
struct KeyNumbers {
    private var keys: [UInt64]
    private var numbers: [Int32]
    private var mask: Int
    private(set) var count = 0

    init(expecting n: Int) {
        var size = 64
        while size < 2 * n { size *= 2 }
        keys = [UInt64](repeating: 0, count: size)
        numbers = [Int32](repeating: -1, count: size)
        mask = size - 1
    }

    mutating func number(of key: UInt64) -> Int32 {
        if 2 * count > mask { grow() }
        var slot = Int(truncatingIfNeeded: SeededGenerator.mix(key)) & mask
        while numbers[slot] >= 0 {
            if keys[slot] == key { return numbers[slot] }
            slot = (slot + 1) & mask
        }
        keys[slot] = key
        numbers[slot] = Int32(count)
        count += 1
        return Int32(count - 1)
    }

    private mutating func grow() {
        let (oldKeys, oldNumbers) = (keys, numbers)
        let size = 2 * oldKeys.count
        keys = [UInt64](repeating: 0, count: size)
        numbers = [Int32](repeating: -1, count: size)
        mask = size - 1
        for old in oldKeys.indices where oldNumbers[old] >= 0 {
            var slot = Int(truncatingIfNeeded: SeededGenerator.mix(oldKeys[old])) & mask
            while numbers[slot] >= 0 { slot = (slot + 1) & mask }
            keys[slot] = oldKeys[old]
            numbers[slot] = oldNumbers[old]
        }
    }
}
