internal import EngagementModel
internal import Warehouse

/// What each HCP and account needs, how it changes, to whom it belongs and who asks whom: the tables `insight.*`, each
/// made by one part from the marts, and the triggers of the day.
///
/// A part whose inputs are those of its last run is left as it is; a part whose files are missing says so in
/// `insight.part` and stops nothing.
enum InsightStep {
    static let parts: [InsightPart] = [
        NeedPart.part, ChangePart.part, ReplenishPart.part, LapsePart.part, SegmentPart.part, InfluencePart.part,
    ]

    static func run(_ context: RunContext, _ summary: inout RunSummary) async throws {
        let connection = context.connection
        _ = try await Marts.insight(connection, runID: context.runID)
        let serials = try await Marts.serials(connection)
        try await ReadingPart.run(context)
        for part in parts { try await part.perform(context, serials) }
        _ = try await Marts.stage("insight/trigger", connection, runID: context.runID)
        try await FeatureCatalogue.write(context)
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
