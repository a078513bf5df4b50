package import ArgumentParser
internal import Decisioning
internal import EngagementModel

/// `rapport analyze optimize`: one candidate a group at most, within shared limits and floors.
package struct OptimizeMethod: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "optimize",
        abstract: "Chooses at most one candidate a group so that shared limits and floors are kept.",
        discussion: """
            Uses: candidate_id,constraint_id,amount. Limits: constraint_id,limit[,floor]. Prints the value of the \
            choice, a bound that no choice can pass, and the price of each limit: what one more unit would be worth. \
            With --temperature the choice is drawn from the soft policy at these prices and repaired; propensity is \
            the candidate's probability under the whole procedure.
            """)

    @Argument(help: "Candidates: CSV or Parquet, one row each.", completion: .file())
    var candidates: String

    @Option(help: "Column that names a candidate.")
    var id = "candidate_id"

    @Option(help: "Column of the group; at most one candidate of each is chosen.")
    var group = "hcp_id"

    @Option(help: "Column of the candidate's value.")
    var value = "value"

    @Option(help: "File of what each candidate uses.", completion: .file())
    var uses: String

    @Option(help: "File of limits and floors.", completion: .file())
    var limits: String

    @Option(help: "Temperature of the soft policy, in units of value; 0 takes the best.")
    var temperature = 0.0

    @OptionGroup var options: AnalysisOptions

    package init() {}

    package func validate() throws {
        guard temperature >= 0, temperature.isFinite else { throw ValidationError("--temperature is 0 or more") }
    }

    package func run() async throws {
        let clock = ContinuousClock()
        let table = try await AnalysisTable.read(candidates, only: [id, group, value])
        let useTable = try await AnalysisTable.read(
            uses, only: ["candidate_id", "constraint_id", "amount"], allowingNoRows: true)
        let limitTable = try await AnalysisTable.read(
            limits, only: ["constraint_id", "limit"], allowingNoRows: true)
        let indexed = clock.now
        let input = try OptimizeInput(table, useTable, limitTable, .init(id: id, group: group, value: value))
        if input.problem.floors.contains(where: { $0 > 0 }) { try input.checkFloors(limitTable) }
        let joined = clock.now
        let result = ChoiceOptimizer.solve(
            input.problem, ChoiceOptions(temperature: temperature, seed: options.seed))
        let solved = clock.now
        if let broken = result.violations.first {
            throw limitTable.fault(
                "infeasible", "no choice was found that keeps this limit and floor together with the others",
                row: broken, remedy: "lower a floor or raise a limit")
        }
        var document = AnalysisDocument(method: "optimize", table: table, seed: options.seed)
        func seconds(_ duration: Duration) -> AnalysisValue {
            .number(Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18)
        }
        document.set(
            "stages",
            .object([
                ("index_files", seconds(indexed - table.started)), ("read_and_join", seconds(joined - indexed)),
                ("solve", seconds(solved - joined)),
            ]))
        for warning in [
            AnalysisTable.doubt(aboutSizes: value, input.problem.values),
            AnalysisTable.doubt(aboutSizes: "amount", input.problem.useAmounts),
        ].compactMap({ $0 }) { document.warn(warning) }
        document.set("groups", .integer(input.problem.groupCount))
        document.set("constraints", .integer(input.constraints.count))
        document.set("chosen", .integer(result.choice.count { $0 >= 0 }))
        document.set("objective", .number(result.objective))
        document.set("upper_bound", .number(result.upperBound))
        document.set("gap", .number(result.gap))
        document.set("violations", .integer(result.violations.count))
        document.set("proved_optimal", .flag(result.isOptimal))
        document.set("iterations", .integer(result.iterations))
        let used = input.problem.usage(result.choice)
        document.set("prices", .object(zip(input.constraints, result.prices).map { ($0, .number($1)) }))
        document.set("used", .object(zip(input.constraints, used).map { ($0, .number($1)) }))
        try await report(document, table: try out(table, input, result), options)
    }

    private func out(_ table: AnalysisTable, _ input: OptimizeInput, _ result: ChoiceResult) throws -> AnalysisColumns {
        var columns = AnalysisColumns()
        guard options.out != nil else { return columns }
        var chosen = [Bool](repeating: false, count: table.rowCount)
        var propensities = [Double](repeating: 0, count: table.rowCount)
        for candidate in result.choice where candidate >= 0 { chosen[Int(input.rows[Int(candidate)])] = true }
        for (place, row) in input.rows.enumerated() { propensities[Int(row)] = result.propensities[place] }
        columns.add("candidate_id", try table.texts(id))
        columns.add("chosen", chosen)
        columns.add("propensity", propensities)
        return columns
    }
}
