public import ArgumentParser
public import Cycle
import EngagementModel
import Foundation

/// Options of every evaluation on logged decisions.
struct EvaluationArguments: ParsableArguments {
    @Option(help: "What a decision earned: net (currency), engaged or reached.") var reward: PolicyReward = .net
    @Option(help: "HCPs at most; a sample by the seed when there are more.") var hcps = 20_000
    @Option(name: .customLong("minimum-effective-size"), help: "Refuse when the log is worth fewer rows than this.")
    var minimum = 30.0
    @Option(help: "Probability that an interval holds the value.") var level = 0.95

    @Option(help: "Plans drawn for each run to count how likely each choice was, repairs included.") var seeds = 64

    func validate() throws {
        guard (1...10_000).contains(seeds) else { throw ValidationError("--seeds takes 1 to 10000") }
        guard hcps >= 100 else { throw ValidationError("--hcps is at least 100") }
        guard level > 0, level < 1 else { throw ValidationError("--level lies between 0 and 1") }
    }

    var options: EvaluationOptions {
        var options = EvaluationOptions()
        options.reward = reward
        options.hcps = hcps
        options.minimumEffectiveSize = minimum
        options.level = level
        options.seeds = seeds
        return options
    }
}

extension PolicyReward: ExpressibleByArgument {}

struct Evaluate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Estimate what a strategy or a model would have earned, from logged decisions.",
        discussion: """
            Off-policy evaluation: every logged decision that was in force and whose answers are final counts with its \
            propensity and what came of it; the policy is what the engine would have done, prices solved again. Six \
            estimators with intervals by HCP: ips, snips, dm, dr, switch-dr, dros. Refuses, with exit code 1, when the \
            log says too little about the policy.

            --triggers judges the triggers of past days instead, found with what was known then: how many alarms came \
            true (precision), how much of what came was alarmed (recall), at several alarm rates. The next run shows \
            them on the page /insight.
            """)

    @OptionGroup var workspace: WorkspaceOptions
    @Option(help: "A strategy file to judge.", completion: .file()) var strategy: String?
    @Option(help: "A response model to judge: standard, or one of models.yaml.") var model: String?
    @Flag(help: "Judge the triggers of past days.") var triggers = false
    @Option(help: "Past days to judge triggers on.") var days = 6
    @Option(help: "Days between two of them.") var every = 28
    @Option(help: "Days from the last of them to the as-of day.") var gap = 120
    @OptionGroup var evaluation: EvaluationArguments

    func validate() throws {
        guard [strategy != nil, model != nil, triggers].count(where: { $0 }) == 1 else {
            throw ValidationError("give one of --strategy, --model and --triggers")
        }
        guard (1...60).contains(days), (1...366).contains(every), (1...1000).contains(gap) else {
            throw ValidationError("--days lies in 1…60, --every in 1…366, --gap in 1…1000")
        }
    }

    func run() async throws {
        if triggers { return try await judgeTriggers() }
        let book = try DecisionBook(workspace: try workspace.open(), now: SystemClock.now)
        let report =
            if let strategy {
                try await book.evaluate(strategyFile: URL(filePath: strategy), options: evaluation.options)
            } else {
                try await book.evaluate(model: model ?? "", options: evaluation.options)
            }
        if workspace.json { try Console.json(report) } else { Console.data(report.rendered()) }
        if report.refusal != nil { throw ExitCode(1) }
    }
}

