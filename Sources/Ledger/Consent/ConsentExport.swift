package import EngagementModel
import Foundation
import GRDB

/// One version of one consent with its evidence: what an export hands over, for an audit or another system.
package struct ConsentRecord: Sendable, Hashable {
    package var consent: Consent
    /// Number of the ledger row: claims cite it (`consent:17`).
    package var number: Int64
    package var version: Int
    package var recordedAt: Int64
    /// When a later version of the same consent took its place.
    package var supersededAt: Int64?
    package var means: ConsentEvidence.Means?
    package var language: String?
    /// SHA-256 in hexadecimal.
    package var textHash: String?
    package var signatureHash: String?
    package var confirms: String?
    package var actor: String?

    /// The columns of an exported file: those of the canonical `consent.csv` first, so that it can be loaded again.
    package static let columns = [
        "consent_id", "hcp_id", "channel", "address", "purpose", "product_id", "status", "basis", "text_version",
        "captured_at", "expires_at", "evidence", "origin", "ledger_no", "version", "recorded_at", "superseded_at",
        "means", "language", "text_hash", "signature_hash", "confirms", "actor",
    ]

    /// Values in the order of `columns`; times as microseconds since 1970, nil = empty.
    package var values: [String?] {
        [
            consent.consentID, consent.hcpID, consent.channel.rawValue, consent.address, consent.purpose.rawValue,
            consent.productID, consent.status.rawValue, consent.basis?.rawValue, consent.textVersion,
            String(consent.capturedAt), consent.expiresAt.map { String($0) }, consent.evidence,
            consent.origin.rawValue, String(number), String(version), String(recordedAt),
            supersededAt.map { String($0) }, means?.rawValue, language, textHash, signatureHash, confirms, actor,
        ]
    }
}

extension Ledger {
    /// Hands on every consent that was ever recorded, superseded versions included, in the order of recording; of one
    /// HCP or of everyone. Rows are read one by one, from one snapshot.
    package func exportConsents(
        ofHCP hcpID: String? = nil, _ body: @escaping @Sendable (ConsentRecord) throws -> Void
    ) async throws {
        try await read { db in
            let rows = try Row.fetchCursor(
                db,
                sql: """
                    SELECT c.consent_id, c.hcp_id, c.channel, c.address, c.purpose, c.product_id, c.status, c.basis,
                        c.text_version, c.captured_at, c.expires_at, c.evidence, c.origin, c.consent_no, c.version,
                        c.recorded_at, c.superseded_at, e.means, e.language, e.text_hash, e.signature_hash,
                        e.confirms, e.actor
                    FROM consent c LEFT JOIN consent_evidence e USING (consent_no)
                    \(hcpID == nil ? "" : "WHERE c.hcp_id = :hcp") ORDER BY c.consent_no
                    """, arguments: hcpID.map { ["hcp": $0] } ?? [])
            while let row = try rows.next() {
                let (address, product): (String, String) = (row[3], row[5])
                let consent = Consent(
                    consentID: row[0], hcpID: row[1], channel: try row.closed(2),
                    address: address.isEmpty ? nil : address, purpose: try row.closed(4),
                    productID: product.isEmpty ? nil : product, status: try row.closed(6),
                    basis: try row.optionalClosed(7), textVersion: row[8], capturedAt: row[9], expiresAt: row[10],
                    evidence: row[11], origin: try row.closed(12))
                try body(
                    ConsentRecord(
                        consent: consent, number: row[13], version: row[14], recordedAt: row[15],
                        supersededAt: row[16], means: try row.optionalClosed(17), language: row[18],
                        textHash: (row[19] as Data?).map { hex($0) }, signatureHash: (row[20] as Data?).map { hex($0) },
                        confirms: row[21], actor: row[22]))
            }
        }
    }

    /// Loads a suppression list of another system: addresses of one channel, all for one cause.
    /// - Returns: how many were new.
    @discardableResult
    package func importSuppressions(
        addresses: [String], channel: Channel, _ reach: SuppressionReach, cause: SuppressionCause,
        by principal: Principal
    ) async throws -> Int {
        let at = now()
        return try await bulkWrite { db in
            let digests = try self.digests(db)
            let before = try Int.fetchOne(db, sql: "SELECT count(*) FROM suppression") ?? 0
            for address in addresses where !address.allSatisfy(\.isWhitespace) {
                let digest = digests.address(address, channel)
                try Self.suppress(db, digest, kind: "address", reach, cause, at: at, by: principal)
            }
            return (try Int.fetchOne(db, sql: "SELECT count(*) FROM suppression") ?? 0) - before
        }
    }
}
