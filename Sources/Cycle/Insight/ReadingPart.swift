internal import EngagementModel
internal import Insight
internal import Warehouse

/// Reads every message once: what it asks, how pressing it is, whether it is medical, whether safety must have it.
///
/// The text itself stays where it was delivered; only what was read from it is kept.
enum ReadingPart {
    /// Raised when the rules change: then all messages are read again.
    static let version = "rules-1"
    private static let part = "reading"

    static func run(_ context: RunContext) async throws {
        let connection = context.connection
        try await connection.execute(
            "DELETE FROM insight.reading WHERE reader <> ?", [.text(version)])
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
        if table.rowCount > 0 { try await append(table, connection) }
        let total = try await connection.query("SELECT count(*) AS n FROM insight.reading").int64s("n")[0]
        try await connection.execute("DELETE FROM insight.part WHERE part = ?", [.text(part)])
        try await connection.execute(
            "INSERT INTO insight.part VALUES (?, ?, '', ?, ?, ?, ?)",
            [
                .text(part), .text(version), .day(context.asOf), .text(context.runID), .int(total),
                .text(
                    total == 0
                        ? "switched off: no texts (inquiry, service_case, note, interview)" : "\(table.rowCount) new"),
            ])
    }

    private static func append(_ table: ArrowTable, _ connection: WarehouseConnection) async throws {
        let bodies = try table.texts("body")
        var known: [String: InquiryReading] = [:]
        let readings = bodies.map { body -> InquiryReading in
            // The same sentence is sent a thousand times.
            if let reading = known[body] { return reading }
            let reading = InquiryReading.read(body)
            if body.utf8.count < 400 { known[body] = reading }
            return reading
        }
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
                ("reader", .text(bodies.map { _ in version })),
            ]), into: "insight.reading", mode: .append)
    }
}
