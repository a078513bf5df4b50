package import EngagementModel
internal import Foundation
package import Insight

/// The classifier of inquiries that a company has trained on its own messages: `models/inquiries.json`, written by
/// `rapport analyze classify … --save`. Without the file the rules read alone.
package enum TextModelFile {
    package static let path = "models/inquiries.json"

    /// The installed classifier; nil without one.
    ///
    /// - Throws: `text_model_damaged`.
    package static func trained(_ workspace: Workspace) throws(Diagnostic) -> TrainedText? {
        guard let data = FileManager.default.contents(atPath: workspace.root.appending(path: path).path) else {
            return nil
        }
        do { return try TrainedText(decoding: data) } catch { throw placed(error) }
    }

    /// Who reads messages here: rules, with the classifier where one is installed.
    ///
    /// - Throws: `text_model_damaged`, `text_model_labels`.
    package static func reader(_ workspace: Workspace) throws(Diagnostic) -> InquiryReader {
        guard let trained = try trained(workspace) else { return InquiryReader() }
        do { return try InquiryReader(trained) } catch { throw placed(error) }
    }

    private static func placed(_ problem: Diagnostic) -> Diagnostic {
        Diagnostic(problem.code, problem.message, file: path, remedy: problem.remedy)
    }
}
