internal import EngagementModel
package import Foundation
package import Ledger

/// Copies of the ledger, the one store that cannot be made again from the sources.
package struct LedgerCare: Sendable {
    let workspace: Workspace
    /// Microseconds since 1970.
    let now: @Sendable () -> Int64

    package init(workspace: Workspace, now: @escaping @Sendable () -> Int64) {
        self.workspace = workspace
        self.now = now
    }

    /// What a migration found and did.
    package struct Migration: Sendable, Codable {
        /// Steps of the schema before; nil when there was no ledger.
        package var from: Int?
        package var to: Int
        /// The copy that was made first; nil when nothing was to be done.
        package var backup: BackupReport?
    }

    /// Where copies go unless a place is given.
    package static func directory(of workspace: Workspace) -> URL {
        workspace.stateDirectory.appending(path: "backups")
    }

    /// Copies the ledger while others work, and checks the copy.
    ///
    /// - Parameter file: nil = a new file under `state/backups`, named for the moment (UTC).
    /// - Throws: `no_ledger`, and what `Ledger.backup` throws.
    package func backup(to file: String?) async throws -> BackupReport {
        try requireLedger()
        let report = try await copy(to: file)
        let ledger = try workspace.openLedger(now: now)
        defer { try? ledger.close() }
        try await ledger.audit(
            "ledger_backed_up", subject: "ledger", by: Principal(id: "command"),
            after: ["audit_rows": String(report.auditRows), "audit_head": report.auditHead])
        return report
    }

    /// Puts a backup in the ledger's place; what was there stays beside it as `ledger.sqlite.before-restore`.
    ///
    /// - Parameter salvages: whether opt-outs and suppressions that the backup lacks are brought over from what was
    ///   there, and erasures repeated: nobody who left since may be contacted. Needs a file that can still be read.
    /// - Throws: `server_running`, `run_in_progress`, `restore_twice`, and what `Ledger.restore` throws.
    package func restore(_ backup: String, salvages: Bool) async throws -> BackupReport {
        let server = try RunLock(
            directory: workspace.stateDirectory, file: "serve.lock",
            refusal: Diagnostic(
                "server_running", "a server works on this workspace", remedy: "end it, then restore again"))
        let run = try RunLock(directory: workspace.stateDirectory)
        defer { withExtendedLifetime((server, run)) {} }
        let path = workspace.ledgerPath.path
        let aside = path + ".before-restore"
        // After a restore that was stopped, the name beside it is the ledger itself: nothing is in danger.
        guard !FileManager.default.fileExists(atPath: aside) || Ledger.isSameFile(path, aside) else {
            throw Diagnostic(
                "restore_twice", "what an earlier restore put aside is still there", file: aside,
                remedy: "move it away first: it may be the only copy of what came after that backup")
        }
        let hadOne = FileManager.default.fileExists(atPath: path)
        let report = try await Ledger.restore(backup, to: path, salvages: salvages, now: now)
        let ledger = try workspace.openLedger(now: now)
        defer { try? ledger.close() }
        try await ledger.audit(
            "ledger_restored", subject: "ledger", by: Principal(id: "command"),
            after: [
                "audit_rows": String(report.auditRows), "salvaged": String(salvages && hadOne),
                "erased_again": String(report.erasedAgain ?? 0),
            ])
        return report
    }

    /// Brings the ledger to this program's schema, after a copy. Opening it would do the same without one.
    ///
    /// - Parameter isDry: only says what there is to do.
    /// - Throws: `ledger_newer` for a ledger of a later program, and what `backup` throws.
    package func migrate(isDry: Bool) async throws -> Migration {
        let path = workspace.ledgerPath.path
        let newest = Ledger.newestSchema
        let found = try await Ledger.schemaVersion(of: path)
        var result = Migration(from: found, to: newest)
        if let found, found > newest {
            throw Diagnostic(
                "ledger_newer", "the ledger has \(found) steps, this program knows \(newest)", file: path,
                remedy: "install the program that wrote it")
        }
        guard let found, found < newest, !isDry else { return result }
        result.backup = try await copy(to: nil)
        try workspace.openLedger(now: now).close()
        return result
    }

    private func copy(to file: String?) async throws -> BackupReport {
        if let file { return try await Ledger.backup(of: workspace.ledgerPath.path, to: file) }
        let folder = Self.directory(of: workspace)
        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let seconds = now() / 1_000_000
        let day = Day(number: Int32(seconds / 86_400)).description.filter(\.isNumber)
        let time = [3600, 60, 1].map { unit in String(seconds / unit % (unit == 3600 ? 24 : 60) + 100).suffix(2) }
        let name = "ledger-\(day)T\(time.joined())Z.sqlite"
        return try await Ledger.backup(of: workspace.ledgerPath.path, to: folder.appending(path: name).path)
    }

    private func requireLedger() throws {
        guard FileManager.default.fileExists(atPath: workspace.ledgerPath.path) else {
            throw Diagnostic(
                "no_ledger", "the workspace has no ledger yet", file: workspace.ledgerPath.path,
                remedy: "`rapport run` makes it")
        }
    }
}
