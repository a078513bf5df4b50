package import EngagementModel
import GRDB

extension Ledger {
    /// Records a talk that took place: a visit or a call that a rep logged, or something that the HCP began. It is
    /// history, and sends nothing. Idempotent by interaction id when it has one.
    ///
    /// - Throws: `claim_required` for a message: Rapport's own messages are written by the claim alone.
    package func recordContact(_ contact: Contact, by principal: Principal) async throws {
        guard contact.direction == .pull || contact.channel.isHuman else {
            throw Diagnostic(
                "claim_required", "A message to an HCP is recorded by its claim.",
                remedy: "claim the touch with a ClaimDesk, or load it as another system's history")
        }
        let at = now()
        try await write { db in
            try db.execute(
                sql: """
                    INSERT INTO contact (interaction_id, hcp_id, channel, direction, purpose, product_id, content_id,
                        campaign_id, sender, decision_id, occurred_at, day, status, origin, recorded_at)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'rapport', ?)
                    ON CONFLICT (interaction_id) DO NOTHING
                    """,
                arguments: [
                    contact.interactionID, contact.hcpID, contact.channel.rawValue, contact.direction.rawValue,
                    contact.purpose?.rawValue, contact.productID, contact.contentID, contact.campaignID,
                    contact.sender, contact.decisionID, contact.occurredAt, contact.day.stored,
                    contact.status.rawValue, at,
                ])
            guard db.changesCount > 0 else { return }
            try Self.audit(
                db, at: at, by: principal, "contact.recorded",
                subject: contact.interactionID ?? "contact:\(db.lastInsertedRowID)",
                after: [
                    "hcp_id": contact.hcpID, "channel": contact.channel.rawValue, "status": contact.status.rawValue,
                    "day": contact.day.description,
                ])
        }
    }

    /// The contact history of an HCP, newest first, whoever sent.
    package func contacts(ofHCP hcpID: String, since: Int64 = .min, limit: Int = 500) async throws -> [Contact] {
        try await read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT interaction_id, hcp_id, channel, direction, purpose, product_id, content_id, campaign_id,
                        sender, decision_id, occurred_at, day, status, origin
                    FROM contact WHERE hcp_id = ? AND occurred_at >= ?
                    ORDER BY occurred_at DESC, contact_no DESC LIMIT ?
                    """,
                arguments: [hcpID, since, limit]
            ).map {
                Contact(
                    interactionID: $0[0], hcpID: $0[1], channel: try $0.closed(2), direction: try $0.closed(3),
                    purpose: try $0.optionalClosed(4), productID: $0[5], contentID: $0[6], campaignID: $0[7],
                    sender: $0[8], decisionID: $0[9], occurredAt: $0[10], day: $0.day(11), status: try $0.closed(12),
                    origin: try $0.closed(13))
            }
        }
    }

    /// The last day of a span on which each HCP was sent each content by one of the channels, as caps and gaps count.
    package func contentsSeen(
        from first: Day, through last: Day, channels: Set<Channel>
    ) async throws -> [(hcpID: String, contentID: String, day: Day)] {
        try await read { db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT hcp_id, content_id, max(day) FROM contact
                    WHERE day BETWEEN ? AND ? AND direction = 'push' AND content_id IS NOT NULL
                        AND channel IN (SELECT value FROM json_each(?))
                        AND coalesce(purpose, '') NOT IN ('service', 'safety')
                        AND (status IN ('sent', 'delivered', 'uncertain') OR claim_state IN ('claimed', 'sending'))
                    GROUP BY hcp_id, content_id
                    """,
                arguments: [first.stored, last.stored, try canonicalJSON(channels.map(\.rawValue).sorted())])
            return rows.map { ($0[0], $0[1], $0.day(2)) }
        }
    }

    /// Every touch of a span of days that counts against caps and gaps (pushed, and sent, delivered or uncertain, or
    /// claimed and on its way), for planning many HCPs at once.
    package func contactWindow(from first: Day, through last: Day) async throws -> ContactWindow {
        try await read { db in
            var result = ContactWindow()
            let rows = try Row.fetchCursor(
                db,
                sql: """
                    SELECT hcp_id, day, occurred_at, channel FROM contact
                    WHERE day BETWEEN ? AND ? AND direction = 'push'
                        AND (status IN ('sent', 'delivered', 'uncertain') OR claim_state IN ('claimed', 'sending'))
                    ORDER BY hcp_id, occurred_at, contact_no
                    """,
                arguments: [first.stored, last.stored])
            while let row = try rows.next() {
                result.hcpID.append(row[0])
                result.day.append(row.day(1))
                result.occurredAt.append(row[2])
                result.channel.append(try row.closed(3))
            }
            return result
        }
    }
}
