package import ArgumentParser
internal import Decisioning
internal import EngagementModel

/// `rapport analyze learn`: online Bayesian logistic regression, judged as it learns.
package struct LearnMethod: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "learn",
        abstract: "Learns a yes-or-no outcome in one pass, predicting each row before it learns it.",
        discussion: """
            progressive_* judge each row's probability before the row was learnt, in the first pass; log_loss, auc and \
            calibration_error judge the final model on the same rows. examples_per_second counts reading the file and \
            learning. Rows are learnt in the order of the file.
            """)

    @Argument(help: "The log: CSV or Parquet, one row for each example.", completion: .file())
    var log: String

    @Option(help: "Column of the outcome: 0 or 1, yes or no.")
    var outcome: String

    @Option(parsing: .upToNextOption, help: "Columns of the features.")
    var features: [String]

    @Option(parsing: .upToNextOption, help: "Those of the features that are categories; text columns are anyway.")
    var categorical: [String] = []

    @Option(help: "Passes over the rows.")
    var passes = 1

    @Option(help: "Bits of the table of hashed categories.")
    var bits = 20

    @Option(help: "Variance of every weight before the first row.")
    var priorVariance: Float = 0.2

    @OptionGroup var options: AnalysisOptions

    package init() {}

    package func validate() throws {
        guard !features.isEmpty else { throw ValidationError("give at least one of --features") }
        guard passes >= 1 else { throw ValidationError("--passes is at least 1") }
        guard (8...28).contains(bits) else { throw ValidationError("--bits lies between 8 and 28") }
        guard priorVariance > 0, priorVariance.isFinite else { throw ValidationError("--prior-variance is positive") }
        let all = features + [outcome]
        if Set(all).count < all.count { throw ValidationError("a column is named twice, or the outcome is a feature") }
        if let unknown = categorical.first(where: { !features.contains($0) }) {
            throw ValidationError("--categorical names `\(unknown)`, which is not among --features")
        }
    }

    package func run() async throws {
        let table = try await AnalysisTable.read(log, only: features + [outcome])
        let outcomes = try table.flags(outcome)
        var columns = LearnColumns(numbers: [], hashes: [])
        var kinds: [(String, AnalysisValue)] = []
        var warnings: [String] = []
        func odd<Value: Equatable>(_ name: String, _ values: some Sequence<Value?>) {
            var first: Value?
            for value in values {
                guard let value else { continue }
                if let first, first != value { return }
                first = value
            }
            warnings.append(
                "`\(name)` " + (first == nil ? "has no value" : "is the same in every row") + ": it explains nothing")
        }
        for name in features {
            let found: (numbers: [Float]?, doubt: String?) =
                categorical.contains(name) ? (nil, nil) : try table.numbersUnlessText(name)
            if let numbers = found.numbers {
                columns.numbers.append(numbers)
                kinds.append((name, .text("number")))
                if let warning = AnalysisTable.doubt(aboutSizes: name, numbers) { warnings.append(warning) }
                odd(name, numbers.lazy.map { $0.isNaN ? nil : $0 })
            } else {
                if let doubt = found.doubt { warnings.append(doubt) }
                let hashes = try table.hashes(name)
                odd(name, hashes.lazy.map { $0 })
                columns.hashes.append(hashes)
                kinds.append((name, .text("category")))
            }
        }
        let model = HashedLogistic(
            numberCount: columns.numbers.count, categoryCount: columns.hashes.count, bits: bits,
            priorVariance: priorVariance)
        let n = outcomes.count
        var progressive = [Float](repeating: 0, count: n)
        var loss = 0.0
        for row in 0..<n {
            let p = model.learn(row, columns, outcome: outcomes[row])
            progressive[row] = p
            loss += RankedScore.loss(p, outcomes[row])
        }
        for _ in 1..<max(passes, 1) { for row in 0..<n { _ = model.learn(row, columns, outcome: outcomes[row]) } }
        let taken = ContinuousClock.now - table.started
        let seconds = Double(taken.components.seconds) + Double(taken.components.attoseconds) * 1e-18

        let logits = (0..<n).map { model.predict($0, columns) }
        let final = logits.map { model.probability($0.logit, $0.deviation) }
        let fitted = RankedScore(final, outcomes)
        let before = RankedScore(progressive, outcomes)
        var document = AnalysisDocument(method: "learn", table: table, seed: options.seed)
        if outcomes.allSatisfy({ $0 }) || !outcomes.contains(true) {
            document.warn("every outcome is the same: there is nothing to rank, auc is 0.5")
        }
        for warning in warnings { document.warn(warning) }
        document.set("progressive_log_loss", .number(loss / Double(n)))
        document.set("progressive_auc", .number(before.auc))
        document.set("progressive_calibration_error", .number(before.calibrationError))
        document.set("log_loss", .number(fitted.logLoss))
        document.set("auc", .number(fitted.auc))
        document.set("calibration_error", .number(fitted.calibrationError))
        document.set("examples_per_second", .number(Double(n * passes) / max(seconds, 1e-9)))
        document.set("base_rate", .number(Double(outcomes.count { $0 }) / Double(n)))
        document.set("features", .object(kinds))
        var rows: AnalysisColumns?
        if options.out != nil {
            var out = AnalysisColumns()
            out.add("row", Array(1...n))
            out.add("progressive", progressive.map(Double.init))
            out.add("probability", final.map(Double.init))
            // 95% of the posterior of the logit.
            func edge(_ z: Float) -> [Double] {
                logits.map { Double(model.probability($0.logit + z * $0.deviation, 0)) }
            }
            out.add("low", edge(-1.959_964))
            out.add("high", edge(1.959_964))
            rows = out
        }
        try await report(document, table: rows, options)
    }
}
