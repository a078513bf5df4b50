import EngagementModel
import GRDB

/// What another system reports about a suggestion that it was given (Veeva: `Actioned_vod__c`, `Dismissed_vod__c`,
/// `Marked_As_Complete_vod__c`).
package struct Feedback: Sendable, Hashable {
    package enum Outcome: String, ClosedList, Codable { case actioned, dismissed, completed }
    /// The other system's id of the suggestion.
    package var externalID: String
    package var decisionID: String
    package var outcome: Outcome
    /// Microseconds since 1970, UTC.
    package var at: Int64

    package init(externalID: String, decisionID: String, outcome: Outcome, at: Int64) {
        self.externalID = externalID
        self.decisionID = decisionID
        self.outcome = outcome
        self.at = at
    }
}

/// What an import of feedback did.
package struct FeedbackLoad: Sendable, Hashable {
    package var applied = 0
    /// Imported before, word for word.
    package var repeated = 0
    /// Legal, but the decision stood there already.
    package var unchanged = 0
    /// By diagnostic code: `unknown_decision`, `already_executed`, `expired`, …
    package var refused: [String: Int] = [:]
}

extension Ledger {
    /// Applies feedback in the order of time. Idempotent by source, external id and outcome; a row that cannot be
    /// applied is kept with the reason and stops no other.
    package func importFeedback(_ rows: [Feedback], source: String, by principal: Principal = .system) async throws
        -> FeedbackLoad
    {
        let recorded = now()
        return try await write { db in
            var load = FeedbackLoad()
            for row in rows.sorted(by: { ($0.at, $0.externalID) < ($1.at, $1.externalID) }) {
                let known = try Bool.fetchOne(
                    db,
                    sql: """
                        SELECT EXISTS (SELECT 1 FROM feedback WHERE source = ? AND external_id = ? AND outcome = ?)
                        """,
                    arguments: [source, row.externalID, row.outcome.rawValue])
                if known == true {
                    load.repeated += 1
                    continue
                }
                let result = try Self.apply(db, row, by: principal, counting: &load)
                try db.execute(
                    sql: """
                        INSERT INTO feedback (source, external_id, decision_id, outcome, at, result, recorded_at)
                        VALUES (?, ?, ?, ?, ?, ?, ?)
                        """,
                    arguments: [
                        source, row.externalID, row.decisionID, row.outcome.rawValue, row.at, result, recorded,
                    ])
            }
            return load
        }
    }

    private static func apply(
        _ db: Database, _ row: Feedback, by principal: Principal, counting load: inout FeedbackLoad
    ) throws -> String {
        let action: DecisionAction =
            switch row.outcome {
            case .actioned: .accept()
            case .dismissed: .dismiss(cause: .unstated)
            case .completed: .execute()
            }
        let request = DecisionRequest(
            decisionID: row.decisionID, principal: principal, action: action, at: row.at, reportedCause: "feedback")
        do {
            let before = try decision(db, row.decisionID)?.decision.status
            let after = try perform(db, request).decision.status
            if before == after { load.unchanged += 1 } else { load.applied += 1 }
            return before == after ? "unchanged" : "applied"
        } catch let refusal as Diagnostic {
            load.refused[refusal.code, default: 0] += 1
            return refusal.code
        }
    }
}

extension Ledger {
    /// A single setting; nil when it was never set.
    package func setting(_ key: String) async throws -> String? {
        try await read { db in try String.fetchOne(db, sql: "SELECT value FROM setting WHERE key = ?", arguments: [key])
        }
    }

    /// Sets a single value; nil removes it. Not for secrets or personal data: the audit trail records that it changed.
    package func setSetting(_ key: String, to value: String?, by principal: Principal = .system) async throws {
        let at = now()
        try await write { db in
            if let value {
                try db.execute(
                    sql: "INSERT OR REPLACE INTO setting (key, value, changed_at) VALUES (?, ?, ?)",
                    arguments: [key, value, at])
            } else {
                try db.execute(sql: "DELETE FROM setting WHERE key = ?", arguments: [key])
            }
            try Self.audit(db, at: at, by: principal, "setting.changed", subject: key)
        }
    }
}
