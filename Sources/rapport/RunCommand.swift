public import ArgumentParser
public import Cycle
import EngagementModel
import Foundation

struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Validate every file of a workspace; say what each missing file switches off.")

    @OptionGroup var options: WorkspaceOptions

    func run() async throws {
        let report = await WorkspaceCheck.run(at: options.root(), variables: try options.parsedVariables())
        if options.json {
            try Console.json(report)
        } else {
            report.diagnostics.forEach(Console.message)
            Console.data(report.rendered())
        }
        if report.diagnostics.contains(where: { $0.severity == .error }) { throw ExitCode(3) }
    }
}

struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run the cycle: load, resolve, learn, insight, decide, publish, measure.",
        discussion: """
            A run that was interrupted goes on where it stopped. A run whose inputs have not changed does nothing.
            """)

    @OptionGroup var options: WorkspaceOptions

    @Option(name: .customLong("as-of"), help: "Decide as of this day, with what was known then (default: today).")
    var asOf: Day?

    @Option(help: "Only these steps (repeatable).")
    var only: [RunStep] = []

    @Option(help: "From this step on.")
    var from: RunStep?

    @Flag(name: .customLong("rules-only"), help: "Descriptive analytics and business rules, without models.")
    var rulesOnly = false

    @Flag(help: "Run even when nothing has changed.")
    var force = false

    @Flag(name: [.short, .long], help: "No progress, only the summary.")
    var quiet = false

    func run() async throws {
        if !quiet { Console.note("rapport run: reading the workspace \(options.root().path)") }
        let workspace = try options.open()
        let steps = RunStep.selection(only: only, from: from)
        let request = RunRequest(
            asOf: asOf ?? SystemClock.today(), steps: steps, rulesOnly: rulesOnly, force: force)
        let quiet = quiet
        let cycle = CycleRun(workspace: workspace, request: request, now: SystemClock.now) { line in
            if !quiet { Console.note(line) }
        }
        let summary = try await cycle.perform()
        if options.json {
            try Console.json(summary)
        } else {
            summary.diagnostics.prefix(20).forEach(Console.message)
            Console.data(summary.rendered(currency: workspace.settings.currency))
        }
        if summary.isPartial { throw ExitCode(4) }
    }
}

extension RunStep: ExpressibleByArgument {}
