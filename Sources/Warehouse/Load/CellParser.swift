/// SQL that reads a cell as its canonical type, and the condition under which it could not.
struct CellParser: Sendable {
    /// Typed value; NULL where the cell is empty or cannot be read.
    var value: String
    /// Fault code → condition that the cell is given but not readable.
    var faults: [(code: String, condition: String)] = []

    /// - Parameters:
    ///   - cell: the expression, a column of text or of an engine type.
    ///   - parsed: how `value` is called where the conditions are evaluated.
    ///   - engineType: what the engine says that the expression yields.
    ///   - states: for review states: spelling found → state.
    init(
        cell: String, parsed: String, type: CanonicalType, engineType: String, emptyIsNull: Bool,
        states: [String: String] = [:]
    ) {
        let isText = engineType == "VARCHAR"
        let plain = isText ? (emptyIsNull ? cell : "nullif(\(cell), '')") : "CAST(\(cell) AS VARCHAR)"
        switch type {
        case .text: value = plain
        case .choice(let list):
            value = plain
            faults = [("unknown_value", "\(parsed) NOT IN (\(SQLText.list(list)))")]
        case .reviewState:
            let known = states.sorted { $0.key < $1.key }
            let cases = known.map {
                "WHEN \(SQLText.literal($0.key as String)) THEN \(SQLText.literal($0.value as String))"
            }
            value = cases.isEmpty ? plain : "CASE \(plain) \(cases.joined(separator: " ")) ELSE \(plain) END"
            let states = Set(known.map(\.value)).sorted()
            let unknown = states.isEmpty ? "IS NOT NULL" : "NOT IN (\(SQLText.list(states)))"
            faults = [("unknown_value", "\(parsed) \(unknown)")]
        case .day:
            value = isText ? "try_cast(\(cell) AS DATE)" : Self.calendar(cell, engineType, "DATE")
            faults = Self.unreadable("bad_date", plain, parsed) + [("bad_date", Self.outside(parsed, "DATE"))]
        case .timestamp:
            // The engine ignores an offset when it reads a TIMESTAMP from text: only UTC and plain dates go that way.
            value =
                isText
                ? """
                CASE WHEN suffix(\(cell), 'Z') OR strlen(\(cell)) <= 10 THEN try_cast(\(cell) AS TIMESTAMP) \
                ELSE CAST(try_cast(\(cell) AS TIMESTAMPTZ) AS TIMESTAMP) END
                """ : Self.calendar(cell, engineType, "TIMESTAMP")
            faults = Self.unreadable("bad_date", plain, parsed) + [("bad_date", Self.outside(parsed, "TIMESTAMP"))]
        case .double:
            value = "try_cast(\(cell) AS DOUBLE)"
            faults = Self.unreadable("bad_number", plain, parsed) + [("bad_number", "NOT isfinite(\(parsed))")]
        case .integer:
            // A cast would round 3.7; Parquet may carry whole numbers as floating point.
            value =
                isText
                ? "CASE WHEN regexp_full_match(\(cell), '[-+]?[0-9]+([.]0*)?') "
                    + "THEN try_cast(split_part(\(cell), '.', 1) AS BIGINT) END"
                : "CASE WHEN \(cell) = floor(CAST(\(cell) AS DOUBLE)) THEN try_cast(\(cell) AS BIGINT) END"
            faults = Self.unreadable("bad_number", plain, parsed)
        case .bool:
            value = isText || engineType == "BOOLEAN" ? "try_cast(\(cell) AS BOOLEAN)" : "try_cast(\(plain) AS BOOLEAN)"
            faults = Self.unreadable("bad_bool", plain, parsed)
        }
    }

    private static func unreadable(_ code: String, _ cell: String, _ parsed: String) -> [(String, String)] {
        [(code, "\(cell) IS NOT NULL AND \(parsed) IS NULL")]
    }

    /// Dates of the engine's own types; numbers are not dates.
    private static func calendar(_ cell: String, _ engineType: String, _ type: String) -> String {
        engineType.hasPrefix("DATE") || engineType.hasPrefix("TIMESTAMP")
            ? "CAST(\(cell) AS \(type))" : "CAST(NULL AS \(type))"
    }

    /// Years that no company's data holds are typing errors, and infinities would break arithmetic.
    private static func outside(_ parsed: String, _ type: String) -> String {
        "\(parsed) < \(type) '1900-01-01' OR \(parsed) >= \(type) '2200-01-01'"
    }
}

/// Why a row is set aside: its place in the list is the number by which the engine reports it.
struct RowFault: Sendable, Hashable {
    var code: String
    var column: String?
    var message: String

    static func message(code: String, column: CanonicalColumn) -> String {
        switch (code, column.type) {
        case ("missing_value", _): return "`\(column.name)` is required and empty"
        case ("unknown_value", .choice(let list)):
            return "`\(column.name)` is not one of \(list.joined(separator: ", "))"
        case ("unknown_value", _): return "`\(column.name)` names no known state of review"
        case (_, .day): return "`\(column.name)` is no day of the calendar in the form YYYY-MM-DD"
        case (_, .timestamp): return "`\(column.name)` is no time in the form 2026-01-31T09:30:00Z"
        case (_, .integer): return "`\(column.name)` is not a whole number"
        case (_, .double): return "`\(column.name)` is not a finite number"
        case (_, .bool): return "`\(column.name)` is neither true nor false"
        default: return "`\(column.name)` cannot be read"
        }
    }
}
