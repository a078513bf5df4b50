import EngagementModel
import GRDB

/// Brings loaded touches into the contact history, one prepared lookup for each and a write only where something
/// changed.
struct ContactUpsert {
    private(set) var load = ContactLoad()
    /// Rows that the load has named; those that it has not are removed at the end.
    private var seen: Set<Int64> = []
    private var carriedOut: Set<String> = []
    private let db: Database
    private let at: Int64
    private var find: BulkStatement
    private var insert: BulkStatement
    private var update: BulkStatement
    private var updateClaim: BulkStatement
    private var adopt: BulkStatement

    init(_ db: Database, at: Int64, expecting count: Int) throws {
        self.db = db
        self.at = at
        seen.reserveCapacity(count)
        find = try BulkStatement(
            db,
            """
            SELECT contact_no, CASE WHEN claim_state IS NULL
                THEN (hcp_id, channel, direction, purpose, product_id, content_id, campaign_id, sender, decision_id,
                    occurred_at, day, status) IS (?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
                ELSE status IS ?13 OR ?13 NOT IN ('sent', 'delivered', 'bounced') END
            FROM contact WHERE interaction_id = ?1
            """)
        insert = try BulkStatement(
            db,
            """
            INSERT INTO contact (interaction_id, hcp_id, channel, direction, purpose, product_id, content_id,
                campaign_id, sender, decision_id, occurred_at, day, status, recorded_at, origin)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, 'loaded')
            """)
        // Of a row that Rapport claimed, another system can only say that it arrived: what was claimed stays.
        updateClaim = try BulkStatement(
            db,
            """
            UPDATE contact SET status = ?2, changed_at = ?3, claim_state = iif(claim_state IN ('failed', 'sent'),
                claim_state, 'sent')
            WHERE interaction_id = ?1 AND claim_state IS NOT NULL RETURNING contact_no, 0
            """)
        update = try BulkStatement(
            db,
            """
            UPDATE contact SET hcp_id = ?2, channel = ?3, direction = ?4, purpose = ?5, product_id = ?6,
                content_id = ?7, campaign_id = ?8, sender = ?9, decision_id = ?10, occurred_at = ?11, day = ?12,
                status = ?13
            WHERE interaction_id = ?1
            """)
        // Rapport's own row of the same decision's touch, not yet logged by anyone.
        adopt = try BulkStatement(
            db,
            """
            UPDATE contact SET interaction_id = ?1 WHERE contact_no = (
                SELECT contact_no FROM contact WHERE decision_id = ?2 AND channel = ?3 AND direction = 'push'
                    AND origin = 'rapport' AND interaction_id IS NULL ORDER BY contact_no LIMIT 1)
            RETURNING contact_no, 0
            """)
    }

    mutating func add(_ columns: ContactColumns, _ index: Int) throws {
        if let decision = columns.decisionID[index], columns.direction[index] == .push,
            columns.status[index].countsAgainstCaps
        {
            carriedOut.insert(decision)
        }
        if let (number, isSame) = try found(columns, index) {
            seen.insert(number)
            if isSame == 1 { return }
            load.updated += 1
            updateClaim.bind(columns.interactionID[index])
            updateClaim.bind(columns.status[index].rawValue)
            updateClaim.bind(at)
            if try updateClaim.numbers() != nil { return }
            Self.bind(columns, index, to: &update)
            try update.step()
            return
        }
        Self.bind(columns, index, to: &insert)
        insert.bind(at)
        try insert.step()
        seen.insert(db.lastInsertedRowID)
        load.inserted += 1
    }

    mutating func countOutside() { load.outside += 1 }

    /// Removes loaded rows that were not named, and marks the decisions that the load shows as carried out.
    mutating func finish() throws {
        let stale = try Int64.fetchAll(db, sql: "SELECT contact_no FROM contact WHERE origin = 'loaded'")
            .filter { !seen.contains($0) }
        var remove = try BulkStatement(db, "DELETE FROM contact WHERE contact_no = ?")
        for number in stale {
            remove.bind(number)
            try remove.step()
        }
        load.removed = stale.count
        load.executed = try markExecuted()
    }

    private mutating func found(_ columns: ContactColumns, _ index: Int) throws -> (Int64, Int64)? {
        Self.bind(columns, index, to: &find)
        if let found = try find.numbers() { return found }
        guard let decision = columns.decisionID[index], columns.direction[index] == .push else { return nil }
        adopt.bind(columns.interactionID[index])
        adopt.bind(decision)
        adopt.bind(columns.channel[index].rawValue)
        guard try adopt.numbers() != nil else { return nil }
        load.confirmed += 1
        Self.bind(columns, index, to: &find)
        return try find.numbers()
    }

    private func markExecuted() throws -> Int {
        guard !carriedOut.isEmpty else { return 0 }
        let open = """
            FROM json_each(:list) j CROSS JOIN decision d ON d.decision_id = j.value
            WHERE d.status <> 'executed' AND d.day IS NOT NULL
            """
        let arguments: StatementArguments = ["list": try canonicalJSON(carriedOut.sorted()), "at": at]
        try db.execute(
            sql: """
                INSERT INTO decision_event (decision_no, kind, actor, at, cause)
                SELECT d.decision_no, 'executed', 'system', :at, 'logged' \(open)
                """,
            arguments: arguments)
        let count = db.changesCount
        guard count > 0 else { return 0 }
        try db.execute(
            sql: """
                UPDATE decision SET status = 'executed', changed_at = :at
                WHERE decision_no IN (SELECT d.decision_no \(open))
                """,
            arguments: arguments)
        return count
    }

    private static func bind(_ columns: ContactColumns, _ index: Int, to row: inout BulkStatement) {
        row.bind(columns.interactionID[index])
        row.bind(columns.hcpID[index])
        row.bind(columns.channel[index].rawValue)
        row.bind(columns.direction[index].rawValue)
        row.bind(columns.purpose[index]?.rawValue)
        row.bind(columns.productID[index])
        row.bind(columns.contentID[index])
        row.bind(columns.campaignID[index])
        row.bind(columns.sender[index])
        row.bind(columns.decisionID[index])
        row.bind(columns.occurredAt[index])
        row.bind(columns.day[index].stored)
        row.bind(columns.status[index].rawValue)
    }
}
