package import EngagementModel

/// The values of one column on the way into the warehouse.
package enum ColumnData: Sendable {
    case int64([Int64])
    case int32([Int32])
    case int16([Int16])
    case uint8([UInt8])
    case double([Double])
    case float([Float])
    case bool([Bool])
    case text([String])
    case optionalText([String?])
    case optionalDouble([Double?])
    case optionalInt64([Int64?])
    case optionalInt32([Int32?])
    case optionalBool([Bool?])
    case day([Day])
    case optionalDay([Day?])
    /// Microseconds since 1970-01-01 UTC, into `TIMESTAMP`.
    case timestamp([Int64])
    case optionalTimestamp([Int64?])
    case bytes([[UInt8]])
    /// Text by place in `values`; a code outside them is null.
    case textDictionary(codes: [Int32], values: [String])
    /// Nothing but nulls, of no type of their own: how a null parameter travels.
    case nulls(Int)

    package var count: Int {
        switch self {
        case .int64(let values): values.count
        case .int32(let values): values.count
        case .int16(let values): values.count
        case .uint8(let values): values.count
        case .double(let values): values.count
        case .float(let values): values.count
        case .bool(let values): values.count
        case .text(let values): values.count
        case .optionalText(let values): values.count
        case .optionalDouble(let values): values.count
        case .optionalInt64(let values): values.count
        case .optionalInt32(let values): values.count
        case .optionalBool(let values): values.count
        case .day(let values): values.count
        case .optionalDay(let values): values.count
        case .timestamp(let values): values.count
        case .optionalTimestamp(let values): values.count
        case .bytes(let values): values.count
        case .textDictionary(let codes, _): codes.count
        case .nulls(let count): count
        }
    }

    /// The Arrow format string under which the column travels.
    var format: String {
        switch self {
        case .int64, .optionalInt64: "l"
        case .int32, .optionalInt32: "i"
        case .int16: "s"
        case .uint8: "C"
        case .double, .optionalDouble: "g"
        case .float: "f"
        case .bool, .optionalBool: "b"
        case .text, .optionalText, .textDictionary: "u"
        case .bytes: "z"
        case .nulls: "n"
        case .day, .optionalDay: "tdD"
        case .timestamp, .optionalTimestamp: "tsu:"
        }
    }
}

/// Named columns of equal length, in order.
package struct ColumnSet: Sendable {
    package private(set) var columns: [(name: String, data: ColumnData)]

    package init(_ columns: [(name: String, data: ColumnData)] = []) { self.columns = columns }

    package mutating func append(_ name: String, _ data: ColumnData) { columns.append((name, data)) }

    /// Rows of the first column; `checkedRowCount()` makes sure that the others agree.
    package var rowCount: Int { columns.first?.data.count ?? 0 }

    /// The number of rows; an error when columns differ in length, share a name, or are none.
    package func checkedRowCount() throws -> Int {
        guard let first = columns.first else {
            throw Diagnostic("no_columns", "a table needs at least one column")
        }
        var seen: Set<String> = []
        for (name, data) in columns {
            guard data.count == first.data.count else {
                throw Diagnostic(
                    "ragged_columns",
                    "column `\(name)` has \(data.count) rows, `\(first.name)` has \(first.data.count)")
            }
            guard seen.insert(name).inserted else {
                throw Diagnostic("duplicate_column", "column `\(name)` is given twice")
            }
        }
        return first.data.count
    }
}

/// What an ingest does to the table.
package enum IngestMode: Sendable {
    /// Makes the table; an error when it exists.
    case create
    /// Adds rows to a table that exists; columns meet by name.
    case append
    /// Makes the table anew, whatever was there.
    case replace
}
