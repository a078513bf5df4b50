internal import Decisioning
internal import EngagementModel
internal import Insight
internal import Warehouse

/// Where the level of prescribing or ordering changed, and since when: Bayesian online change detection over whole months.
///
/// Rows are kept where a change is likelier than one in twenty; the others say nothing.
enum ChangePart {
    static let part = InsightPart(
        name: "change", version: "change-2",
        // Orders come every day; only whole months are read of them.
        stages: ["features/volume_month", "resolve/hcp_number"], rhythm: .monthly, isModel: true,
        tables: ["change"]
    ) { context in try await run(context) }

    /// Months after which a change is no news any more.
    private static let recentMonths = 3
    /// Shorter series hold no level to change from.
    private static let shortest = 6

    private struct Row: Sendable {
        var kind: String
        var id: String
        var hcp: Int32?
        var hco: String?
        var product: String
        var measure: String
        var month: Day?
        var months: Int32
        var change: LevelChange
        var evidence: String
    }

    private static func run(_ context: RunContext) async throws -> InsightPart.Outcome {
        var rows: [Row] = []
        var notes: [String] = []
        let brands = try await brands(context.connection)
        for source in [volumes, orders] {
            let found = try await source(context, brands)
            rows += found.rows
            notes.append(found.note)
        }
        try await write(rows, context.connection)
        return .init(rows: rows.count, note: notes.joined(separator: "; "))
    }

    static func brands(_ connection: WarehouseConnection) async throws -> [String: String] {
        let table = try await connection.query(
            "SELECT product_id, max(coalesce(brand, product_id)) AS brand FROM canon.product GROUP BY product_id")
        return Dictionary(
            zip(try table.texts("product_id"), try table.texts("brand")), uniquingKeysWith: { first, _ in first })
    }

    /// Monthly volumes of HCPs, product and measure by product and measure: each has a scale of its own.
    private static func volumes(
        _ context: RunContext, _ brands: [String: String]
    ) async throws -> (rows: [Row], note: String) {
        let connection = context.connection
        let kinds = try await connection.query(
            "SELECT DISTINCT product_id, measure FROM mart.volume_month ORDER BY product_id, measure")
        let (products, measures) = (try kinds.texts("product_id"), try kinds.texts("measure"))
        guard !products.isEmpty else { return ([], "prescribing: switched off, no volumes (volume)") }
        let ids = try await connection.query("SELECT hcp_id FROM mart.hcp ORDER BY hcp_no").texts("hcp_id")
        var rows: [Row] = []
        var series = 0
        for (product, measure) in zip(products, measures) {
            let table = try await connection.query(
                """
                SELECT hcp_no, CAST((year(month) - 1970) * 12 + month(month) - 1 AS INTEGER) AS month, value
                FROM mart.volume_month WHERE product_id = ? AND measure = ? ORDER BY hcp_no, month
                """, [.text(product), .text(measure)])
            let hcps = try table.int32s("hcp_no")
            let found = try changes(hcps, try table.int32s("month"), try table.doubles("value"))
            series += found.series
            for (number, place, month, change) in found.changes {
                rows.append(
                    row(
                        "hcp", ids[Int(number)], number, nil, product, measure, month, Int32(place), change, brands))
            }
        }
        return (rows, "prescribing: \(series) series, \(rows.count) with a change")
    }

