public import EngagementModel
public import Foundation
internal import Ledger
internal import Warehouse

/// Which decisions to print.
public struct DecisionFilter: Sendable {
    /// The plan of the newest run up to this day; nil = the newest.
    public var asOf: Day?
    public var rep: String?
    public var hcp: String?
    public var includesNoTouch: Bool

    public init(asOf: Day? = nil, rep: String? = nil, hcp: String? = nil, includesNoTouch: Bool = false) {
        self.asOf = asOf
        self.rep = rep
        self.hcp = hcp
        self.includesNoTouch = includesNoTouch
    }
}

/// Reads what was published: the plan from the ledger, its reasons from the snapshot.
public struct DecisionBook: Sendable {
    let workspace: Workspace
    let ledger: Ledger

    public init(workspace: Workspace, now: @escaping @Sendable () -> Int64) throws {
        self.workspace = workspace
        ledger = try workspace.openLedger(now: now)
    }

    /// The plan, row for row, with today's statuses.
    public func decisions(_ filter: DecisionFilter) async throws -> [Decision] {
        let runID = try await run(asOf: filter.asOf).record.runID
        return try await ledger.decisions(
            ofRun: runID, sender: filter.rep, hcpID: filter.hcp, includingNoTouch: filter.includesNoTouch
        ).map(\.decision)
    }

    func run(asOf: Day?) async throws -> PublishedRun {
        let runs = try await ledger.runs(limit: 10_000)
        let found = asOf.map { day in runs.first { $0.record.asOf <= day } } ?? runs.first
        guard let found else {
            throw Diagnostic(
                "no_plan", asOf.map { "no run was published up to \($0)" } ?? "nothing has been published yet",
                remedy: "run `rapport run` first")
        }
        return found
    }

    /// A connection to the published snapshot.
    func snapshot() throws -> WarehouseConnection {
        guard let file = SnapshotStore(directory: workspace.snapshotDirectory).current else {
            throw Diagnostic("no_snapshot", "nothing has been published yet", remedy: "run `rapport run` first")
        }
        return try Warehouse.open(workspace.warehouseOptions(path: file.path, readOnly: true)).connect()
    }

    /// Writes decisions as Parquet with logical types (dates, doubles, UTF-8).
    public func writeParquet(_ rows: [Decision], to file: URL) async throws {
        let connection = try Warehouse.open(workspace.warehouseOptions(path: ":memory:", readOnly: false)).connect()
        try await connection.ingest(Self.columns(rows), into: "main.decision", mode: .create)
        try await connection.execute(
            "COPY main.decision TO \(SQLText.literal(file.path)) (FORMAT parquet, COMPRESSION zstd)")
    }

    /// The contract's columns as columns.
    static func columns(_ rows: [Decision]) -> ColumnSet {
        ColumnSet([
            ("decision_id", .text(rows.map(\.decisionID))), ("run_id", .text(rows.map(\.runID))),
            ("as_of", .day(rows.map(\.asOf))), ("hcp_id", .text(rows.map(\.hcpID))),
            ("hco_id", .optionalText(rows.map(\.hcoID))), ("day", .optionalDay(rows.map(\.day))),
            ("hour", .optionalInt32(rows.map { $0.hour.map(Int32.init) })),
            ("channel", .optionalText(rows.map { $0.channel?.rawValue })),
            ("content_id", .optionalText(rows.map(\.contentID))), ("product_id", .optionalText(rows.map(\.productID))),
            ("purpose", .text(rows.map(\.purpose.rawValue))), ("sender", .optionalText(rows.map(\.sender))),
            ("objective", .optionalText(rows.map(\.objective))),
            ("expected_effect", .double(rows.map(\.expectedEffect))), ("effect_low", .double(rows.map(\.effectLow))),
            ("effect_high", .double(rows.map(\.effectHigh))), ("value", .double(rows.map(\.value))),
            ("cost", .double(rows.map(\.cost))), ("price", .double(rows.map(\.price))),
            ("propensity", .double(rows.map(\.propensity))), ("arm", .text(rows.map(\.arm.rawValue))),
            ("reason_1", .optionalText(rows.map(\.reason1))), ("reason_2", .optionalText(rows.map(\.reason2))),
            ("reason_3", .optionalText(rows.map(\.reason3))), ("strategy_version", .text(rows.map(\.strategyVersion))),
            ("model_version", .text(rows.map(\.modelVersion))), ("status", .text(rows.map(\.status.rawValue))),
        ])
    }
}

extension Workspace {
    /// How the warehouse of this workspace is opened.
    func warehouseOptions(path: String, readOnly: Bool) -> WarehouseOptions {
        let engine: WarehouseOptions.Engine =
            switch settings.engine {
            case .duckdb: .duckdb
            case .driver(let path, let entrypoint, let options):
                .driver(path: path, entrypoint: entrypoint, options: options)
            }
        return WarehouseOptions(
            engine: engine, path: path, readOnly: readOnly, memoryLimit: settings.memoryLimit ?? "3500MB",
            threads: settings.threads, temporaryDirectory: stateDirectory.appending(path: "spill").path,
            nativeDirectory: settings.nativeDirectory)
    }
}
