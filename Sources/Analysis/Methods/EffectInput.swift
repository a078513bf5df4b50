internal import Decisioning
internal import EngagementModel

/// Treatment, outcome and features of a table, read and checked.
struct EffectInput {
    var treated: [Bool]
    var outcomes: [Double]
    var design: DesignColumns

    /// Fewest rows of each of the two groups.
    static let fewest = 20

    init(_ table: AnalysisTable, treatment: String, outcome: String, features: [String]) throws {
        treated = try table.flags(treatment)
        outcomes = try table.doubles(outcome)
        let count = treated.count { $0 }
        guard count >= Self.fewest, treated.count - count >= Self.fewest else {
            throw Diagnostic(
                "too_few_rows",
                "\(count) rows are treated and \(treated.count - count) are not; each needs \(Self.fewest) at least",
                file: table.path)
        }
        design = DesignColumns(rowCount: table.rowCount)
        for name in features { try design.add(table, name, withSquares: true) }
    }
}
