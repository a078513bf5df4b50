public import EngagementModel
internal import Foundation
internal import Ledger
internal import Warehouse

/// Which past days a back-test of the triggers stands on.
public struct TriggerBacktestOptions: Sendable {
    /// How many days.
    public var days = 6
    /// Days between two of them.
    public var spacing = 28
    /// Days between the last of them and the as-of day: what is judged by three whole months needs them.
    public var gap = 120

    public init() {}
}

/// The triggers of past days, found with what was known then and judged by what came after.
///
/// A copy of the published snapshot is put back to each day: the same stages and parts that a run uses make the triggers
/// of that day from the rows that were known on it. Identities are those of today. The copy is thrown away.
public struct TriggerBacktest: Sendable {
    private let workspace: Workspace
    private let options: TriggerBacktestOptions
    private let now: @Sendable () -> Int64
    private let progress: @Sendable (String) -> Void

    public init(
        workspace: Workspace, options: TriggerBacktestOptions, now: @escaping @Sendable () -> Int64,
        progress: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.workspace = workspace
        self.options = options
        self.now = now
        self.progress = progress
    }

    /// Judges the triggers and keeps the report: the next run puts it beside them.
    public func perform() async throws -> TriggerReport {
        let store = SnapshotStore(directory: workspace.snapshotDirectory)
        guard let current = store.current else {
            throw Diagnostic("no_snapshot", "nothing has been published yet", remedy: "run `rapport run` first")
        }
        let folder = FileManager.default.temporaryDirectory.appending(path: "rapport-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let copy = folder.appending(path: "past.duckdb")
        try FileManager.default.copyItem(at: current, to: copy)
        let ledger = try workspace.openLedger(now: now)
        defer { try? ledger.close() }
        let warehouse = try Warehouse.open(workspace.warehouseOptions(path: copy.path, readOnly: false))
        defer { warehouse.close() }
        let connection = try warehouse.connect()
        let report = try await report(connection, ledger)
        await connection.close()
        try TriggerReportFile.write(report, workspace)
        return report
    }

    private func report(_ connection: WarehouseConnection, _ ledger: Ledger) async throws -> TriggerReport {
        let clock = try await connection.query("SELECT as_of FROM history.clock")
        guard let today = try clock.days("as_of").first ?? nil else {
            throw Diagnostic("no_snapshot", "the snapshot has no as-of day", remedy: "run `rapport run` first")
        }
        try await connection.execute(TriggerJudgement.tables)
        let days = (0..<options.days).map { today + -(options.gap + options.spacing * $0) }.reversed()
        for day in days {
            progress("triggers as of \(day)")
            try await stand(on: day, connection)
            let context = RunContext(
                workspace: workspace, request: RunRequest(asOf: day), connection: connection, ledger: ledger, now: now,
                progress: { _ in }, runID: "backtest")
            for part in InsightStep.parts where Self.parts.contains(part.name) {
                try await part.make(context)
            }
            try await Marts.stage("insight/trigger", connection)
            try await connection.execute(TriggerJudgement.remember)
        }
        try await stand(on: today, connection)
        try await connection.execute(TriggerJudgement.judge)
        return try await TriggerJudgement.report(connection, asOf: today, days: Array(days))
    }

    /// Parts whose rows triggers are made of.
    private static let parts: Set<String> = ["need", "change", "replenish", "lapse"]

    /// Shows the copy as it was known at the end of a day.
    private func stand(on day: Day, _ connection: WarehouseConnection) async throws {
        try await Loader(connection).setClock(asOf: day)
        for stage in ["features/volume_month", "insight/purchase", "insight/lapse_due"] {
            try await Marts.stage(stage, connection)
        }
    }
}

/// Precision, recall and alarm rate of the triggers, by kind.
public struct TriggerReport: Sendable, Codable, Hashable {
    /// One kind at one alarm rate.
    public struct Line: Sendable, Codable, Hashable {
        public var kind: String
        /// Share of the kind's subjects (HCPs or accounts) that are alarmed a day; nil for the alarms that the run raises.
        public var rate: Double?
        public var alarms: Int
        /// Alarms that came true.
        public var confirmed: Int
        /// Cases that could have been alarmed, and how many of them came true.
        public var cases: Int
        public var events: Int
        /// What the alarms promised: the mean of their scores after a calibration that was learnt on the other days.
        public var promised: Double
        /// The mean of their scores without it; nil in a report of an earlier version.
        public var score: Double?

        public var precision: Double? { alarms > 0 ? Double(confirmed) / Double(alarms) : nil }
        public var recall: Double? { events > 0 ? Double(confirmed) / Double(events) : nil }
        /// Precision of an alarm by lot.
        public var base: Double { cases > 0 ? Double(events) / Double(cases) : 0 }
    }

    public var asOf: Day
    public var days: [Day]
    public var lines: [Line]
    /// What the next run makes of its scores; nil in a report of an earlier version.
    public var calibration: [TriggerCalibration]?
}

/// Where the newest back-test lies until the next run shows it: `state/insight/triggers.json`.
enum TriggerReportFile {
    private static func url(_ workspace: Workspace) -> URL {
        workspace.stateDirectory.appending(path: "insight").appending(path: "triggers.json")
    }

    static func write(_ report: TriggerReport, _ workspace: Workspace) throws {
        let file = url(workspace)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        let coder = JSONEncoder()
        coder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try coder.encode(report).write(to: file, options: .atomic)
    }

    static func read(_ workspace: Workspace) -> TriggerReport? {
        FileManager.default.contents(atPath: url(workspace).path).flatMap {
            try? JSONDecoder().decode(TriggerReport.self, from: $0)
        }
    }

    /// What the newest back-test has taught of the scores, for the triggers of the day.
    static func calibrate(_ context: RunContext) async throws {
        let lines = read(context.workspace)?.calibration ?? []
        try await context.connection.replace(
            "trigger_calibration",
            ColumnSet([
                ("kind", .text(lines.map(\.kind))), ("slope", .double(lines.map(\.slope))),
                ("shift", .double(lines.map(\.shift))), ("cases", .int64(lines.map { Int64($0.cases) })),
            ]))
    }

    /// The newest back-test as `report.trigger_backtest`, for the page.
    static func publish(_ context: RunContext) async throws {
        guard let report = read(context.workspace) else { return }
        let lines = report.lines
        try await context.connection.ingest(
            ColumnSet([
                ("kind", .text(lines.map(\.kind))), ("rate", .optionalDouble(lines.map(\.rate))),
                ("alarms", .int64(lines.map { Int64($0.alarms) })),
                ("confirmed", .int64(lines.map { Int64($0.confirmed) })),
                ("cases", .int64(lines.map { Int64($0.cases) })), ("events", .int64(lines.map { Int64($0.events) })),
                ("promised", .double(lines.map(\.promised))),
                ("days", .int64(lines.map { _ in Int64(report.days.count) })),
                ("judged_as_of", .day(lines.map { _ in report.asOf })),
            ]), into: "report.trigger_backtest", mode: .replace)
    }
}
