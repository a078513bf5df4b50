package import EngagementModel
import GRDB

/// Touches that the claim counts against its rules, as columns of equal length.
package struct CountedHistory: Sendable {
    package var hcpID: [String] = []
    package var day: [Day] = []
    package var channel: [Channel] = []
    package var purpose: [Purpose?] = []
    package var productID: [String?] = []
    package var sender: [String?] = []
    package var contentID: [String?] = []

    package var count: Int { hcpID.count }
}

extension Ledger {
    /// What stands on file of everyone, as the claim of a later day will find it: touches that were pushed and are out,
    /// uncertain or on their way, and visits and calls that people have accepted and that are yet to come.
    ///
    /// - Parameters:
    ///   - first: first day of the touches; nil = none of them, booked ones alone.
    ///   - last: last day of the touches; nil = whatever there is.
    ///   - booked: first day of what is booked.
    package func countedHistory(
        from first: Day?, through last: Day? = nil, booked: Day, channels: Set<Channel>
    ) async throws -> CountedHistory {
        try await read { db in
            var result = CountedHistory()
            let among = try canonicalJSON(channels.map(\.rawValue).sorted())
            func take(_ sql: String, _ arguments: StatementArguments) throws {
                let rows = try Row.fetchCursor(db, sql: sql, arguments: arguments)
                while let row = try rows.next() {
                    result.hcpID.append(row[0])
                    result.day.append(row.day(1))
                    result.channel.append(try row.closed(2))
                    result.purpose.append(try row.optionalClosed(3))
                    result.productID.append(row[4])
                    result.sender.append(row[5])
                    result.contentID.append(row[6])
                }
            }
            if let first {
                try take(
                    """
                    SELECT hcp_id, day, channel, purpose, product_id, sender, content_id FROM contact
                    WHERE day BETWEEN ? AND ? AND direction = 'push' AND channel IN (SELECT value FROM json_each(?))
                        AND (status IN ('sent', 'delivered', 'uncertain') OR claim_state IN ('claimed', 'sending'))
                    """, [first.stored, last?.stored ?? .max, among])
            }
            try take(
                """
                SELECT d.hcp_id, d.due_day, d.channel, d.purpose, d.product_id, d.sender, d.due_content_id
                FROM decision d INDEXED BY decision_acted_day
                WHERE d.day IS NOT NULL AND d.status NOT IN ('planned', 'shown') AND d.due_day >= ?
                    AND d.status IN ('accepted', 'edited', 'snoozed')
                    AND d.channel IN (SELECT value FROM json_each(?)) AND NOT EXISTS (
                        SELECT 1 FROM contact c WHERE c.decision_id = d.decision_id
                            AND (c.claim_state IS NULL OR c.claim_state <> 'failed'))
                """, [booked.stored, among])
            return result
        }
    }
}
