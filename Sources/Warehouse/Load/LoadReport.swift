package import EngagementModel

/// What loading did, file by file.
package struct LoadReport: Sendable, Hashable, Codable {
    package var files: [FileLoad] = []
    /// About the load as a whole: folders, patterns that match nothing.
    package var diagnostics: [Diagnostic] = []

    package init() {}

    package var rows: Int { files.reduce(0) { $0 + $1.rows } }
    package var newVersions: Int { files.reduce(0) { $0 + $1.newVersions } }
    package var rejected: Int { files.reduce(0) { $0 + $1.rejected } }
    package var duplicates: Int { files.reduce(0) { $0 + $1.duplicates } }
    /// Files that could not be loaded at all.
    package var refused: [FileLoad] { files.filter(\.isRefused) }
    package var allDiagnostics: [Diagnostic] { diagnostics + files.flatMap(\.diagnostics) }

    /// The exit code that the command line maps this to: 3 when patient identifiers were refused, 4 when something
    /// was set aside or a file could not be read, else 0.
    package var exitCode: Int {
        if allDiagnostics.contains(where: { $0.code == "patient_identifier" }) { return 3 }
        return rejected > 0 || !refused.isEmpty || diagnostics.contains { $0.severity == .error } ? 4 : 0
    }
}

/// What loading one file into one canonical table did.
package struct FileLoad: Sendable, Hashable, Codable {
    package enum Kind: String, Sendable, Codable { case whole, delta }

    package var table: String
    package var source: String
    /// As people know it: relative to the workspace.
    package var file: String
    package var kind: Kind
    /// Records read; new versions, unchanged, rejected and duplicates add up to it.
    package var rows = 0
    package var newVersions = 0
    package var unchanged = 0
    package var rejected = 0
    package var duplicates = 0
    /// Cells that a spreadsheet would run as a formula; kept as data.
    package var formulas = 0
    package var seconds = 0.0
    /// Loaded before with the same content.
    package var isSkipped = false
    /// Not loaded; `diagnostics` say why.
    package var isRefused = false
    /// The first rejects, and whatever concerns the file as a whole.
    package var diagnostics: [Diagnostic] = []

    package init(table: String, source: String, file: String, kind: Kind) {
        self.table = table
        self.source = source
        self.file = file
        self.kind = kind
    }
}
