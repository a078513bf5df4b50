import EngagementModel
import Foundation
import GRDB
import Testing

@testable import Ledger

@Suite struct FaultTests {
    private func plan(_ run: RunRecord, _ count: Int) -> [Decision] {
        (0..<count).map { touch(run, "h\($0)", on: monday + 1) }
    }

    /// T4: twenty points at which the disk is full, then room again, without a restart.
    @Test(arguments: 0..<20) func aFullDiskIsSaidAndForgotten(point: Int) async throws {
        let folder = try TemporaryFolder()
        let ledger = try Ledger.open(path: folder.ledger, options: options(), now: TestClock().read)
        let first = run("r1")
        _ = try await ledger.publish(first, decisions: plan(first, 40))
        let next = run("r2", asOf: monday + 1)
        let decisions = plan(next, 2000)
        try await limit(ledger, pagesMore: 1 + point * 5)
        #expect(await code { _ = try await ledger.publish(next, decisions: decisions) } == "disk_full")
        // Reading goes on, and nothing of the failed step is there.
        #expect(try await ledger.latestRun()?.record.runID == "r1")
        #expect(try await ledger.statusCounts(ofRun: "r1") == [.planned: 40])
        try await limit(ledger, pagesMore: 1 << 20)
        #expect(try await ledger.publish(next, decisions: decisions).run.touches == 2000)
        #expect(try await ledger.statusCounts(ofRun: "r1") == [.expired: 40])
        try await ledger.checkIntegrity()
        guard case .intact = try await ledger.verifyAudit() else {
            Issue.record("the trail is whole")
            return
        }
    }

    private func limit(_ ledger: Ledger, pagesMore: Int) async throws {
        try await ledger.store.writeWithoutTransaction { db in
            let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
            try db.execute(sql: "PRAGMA max_page_count = \(pages + pagesMore)")
        }
    }

    @Test func aFullDiskIsSaidWhenOpening() async throws {
        let folder = try TemporaryFolder()
        let path = folder.ledger
        let small = options { $0.pageLimit = 4 }
        #expect(await code { _ = try Ledger.open(path: path, options: small, now: TestClock().read) } == "disk_full")
        let ledger = try Ledger.open(path: path, options: options(), now: TestClock().read)
        try await ledger.checkIntegrity()
    }

    @Test func filesThatAreNoLedgerAreRefused() async throws {
        let folder = try TemporaryFolder()
        func opening(_ path: String) async -> String {
            await code { _ = try Ledger.open(path: path, options: options(), now: TestClock().read) }
        }
        let garbage = folder.path + "/garbage"
        try Data((0..<8192).map { UInt8(truncatingIfNeeded: $0 * 7 + 1) }).write(to: URL(fileURLWithPath: garbage))
        #expect(await opening(garbage) == "ledger_corrupt")
        let foreign = folder.path + "/foreign"
        try await DatabaseQueue(path: foreign).write { db in try db.execute(sql: "CREATE TABLE run (a INTEGER)") }
        #expect(await opening(foreign) == "not_a_ledger")
        #expect(await opening(folder.path + "/no/such/folder/ledger") == "ledger_unwritable")
        #expect(await opening(folder.path) == "ledger_unwritable")
    }

    @Test func aNewerSchemaIsLeftAlone() async throws {
        let folder = try TemporaryFolder()
        try Ledger.open(path: folder.ledger, options: options(), now: TestClock().read).close()
        try await DatabaseQueue(path: folder.ledger).write { db in try db.execute(sql: "PRAGMA user_version = 99") }
        let path = folder.ledger
        let opening = await code { _ = try Ledger.open(path: path, options: options(), now: TestClock().read) }
        #expect(opening == "ledger_newer")
    }

    @Test func aDamagedPageIsFound() async throws {
        let folder = try TemporaryFolder()
        let ledger = try Ledger.open(path: folder.ledger, options: options(), now: TestClock().read)
        let first = run("r1")
        _ = try await ledger.publish(first, decisions: plan(first, 3000))
        try ledger.close()
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: folder.ledger))
        for page in stride(from: UInt64(60), to: 160, by: 3) {
            try file.seek(toOffset: page * 4096)
            try file.write(contentsOf: Data(repeating: 0xA5, count: 300))
        }
        try file.close()
        // By the check, or by the opening already: some of these pages hold the schema.
        let path = folder.ledger
        let found = await code {
            try await Ledger.open(path: path, options: options(), now: TestClock().read).checkIntegrity()
        }
        #expect(found == "ledger_corrupt")
    }

    @Test func aLockedLedgerSaysSoInsteadOfHanging() async throws {
        let folder = try TemporaryFolder()
        let hasty = options { $0.busyTimeout = 0.02 }
        let ledger = try Ledger.open(path: folder.ledger, options: hasty, now: TestClock().read)
        var unsafe = Configuration()
        unsafe.allowsUnsafeTransactions = true  // held open over two accesses: that is the test
        let other = try DatabaseQueue(path: folder.ledger, configuration: unsafe)
        try await other.writeWithoutTransaction { db in try db.execute(sql: "BEGIN IMMEDIATE") }
        #expect(await code { try await ledger.setSetting("a", to: "b") } == "ledger_locked")
        // Readers do not wait for the writer.
        #expect(try await ledger.setting("a") == nil)
        try await other.writeWithoutTransaction { db in try db.execute(sql: "ROLLBACK") }
        try await ledger.setSetting("a", to: "b")
        #expect(try await ledger.setting("a") == "b")
    }

    @Test func aClosedLedgerSaysSo() async throws {
        let folder = try TemporaryFolder()
        let ledger = try Ledger.open(path: folder.ledger, options: options(), now: TestClock().read)
        try ledger.close()
        #expect(await code { _ = try await ledger.latestRun() } == "ledger_closed")
    }

    @Test func errorsQuoteNoValues() async throws {
        let ledger = try memoryLedger()
        let first = run("r1")
        var twin = touch(first, "dr.jane@example.org", on: monday + 1)
        twin.decisionID = "other"
        do {
            _ = try await ledger.publish(first, decisions: [touch(first, "dr.jane@example.org", on: monday + 1), twin])
            Issue.record("two touches on one day")
        } catch {
            #expect(!"\(error)".contains("jane"))
            #expect("\(error)".contains("decision.hcp_id"))
        }
    }
}
