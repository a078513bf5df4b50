import ArgumentParser
import Cycle
import EngagementModel

struct Replay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Make a logged decision again from its record, bit for bit.",
        discussion: """
            Scores are computed again from the histories and the model of the run's snapshot, the plan is solved again \
            from its recorded inputs, and each part is compared: versions, features, response, effect, value, price, \
            choice, propensity. A decision of a live moment is drawn again from its own record. Without a decision, all \
            of a run are replayed. Exit code 1 when anything differs.
            """)

    @OptionGroup var options: WorkspaceOptions
    @Argument(help: "The decision_id; without one, every decision of the run.") var decision: String?
    @Option(help: "The run_id; the newest when none is given.") var run: String?

    func run() async throws {
        let book = try DecisionBook(workspace: try options.open(), now: SystemClock.now)
        if let decision {
            let report = try await book.replay(decision)
            if let run, report.runID != run {
                throw Diagnostic("unknown_decision", "that decision is not of the run \(run)")
            }
            if options.json { try Console.json(report) } else { Console.data(report.rendered()) }
            if !report.isExact { throw ExitCode(1) }
        } else {
            let report = try await book.replayRun(run)
            if options.json { try Console.json(report) } else { Console.data(report.rendered()) }
            if !report.isExact { throw ExitCode(1) }
        }
    }
}
