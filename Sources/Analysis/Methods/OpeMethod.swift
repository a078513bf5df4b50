package import ArgumentParser
internal import Decisioning
internal import EngagementModel

/// `rapport analyze ope`: the value of a policy from another policy's log.
package struct OpeMethod: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "ope",
        abstract: "Estimates what a policy would have earned, from the log of another policy.",
        discussion: """
            Needs the probability with which each logged action was taken. The evaluated policy is given by its \
            probability of the logged action (--target), or in full (--policy: one row for each log row, one column \
            for each action). dm, dr, switch-dr and dros need the policy in full, or one that depends on action and \
            position alone. Refuses when the log says too little about the policy.
            """)

    @Argument(help: "The log: CSV or Parquet, one row for each decision.", completion: .file())
    var log: String

    @Option(help: "Column of the logged action.")
    var action: String

    @Option(help: "Column of the observed reward.")
    var reward: String

    @Option(help: "Column of the probability with which the action was logged.")
    var propensity: String

    @Option(help: "Column of the position; each position gets a reward model of its own.")
    var position: String?

    @Option(parsing: .upToNextOption, help: "Context columns of the reward model.")
    var context: [String] = []

    @Option(parsing: .upToNextOption, help: "Those of the context that are categories; text columns are anyway.")
    var categorical: [String] = []

    @Option(help: "Column of the evaluated policy's probability of the logged action.")
    var target: String?

    @Option(help: "File with the evaluated policy's probability of every action.", completion: .file())
    var policy: String?

    @Option(help: "Comma-separated: ips, snips, dm, dr, switch-dr, dros. Default: all that the input allows.")
    var estimators: String?

    @Option(help: "How intervals are made: bootstrap, normal or bernstein. Default: bootstrap up to 50,000 rows.")
    var interval: PolicyIntervalKind?

    @Option(help: "Probability that an interval holds the value.")
    var level = 0.95

    @Option(help: "Folds of the cross-fitted reward model.")
    var folds = 3

    @Option(help: "λ of switch-dr: weights above it use the model alone. Default: by SLOPE.")
    var switchLambda: Double?

    @Option(help: "λ of dros: from 0, the model alone, to infinity, no shrinkage. Default: by SLOPE.")
    var drosLambda: Double?

    @Option(help: "Refuse when the log is worth fewer rows than this.")
    var minimumEffectiveSize = 30.0

    @OptionGroup var options: AnalysisOptions

    package init() {}

    package func validate() throws {
        guard (target == nil) != (policy == nil) else { throw ValidationError("give either --target or --policy") }
        if let unknown = categorical.first(where: { !context.contains($0) }) {
            throw ValidationError("--categorical names `\(unknown)`, which is not among --context")
        }
        guard level > 0, level < 1 else { throw ValidationError("--level lies between 0 and 1") }
        guard folds >= 1 else { throw ValidationError("--folds is at least 1") }
        guard (switchLambda ?? 0) >= 0, (drosLambda ?? 0) >= 0 else { throw ValidationError("λ is not negative") }
        _ = try requested()
    }

    private func requested() throws -> [PolicyEstimator]? {
        try estimators?.split(separator: ",").map { name in
            guard let estimator = PolicyEstimator(rawValue: String(name).trimmed) else {
                throw ValidationError("there is no estimator `\(name)`")
            }
            return estimator
        }
    }

    package func run() async throws {
        let input = OpeInput(
            action: action, reward: reward, propensity: propensity, position: position, target: target,
            context: context, categorical: categorical)
        let table = try await AnalysisTable.read(log)
        let policyTable: AnalysisTable? = if let policy { try await AnalysisTable.read(policy) } else { nil }
        var decisions = try input.decisions(table, policyTable)
        var document = AnalysisDocument(method: "ope", table: table, seed: options.seed)
        var chosen = try requested() ?? PolicyEstimator.allCases
        if case .ofLoggedAction = decisions.policy, chosen.contains(where: \.needsModel) {
            if let recovered = decisions.contextFreePolicy() {
                decisions.policy = recovered
            } else if try requested() != nil {
                throw Diagnostic(
                    "needs_policy", "dm, dr, switch-dr and dros need the policy's probability of every action",
                    file: log, remedy: "give --policy FILE, or ask for ips,snips")
            } else {
                chosen = [.ips, .snips]
                document.warn("dm, dr, switch-dr and dros left out: --target tells the policy of logged actions only")
            }
        }
        if let warning = AnalysisTable.doubt(aboutSizes: reward, decisions.rewards) { document.warn(warning) }
        let support = PolicySupport(decisions)
        try refuseThinSupport(support, &document)
        var model: RewardPredictions?
        if chosen.contains(where: \.needsModel) {
            let design = try input.design(table)
            for warning in design.warnings { document.warn(warning) }
            model = RewardModel.predictions(
                decisions, context: design.columns, folds: folds, divisions: decisions.count <= 20_000 ? 5 : 1,
                seed: options.seed)
        }
        let kind = interval ?? (decisions.count <= 50_000 ? .bootstrap : .normal)
        let intervals = PolicyIntervals(kind: kind, level: level, seed: options.seed)
        let weights = decisions.weights
        var rows = AnalysisColumns()
        if options.out != nil { rows.add("weight", weights) }
        var values: [(String, AnalysisValue)] = []
        for estimator in chosen {
            var lambda: Double? = estimator == .switchDR ? switchLambda : estimator == .dros ? drosLambda : nil
            if lambda == nil, let model, estimator == .switchDR || estimator == .dros {
                lambda = estimator.tuned(weights, decisions.rewards, model)
            }
            let parts = estimator.contributions(weights, decisions.rewards, model, lambda: lambda ?? .infinity)
            let found = intervals.estimate(parts, over: estimator == .snips ? weights : nil)
            var entry: [(String, AnalysisValue)] = [
                ("value", .number(found.value)), ("low", .number(found.low)), ("high", .number(found.high)),
                ("standard_error", .number(found.standardError)),
            ]
            // No shrinkage at all is an infinite λ, which JSON cannot say: null.
            if let lambda { entry.append(("lambda", .number(lambda))) }
            values.append((estimator.rawValue, .object(entry)))
            if options.out != nil { rows.add(estimator.rawValue, parts) }
        }
        if chosen.contains(.dm) { document.warn("the interval of dm leaves out the error of its model") }
        document.set("estimates", .object(values))
        document.set("effective_sample_size", .number(support.effectiveSampleSize))
        document.set("max_weight", .number(support.maxWeight))
        document.set(
            "support",
            .object([
                ("mean_weight", .number(support.meanWeight)),
                ("mean_weight_standard_error", .number(support.meanWeightError)),
                ("rows_in_support", .number(support.rowsInSupport)),
                ("unsupported_share", .optional(support.unsupported)),
            ]))
        document.set("actions", .integer(decisions.actionCount))
        document.set("interval", .text(kind.rawValue))
        document.set("level", .number(level))
        try await report(document, table: rows, options)
    }

    private func refuseThinSupport(_ support: PolicySupport, _ document: inout AnalysisDocument) throws {
        let remedy = "log with more exploration or evaluate a policy nearer to the logged one"
        func shown(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }
        if support.effectiveSampleSize < minimumEffectiveSize {
            throw Diagnostic(
                "thin_support",
                "the log is worth \(shown(support.effectiveSampleSize)) rows of the evaluated policy, fewer than "
                    + shown(minimumEffectiveSize), file: log, remedy: remedy)
        }
        if let share = support.unsupported, share > 0.05 {
            throw Diagnostic(
                "thin_support",
                "\(shown(share * 100))% of the evaluated policy's choices are actions that the log never took",
                file: log, remedy: remedy)
        }
        if let share = support.unsupported, share > 0 {
            document.warn(
                "\(shown(share * 100))% of the evaluated policy's choices are actions that the log never took")
        }
        if abs(support.meanWeight - 1) > max(4 * support.meanWeightError, 1e-6) {
            document.warn(
                "the mean weight is far from 1: the propensities are wrong, or the log does not cover the policy")
        }
    }
}

extension PolicyIntervalKind: ExpressibleByArgument {}

extension String {
    /// Without spaces at both ends.
    fileprivate var trimmed: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
