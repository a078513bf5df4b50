import EngagementModel
import HTTPTypes
import Hummingbird
import Ledger

/// What watches and balancers ask. Nothing here needs a session, and nothing tells about people.
struct HealthRoutes: Sendable {
    let context: ServerContext
    let store: SnapshotStore
    let metrics: RequestMetrics

    func add(to routes: Routes) {
        // Alive means: this process answers. No file, no database.
        routes.open(.live) { _, _ in .text("alive\n") }
        routes.open(.ready) { _, _ in await ready() }
        routes.open(.metrics) { _, _ in
            let snapshot = [
                "# HELP rapport_snapshot_open Whether a published snapshot is being served.",
                "# TYPE rapport_snapshot_open gauge",
                "rapport_snapshot_open \(store.snapshot == nil ? 0 : 1)",
                "",
            ].joined(separator: "\n")
            return .text(
                await metrics.text() + snapshot + EngagementMetrics(context: context).text() + ProcessFigures.text(),
                type: "text/plain; version=0.0.4; charset=utf-8")
        }
    }

    /// Ready means: people can sign in. A workspace without a run is ready too, its pages say what is missing;
    /// a snapshot that is there but cannot be opened is a fault.
    private func ready() async -> Response {
        do { _ = try await context.ledger.session(for: "ready?") } catch {
            return .text("ledger unavailable\n", status: .serviceUnavailable)
        }
        if store.snapshot == nil, store.problem != nil {
            return .text("snapshot unavailable\n", status: .serviceUnavailable)
        }
        // Ready all the same: what the files said before their mistakes counts. The places are on /journeys.
        let files = Set(context.journeyFaults().map(\.file)).count
        return .text("ready\n" + (files == 0 ? "" : "files of journeys with mistakes: \(files)\n"))
    }
}
