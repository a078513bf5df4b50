import EngagementModel
import Foundation
import GRDB
import Testing

@testable import Ledger

/// A restore that is stopped anywhere leaves one ledger or the other, and repeats what was erased since the backup.
@Suite struct RestoreTests {
    private static let person = "quirrell-7"
    private static let mail = "zyta@quirrell.example"

    /// A backup, and a ledger in which one has opted out and another was erased since.
    private func story(_ folder: TemporaryFolder, _ clock: Wrist) async throws -> String {
        let ledger = try await claimLedger(clock, path: folder.ledger, hcps: ["h1", "h2", Self.person])
        try await ledger.recordConsent(
            Consent(
                consentID: "with-address", hcpID: Self.person, channel: .email, address: Self.mail,
                purpose: .educational, status: .optIn, basis: .consent, capturedAt: 1), by: .system)
        let desk = ClaimDesk(ledger: ledger, policy: policy())
        for hcp in ["h1", Self.person] { #expect(try await desk.claim(email(hcp)).claim != nil) }
        let inbox = InquiryDesk(
            ledger: ledger, rules: InquiryRules(), reader: { _, body in InquiryStoreTests.read(body) })
        for (id, hcp, from) in [("a", Self.person, nil), ("b", nil, Self.mail), ("c", "h1", nil)] {
            var draft = InquiryDraft(
                source: "mail", sourceID: id, channel: .email, receivedAt: clock.now, body: "words of \(id) [price]")
            (draft.hcpID, draft.fromAddress) = (hcp, from)
            draft.files = [AttachedFile(name: "\(id).txt", bytes: Array("file of \(id)".utf8))]
            _ = try await inbox.take(draft)
        }
        for (place, who) in [Self.person, Self.mail, "h1"].enumerated() {
            _ = try await ledger.record([
                EngagementEvent(
                    source: "portal", messageID: "m\(place)", hcpID: who, name: "page_viewed", occurredAt: clock.now,
                    receivedAt: clock.now)
            ])
        }
        let copy = folder.path + "/backup"
        _ = try await ledger.backup(to: copy)
        try await ledger.recordConsent(optIn("h1", id: "out", .optOut, at: clock.now), by: .user(1))
        let erased = try await ledger.eraseSubject(
            Self.person, addresses: [(.email, Self.mail)], identifiers: [("npi", "1234567893")], by: .system)
        #expect(erased.consents == 2 && erased.inquiries == 2 && erased.events >= 2)
        try ledger.close()
        return copy
    }

    /// Everything but the trail, whose rows never change.
    private func dump(_ ledger: Ledger) async throws -> String {
        try await ledger.read { db in
            try String.fetchAll(
                db,
                sql: "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'audit%'"
            ).map { table in
                try Row.fetchAll(db, sql: "SELECT * FROM \"\(table)\"").map { row in
                    row.databaseValues.map { value in
                        Data.fromDatabaseValue(value).map { String(decoding: $0, as: UTF8.self) } ?? ""
                    }.joined(separator: "|")
                }.joined(separator: "\n")
            }.joined(separator: "\n")
        }
    }

    @Test func whoWasErasedSinceTheBackupIsErasedAgain() async throws {
        let (folder, clock) = (try TemporaryFolder(), Wrist())
        let copy = try await story(folder, clock)
        let before = try Ledger.open(path: copy, options: options(), now: clock.read)
        let full = try await dump(before)
        for word in [Self.person, Self.mail, "words of a", "words of b", "file of a"] {
            #expect(full.contains(word), "\(word)")
        }
        try before.close()
        let report = try await Ledger.restore(copy, to: folder.ledger, salvages: true, now: clock.read)
        #expect(report.erasedAgain == 1)
        #expect(!FileManager.default.fileExists(atPath: folder.ledger + ".part"))
        let ledger = try Ledger.open(path: folder.ledger, options: options(), now: clock.read)
        try await ledger.checkIntegrity()
        let left = try await dump(ledger)
        for word in [Self.person, Self.mail, "words of a", "words of b", "file of a", "file of b"] {
            #expect(!left.contains(word), "\(word)")
        }
        let users = try await ledger.read { db in
            try String.fetchAll(db, sql: "SELECT user_id FROM event WHERE user_id IS NOT NULL")
        }
        #expect(users.contains("h1") && users.allSatisfy { $0 == "h1" || $0.hasPrefix("erased:") }, "\(users)")
        // Nobody else went with them.
        for word in ["words of c", "file of c", "in-h2"] { #expect(left.contains(word), "\(word)") }
        #expect(try await ledger.erasedPeople().contains("npi", "1234567893"))
        let desk = ClaimDesk(ledger: ledger, policy: policy())
        clock.set(clock.now + 30 * 24 * hour)
        #expect(try await desk.claim(email("h1", step: "s2")).refusal == .optedOut)
        // The master data brings the same person under another id: the address is still shut.
        try await prepare(ledger, hcps: ["new"])
        var request = email("new", step: "s2")
        request.address = Self.mail
        #expect(try await desk.claim(request).refusal == .suppressed)
        try ledger.close()
        // Without salvage it is said, and done, that what came since is given up.
        try FileManager.default.removeItem(atPath: folder.ledger + ".before-restore")
        let bare = try await Ledger.restore(copy, to: folder.ledger, salvages: false, now: clock.read)
        #expect(bare.erasedAgain == nil)
    }

    @Test(arguments: RestoreMoment.allCases)
    func aRestoreThatIsKilledLeavesTheOneLedgerOrTheOther(_ moment: RestoreMoment) async throws {
        let (folder, clock) = (try TemporaryFolder(), Wrist())
        let copy = try await story(folder, clock)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
            .appendingPathComponent("LedgerCrashProbe")
        process.arguments = ["restore", copy, folder.ledger, moment.rawValue]
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationReason == .uncaughtSignal && process.terminationStatus == SIGKILL)

        func look() async throws -> Int64 {
            let ledger = try Ledger.open(path: folder.ledger, options: options(), now: clock.read)
            defer { try? ledger.close() }
            try await ledger.checkIntegrity()
            guard case .intact(let rows, _) = try await ledger.verifyAudit() else {
                Issue.record("the audit trail is broken")
                return 0
            }
            // Of the one ledger or the other: whoever left has left, whoever was erased is gone.
            #expect(try await ledger.consents(ofHCP: "h1").contains { $0.status == .optOut })
            #expect(try await !dump(ledger).contains(Self.person))
            return rows
        }
        let first = try await look()
        // Once more, to the end; after one that was whole, what it put aside is moved away first.
        if moment == .renamed { try FileManager.default.removeItem(atPath: folder.ledger + ".before-restore") }
        _ = try await Ledger.restore(copy, to: folder.ledger, salvages: true, now: clock.read)
        let second = try await look()
        #expect(first > 0 && second > 0)
        for ending in [".part", ".part-wal", ".part-journal"] {
            #expect(!FileManager.default.fileExists(atPath: folder.ledger + ending), "\(ending)")
        }
        #expect(FileManager.default.fileExists(atPath: folder.ledger + ".before-restore"))
    }
}
