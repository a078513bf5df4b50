package import EngagementModel

/// A value bound to a `?` of a statement. Values never enter the text of the SQL.
package enum SQLValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case int(Int64)
    case double(Double)
    case text(String)
    case bytes([UInt8])
    case day(Day)
    /// Microseconds since 1970-01-01 UTC.
    case timestamp(Int64)

    /// One column of one row.
    var column: ColumnData {
        switch self {
        case .null: .nulls(1)
        case .bool(let value): .bool([value])
        case .int(let value): .int64([value])
        case .double(let value): .double([value])
        case .text(let value): .text([value])
        case .bytes(let value): .bytes([value])
        case .day(let value): .day([value])
        case .timestamp(let value): .timestamp([value])
        }
    }
}

extension SQLValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByNilLiteral
{
    package init(stringLiteral value: String) { self = .text(value) }
    package init(integerLiteral value: Int64) { self = .int(value) }
    package init(floatLiteral value: Double) { self = .double(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(nilLiteral: ()) { self = .null }
}
