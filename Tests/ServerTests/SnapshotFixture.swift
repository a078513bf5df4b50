import EngagementModel
import Foundation
import Ledger
import Logging
import Server
import Warehouse

/// A small published state: two reps of two teams, a few HCPs, everything that pages show.
///
/// HCP H1 and H2 belong to rep R1, H3 to rep R2; H2 hides its volumes; one contact of H1 is medical.
struct SnapshotFixture {
    static let asOf = Day("2025-12-31")!
    /// 2026-01-02 09:00 UTC.
    static let now: Int64 = 1_767_344_400_000_000

    let folder: URL

    init() throws {
        folder = URL.temporaryDirectory.appending(path: "rapport-server-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: folder.appending(path: "warehouse"), withIntermediateDirectories: true)
    }

    func remove() { try? FileManager.default.removeItem(at: folder) }

    var path: String { folder.path(percentEncoded: false) }

    /// Writes a snapshot file and swaps the link to it, as a run does.
    func publish(_ name: String = "run-1", sql: String = SnapshotFixture.sql) async throws {
        let file = path + "/warehouse/\(name).duckdb"
        let warehouse = try Warehouse.open(WarehouseOptions(path: file))
        let connection = try warehouse.connect()
        _ = try await connection.execute(sql)
        warehouse.close()
        let next = path + "/warehouse/next"
        try? FileManager.default.removeItem(atPath: next)
        try FileManager.default.createSymbolicLink(atPath: next, withDestinationPath: "\(name).duckdb")
        _ = rename(next, path + "/warehouse/current")
    }

    /// A text with everything that could break out of its place.
    static let hostile = #"<script>alert(1)</script>"'><img src=x onerror=alert(2)>&{{csrf}}"#

    static let sql = """
        CREATE SCHEMA history; CREATE SCHEMA canon; CREATE SCHEMA mart; CREATE SCHEMA plan; CREATE SCHEMA report;
        CREATE TABLE history.clock AS SELECT DATE '2025-12-31' AS as_of, TIMESTAMP '2026-01-01' AS as_of_end;
        CREATE TABLE mart.hcp AS SELECT * FROM (VALUES
            (0, 'H1', '1234567893', 'Anna', 'Keller', 'MD', 'cardiology', 'Klinik Nord', 'Hamburg', 'DE', false),
            (1, 'H2', NULL, 'Jonas', 'Brandt', NULL, 'oncology', 'Klinik Süd', 'München', 'DE', true),
            (2, 'H3', NULL, 'Maria', 'Rossi', NULL, 'cardiology', 'Ospedale', 'Bergamo', 'IT', false)
        ) v(hcp_no, hcp_id, npi, first_name, last_name, credential, specialty, hco_name, city, country, hides_volume);
        ALTER TABLE mart.hcp ADD COLUMN email VARCHAR DEFAULT 'a@example.org';
        ALTER TABLE mart.hcp ADD COLUMN sources INTEGER DEFAULT 2;
        CREATE TABLE mart.rep AS SELECT * FROM (VALUES
            ('R1', 'Ruth Berger', 'field', 'cardio', 'T1', 'R9', 420.0), ('R2', 'Otto Lang', 'field', 'onco', 'T2', 'R9', 420.0),
            ('R9', 'Mia Chef', 'field', 'lead', NULL, NULL, 420.0)
        ) v(rep_id, name, kind, team, territory_id, manager_id, minutes_per_day);
        ALTER TABLE mart.hcp ADD COLUMN latitude DOUBLE; ALTER TABLE mart.hcp ADD COLUMN longitude DOUBLE;
        ALTER TABLE mart.hcp ADD COLUMN IF NOT EXISTS timezone VARCHAR DEFAULT 'Europe/Berlin';
        UPDATE mart.hcp SET latitude = 53.60, longitude = 10.00 WHERE hcp_id = 'H1';
        UPDATE mart.hcp SET latitude = 45.70, longitude = 9.67 WHERE hcp_id = 'H3';
        ALTER TABLE mart.rep ADD COLUMN home_latitude DOUBLE DEFAULT 53.55;
        ALTER TABLE mart.rep ADD COLUMN home_longitude DOUBLE DEFAULT 9.99;
        ALTER TABLE mart.rep ADD COLUMN timezone VARCHAR DEFAULT 'Europe/Berlin';
        CREATE TABLE mart.xref AS SELECT 'crm' AS source, 'A-77' AS source_hcp_id, 'H1' AS hcp_id, 0 AS hcp_no;
        CREATE TABLE canon.appointment AS SELECT 'crm' AS source, 'A9' AS appointment_id, 'R1' AS rep_id, 'A-77' AS hcp_id,
            TIMESTAMP '2026-01-12 10:30:00' AS starts_at, 40.0 AS minutes, 'in_person' AS channel, 'booked' AS status;
        CREATE TABLE mart.hcp_rep AS SELECT * FROM (VALUES (0, 'H1', 'R1', 'cardio', 'field', 'T1'),
            (1, 'H2', 'R1', 'cardio', 'field', 'T1'), (2, 'H3', 'R2', 'onco', 'field', 'T2')
        ) v(hcp_no, hcp_id, rep_id, team, rep_kind, territory_id);
        CREATE TABLE mart.hcp_source AS SELECT 0 AS hcp_no, 'crm' AS source, 'A-77' AS source_hcp_id,
            'email' AS column_name, TIMESTAMP '2025-02-03' AS known_at;
        CREATE TABLE mart.touch AS SELECT * FROM (VALUES
            (0, 'I1', TIMESTAMP '2025-12-12 10:00:00', 'email', 'push', 'touch', 'R1', 'C1', 'delivered', 1, false, false),
            (0, 'I2', TIMESTAMP '2025-11-12 10:00:00', 'in_person', 'push', 'touch', 'R1', NULL, 'sent', 2, false, false),
            (0, 'I3', TIMESTAMP '2025-12-20 10:00:00', 'phone', 'push', 'touch', 'R2', 'C9', 'sent', 3, false, true),
            (0, 'I4', TIMESTAMP '2025-12-01 10:00:00', 'portal', 'pull', 'touch', NULL, 'C1', NULL, 2, false, false)
        ) v(hcp_no, interaction_id, occurred_at, channel, direction, kind, rep_id, content_id, status, level, machine, medical);
        ALTER TABLE mart.touch ADD COLUMN head BOOLEAN DEFAULT true;
        CREATE TABLE mart.feature_hcp_channel AS SELECT 0 AS hcp_no, 'email' AS channel, 12 AS touches_365d,
            6 AS reached_365d, 3 AS engaged_365d, 0.31 AS response_rate, DATE '2025-12-12' AS last_day;
        CREATE TABLE mart.feature_hcp_topic AS SELECT 0 AS hcp_no, 'efficacy' AS topic, 'infographic' AS format,
            4 AS views, 2 AS engaged, 0.6 AS affinity;
        CREATE TABLE mart.feature_hcp_hour AS SELECT 0 AS hcp_no, 1 AS weekday, 14 AS hour, 5 AS sends, 3 AS responses,
            0.5 AS score;
        CREATE TABLE mart.volume_month AS SELECT h AS hcp_no, DATE '2025-10-01' + INTERVAL (m) MONTH AS month,
            'P1' AS product_id, 'prescriptions' AS measure, 4.0 + m AS value FROM range(2) a(h), range(3) b(m);
        CREATE TABLE mart.consent_current AS SELECT * FROM (VALUES
            (0, 'email', 'promotional', NULL, 'opt_in', 'consent', TIMESTAMP '2025-02-03', TIMESTAMP '2026-12-31', 'K1'),
            (0, 'phone', 'promotional', NULL, 'objection', NULL, TIMESTAMP '2025-02-03', NULL, 'K2')
        ) v(hcp_no, channel, purpose, product_id, status, basis, captured_at, expires_at, consent_id);
        CREATE TABLE mart.content AS SELECT 'C1' AS content_id, 'Efficacy at a glance' AS title, 'efficacy' AS topic,
            'infographic' AS format, 'P1' AS product_id, 'in_person;email;phone' AS channels,
            'approved_for_distribution' AS mlr_state, '1' AS version, 'promotional' AS purpose, 'en' AS language,
            'DE;US' AS countries, TIMESTAMP '2025-06-01' AS approved_at, TIMESTAMP '2026-01-20' AS expires_at;
        CREATE TABLE canon.content AS SELECT 'C1' AS content_id, '1' AS version, 'Plain words.' AS body;
        CREATE TABLE canon.product AS SELECT 'P1' AS product_id, 'Cardexa' AS brand;
        CREATE TABLE plan.run AS SELECT 'run-1' AS run_id, DATE '2025-12-31' AS as_of, 's1' AS strategy_version,
            'm1' AS model_version, 0.004 AS gap;
        CREATE TABLE plan.action AS SELECT * FROM (VALUES
            (0, 'in_person', 'P1', 'rep', 'P1 prescriptions'), (1, 'email', 'P1', 'system', 'P1 prescriptions'),
            (2, 'phone', 'P1', 'rep', 'P1 prescriptions')
        ) v(action_no, channel, product_id, sender_kind, objective);
        CREATE TABLE plan.candidate AS SELECT * FROM (VALUES (0, 0, 'C1', NULL, 0.8, 0.1, 1.5, 40.0, 3.0),
            (0, 1, 'C1', NULL, 0.1, 0.0, 0.2, 4.0, 0.0), (0, 2, 'C1', 'cap_reached', 0.1, 0.0, 0.2, 4.0, 0.0)
        ) v(hcp_no, action_no, content_id, refusal, effect, effect_low, effect_high, value, price);
        CREATE TABLE plan.decision AS SELECT * FROM (VALUES
            (0, 'D1', 'H1', DATE '2026-01-05', 14, 'in_person', 'C1', 'R1', 'engine', 40.0, 20.0),
            (0, 'D2', 'H1', DATE '2026-01-08', 9, 'email', 'C1', 'system', 'engine', 4.0, 0.1),
            (2, 'D3', 'H3', DATE '2026-01-05', 10, 'in_person', 'C1', 'R2', 'engine', 30.0, 20.0),
            (1, 'D6', 'H2', DATE '2026-01-07', 11, 'phone', 'C1', 'R1', 'engine', 8.0, 1.0),
            (1, 'D4', 'H2', NULL, NULL, NULL, NULL, NULL, 'random', 0.0, 0.0)
        ) v(hcp_no, decision_id, hcp_id, day, hour, channel, content_id, sender, arm, value, cost);
        ALTER TABLE plan.decision ADD COLUMN purpose VARCHAR DEFAULT 'promotional';
        ALTER TABLE plan.decision ADD COLUMN reason_1 VARCHAR DEFAULT 'Left in peace after a full month.';
        ALTER TABLE plan.decision ADD COLUMN reason_2 VARCHAR; ALTER TABLE plan.decision ADD COLUMN reason_3 VARCHAR;
        CREATE TABLE plan.price AS SELECT 'rep_day' AS kind, 'R1' AS name, 'R1' AS rep_id, DATE '2026-01-05' AS day,
            0.5 AS price, 400.0 AS used, 420.0 AS capacity;
        CREATE TABLE plan.goal AS SELECT 'launch visits' AS goal, 'winter' AS cycle, 'in_person' AS channels,
            DATE '2025-12-01' AS start_day, DATE '2026-01-31' AS end_day, 0.5 AS elapsed, 2.0 AS floor, NULL::DOUBLE AS ceiling;
        CREATE TABLE plan.goal_hcp AS SELECT * FROM (VALUES ('launch visits', 0, 4, 6, 1), ('launch visits', 2, 2, NULL, 1))
            v(goal, hcp_no, least, most, done);
        CREATE TABLE plan.reach AS SELECT 'email' AS channel, 3 AS hcps, 1 AS eligible;
        CREATE TABLE plan.refusal AS SELECT 'email' AS channel, 'no_consent' AS refusal, 2 AS hcps;
        CREATE TABLE report.source AS SELECT 'crm' AS source, 'interaction' AS table_name, 'CRM team' AS owner,
            'one contact' AS grain, DATE '2025-12-30' AS freshness, DATE '2025-12-31' AS known_until, 4 AS "rows", 1 AS rejected, 0 AS duplicates, 2 AS orphans;
        CREATE TABLE report.completeness AS SELECT 'crm' AS source, 'hcp' AS table_name, 'npi' AS column_name, 0.33 AS filled;
        CREATE TABLE report.channel_month AS SELECT DATE '2025-12-01' AS month, 'email' AS channel, 'push' AS direction,
            1 AS touches, 1 AS reached, 0 AS engaged, 0 AS advanced;
        CREATE TABLE report.calibration AS SELECT 'email' AS channel, 'engaged' AS step, 100 AS n, 0.4 AS log_loss, 0.7 AS auc, 0.02 AS ece,
            0.5 AS base_log_loss;
        CREATE TABLE report.conflict AS SELECT 'too_close' AS kind, 0 AS hcp_no, DATE '2025-12-12' AS day,
            'E-mail and visit 6 hours apart' AS detail, 2 AS n;
        CREATE TABLE history.reject AS SELECT 'interaction.csv' AS file, 17 AS line, 'occurred_at' AS column_name,
            'bad_date' AS code, 'not a date' AS message;
        """

    /// The decisions of the snapshot, as a run publishes them to the ledger.
    static var decisions: [Decision] {
        func decision(_ id: String, _ hcp: String, _ sender: String, _ channel: Channel, day: String, hour: Int)
            -> Decision
        {
            Decision(
                decisionID: id, runID: "run-1", asOf: asOf, hcpID: hcp, day: Day(day), hour: hour, channel: channel,
                contentID: "C1", productID: "P1", sender: sender, objective: "P1 prescriptions", expectedEffect: 0.8,
                effectLow: 0.1, effectHigh: 1.5, value: 40, cost: 20, price: 3, propensity: 0.5,
                reason1: "Prescriptions fell.", reason2: "The last visit went well.", reason3: "Tuesdays work.")
        }
        return [
            decision("D1", "H1", "R1", .inPerson, day: "2026-01-05", hour: 14),
            decision("D2", "H1", "system", .email, day: "2026-01-08", hour: 9),
            decision("D3", "H3", "R2", .inPerson, day: "2026-01-05", hour: 10),
            decision("D5", "H2", "R1", .phone, day: "2026-01-05", hour: 11),
            decision("D6", "H2", "R1", .phone, day: "2026-01-07", hour: 11),
        ]
    }

    static var strategy: Strategy {
        var strategy = Strategy()
        strategy.objectives = [.init(product: "P1", measure: "prescriptions", valuePerUnit: 50)]
        strategy.channels = [
            .inPerson: .init(minutes: 45, cost: 150, sender: .rep), .phone: .init(minutes: 15, cost: 20, sender: .rep),
            .email: .init(cost: 0.05),
        ]
        strategy.caps = [
            .init(channels: Set(Channel.allCases), max: 3, window: Span(seconds: 604_800), name: "any 7d")
        ]
        strategy.consent = [.email: .optIn, .inPerson: .notOptedOut, .phone: .notOptedOut]
        return strategy
    }
}
