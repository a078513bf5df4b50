public import EngagementModel
public import Foundation

/// A workspace on disk: the folder, its parsed files, and where its state lies.
public struct Workspace: Sendable {
    public let root: URL
    public var settings: Settings
    public var strategy: Strategy
    public var markets: [Market]
    /// Goals of touches for each HCP over a quarter or so.
    public var cycle: CyclePlan?
    /// Goals of `goals.csv`.
    public var listedGoals: [CyclePlan.ListedGoal] = []
    /// Response models that learn beside the one that plans.
    public var challengers: [Challenger] = []
    /// Who answers what HCPs ask.
    public var inquiries = InquiryRules()
    /// The contact policy beyond strategy and markets.
    package var contact = ContactTerms()
    /// Content hash of strategy and markets, hexadecimal; names the version in every decision.
    public var strategyVersion: String

    public var stateDirectory: URL { root.appending(path: "state") }
    public var snapshotDirectory: URL { stateDirectory.appending(path: "warehouse") }
    public var recordDirectory: URL { stateDirectory.appending(path: "records") }
    public var sourcesDirectory: URL { root.appending(path: "sources") }
    public var canonicalDirectory: URL { sourcesDirectory.appending(path: "canonical") }
    public var ledgerPath: URL { stateDirectory.appending(path: settings.ledgerFile) }

    /// The market of a country, if it has a file.
    public func market(_ country: String) -> Market? { markets.first { $0.code == country } }
}

/// `rapport.yaml` as a value.
public struct Settings: Sendable, Hashable {
    public var name = "Rapport"
    public var currency = "EUR"
    public var languages: [String] = ["en"]
    public var timezone = "UTC"
    /// `${name}` in source mappings; paths are taken relative to the workspace.
    public var variables: [String: String] = [:]
    public var engine: Engine = .duckdb
    /// DuckDB's spelling, such as `3GB`.
    public var memoryLimit: String?
    public var threads: Int?
    public var nativeDirectory: String?
    public var ledgerFile = "ledger.sqlite"
    public var snapshotsKept = 3
    /// Runs whose decision records stay after their snapshots are gone; as long as evaluations are to reach back.
    public var recordsKept = 35
    public var host = "127.0.0.1"
    public var port = 8080
    public var delivery = DeliverySettings()
    /// The program that looks for viruses in files of inquiries, with its arguments; nil = nobody looks.
    public var scan: String?
    /// Limits of single sources of events, by the name of their key.
    public var eventSources: [String: EventSource] = [:]

    /// What one source of events may send; nil = as every other.
    public struct EventSource: Sendable, Hashable {
        /// Events a second, on average.
        public var perSecond: Int?
        public var bodyBytes: Int?
        public var eventBytes: Int?
        /// Events of one body.
        public var events: Int?
    }

    public enum Engine: Sendable, Hashable {
        case duckdb
        case driver(path: String, entrypoint: String?, options: [String: String])
    }

    public init() {}
}

/// What reading a workspace found: the value when there is no error, and every mistake in any case.
public struct WorkspaceReading: Sendable {
    public var workspace: Workspace?
    public var diagnostics: [Diagnostic]
    public var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }
}

/// Several mistakes that stop a command; exit code 3.
public struct ValidationFailure: Error, Sendable {
    public var diagnostics: [Diagnostic]

    public init(diagnostics: [Diagnostic]) { self.diagnostics = diagnostics }
}
