internal import EngagementModel
internal import Warehouse

/// What counts as a trigger that came true, and what could have been alarmed: in SQL over the copy of a back-test.
///
/// - `need_due`: an order of the product within a fortnight, among all products that an account has bought.
/// - `silent_customer`: no order for another usual interval, among accounts with four purchases or more.
/// - `ordering_*`, `prescribing_*`: the mean of the three months after differs from that of the twelve before the last three
///   by more than 2.33 standard errors in that direction, among series that cover those months.
/// - `contract_lapse`: no other contract from ninety days before to sixty days after the end, among those that end
///   within ninety days.
/// - `order_proposal`: an order within a fortnight, among products with a known stock.
/// - `treatment_research`: the HCP comes again by itself for the product within four weeks, among those who came in
///   the twelve weeks before.
///
/// `message_engaged`, `inquiry_open`, `case_logged` and `safety_report` tell what has happened: they promise nothing.
enum TriggerJudgement {
    static let tables = """
        CREATE SCHEMA IF NOT EXISTS backtest;
        CREATE TABLE IF NOT EXISTS insight.trigger_calibration (kind VARCHAR, slope DOUBLE, shift DOUBLE, cases BIGINT);
        DELETE FROM insight.trigger_calibration;
        CREATE OR REPLACE TABLE backtest.raised (day DATE, kind VARCHAR, subject VARCHAR, score DOUBLE, place INTEGER,
          alarm BOOLEAN, subjects BIGINT);
        CREATE OR REPLACE TABLE backtest.need (day DATE, hco_id VARCHAR, product_id VARCHAR, purchases INTEGER,
          interval_days DOUBLE);
        CREATE OR REPLACE TABLE backtest.lapse (day DATE, item_id VARCHAR, hco_id VARCHAR, end_day DATE);
        CREATE OR REPLACE TABLE backtest.stock (day DATE, hco_id VARCHAR, product_id VARCHAR);
        CREATE OR REPLACE TABLE backtest.visitor (day DATE, hcp_no INTEGER, hcp_id VARCHAR, product_id VARCHAR);
        """

    /// Keeps the triggers of the day on which the copy stands, and all that could have been one.
    static let remember = """
        INSERT INTO backtest.raised
        SELECT k.as_of, t.kind,
          CASE WHEN t.kind = 'contract_lapse' THEN l.item_id ELSE t.subject_id || '|' || coalesce(t.product_id, '') END,
          t.score, t.place, t.alarm,
          CASE WHEN t.subject_kind = 'hcp' THEN (SELECT count(*) FROM mart.hcp) ELSE (SELECT count(*) FROM mart.hco) END
        FROM insight.trigger AS t LEFT JOIN insight.lapse AS l
          ON t.kind = l.kind || '_lapse' AND t.trigger_id = l.kind || '_lapse:' || l.hco_id || ':' || coalesce(l.product_id, '') || ':' || l.item_id,
          history.clock AS k;
        INSERT INTO backtest.need SELECT k.as_of, hco_id, product_id, purchases, interval_days
        FROM insight.need, history.clock AS k WHERE subject_kind = 'hco';
        INSERT INTO backtest.lapse SELECT k.as_of, item_id, hco_id, end_day FROM insight.lapse, history.clock AS k
        WHERE kind = 'contract' AND days_left BETWEEN 0 AND 90;
        INSERT INTO backtest.stock SELECT k.as_of, hco_id, product_id FROM insight.replenish, history.clock AS k;
        INSERT INTO backtest.visitor SELECT DISTINCT c.as_of, c.hcp_no, h.hcp_id, c.product_id
        FROM feature.contact AS c JOIN mart.hcp AS h ON h.hcp_no = c.hcp_no
        WHERE c.direction = 'pull' AND c.age < 84 AND c.product_id IS NOT NULL;
        """

