internal import EngagementModel
internal import Warehouse

/// What was done and what came back; the catalogue of sources; how good earlier forecasts were.
enum MeasureStep {
    static func run(_ context: RunContext, _ summary: inout RunSummary) async throws {
        _ = try await Marts.measure(context.connection, runID: context.runID)
        _ = try await Marts.stage("measure/trigger_precision", context.connection, runID: context.runID)
        if try await context.connection.has("plan", "candidate") {
            _ = try await Marts.stage("insight/target", context.connection, runID: context.runID)
        }
        try await TriggerReportFile.publish(context)
        try await Loader(context.connection).catalogue()
        try await Forecasts.judge(context)
    }

    /// The part of the summary that is read from the finished tables, so that a resumed run tells all of it too.
    static func summarise(_ context: RunContext, _ summary: inout RunSummary) async throws {
        let connection = context.connection
        if try await connection.has("mart", "touch") {
            summary.people.touches = try await connection.query("SELECT count(*) AS n FROM mart.touch").int64s("n")[0]
        }
        if try await connection.has("plan", "reach") {
            let table = try await connection.query(
                """
                SELECT r.channel, r.eligible, r.planned, f.refusal, coalesce(f.hcps, 0) AS refused FROM plan.reach AS r
                LEFT JOIN (SELECT channel, refusal, hcps, row_number() OVER (PARTITION BY channel ORDER BY hcps DESC, refusal) AS n
                  FROM plan.refusal) AS f ON f.channel = r.channel AND f.n = 1
                ORDER BY r.eligible DESC, r.channel
                """)
            let channels = try table.texts("channel")
            let eligible = try table.int64s("eligible")
            let planned = try table.int64s("planned")
            let refusals = try table.strings("refusal")
            let refused = try table.int64s("refused")
            summary.reach = channels.indices.map {
                RunSummary.ReachLine(
                    channel: channels[$0], eligible: Int(eligible[$0]), planned: Int(planned[$0]),
                    mainRefusal: refusals[$0], refused: Int(refused[$0]))
            }
        }
        if try await connection.has("report", "forecast") {
            let table = try await connection.query(
                """
                SELECT month, deviance, deviance_three_months AS base, top_decile_lift FROM report.forecast
                ORDER BY month DESC, product_id LIMIT 1
                """)
            if table.rowCount > 0, let month = try table.days("month")[0] {
                summary.forecast = RunSummary.ForecastLine(
                    month: String(month.description.prefix(7)), deviance: try table.doubles("deviance")[0],
                    baseDeviance: try table.doubles("base")[0], topDecileLift: try table.doubles("top_decile_lift")[0])
            }
        }
    }
}

extension WarehouseConnection {
    /// Whether there is such a table or view.
    func has(_ schema: String, _ table: String) async throws -> Bool {
        try await query(
            "SELECT 1 AS one FROM information_schema.tables WHERE table_schema = ? AND table_name = ?",
            [.text(schema), .text(table)]
        ).rowCount > 0
    }
}
