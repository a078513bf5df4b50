/// The tables that the models of the insight step write. They are made empty, so that every query of them has an answer
/// in a workspace whose files switch a model off.
package enum InsightTables {
    /// One table: its name in the schema `insight`, its columns, and for the catalogue what a row is and who may read it.
    package struct Table: Sendable {
        package var name: String
        package var columns: String
        package var grain: String
        package var qualified: String { "insight.\(name)" }
    }

    package static let tables: [Table] = [
        Table(
            name: "need",
            columns: """
                subject_kind VARCHAR, subject_id VARCHAR, hcp_no INTEGER, hco_id VARCHAR, product_id VARCHAR,
                last_day DATE, purchases INTEGER, interval_days DOUBLE, due_day DATE, due_low DATE, due_high DATE,
                p_active DOUBLE, expected_30d DOUBLE, chance_14d DOUBLE, overdue_days INTEGER, urgency DOUBLE, basis VARCHAR, model VARCHAR,
                evidence VARCHAR, usual_14d DOUBLE
                """, grain: "account or HCP × product"),
        Table(
            name: "change",
            columns: """
                subject_kind VARCHAR, subject_id VARCHAR, hcp_no INTEGER, hco_id VARCHAR, product_id VARCHAR,
                measure VARCHAR, changed_month DATE, probability DOUBLE, recent DOUBLE, level_before DOUBLE,
                level_after DOUBLE, months INTEGER, evidence VARCHAR
                """, grain: "account or HCP × product × measure"),
        Table(
            name: "replenish",
            columns: """
                hco_id VARCHAR, product_id VARCHAR, stock DOUBLE, on_order DOUBLE, quantity DOUBLE, order_by DATE,
                stockout_probability DOUBLE, demand_per_month DOUBLE, safety_stock DOUBLE, evidence VARCHAR
                """, grain: "account × product"),
        Table(
            name: "lapse",
            columns: """
                kind VARCHAR, item_id VARCHAR, hco_id VARCHAR, product_id VARCHAR, end_day DATE, days_left INTEGER,
                renewal_chance DOUBLE, end_chance_90d DOUBLE, basis VARCHAR, evidence VARCHAR
                """, grain: "contract or device"),
        Table(
            name: "segment",
            columns: """
                segment_no INTEGER, name VARCHAR, rule VARCHAR, clauses INTEGER, size BIGINT, share DOUBLE,
                typical VARCHAR, stability DOUBLE, silhouette DOUBLE, founded_as_of DATE, version VARCHAR
                """, grain: "segment"),
        Table(name: "hcp_segment", columns: "hcp_no INTEGER, segment_no INTEGER", grain: "HCP"),
        Table(
            name: "influence",
            columns: """
                hcp_no INTEGER, community INTEGER, centrality DOUBLE, centrality_rank INTEGER, ties INTEGER,
                influence DOUBLE
                """, grain: "HCP with a tie"),
        Table(
            name: "influence_model",
            columns: """
                product_id VARCHAR, measure VARCHAR, name VARCHAR, is_contact BOOLEAN, value DOUBLE, low DOUBLE,
                high DOUBLE, p DOUBLE, nodes BIGINT, adoptions BIGINT
                """, grain: "product × coefficient"),
        Table(
            name: "reading",
            columns: """
                source VARCHAR, message_kind VARCHAR, message_id VARCHAR, text_hash VARCHAR, kind VARCHAR, topic VARCHAR,
                need VARCHAR, urgency VARCHAR, medical BOOLEAN, safety VARCHAR, serious BOOLEAN, evidence VARCHAR,
                reader VARCHAR
                """, grain: "message"),
        Table(
            name: "target",
            columns: """
                hcp_no INTEGER, segment_no INTEGER, propensity DOUBLE, uplift DOUBLE, uplift_low DOUBLE,
                uplift_high DOUBLE, best_value DOUBLE, advice VARCHAR
                """, grain: "HCP"),
        Table(
            name: "channel_hour",
            columns: """
                hcp_no INTEGER, channel VARCHAR, kind VARCHAR, weekday INTEGER, hour INTEGER, lift DOUBLE, lift_low DOUBLE,
                lift_high DOUBLE, belief DOUBLE, tried INTEGER, answered INTEGER, answered_all INTEGER, own BOOLEAN
                """, grain: "HCP × channel"),
        Table(
            name: "preference",
            columns: """
                hcp_no INTEGER, kind VARCHAR, name VARCHAR, format VARCHAR, tried INTEGER, answered INTEGER, rate DOUBLE,
                low DOUBLE, high DOUBLE, lift DOUBLE
                """, grain: "HCP × channel, HCP × topic × format"),
        Table(
            name: "hour_rate",
            columns: """
                specialty VARCHAR, segment_no INTEGER, channel VARCHAR, kind VARCHAR, weekday INTEGER, hour INTEGER,
                sends BIGINT, responses BIGINT
                """, grain: "specialty × segment × channel × weekday × hour"),
        Table(
            name: "identity_pair",
            columns: """
                left_hcp_id VARCHAR, right_hcp_id VARCHAR, left_source VARCHAR, left_source_id VARCHAR,
                right_source VARCHAR, right_source_id VARCHAR, probability DOUBLE, bits DOUBLE, worth DOUBLE,
                affected INTEGER, fields VARCHAR
                """, grain: "unclear pair of HCPs"),
        // Made by the SQL pipeline; here for a run that measures before it ever looked for insight.
        Table(
            name: "purchase",
            columns: """
                hco_id VARCHAR, product_id VARCHAR, day DATE, units DOUBLE, amount DOUBLE, orders BIGINT, buyer VARCHAR
                """, grain: "account × product × day"),
        Table(
            name: "trigger",
            columns: """
                trigger_id VARCHAR, kind VARCHAR, subject_kind VARCHAR, subject_id VARCHAR, hcp_no INTEGER, hcp_id VARCHAR,
                hco_id VARCHAR, product_id VARCHAR, evidence VARCHAR, score DOUBLE, place INTEGER, alarm BOOLEAN,
                audience VARCHAR, due_low DATE, due_high DATE, bound DOUBLE
                """, grain: "occasion"),
        Table(
            name: "trigger_calibration", columns: "kind VARCHAR, slope DOUBLE, shift DOUBLE, cases BIGINT",
            grain: "kind of trigger"),
        Table(
            name: "part",
            columns: """
                part VARCHAR, version VARCHAR, inputs VARCHAR, as_of DATE, run_id VARCHAR, "rows" BIGINT, note VARCHAR
                """, grain: "part of the insight step"),
    ]

    static var statements: [String] {
        ["CREATE SCHEMA IF NOT EXISTS insight", "CREATE SCHEMA IF NOT EXISTS catalogue"]
            // Best hours were of kinds of channels once; `insight.channel_hour` holds those of channels.
            + ["CREATE SCHEMA IF NOT EXISTS history", "DROP TABLE IF EXISTS insight.hour"]
            + tables.map { "CREATE TABLE IF NOT EXISTS \($0.qualified) (\($0.columns))" }
            // A snapshot of an earlier version knows no usual chance.
            + ["ALTER TABLE insight.need ADD COLUMN IF NOT EXISTS usual_14d DOUBLE"]
            + [
                """
                CREATE TABLE IF NOT EXISTS history.trigger (
                  trigger_id VARCHAR, kind VARCHAR, subject_kind VARCHAR, subject_id VARCHAR, hcp_id VARCHAR,
                  product_id VARCHAR, first_as_of DATE, score DOUBLE, due_low DATE, due_high DATE, bound DOUBLE,
                  alarm BOOLEAN)
                """,
                """
                CREATE TABLE IF NOT EXISTS history.match_link (
                  left_source VARCHAR, left_id VARCHAR, right_source VARCHAR, right_id VARCHAR, same BOOLEAN,
                  origin VARCHAR, probability DOUBLE)
                """,
                """
                CREATE TABLE IF NOT EXISTS catalogue.feature (
                  name VARCHAR, kind VARCHAR, version VARCHAR, owner VARCHAR, grain VARCHAR, inputs VARCHAR,
                  tests VARCHAR, fresh_as_of DATE, "rows" BIGINT, drift DOUBLE, drift_word VARCHAR, note VARCHAR, place VARCHAR)
                """,
                """
                CREATE TABLE IF NOT EXISTS history.feature_bin (
                  name VARCHAR, version VARCHAR, as_of DATE, bin INTEGER, bound DOUBLE, share DOUBLE)
                """,
            ]
    }
}
