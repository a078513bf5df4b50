internal import EngagementModel
internal import Insight
internal import Warehouse

/// Contracts and warranties that end, with the chance that a contract is renewed and that a device fails.
///
/// Renewal: the share of ended contracts of the same kind of account that were followed by another within sixty days,
/// shrunk to the share of all. Devices: Weibull lives until the first service case.
enum LapsePart {
    static let part = InsightPart(
        name: "lapse", version: "lapse-1", stages: ["insight/lapse_due"], rhythm: .daily, isModel: true,
        tables: ["lapse"]
    ) { context in try await run(context) }

    /// Ended contracts below which no renewal rate is told.
    private static let fewest = 10.0

    private static func run(_ context: RunContext) async throws -> InsightPart.Outcome {
        let connection = context.connection
        let table = try await connection.query(
            """
            WITH ended AS (
              SELECT d.item_id, coalesce(o.kind, 'other') AS kind, CASE WHEN EXISTS (
                SELECT 1 FROM insight.lapse_due AS n WHERE n.kind = 'contract' AND n.hco_id = d.hco_id
                  AND n.item_id <> d.item_id AND n.start_day BETWEEN d.end_day - 90 AND d.end_day + 60) THEN 1.0 ELSE 0.0 END AS renewed
              FROM insight.lapse_due AS d LEFT JOIN mart.hco AS o ON o.hco_id = d.hco_id, history.clock AS k
              WHERE d.kind = 'contract' AND d.end_day < k.as_of - 60
            ),
            rate AS (SELECT kind, count(*) AS n, sum(renewed) AS renewed FROM ended GROUP BY kind),
            every AS (SELECT count(*) AS n, coalesce(sum(renewed), 0) AS renewed FROM ended)
            SELECT d.kind, d.item_id, d.hco_id, d.product_id, d.end_day, CAST(d.end_day - k.as_of AS INTEGER) AS days_left,
              CASE WHEN d.kind = 'contract' AND e.n >= ? THEN
                (coalesce(r.renewed, 0) + 5.0 * e.renewed / e.n) / (coalesce(r.n, 0) + 5.0) END AS renewal,
              CAST(k.as_of - d.start_day AS INTEGER) AS age,
              CAST((SELECT min(CAST(c.opened_at AS DATE)) FROM canon.service_case AS c
                WHERE d.kind = 'warranty' AND c.asset_id = d.item_id AND CAST(c.opened_at AS DATE) > d.start_day) - d.start_day AS INTEGER)
                AS failed_at
            FROM insight.lapse_due AS d LEFT JOIN mart.hco AS o ON o.hco_id = d.hco_id
            LEFT JOIN rate AS r ON r.kind = coalesce(o.kind, 'other'), every AS e, history.clock AS k
            WHERE d.end_day IS NOT NULL ORDER BY d.kind, d.item_id
            """, [.double(fewest)])
        guard table.rowCount > 0 else {
            throw Diagnostic("no_input", "switched off: no contracts or devices (contract, asset)")
        }
        let kinds = try table.texts("kind")
        let (ages, failures) = (try table.ints("age"), try table.ints("failed_at"))
        let lives = try? failureLaw(kinds, ages, failures)
        let (days, renewal) = (try table.int32s("days_left"), try table.optionalDoubles("renewal"))
        let ends = try table.days("end_day").map { $0 ?? context.asOf }
        let failure = kinds.indices.map { i -> Double? in
            guard kinds[i] == "warranty", let lives, let age = ages[i], age >= 0, failures[i] == nil else { return nil }
            return lives.chanceToEnd(within: 90, age: Double(age))
        }
        let evidence = kinds.indices.map { i in
            words(kinds[i], ends[i], Int(days[i]), renewal[i], failure[i], context.asOf)
        }
        try await connection.replace(
            "lapse",
            ColumnSet([
                ("kind", .text(kinds)), ("item_id", .text(try table.texts("item_id"))),
                ("hco_id", .text(try table.texts("hco_id"))),
                ("product_id", .optionalText(try table.strings("product_id"))),
                ("end_day", .day(ends)), ("days_left", .int32(days)), ("renewal_chance", .optionalDouble(renewal)),
                ("end_chance_90d", .optionalDouble(failure)),
                (
                    "basis",
                    .text(
                        kinds.indices.map { failure[$0] != nil ? "weibull" : renewal[$0] != nil ? "renewals" : "date" })
                ),
                ("evidence", .text(evidence)),
            ]))
        let law = lives.map { "; devices fail with Weibull shape \(InsightWords.amount($0.shape))" } ?? ""
        return .init(rows: kinds.count, note: "\(days.count { (0...90).contains($0) }) end within 90 days\(law)")
    }

    /// - Throws: `HistoryProblem` with fewer than five failures.
    private static func failureLaw(_ kinds: [String], _ ages: [Int64?], _ failures: [Int64?]) throws -> WeibullSurvival
    {
        let devices = kinds.indices.filter { kinds[$0] == "warranty" && (ages[$0] ?? -1) >= 0 }
        return try WeibullSurvival(
            ObservedLives(
                duration: devices.map { Double(failures[$0] ?? ages[$0] ?? 0) },
                ended: devices.map { failures[$0] != nil }))
    }

    private static func words(
        _ kind: String, _ end: Day, _ left: Int, _ renewal: Double?, _ failure: Double?, _ asOf: Day
    ) -> String {
        let what = kind == "contract" ? "The contract" : "The warranty"
        let when = InsightWords.day(end, asOf: asOf)
        var text = left < 0 ? "\(what) ended on \(when)." : "\(what) ends on \(when), in \(InsightWords.days(left))."
        if let renewal, left >= 0 {
            text += " Similar contracts are renewed in \(InsightWords.percent(renewal)) of cases."
        }
        if let failure {
            text += " Devices of this age need service within 90 days in \(InsightWords.percent(failure)) of cases."
        }
        return text
    }
}
