internal import Decisioning
internal import EngagementModel
internal import Warehouse

/// Predictions of the next month, kept until the month is known, then judged.
enum Forecasts {
    /// One row for each HCP × objective.
    struct Rows: Sendable {
        var product: [Int32] = []
        var month: [Day] = []
        var hcp: [Int32] = []
        var predicted: [Double] = []
        var objectives: [Strategy.Objective] = []

        mutating func append(_ objective: Strategy.Objective, month index: Int32, _ values: [Float], _ number: Int32) {
            objectives.append(objective)
            let day = Month.firstDay(of: index)
            let place = Int32(objectives.count - 1)
            product += [Int32](repeating: place, count: values.count)
            month += [Day](repeating: day, count: values.count)
            hcp += (0..<Int32(values.count)).map { $0 }
            predicted += values.map(Double.init)
        }
    }

    private static let create = """
        CREATE TABLE IF NOT EXISTS history.forecast (as_of DATE, month DATE, product_id VARCHAR, measure VARCHAR, hcp_no INTEGER, predicted DOUBLE);
        CREATE TABLE IF NOT EXISTS report.forecast (as_of DATE, month DATE, product_id VARCHAR, measure VARCHAR, hcps BIGINT, observed DOUBLE,
          predicted DOUBLE, deviance DOUBLE, deviance_last_month DOUBLE, deviance_three_months DOUBLE, deviance_all_months DOUBLE,
          calibration_slope DOUBLE, top_decile_lift DOUBLE, called BIGINT, called_observed DOUBLE, called_predicted DOUBLE)
        """

    /// Keeps this run's forecast in place of an earlier one of the same month.
    static func save(_ rows: Rows, _ context: RunContext) async throws {
        let connection = context.connection
        try await connection.execute(create)
        guard !rows.hcp.isEmpty else { return }
        let names = rows.objectives.map(\.product)
        let measures = rows.objectives.map(\.measure)
        try await connection.ingest(
            ColumnSet([
                ("month", .day(rows.month)), ("product_id", .textDictionary(codes: rows.product, values: names)),
                ("measure", .textDictionary(codes: rows.product, values: measures)), ("hcp_no", .int32(rows.hcp)),
                ("predicted", .double(rows.predicted)),
            ]), into: "history.forecast_new", mode: .replace)
        try await connection.transaction { connection in
            try await connection.execute(
                """
                DELETE FROM history.forecast WHERE EXISTS (
                  SELECT 1 FROM (SELECT DISTINCT month, product_id, measure FROM history.forecast_new) AS n
                  WHERE n.month = history.forecast.month AND n.product_id = history.forecast.product_id
                    AND n.measure = history.forecast.measure)
                """)
            try await connection.execute(
                "INSERT INTO history.forecast SELECT CAST(? AS DATE), month, product_id, measure, hcp_no, predicted FROM history.forecast_new",
                [.day(context.asOf)])
            try await connection.execute("DROP TABLE history.forecast_new")
        }
    }

    /// Judges forecasts of months that are known by now and were not judged yet.
    static func judge(_ context: RunContext) async throws {
        let connection = context.connection
        try await connection.execute(create)
        let open = try await connection.query(
            """
            SELECT DISTINCT f.as_of, f.month, f.product_id, f.measure FROM history.forecast AS f, history.clock AS k
            WHERE f.month + INTERVAL 1 MONTH <= k.as_of_end
              AND EXISTS (SELECT 1 FROM mart.volume_month AS v WHERE v.month = f.month AND v.product_id = f.product_id AND v.measure = f.measure)
            ORDER BY f.month, f.product_id, f.measure
            """)
        let asOf = try open.days("as_of")
        let months = try open.days("month")
        let products = try open.texts("product_id")
        let measures = try open.texts("measure")
        let count = Int(try await connection.query("SELECT count(*) AS n FROM mart.hcp").int64s("n")[0])
        for i in months.indices {
            guard let month = months[i], let made = asOf[i] else { continue }
            let objective = Strategy.Objective(product: products[i], measure: measures[i], valuePerUnit: 0)
            let table = try await connection.query(
                "SELECT hcp_no, predicted FROM history.forecast WHERE month = CAST(? AS DATE) AND product_id = ? AND measure = ?",
                [.day(month), .text(products[i]), .text(measures[i])])
            var predictions = [Double](repeating: 0.01, count: count)
            let hcps = try table.int32s("hcp_no")
            let values = try table.doubles("predicted")
            for k in hcps.indices where Int(hcps[k]) < count { predictions[Int(hcps[k])] = max(values[k], 1e-6) }
            let volumes = try await Volumes.read(connection, objective)
            let report = OutcomeReport(
                month: Month.index(of: month), predictions: predictions, volumes: volumes, hcpCount: count)
            try await connection.execute(
                "DELETE FROM report.forecast WHERE month = CAST(? AS DATE) AND product_id = ? AND measure = ?",
                [.day(month), .text(products[i]), .text(measures[i])])
            try await connection.execute(
                """
                INSERT INTO report.forecast
                SELECT CAST(? AS DATE), CAST(? AS DATE), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, count(*), sum(coalesce(v.value, 0)), sum(f.predicted)
                FROM history.forecast AS f
                LEFT JOIN mart.volume_month AS v ON v.hcp_no = f.hcp_no AND v.month = f.month AND v.product_id = f.product_id AND v.measure = f.measure
                WHERE f.month = CAST(? AS DATE) AND f.product_id = ? AND f.measure = ?
                  AND f.hcp_no IN (SELECT hcp_no FROM history.planned WHERE day >= f.month AND day < f.month + INTERVAL 1 MONTH)
                """,
                [
                    .day(made), .day(month), .text(products[i]), .text(measures[i]), .int(Int64(report.hcps)),
                    .double(report.observed), .double(report.predicted), .double(report.deviance),
                    .double(report.devianceLastMonth), .double(report.devianceThreeMonths),
                    .double(report.devianceAllMonths), .double(report.calibrationSlope), .double(report.topDecileLift),
                    .day(month), .text(products[i]), .text(measures[i]),
                ])
            try await connection.execute(
                "DELETE FROM history.forecast WHERE month = CAST(? AS DATE) AND product_id = ? AND measure = ?",
                [.day(month), .text(products[i]), .text(measures[i])])
        }
    }
}
