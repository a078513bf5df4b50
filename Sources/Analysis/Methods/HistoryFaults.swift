internal import EngagementModel
internal import Insight

extension AnalysisTable {
    /// Runs a method of `Insight` and gives its refusal the file and the line.
    func placing<Result>(_ body: () throws -> Result) throws -> Result {
        do { return try body() } catch let problem as HistoryProblem { throw diagnostic(problem) }
    }

    func diagnostic(_ problem: HistoryProblem) -> Diagnostic {
        Diagnostic(
            problem.code, problem.message, file: path, line: problem.row.map { line(ofRow: $0) },
            remedy: problem.remedy)
    }

    /// Periods as numbers that grow with time, and whether they are days; whole numbers do as well.
    func periods(_ name: String) throws -> (numbers: [Int64], dated: Bool) {
        do { return (try days(name).map { Int64($0) }, true) } catch let fault as Diagnostic {
            guard let numbers = try? integers(name) else { throw fault }
            return (numbers.map { Int64($0) }, false)
        }
    }
}
