import Crypto
import EngagementModel
import Foundation
import GRDB

/// How a consent was given: what GDPR article 7 asks a company to be able to show.
package struct ConsentEvidence: Sendable, Hashable {
    package enum Means: String, ClosedList, Codable {
        case webForm = "web_form"
        case preferenceCentre = "preference_centre"
        /// A signed link in a message: unsubscribe, confirmation.
        case link
        case signature, verbal, written
        /// An answer such as STOP.
        case reply
        case `import`
    }
    package var means: Means
    /// Language of the text that was shown (BCP 47).
    package var language: String?
    /// SHA-256 of the text as it was shown; the version is on the consent itself.
    package var textHash: [UInt8]?
    /// The image of the signature (PNG); its hash stays when the image is erased.
    package var signature: [UInt8]?
    package var signatureHash: [UInt8]?
    /// The pending consent that this one confirms (double opt-in).
    package var confirms: String?

    package init(
        means: Means, language: String? = nil, textHash: [UInt8]? = nil, signature: [UInt8]? = nil,
        confirms: String? = nil
    ) {
        self.means = means
        self.language = language
        self.textHash = textHash
        self.signature = signature
        self.confirms = confirms
        signatureHash = signature.map { Array(SHA256.hash(data: $0)) }
    }
}

extension Ledger {
    /// Records a consent with its evidence in one transaction.
    ///
    /// A refusal (opt-out, objection) through a link, a reply or the preference centre also suppresses the address, if it
    /// names one: no import brings it back. An opt-in that the HCP gives in the preference centre, by signature or by
    /// confirming lifts a suppression that an opt-out made, never one by bounce, complaint or erasure.
    /// - Throws: `signature_too_large` above 256 KiB.
    package func recordConsent(_ consent: Consent, evidence: ConsentEvidence, by principal: Principal) async throws {
        try Self.check(evidence)
        let at = now()
        try await write { db in
            try self.store(db, consent, evidence, at: at, by: principal)
        }
    }

    /// Bytes of the image of a signature.
    package static let longestSignature = 262_144

    private static func check(_ evidence: ConsentEvidence) throws {
        guard evidence.signature.map({ $0.count <= longestSignature }) ?? true else {
            throw Diagnostic("signature_too_large", "The image of a signature holds at most 256 KiB.")
        }
    }

    /// Records the choices of one form, all of them or none, each with the same evidence. The image of a signature is kept
    /// with the first; the others name it by its hash.
    /// - Throws: `signature_too_large`.
    package func recordConsents(_ consents: [Consent], evidence: ConsentEvidence, by principal: Principal) async throws
    {
        guard !consents.isEmpty else { return }
        try Self.check(evidence)
        let at = now()
        try await write { db in
            var evidence = evidence
            for consent in consents {
                try self.store(db, consent, evidence, at: at, by: principal)
                evidence.signature = nil
            }
        }
    }

    /// How a consent that asked for a second yes stands.
    package enum Confirmation: Sendable, Hashable {
        case waiting, confirmed
        /// Something newer is known of the same subject, or it never waited.
        case superseded
    }

    /// The consent behind a confirmation link and how it stands; nil when there is none.
    package func confirmation(ofConsent id: String) async throws -> (consent: Consent, state: Confirmation)? {
        try await read { db in try Self.confirmation(db, id) }
    }

    /// Confirms a pending consent (double opt-in): adds the opt-in that names it. Idempotent.
    ///
    /// - Returns: false when there is no such pending consent, or something newer about the same subject.
    @discardableResult
    package func confirmConsent(pending id: String, evidence: ConsentEvidence, by principal: Principal) async throws
        -> Bool
    {
        let at = now()
        var evidence = evidence
        evidence.confirms = id
        let proof = evidence
        return try await write { db in
            guard let (found, state) = try Self.confirmation(db, id) else { return false }
            guard state == .waiting else { return state == .confirmed }
            var consent = found
            consent.consentID = Self.confirmed(id)
            consent.status = .optIn
            consent.origin = .rapport
            consent.capturedAt = max(at, consent.capturedAt + 1)
            try self.store(db, consent, proof, at: at, by: principal)
            return true
        }
    }

    private static func confirmed(_ id: String) -> String { "\(id)/confirmed" }

    private static func confirmation(_ db: Database, _ id: String) throws -> (Consent, Confirmation)? {
        let found = try consents(
            db, "consent WHERE consent_id = ? AND superseded_at IS NULL ORDER BY version DESC LIMIT 1", [id])
        guard let consent = found.first else { return nil }
        let newest = try consents(
            db,
            """
            consent WHERE hcp_id = ? AND channel = ? AND purpose = ? AND product_id = ? AND address = ?
                AND superseded_at IS NULL ORDER BY consent_no DESC LIMIT 1
            """,
            [
                consent.hcpID, consent.channel.rawValue, consent.purpose.rawValue, consent.productID ?? "",
                consent.address ?? "",
            ]
        ).first?.consentID
        if newest == confirmed(id) { return (consent, .confirmed) }
        return (consent, consent.status == .pending && newest == id ? .waiting : .superseded)
    }

