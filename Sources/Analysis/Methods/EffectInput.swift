internal import Decisioning
internal import EngagementModel

/// Treatment, outcome and features of a table, read and checked.
struct EffectInput {
    var treated: [Bool]
    var outcomes: [Double]
    var design: DesignColumns
    /// What is odd about the columns.
    private(set) var warnings: [String]

    /// Fewest rows of each of the two groups.
    static let fewest = 20

    init(
        _ table: AnalysisTable, treatment: String, outcome: String, features: [String], categorical: [String]
    ) throws {
        treated = try table.flags(treatment)
        outcomes = try table.doubles(outcome)
        let count = treated.count { $0 }
        guard count >= Self.fewest, treated.count - count >= Self.fewest else {
            throw Diagnostic(
                "too_few_rows",
                "\(count) rows are treated and \(treated.count - count) are not; each needs \(Self.fewest) at least",
                file: table.path, remedy: "give rows of both groups: a comparison needs them")
        }
        var design = DesignColumns(rowCount: table.rowCount)
        warnings = try features.compactMap {
            try design.add(table, $0, isCategorical: categorical.contains($0), withSquares: true)
        }
        self.design = design
        if let warning = AnalysisTable.doubt(aboutSizes: outcome, outcomes) { warnings.append(warning) }
        if outcomes.allSatisfy({ $0 == outcomes[0] }) {
            warnings.append("every outcome is the same: there is no difference to explain")
        }
    }
}
