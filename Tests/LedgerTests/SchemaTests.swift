import Foundation
import GRDB
import Testing

@testable import Ledger

@Suite struct SchemaTests {
    /// `RAPPORT_UPDATE_GOLDENS=1 swift test --filter schemaIsTheGolden` writes the file anew.
    @Test func schemaIsTheGolden() async throws {
        let golden = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Goldens/schema.sql")
        let dump = try await memoryLedger().read { db in try Migrations.dump(db) }
        if ProcessInfo.processInfo.environment["RAPPORT_UPDATE_GOLDENS"] == "1" {
            try dump.write(to: golden, atomically: true, encoding: .utf8)
        }
        #expect(try String(contentsOf: golden, encoding: .utf8) == dump)
    }

    @Test func openingAgainChangesNothing() async throws {
        let folder = try TemporaryFolder()
        let clock = TestClock()
        let first = try Ledger.open(path: folder.ledger, options: options(), now: clock.read)
        try await first.setSetting("a", to: "1")
        try first.close()
        let second = try Ledger.open(path: folder.ledger, options: options(), now: clock.read)
        #expect(try await second.setting("a") == "1")
        try await second.checkIntegrity()
    }

    @Test func writesSurviveAPowerCut() async throws {
        let folder = try TemporaryFolder()
        let ledger = try Ledger.open(path: folder.ledger, options: options(), now: TestClock().read)
        let (journal, synchronous, keys) = try await ledger.write { db in
            (
                try String.fetchOne(db, sql: "PRAGMA journal_mode"), try Int.fetchOne(db, sql: "PRAGMA synchronous"),
                try Int.fetchOne(db, sql: "PRAGMA foreign_keys")
            )
        }
        #expect(journal == "wal")
        #expect(synchronous == 2)
        #expect(keys == 1)
    }

    @Test func onlyTheOwnerMayReadTheFile() throws {
        let folder = try TemporaryFolder()
        let ledger = try Ledger.open(path: folder.ledger, options: options(), now: TestClock().read)
        for file in [folder.ledger, folder.ledger + "-wal"] {
            let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
            #expect(mode == 0o600)
        }
        try ledger.close()
    }

    /// Eight at once on a file that does not exist yet: every one ends with the whole schema.
    @Test func manyMayCreateTheSameLedger() async throws {
        let folder = try TemporaryFolder()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<8 {
                group.addTask {
                    let ledger = try Ledger.open(path: folder.ledger, options: options(), now: TestClock().read)
                    try await ledger.setSetting("key-\(index)", to: "x")
                }
            }
            try await group.waitForAll()
        }
        let ledger = try Ledger.open(path: folder.ledger, options: options(), now: TestClock().read)
        for index in 0..<8 { #expect(try await ledger.setting("key-\(index)") == "x") }
        guard case .intact(rows: 8, _) = try await ledger.verifyAudit() else {
            Issue.record("the audit chain forked")
            return
        }
    }

    @Test func aStepThatFailsLeavesTheEarlierSchema() throws {
        let queue = try DatabaseQueue()
        try queue.writeWithoutTransaction { db in
            try Migrations.apply(to: db, path: "x")
            let broken = Migrations.steps + ["CREATE TABLE later (a INTEGER); CREATE TABLE run (a INTEGER)"]
            #expect(throws: DatabaseError.self) { try Migrations.apply(to: db, path: "x", steps: broken) }
            #expect(try db.tableExists("later") == false)
            #expect(try Int.fetchOne(db, sql: "PRAGMA user_version") == Migrations.steps.count)
            try Migrations.apply(to: db, path: "x", steps: Migrations.steps + ["CREATE TABLE later (a INTEGER)"])
            #expect(try db.tableExists("later"))
        }
    }
}