    /// Consents that wait for their confirmation, in the order of recording: nothing newer is known of their subject.
    package func pendingConsents() async throws -> [Consent] {
        try await read { db in
            try Self.consents(
                db,
                """
                consent AS c WHERE status = 'pending' AND superseded_at IS NULL AND NOT EXISTS (
                    SELECT 1 FROM consent AS n WHERE n.hcp_id = c.hcp_id AND n.channel = c.channel
                        AND n.purpose = c.purpose AND n.product_id = c.product_id AND n.address = c.address
                        AND n.superseded_at IS NULL AND n.consent_no > c.consent_no)
                ORDER BY consent_no
                """, [])
        }
    }

    /// The image under one consent of an HCP, by the number of its row; nil where there is none. The trail says who saw it.
    package func signature(ofConsent number: Int64, hcpID: String, by principal: Principal) async throws -> [UInt8]? {
        let at = now()
        return try await write { db in
            let found = try Data.fetchOne(
                db,
                sql: """
                    SELECT image.signature FROM consent c JOIN consent_evidence e USING (consent_no)
                    JOIN consent o ON o.hcp_id = c.hcp_id
                    JOIN consent_evidence image ON image.consent_no = o.consent_no
                    WHERE c.consent_no = :number AND c.hcp_id = :hcp AND image.signature_hash = e.signature_hash
                        AND image.signature IS NOT NULL LIMIT 1
                    """, arguments: ["number": number, "hcp": hcpID])
            guard let found else { return nil }
            try Self.audit(
                db, at: at, by: principal, "consent.signature_seen", subject: "consent:\(number)", after: [:])
            return Array(found)
        }
    }

    /// The evidence of one consent, the latest version; nil when there is none.
    package func evidence(ofConsent id: String) async throws -> ConsentEvidence? {
        try await read { db in
            try Row.fetchOne(
                db,
                sql: """
                    SELECT e.means, e.language, e.text_hash, e.signature, e.signature_hash, e.confirms
                    FROM consent c JOIN consent_evidence e USING (consent_no) WHERE c.consent_id = ?
                    ORDER BY c.version DESC LIMIT 1
                    """, arguments: [id]
            ).map { row in
                var evidence = ConsentEvidence(
                    means: try row.closed(0), language: row[1], textHash: (row[2] as Data?).map(Array.init),
                    signature: (row[3] as Data?).map(Array.init), confirms: row[5])
                evidence.signatureHash = (row[4] as Data?).map(Array.init)
                return evidence
            }
        }
    }

    func store(
        _ db: Database, _ consent: Consent, _ evidence: ConsentEvidence, at: Int64, by principal: Principal
    ) throws {
        var columns = ConsentColumns()
        columns.append(consent)
        var insert = try ConsentInsert(db, origin: .rapport, at: at)
        try insert.add(columns, 0)
        guard insert.load.inserted + insert.load.corrected > 0 else { return }
        let number = try Int64.fetchOne(
            db, sql: "SELECT max(consent_no) FROM consent WHERE consent_id = ?", arguments: [consent.consentID])
        try db.execute(
            sql: """
                INSERT INTO consent_evidence (consent_no, means, language, text_hash, signature_hash, signature,
                    confirms, actor, recorded_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                number, evidence.means.rawValue, evidence.language, evidence.textHash.map { Data($0) },
                evidence.signatureHash.map { Data($0) }, evidence.signature.map { Data($0) }, evidence.confirms,
                principal.id, at,
            ])
        try followSuppression(db, consent, evidence, at: at, by: principal)
        try Self.audit(
            db, at: at, by: principal, "consent.recorded", subject: consent.consentID,
            after: [
                "hcp_id": consent.hcpID, "channel": consent.channel.rawValue, "purpose": consent.purpose.rawValue,
                "status": consent.status.rawValue, "means": evidence.means.rawValue,
                "text_version": consent.textVersion ?? "",
            ])
    }

    private func followSuppression(
        _ db: Database, _ consent: Consent, _ evidence: ConsentEvidence, at: Int64, by principal: Principal
    ) throws {
        guard let address = consent.address, consent.productID == nil, consent.purpose == .promotional else { return }
        let digest = try digests(db).address(address, consent.channel)
        let own: Set<ConsentEvidence.Means> = [.link, .reply, .preferenceCentre, .signature]
        switch consent.status {
        case .optOut where own.contains(evidence.means), .objection where own.contains(evidence.means):
            let cause: SuppressionCause = consent.status == .objection ? .objection : .optOut
            try Self.suppress(db, digest, kind: "address", .promotional, cause, at: at, by: principal)
        case .optIn where own.contains(evidence.means) && evidence.means != .reply:
            try db.execute(
                sql: """
                    UPDATE suppression SET lifted_at = ?, lifted_by = ?
                    WHERE digest = ? AND lifted_at IS NULL AND cause IN ('opt_out', 'objection')
                    """, arguments: [at, principal.id, Data(digest)])
        default: break
        }
    }
}
