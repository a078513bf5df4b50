public import ArgumentParser
import Cycle
public import EngagementModel
import Foundation

struct Decisions: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "decisions", abstract: "Print the published plan.")

    enum Format: String, ExpressibleByArgument, CaseIterable { case table, csv, json, parquet }

    @OptionGroup var options: WorkspaceOptions
    @Option(name: .customLong("as-of"), help: "The plan of the newest run up to this day.") var asOf: Day?
    @Option(help: "Only decisions that this rep carries out.") var rep: String?
    @Option(help: "Only decisions on this HCP.") var hcp: String?
    @Option(help: "table, csv, json or parquet.") var format: Format = .table
    @Flag(name: .customLong("no-touch"), help: "Also the logged choices not to touch an HCP.") var noTouch = false
    @Option(name: [.short, .customLong("out")], help: "Write to this file (parquet needs one; - is standard output).")
    var out: String?

    func run() async throws {
        let workspace = try options.open()
        let book = try DecisionBook(workspace: workspace, now: SystemClock.now)
        let rows = try await book.decisions(
            DecisionFilter(asOf: asOf, rep: rep, hcp: hcp, includesNoTouch: noTouch))
        switch options.json ? .json : format {
        case .table: try write(DecisionTable.text(rows))
        case .csv: try write(DecisionTable.csv(rows))
        case .json: try write(DecisionTable.json(rows))
        case .parquet:
            guard let out, out != "-" else { throw ValidationError("--format parquet needs --out FILE") }
            try await book.writeParquet(rows, to: URL(filePath: out))
        }
    }

    private func write(_ text: String) throws {
        guard let out, out != "-" else { return Console.data(text) }
        try Data(text.utf8).write(to: URL(filePath: out), options: .atomic)
    }
}

struct Explain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Say why a decision was made, from its record.")

    @OptionGroup var options: WorkspaceOptions
    @Argument(help: "The decision_id.") var decision: String
    @Flag(help: "Also what the expected effect adds up from.") var contributions = false

    func run() async throws {
        let book = try DecisionBook(workspace: try options.open(), now: SystemClock.now)
        let explanation = try await book.explain(decision, contributions: contributions)
        if options.json { try Console.json(explanation) } else { Console.data(explanation.rendered()) }
    }
}

struct WhyNot: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "why-not", abstract: "Say why an HCP is not contacted by a channel.")

    @OptionGroup var options: WorkspaceOptions
    @Option(help: "The hcp_id.") var hcp: String
    @Option(help: "The channel.") var channel: Channel
    @Option(help: "Only this content.") var content: String?

    func run() async throws {
        let book = try DecisionBook(workspace: try options.open(), now: SystemClock.now)
        let answer = try await book.whyNot(hcp: hcp, channel: channel, content: content)
        if options.json { try Console.json(answer) } else { Console.data(answer.rendered()) }
    }
}

extension Channel: ExpressibleByArgument {}

struct Report: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Compare predictions with what happened; the cycle plan; the field force.",
        discussion: """
            forecast: each run predicts every HCP's next month; once that month is known, the run after it measures the \
            prediction. cycle: attainment of the goals in strategy.yaml, for every HCP and channel. territories: how full \
            the reps' days are, what one more rep would add, and a proposal to balance the work.
            """)

    enum Subject: String, ExpressibleByArgument, CaseIterable { case forecast, cycle, territories }

    @OptionGroup var options: WorkspaceOptions
    @Argument(help: "forecast, cycle or territories.") var subject: Subject = .forecast

    func run() async throws {
        let book = try DecisionBook(workspace: try options.open(), now: SystemClock.now)
        switch subject {
        case .forecast:
            let report = try await book.forecastReport()
            if options.json { try Console.json(report) } else { Console.data(report.rendered()) }
        case .cycle:
            let report = try await book.cycleReport()
            if options.json { try Console.json(report) } else { Console.data(report.rendered()) }
        case .territories:
            let report = try await book.territoryReport()
            if options.json { try Console.json(report) } else { Console.data(report.rendered()) }
        }
    }
}
