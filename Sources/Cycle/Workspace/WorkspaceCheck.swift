internal import Content
public import EngagementModel
public import Foundation

/// What `rapport check` found.
public struct CheckReport: Sendable, Codable {
    public var diagnostics: [Diagnostic]
    /// Canonical tables that the sources deliver.
    public var tables: [String]
    public var switchedOff: [SwitchedOff]

    public struct SwitchedOff: Sendable, Codable {
        public var table: String
        public var what: String
    }

    public func rendered() -> String {
        let errors = diagnostics.count { $0.severity == .error }
        let warnings = diagnostics.count { $0.severity == .warning }
        var text = "\(errors) errors, \(warnings) warnings; \(tables.count) tables delivered"
        text += tables.isEmpty ? "\n" : ": \(tables.joined(separator: ", "))\n"
        if !switchedOff.isEmpty {
            text += "Switched off because a file is missing:\n"
            for item in switchedOff { text += "  \(item.table): \(item.what)\n" }
        }
        return text
    }
}

/// Validates a workspace without running it.
public enum WorkspaceCheck {
    public static func run(at root: URL, variables: [String: String]) async -> CheckReport {
        let reading = Workspace.read(at: root, variables: variables)
        guard let workspace = reading.workspace else {
            return CheckReport(diagnostics: reading.diagnostics, tables: [], switchedOff: [])
        }
        let sources = SourceFiles.read(workspace)
        let headers = await SourceFiles.checkHeaders(sources, in: workspace)
        let tables = sources.tables
        return CheckReport(
            diagnostics: await reading.diagnostics + sources.diagnostics + headers
                + JourneyFiles.read(workspace).diagnostics
                + Library.read(at: workspace.contentDirectory).diagnostics + textModel(workspace)
                + ContentEdition.warnings(workspace),
            tables: tables.sorted(),
            switchedOff: needs.filter { !tables.contains($0.table) })
    }

    private static func textModel(_ workspace: Workspace) -> [Diagnostic] {
        do {
            _ = try TextModelFile.reader(workspace)
            return try TextModelFile.warning(workspace).map { [$0] } ?? []
        } catch { return [error] }
    }

    /// What each table is for; its absence switches that off.
    private static let needs: [CheckReport.SwitchedOff] = [
        .init(table: "hcp", what: "everything: there is nobody to decide on"),
        .init(table: "interaction", what: "learning from responses, caps over earlier touches, the timeline"),
        .init(table: "consent", what: "every channel that needs an opt-in"),
        .init(table: "content", what: "what to say: without approved content, only calls without material are planned"),
        .init(table: "rep", what: "visits, calls and rep e-mail"),
        .init(table: "alignment", what: "who is in charge of an HCP: visits, calls and rep e-mail"),
        .init(table: "volume", what: "measured outcomes: effects rest on assumed conversion only"),
        .init(table: "product", what: "names of products"),
        .init(table: "hco", what: "sites and accounts"),
        .init(table: "rep_calendar", what: "days off: reps are planned with their minutes per day"),
        .init(table: "appointment", what: "booked visits: none are kept free"),
        .init(table: "affiliation", what: "further sites of an HCP"),
        .init(table: "identifier", what: "matching on licences and further identifiers"),
    ]
}
