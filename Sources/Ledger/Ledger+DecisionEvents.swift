import EngagementModel
import GRDB

extension Ledger {
    /// What happened to a decision, in order. The expiry by a newer run stands at that run's time of publishing.
    package func events(of decisionID: String) async throws -> [DecisionEvent] {
        try await read { db in
            guard let found = try Self.decision(db, decisionID) else { return [] }
            var events = try Row.fetchAll(
                db,
                sql: """
                    SELECT kind, actor, at, cause, note, edits FROM decision_event WHERE decision_no = ?
                    ORDER BY event_no
                    """,
                arguments: [found.number]
            ).map {
                DecisionEvent(kind: try $0.closed(0), actor: $0[1], at: $0[2], cause: $0[3], note: $0[4], edits: $0[5])
            }
            if let expiry = try Self.expiry(db, found) { events.append(expiry) }
            return events
        }
    }

    /// The event of an expiry by a newer run; nil when the decision stands, or was expired by hand.
    private static func expiry(_ db: Database, _ found: LedgerDecision) throws -> DecisionEvent? {
        let stored = try String.fetchOne(
            db, sql: "SELECT status FROM decision WHERE decision_no = ?", arguments: [found.number])
        guard found.decision.status == .expired, let due = found.dueDay, stored != DecisionStatus.expired.rawValue
        else { return nil }
        // A snoozed decision expires with the first run after its day, any other with the next one.
        let replacing = try Row.fetchOne(
            db,
            sql: """
                SELECT r.published_at, r.as_of FROM run r JOIN decision d ON d.decision_no = :number
                WHERE r.run_no > d.run_no AND (d.status <> 'snoozed' OR r.as_of > d.due_day) ORDER BY r.run_no LIMIT 1
                """,
            arguments: ["number": found.number])
        return replacing.map { run in
            let cause: ExpiryCause = due < run.day(1) ? .lapsed : .superseded
            return DecisionEvent(
                kind: .expired, actor: Principal.system.id, at: run[0], cause: cause.rawValue, note: nil, edits: nil)
        }
    }
}
