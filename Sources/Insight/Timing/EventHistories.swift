internal import Foundation
internal import Statistics

/// Purchase histories of customers, made from a log of single purchases.
///
/// Purchases of one customer on one day are one purchase (their values add up). A customer enters with the first
/// purchase, which is not counted in the frequency. Customers who first bought after the end of calibration are left
/// out: there is nothing yet to forecast from.
package struct EventHistories: Sendable {
    package enum Unit: String, Sendable, CaseIterable {
        case day, week
        package var days: Double { self == .day ? 1 : 7 }
    }

    package var histories: PurchaseHistories
    /// The customer (number in the log) of each history.
    package var customer: [Int32]
    /// Purchases after the end of calibration up to the end of the log; empty without a holdout.
    package var holdout: [Double]
    /// Length of the holdout in units; 0 without one.
    package var holdoutLength: Double
    /// Day (since 1970-01-01) from which forecasts count.
    package var end: Int32
    /// Customers who first bought later.
    package var latecomers: Int

    /// - Parameters:
    ///   - customers: number of the customer of each event, 0..<customerCount.
    ///   - days: day of each event, days since 1970-01-01.
    ///   - values: value of each event; empty when unknown.
    ///   - calibrationEnd: last day of calibration; nil for the last day of the log.
    package init(
        customers: [Int32], customerCount: Int, days: [Int32], values: [Double] = [], calibrationEnd: Int32? = nil,
        unit: Unit = .day
    ) throws {
        guard let last = days.max(), let first = days.min() else {
            throw HistoryProblem("empty", "there are no purchases", remedy: "give an event log with at least one row")
        }
        try Self.validate(customers, customerCount, values)
        let end = calibrationEnd ?? last
        guard first <= end else {
            throw HistoryProblem(
                "calibration_before_data", "the end of calibration lies before the first purchase",
                remedy: "choose a later --calibration-end")
        }
        let log = GroupedEvents(customers, customerCount, days, values)
        let parts = ParallelRanges.map(customerCount, piece: 8192) { range in
            Part(log, range, end: end, unit: unit.days, held: calibrationEnd != nil)
        }
        histories = PurchaseHistories(frequency: [], recency: [], age: [])
        (customer, holdout, latecomers) = ([], [], 0)
        for part in parts {
            histories.frequency += part.histories.frequency
            histories.recency += part.histories.recency
            histories.age += part.histories.age
            histories.logGaps += part.histories.logGaps
            histories.monetary += part.histories.monetary
            customer += part.customer
            holdout += part.holdout
            latecomers += part.latecomers
        }
        self.end = end
        holdoutLength = calibrationEnd == nil ? 0 : Double(max(last - end, 0)) / unit.days
        if holdoutLength == 0 { holdout = [] }
    }

    private static func validate(_ customers: [Int32], _ count: Int, _ values: [Double]) throws {
        for row in customers.indices where customers[row] < 0 || Int(customers[row]) >= count {
            throw HistoryProblem(
                "missing_id", "the customer is missing", row: row, remedy: "fill the cell or leave the row out")
        }
        for row in values.indices where !values[row].isFinite {
            throw HistoryProblem(
                "not_finite", "the value of a purchase is missing or not finite", row: row,
                remedy: "fill the value or leave the row out")
        }
    }

    /// Histories of a range of customers.
    private struct Part: Sendable {
        var histories = PurchaseHistories(frequency: [], recency: [], age: [])
        var customer: [Int32] = []
        var holdout: [Double] = []
        var latecomers = 0

        init(_ grouped: GroupedEvents, _ range: Range<Int>, end: Int32, unit: Double, held: Bool) {
            for one in range {
                let events = grouped.start[one]..<grouped.start[one + 1]
                guard let first = events.first else { continue }
                let firstDay = grouped.days[first]
                guard firstDay <= end else {
                    latecomers += 1
                    continue
                }
                var (x, last, gaps, spent, later) = (0.0, firstDay, 0.0, 0.0, 0.0)
                var (day, previous) = (firstDay, firstDay)
                for event in events {
                    if grouped.days[event] != day {
                        previous = day
                        day = grouped.days[event]
                        if day <= end {
                            x += 1
                            gaps += log(Double(day - previous) / unit)
                            last = day
                        } else {
                            later += 1
                        }
                    }
                    if day != firstDay, day <= end, !grouped.values.isEmpty { spent += grouped.values[event] }
                }
                customer.append(Int32(one))
                histories.frequency.append(x)
                histories.recency.append(Double(last - firstDay) / unit)
                histories.age.append(Double(end - firstDay) / unit)
                histories.logGaps.append(gaps)
                if !grouped.values.isEmpty { histories.monetary.append(x > 0 ? spent / x : 0) }
                if held { holdout.append(later) }
            }
        }
    }
}

/// Events in order of customer, then day: a counting sort, then a short sort for each customer.
private struct GroupedEvents: Sendable {
    var start: [Int]
    var days: [Int32]
    var values: [Double]

    init(_ customers: [Int32], _ count: Int, _ days: [Int32], _ values: [Double]) {
        var start = [Int](repeating: 0, count: count + 1)
        for customer in customers { start[Int(customer) + 1] += 1 }
        for i in 0..<count { start[i + 1] += start[i] }
        var next = start
        var sorted = [Int32](repeating: 0, count: days.count)
        var sortedValues = [Double](repeating: 0, count: values.count)
        for event in customers.indices {
            let customer = Int(customers[event])
            // Insertion from the right: a log is nearly in order of time, and no customer has very many events.
            var slot = next[customer]
            next[customer] += 1
            let day = days[event]
            while slot > start[customer], sorted[slot - 1] > day {
                sorted[slot] = sorted[slot - 1]
                if !values.isEmpty { sortedValues[slot] = sortedValues[slot - 1] }
                slot -= 1
            }
            sorted[slot] = day
            if !values.isEmpty { sortedValues[slot] = values[event] }
        }
        (self.start, self.days, self.values) = (start, sorted, sortedValues)
    }
}
