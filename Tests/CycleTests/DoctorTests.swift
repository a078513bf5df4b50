import EngagementModel
import Foundation
import Ledger
import TestSupport
import Testing

@testable import Cycle

/// What the doctor says of a clock, and what a migration does without being asked to.
@Suite struct DoctorTests {
    private static let noon: Int64 = 1_780_000_000_000_000

    private static func workspace(_ folder: TemporaryFolder) async throws -> Workspace {
        let root = folder.url.appending(path: "company")
        _ = try WorkspaceTemplate.create(
            .empty, at: root, hcps: 0, reps: nil, seed: 1, endingOn: Day(year: 2026, month: 6, day: 1))
        let workspace = try Workspace.open(at: root)
        let ledger = try workspace.openLedger(now: { noon })
        try await ledger.audit("tested", subject: "ledger", by: Principal(id: "test"))
        try ledger.close()
        return workspace
    }

    private static func verdict(_ subject: String, _ workspace: Workspace, at now: Int64) async -> String? {
        await Doctor.examine(workspace.root, variables: [:], now: now).findings
            .first { $0.subject == subject }?.verdict.rawValue
    }

    @Test func aClockThatWentBackIsNamed() async throws {
        let folder = try TemporaryFolder()
        let workspace = try await Self.workspace(folder)
        #expect(await Self.verdict("clock", workspace, at: Self.noon + 1) == "ok")
        #expect(await Self.verdict("clock", workspace, at: Self.noon - 3_600_000_000) == "failed")
    }

    @Test func anOldBackupIsNamed() async throws {
        let folder = try TemporaryFolder()
        let workspace = try await Self.workspace(folder)
        #expect(await Self.verdict("backup", workspace, at: Self.noon) == "warning")
        let made = try await LedgerCare(workspace: workspace, now: { Self.noon }).backup(to: nil)
        let written = try #require(
            try FileManager.default.attributesOfItem(atPath: made.path)[.modificationDate] as? Date)
        let moment = Int64(written.timeIntervalSince1970 * 1_000_000)
        #expect(await Self.verdict("backup", workspace, at: moment + 86_400_000_000) == "ok")
        #expect(await Self.verdict("backup", workspace, at: moment + 8 * 86_400_000_000) == "warning")
        // The trail of the ledger itself tells of the copy.
        let ledger = try workspace.openLedger(now: { Self.noon })
        defer { try? ledger.close() }
        #expect(try await ledger.auditTrail(subject: "ledger").first?.action == "ledger_backed_up")
    }
}
