internal import EngagementModel
internal import Insight
internal import Warehouse

/// Reads every message once: what it asks, how pressing it is, whether it is medical, whether safety must have it.
///
/// The text itself stays where it was delivered; only what was read from it is kept. Another reader (other rules, a
/// classifier installed or trained anew) reads every message again.
enum ReadingPart {
    private static let part = "reading"

    static func run(_ context: RunContext) async throws -> InsightPart.Work {
        let connection = context.connection
        let reader = try TextModelFile.reader(context.workspace)
        try await connection.execute("DELETE FROM insight.reading WHERE reader <> ?", [.text(reader.version)])
        // A text that was delivered again in other words is read again.
        try await connection.execute(
            """
            DELETE FROM insight.reading WHERE EXISTS (
              SELECT 1 FROM insight.message AS m WHERE m.source = insight.reading.source
                AND m.message_kind = insight.reading.message_kind AND m.message_id = insight.reading.message_id
                AND md5(m.body) <> insight.reading.text_hash)
            """)
        let table = try await connection.query(
            """
            SELECT m.source, m.message_kind, m.message_id, md5(m.body) AS text_hash, m.body FROM insight.message AS m
            WHERE NOT EXISTS (SELECT 1 FROM insight.reading AS r WHERE r.source = m.source
              AND r.message_kind = m.message_kind AND r.message_id = m.message_id)
            ORDER BY m.source, m.message_kind, m.message_id
            """)
        if table.rowCount > 0 { try await append(table, reader, connection) }
        let total = try await connection.query("SELECT count(*) AS n FROM insight.reading").int64s("n")[0]
        try await connection.execute("DELETE FROM insight.part WHERE part = ?", [.text(part)])
        try await connection.execute(
            "INSERT INTO insight.part VALUES (?, ?, '', ?, ?, ?, ?)",
            [
                .text(part), .text(reader.version), .day(context.asOf), .text(context.runID), .int(total),
                .text(
                    total == 0
                        ? "switched off: no texts (inquiry, service_case, note, interview)" : "\(table.rowCount) new"),
            ])
        return InsightPart.Work(rows: table.rowCount, stands: table.rowCount == 0)
    }

    private static func append(
        _ table: ArrowTable, _ reader: InquiryReader, _ connection: WarehouseConnection
    ) async throws {
        let bodies = try table.texts("body")
        // The same sentence is sent a thousand times.
        var places: [String: Int] = [:]
        var distinct: [String] = []
        let place = bodies.map { body -> Int in
            if let known = places[body] { return known }
            places[body] = distinct.count
            distinct.append(body)
            return distinct.count - 1
        }
        let read = reader.read(distinct)
        let readings = place.map { read[$0] }
        try await connection.ingest(
            ColumnSet([
                ("source", .text(try table.texts("source"))), ("message_kind", .text(try table.texts("message_kind"))),
                ("message_id", .text(try table.texts("message_id"))),
                ("text_hash", .text(try table.texts("text_hash"))),
                ("kind", .text(readings.map(\.kind.rawValue))), ("topic", .optionalText(readings.map(\.topic))),
                ("need", .text(readings.map(\.need))), ("urgency", .text(readings.map(\.urgency.rawValue))),
                ("medical", .bool(readings.map(\.medical))),
                ("safety", .optionalText(readings.map { $0.safety?.kind.rawValue })),
                ("serious", .bool(readings.map { $0.safety?.serious ?? false })),
                ("evidence", .text(readings.map { $0.evidence.joined(separator: ", ") })),
                ("reader", .text(bodies.map { _ in reader.version })),
            ]), into: "insight.reading", mode: .append)
    }
}