extension Evaluate {
    private func judgeTriggers() async throws {
        var options = TriggerBacktestOptions()
        (options.days, options.spacing, options.gap) = (days, every, gap)
        let quiet = workspace.json
        let report = try await TriggerBacktest(
            workspace: try workspace.open(), options: options, now: SystemClock.now,
            progress: { line in if !quiet { Console.note(line) } }
        ).perform()
        if workspace.json { return try Console.json(report) }
        var table = TextTable(header: [
            "kind", "alarm rate", "alarms", "came true", "precision", "by lot", "recall", "promised", "score",
        ])
        table.rightAligned = Set(1..<9)
        func percent(_ value: Double?) -> String { value.map { String(format: "%.1f%%", $0 * 100) } ?? "–" }
        for line in report.lines {
            table.rows.append([
                line.kind, line.rate == nil ? "as raised" : percent(line.rate), "\(line.alarms)", "\(line.confirmed)",
                percent(line.precision), percent(line.base), percent(line.recall), percent(line.promised),
                percent(line.score),
            ])
        }
        let span = [report.days.first, report.days.last].compactMap { $0?.description }.joined(separator: " to ")
        Console.data(
            "Triggers of \(report.days.count) days, \(span), with what was known then; judged as of \(report.asOf)\n\n"
                + table.rendered())
    }
}

/// `rapport model`: champion and challengers.
struct ModelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model", abstract: "Response models: the champion that plans, and its challengers.",
        discussion: """
            models.yaml names the challengers. Every run learns them beside the champion and scores the plan's \
            candidates with them; a release needs an evaluation on what came of the plans.
            """,
        subcommands: [List.self, Judge.self, Promote.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "Print the models with version, role and how well they predict.")
        @OptionGroup var options: WorkspaceOptions

        func run() async throws {
            let lines = try await ModelDesk(workspace: try options.open(), now: SystemClock.now).models()
            if options.json { return try Console.json(lines) }
            var table = TextTable(header: [
                "model", "kind", "role", "version", "until", "touches", "log loss", "AUC", "ECE",
            ])
            table.rightAligned = Set(5..<9)
            func shown(_ value: Double?) -> String { value.map { String(format: "%.4f", $0) } ?? "–" }
            for line in lines {
                table.rows.append([
                    line.name, line.kind, line.role, line.version, line.learnedUntil, "\(line.judged)",
                    shown(line.logLoss), shown(line.auc), shown(line.calibrationError),
                ])
            }
            Console.data(table.rendered())
            var byChannel = TextTable(header: [
                "model", "channel", "touches", "log loss", "always the mean", "AUC", "ECE",
            ])
            byChannel.rightAligned = Set(2..<7)
            for line in lines {
                for channel in line.channels {
                    byChannel.rows.append([
                        line.name, channel.channel, "\(channel.touches)", shown(channel.logLoss),
                        shown(channel.baseLogLoss), shown(channel.auc), shown(channel.calibrationError),
                    ])
                }
            }
            if !byChannel.rows.isEmpty { Console.data("\n" + byChannel.rendered()) }
        }
    }

    struct Judge: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "evaluate", abstract: "Estimate what planning with a model would have earned.")
        @OptionGroup var workspace: WorkspaceOptions
        @Argument(help: "The model.") var name: String
        @OptionGroup var evaluation: EvaluationArguments

        func run() async throws {
            let book = try DecisionBook(workspace: try workspace.open(), now: SystemClock.now)
            let report = try await book.evaluate(model: name, options: evaluation.options)
            if workspace.json { try Console.json(report) } else { Console.data(report.rendered()) }
            if report.refusal != nil { throw ExitCode(1) }
        }
    }

    struct Promote: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "promote", abstract: "Release a model, after its evaluation: from the next run on it plans.",
            discussion: """
                Refused when the log says too little about the model, or when it would have earned less than the one \
                that planned (doubly robust). The release is written to the audit trail with its evaluation. The way \
                back to the standard model is always open, without an evaluation.
                """)
        @OptionGroup var workspace: WorkspaceOptions
        @Argument(help: "The model.") var name: String
        @Option(help: "Who releases, for the audit trail.") var by = "command-line"
        @OptionGroup var evaluation: EvaluationArguments

        func run() async throws {
            let desk = try ModelDesk(workspace: try workspace.open(), now: SystemClock.now)
            let report = try await desk.promote(name, by: by, options: evaluation.options)
            if workspace.json, let report { return try Console.json(report) }
            if workspace.json { return try Console.json(["released": name]) }
            Console.data((report.map { $0.rendered() + "\n" } ?? "") + "Released: the next run plans with \(name).\n")
        }
    }
}
