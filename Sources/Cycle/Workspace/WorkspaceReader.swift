internal import Crypto
internal import Definitions
internal import EngagementModel
public import Foundation

extension Workspace {
    /// Reads and validates every configuration file of a workspace; sources are read by `SourceFiles`.
    ///
    /// Overrides: `variables` given on the command line replace those of `rapport.yaml`.
    public static func read(at root: URL, variables: [String: String] = [:]) -> WorkspaceReading {
        let log = YAMLReader.DiagnosticLog()
        guard FileManager.default.fileExists(atPath: root.path) else {
            return WorkspaceReading(
                workspace: nil,
                diagnostics: [
                    Diagnostic(
                        "no_workspace", "there is no folder \(root.path)", remedy: "run `rapport init \(root.path)`")
                ])
        }
        var settings = Settings()
        if let reader = open("rapport.yaml", in: root, log: log) {
            settings = SettingsFile.read(reader)
        } else if log.diagnostics.isEmpty {
            log.diagnostics.append(
                Diagnostic(
                    "no_workspace", "\(root.path) has no rapport.yaml", file: "rapport.yaml",
                    remedy: "run `rapport init \(root.path)`, or name another folder with --workspace"))
        }
        settings.variables.merge(variables) { _, new in new }
        var strategy = Strategy()
        var cycle: CyclePlan?
        if let reader = open("strategy.yaml", in: root, log: log) {
            cycle = CyclePlanFile.read(reader)
            strategy = StrategyFile.read(reader)
        } else if !FileManager.default.fileExists(atPath: root.appending(path: "strategy.yaml").path) {
            log.diagnostics.append(
                Diagnostic(
                    "file_missing", "there is no strategy.yaml: nothing can be decided", severity: .warning,
                    file: "strategy.yaml", remedy: "copy one from `rapport init --template pharma`"))
        }
        let (markets, marketTexts) = readMarkets(root, log: log)
        let challengers = open("models.yaml", in: root, log: log).map(ModelsFile.read) ?? []
        let listed = GoalsFile.read(root, cycle: cycle, log: log)
        let texts =
            [contents("strategy.yaml", in: root) ?? ""] + marketTexts
            + [contents(GoalsFile.name, in: root)].compactMap { $0 }
        var workspace = Workspace(
            root: root, settings: settings, strategy: strategy, markets: markets, cycle: cycle,
            listedGoals: listed, challengers: challengers,
            strategyVersion: fingerprint(texts))
        if let reader = open(InquiriesFile.name, in: root, log: log) {
            workspace.inquiries = InquiriesFile.read(reader)
        }
        if let reader = open(ContactFile.name, in: root, log: log) {
            workspace.contact = ContactFile.read(reader, markets: markets.map(\.code))
            // The plan keeps these rules: with others it is another plan.
            if !workspace.contact.rules.isEmpty {
                workspace.strategyVersion = fingerprint(texts + [contents(ContactFile.name, in: root) ?? ""])
            }
        }
        let failed = log.diagnostics.contains { $0.severity == .error }
        return WorkspaceReading(workspace: failed ? nil : workspace, diagnostics: log.diagnostics)
    }

    /// The workspace, or every mistake as one error.
    public static func open(at root: URL, variables: [String: String] = [:]) throws -> Workspace {
        let reading = read(at: root, variables: variables)
        guard let workspace = reading.workspace else {
            throw ValidationFailure(diagnostics: reading.diagnostics)
        }
        return workspace
    }

    private static func readMarkets(_ root: URL, log: YAMLReader.DiagnosticLog) -> ([Market], [String]) {
        let folder = root.appending(path: "markets")
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
            .filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }.sorted()
        var markets: [Market] = []
        var texts: [String] = []
        for name in names {
            guard let reader = open("markets/\(name)", in: root, log: log) else { continue }
            markets.append(MarketFile.read(reader, code: String(name.prefix { $0 != "." })))
            texts.append(name + "\n" + (contents("markets/\(name)", in: root) ?? ""))
        }
        return (markets, texts)
    }

    static func open(_ name: String, in root: URL, log: YAMLReader.DiagnosticLog) -> YAMLReader? {
        let path = root.appending(path: name).path
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        guard let text = String(validating: data, as: UTF8.self), !text.contains("\0") else {
            log.diagnostics.append(
                Diagnostic(
                    "not_utf8", "is not UTF-8 text", file: name, line: 1, column: 1, remedy: "save it as UTF-8"))
            return nil
        }
        return YAMLReader.open(text, file: name, log: log)
    }

    private static func contents(_ name: String, in root: URL) -> String? {
        FileManager.default.contents(atPath: root.appending(path: name).path).map {
            String(decoding: $0, as: UTF8.self)
        }
    }
}

/// The first 12 hexadecimal digits of the SHA-256 of some texts: short enough to read, long enough to tell versions apart.
func fingerprint(_ texts: [String]) -> String {
    var hash = SHA256()
    for text in texts {
        hash.update(data: Data(text.utf8))
        hash.update(data: Data([0]))
    }
    return hash.finalize().prefix(6).map { byte in
        (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }.joined()
}
