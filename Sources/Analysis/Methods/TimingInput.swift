internal import ArgumentParser
internal import EngagementModel
internal import Insight

/// What `rapport analyze timing` read: summaries of customers, or histories made from an event log.
struct TimingInput {
    var histories: PurchaseHistories
    /// One a history.
    var identifiers: [String]
    /// Day from which forecasts count; nil for summaries.
    var end: Day?
    var unitDays = 1.0
    /// Purchases in the holdout, and its length in units; empty without one.
    var holdout: [Double] = []
    var holdoutLength = 0.0
    var latecomers = 0
    /// The segment of each history, and their names; empty without segments.
    var segmentOf: [Int32] = []
    var segmentNames: [String] = []

    static func summaries(_ table: AnalysisTable, _ names: TimingMethod.SummaryColumns) throws -> TimingInput {
        guard let frequency = names.frequency else {
            throw Diagnostic(
                "missing_option", "neither summaries nor an event log are named", file: table.path,
                remedy: "give --frequency, --recency and --age, or --id and --date")
        }
        let spendOnly = names.recency == nil && names.monetary != nil
        let x = try table.doubles(frequency)
        let nothing = [Double](repeating: 0, count: spendOnly ? table.rowCount : 0)
        guard spendOnly || names.recency != nil, spendOnly || names.age != nil || names.n != nil else {
            throw Diagnostic(
                "missing_option", "summaries need --frequency, --recency and --age (or --n)", file: table.path,
                remedy: "name the columns")
        }
        let histories = PurchaseHistories(
            frequency: x, recency: try names.recency.map { try table.doubles($0) } ?? nothing,
            age: try (names.n ?? names.age).map { try table.doubles($0) } ?? nothing,
            logGaps: try names.logGaps.map { try table.doubles($0) } ?? [],
            monetary: try names.monetary.map { try table.doubles($0, missing: .nan) } ?? [],
            weight: try names.weight.map { try table.doubles($0) } ?? [])
        return TimingInput(histories: histories, identifiers: try names.id.map { try table.texts($0) } ?? [])
    }

    static func events(
        _ table: AnalysisTable, id: String, date: String, value: String?, calibrationEnd: Day?,
        unit: EventHistories.Unit
    ) throws -> TimingInput {
        let (codes, values) = try table.codes(id)
        let days = try table.days(date)
        let amounts = try value.map { try table.doubles($0) } ?? []
        let events = try table.placing {
            try EventHistories(
                customers: codes, customerCount: values.count, days: days, values: amounts,
                calibrationEnd: calibrationEnd?.number, unit: unit)
        }
        return TimingInput(
            histories: events.histories, identifiers: events.customer.map { values[Int($0)] },
            end: Day(number: events.end), unitDays: unit.days, holdout: events.holdout,
            holdoutLength: events.holdoutLength, latecomers: events.latecomers)
    }

    /// Reads the segment of each history: of an event log the one on the customer's first row.
    mutating func readSegments(_ table: AnalysisTable, _ column: String, customer: String?) throws {
        let (codes, names) = try table.codes(column)
        segmentNames = names
        if let row = codes.firstIndex(of: -1) {
            throw table.fault(
                "missing_segment", "the segment is missing", row: row, column: column,
                remedy: "fill the cell or leave the row out")
        }
        guard let customer, end != nil else {
            segmentOf = codes
            return
        }
        let (customers, values) = try table.codes(customer)
        var first = [Int32](repeating: -1, count: values.count)
        for row in customers.indices where customers[row] >= 0 && first[Int(customers[row])] < 0 {
            first[Int(customers[row])] = codes[row]
        }
        let places = Dictionary(uniqueKeysWithValues: values.enumerated().map { ($1, $0) })
        segmentOf = identifiers.map { name in places[name].map { first[$0] } ?? -1 }
    }

    /// A moment after the end of observation: a date for event logs, the number of units for summaries.
    func moments(_ waits: [Double]) -> AnalysisMoments {
        guard let end else { return .units(waits.map { $0.isFinite ? $0 : nil }) }
        // Beyond the year 9999 there is no date to write.
        let last = Double(Day(year: 9999, month: 12, day: 31).number - end.number)
        return .dates(
            waits.map { wait in
                let days = (wait * unitDays).rounded(.up)
                return days <= last ? Day(number: end.number + Int32(days)).description : ""
            })
    }
}

/// Moments as an output column.
enum AnalysisMoments {
    case units([Double?]), dates([String])

    func add(to columns: inout AnalysisColumns, _ name: String) {
        switch self {
        case .units(let values): columns.add(name, values)
        case .dates(let values): columns.add(name, values)
        }
    }
}
