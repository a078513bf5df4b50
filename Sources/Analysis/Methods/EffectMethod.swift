package import ArgumentParser
internal import Decisioning
internal import EngagementModel
internal import Statistics

/// `rapport analyze effect`: the average effect of a treatment from observational data.
package struct EffectMethod: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "effect",
        abstract: "Estimates the average effect of a treatment that was not assigned at random.",
        discussion: """
            Cross-fitted and doubly robust: right when either the chance of treatment or the expected outcome is well \
            described by the confounders, and only when no confounder is hidden; e_value says how strong a hidden one \
            would have to be.
            """)

    @Argument(help: "CSV or Parquet, one row a person.", completion: .file())
    var file: String

    @Option(help: "Column of the treatment: 0 or 1.")
    var treatment: String

    @Option(help: "Column of the outcome.")
    var outcome: String

    @Option(parsing: .upToNextOption, help: "Columns that bear on both treatment and outcome.")
    var confounders: [String]

    @Option(parsing: .upToNextOption, help: "Those of the columns that are categories; text columns are anyway.")
    var categorical: [String] = []

    @Option(help: "Folds of the cross-fitting.")
    var folds = 5

    @Option(help: "Rows with a smaller chance of either choice are left out.")
    var trim = 0.01

    @OptionGroup var options: AnalysisOptions

    package init() {}

    package func validate() throws {
        guard folds >= 2 else { throw ValidationError("--folds is at least 2") }
        guard trim >= 0, trim < 0.5 else { throw ValidationError("--trim lies between 0 and 0.5") }
        let used = confounders + [treatment, outcome]
        if Set(used).count < used.count { throw ValidationError("a column is named twice") }
        if let unknown = categorical.first(where: { !confounders.contains($0) }) {
            throw ValidationError("--categorical names `\(unknown)`, which is not among --confounders")
        }
        if confounders.isEmpty { throw ValidationError("give at least one of --confounders") }
    }

    package func run() async throws {
        let table = try await AnalysisTable.read(file, only: confounders + [treatment, outcome])
        let input = try EffectInput(
            table, treatment: treatment, outcome: outcome, features: confounders,
            categorical: categorical)
        let found = TreatmentEffect(
            input.design, treated: input.treated, outcomes: input.outcomes, folds: folds, trim: trim,
            seed: options.seed)
        guard found.rows.count * 2 >= table.rowCount,
            min(found.overlap.effectiveTreated, found.overlap.effectiveControl) >= 10
        else {
            throw Diagnostic(
                "no_overlap",
                "treated and untreated rows have too little in common: \(found.trimmed) of \(table.rowCount) were all "
                    + "but sure of their treatment", file: file,
                remedy: "compare a narrower group in which both choices were made")
        }
        var document = AnalysisDocument(method: "effect", table: table, seed: options.seed)
        let z = Special.normalQuantile(0.975)
        document.set(
            "effect",
            .object([
                ("value", .number(found.value)), ("low", .number(found.value - z * found.standardError)),
                ("high", .number(found.value + z * found.standardError)),
                ("standard_error", .number(found.standardError)),
            ]))
        document.set("treated_mean", .number(found.treatedMean))
        document.set("control_mean", .number(found.controlMean))
        document.set(
            "overlap",
            .object([
                ("lowest_propensity", .number(found.overlap.lowest)),
                ("highest_propensity", .number(found.overlap.highest)),
                ("share_in_common_range", .number(found.overlap.inCommonRange)),
                ("separation_auc", .number(found.overlap.separation)),
                ("effective_treated", .number(found.overlap.effectiveTreated)),
                ("effective_control", .number(found.overlap.effectiveControl)),
            ]))
        document.set("trimmed", .integer(found.trimmed))
        document.set("e_value", .number(found.eValue))
        document.set("e_value_interval", .number(found.eValueOfInterval))
        for warning in input.warnings { document.warn(warning) }
        document.warn("the effect is causal only if no confounder is missing from the list")
        if found.overlap.inCommonRange < 0.5 {
            document.warn("most rows were likelier than nine in ten to get what they got: overlap is thin")
        }
        var columns = AnalysisColumns()
        if options.out != nil {
            columns.add("row", found.rows.map { $0 + 1 })
            columns.add("propensity", found.rows.map { found.propensity[$0] })
            columns.add("score", found.scores)
        }
        try await report(document, table: columns, options)
    }
}
