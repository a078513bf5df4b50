import EngagementModel
import GRDB

extension Ledger {
    /// What has happened since a place, as rows for the warehouse: touches that Rapport made and what became of them,
    /// talks that were recorded, responses from events and from live outcomes.
    ///
    /// The same place gives the same rows, and rows after it repeated by a later state carry the same id; so reading a
    /// stretch twice adds nothing.
    /// - Returns: rows, and the place behind them.
    package func interactions(after place: InteractionPlace) async throws -> ([Interaction], InteractionPlace) {
        try await read { db in
            var end = InteractionPlace()
            end.event = try Int64.fetchOne(db, sql: "SELECT max(event_no) FROM event") ?? 0
            end.claimEvent = try Int64.fetchOne(db, sql: "SELECT max(event_no) FROM claim_event") ?? 0
            end.contact = try Int64.fetchOne(db, sql: "SELECT max(contact_no) FROM contact") ?? 0
            end.outcome = try Int64.fetchOne(db, sql: "SELECT max(outcome_no) FROM live_outcome") ?? 0
            var rows = try Self.touches(db, place, end)
            rows += try Self.outcomes(db, place, end)
            rows += try Self.responses(db, place, end)
            return (rows, end)
        }
    }

    /// Claims with their latest state, and talks and pulls that were recorded.
    private static func touches(_ db: Database, _ from: InteractionPlace, _ to: InteractionPlace) throws
        -> [Interaction]
    {
        try Row.fetchAll(
            db,
            sql: """
                WITH changed AS (
                    SELECT contact_no, max(at) AS at FROM claim_event WHERE event_no > :q AND event_no <= :q2
                    GROUP BY contact_no
                    UNION ALL
                    SELECT contact_no, recorded_at FROM contact WHERE contact_no > :c AND contact_no <= :c2
                        AND claim_state IS NULL AND origin = 'rapport'
                        AND coalesce(interaction_id, '') NOT LIKE 'live:0:event:%')
                SELECT c.contact_no, c.hcp_id, c.occurred_at, h.at, c.channel, c.direction, c.purpose, c.content_id,
                    c.product_id, c.campaign_id, c.decision_id, c.sender, c.status
                FROM changed h JOIN contact c ON c.contact_no = h.contact_no
                WHERE c.origin = 'rapport' AND coalesce(c.claim_state, 'sent') NOT IN ('claimed', 'sending')
                    AND c.hcp_id NOT LIKE 'erased:%'
                ORDER BY c.contact_no
                """,
            arguments: ["q": from.claimEvent, "q2": to.claimEvent, "c": from.contact, "c2": to.contact]
        ).map { row in
            var touch = Interaction(
                interactionID: "contact:\(row[0] as Int64)", hcpID: row[1], occurredAt: row[2], knownAt: row[3],
                channel: try row.closed(4), direction: try row.closed(5), kind: "touch")
            touch.purpose = try row.optionalClosed(6)
            (touch.contentID, touch.productID, touch.campaignID) = (row[7], row[8], row[9])
            touch.decisionID = row[10]
            let sender: String? = row[11]
            touch.sender = sender.flatMap { $0 == "system" || $0.hasPrefix("key:") ? nil : $0 }
            touch.status = try row.optionalClosed(12)
            return touch
        }
    }

    /// Live outcomes, but those that were events: they come as such.
    private static func outcomes(_ db: Database, _ from: InteractionPlace, _ to: InteractionPlace) throws
        -> [Interaction]
    {
        try Row.fetchAll(
            db,
            sql: """
                SELECT o.outcome_no, o.hcp_id, o.occurred_at, o.recorded_at, o.channel, o.direction, o.content_id,
                    o.product_id, o.decision_id, o.response, c.contact_no, c.interaction_id, c.origin = 'loaded'
                FROM live_outcome o LEFT JOIN contact c ON c.contact_no = o.contact_no
                WHERE o.outcome_no > ? AND o.outcome_no <= ? AND o.response <> 'none'
                    AND NOT (o.key_no = 0 AND o.outcome_id LIKE 'event:%') AND o.hcp_id NOT LIKE 'erased:%'
                ORDER BY o.outcome_no
                """, arguments: [from.outcome, to.outcome]
        ).map { row in
            // A view is on the rung that its response says, and needs no other word for how it came about.
            var view = Interaction(
                interactionID: "outcome:\(row[0] as Int64)", hcpID: row[1], occurredAt: row[2], knownAt: row[3],
                channel: try row.closed(4), direction: try row.closed(5), kind: "view")
            (view.contentID, view.productID, view.decisionID) = (row[6], row[7], row[8])
            view.response = try row.closed(9)
            if let number = row[10] as Int64? {
                let parent = Interaction.parent(interactionID: row[11], number: number, isLoaded: row[12])
                (view.source, view.parentID) = (parent.source, parent.id)
            }
            return view
        }
    }

