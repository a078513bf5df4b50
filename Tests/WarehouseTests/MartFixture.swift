import EngagementModel

@testable import Warehouse

/// A warehouse in memory with hand-made canonical rows.
struct MartFixture {
    let warehouse: Warehouse
    let connection: WarehouseConnection

    init(asOf day: String = "2025-06-30") async throws {
        warehouse = try Warehouse.open(WarehouseOptions(threads: 2))
        connection = try warehouse.connect()
        for statement in HistorySchema.statements { try await connection.execute(statement) }
        try await clock(day)
        try await delivery(1)
    }

    func clock(_ day: String) async throws {
        guard let day = Day(day) else { throw Diagnostic("test", "no day: \(day)") }
        try await Clock.set(day, on: connection)
    }

    /// Makes `number` the newest delivery, of a source.
    func delivery(_ number: Int64, source: String = "canonical") async throws {
        try await connection.execute(
            "INSERT INTO history.delivery (delivery_no, table_name, source) VALUES (?, 'any', ?)",
            [.int(number), .text(source)])
    }

    func source(_ name: String, priority: Int64) async throws {
        try await connection.execute(
            "INSERT INTO history.source (source, owner, priority, lag_seconds) VALUES (?, 'x', ?, 0)",
            [.text(name), .int(priority)])
    }

    /// One row of a canonical table; days and times as text.
    func add(
        _ table: String, source: String = "canonical", known: String = "2025-01-01 00:00:00", delivery: Int64 = 1,
        _ values: KeyValuePairs<String, SQLValue>
    ) async throws {
        let schema = CanonicalSchema.table(table)
        let names = values.map { SQLText.name($0.key) }.joined(separator: ", ")
        let marks = values.map { pair in
            "CAST(? AS \(schema?.column(pair.key)?.type.sql ?? "VARCHAR"))"
        }.joined(separator: ", ")
        try await connection.execute(
            """
            INSERT INTO history.\(SQLText.name(table)) (\(names), source, known_at, delivery_no)
            VALUES (\(marks), ?, CAST(? AS TIMESTAMP), ?)
            """, values.map(\.value) + [.text(source), .text(known), .int(delivery)])
    }

    /// Supersedes the newest version of an interaction by another response.
    func restate(_ id: String, response: String, at moment: String, delivery: Int64) async throws {
        try await connection.execute(
            """
            INSERT INTO history.interaction SELECT * REPLACE (
              ? AS response, CAST(? AS TIMESTAMP) AS known_at, CAST(? AS INTEGER) AS delivery_no)
            FROM history.interaction WHERE interaction_id = ? AND superseded_at IS NULL
            """, [.text(response), .text(moment), .int(delivery), .text(id)])
        try await connection.execute(
            """
            UPDATE history.interaction SET superseded_at = CAST(? AS TIMESTAMP)
            WHERE interaction_id = ? AND superseded_at IS NULL AND delivery_no < ?
            """, [.text(moment), .text(id), .int(delivery)])
    }

    /// Resolve and features.
    func run(_ id: String = "r1") async throws {
        try await Marts.resolve(connection, runID: id)
        try await Marts.features(connection, runID: id)
    }

    /// The single column of a query, as text; null is `-`.
    func texts(_ sql: String) async throws -> [String] {
        try await connection.query("SELECT coalesce(CAST(v AS VARCHAR), '-') AS v FROM (\(sql)) AS t(v)").texts("v")
    }

    /// `source/id → hcp_id` of the crosswalk, sorted.
    func crosswalk() async throws -> [String] {
        try await texts(
            "SELECT source || '/' || source_hcp_id || ' ' || hcp_id FROM mart.xref WHERE rule <> 'shared id' ORDER BY 1"
        )
    }
}

/// Valid NPIs by number.
func npi(_ number: Int) -> String { NPI.complete(String(100_000_000 + number)) ?? "" }
