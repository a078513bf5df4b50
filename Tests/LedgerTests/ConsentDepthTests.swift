import EngagementModel
import GRDB
import Testing

@testable import Ledger

@Suite struct ConsentDepthTests {
    private func pending(_ hcp: String, at: Int64) -> Consent {
        var consent = optIn(hcp, id: "pending-\(hcp)", .pending, at: at)
        consent.address = "\(hcp)@example.org"
        return consent
    }

    @Test func evidenceComesBackAndCannotBeRewritten() async throws {
        let ledger = try await claimLedger(Wrist())
        let image = [UInt8](repeating: 7, count: 1000)
        let evidence = ConsentEvidence(
            means: .signature, language: "de", textHash: [9, 9], signature: image)
        try await ledger.recordConsent(optIn("h1", id: "signed", at: 9), evidence: evidence, by: .user(1))
        #expect(try await ledger.evidence(ofConsent: "signed") == evidence)
        #expect(try await ledger.evidence(ofConsent: "in-h1") == nil)
        for sql in [
            "DELETE FROM consent_evidence", "UPDATE consent_evidence SET means = 'link'",
            "UPDATE consent_evidence SET signature_hash = NULL",
        ] {
            #expect(await code { try await ledger.write { db in try db.execute(sql: sql) } } == "ledger_conflict")
        }
        let large = ConsentEvidence(means: .signature, signature: [UInt8](repeating: 0, count: 262_145))
        #expect(
            await code { try await ledger.recordConsent(optIn("h1", id: "x"), evidence: large, by: .user(1)) }
                == "signature_too_large")
    }

    @Test func anOptInCountsOnlyWhenItIsConfirmed() async throws {
        let clock = Wrist()
        let ledger = try await claimLedger(clock, hcps: [])
        try await prepare(ledger, hcps: [])
        try await ledger.registerRecipients([Recipient(hcpID: "h1", country: "DE", zone: "Europe/Berlin")])
        let rules = ClaimPolicy(strategy: strategy(), doubleOptIn: ["": [.email]], clockTolerance: 0)
        let desk = ClaimDesk(ledger: ledger, policy: rules)
        let form = ConsentEvidence(means: .webForm, language: "de")
        try await ledger.recordConsent(pending("h1", at: clock.now), evidence: form, by: .system)
        #expect(try await desk.claim(email("h1")).refusal == .noConsent)
        let link = ConsentEvidence(means: .link)
        for _ in 0..<2 {
            #expect(try await ledger.confirmConsent(pending: "pending-h1", evidence: link, by: .system))
        }
        #expect(try await ledger.confirmConsent(pending: "unknown", evidence: link, by: .system) == false)
        let claim = try #require(try await desk.claim(email("h1")).claim)
        #expect(claim.basis == "consent:2")
        #expect(try await ledger.consents(ofHCP: "h1").count == 2)
        // Whoever left since then is not brought back by an old link in a letter box.
        clock.set(clock.now + 48 * hour)
        var out = pending("h1", at: clock.now)
        out.consentID = "out"
        out.status = .optOut
        try await ledger.recordConsent(out, evidence: link, by: .system)
        #expect(try await ledger.confirmConsent(pending: "pending-h1", evidence: link, by: .system) == false)
        #expect(try await desk.claim(email("h1", step: "s2")).refusal == .suppressed)
    }

    @Test func anUnconfirmedOptInIsNamedAsSuch() async throws {
        let ledger = try await claimLedger(Wrist(), hcps: ["h1"])
        let rules = ClaimPolicy(
            strategy: strategy(), doubleOptIn: ["": [.sms]], bases: ["": [.promotional: [.consent]]],
            clockTolerance: 0)
        let desk = ClaimDesk(ledger: ledger, policy: rules)
        var text = optIn("h1", id: "sms", at: 3)
        text.channel = .sms
        try await ledger.recordConsent(text, evidence: ConsentEvidence(means: .verbal), by: .user(1))
        var request = email("h1")
        request.channel = .sms
        request.address = "+49 170 1"
        #expect(try await desk.claim(request).refusal == .optInUnconfirmed)
        text.consentID = "interest"
        text.basis = .legitimateInterest
        text.capturedAt = 4
        try await ledger.recordConsent(text, evidence: ConsentEvidence(means: .verbal), by: .user(1))
        #expect(try await desk.claim(request).refusal == .basisNotAccepted)
    }

    @Test func suppressionBeatsEveryImport() async throws {
        let clock = Wrist()
        let ledger = try await claimLedger(clock)
        let desk = ClaimDesk(ledger: ledger, policy: policy())
        var out = optIn("h1", id: "out", .optOut, at: clock.now)
        out.address = "H1@example.org"
        try await ledger.recordConsent(out, evidence: ConsentEvidence(means: .link), by: .system)
        // A CRM says, with a later date, that all is well; under this id and under another.
        var rows = ConsentColumns()
        var late = optIn("h1", id: "crm", at: clock.now + 999 * hour)
        late.address = "h1@example.org"
        rows.append(late)
        late.hcpID = "h2"
        late.consentID = "crm2"
        rows.append(late)
        _ = try await ledger.recordConsents(rows)
        #expect(try await desk.claim(email("h1")).refusal == .suppressed)
        var twin = email("h2")
        twin.address = " h1@EXAMPLE.org "
        #expect(try await desk.claim(twin).refusal == .suppressed)
        // The HCP's own word, later, in the preference centre.
        clock.set(clock.now + hour)
        var back = optIn("h1", id: "back", at: clock.now + 1000 * hour)
        back.address = "h1@example.org"
        try await ledger.recordConsent(back, evidence: ConsentEvidence(means: .preferenceCentre), by: .system)
        #expect(try await ledger.suppressions(ofAddress: "h1@example.org", channel: .email).isEmpty)
        #expect(try await desk.claim(email("h1")).claim != nil)
        // A dead address stays dead, whatever is ticked.
        try await ledger.suppress(address: "h2@example.org", channel: .email, .all, cause: .bounce, by: .system)
        back.consentID = "back2"
        back.hcpID = "h2"
        back.address = "h2@example.org"
        try await ledger.recordConsent(back, evidence: ConsentEvidence(means: .preferenceCentre), by: .system)
        #expect(try await desk.claim(email("h2")).refusal == .suppressed)
        #expect(try await ledger.liftSuppression(address: "h2@example.org", channel: .email, by: .user(1)))
    }

    @Test func erasureLeavesHistoryWithoutAPersonAndKeepsTheDigest() async throws {
        let clock = Wrist()
        let ledger = try await claimLedger(clock)
        let desk = ClaimDesk(ledger: ledger, policy: policy())
        var addressed = optIn("h1", id: "addressed-h1", at: 5)
        addressed.address = "h1@example.org"
        addressed.evidence = "spoke to Dr. Jane"
        try await ledger.recordConsent(
            addressed, evidence: ConsentEvidence(means: .signature, signature: [1, 2, 3]), by: .user(1))
        _ = try await desk.claim(email("h1"))
        try await ledger.addNote(onHCP: "h1", text: "Likes chess.", by: .user(1))
        let plan = run("r1")
        _ = try await ledger.publish(plan, decisions: [touch(plan, "h1", on: monday + 1)])
        let report = try await ledger.eraseSubject("h1", identifiers: [("npi", "1234567893")], by: .user(9))
        #expect(report.consents == 2 && report.contacts == 1 && report.notes == 1 && report.decisions == 1)
        #expect(report.suppressions == 3)
        let left = try await ledger.read { db in
            try ["consent", "consent_evidence", "contact", "rep_note", "decision", "recipient", "suppression"].map {
                try Row.fetchAll(db, sql: "SELECT * FROM \($0)").map { "\($0)" }.joined()
            }.joined().lowercased()
        }
        for trace in ["h1@example.org", "'h1'", "\"h1\"", "jane", "chess", "addressed-h1"] {
            #expect(!left.contains(trace), "\(trace) is still there")
        }
        #expect(try await ledger.consents(ofHCP: report.pseudonym).count == 2)
        #expect(try await ledger.contacts(ofHCP: report.pseudonym).count == 1)
        // Brought back by an import under the same id, with another opt-in.
        try await prepare(ledger, hcps: ["h1"])
        #expect(try await desk.claim(email("h1", step: "s9")).refusal == .suppressed)
        #expect(try await ledger.wasErased(identifiers: [("npi", "1234567893")]))
        #expect(try await ledger.wasErased(hcpID: "h2") == false)
        #expect(try await ledger.liftSuppression(address: "h1@example.org", channel: .email, by: .user(1)) == false)
        #expect(
            await code {
                try await ledger.write { db in try db.execute(sql: "UPDATE suppression SET lifted_at = 1") }
            } == "ledger_conflict")
        guard case .intact = try await ledger.verifyAudit() else {
            Issue.record("the audit trail is broken")
            return
        }
    }

    @Test func everyVersionIsExportedAndCanBeLoadedAgain() async throws {
        let ledger = try await claimLedger(Wrist())
        try await ledger.recordConsent(
            optIn("h1", id: "own", .optOut, at: 7), evidence: ConsentEvidence(means: .reply, language: "de"),
            by: .user(1))
        var corrected = ConsentColumns()
        corrected.append(optIn("h1", .objection, at: 3))
        _ = try await ledger.recordConsents(corrected)
        let all = Collected()
        try await ledger.exportConsents { all.add($0) }
        #expect(all.records.map(\.number) == [1, 2, 3, 4])
        #expect(all.records.map(\.version) == [1, 1, 1, 2])
        #expect(all.records[0].supersededAt != nil && all.records[2].means == .reply)
        #expect(all.records.allSatisfy { $0.values.count == ConsentRecord.columns.count })
        let one = Collected()
        try await ledger.exportConsents(ofHCP: "h2") { one.add($0) }
        #expect(one.records.map(\.consent.consentID) == ["in-h2"])
        let other = try memoryLedger()
        var columns = ConsentColumns()
        for record in all.records { columns.append(record.consent) }
        _ = try await other.recordConsents(columns)
        // There it is another system's word: every version is known again, and the objection stands.
        #expect(try await other.consents(ofHCP: "h1").map(\.consentID) == ["own", "in-h1"])
        #expect(try await other.currentConsents(ofHCP: "h1").map(\.status) == [.objection])
        let list = ["a@x.org", "A@X.org", " ", "b@x.org"]
        #expect(
            try await other.importSuppressions(addresses: list, channel: .email, .all, cause: .manual, by: .user(1))
                == 2)
    }

    private final class Collected: @unchecked Sendable {  // filled by one call, read after it
        private(set) var records: [ConsentRecord] = []
        func add(_ record: ConsentRecord) { records.append(record) }
    }

    @Test func aLinkOpensWhatItWasMadeForAndNothingElse() throws {
        let key = [UInt8](repeating: 3, count: 32)
        let token = LinkToken(action: .unsubscribe, subject: "h1", channel: .email, expiresAt: 1000)
        let text = try token.signed(with: key)
        #expect(text.utf8.allSatisfy { $0 < 128 && $0 != 43 && $0 != 47 && $0 != 61 })
        #expect(LinkToken.read(text, keys: [[9], key], now: 999) == .valid(token))
        #expect(LinkToken.read(text, keys: [key], now: 1000) == .expired(token))
        #expect(LinkToken.read(text, keys: [[9]], now: 0) == .forged)
        #expect(try LinkToken(action: .confirm, subject: "h1", expiresAt: nil).signed(with: key) != text)
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ ".utf8)
        let bytes = Array(text.utf8)
        var random = Seeded(4)
        for _ in 0..<10_000 {
            var changed = bytes
            switch Int.random(in: 0..<3, using: &random) {
            case 0: changed[Int.random(in: 0..<changed.count, using: &random)] = alphabet.randomElement(using: &random)!
            case 1: changed.remove(at: Int.random(in: 0..<changed.count, using: &random))
            default:
                changed.insert(
                    alphabet.randomElement(using: &random)!, at: Int.random(in: 0...changed.count, using: &random))
            }
            if changed == bytes { continue }
            #expect(LinkToken.read(String(decoding: changed, as: UTF8.self), keys: [key], now: 0) == .forged)
        }
    }

    @Test func notesExpireAndAreCorrectedNotChanged() async throws {
        let clock = Wrist()
        let ledger = try await claimLedger(clock)
        let first = try await ledger.addNote(
            id: "n1", onHCP: "h1", product: "P1", text: "On leave in May.", expiresAt: clock.now + hour, by: .user(1))
        #expect(try await ledger.addNote(id: "n1", onHCP: "h1", text: "again", by: .user(1)) == first)
        let second = try await ledger.addNote(onHCP: "h1", text: "On leave in June.", replacing: "n1", by: .user(2))
        #expect(try await ledger.notes(onHCP: "h1", at: clock.now) == [second])
        #expect(try await ledger.noteHistory(onHCP: "h1") == [first, second])
        let late = try await ledger.addNote(onHCP: "h2", text: "Soon.", expiresAt: clock.now + hour, by: .user(1))
        #expect(try await ledger.notes(onHCP: "h2", at: clock.now + hour - 1) == [late])
        #expect(try await ledger.notes(onHCP: "h2", at: clock.now + hour).isEmpty)
        #expect(await code { try await ledger.addNote(onHCP: "h1", text: " \n", by: .user(1)) } == "note_empty")
        #expect(
            await code { try await ledger.addNote(onHCP: "h2", text: "x", replacing: "n1", by: .user(1)) }
                == "unknown_note")
        #expect(
            await code { try await ledger.addNote(onHCP: "h1", text: "x", replacing: "n1", by: .user(1)) }
                == "ledger_conflict")
        #expect(
            await code { try await ledger.write { db in try db.execute(sql: "UPDATE rep_note SET text = 'x'") } }
                == "ledger_conflict")
    }
}
