internal import Decisioning
internal import EngagementModel
package import Foundation
internal import Insight
internal import Ledger
internal import Warehouse

/// What `rapport doctor` found: one line for each thing that a workspace needs from its machine.
package struct DoctorReport: Sendable, Codable {
    package enum Verdict: String, Sendable, Codable { case ok, warning, failed }

    package struct Finding: Sendable, Codable {
        /// Stable, such as `ledger` or `clock`.
        package var subject: String
        package var verdict: Verdict
        package var what: String
        package var remedy: String?
    }

    package var findings: [Finding] = []

    package var isWell: Bool { !findings.contains { $0.verdict == .failed } }

    mutating func add(_ subject: String, _ verdict: Verdict, _ what: String, remedy: String? = nil) {
        findings.append(Finding(subject: subject, verdict: verdict, what: what, remedy: remedy))
    }
}

/// Examines a workspace and its machine without changing either.
package enum Doctor {
    /// Less free space than this, or than two more snapshots, is too little for a run.
    static let leastFree: Int64 = 1 << 30
    /// A copy of the ledger should be no older, in microseconds.
    static let backupAge: Int64 = 7 * 86_400_000_000
    /// Clocks of one machine may step back by this much, in microseconds.
    static let clockSlack: Int64 = 60_000_000

    /// - Parameter now: microseconds since 1970.
    package static func examine(_ root: URL, variables: [String: String], now: Int64) async -> DoctorReport {
        var report = DoctorReport()
        let check = await WorkspaceCheck.run(at: root, variables: variables)
        let errors = check.diagnostics.count { $0.severity == .error }
        report.add(
            "files", errors > 0 ? .failed : .ok,
            errors > 0
                ? "\(errors) errors in the workspace's files" : "\(check.tables.count) tables delivered, no error",
            remedy: errors > 0 ? "`rapport check` names each with its place" : nil)
        guard let workspace = Workspace.read(at: root, variables: variables).workspace else { return report }
        libraries(workspace, &report)
        space(workspace, &report)
        snapshots(workspace, &report)
        await ledger(workspace, now, &report)
        backups(workspace, now, &report)
        return report
    }

    private static func libraries(_ workspace: Workspace, _ report: inout DoctorReport) {
        do {
            var options = workspace.warehouseOptions(path: ":memory:", readOnly: false)
            options.memoryLimit = nil
            try Warehouse.open(options).close()
            report.add("database", .ok, "the warehouse's database opens")
        } catch {
            report.add("database", .failed, words(error), remedy: "run script/setup")
        }
        let native = workspace.settings.nativeDirectory ?? DriverLocation.nativeDirectory()
        do {
            _ = try TreeLibrary.load(nativeDirectory: native)
            report.add("trees", .ok, "LightGBM is installed")
        } catch {
            report.add("trees", .warning, "LightGBM is not installed: no trees learn or plan", remedy: error.remedy)
        }
        let hasSentences = FileManager.default.fileExists(atPath: "\(native)/\(SentenceModel.folder)")
        report.add(
            "sentences", .ok,
            hasSentences ? "a sentence model is installed" : "no sentence model: texts are read without (optional)")
    }

    private static func space(_ workspace: Workspace, _ report: inout DoctorReport) {
        let state = workspace.stateDirectory
        let files = FileManager.default
        var place = state
        while !files.fileExists(atPath: place.path), place.path != "/" { place.deleteLastPathComponent() }
        guard files.isWritableFile(atPath: place.path) else {
            return report.add(
                "space", .failed, "\(state.path) cannot be written", remedy: "check the folder's owner and rights")
        }
        let attributes = try? files.attributesOfFileSystem(forPath: place.path)
        let free = (attributes?[.systemFreeSize] as? NSNumber)?.int64Value ?? 0
        let snapshot = SnapshotStore(directory: workspace.snapshotDirectory).current.map { size(of: $0) } ?? 0
        let needed = max(leastFree, 2 * snapshot)
        report.add(
            "space", free < needed ? .warning : .ok, "\(free >> 20) MiB free beside the state",
            remedy: free < needed ? "a run needs about \(needed >> 20) MiB: free some space" : nil)
    }

    private static func snapshots(_ workspace: Workspace, _ report: inout DoctorReport) {
        let store = SnapshotStore(directory: workspace.snapshotDirectory)
        guard let current = store.current else {
            return report.add("snapshot", .warning, "nothing is published yet", remedy: "`rapport run`")
        }
        do {
            try Warehouse.open(workspace.warehouseOptions(path: current.path, readOnly: true)).close()
            report.add("snapshot", .ok, "\(current.lastPathComponent) opens, \(store.kept.count) kept")
        } catch {
            report.add(
                "snapshot", .failed, "\(current.lastPathComponent): \(words(error))",
                remedy: "`rapport run --force` makes it again from the sources")
        }
    }

    private static func ledger(_ workspace: Workspace, _ now: Int64, _ report: inout DoctorReport) async {
        let path = workspace.ledgerPath.path
        do {
            guard let version = try await Ledger.schemaVersion(of: path) else {
                return report.add("ledger", .warning, "there is none yet", remedy: "`rapport run` makes it")
            }
            guard version == Ledger.newestSchema else {
                return report.add(
                    "ledger", version > Ledger.newestSchema ? .failed : .warning,
                    "its schema has \(version) steps, this program knows \(Ledger.newestSchema)",
                    remedy: version > Ledger.newestSchema
                        ? "install the program that wrote it" : "`rapport migrate` copies it and brings it up to date")
            }
            let found = try await Ledger.verifyBackup(path)
            report.add(
                "ledger", .ok,
                "\(found.consents) consents, \(found.contacts) contacts; "
                    + "all pages and \(found.auditRows) audit rows hold"
            )
            let ahead = (found.lastAudit ?? 0) - now
            report.add(
                "clock", ahead > clockSlack ? .failed : .ok,
                ahead > clockSlack
                    ? "the last audit row is \(ahead / 1_000_000) s ahead of this machine's clock"
                    : "not behind what was recorded",
                remedy: ahead > clockSlack ? "set the clock: quiet hours and caps depend on it" : nil)
        } catch {
            report.add("ledger", .failed, words(error), remedy: "`rapport restore FILE` puts a backup in its place")
        }
    }

    private static func backups(_ workspace: Workspace, _ now: Int64, _ report: inout DoctorReport) {
        let folder = LedgerCare.directory(of: workspace)
        let files = FileManager.default
        let newest = ((try? files.contentsOfDirectory(atPath: folder.path)) ?? [])
            .filter { $0.hasSuffix(".sqlite") }
            .compactMap {
                try? files.attributesOfItem(atPath: folder.appending(path: $0).path)[.modificationDate] as? Date
            }
            .max()
        guard let newest else {
            return report.add(
                "backup", .warning, "no copy of the ledger under state/backups", remedy: "`rapport backup`, every day")
        }
        let age = now - Int64(newest.timeIntervalSince1970 * 1_000_000)
        report.add(
            "backup", age > backupAge ? .warning : .ok, "the newest copy is \(max(0, age) / 3_600_000_000) hours old",
            remedy: age > backupAge ? "`rapport backup`, every day" : nil)
    }

    private static func size(of file: URL) -> Int64 {
        ((try? FileManager.default.attributesOfItem(atPath: file.path)[.size]) as? NSNumber)?.int64Value ?? 0
    }

    private static func words(_ error: any Error) -> String { (error as? Diagnostic)?.message ?? "\(error)" }
}
