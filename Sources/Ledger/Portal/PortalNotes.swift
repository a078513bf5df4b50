package import EngagementModel
import GRDB

/// A message that was put before an HCP on the portal.
package struct PortalNote: Sendable, Hashable {
    /// Number of its claim.
    package var number: Int64
    package var hcpID: String
    package var contentID: String?
    package var contentVersion: String?
    /// BCP 47.
    package var language: String
    package var subject: String
    /// Empty, as is `html`, once the content may not be used any more.
    package var text: String
    package var html: String?
    /// Microseconds since 1970, UTC.
    package var postedAt: Int64
    /// When the HCP opened it first; nil = not yet.
    package var seenAt: Int64?
    /// Whether its content is still approved: what expired or was withdrawn is shown to nobody.
    package var isCurrent: Bool
}

extension ClaimDesk {
    /// Puts a note before the HCP and ends its claim, in one transaction: after a crash it is there and sent, or neither.
    ///
    /// - Throws: `not_sending` when the claim is not being sent (any more).
    package func post(_ ticket: SendTicket, _ message: AssembledMessage) async throws {
        let (policy, ledger, principal) = (policy, ledger, principal)
        let number = ticket.claim.number
        try await ledger.write { db in
            guard let claim = try Claim.find(db, number), claim.state == .sending else { throw ClaimFailure.notSending }
            let transaction = try ClaimTransaction(db, ledger: ledger, policy: policy, actor: principal)
            try transaction.finish(number, .sent)
            try db.execute(
                sql: """
                    INSERT INTO portal_note (contact_no, hcp_id, content_id, content_version, language, subject, text,
                        html, posted_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    number, claim.hcpID, claim.contentID, claim.contentVersion, message.language, message.subject,
                    message.text, message.html, transaction.now,
                ])
        }
    }
}

extension Ledger {
    /// Notes of an HCP, the newest first.
    package func portalNotes(ofHCP hcpID: String, limit: Int = 100) async throws -> [PortalNote] {
        let today = Day(microseconds: now())
        return try await read { db in
            try Row.fetchAll(
                db,
                sql: "\(Self.portalNotes) WHERE hcp_id = ? ORDER BY posted_at DESC, contact_no DESC LIMIT ?",
                arguments: [hcpID, limit]
            ).map { try Self.portalNote(db, $0, today) }
        }
    }

    /// Opens a note for the HCP whose it is: the first time it is seen, and the event of it stored, in one transaction.
    ///
    /// - Parameter counts: false = somebody looks who is not the HCP (a program that follows links): nothing is recorded.
    /// - Returns: nil when the HCP has no such note. A note whose content may not be used any more is not seen.
    package func openNote(_ number: Int64, ofHCP hcpID: String, counts: Bool = true) async throws -> PortalNote? {
        let at = now()
        let (note, isNew) = try await write { db -> (PortalNote?, Bool) in
            guard
                let row = try Row.fetchOne(
                    db, sql: "\(Self.portalNotes) WHERE contact_no = ? AND hcp_id = ?", arguments: [number, hcpID])
            else { return (nil, false) }
            var note = try Self.portalNote(db, row, Day(microseconds: at))
            guard counts, note.isCurrent, note.seenAt == nil else { return (note, false) }
            note.seenAt = at
            try db.execute(
                sql: "UPDATE portal_note SET seen_at = ? WHERE contact_no = ?", arguments: [at, number])
            try self.storeOwn(db, try Self.opened(db, note, at))
            return (note, true)
        }
        if isNew { bell.ring() }
        return note
    }

    private static func opened(_ db: Database, _ note: PortalNote, _ at: Int64) throws -> EngagementEvent {
        var attributes = ["channel": Channel.portal.rawValue, "claim": String(note.number)]
        attributes["content_id"] = note.contentID
        attributes["campaign"] = try String.fetchOne(
            db, sql: "SELECT campaign_id FROM contact WHERE contact_no = ?", arguments: [note.number])
        return EngagementEvent(
            source: "portal", messageID: "note_opened:\(note.number)", hcpID: note.hcpID, name: "note_opened",
            occurredAt: at, receivedAt: at, attributes: attributes)
    }

    private static let portalNotes = """
        SELECT contact_no, hcp_id, content_id, content_version, language, subject, text, html, posted_at, seen_at
        FROM portal_note
        """

    private static func portalNote(_ db: Database, _ row: Row, _ today: Day) throws -> PortalNote {
        var note = PortalNote(
            number: row[0], hcpID: row[1], contentID: row[2], contentVersion: row[3], language: row[4],
            subject: row[5], text: row[6], html: row[7], postedAt: row[8], seenAt: row[9], isCurrent: true)
        guard let id = note.contentID, let version = note.contentVersion else { return note }
        let content = try ContentApproval.read(db, id, version)
        note.isCurrent = content.map { $0.state.isSendable && ($0.expiresOn.map { $0 >= today } ?? true) } ?? false
        if !note.isCurrent { (note.text, note.html) = ("", nil) }
        return note
    }
}
