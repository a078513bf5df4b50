package import EngagementModel

/// The type of a canonical column; every other property of loading (parsing, faults, storage) follows from it.
package enum CanonicalType: Sendable, Hashable {
    case text
    /// `YYYY-MM-DD`.
    case day
    /// RFC 3339, kept in UTC.
    case timestamp
    case double
    /// A whole number; a fraction is a fault, not rounded.
    case integer
    case bool
    /// One word of a closed list.
    case choice([String])
    /// A state of medical, legal and regulatory review, in Rapport's or a vendor's spelling.
    case reviewState

    /// The type of the column in the warehouse.
    package var sql: String {
        switch self {
        case .text, .choice, .reviewState: "VARCHAR"
        case .day: "DATE"
        case .timestamp: "TIMESTAMP"
        case .double: "DOUBLE"
        case .integer: "BIGINT"
        case .bool: "BOOLEAN"
        }
    }

    static func list<L: ClosedList>(_: L.Type) -> CanonicalType { .choice(L.allCases.map(\.rawValue)) }
}

/// One column of a canonical file.
package struct CanonicalColumn: Sendable, Hashable {
    package var name: String
    package var type: CanonicalType
    /// A row without it is set aside.
    package var required = false
    /// The table whose first key column this one names; a value that is not there is an orphan, not a fault.
    package var references: String?
}

/// How declarations spell columns: by type, several at a time.
extension [CanonicalColumn] {
    static func text(_ names: String...) -> Self { names.map { Element(name: $0, type: .text) } }
    static func days(_ names: String...) -> Self { names.map { Element(name: $0, type: .day) } }
    static func times(_ names: String...) -> Self { names.map { Element(name: $0, type: .timestamp) } }
    static func numbers(_ names: String...) -> Self { names.map { Element(name: $0, type: .double) } }
    static func counts(_ names: String...) -> Self { names.map { Element(name: $0, type: .integer) } }
    static func flags(_ names: String...) -> Self { names.map { Element(name: $0, type: .bool) } }
    static func choice(_ name: String, _ values: String) -> Self {
        [Element(name: name, type: .choice(values.split(separator: " ").map(String.init)))]
    }
    static func choice<L: ClosedList>(_ name: String, _ list: L.Type) -> Self {
        [Element(name: name, type: .list(list))]
    }
    static func to(_ table: String, _ names: String...) -> Self {
        names.map { Element(name: $0, type: .text, references: table) }
    }
}

/// When a row tells by itself what happened; `known_at` derives from it where nothing better is given.
package enum OwnTime: Sendable, Hashable {
    /// The moment in a column. Facts that are announced ahead (an appointment, an event) are known `leadDays` before.
    case moment(String, leadDays: Int = 0)
    /// The end of the period that begins on the column's day; a calendar month unless the source says otherwise.
    case endOfPeriod(String)
}

/// What a row must not show as of a day before `moment`: each column's replacement, SQL over the row, NULL for most.
package struct FutureMask: Sendable, Hashable {
    /// The moment at which the masked facts became true: a column, or SQL over the row `version`.
    package var moment: String
    package var columns: [String: String]
}

/// One canonical file: columns, keys and time, from which tables, views, checks and the catalogue derive.
package struct CanonicalTable: Sendable, Hashable {
    package var name: String
    package var columns: [CanonicalColumn]
    /// Columns that make two rows the same row; rows of different sources are never the same.
    package var identity: [String]
    package var ownTime: OwnTime?
    /// Of each group at least one column must be given.
    package var anyOf: [[String]] = []
    /// Of two rows with one key in one file the later by this column wins; without it the later in the file.
    package var latestBy: String?
    package var masks: [FutureMask] = []
    /// What one row is, in words, for the catalogue.
    package var grain: String

    package func column(_ name: String) -> CanonicalColumn? { columns.first { $0.name == name } }

    /// The name of the bookkeeping column with the place in the file. `order_line` has a `line` of its own.
    package var lineColumn: String { column("line") == nil ? "line" : "file_line" }

    /// Columns that every table carries besides its own.
    package var bookkeeping: [(name: String, sql: String)] {
        [
            ("traits", "VARCHAR"), ("source", "VARCHAR"), ("delivery_no", "INTEGER"), (lineColumn, "BIGINT"),
            ("known_at", "TIMESTAMP"), ("superseded_at", "TIMESTAMP"),
        ]
    }

    /// `history."order"`: quoted, since some names are words of SQL.
    package var history: String { "history.\(SQLText.name(name))" }
    package var canon: String { "canon.\(SQLText.name(name))" }

    init(
        _ name: String, _ grain: String, key: String, identity: [String]? = nil, time: OwnTime? = nil,
        required: String = "", anyOf: [[String]] = [], latestBy: String? = nil, masks: [FutureMask] = [],
        _ columns: [CanonicalColumn]...
    ) {
        func words(_ text: String) -> [String] { text.split(separator: " ").map(String.init) }
        let needed = Set(words(key) + words(required))
        self.name = name
        self.grain = grain
        self.identity = identity ?? words(key)
        self.ownTime = time
        self.anyOf = anyOf
        self.latestBy = latestBy
        self.masks = masks
        self.columns = columns.flatMap { $0 }.map { column in
            var column = column
            column.required = needed.contains(column.name)
            return column
        }
    }
}

/// Text of SQL that values and names cannot break out of.
package enum SQLText {
    /// An identifier, quoted.
    package static func name(_ text: String) -> String { "\"\(text.replacing("\"", with: "\"\""))\"" }
    /// A text value, quoted.
    package static func literal(_ text: String) -> String { "'\(text.replacing("'", with: "''"))'" }
    /// A text value, or NULL.
    package static func literal(_ text: String?) -> String { text.map { literal($0 as String) } ?? "NULL" }
    package static func list(_ texts: some Sequence<String>) -> String {
        texts.map { literal($0 as String) }.joined(separator: ", ")
    }
    package static func names(_ texts: some Sequence<String>) -> String {
        texts.map { name($0) }.joined(separator: ", ")
    }
    /// `TIMESTAMP '2026-01-05 23:59:59.999999'`: the last moment of a day, so that `<=` means "on that day or before".
    package static func endOfDay(_ day: Day) -> String { "TIMESTAMP '\(day) 23:59:59.999999'" }
}
