import EngagementModel
import Foundation
import GRDB
import Testing

@testable import Ledger

@Suite struct BackupTests {
    @Test func aBackupUnderLoadIsWholeAndRestores() async throws {
        let folder = try TemporaryFolder()
        let clock = Wrist()
        let hcps = (0..<400).map { "h\($0)" }
        let ledger = try await claimLedger(clock, path: folder.ledger, hcps: hcps)
        let desk = ClaimDesk(ledger: ledger, policy: policy())
        let copies = try await withThrowingTaskGroup(of: [BackupReport].self) { group in
            group.addTask {
                for hcp in hcps { _ = try await desk.claim(email(hcp)) }
                return []
            }
            group.addTask {
                var made: [BackupReport] = []
                for index in 0..<5 { made.append(try await ledger.backup(to: "\(folder.path)/b\(index)")) }
                return made
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(copies.count == 5)
        for copy in copies { #expect(try await Ledger.verifyBackup(copy.path) == copy) }
        #expect(copies.map(\.contacts) == copies.map(\.contacts).sorted())
        let mode = try FileManager.default.attributesOfItem(atPath: copies[0].path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        let last = try await ledger.backup(to: folder.path + "/last")
        #expect(last.contacts == 400 && last.consents == 400)
        #expect(await code { _ = try await ledger.backup(to: folder.path + "/last") } == "backup_exists")

        // Somebody leaves after the backup; then the disk dies.
        try await ledger.recordConsent(optIn("h7", id: "out", .optOut, at: clock.now), by: .user(1))
        try await ledger.suppress(address: "h8@example.org", channel: .email, .all, cause: .complaint, by: .system)
        let target = folder.ledger
        #expect(
            await code { _ = try await Ledger.restore(last.path, to: target, salvages: true, now: clock.read) }
                == "ledger_open")
        try ledger.close()
        let report = try await Ledger.restore(last.path, to: target, salvages: true, now: Wrist().read)
        #expect(report.auditHead == last.auditHead)
        let restored = try Ledger.open(path: target, options: options(), now: clock.read)
        try await restored.checkIntegrity()
        #expect(try await restored.claims(in: .claimed, limit: 999).count == 400)
        let after = ClaimDesk(ledger: restored, policy: policy())
        clock.set(clock.now + 30 * 24 * hour)
        #expect(try await after.claim(email("h7", step: "s2")).refusal == .optedOut)
        #expect(try await after.claim(email("h8", step: "s2")).refusal == .suppressed)
        #expect(try await after.claim(email("h9", step: "s2")).claim != nil)
    }

    @Test func aDamagedBackupIsRefusedAndTouchesNothing() async throws {
        let folder = try TemporaryFolder()
        let ledger = try await claimLedger(Wrist(), path: folder.ledger, hcps: (0..<300).map { "h\($0)" })
        let copy = try await ledger.backup(to: folder.path + "/b")
        try ledger.close()
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: copy.path))
        for page in stride(from: UInt64(8), to: UInt64(copy.bytes) / 4096 - 1, by: 3) {
            try file.seek(toOffset: page * 4096)
            try file.write(contentsOf: Data(repeating: 0xA5, count: 200))
        }
        try file.close()
        let before = try Data(contentsOf: URL(fileURLWithPath: folder.ledger))
        #expect(
            await code { _ = try await Ledger.restore(copy.path, to: folder.ledger, salvages: true, now: Wrist().read) }
                == "ledger_corrupt")
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder.ledger)) == before)
        #expect(await code { _ = try await Ledger.verifyBackup("/dev/null") } == "not_a_ledger")
    }

    /// A ledger that cannot be read to the end stays where it is until it is said that its opt-outs are given up.
    @Test func aRestoreThatCannotSalvageChangesNothing() async throws {
        let folder = try TemporaryFolder()
        let ledger = try await claimLedger(Wrist(), path: folder.ledger, hcps: (0..<300).map { "h\($0)" })
        let copy = try await ledger.backup(to: folder.path + "/b")
        try ledger.close()
        // The log may still hold every page.
        for ending in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: folder.ledger + ending) }
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: folder.ledger))
        for page in 1..<UInt64(copy.bytes) / 4096 - 1 {
            try file.seek(toOffset: page * 4096)
            try file.write(contentsOf: Data(repeating: 0xA5, count: 4096))
        }
        try file.close()
        let before = try Data(contentsOf: URL(fileURLWithPath: folder.ledger))
        #expect(
            await code { _ = try await Ledger.restore(copy.path, to: folder.ledger, salvages: true, now: Wrist().read) }
                == "not_salvaged")
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder.ledger)) == before)
        #expect(!FileManager.default.fileExists(atPath: folder.ledger + ".before-restore"))
        _ = try await Ledger.restore(copy.path, to: folder.ledger, salvages: false, now: Wrist().read)
        #expect(try await Ledger.verifyBackup(folder.ledger).consents == copy.consents)
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder.ledger + ".before-restore")) == before)
        #expect(!FileManager.default.fileExists(atPath: folder.ledger + ".part"))
    }

    /// A ledger of an earlier program is copied as it is; opening it brings it up to date.
    @Test func aLedgerOfAnEarlierProgramIsCopiedBeforeItIsChanged() async throws {
        let folder = try TemporaryFolder()
        let queue = try DatabaseQueue(path: folder.ledger)
        try await queue.writeWithoutTransaction { [path = folder.ledger] db in
            try Migrations.apply(to: db, path: path, steps: Migrations.steps.dropLast())
        }
        try queue.close()
        #expect(try await Ledger.schemaVersion(of: folder.ledger) == Ledger.newestSchema - 1)
        let copy = try await Ledger.backup(of: folder.ledger, to: folder.path + "/b")
        try Ledger.open(path: folder.ledger, options: options(), now: Wrist().read).close()
        #expect(try await Ledger.schemaVersion(of: folder.ledger) == Ledger.newestSchema)
        #expect(try await Ledger.schemaVersion(of: copy.path) == Ledger.newestSchema - 1)
        #expect(try await Ledger.schemaVersion(of: folder.path + "/none") == nil)
    }
}
