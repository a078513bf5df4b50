package import EngagementModel
import Foundation
import GRDB

/// What an erasure changed.
package struct ErasureReport: Sendable, Hashable {
    package var consents = 0
    package var contacts = 0
    package var decisions = 0
    package var notes = 0
    /// Events that were emptied.
    package var events = 0
    /// Inquiries and cases that were emptied.
    package var inquiries = 0
    /// Inquiries that keep their words and their reporter until safety has settled their flags.
    package var heldReports = 0
    /// Digests that stay: they name nobody, and keep the person from being contacted again.
    package var suppressions = 0
    /// What stands for the person in the rows that stay.
    package var pseudonym = ""
}

extension Ledger {
    /// Takes a person out of the ledger (GDPR article 17) and keeps what must stay: that consents and messages existed,
    /// when, on what ground, without anyone to whom they lead; and digests of the addresses, the subject and the given
    /// identifiers, which suppress everything that could ever be sent there. The audit trail keeps the bare id.
    ///
    /// - Parameters:
    ///   - addresses: what other stores know; addresses on consents are found here.
    ///   - identifiers: `npi`, `record:SOURCE` and the like, so that neither the sources nor a new id in the master data
    ///     bring the person back.
    package func eraseSubject(
        _ hcpID: String, addresses: [(channel: Channel, address: String)] = [],
        identifiers: [(scheme: String, value: String)] = [], by principal: Principal
    ) async throws -> ErasureReport {
        try await write { db in
            try self.eraseSubject(db, hcpID, addresses: addresses, identifiers: identifiers, by: principal)
        }
    }

    /// - Parameter names: ids of events that are known to be the person's, beside those that lead to them.
    func eraseSubject(
        _ db: Database, _ hcpID: String, addresses: [(channel: Channel, address: String)] = [],
        identifiers: [(scheme: String, value: String)] = [], names: [String] = [], by principal: Principal
    ) throws -> ErasureReport {
        let at = now()
        let digests = try self.digests(db)
        var report = ErasureReport()
        let subject = digests.subject(hcpID)
        report.pseudonym = "erased:" + hex(subject.prefix(8))
        let held = try Self.consents(db, "consent WHERE hcp_id = ?", [hcpID])
        var kept = [subject] + identifiers.map { digests.identifier($0.scheme, $0.value) }
        var addressDigests = addresses.map { digests.address($0.address, $0.channel) }
        addressDigests += held.compactMap { row in row.address.map { digests.address($0, row.channel) } }
        for digest in Set(addressDigests) {
            try Self.suppress(db, digest, kind: "address", .all, .erasure, at: at, by: principal)
        }
        kept = Array(Set(kept))
        for digest in kept {
            try Self.suppress(db, digest, kind: "subject", .all, .erasure, at: at, by: principal)
        }
        report.suppressions = kept.count + Set(addressDigests).count
        let mail = (addresses.map(\.address) + held.compactMap(\.address)).filter { $0.contains("@") }
        // First: whose a visitor's events are depends on rows that go with the person.
        let (events, ids) = try self.eraseEvents(
            db, hcpID, names: names + mail.map { Self.standIn($0, digests) }, pseudonym: report.pseudonym, digests)
        report.events = events
        // What comes later under one of these names is nobody's.
        for id in ids where !id.hasPrefix("mail:") && id != hcpID {
            let digest = digests.identifier(ErasedPeople.eventScheme, id)
            try Self.suppress(db, digest, kind: "subject", .all, .erasure, at: at, by: principal)
            report.suppressions += 1
        }
        (report.inquiries, report.heldReports) = try self.eraseInquiries(
            db, hcpID, addresses: mail, pseudonym: report.pseudonym, at: at)
        try self.removePerson(db, hcpID, &report)
        try db.execute(
            sql: "INSERT OR IGNORE INTO erasure (subject_digest, actor, erased_at) VALUES (?, ?, ?)",
            arguments: [Data(subject), principal.id, at])
        try Self.audit(
            db, at: at, by: principal, "subject.erased", subject: report.pseudonym,
            after: [
                "consents": "\(report.consents)", "contacts": "\(report.contacts)",
                "notes": "\(report.notes)", "events": "\(report.events)",
                "inquiries": "\(report.inquiries)", "suppressions": "\(report.suppressions)",
                "held_reports": "\(report.heldReports)",
            ])
        return report
    }

    private func removePerson(_ db: Database, _ hcpID: String, _ report: inout ErasureReport) throws {
        let names: StatementArguments = ["to": report.pseudonym, "hcp": hcpID]
        func change(_ sql: String) throws -> Int {
            let statement = try db.makeStatement(sql: sql)
            try statement.execute(arguments: sql.contains(":to") ? names : ["hcp": hcpID])
            return db.changesCount
        }
        _ = try change(
            """
            UPDATE consent_evidence SET signature = NULL WHERE signature IS NOT NULL
                AND consent_no IN (SELECT consent_no FROM consent WHERE hcp_id = :hcp)
            """)
        report.consents = try change(
            """
            UPDATE consent SET hcp_id = :to, consent_id = 'erased:' || consent_no, address = '', evidence = NULL
            WHERE hcp_id = :hcp
            """)
        report.contacts = try change(
            """
            UPDATE contact SET hcp_id = :to, address_hash = NULL,
                interaction_id = iif(interaction_id IS NULL, NULL, 'erased:' || contact_no)
            WHERE hcp_id = :hcp
            """)
        // After their claims have lost the name: a note ends with its person.
        _ = try change("DELETE FROM portal_note WHERE hcp_id = :hcp")
        _ = try change(
            """
            UPDATE decision_event SET note = NULL WHERE note IS NOT NULL
                AND decision_no IN (SELECT decision_no FROM decision WHERE hcp_id = :hcp)
            """)
        // A golden identifier is that of its founding record; an answer about somebody who is gone binds nobody.
        for side in ["left", "right"] {
            _ = try change("UPDATE identity_answer SET \(side)_id = :to WHERE \(side)_id = :hcp")
        }
        for table in ["live_outcome", "live_decision"] {
            _ = try change("UPDATE \(table) SET hcp_id = :to WHERE hcp_id = :hcp")
        }
        report.decisions = try change(
            """
            UPDATE decision SET hcp_id = :to, reason_1 = NULL, reason_2 = NULL, reason_3 = NULL WHERE hcp_id = :hcp
            """)
        // A journey ends with the person; its rows keep that somebody was on it.
        _ = try change(
            """
            UPDATE journey_instance SET hcp_id = :to || ':' || instance_no, attributes = '{}', phase = 'ended',
                due_at = NULL, outcome = coalesce(outcome, 'erased') WHERE hcp_id = :hcp
            """)
        // In an audience only a digest is left of them, until the other side has taken them out.
        _ = try change("UPDATE audience_member SET hcp_id = :to WHERE hcp_id = :hcp")
        report.notes = try change("UPDATE rep_note SET hcp_id = :to, text = '' WHERE hcp_id = :hcp")
        for table in [
            "recipient", "own_schedule", "alignment", "experiment_assignment", "claim_refusal", "hold", "rep_task",
        ] {
            _ = try change("DELETE FROM \(table) WHERE hcp_id = :hcp")
        }
    }
}
