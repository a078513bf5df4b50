import ArgumentParser
import Cycle
import EngagementModel
import Ledger

/// `rapport backup`: the one store that cannot be made again.
struct Backup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Copy the ledger while everything works, and check the copy.",
        discussion: """
            The ledger holds what the sources do not: consents, contacts, decisions, the audit trail. All else under state/ is
            made again by `rapport run`. Write the audit head down elsewhere: it proves later that nothing was changed.
            """)
    @OptionGroup var options: WorkspaceOptions
    @Argument(help: "The new file (default: state/backups/ledger-TIME.sqlite).", completion: .file()) var file: String?

    func run() async throws {
        let report = try await LedgerCare(workspace: try options.open(), now: SystemClock.now).backup(to: file)
        if options.json { return try Console.json(report) }
        Console.data(report.lines(doing: "Copied and checked"))
    }
}

/// `rapport restore`: a backup takes the ledger's place.
struct Restore: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Put a backup in the ledger's place; end the server first.",
        discussion: """
            The backup is checked before anything is touched. The ledger that was there stays beside it, as
            ledger.sqlite.before-restore; opt-outs and suppressions that the backup lacks are brought over from it, so that
            nobody who left since is contacted, and who was erased since is erased again.
            """)
    @OptionGroup var options: WorkspaceOptions
    @Argument(help: "The backup.", completion: .file()) var file: String
    @Flag(name: .customLong("no-salvage"), help: "Bring nothing over: the damaged ledger cannot be read.")
    var isBare = false
    @Flag(help: "Confirm that the ledger is to be replaced.") var yes = false

    func run() async throws {
        guard yes else {
            throw Diagnostic(
                "not_confirmed", "this replaces the ledger; nothing was changed", remedy: "say it again with --yes")
        }
        let care = LedgerCare(workspace: try options.open(), now: SystemClock.now)
        let report = try await care.restore(file, salvages: !isBare)
        if options.json { return try Console.json(report) }
        Console.data(report.lines(doing: "Restored"))
    }
}

/// `rapport migrate`: the ledger's schema, after a copy.
struct Migrate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate", abstract: "Bring the ledger to this program's schema, after a backup.",
        discussion: "Any command that opens the ledger does the same; this one copies it to state/backups first.")
    @OptionGroup var options: WorkspaceOptions
    @Flag(name: [.customLong("dry-run"), .customShort("n")], help: "Say what there is to do, change nothing.")
    var isDry = false

    func run() async throws {
        let result = try await LedgerCare(workspace: try options.open(), now: SystemClock.now).migrate(isDry: isDry)
        if options.json { return try Console.json(result) }
        guard let from = result.from else { return Console.data("There is no ledger yet.\n") }
        guard from < result.to else { return Console.data("Up to date: \(from) steps.\n") }
        guard let backup = result.backup else {
            return Console.data("To do: \(result.to - from) steps, from \(from) to \(result.to).\n")
        }
        Console.data("From \(from) to \(result.to) steps. Before it:\n" + backup.lines(doing: "copied and checked"))
    }
}

extension BackupReport {
    fileprivate func lines(doing what: String) -> String {
        """
        \(what) \(path)
          \(bytes) bytes; consents \(consents), contacts \(contacts), audit rows \(auditRows)
          audit head \(auditHead)

        """ + (erasedAgain.map { $0 > 0 ? "  people erased again: \($0)\n" : "" } ?? "")
    }
}
