internal import EngagementModel
internal import Foundation

/// Hands over a method's result: writes the `--out` table, then prints the document, as JSON or for a person.
///
/// - Throws: `no_table` when `--out` is given to a method without one; what writing throws.
package func report(
    _ document: AnalysisDocument, table: AnalysisColumns?, _ options: AnalysisOptions
) async throws {
    if let path = options.out {
        guard let table else {
            throw Diagnostic("no_table", "`\(document.method)` writes no table", remedy: "leave out --out")
        }
        try await table.write(to: path)
    }
    let taken = ContinuousClock.now - document.started
    let seconds = Double(taken.components.seconds) + Double(taken.components.attoseconds) * 1e-18
    let complete = document.complete(seconds: seconds)
    let text = options.json ? AnalysisJSON.text(complete) : AnalysisText.text(complete)
    FileHandle.standardOutput.write(Data(text.utf8))
    guard !options.quiet else { return }
    for warning in document.warnings {
        FileHandle.standardError.write(Data("warning: \(warning)\n".utf8))
    }
}
