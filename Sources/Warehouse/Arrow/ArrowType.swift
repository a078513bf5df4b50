/// The logical type of an Arrow column, read from the format string of the C data interface.
package enum ArrowType: Sendable, Hashable {
    /// How variable-length data is laid out: offsets of 32 or 64 bits, or 16-byte views.
    package enum Layout: Sendable, Hashable { case small, large, view }
    package enum Unit: Sendable, Hashable { case seconds, milliseconds, microseconds, nanoseconds }
    package enum ListLayout: Sendable, Hashable { case small, large, view, largeView, fixed(Int) }

    case null
    case bool
    case int8, int16, int32, int64
    case uint8, uint16, uint32, uint64
    case float, double
    /// A scaled whole number of 32, 64 or 128 bits.
    case decimal(precision: Int, scale: Int, bits: Int)
    case text(Layout)
    case binary(Layout)
    case fixedBinary(Int)
    /// Days since 1970-01-01.
    case day
    /// Milliseconds since 1970-01-01, always whole days (`date64`).
    case dayMilliseconds
    /// Time of day; 32 bits for seconds and milliseconds, 64 for the rest.
    case time(Unit)
    /// An instant; the zone is only how to show it, the value counts from 1970-01-01 UTC.
    case timestamp(Unit, zone: String?)
    case duration(Unit)
    case list(ListLayout)
    case structure
    case map
    /// A type that Rapport does not read (interval, union, …); the format string of the engine.
    case unsupported(String)

    /// Reads a format string; unknown ones become `.unsupported`, so that their neighbours can still be read.
    package init(format: String) {
        if let simple = Self.simple[format] {
            self = simple
            return
        }
        let parts = format.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let argument = parts.count > 1 ? String(parts[1]) : nil
        switch (String(parts[0]), argument) {
        case ("w", let width?):
            self = Int(width).map { .fixedBinary($0) } ?? .unsupported(format)
        case ("+w", let width?):
            self = Int(width).map { .list(.fixed($0)) } ?? .unsupported(format)
        case ("d", let spec?):
            let numbers = spec.split(separator: ",").compactMap { Int($0) }
            let bits = numbers.count > 2 ? numbers[2] : 128
            if numbers.count >= 2, [32, 64, 128].contains(bits) {
                self = .decimal(precision: numbers[0], scale: numbers[1], bits: bits)
            } else {
                self = .unsupported(format)
            }
        case (let head, let zone?) where head.count == 3 && head.hasPrefix("ts"):
            if let unit = Self.units[head.last ?? " "] {
                self = .timestamp(unit, zone: zone.isEmpty ? nil : zone)
            } else {
                self = .unsupported(format)
            }
        default:
            self = .unsupported(format)
        }
    }

    private static let units: [Character: Unit] = [
        "s": .seconds, "m": .milliseconds, "u": .microseconds, "n": .nanoseconds,
    ]

    private static let simple: [String: ArrowType] = [
        "n": .null, "b": .bool,
        "c": .int8, "s": .int16, "i": .int32, "l": .int64,
        "C": .uint8, "S": .uint16, "I": .uint32, "L": .uint64,
        "f": .float, "g": .double,
        "u": .text(.small), "U": .text(.large), "vu": .text(.view),
        "z": .binary(.small), "Z": .binary(.large), "vz": .binary(.view),
        "tdD": .day, "tdm": .dayMilliseconds,
        "tts": .time(.seconds), "ttm": .time(.milliseconds), "ttu": .time(.microseconds),
        "ttn": .time(.nanoseconds),
        "tDs": .duration(.seconds), "tDm": .duration(.milliseconds), "tDu": .duration(.microseconds),
        "tDn": .duration(.nanoseconds),
        "+l": .list(.small), "+L": .list(.large), "+vl": .list(.view), "+vL": .list(.largeView),
        "+s": .structure, "+m": .map,
    ]

    /// How the values lie in memory, when they are plain numbers of one width.
    package enum Physical: Sendable, Hashable {
        case int8, int16, int32, int64, uint8, uint16, uint32, uint64, float, double
    }

    package var physical: Physical? {
        switch self {
        case .int8: .int8
        case .int16: .int16
        case .int32, .day: .int32
        case .int64, .dayMilliseconds, .timestamp, .duration: .int64
        case .uint8: .uint8
        case .uint16: .uint16
        case .uint32: .uint32
        case .uint64: .uint64
        case .float: .float
        case .double: .double
        case .time(.seconds), .time(.milliseconds): .int32
        case .time: .int64
        case .decimal(_, _, 32): .int32
        case .decimal(_, _, 64): .int64
        default: nil
        }
    }
}

extension ArrowType: CustomStringConvertible {
    /// The type as a reader of messages knows it.
    package var description: String {
        switch self {
        case .null: "null"
        case .bool: "bool"
        case .int8: "int8"
        case .int16: "int16"
        case .int32: "int32"
        case .int64: "int64"
        case .uint8: "uint8"
        case .uint16: "uint16"
        case .uint32: "uint32"
        case .uint64: "uint64"
        case .float: "float"
        case .double: "double"
        case .decimal(let precision, let scale, _): "decimal(\(precision),\(scale))"
        case .text: "text"
        case .binary: "binary"
        case .fixedBinary(let width): "binary(\(width))"
        case .day, .dayMilliseconds: "day"
        case .time: "time"
        case .timestamp(_, let zone): zone == nil ? "timestamp" : "timestamp with zone"
        case .duration: "duration"
        case .list: "list"
        case .structure: "struct"
        case .map: "map"
        case .unsupported(let format): "a type that Rapport does not read (Arrow \(format))"
        }
    }
}

extension ArrowType.Unit {
    /// How many of this unit make a second.
    package var perSecond: Int64 {
        switch self {
        case .seconds: 1
        case .milliseconds: 1000
        case .microseconds: 1_000_000
        case .nanoseconds: 1_000_000_000
        }
    }
}
