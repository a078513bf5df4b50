internal import EngagementModel
internal import Foundation
internal import Warehouse

/// What each HCP and account needs, how it changes, to whom it belongs and who asks whom: the tables `insight.*`, each
/// made by one part from the marts, and the triggers of the day.
///
/// A part whose inputs are those of its last run is left as it is; a part whose files are missing says so in
/// `insight.part` and stops nothing.
enum InsightStep {
    static let parts: [InsightPart] = [
        NeedPart.accountPart, NeedPart.prescriberPart, ChangePart.part, ReplenishPart.part, LapsePart.part,
        SegmentPart.part, HourPart.part, PreferencePart.part,
        InfluencePart.part,
    ]

    static func run(_ context: RunContext, _ summary: inout RunSummary) async throws {
        let connection = context.connection
        var clock = PartClock(context)
        for timing in try await Marts.insight(connection, runID: context.runID) {
            clock.note(timing.file, timing.seconds, rows: Int(timing.rows), stands: timing.skipped)
        }
        let serials = try await Marts.serials(connection)
        try await clock.time("reading") { try await ReadingPart.run(context) }
        for part in parts { try await clock.time(part.name) { try await part.perform(context, serials) } }
        try await TriggerReportFile.calibrate(context)
        for timing in try await Marts.stage("insight/trigger", connection, runID: context.runID) {
            clock.note(timing.file, timing.seconds, rows: Int(timing.rows), stands: timing.skipped)
        }
        try await clock.time("catalogue") { try await FeatureCatalogue.write(context) }
        summary.insight.parts = clock.times
        let table = try await connection.query(
            """
            SELECT (SELECT count(*) FROM insight.need) AS needs, (SELECT count(*) FROM insight.segment) AS segments,
              (SELECT count(*) FROM insight.trigger) AS triggers,
              (SELECT count(*) FROM insight.trigger WHERE alarm) AS alarms,
              (SELECT count(*) FROM insight.trigger WHERE kind = 'safety_report') AS safety
            """)
        summary.insight.needs = Int(try table.int64s("needs")[0])
        summary.insight.segments = Int(try table.int64s("segments")[0])
        summary.insight.triggers = Int(try table.int64s("triggers")[0])
        summary.insight.alarms = Int(try table.int64s("alarms")[0])
        summary.insight.safetyReports = Int(try table.int64s("safety")[0])
    }
}

/// How long each part took: a line in the run's log, and a figure in its summary.
private struct PartClock {
    private(set) var times: [RunSummary.StepTime] = []
    private let progress: @Sendable (String) -> Void

    init(_ context: RunContext) { progress = context.progress }

    mutating func note(_ name: String, _ seconds: Double, rows: Int, stands: Bool) {
        times.append(.init(name: name, seconds: seconds))
        let what = stands ? "stands" : "\(rows) rows in \(String(format: "%.2f", seconds)) s"
        progress("  \(name): \(what)")
    }

    mutating func time(_ name: String, _ body: () async throws -> InsightPart.Work) async throws {
        let start = ContinuousClock.now
        let work = try await body()
        let (whole, fraction) = (ContinuousClock.now - start).components
        note(name, Double(whole) + Double(fraction) * 1e-18, rows: work.rows, stands: work.stands)
    }
}
