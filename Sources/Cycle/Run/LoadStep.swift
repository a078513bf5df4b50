internal import EngagementModel
internal import Foundation
internal import Warehouse

/// Brings every delivery of every source into the warehouse's history, and shows it as of the day.
enum LoadStep {
    static func run(_ context: RunContext, _ summary: inout RunSummary) async throws {
        let workspace = context.workspace
        let sources = SourceFiles.read(workspace)
        if sources.hasErrors { throw ValidationFailure(diagnostics: sources.diagnostics) }
        summary.diagnostics += sources.diagnostics
        let spill = workspace.stateDirectory.appending(path: "spill")
        try FileManager.default.createDirectory(at: spill, withIntermediateDirectories: true)
        let loader = Loader(context.connection, temporaryDirectory: spill.path)
        try await loader.prepare()
        try await loader.setClock(asOf: context.asOf)
        let folder = FileManager.default.fileExists(atPath: workspace.canonicalDirectory.path)
        let known = try await LedgerDelivery(context)
        defer { known.remove() }
        let request = LoadRequest(
            canonicalFolders: folder ? ["sources/canonical"] : [], mappings: sources.mappings + known.mappings,
            variables: workspace.settings.variables, baseDirectory: workspace.root.path,
            canonicalOwner: workspace.settings.name, now: context.now())
        let report = try await loader.load(request) { file in
            guard !file.isSkipped else { return }
            let rejected = file.rejected > 0 ? ", \(file.rejected) set aside" : ""
            context.progress("  \(file.file) → \(file.table): \(file.rows) rows\(rejected)")
        }
        let patient = report.allDiagnostics.filter { $0.code == "patient_identifier" }
        if !patient.isEmpty { throw ValidationFailure(diagnostics: patient) }
        summary.load.files = report.files.count { !$0.isSkipped && !$0.isRefused }
        summary.load.skipped = report.files.count { $0.isSkipped }
        summary.load.rows = Int64(report.rows)
        summary.load.rejected = Int64(report.rejected)
        summary.load.duplicates = Int64(report.duplicates)
        summary.diagnostics += report.allDiagnostics
        try await writeRules(context)
    }

    /// Small tables of the configuration that the marts read: markets, caps and gaps.
    private static func writeRules(_ context: RunContext) async throws {
        let markets = context.workspace.markets
        let strategy = context.workspace.strategy
        var rules: [(kind: String, channels: String, n: Int64, days: Int64)] = []
        func list(_ channels: Set<Channel>) -> String {
            channels.map(\.rawValue).sorted().joined(separator: ";")
        }
        for cap in strategy.caps { rules.append(("cap", list(cap.channels), Int64(cap.max), Int64(cap.window.days))) }
        for gap in strategy.gaps { rules.append(("gap", list(gap.channels), 1, Int64(gap.min.days))) }
        let connection = context.connection
        try await Marts.prepare(connection)
        try await connection.execute("DELETE FROM history.market; DELETE FROM plan.rule; DELETE FROM history.objective")
        for objective in strategy.objectives {
            try await connection.execute(
                "INSERT INTO history.objective (product_id, measure) VALUES (?, ?)",
                [.text(objective.product), .text(objective.measure)])
        }
        for market in markets {
            try await connection.execute(
                "INSERT INTO history.market (country, hides_volume) VALUES (?, ?)",
                [.text(market.code), .bool(market.hidesIndividualVolumes)])
        }
        for rule in rules {
            try await connection.execute(
                "INSERT INTO plan.rule (kind, channels, n, days) VALUES (?, ?, ?, ?)",
                [.text(rule.kind), .text(rule.channels), .int(rule.n), .int(rule.days)])
        }
    }
}