    /// Events of the stretch, and earlier ones of visitors who were named in it.
    private static func responses(_ db: Database, _ from: InteractionPlace, _ to: InteractionPlace) throws
        -> [Interaction]
    {
        var identities = EventIdentities(db)
        var result: [Interaction] = []
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT \(StoredEvent.columns) WHERE e.event_no IN (
                    SELECT event_no FROM event WHERE event_no > :from AND event_no <= :to
                    UNION
                    SELECT x.event_no FROM event_link l JOIN event x
                        ON x.anonymous_id = l.other_id AND x.user_id IS NULL AND x.source_no = l.source_no
                    WHERE l.event_no > :from AND l.event_no <= :to AND x.event_no <= :from
                    UNION
                    SELECT x.event_no FROM event_link l JOIN event x
                        ON x.user_id = l.other_id AND x.source_no = l.source_no
                    WHERE l.event_no > :from AND l.event_no <= :to AND x.event_no <= :from)
                ORDER BY e.event_no
                """, arguments: ["from": from.event, "to": to.event])
        while let row = try rows.next() {
            let stored = try StoredEvent(row, &identities)
            // An id that the ledger does not know may be one that the warehouse knows.
            guard let meaning = EventMeaning(stored), let hcp = stored.event.hcpID ?? stored.userID,
                !hcp.hasPrefix("mail:"), !hcp.hasPrefix("erased:")
            else { continue }
            result.append(try response(db, stored, meaning, hcp))
        }
        return result
    }

    private static func response(_ db: Database, _ stored: StoredEvent, _ meaning: EventMeaning, _ hcp: String) throws
        -> Interaction
    {
        let (event, facts) = (stored.event, stored.event.attributes)
        var row = Interaction(
            interactionID: "event:\(stored.number)", hcpID: hcp, occurredAt: event.occurredAt,
            knownAt: max(event.receivedAt, stored.knownSince ?? 0), channel: meaning.channel,
            direction: meaning.channel == .portal ? .pull : .push, kind: meaning.kind)
        (row.contentID, row.productID, row.decisionID) = (
            facts["content_id"], facts["product_id"], facts["decision_id"]
        )
        row.campaignID = facts["campaign_id"]
        row.purpose = facts["purpose"].flatMap(Purpose.init(rawValue:))
        row.seconds = (facts["duration_seconds"] ?? facts["seconds"]).flatMap { Double($0) }.flatMap {
            $0 >= 0 && $0 < 1e6 ? Int($0) : nil
        }
        row.isMachine = meaning.isMachine
        if let number = facts["claim"].flatMap({ Int64($0) }) {
            let touch = try Row.fetchOne(
                db.cachedStatement(
                    sql: """
                        SELECT interaction_id, origin = 'loaded', product_id, content_id, campaign_id, decision_id
                        FROM contact WHERE contact_no = ?
                        """), arguments: [number])
            if let touch {
                let parent = Interaction.parent(interactionID: touch[0], number: number, isLoaded: touch[1])
                (row.source, row.parentID, row.direction) = (parent.source, parent.id, .push)
                row.productID = row.productID ?? touch[2]
                row.contentID = row.contentID ?? touch[3]
                row.campaignID = row.campaignID ?? touch[4]
                row.decisionID = row.decisionID ?? touch[5]
            }
        } else if let parent = facts["parent_interaction_id"] ?? facts["interaction_id"] {
            // Another system speaks of the touch by its own id, which it has delivered to the warehouse.
            (row.source, row.parentID, row.direction) = (facts["interaction_source"] ?? "canonical", parent, .push)
        }
        return row
    }
}
