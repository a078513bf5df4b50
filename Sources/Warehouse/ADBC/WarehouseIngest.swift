internal import EngagementModel

extension WarehouseConnection {
    /// Writes columns into `schema.table` in bulk, all rows or none. Columns meet a table's by name.
    package func ingest(_ columns: ColumnSet, into table: String, mode: IngestMode) async throws {
        _ = try columns.checkedRowCount()
        let target = TableName(table)
        try await operation {
            if self.inTransaction {
                try self.write(columns, target, mode)
            } else {
                // Creating and filling are two steps inside the driver: a transaction makes them one.
                try self.begin()
                do {
                    try self.write(columns, target, mode)
                } catch {
                    try? self.end(commit: false)
                    throw error
                }
                try self.end(commit: true)
            }
        }
    }

    private func write(_ columns: ColumnSet, _ target: TableName, _ mode: IngestMode) throws {
        let names = columns.columns.map(\.name)
        guard mode == .append, try tableColumns(target) != names else {
            return try send(columns, target, mode, temporary: false)
        }
        // Drivers append by position. Where order or number differ, the rows take a detour that goes by name.
        let stage = TableName(schema: nil, table: "rapport_ingest_\(nextNumber())")
        try send(columns, stage, .create, temporary: true)
        let list = names.map(TableName.quoted).joined(separator: ", ")
        for sql in [
            "INSERT INTO \(target.quoted) (\(list)) SELECT \(list) FROM \(stage.quoted)", "DROP TABLE \(stage.quoted)",
        ] {
            let (result, affected) = try start(sql, [])
            _ = try Self.drain(result, affected)
        }
    }

    private func send(_ columns: ColumnSet, _ target: TableName, _ mode: IngestMode, temporary: Bool) throws {
        let statement = try ADBCStatement(handle)
        try statement.setOption("adbc.ingest.target_table", target.table)
        if let schema = target.schema { try statement.setOption("adbc.ingest.target_db_schema", schema) }
        if temporary { try statement.setOption("adbc.ingest.temporary", "true") }
        let name =
            switch mode {
            case .create: "create"
            case .append: "append"
            case .replace: "replace"
            }
        try statement.setOption("adbc.ingest.mode", "adbc.ingest.mode.\(name)")
        // DuckDB's own vectors hold 2,048 rows, and its appender takes one vector at a time.
        let source = try ExportStream(columns, batchRows: isDuckDB ? 2048 : 65_536)
        try statement.bind(source)
        _ = try statement.executeUpdate()
        if let failure = source.failure { throw failure }
    }

    /// The columns of a table in order; the engine's own error when there is no such table.
    private func tableColumns(_ target: TableName) throws -> [String] {
        try start("SELECT * FROM \(target.quoted) WHERE 1 = 0", []).result.schema.names
    }
}

/// `schema.table`, or a table of the default schema.
struct TableName {
    var schema: String?
    var table: String

    init(schema: String?, table: String) {
        self.schema = schema
        self.table = table
    }

    init(_ name: String) {
        let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
        self.init(schema: parts.count == 2 ? parts[0] : nil, table: parts.last ?? name)
    }

    var quoted: String { (schema.map { Self.quoted($0) + "." } ?? "") + Self.quoted(table) }

    static func quoted(_ name: String) -> String { "\"" + name.replacing("\"", with: "\"\"") + "\"" }
}