    /// Units that accounts ordered, month by month from the first order to the last whole month.
    private static func orders(
        _ context: RunContext, _ brands: [String: String]
    ) async throws -> (rows: [Row], note: String) {
        let table = try await context.connection.query(
            """
            WITH last AS (
              -- Whole months that have arrived: where nobody's orders are there yet, nobody's fell.
              SELECT least(CAST(date_trunc('month', as_of + 1) AS DATE),
                CAST(date_trunc('month', (SELECT max(day) FROM insight.purchase) + 4) AS DATE)) - INTERVAL 1 MONTH AS month
              FROM history.clock
            ),
            bought AS (
              SELECT hco_id, product_id, CAST(date_trunc('month', day) AS DATE) AS month, sum(units) AS units
              FROM insight.purchase GROUP BY hco_id, product_id, CAST(date_trunc('month', day) AS DATE)
            ),
            span AS (
              SELECT hco_id, product_id, min(month) AS first, dense_rank() OVER (ORDER BY hco_id, product_id) - 1 AS no
              FROM bought GROUP BY hco_id, product_id
            ),
            axis AS (
              SELECT s.hco_id, s.product_id, s.no, CAST(unnest(generate_series(s.first, l.month, INTERVAL 1 MONTH)) AS DATE) AS month
              FROM span AS s, last AS l WHERE s.first <= l.month
            )
            SELECT CAST(a.no AS INTEGER) AS no, a.hco_id, a.product_id,
              CAST((year(a.month) - 1970) * 12 + month(a.month) - 1 AS INTEGER) AS month, coalesce(b.units, 0) AS value
            FROM axis AS a LEFT JOIN bought AS b
              ON b.hco_id = a.hco_id AND b.product_id = a.product_id AND b.month = a.month
            ORDER BY a.no, a.month
            """)
        guard table.rowCount > 0 else { return ([], "ordering: switched off, no orders (order, order_line)") }
        let numbers = try table.int32s("no")
        let (hcos, products) = (try table.texts("hco_id"), try table.texts("product_id"))
        var names: [Int32: (String, String)] = [:]
        for i in numbers.indices where names[numbers[i]] == nil { names[numbers[i]] = (hcos[i], products[i]) }
        let found = try changes(numbers, try table.int32s("month"), try table.doubles("value"))
        let rows = found.changes.compactMap { number, place, month, change -> Row? in
            guard let (hco, product) = names[number] else { return nil }
            return row("hco", hco, nil, hco, product, "units", month, Int32(place), change, brands)
        }
        return (rows, "ordering: \(found.series) series, \(rows.count) with a change")
    }

    /// Changes of the series that are long enough; nothing when all values are one and the same.
    private static func changes(
        _ subjects: [Int32], _ months: [Int32], _ values: [Double]
    ) throws -> (series: Int, changes: [(Int32, Int, Day?, LevelChange)]) {
        var (codes, periods, kept) = ([Int32](), [Int64](), [Double]())
        var names: [Int32] = []
        var start = 0
        for i in subjects.indices where i + 1 == subjects.count || subjects[i + 1] != subjects[i] {
            if i + 1 - start >= shortest {
                codes += [Int32](repeating: Int32(names.count), count: i + 1 - start)
                periods += months[start...i].map(Int64.init)
                kept += values[start...i]
                names.append(subjects[i])
            }
            start = i + 1
        }
        guard !names.isEmpty else { return (0, []) }
        let table = try SeriesTable(series: codes, seriesCount: names.count, periods: periods, values: kept)
        guard let prior = try? ChangePrior.estimate(table) else { return (names.count, []) }
        let found = ChangeDetector(prior: prior, expectedRun: 48).lastChanges(table, within: recentMonths)
        let rows = found.indices.compactMap { one -> (Int32, Int, Day?, LevelChange)? in
            guard found[one].recent >= 0.05 || found[one].probability >= 0.5 else { return nil }
            let month = found[one].place.map { Month.firstDay(of: Int32(table.periods[table.start[one] + $0])) }
            return (names[one], table[one].count, month, found[one])
        }
        return (names.count, rows)
    }

    private static func row(
        _ kind: String, _ id: String, _ hcp: Int32?, _ hco: String?, _ product: String, _ measure: String,
        _ month: Day?, _ months: Int32, _ change: LevelChange, _ brands: [String: String]
    ) -> Row {
        let fell = change.after < change.before
        let since = month.map { " in \(InsightWords.month($0))" } ?? ""
        let what = measure.replacing("_", with: " ")
        let evidence =
            "\(brands[product] ?? product): \(what) \(fell ? "fell" : "rose") from \(InsightWords.amount(change.before)) to "
            + "\(InsightWords.amount(change.after)) a month\(since) (\(InsightWords.percent(change.probability)) sure)."
        return Row(
            kind: kind, id: id, hcp: hcp, hco: hco, product: product, measure: measure, month: month, months: months,
            change: change, evidence: evidence)
    }

    private static func write(_ rows: [Row], _ connection: WarehouseConnection) async throws {
        try await connection.replace(
            "change",
            ColumnSet([
                ("subject_kind", .text(rows.map(\.kind))), ("subject_id", .text(rows.map(\.id))),
                ("hcp_no", .optionalInt32(rows.map(\.hcp))), ("hco_id", .optionalText(rows.map(\.hco))),
                ("product_id", .text(rows.map(\.product))), ("measure", .text(rows.map(\.measure))),
                ("changed_month", .optionalDay(rows.map(\.month))),
                ("probability", .double(rows.map(\.change.probability))),
                ("recent", .double(rows.map(\.change.recent))), ("level_before", .double(rows.map(\.change.before))),
                ("level_after", .double(rows.map(\.change.after))), ("months", .int32(rows.map(\.months))),
                ("evidence", .text(rows.map(\.evidence))),
            ]))
    }
}
