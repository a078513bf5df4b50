import EngagementModel

/// The views `canon.*`: each table as it was known at the end of a day.
enum Clock {
    /// Before a run says otherwise everything is shown.
    static let open = Day(year: 2199, month: 12, day: 31)

    static func set(_ day: Day, on connection: WarehouseConnection) async throws {
        try await connection.execute("DELETE FROM history.clock")
        try await connection.execute(
            "INSERT INTO history.clock (as_of, as_of_end) VALUES (DATE '\(day)', \(SQLText.endOfDay(day)))")
        for table in CanonicalSchema.tables { try await connection.execute(view(of: table, asOf: day)) }
    }

    /// The day stands in the view as a constant, so that the engine prunes by it.
    static func view(of table: CanonicalTable, asOf day: Day) -> String {
        let end = SQLText.endOfDay(day)
        let columns = table.columns.map { column -> String in
            let name = SQLText.name(column.name)
            // A later mask covers an earlier one: content that was not approved yet cannot have expired.
            let cases = table.masks.reversed().compactMap { mask -> String? in
                mask.columns[column.name].map { "WHEN \(mask.moment) > \(end) THEN \($0)" }
            }
            return cases.isEmpty ? name : "CASE \(cases.joined(separator: " ")) ELSE \(name) END AS \(name)"
        }
        let bookkeeping = table.bookkeeping.map { SQLText.name($0.name) }
        return """
            CREATE OR REPLACE VIEW \(table.canon) AS SELECT \((columns + bookkeeping).joined(separator: ", ")) \
            FROM \(table.history) AS version \
            WHERE known_at <= \(end) AND (superseded_at IS NULL OR superseded_at > \(end))
            """
    }
}
