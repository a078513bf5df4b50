internal import EngagementModel
internal import Ledger
internal import Warehouse

/// What the steps of one run share.
struct RunContext: Sendable {
    let workspace: Workspace
    let request: RunRequest
    let connection: WarehouseConnection
    let ledger: Ledger
    /// Microseconds since 1970, UTC.
    let now: @Sendable () -> Int64
    let progress: @Sendable (String) -> Void
    /// Known once the deliveries are loaded; empty before.
    var runID = ""

    var asOf: Day { request.asOf }

    /// The last microsecond of the as-of day, UTC.
    var asOfEnd: Int64 { Int64(asOf.number + 1) * 86_400_000_000 - 1 }

    /// Days that contacts must reach back for every cap and gap of the strategy and the markets.
    var windowDays: Int {
        max(
            workspace.strategy.longestWindowDays,
            workspace.markets.flatMap { $0.caps ?? [] }.map(\.window.days).max() ?? 1)
    }
}
