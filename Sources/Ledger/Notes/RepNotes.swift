import EngagementModel
import GRDB

/// What a rep knows about an HCP and no system does; it may set a prior, until it expires.
package struct RepNote: Sendable, Hashable {
    package var noteID: String
    package var hcpID: String
    /// As `Principal.id`.
    package var author: String
    package var productID: String?
    package var text: String
    /// Microseconds since 1970, UTC.
    package var writtenAt: Int64
    package var expiresAt: Int64?
    /// The earlier note that this one corrects.
    package var replaces: String?
}

extension Ledger {
    /// Adds a note; notes are never changed, a correction names what it replaces. Idempotent by id.
    ///
    /// - Throws: `note_empty`, `note_too_long`, `note_expired`, `unknown_note`, `ledger_conflict` when the note was
    ///   replaced before.
    @discardableResult
    package func addNote(
        id: String? = nil, onHCP hcpID: String, product: String? = nil, text: String, expiresAt: Int64? = nil,
        replacing earlier: String? = nil, by principal: Principal
    ) async throws -> RepNote {
        let at = now()
        guard !text.allSatisfy(\.isWhitespace) else { throw Diagnostic("note_empty", "The note has no text.") }
        guard text.utf8.count <= 4000 else {
            throw Diagnostic("note_too_long", "A note holds at most 4,000 bytes.")
        }
        guard expiresAt.map({ $0 > at }) ?? true else {
            throw Diagnostic("note_expired", "The note would have expired already.", remedy: "choose a later day")
        }
        let note = RepNote(
            noteID: id ?? newID(), hcpID: hcpID, author: principal.id, productID: product, text: text, writtenAt: at,
            expiresAt: expiresAt, replaces: earlier)
        return try await write { db in
            if let known = try Self.notes(db, "WHERE n.note_id = ?", [note.noteID]).first { return known }
            if let earlier {
                let isKnown = try Self.notes(db, "WHERE n.note_id = ? AND n.hcp_id = ?", [earlier, hcpID]).first != nil
                guard isKnown else { throw Diagnostic("unknown_note", "There is no such note about this HCP.") }
            }
            try db.execute(
                sql: """
                    INSERT INTO rep_note (note_id, hcp_id, author, product_id, text, written_at, expires_at, replaces)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    note.noteID, hcpID, note.author, product, text, at, expiresAt, earlier,
                ])
            try Self.audit(
                db, at: at, by: principal, "note.added", subject: note.noteID,
                after: ["hcp_id": hcpID, "replaces": earlier ?? ""])
            return note
        }
    }

    /// Notes about an HCP that hold at a time, newest first: neither replaced nor expired.
    package func notes(onHCP hcpID: String, at: Int64, limit: Int = 100) async throws -> [RepNote] {
        try await read { db in
            try Self.notes(
                db,
                """
                WHERE n.hcp_id = ? AND n.written_at <= ? AND (n.expires_at IS NULL OR n.expires_at > ?)
                    AND NOT EXISTS (SELECT 1 FROM rep_note r WHERE r.replaces = n.note_id AND r.written_at <= ?)
                ORDER BY n.written_at DESC, n.note_no DESC LIMIT ?
                """, [hcpID, at, at, at, limit])
        }
    }

    /// Every note that was ever written about an HCP, in order.
    package func noteHistory(onHCP hcpID: String) async throws -> [RepNote] {
        try await read { db in try Self.notes(db, "WHERE n.hcp_id = ? ORDER BY n.note_no", [hcpID]) }
    }

    private static func notes(_ db: Database, _ tail: String, _ arguments: StatementArguments) throws -> [RepNote] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT n.note_id, n.hcp_id, n.author, n.product_id, n.text, n.written_at, n.expires_at, n.replaces
                FROM rep_note n \(tail)
                """, arguments: arguments
        ).map {
            RepNote(
                noteID: $0[0], hcpID: $0[1], author: $0[2], productID: $0[3], text: $0[4], writtenAt: $0[5],
                expiresAt: $0[6], replaces: $0[7])
        }
    }
}
