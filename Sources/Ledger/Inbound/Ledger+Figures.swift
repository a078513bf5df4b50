import EngagementModel
import GRDB

/// What a watch asks of the ledger: places and times, nobody's name. Each is found by an index, however much lies there.
package struct LedgerFigures: Sendable {
    package struct Reader: Sendable, Hashable {
        package var name: String
        /// Events that it has not taken yet.
        package var events: Int
        /// For how long the oldest of them has waited, seconds.
        package var lag: Double
    }
    package var readers: [Reader] = []
    /// Seconds by which the earliest timer of a journey is late; 0 = none is.
    package var timerLag = 0.0
}

extension Ledger {
    package func figures() async throws -> LedgerFigures {
        let at = now()
        return try await read { db in
            var figures = LedgerFigures()
            let last = try Int64.fetchOne(db, sql: "SELECT max(event_no) FROM event") ?? 0
            for row in try Row.fetchAll(
                db,
                sql: """
                    SELECT r.reader, r.event_no, (SELECT received_at FROM event e WHERE e.event_no > r.event_no
                        ORDER BY e.event_no LIMIT 1) FROM event_reader r ORDER BY r.reader
                    """)
            {
                let waits = (row[2] as Int64?).map { max(0, Double(at - $0) / 1e6) }
                figures.readers.append(
                    .init(name: row[0], events: Int(max(0, last - row[1])), lag: waits ?? 0))
            }
            let due = try Int64.fetchOne(
                db, sql: "SELECT min(due_at) FROM journey_instance WHERE phase = 'waiting' AND due_at IS NOT NULL")
            figures.timerLag = due.map { max(0, Double(at - $0) / 1e6) } ?? 0
            return figures
        }
    }
}
