import ArgumentParser
import Cycle
import EngagementModel

/// `rapport doctor`: whether the machine and the workspace are fit to work.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Examine the machine, the libraries, the ledger and its backups.",
        discussion: "Changes nothing. Exit code 3 when something failed; `rapport check` looks into the files.")
    @OptionGroup var options: WorkspaceOptions

    func run() async throws {
        let report = await Doctor.examine(
            options.root(), variables: try options.parsedVariables(), now: SystemClock.now())
        if options.json {
            try Console.json(report)
        } else {
            var table = TextTable(header: ["", "subject", "found"])
            for finding in report.findings {
                table.rows.append([finding.verdict.rawValue, finding.subject, finding.what])
                if let remedy = finding.remedy { table.rows.append(["", "", "→ " + remedy]) }
            }
            Console.data(table.rendered())
        }
        if !report.isWell { throw ExitCode(3) }
    }
}
