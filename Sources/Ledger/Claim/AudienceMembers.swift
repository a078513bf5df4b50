import EngagementModel
import Foundation
import GRDB

/// Somebody who was given to an advertiser as part of an audience, by a digest.
package struct AudienceMember: Sendable, Hashable {
    package var number: Int64
    /// The content that the audience is shown.
    package var audience: String
    /// SHA-256 of the normalised e-mail address, hexadecimal: what advertisers match by.
    package var digest: String
    /// Why they leave, as a claim would be refused.
    package var cause: String
}

/// Who is in which audience. A row lasts from the moment before the hand-over until the other side has taken the person
/// out again; then its digest goes.
extension Schema {
    static let audience = """
        CREATE TABLE audience_member (
            member_no INTEGER PRIMARY KEY,
            way TEXT NOT NULL,
            audience TEXT NOT NULL,
            hcp_id TEXT NOT NULL,
            digest TEXT,
            contact_no INTEGER NOT NULL REFERENCES contact (contact_no),
            added_at INTEGER NOT NULL,
            removed_at INTEGER,
            CHECK ((removed_at IS NULL) = (digest IS NOT NULL)),
            CHECK (digest IS NULL OR length(digest) = 64)
        ) STRICT;
        CREATE UNIQUE INDEX audience_member_once ON audience_member (way, audience, digest) WHERE removed_at IS NULL;
        CREATE INDEX audience_member_of ON audience_member (hcp_id);
        CREATE INDEX audience_member_claim ON audience_member (contact_no);
        CREATE TRIGGER audience_member_keeps_rows BEFORE DELETE ON audience_member
            BEGIN SELECT RAISE(ABORT, 'audience_member is kept'); END;
        """
}

extension Ledger {
    /// Notes that an HCP is about to be in an audience; durable when it returns. Said again, it changes nothing.
    package func joinAudience(_ claim: Claim, way: String, digest: String) async throws {
        let at = now()
        try await write { db in
            try db.execute(
                sql: """
                    INSERT INTO audience_member (way, audience, hcp_id, digest, contact_no, added_at)
                    VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
                    """, arguments: [way, claim.contentID ?? "", claim.hcpID, digest, claim.number, at])
        }
    }

    /// The other side has taken somebody out.
    package func leaveAudience(_ number: Int64) async throws {
        let at = now()
        try await write { db in
            try db.execute(
                sql: """
                    UPDATE audience_member SET removed_at = ?, digest = NULL WHERE member_no = ? AND removed_at IS NULL
                    """, arguments: [at, number])
        }
    }

    /// How many are in audiences, by way and audience.
    package func audienceSizes() async throws -> [(way: String, audience: String, members: Int)] {
        try await read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT way, audience, count(*) FROM audience_member WHERE removed_at IS NULL
                    GROUP BY 1, 2 ORDER BY 1, 2
                    """
            ).map { ($0[0], $0[1], $0[2]) }
        }
    }
}

extension ClaimDesk {
    /// Members of the audiences of a way who may not be in them any more, each judged as of now.
    package func audienceLeavers(way: String) async throws -> [AudienceMember] {
        let (policy, ledger) = (policy, ledger)
        let digests = try await ledger.write { db in try ledger.digests(db) }
        return try await ledger.read { db in
            let now = ledger.now()
            let reader = ClaimFactsReader(db: db, digests: digests, policy: policy)
            let members = try Row.fetchCursor(
                db,
                sql: """
                    SELECT m.member_no, m.audience, m.digest, m.hcp_id, c.purpose, c.product_id, c.content_version,
                        c.address_hash
                    FROM audience_member m JOIN contact c ON c.contact_no = m.contact_no
                    WHERE m.way = ? AND m.removed_at IS NULL ORDER BY m.member_no
                    """, arguments: [way])
            var leavers: [AudienceMember] = []
            while let row = try members.next() {
                let request = ClaimRequest(
                    key: ClaimKey(campaign: "audience", step: row[1]), hcpID: row[3], channel: .ad,
                    purpose: try row.optionalClosed(4) ?? .promotional, productID: row[5], contentID: row[1],
                    contentVersion: row[6])
                let facts = try reader.standing(of: request, address: row[7], now: now)
                guard let cause = policy.endOfStanding(request, facts) else { continue }
                leavers.append(
                    AudienceMember(number: row[0], audience: row[1], digest: row[2], cause: cause.rawValue))
            }
            return leavers
        }
    }
}

extension ClaimFactsReader {
    /// What decides whether an HCP may stay where a granted claim has put them: right, consent, content; no history.
    func standing(of request: ClaimRequest, address: Data?, now: Int64) throws -> ClaimFacts {
        var facts = ClaimFacts(now: now, latestSeen: now, recipient: try recipient(request.hcpID))
        guard facts.recipient != nil else { return facts }
        facts.suppressions = try suppressions(request)
        if let address { facts.suppressions += try suppressed(Array(address)) }
        facts.consents = try consents(request)
        facts.content = try content(request)
        return facts
    }
}

extension ClaimPolicy {
    /// Why an HCP may not stay where a granted claim has put them; nil = they may.
    func endOfStanding(_ request: ClaimRequest, _ facts: ClaimFacts) -> ClaimRefusal? {
        guard let recipient = facts.recipient, let terms = terms(of: recipient), let zone = zones.zone(recipient.zone)
        else { return .unknownRecipient }
        if recipient.isRestricted { return .dataRights }
        if facts.suppressions.contains(where: { $0 == .all || !request.purpose.skipsPromotionalPolicy }) {
            return .suppressed
        }
        let moments = Moments(request, facts, zone)
        if case .failure(let refused) = ConsentRules(terms: terms, facts: facts.consents, at: moments.latest)
            .basis(for: request)
        {
            return refused.reason
        }
        return content(request, facts, recipient, moments)
    }
}