    /// Every case with whether it came true; cases whose time to tell has not passed are left out.
    static let judge = """
        CREATE OR REPLACE TABLE backtest.series AS
        WITH last AS (SELECT CAST(date_trunc('month', as_of + 1) AS DATE) AS month FROM history.clock),
        month_of AS (
          SELECT 'prescribing' AS kind, h.hcp_id || '|' || v.product_id AS subject, v.month, sum(v.value) AS value,
            v.measure AS measure
          FROM mart.volume_month AS v JOIN mart.hcp AS h ON h.hcp_no = v.hcp_no
          GROUP BY h.hcp_id, v.product_id, v.month, v.measure
          UNION ALL
          SELECT 'ordering', hco_id || '|' || product_id, CAST(date_trunc('month', day) AS DATE), sum(units), 'units'
          FROM insight.purchase GROUP BY hco_id, product_id, CAST(date_trunc('month', day) AS DATE)
        ),
        -- Prescribing is known as far as the vendors have told; ordering up to the last whole month.
        known AS (
          SELECT kind, CASE WHEN kind = 'ordering' THEN (SELECT month - INTERVAL 1 MONTH FROM last)
            ELSE max(month) END AS month FROM month_of GROUP BY kind
        ),
        day_of AS (SELECT DISTINCT day, CAST(date_trunc('month', day + 1) AS DATE) AS month FROM backtest.raised),
        span AS (SELECT kind, subject, measure, min(month) AS first FROM month_of GROUP BY kind, subject, measure)
        SELECT d.day, s.kind, s.subject,
          coalesce(sum(CASE WHEN m.month >= d.month THEN m.value END), 0) / 3 AS after,
          coalesce(sum(CASE WHEN m.month < d.month - INTERVAL 3 MONTH THEN m.value END), 0) / 12 AS before,
          coalesce(sum(CASE WHEN m.month < d.month - INTERVAL 3 MONTH THEN m.value * m.value END), 0) / 12 AS squares
        FROM day_of AS d JOIN span AS s ON s.first <= d.month - INTERVAL 15 MONTH
        JOIN known AS k ON k.kind = s.kind AND k.month >= d.month + INTERVAL 2 MONTH
        JOIN month_of AS m ON m.kind = s.kind AND m.subject = s.subject AND m.measure = s.measure
          AND m.month >= d.month - INTERVAL 15 MONTH AND m.month < d.month + INTERVAL 3 MONTH
        GROUP BY d.day, s.kind, s.subject, s.measure;

        CREATE OR REPLACE TABLE backtest.case_of AS
        WITH moved AS (
          SELECT day, kind, subject, after - before AS difference,
            sqrt(greatest(squares - before * before, before, 0.25) * (1.0 / 3 + 1.0 / 12)) AS error
          FROM backtest.series
        ),
        bought AS (
          SELECT n.day, n.hco_id || '|' || n.product_id AS subject, n.purchases, n.interval_days,
            min(p.day) AS next_day
          FROM backtest.need AS n LEFT JOIN insight.purchase AS p
            ON p.hco_id = n.hco_id AND p.product_id = n.product_id AND p.day > n.day
          GROUP BY n.day, n.hco_id, n.product_id, n.purchases, n.interval_days
        )
        SELECT day, 'need_due' AS kind, subject, coalesce(next_day <= day + 14, FALSE) AS came
        FROM bought, history.clock AS k WHERE day + 14 <= k.as_of
        UNION ALL
        SELECT day, 'silent_customer', subject, coalesce(next_day > day + CAST(ceil(interval_days) AS INTEGER), TRUE)
        FROM bought, history.clock AS k WHERE purchases >= 4 AND day + CAST(ceil(interval_days) AS INTEGER) <= k.as_of
        UNION ALL
        SELECT s.day, 'order_proposal', s.hco_id || '|' || s.product_id, coalesce(b.next_day <= s.day + 14, FALSE)
        FROM backtest.stock AS s LEFT JOIN bought AS b ON b.day = s.day AND b.subject = s.hco_id || '|' || s.product_id,
          history.clock AS k WHERE s.day + 14 <= k.as_of
        UNION ALL
        SELECT day, kind || '_fall', subject, bool_or(difference < -2.33 * error) FROM moved GROUP BY day, kind, subject
        UNION ALL
        SELECT day, kind || '_rise', subject, bool_or(difference > 2.33 * error) FROM moved GROUP BY day, kind, subject
        UNION ALL
        SELECT l.day, 'contract_lapse', l.item_id, NOT EXISTS (
          SELECT 1 FROM insight.lapse_due AS n WHERE n.kind = 'contract' AND n.hco_id = l.hco_id
            AND n.item_id <> l.item_id AND n.start_day BETWEEN l.end_day - 90 AND l.end_day + 60)
        FROM backtest.lapse AS l, history.clock AS k WHERE l.end_day + 60 <= k.as_of
        UNION ALL
        SELECT v.day, 'treatment_research', v.hcp_id || '|' || v.product_id, count(c.day) > 0
        FROM backtest.visitor AS v LEFT JOIN feature.contact AS c ON c.hcp_no = v.hcp_no
          AND c.product_id = v.product_id AND c.direction = 'pull' AND c.day > v.day AND c.day <= v.day + 28,
          history.clock AS k WHERE v.day + 28 <= k.as_of
        GROUP BY v.day, v.hcp_id, v.product_id;
        """

