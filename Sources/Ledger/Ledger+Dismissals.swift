package import EngagementModel
internal import GRDB

/// What people said no to, and why; row by row.
package struct Dismissals: Sendable {
    package var hcpID: [String] = []
    package var channel: [Channel] = []
    /// The day that the touch was planned for.
    package var day: [Day] = []
    package var cause: [DismissalCause] = []
}

extension Ledger {
    /// Touches that were planned for a day or later and dismissed, with the latest cause given.
    package func dismissals(from first: Day) async throws -> Dismissals {
        try await read { db in
            var result = Dismissals()
            let rows = try Row.fetchCursor(
                db,
                sql: """
                    SELECT d.hcp_id, d.channel, d.due_day,
                      (SELECT e.cause FROM decision_event AS e WHERE e.decision_no = d.decision_no AND e.kind = 'dismissed'
                       ORDER BY e.event_no DESC LIMIT 1)
                    FROM decision AS d INDEXED BY decision_acted_day
                    WHERE d.day IS NOT NULL AND d.status NOT IN ('planned', 'shown') AND d.due_day >= ?
                        AND d.status = 'dismissed'
                    ORDER BY d.hcp_id, d.due_day, d.decision_no
                    """,
                arguments: [first.stored])
            while let row = try rows.next() {
                result.hcpID.append(row[0])
                result.channel.append(try row.closed(1))
                result.day.append(row.day(2))
                let cause: String? = row[3]
                result.cause.append(cause.flatMap(DismissalCause.init(rawValue:)) ?? .unstated)
            }
            return result
        }
    }
}
