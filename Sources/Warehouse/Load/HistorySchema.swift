/// The tables in which loading keeps what it read.
enum HistorySchema {
    /// Statements that create what is missing; harmless on a warehouse that has everything.
    static var statements: [String] {
        let schemas = ["history", "canon", "report"].map { "CREATE SCHEMA IF NOT EXISTS \($0)" }
        let tables = CanonicalSchema.tables.map { table in
            let columns = table.columns.map { "\(SQLText.name($0.name)) \($0.type.sql)" }
            let bookkeeping = table.bookkeeping.map { "\(SQLText.name($0.name)) \($0.sql)" }
            return "CREATE TABLE IF NOT EXISTS \(table.history) (\((columns + bookkeeping).joined(separator: ", ")))"
        }
        return schemas + tables + [
            """
            CREATE TABLE IF NOT EXISTS history.delivery (
              delivery_no INTEGER, table_name VARCHAR, source VARCHAR, file VARCHAR, content_hash VARCHAR,
              "rows" BIGINT, rejected BIGINT, duplicates BIGINT, loaded_at TIMESTAMP, kind VARCHAR,
              new_versions BIGINT, unchanged BIGINT, formulas BIGINT, seconds DOUBLE)
            """,
            """
            CREATE TABLE IF NOT EXISTS history.reject (
              delivery_no INTEGER, file VARCHAR, line BIGINT, column_name VARCHAR, code VARCHAR, message VARCHAR)
            """,
            """
            CREATE TABLE IF NOT EXISTS history.source (
              source VARCHAR, owner VARCHAR, priority INTEGER, lag_seconds BIGINT)
            """,
            "CREATE TABLE IF NOT EXISTS history.file_stamp (path VARCHAR, stamp VARCHAR, content VARCHAR)",
            "CREATE TABLE IF NOT EXISTS history.clock (as_of DATE, as_of_end TIMESTAMP)",
        ]
    }

    /// Columns that a warehouse written by an earlier version lacks.
    static func missingColumns(on connection: WarehouseConnection) async throws -> [String] {
        let found = try await connection.query(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'history'")
        let present = Set(
            zip(try found.texts("table_name"), try found.texts("column_name")).map { "\($0).\($1)" })
        return CanonicalSchema.tables.flatMap { table in
            let columns = table.columns.map { ($0.name, $0.type.sql) } + table.bookkeeping.map { ($0.name, $0.sql) }
            return columns.filter { !present.contains("\(table.name).\($0.0)") }.map { name, type in
                "ALTER TABLE \(table.history) ADD COLUMN \(SQLText.name(name)) \(type)"
            }
        }
    }
}
