import EngagementModel
import GRDB

/// A leader's word that the HCPs of an organisation change from one rep to another; in force from the next run on.
package struct AccountMove: Sendable, Hashable {
    /// Grows with every word.
    package var number: Int64
    package var hcoID: String
    package var fromRep: String
    package var toRep: String
    /// The run whose proposal it was.
    package var runID: String
    /// As `Principal.id`.
    package var decidedBy: String
    /// Microseconds since 1970, UTC.
    package var decidedAt: Int64
}

/// Accepted moves of accounts between reps, and those taken back. A later word on the same account and rep replaces the
/// earlier one; both stay.
extension Schema {
    static let accountMoves = """
        CREATE TABLE account_move (
            move_no INTEGER PRIMARY KEY AUTOINCREMENT,
            hco_id TEXT NOT NULL,
            from_rep TEXT NOT NULL,
            to_rep TEXT NOT NULL CHECK (to_rep <> from_rep),
            run_id TEXT NOT NULL,
            is_in_force INTEGER NOT NULL CHECK (is_in_force IN (0, 1)),
            decided_by TEXT NOT NULL,
            decided_at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX account_move_account ON account_move (hco_id, from_rep);
        CREATE TRIGGER account_move_keeps_rows BEFORE DELETE ON account_move
            BEGIN SELECT RAISE(ABORT, 'account_move is append-only'); END;
        CREATE TRIGGER account_move_keeps_values BEFORE UPDATE ON account_move
            BEGIN SELECT RAISE(ABORT, 'account_move is append-only'); END;
        """
}

extension Ledger {
    /// Accepts moves, or takes them back; what is so already is not said twice. All of them or none.
    ///
    /// - Returns: how many words were new.
    @discardableResult
    package func decideMoves(
        _ moves: [(hcoID: String, fromRep: String, toRep: String)], accept: Bool, runID: String, by principal: Principal
    ) async throws -> Int {
        let at = now()
        return try await write { db in
            var count = 0
            for move in moves {
                let known = try Row.fetchOne(
                    db,
                    sql: """
                        SELECT to_rep, is_in_force FROM account_move WHERE hco_id = ? AND from_rep = ?
                        ORDER BY move_no DESC LIMIT 1
                        """, arguments: [move.hcoID, move.fromRep])
                let isSo = known.map { $0[0] == move.toRep && $0[1] == true } ?? false
                guard isSo != accept else { continue }
                try db.execute(
                    sql: """
                        INSERT INTO account_move (hco_id, from_rep, to_rep, run_id, is_in_force, decided_by, decided_at)
                        VALUES (?, ?, ?, ?, ?, ?, ?)
                        """,
                    arguments: [move.hcoID, move.fromRep, move.toRep, runID, accept, principal.id, at])
                try Self.audit(
                    db, at: at, by: principal, accept ? "alignment.accepted" : "alignment.taken_back",
                    subject: move.hcoID, before: ["rep": accept ? move.fromRep : move.toRep],
                    after: ["rep": accept ? move.toRep : move.fromRep, "run": runID])
                count += 1
            }
            return count
        }
    }

    /// The moves that are in force, in the order in which they were decided.
    package func accountMoves() async throws -> [AccountMove] {
        try await read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT move_no, hco_id, from_rep, to_rep, run_id, decided_by, decided_at FROM account_move AS a
                    WHERE is_in_force AND move_no = (SELECT max(move_no) FROM account_move AS b
                        WHERE b.hco_id = a.hco_id AND b.from_rep = a.from_rep)
                    ORDER BY move_no
                    """
            ).map {
                AccountMove(
                    number: $0[0], hcoID: $0[1], fromRep: $0[2], toRep: $0[3], runID: $0[4], decidedBy: $0[5],
                    decidedAt: $0[6])
            }
        }
    }
}
