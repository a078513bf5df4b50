import EngagementModel
import Foundation
import GRDB

/// What comes back for a claim after its message left: a way out taken, a bounce, a complaint. The caller knows only the
/// number that a signed link or return path carries; whom it concerns stands in the row.
extension Ledger {
    /// The HCP wants no more of this: an opt-out for the claim's channel and purpose, and its address on the suppression
    /// list, in one transaction. Effective when it returns. Asked again, it changes nothing.
    ///
    /// - Parameters:
    ///   - means: a link, a reply.
    ///   - cause: `complaint` when an abuse report says so.
    /// - Returns: the claim; nil when there is none.
    @discardableResult
    package func optOut(
        ofClaim number: Int64, means: ConsentEvidence.Means, cause: SuppressionCause = .optOut,
        by principal: Principal = .system
    ) async throws -> Claim? {
        let at = now()
        return try await write { db in
            guard let claim = try Claim.find(db, number) else { return nil }
            let held = try Self.consents(
                db,
                """
                consent WHERE hcp_id = ? AND channel = ? AND purpose = ? AND product_id = '' AND address = ''
                    AND superseded_at IS NULL ORDER BY consent_no DESC LIMIT 1
                """, [claim.hcpID, claim.channel.rawValue, claim.purpose.rawValue])
            if held.first?.status != .optOut && held.first?.status != .objection {
                let consent = Consent(
                    consentID: "unsubscribe/\(number)", hcpID: claim.hcpID, channel: claim.channel,
                    purpose: claim.purpose, status: .optOut,
                    capturedAt: max(at, (held.first?.capturedAt ?? 0) + 1), evidence: "claim:\(number)")
                try self.store(db, consent, ConsentEvidence(means: means), at: at, by: principal)
            }
            try Self.suppressAddress(db, ofClaim: number, .promotional, cause, at: at, by: principal)
            return claim
        }
    }

    /// What a bounce says about a message that was handed over: it came back, and its address is dead or not.
    ///
    /// - Parameter suppresses: whether the address takes no mail at all any more (`failed` with 5.x.x).
    /// - Returns: the claim; nil when there is none.
    @discardableResult
    package func recordBounce(ofClaim number: Int64, code: String, suppresses: Bool) async throws -> Claim? {
        let at = now()
        return try await write { db in
            guard let claim = try Claim.find(db, number) else { return nil }
            let status = try String.fetchOne(
                db, sql: "SELECT status FROM contact WHERE contact_no = ?", arguments: [number])
            if claim.state == .sent || claim.state == .uncertain, status != TouchStatus.bounced.rawValue {
                try db.execute(
                    sql: """
                        UPDATE contact SET status = 'bounced', changed_at = ?, claim_state = 'sent', failure = ?
                        WHERE contact_no = ?
                        """, arguments: [at, code, number])
                try db.execute(
                    sql: "INSERT INTO claim_event (contact_no, state, at, actor, cause) VALUES (?, 'sent', ?, ?, ?)",
                    arguments: [number, at, Principal.system.id, code])
            }
            if suppresses {
                try Self.suppressAddress(db, ofClaim: number, .all, .bounce, at: at, by: .system)
            }
            return claim
        }
    }

    /// The number of the claim that a message key names; nil when it is none of this ledger's.
    package func claimNumber(ofKey key: String) async throws -> Int64? {
        // A webhook's id has no dots.
        let parts = key.split(separator: ".", omittingEmptySubsequences: false)
        let halves = parts.count == 2 ? parts : key.split(separator: "_", omittingEmptySubsequences: false)
        guard halves.count == 2, let number = Int64(halves[0]), number > 0 else { return nil }
        let mine = try await write { db in hex(try self.secret(db, "ledger_id").prefix(8)) }
        return halves[1] == mine ? number : nil
    }

    /// Claims that are not to be looked at before a time: their domain has had its share, their endpoint rests.
    package func postpone(_ claims: [(number: Int64, until: Int64)]) async throws {
        guard !claims.isEmpty else { return }
        try await write { db in
            for claim in claims {
                try db.cachedStatement(
                    sql: "UPDATE contact SET not_before = ? WHERE contact_no = ? AND claim_state = 'claimed'"
                ).execute(arguments: [claim.until, claim.number])
            }
        }
    }

    /// Ends a claim whose message cannot be made: it has no address any more, or its content is gone.
    package func withdraw(_ number: Int64, code: String, by principal: Principal = .system) async throws {
        let at = now()
        try await write { db in
            guard let claim = try Claim.find(db, number), claim.state == .claimed else { return }
            try db.execute(
                sql: """
                    UPDATE contact SET claim_state = 'failed', status = 'cancelled', changed_at = ?, failure = ?
                    WHERE contact_no = ?
                    """, arguments: [at, code, number])
            try db.execute(
                sql: "INSERT INTO claim_event (contact_no, state, at, actor, cause) VALUES (?, 'failed', ?, ?, ?)",
                arguments: [number, at, principal.id, code])
        }
    }

    private static func suppressAddress(
        _ db: Database, ofClaim number: Int64, _ reach: SuppressionReach, _ cause: SuppressionCause, at: Int64,
        by principal: Principal
    ) throws {
        let digest = try Data.fetchOne(
            db, sql: "SELECT address_hash FROM contact WHERE contact_no = ?", arguments: [number])
        guard let digest else { return }
        try suppress(db, Array(digest), kind: "address", reach, cause, at: at, by: principal)
    }
}
