import EngagementModel

/// The statement that reads a file once and appends its rows, typed and judged, to the history of one table.
///
/// Rows that cannot be accepted are appended too, with the negative number of their fault as `delivery_no`; the same
/// transaction moves them to `history.reject`. So one pass over the file suffices.
struct LoadStatement: Sendable {
    var table: CanonicalTable
    var source: String
    var lag: Span
    var deliveryNo: Int
    /// From the file's name.
    var fileDay: Day?
    var rows: RowsRelation
    var optional: [String] = []
    /// Further relations, `name AS (SELECT …)`.
    var relations: [String] = []
    var mapping: TableMapping
    /// Columns of the file that are kept as they are.
    var traitColumns: [String] = []
    /// Evaluate expressions so that a row on which one fails is set aside instead of failing the file.
    var guarded = false
    /// Spellings of review states found in the file.
    var states: [String: String] = [:]
    /// Where the relation that is read keeps the place of its rows in the file, if it does.
    var placeColumn: String? = "_line"

    /// Columns in the order in which the table declares them, with their expressions.
    private var mapped: [(column: CanonicalColumn, expression: String)] {
        table.columns.compactMap { column in mapping.columns[column.name].map { (column, $0) } }
    }

    private var sources: [String] {
        ["rows AS NOT MATERIALIZED (\(rows.relation(optional: optional)))"] + relations
    }

    /// Asks the engine for the columns of the relation that is read.
    var describeRelation: String { "DESCRIBE WITH \(sources.joined(separator: ", ")) SELECT * FROM \(mapping.from)" }

    /// `WITH rows AS …, raw AS …`: canonical columns as the expressions give them.
    private var head: String {
        var parts = sources
        var cells = ["\(placeColumn ?? "CAST(NULL AS BIGINT)") AS _line"]
        if let broken = rows.broken, mapping.from == "rows" { cells.append("\(broken) AS _unparsed") }
        for (column, expression) in mapped { cells.append("\(cell(expression)) AS \(SQLText.name(column.name))") }
        if guarded {
            let failed = mapped.map(\.expression).filter { !Self.isColumn($0) }
                .map { "try((\($0)) IS NULL) IS NULL" }
            cells.append("\(failed.isEmpty ? "false" : failed.joined(separator: " OR ")) AS _failed")
        }
        if let known = mapping.columns["known_at"] { cells.append("\(cell(known)) AS _known") }
        if hasTraits { cells.append("\(traits) AS _traits") }
        let filter = mapping.filter.map { " WHERE \($0)" } ?? ""
        parts.append("raw AS NOT MATERIALIZED (SELECT \(cells.joined(separator: ", ")) FROM \(mapping.from)\(filter))")
        return "WITH \(parts.joined(separator: ", "))"
    }

    private var hasTraits: Bool { !traitColumns.isEmpty || !mapping.traits.isEmpty }

    /// The facts outside the canonical columns as a JSON object, NULL when all are.
    private var traits: String {
        let items =
            traitColumns.map { ($0, SQLText.name($0)) }
            + mapping.traits.sorted { $0.key < $1.key }.map { ($0.key, "(\($0.value))") }
        let entries = items.map { name, expression in
            "{'k': \(SQLText.literal(name as String)), 'v': nullif(CAST(\(expression) AS VARCHAR), '')}"
        }
        let filled = "list_filter([\(entries.joined(separator: ", "))], lambda x: x.v IS NOT NULL)"
        return "CASE WHEN len(\(filled)) > 0 THEN CAST(to_json(map_from_entries(\(filled))) AS VARCHAR) END"
    }

    private func cell(_ expression: String) -> String {
        guarded && !Self.isColumn(expression) ? "try(\(expression))" : "(\(expression))"
    }

    /// Whether an expression is one column's name, which cannot fail.
    private static func isColumn(_ expression: String) -> Bool {
        let text = expression.trimmed()
        if text.hasPrefix("\""), text.hasSuffix("\""), !text.dropFirst().dropLast().contains("\"") { return true }
        return !text.isEmpty && text.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
    }

    /// Asks the engine for the types of the expressions; fails when they name columns that do not exist.
    var describe: String { "DESCRIBE \(head) SELECT * FROM raw" }

    /// Distinct spellings of a column, for tables small enough to ask.
    func spellings(of column: String) -> String {
        "\(head) SELECT DISTINCT CAST(\(SQLText.name(column)) AS VARCHAR) AS spelling FROM raw WHERE "
            + "\(SQLText.name(column)) IS NOT NULL"
    }

