package import ArgumentParser
internal import Decisioning
internal import EngagementModel
internal import Statistics

/// `rapport analyze uplift`: who changes because of the treatment.
package struct UpliftMethod: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "uplift",
        abstract: "Judges, or learns and judges, scores of who responds because of a treatment.",
        discussion: """
            --score judges a column of scores; --fit learns them, each row's from models that have not seen it. \
            qini_auc, uplift_auc and uplift_at are defined as in scikit-uplift. ate is the average effect: with --fit \
            doubly robust, else the difference in means, which asks for a treatment assigned at random.
            """)

    @Argument(help: "CSV or Parquet, one row a person.", completion: .file())
    var file: String

    @Option(help: "Column of the treatment: 0 or 1.")
    var treatment: String

    @Option(help: "Column of the outcome.")
    var outcome: String

    @Option(help: "Column of the scores to judge.")
    var score: String?

    @Option(parsing: .upToNextOption, help: "Columns from which to learn the effect.")
    var fit: [String] = []

    @Option(parsing: .upToNextOption, help: "Those of the columns that are categories; text columns are anyway.")
    var categorical: [String] = []

    @Option(help: "dr (doubly robust), t or x.")
    var learner: UpliftLearner = .dr

    @Option(help: "Folds of the cross-fitting.")
    var folds = 5

    @Option(help: "Column that names a row in --out. Default: its number.")
    var id: String?

    @OptionGroup var options: AnalysisOptions

    package init() {}

    package func validate() throws {
        guard (score == nil) != fit.isEmpty else { throw ValidationError("give either --score or --fit") }
        guard folds >= 2 else { throw ValidationError("--folds is at least 2") }
        if let unknown = categorical.first(where: { !fit.contains($0) }) {
            throw ValidationError("--categorical names `\(unknown)`, which is not among --fit")
        }
        let used = fit + [treatment, outcome]
        if Set(used).count < used.count { throw ValidationError("a column is named twice") }
    }

    package func run() async throws {
        let table = try await AnalysisTable.read(file)
        let input = try EffectInput(
            table, treatment: treatment, outcome: outcome, features: fit, categorical: categorical)
        var document = AnalysisDocument(method: "uplift", table: table, seed: options.seed)
        let z = Special.normalQuantile(0.975)
        var scores: [Double]
        var errors: [Double]?
        var average: (value: Double, standardError: Double)
        if let score {
            scores = try table.doubles(score)
            average = Self.difference(input)
        } else {
            let found = UpliftPredictions(
                learner, input.design, treated: input.treated, outcomes: input.outcomes, folds: folds,
                seed: options.seed)
            (scores, errors, average) = (found.uplift, found.standardError, found.average)
            let thin = found.propensity.count { $0 < 0.05 || $0 > 0.95 }
            if thin > found.propensity.count / 20 {
                document.warn("\(thin) rows were almost sure to be treated, or not: their effects rest on the model")
            }
        }
        for warning in input.warnings { document.warn(warning) }
        if let id, let warning = try table.doubt(aboutKeys: id) { document.warn(warning) }
        let curves = UpliftCurves(scores: scores, treated: input.treated, outcomes: input.outcomes)
        if curves.upliftAUC == nil { document.warn("uplift_auc is defined for outcomes of 0 and 1 only") }
        if Set(scores).count == 1 { document.warn("every score is the same: there is no order to judge") }
        document.set(
            "ate",
            .interval(
                average.value, average.value - z * average.standardError, average.value + z * average.standardError))
        document.set("qini_auc", .number(curves.qiniAUC))
        document.set("uplift_auc", .optional(curves.upliftAUC))
        document.set(
            "uplift_at",
            .object([0.1, 0.2, 0.3, 0.4, 0.5].map { ("\($0)", .optional(curves.uplift(at: $0))) }))
        document.set("treated", .integer(input.treated.count { $0 }))
        if score == nil { document.set("learner", .text(learner.rawValue)) }
        var columns = AnalysisColumns()
        if options.out != nil {
            columns.add("id", try id.map { try table.texts($0) } ?? (1...table.rowCount).map(String.init))
            columns.add("uplift", scores)
            let spread: [Double?] = errors.map { $0.map { $0 * z } } ?? scores.map { _ in nil }
            columns.add("low", zip(scores, spread).map { score, half in half.map { score - $0 } })
            columns.add("high", zip(scores, spread).map { score, half in half.map { score + $0 } })
        }
        try await report(document, table: columns, options)
    }

    /// Difference in means and its standard error.
    private static func difference(_ input: EffectInput) -> (value: Double, standardError: Double) {
        let rows = input.outcomes.indices
        let one = UpliftPredictions.mean(rows.filter { input.treated[$0] }.map { input.outcomes[$0] })
        let none = UpliftPredictions.mean(rows.filter { !input.treated[$0] }.map { input.outcomes[$0] })
        let variance = one.standardError * one.standardError + none.standardError * none.standardError
        return (one.value - none.value, variance.squareRoot())
    }
}

extension UpliftLearner: ExpressibleByArgument {}
