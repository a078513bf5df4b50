import EngagementModel
import GRDB
import Testing

@testable import Ledger

@Suite struct LiveLedgerTests {
    private func outcome(
        _ id: String, _ channel: Channel = .phone, decision: String? = nil, response: ResponseLevel = .reached,
        direction: Direction = .push, key: Int64 = 1
    ) -> LiveOutcomeRecord {
        LiveOutcomeRecord(
            outcome: LiveOutcome(
                outcomeID: id, decisionID: decision, hcpID: "H1", channel: channel, occurredAt: 1_767_600_000_000_000,
                response: response, direction: direction, key: key),
            day: monday)
    }

    private func decision(_ id: String) -> LiveDecisionRecord {
        LiveDecisionRecord(
            decisionID: id, key: 1, hcpID: "H1", at: 1, runID: "run-1", modelVersion: "m", strategyVersion: "s",
            arm: .engine, asked: "limit=3", outcomesSeen: 0, temperature: 1, noTouchPropensity: 0.5, shown: "",
            refused: 0,
            considered: [0, 7, 255], explorationFloor: 0.01, scoredThrough: 3, seed: -5)
    }

    @Test func anOutcomeIsOneByItsKeyAndName() async throws {
        let ledger = try Ledger.inMemory(options: options(), now: TestClock().read)
        let first = try await ledger.appendLive(outcomes: [outcome("a"), outcome("b")], decisions: [], after: 0)
        #expect(first.stored == [.stored(1), .stored(2)])
        #expect(first.news.map(\.number) == [1, 2])
        let again = try await ledger.appendLive(
            outcomes: [outcome("a"), outcome("b", response: .none), outcome("a", key: 2)], decisions: [], after: 2)
        #expect(again.stored == [.known(1), .mismatch, .stored(3)])
        #expect(again.news.map(\.number) == [3])
        #expect(try await ledger.liveOutcomes(from: monday + 1).isEmpty)
        #expect(try await ledger.lastLiveOutcome() == 3)
    }

    @Test func talksEnterTheContactHistoryAndMessagesDoNot() async throws {
        let ledger = try Ledger.inMemory(options: options(), now: TestClock().read)
        _ = try await ledger.appendLive(
            outcomes: [
                outcome("call", .phone, decision: "D1"), outcome("call again", .phone, decision: "D1"),
                outcome("mail", .email), outcome("page", .portal, response: .engaged, direction: .pull),
            ], decisions: [], after: 0)
        let contacts = try await ledger.contacts(ofHCP: "H1")
        #expect(Set(contacts.map(\.channel)) == [.phone, .portal] && contacts.count == 2)
        #expect(contacts.allSatisfy { $0.status == .delivered && $0.origin == .rapport })
        let counted = try await ledger.liveContacts(after: 0, from: monday)
        #expect(counted.channel == [.phone])
        #expect(try await ledger.liveContacts(after: counted.last, from: monday).number.isEmpty)
    }

    @Test func aBatchIsWrittenWholeOrNotAtAll() async throws {
        let ledger = try Ledger.inMemory(options: options(), now: TestClock().read)
        await #expect(throws: Diagnostic.self) {
            try await ledger.appendLive(
                outcomes: [outcome("a")], decisions: [decision("d"), decision("d")], after: 0)
        }
        #expect(try await ledger.lastLiveOutcome() == 0)
        #expect(try await ledger.liveDecisionCount() == 0)
        _ = try await ledger.appendLive(outcomes: [], decisions: [decision("d"), decision("e")], after: 0)
        #expect(try await ledger.liveDecision("e") == decision("e"))
    }

    @Test func whatWasReportedIsNeverChanged() async throws {
        let ledger = try Ledger.inMemory(options: options(), now: TestClock().read)
        _ = try await ledger.appendLive(outcomes: [outcome("a")], decisions: [decision("d")], after: 0)
        for sql in [
            "DELETE FROM live_outcome", "DELETE FROM live_decision", "UPDATE live_outcome SET response = 'none'",
            "UPDATE live_decision SET no_touch_propensity = 1", "UPDATE live_outcome SET hcp_id = 'H2'",
        ] {
            await #expect(throws: Diagnostic.self, "\(sql)") { try await ledger.write { try $0.execute(sql: sql) } }
        }
        // An erasure takes the person out, and nothing else.
        _ = try await ledger.eraseSubject("H1", by: .system)
        let left = try await ledger.read { db in
            try String.fetchAll(db, sql: "SELECT hcp_id FROM live_outcome UNION ALL SELECT hcp_id FROM live_decision")
        }
        #expect(left.count == 2 && left.allSatisfy { $0.hasPrefix("erased:") })
    }

    @Test func changedConsentsAreNamed() async throws {
        let ledger = try Ledger.inMemory(options: options(), now: TestClock().read)
        let before = try await ledger.consentChanges(after: 0)
        #expect(before.hcpIDs.isEmpty && before.last == 0)
        try await ledger.recordConsent(
            Consent(
                consentID: "c", hcpID: "H7", channel: .email, purpose: .promotional, status: .optOut, capturedAt: 5),
            by: .system)
        let after = try await ledger.consentChanges(after: 0)
        #expect(after.hcpIDs == ["H7"] && after.last == 1)
        #expect(try await ledger.consentChanges(after: 1).hcpIDs.isEmpty)
    }

    // MARK: Keys

    @Test func aKeyIsKeptAsADigestAndOpensOnlyWithItsText() async throws {
        let ledger = try Ledger.inMemory(options: options(), now: TestClock().read)
        let (key, text) = try await ledger.createKey(name: "portal", scopes: [.readDecisions], by: .system)
        #expect(APIKey.number(in: text) == key.number && key.matches(text.utf8))
        for wrong in [text + "x", String(text.dropLast()), "", "rpk_1_", text.replacing("rpk_1", with: "rpk_2")] {
            #expect(!key.matches(wrong.utf8))
        }
        for malformed in ["", "rpk", "rpk_1", "rpk_x_" + String(repeating: "a", count: 43), "abc_1_2"] {
            #expect(APIKey.number(in: malformed) == nil)
        }
        let kept = try await ledger.read { db in try String.fetchAll(db, sql: "SELECT hex(secret_hash) FROM api_key") }
        #expect(kept.allSatisfy { !text.contains($0) } && kept.count == 1)
        #expect(try await ledger.keys() == [key])
        await #expect(throws: Diagnostic.self) {
            try await ledger.createKey(name: "portal", scopes: [.writeOutcomes], by: .system)
        }
        await #expect(throws: Diagnostic.self) { try await ledger.createKey(name: "x", scopes: [], by: .system) }
    }

    @Test func aRevokedKeyStaysRevoked() async throws {
        let ledger = try Ledger.inMemory(options: options(), now: TestClock().read)
        _ = try await ledger.createKey(name: "portal", scopes: [.readDecisions], perSecond: 5, by: .system)
        try await ledger.revokeKey(name: "portal", by: .system)
        try await ledger.revokeKey(name: "portal", by: .system)
        #expect(try await ledger.keys().map(\.isRevoked) == [true])
        await #expect(throws: Diagnostic.self) { try await ledger.revokeKey(name: "other", by: .system) }
        let trail = try await ledger.auditTrail(subject: "key:1")
        #expect(trail.map(\.action) == ["key.revoked", "key.created"])
    }
}
