import ArgumentParser
import Cycle
import EngagementModel

/// `rapport erase`: the right to be forgotten.
struct Erase: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "erase", abstract: "Take a person out of Rapport (GDPR article 17); cannot be undone.",
        discussion: """
            At once: consents, messages, decisions, notes and events stay as facts without the person, and nothing is sent to
            any of their addresses again. With the next `rapport run`: their rows leave the warehouse and its history, and
            older snapshots go. Digests stay, so that no source brings them back. Your sources' own files are yours to clean.
            A report of harm or of a broken device that is still open keeps its words and its reporter for safety and medical
            alone (article 17(3)(b) and (c)), and is emptied by itself when safety settles it.
            """)
    @OptionGroup var options: WorkspaceOptions
    @Argument(help: "The hcp_id.") var hcp: String
    @Option(help: "The login of whoever answers for it (compliance or admin).") var by: String?
    @Flag(help: "Confirm that it cannot be undone.") var yes = false

    func run() async throws {
        guard yes else {
            throw Diagnostic(
                "not_confirmed", "an erasure cannot be undone; nothing was changed", remedy: "say it again with --yes")
        }
        let outcome = try await SubjectEraser(workspace: try options.open(), now: SystemClock.now).erase(hcp, by: by)
        if outcome.isOfNobodyKnown {
            Console.note("nobody with this id is on record: check its spelling; the id itself stays shut out")
        }
        if options.json { return try Console.json(outcome) }
        Console.data(
            """
            Erased; \(outcome.pseudonym) stands in the rows that stay.
              consents \(outcome.consents), messages and talks \(outcome.contacts), decisions \(outcome.decisions), \
            notes \(outcome.notes), events \(outcome.events)
              digests that keep the person out: \(outcome.suppressions)
            The next `rapport run` takes the rows out of the warehouse.

            """)
        if outcome.heldReports > 0 {
            Console.data(
                """
                Not yet: \(outcome.heldReports) open safety report\(outcome.heldReports == 1 ? "" : "s"). Safety and medical \
                alone still see words and reporter, as the law asks; when the last flag is settled they go by themselves.

                """)
        }
    }
}
