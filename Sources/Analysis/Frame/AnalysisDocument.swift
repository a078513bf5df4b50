/// A value in a method's result.
package enum AnalysisValue: Sendable, Hashable {
    case number(Double)
    case integer(Int)
    case text(String)
    case flag(Bool)
    case list([AnalysisValue])
    case object([AnalysisEntry])
    case missing

    /// An object from pairs, in order.
    package static func object(_ pairs: [(String, AnalysisValue)]) -> AnalysisValue {
        .object(pairs.map { AnalysisEntry(key: $0.0, value: $0.1) })
    }

    /// `{value, low, high}`, as every estimate is given.
    package static func interval(_ value: Double, _ low: Double, _ high: Double) -> AnalysisValue {
        .object([("value", .number(value)), ("low", .number(low)), ("high", .number(high))])
    }

    package static func numbers(_ values: [Double]) -> AnalysisValue { .list(values.map { .number($0) }) }
    package static func texts(_ values: [String]) -> AnalysisValue { .list(values.map { .text($0) }) }
    /// NaN and infinities are written as null by every number; this keeps nil apart in code only.
    package static func optional(_ value: Double?) -> AnalysisValue { value.map { .number($0) } ?? .missing }
}

/// One key of an object and its value.
package struct AnalysisEntry: Sendable, Hashable {
    package var key: String
    package var value: AnalysisValue

    package init(key: String, value: AnalysisValue) {
        self.key = key
        self.value = value
    }
}

/// A method's result: keys in the order in which they were set, between `method, rows, seed` and
/// `warnings, seconds`.
package struct AnalysisDocument: Sendable {
    package let method: String
    package let rows: Int
    package let seed: UInt64
    package private(set) var entries: [AnalysisEntry] = []
    package private(set) var warnings: [String] = []
    let started: ContinuousClock.Instant

    package init(method: String, rows: Int, seed: UInt64, started: ContinuousClock.Instant = .now) {
        self.method = method
        self.rows = rows
        self.seed = seed
        self.started = started
    }

    /// A document about one table, whose reading counts in `seconds`.
    package init(method: String, table: AnalysisTable, seed: UInt64) {
        self.init(method: method, rows: table.rowCount, seed: seed, started: table.started)
    }

    /// Sets a key, or replaces its value.
    package mutating func set(_ key: String, _ value: AnalysisValue) {
        if let place = entries.firstIndex(where: { $0.key == key }) {
            entries[place].value = value
        } else {
            entries.append(AnalysisEntry(key: key, value: value))
        }
    }

    package subscript(key: String) -> AnalysisValue? { entries.first { $0.key == key }?.value }

    package mutating func warn(_ text: String) { warnings.append(text) }

    /// Everything, with the time taken until now.
    func complete(seconds: Double) -> AnalysisValue {
        .object(
            [
                AnalysisEntry(key: "method", value: .text(method)), AnalysisEntry(key: "rows", value: .integer(rows)),
                AnalysisEntry(key: "seed", value: UInt64(Int.max) >= seed ? .integer(Int(seed)) : .text("\(seed)")),
            ] + entries + [
                AnalysisEntry(key: "warnings", value: .texts(warnings)),
                AnalysisEntry(key: "seconds", value: .number(seconds)),
            ])
    }
}
