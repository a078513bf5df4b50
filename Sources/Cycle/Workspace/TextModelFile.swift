package import EngagementModel
internal import Foundation
package import Insight
internal import Warehouse

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

    /// Who reads messages here: rules, with the classifier where one is installed, and with the vectors of a sentence
    /// model where the classifier was trained with the one that is installed.
    ///
    /// - Throws: `text_model_damaged`, `text_model_labels`, `embedding_unusable`.
    package static func reader(_ workspace: Workspace) throws(Diagnostic) -> InquiryReader {
        guard let trained = try trained(workspace) else { return InquiryReader() }
        let sentences = trained.embedded == nil ? nil : try sentences(workspace)
        do { return try InquiryReader(trained, sentences: sentences) } catch { throw placed(error) }
    }

    /// What a person should know of the installed classifier: that the sentence model it was trained with is not here.
    static func warning(_ workspace: Workspace) throws(Diagnostic) -> Diagnostic? {
        guard let wanted = try trained(workspace)?.embedded?.classifier.sentences,
            try sentences(workspace)?.version != wanted
        else { return nil }
        return Diagnostic(
            "embedding_missing",
            "the classifier was trained with the sentence model \(wanted), which is not installed: it reads without",
            severity: .warning, file: path, remedy: "run script/setup --embedding, or train the classifier again")
    }

    private static func sentences(_ workspace: Workspace) throws(Diagnostic) -> SentenceModel? {
        let native = workspace.settings.nativeDirectory ?? DriverLocation.nativeDirectory()
        let folder = "\(native)/\(SentenceModel.folder)"
        return FileManager.default.fileExists(atPath: folder) ? try SentenceModel.load(folder) : nil
    }

    private static func placed(_ problem: Diagnostic) -> Diagnostic {
        Diagnostic(problem.code, problem.message, file: path, remedy: problem.remedy)
    }
}
