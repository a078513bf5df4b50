import EngagementModel
import Foundation
import GRDB

/// The ledger as one step of a journey sees it: instances, effects and claims of one immediate transaction. All of it
/// becomes durable together, or nothing does; so a crash never leaves an effect without its step, or a step twice.
package struct JourneyTransaction {
    private let db: Database
    private let claims: ClaimTransaction
    /// The clock of this transaction.
    package let now: Int64

    init(_ db: Database, ledger: Ledger, policy: ClaimPolicy, actor: Principal) throws {
        self.db = db
        claims = try ClaimTransaction(db, ledger: ledger, policy: policy, actor: actor)
        now = claims.now
    }

    /// Claims like `ClaimDesk.claim`, inside of the step.
    package func claim(_ request: ClaimRequest) throws -> ClaimOutcome {
        guard request.isWhole else { throw ClaimRequest.incomplete }
        return try claims.claim(request)
    }

    /// Instances whose timer has run out, the longest overdue first.
    package func due(limit: Int) throws -> [JourneyRow] {
        try rows("WHERE phase = 'waiting' AND due_at <= ? ORDER BY due_at LIMIT ?", [now, limit])
    }

    package func running(ofHCP hcpID: String) throws -> [JourneyRow] {
        try rows("WHERE hcp_id = ? AND phase = 'waiting' ORDER BY instance_no", [hcpID])
    }

    /// Begins an instance; nil when the HCP is on this journey already, or was within `pause` (nil = never again).
    package func start(
        journey: String, version: Int, hcpID: String, node: String, attributes: [String: String], pause: Int64?
    ) throws -> JourneyRow? {
        let past = try Row.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT (SELECT 1 FROM journey_instance WHERE hcp_id = :hcp AND journey_id = :journey
                            AND phase <> 'ended'),
                        (SELECT max(entered_at) FROM journey_instance WHERE hcp_id = :hcp AND journey_id = :journey
                            AND phase = 'ended')
                    """), arguments: ["hcp": hcpID, "journey": journey])
        if past?[0] as Int64? != nil { return nil }
        if let last = past?[1] as Int64? {
            guard let pause, now - last >= pause else { return nil }
        }
        try db.cachedStatement(
            sql: """
                INSERT INTO journey_instance (journey_id, version, hcp_id, node, phase, due_at, visit, since,
                    entered_at, attributes) VALUES (?, ?, ?, ?, 'waiting', ?, 0, ?, ?, ?)
                """
        ).execute(arguments: [journey, version, hcpID, node, now, now, now, try Self.spelled(attributes)])
        return JourneyRow(
            number: db.lastInsertedRowID, journeyID: journey, version: version, hcpID: hcpID, node: node, dueAt: now,
            since: now, enteredAt: now, attributes: attributes)
    }

    /// Stores where an instance stands after its steps.
    package func save(_ row: JourneyRow, attributesChanged: Bool) throws {
        try db.cachedStatement(
            sql: """
                UPDATE journey_instance SET node = ?, phase = ?, due_at = ?, wait_event = ?, wait_key = ?, visit = ?,
                    since = ?, ended_at = ?, outcome = ? WHERE instance_no = ?
                """
        ).execute(
            arguments: [
                row.node, row.phase.rawValue, row.dueAt, row.waitEvent, row.waitKey, row.visit, row.since,
                row.endedAt, row.outcome, row.number,
            ])
        guard attributesChanged else { return }
        try db.cachedStatement(sql: "UPDATE journey_instance SET attributes = ? WHERE instance_no = ?")
            .execute(arguments: [try Self.spelled(row.attributes), row.number])
    }

    /// Notes a step; the second step of the same visit is refused by the key, and with it its effect.
    package func note(_ step: JourneyStepRow, of row: JourneyRow) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO journey_step (instance_no, visit, node, at, result, contact_no) VALUES (?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [row.number, step.visit, step.node, step.at, step.result, step.contactNumber])
    }

    package func addTask(
        _ kind: String, title: String, product: String?, dueAt: Int64?, of row: JourneyRow
    ) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO rep_task (instance_no, visit, hcp_id, journey_id, kind, title, product_id, due_at,
                    created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(
            arguments: [row.number, row.visit, row.hcpID, row.journeyID, kind, title, product, dueAt, now])
    }

    /// Whether an event is seen for the first time; a delivery that is repeated changes nothing.
    package func isNew(event id: String) throws -> Bool {
        try db.cachedStatement(sql: "INSERT OR IGNORE INTO journey_event (event_id, at) VALUES (?, ?)")
            .execute(arguments: [id, now])
        return db.changesCount > 0
    }

    /// Notes how far a reader of events has come, together with what it did.
    package func moveEventReader(_ name: String, to number: Int64) throws {
        try Ledger.moveReader(db, name, to: number)
    }

    private func rows(_ tail: String, _ arguments: StatementArguments) throws -> [JourneyRow] {
        try Row.fetchAll(
            db.cachedStatement(sql: "SELECT \(JourneyRow.columns) FROM journey_instance \(tail)"),
            arguments: arguments
        ).map(JourneyRow.init)
    }

    private static func spelled(_ attributes: [String: String]) throws -> String {
        attributes.isEmpty ? "{}" : try canonicalJSON(attributes)
    }
}

extension JourneyRow {
    static let columns = """
        instance_no, journey_id, version, hcp_id, node, phase, due_at, wait_event, wait_key, visit, since, \
        entered_at, ended_at, outcome, attributes
        """

    init(_ row: Row) throws {
        let text: String = row[14]
        self.init(
            number: row[0], journeyID: row[1], version: row[2], hcpID: row[3], node: row[4],
            phase: try row.closed(5), dueAt: row[6], waitEvent: row[7], waitKey: row[8], visit: row[9],
            since: row[10], enteredAt: row[11], endedAt: row[12], outcome: row[13],
            attributes: text == "{}" ? [:] : try JSONDecoder().decode([String: String].self, from: Data(text.utf8)))
    }
}
