import EngagementModel
import GRDB

/// What a person said of two records: the same HCP, or two.
package struct IdentityAnswer: Sendable, Hashable {
    /// Grows with every answer.
    package var number: Int64
    package var leftSource: String
    package var leftID: String
    package var rightSource: String
    package var rightID: String
    package var isSame: Bool
    /// As `Principal.id`.
    package var answeredBy: String
    /// Microseconds since 1970, UTC.
    package var answeredAt: Int64
}

/// Answers to the questions of identity. A later answer to the same question replaces the earlier one; both stay.
extension Schema {
    static let identity = """
        CREATE TABLE identity_answer (
            answer_no INTEGER PRIMARY KEY AUTOINCREMENT,
            left_source TEXT NOT NULL,
            left_id TEXT NOT NULL,
            right_source TEXT NOT NULL,
            right_id TEXT NOT NULL,
            is_same INTEGER NOT NULL CHECK (is_same IN (0, 1)),
            answered_by TEXT NOT NULL,
            answered_at INTEGER NOT NULL
        ) STRICT;
        CREATE TRIGGER identity_answer_is_ordered BEFORE INSERT ON identity_answer
            WHEN NOT (new.left_source, new.left_id) < (new.right_source, new.right_id)
            BEGIN SELECT RAISE(ABORT, 'identity_answer names the lower record first'); END;
        CREATE INDEX identity_answer_pair ON identity_answer (left_source, left_id, right_source, right_id);
        CREATE TRIGGER identity_answer_keeps_rows BEFORE DELETE ON identity_answer
            BEGIN SELECT RAISE(ABORT, 'identity_answer is append-only'); END;
        CREATE TRIGGER identity_answer_keeps_values BEFORE UPDATE ON identity_answer
            WHEN NOT ((new.left_id LIKE 'erased:%' OR new.right_id LIKE 'erased:%')
                AND (new.answer_no, new.left_source, new.right_source, new.is_same, new.answered_by, new.answered_at)
                    IS (old.answer_no, old.left_source, old.right_source, old.is_same, old.answered_by,
                        old.answered_at)
                AND (new.left_id = old.left_id OR new.left_id LIKE 'erased:%')
                AND (new.right_id = old.right_id OR new.right_id LIKE 'erased:%'))
            BEGIN SELECT RAISE(ABORT, 'identity_answer is append-only'); END;
        """
}

extension Ledger {
    /// Keeps an answer; the same answer to the same question again is none.
    ///
    /// - Throws: `identity_same_record` when both sides are one record.
    @discardableResult
    package func answerIdentity(
        left: (source: String, id: String), right: (source: String, id: String), isSame: Bool, by principal: Principal
    ) async throws -> IdentityAnswer {
        guard left != right else {
            throw Diagnostic("identity_same_record", "Both sides are the same record.")
        }
        // One order, so that a question is one row whichever way round it was asked.
        let (first, second) = left < right ? (left, right) : (right, left)
        let at = now()
        return try await write { db in
            let known = try Self.identityAnswers(
                db, "AND left_source = ? AND left_id = ? AND right_source = ? AND right_id = ?",
                [first.source, first.id, second.source, second.id]
            ).first
            if let known, known.isSame == isSame { return known }
            try db.execute(
                sql: """
                    INSERT INTO identity_answer (left_source, left_id, right_source, right_id, is_same, answered_by,
                        answered_at)
                    VALUES (?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [first.source, first.id, second.source, second.id, isSame, principal.id, at])
            let number = db.lastInsertedRowID
            try Self.audit(
                db, at: at, by: principal, "identity.answered", subject: String(number),
                before: known.map { ["same": $0.isSame ? "yes" : "no"] } ?? [:],
                after: [
                    "left": "\(first.source):\(first.id)", "right": "\(second.source):\(second.id)",
                    "same": isSame ? "yes" : "no",
                ])
            return IdentityAnswer(
                number: number, leftSource: first.source, leftID: first.id, rightSource: second.source,
                rightID: second.id, isSame: isSame, answeredBy: principal.id, answeredAt: at)
        }
    }

    /// The answers that hold, one a question, in the order in which they were given.
    package func identityAnswers() async throws -> [IdentityAnswer] {
        try await read { db in try Self.identityAnswers(db, "", []) }
    }

    private static func identityAnswers(
        _ db: Database, _ condition: String, _ arguments: StatementArguments
    ) throws -> [IdentityAnswer] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT answer_no, left_source, left_id, right_source, right_id, is_same, answered_by, answered_at
                FROM identity_answer AS a
                WHERE answer_no = (SELECT max(answer_no) FROM identity_answer AS b
                    WHERE b.left_source = a.left_source AND b.left_id = a.left_id
                        AND b.right_source = a.right_source AND b.right_id = a.right_id) \(condition)
                ORDER BY answer_no
                """, arguments: arguments
        ).map {
            IdentityAnswer(
                number: $0[0], leftSource: $0[1], leftID: $0[2], rightSource: $0[3], rightID: $0[4], isSame: $0[5],
                answeredBy: $0[6], answeredAt: $0[7])
        }
    }
}
