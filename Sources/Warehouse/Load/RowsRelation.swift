/// The relation `rows` that mappings read: the file as it lies there, and each record's place in it.
struct RowsRelation: Sendable {
    /// A SELECT with `_line` and the columns.
    var sql: String
    var columns: [String]
    /// Whether empty cells arrive as NULL already.
    var emptyIsNull: Bool
    /// SQL over the relation that holds for records that could not be parsed.
    var broken: String?

    /// `rows` with the columns of the file, the missing optional ones null, and `line` unless the file has one.
    func relation(optional: [String]) -> String {
        let present = Set(columns.map { $0.lowercased() })
        var parts = ["*"]
        if !present.contains("line") { parts.append("_line AS line") }
        for name in optional where !present.contains(name.lowercased()) {
            parts.append("CAST(NULL AS VARCHAR) AS \(SQLText.name(name))")
        }
        return parts.count == 1 ? sql : "SELECT \(parts.joined(separator: ", ")) FROM (\(sql)) AS file"
    }

    /// A delimited file; every cell is text. The engine refuses ragged and wrongly encoded records by itself.
    static func delimited(
        _ path: String, names: [String], delimiter: String, header: Bool, encoding: String?, returns: Bool = false
    ) -> RowsRelation {
        let columns = names.map { "\(SQLText.literal($0 as String)): 'VARCHAR'" }.joined(separator: ", ")
        let options = [
            "auto_detect = false", "header = \(header)", "delim = \(SQLText.literal(delimiter as String))",
            "quote = '\"'", "escape = '\"'", "columns = {\(columns)}", "store_rejects = true",
            "max_line_size = \(RecordScanner.longestRecord + 2)",
            encoding.map { "encoding = \(SQLText.literal($0 as String))" },
        ]
        let source =
            "read_csv(\(SQLText.literal(path as String)), \(options.compactMap { $0 }.joined(separator: ", ")))"
        // The window streams: it numbers the records in the order of the file without holding them.
        return RowsRelation(
            sql: "SELECT row_number() OVER () + \(header ? 1 : 0) AS _line, \(SQLText.names(names)) FROM \(source)",
            columns: names, emptyIsNull: true)
    }

    static func parquet(_ path: String, names: [String]) -> RowsRelation {
        RowsRelation(
            sql: """
                SELECT file_row_number + 1 AS _line, \(SQLText.names(names)) \
                FROM read_parquet(\(SQLText.literal(path as String)), file_row_number = true)
                """, columns: names, emptyIsNull: false)
    }

    /// One JSON object a line; every value is text, nested ones as JSON. Keys that differ in case only are one column.
    static func jsonLines(_ path: String, keys: [String]) -> RowsRelation {
        var spellings: [(name: String, keys: [String])] = []
        for key in keys.sorted() {
            if let place = spellings.firstIndex(where: { $0.name.lowercased() == key.lowercased() }) {
                spellings[place].keys.append(key)
            } else {
                spellings.append((key, [key]))
            }
        }
        let cells = spellings.map { name, keys in
            let values = keys.map { "json ->> \(SQLText.literal(pointer(to: $0) as String))" }
            return ", coalesce(\(values.joined(separator: ", "))) AS \(SQLText.name(name))"
        }
        return RowsRelation(
            sql: """
                SELECT _line, coalesce(json_type(json) <> 'OBJECT', true) AS _broken\(cells.joined()) FROM \
                (SELECT row_number() OVER () AS _line, json FROM \(objects(path))) AS lines
                """, columns: spellings.map(\.name), emptyIsNull: false, broken: "_broken")
    }

    /// The parsed lines of a file; a line that is no JSON is NULL.
    static func objects(_ path: String) -> String {
        """
        read_json_objects(\(SQLText.literal(path as String)), format = 'newline_delimited', ignore_errors = true, \
        maximum_object_size = 16777216)
        """
    }

    private static func pointer(to key: String) -> String {
        "/" + key.replacing("~", with: "~0").replacing("/", with: "~1")
    }

    static func table(_ name: String, names: [String]) -> RowsRelation {
        RowsRelation(
            sql: "SELECT row_number() OVER () AS _line, \(SQLText.names(names)) FROM \(name)", columns: names,
            emptyIsNull: false)
    }
}