    static let rates = [0.001, 0.005, 0.01, 0.02, 0.05]

    static func report(_ connection: WarehouseConnection, asOf: Day, days: [Day]) async throws -> TriggerReport {
        let raised = try await judged(connection)
        let promises = TriggerCalibration.promised(raised.map(\.0))
        try await connection.ingest(
            ColumnSet([
                ("day", .day(raised.map(\.0.day))), ("kind", .text(raised.map(\.0.kind))),
                ("subject", .text(raised.map(\.1))), ("promised", .double(promises)),
            ]), into: "backtest.promise", mode: .replace)
        let list = rates.map { "(CAST(\($0) AS DOUBLE))" }.joined(separator: ", ")
        let table = try await connection.query(
            """
            WITH rate AS (SELECT v.rate FROM (VALUES \(list)) AS v(rate) UNION ALL SELECT NULL),
            total AS (SELECT kind, count(*) AS cases, count(CASE WHEN came THEN 1 END) AS events
              FROM backtest.case_of GROUP BY kind),
            -- One subject may be raised by two measures: the surer one speaks. Triggers stand in the order of the run.
            best AS (SELECT day, kind, subject, max(score) AS score, min(place) AS rank,
                bool_or(alarm) AS alarm, max(subjects) AS subjects
              FROM backtest.raised GROUP BY day, kind, subject),
            ranked AS (
              SELECT b.day, b.kind, b.score, p.promised, b.subjects, c.came,
                row_number() OVER (PARTITION BY b.kind, b.day ORDER BY b.rank, b.subject) AS place
              FROM best AS b JOIN backtest.case_of AS c ON c.day = b.day AND c.kind = b.kind AND c.subject = b.subject
              JOIN backtest.promise AS p ON p.day = b.day AND p.kind = b.kind AND p.subject = b.subject
            )
            SELECT t.kind, r.rate, count(x.came) AS alarms, count(CASE WHEN x.came THEN 1 END) AS confirmed, t.cases,
              t.events, coalesce(avg(x.promised), 0) AS promised, coalesce(avg(x.score), 0) AS score
            FROM total AS t CROSS JOIN rate AS r LEFT JOIN ranked AS x ON x.kind = t.kind
              -- What a run would raise that knew what the other days have taught.
              AND CASE WHEN r.rate IS NULL THEN x.promised >= 0.5 AND x.place <= greatest(1, ceil(0.01 * x.subjects))
                ELSE x.place <= ceil(r.rate * x.subjects) END
            GROUP BY t.kind, r.rate, t.cases, t.events ORDER BY t.kind, r.rate NULLS FIRST
            """)
        let (kinds, alarms) = (try table.texts("kind"), try table.int64s("alarms"))
        let (confirmed, cases) = (try table.int64s("confirmed"), try table.int64s("cases"))
        let (events, promised) = (try table.int64s("events"), try table.doubles("promised"))
        let rates = try table.optionalDoubles("rate")
        let scores = try table.doubles("score")
        return TriggerReport(
            asOf: asOf, days: days,
            lines: kinds.indices.map {
                TriggerReport.Line(
                    kind: kinds[$0], rate: rates[$0], alarms: Int(alarms[$0]), confirmed: Int(confirmed[$0]),
                    cases: Int(cases[$0]), events: Int(events[$0]), promised: promised[$0], score: scores[$0])
            }, calibration: TriggerCalibration.all(raised.map(\.0)))
    }

    /// What was raised and can be judged, the surer measure of each subject, with the subject.
    private static func judged(
        _ connection: WarehouseConnection
    ) async throws -> [(TriggerCalibration.Case, String)] {
        let table = try await connection.query(
            """
            SELECT b.day, b.kind, b.subject, b.score, c.came
            FROM (SELECT day, kind, subject, max(score) AS score FROM backtest.raised GROUP BY day, kind, subject) AS b
            JOIN backtest.case_of AS c ON c.day = b.day AND c.kind = b.kind AND c.subject = b.subject
            ORDER BY b.day, b.kind, b.subject
            """)
        let (days, kinds) = (try table.days("day"), try table.texts("kind"))
        let (subjects, scores) = (try table.texts("subject"), try table.doubles("score"))
        let came = try table.bools("came")
        return kinds.indices.compactMap { i in
            days[i].map { (.init(day: $0, kind: kinds[i], score: scores[i], came: came[i]), subjects[i]) }
        }
    }
}