    /// The statement, and what the negative numbers in it mean (fault 1 is the first).
    func insert(types: [String: String]) -> (sql: String, faults: [RowFault]) {
        var faults: [RowFault] = []
        var cases: [String] = []
        func add(_ code: String, _ column: CanonicalColumn?, _ message: String, when condition: String) {
            faults.append(RowFault(code: code, column: column?.name, message: message))
            cases.append("WHEN \(condition) THEN \(faults.count)")
        }
        if rows.broken != nil, mapping.from == "rows" {
            add("bad_json", nil, "the line is no JSON object", when: "_unparsed")
        }
        if guarded { add("expression_failed", nil, "an expression of the mapping fails on this row", when: "_failed") }
        var typed = ["*"]
        var values: [String: String] = [:]
        var later: [(String, CanonicalColumn, String)] = []
        for (column, expression) in mapped {
            let name = SQLText.name(column.name)
            let parsedName = SQLText.name("parsed_" + column.name)
            let direct = rows.emptyIsNull && mapping.from == "rows" && Self.isColumn(expression)
            let parser = CellParser(
                cell: name, parsed: parsedName, type: column.type, engineType: types[column.name] ?? "VARCHAR",
                emptyIsNull: direct, states: states)
            typed.append("\(parser.value) AS \(parsedName)")
            values[column.name] = parsedName
            if column.required {
                add(
                    "missing_value", column, RowFault.message(code: "missing_value", column: column),
                    when: direct ? "\(name) IS NULL" : "nullif(CAST(\(name) AS VARCHAR), '') IS NULL")
            }
            for (code, condition) in parser.faults { later.append((code, column, condition)) }
        }
        for group in table.anyOf {
            let names = group.compactMap { values[$0] }
            let condition = names.isEmpty ? "true" : "coalesce(\(names.joined(separator: ", "))) IS NULL"
            add("missing_value", nil, "one of \(group.joined(separator: ", ")) is required", when: condition)
        }
        for (code, column, condition) in later {
            add(code, column, RowFault.message(code: code, column: column), when: condition)
        }
        if mapping.columns["known_at"] != nil {
            let column = CanonicalColumn(name: "known_at", type: .timestamp)
            let parser = CellParser(
                cell: "_known", parsed: "_known_at", type: .timestamp, engineType: types["_known"] ?? "VARCHAR",
                emptyIsNull: false)
            typed.append("\(parser.value) AS _known_at")
            for (code, condition) in parser.faults {
                add(code, column, RowFault.message(code: code, column: column), when: condition)
            }
        }
        let fault = cases.isEmpty ? "0" : "CASE \(cases.joined(separator: " ")) ELSE 0 END"
        let cells =
            table.columns.map { values[$0.name] ?? "CAST(NULL AS \($0.type.sql))" } + [
                hasTraits ? "_traits" : "NULL", SQLText.literal(source as String),
                "CASE WHEN _fault = 0 THEN \(deliveryNo) ELSE -_fault END", "_line", known(values), "NULL",
            ]
        let names = SQLText.names(table.columns.map(\.name) + table.bookkeeping.map(\.name))
        let sql = """
            INSERT INTO \(table.history) (\(names)) \(head), \
            typed AS NOT MATERIALIZED (SELECT \(typed.joined(separator: ", ")) FROM raw), \
            judged AS NOT MATERIALIZED (SELECT *, \(fault) AS _fault FROM typed) \
            SELECT \(cells.joined(separator: ", ")) FROM judged
            """
        return (sql, faults)
    }

    /// Before every date: rows that carry no time at all are known since ever.
    static let ever = "TIMESTAMP '1900-01-01'"

    /// When each row became known: its column, else the file's day, else its own time plus the lag, else ever.
    private func known(_ values: [String: String]) -> String {
        var choices: [String] = []
        if mapping.columns["known_at"] != nil { choices.append("_known_at") }
        if let fileDay {
            choices.append(SQLText.endOfDay(fileDay))
        } else {
            let lag = lag.seconds == 0 ? "" : " + INTERVAL \(lag.seconds) SECOND"
            switch table.ownTime {
            case .moment(let name, let lead):
                let ahead = lead == 0 ? "" : " - INTERVAL \(lead) DAY"
                if let value = values[name] { choices.append("CAST(\(value) AS TIMESTAMP)\(lag)\(ahead)") }
            case .endOfPeriod(let name):
                let period = mapping.period.rawValue
                let length = period == "quarter" ? "3 MONTH" : "1 \(period.uppercased())"
                if let value = values[name] {
                    choices.append(
                        "CAST(date_trunc('\(period)', \(value)) AS TIMESTAMP) + INTERVAL \(length)"
                            + " - INTERVAL 1 MICROSECOND\(lag)")
                }
            case nil: break
            }
            choices.append(Self.ever)
        }
        return choices.count == 1 ? choices[0] : "coalesce(\(choices.joined(separator: ", ")))"
    }
}
