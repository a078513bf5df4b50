internal import EngagementModel

/// The tables that outlive a run, and the engine's settings for the pipeline.
enum MartTables {
    /// Creates what is missing; what is there stays as it is.
    static func create(_ connection: WarehouseConnection) async throws {
        // What is known of builds is a memory of this version: without it everything is built once more.
        let memory = try await connection.query(
            """
            SELECT count(*) AS n, count(CASE WHEN column_name = 'built' THEN 1 END) AS current
            FROM information_schema.columns WHERE table_schema = 'history' AND table_name = 'mart_state'
            """)
        if try memory.int64s("n")[0] > 0 && memory.int64s("current")[0] == 0 {
            try await connection.execute("DROP TABLE history.mart_state")
        }
        // So are needs in the columns of an earlier version.
        let needs = try await connection.query(
            """
            SELECT count(*) AS n FROM information_schema.columns
            WHERE table_schema = 'insight' AND table_name = 'need' AND column_name = 'expected_14d'
            """)
        if try needs.int64s("n")[0] > 0 { try await connection.execute("DROP TABLE insight.need") }
        for statement in InsightTables.statements { try await connection.execute(statement) }
        try await connection.execute(
            """
            CREATE SCHEMA IF NOT EXISTS history;
            CREATE SCHEMA IF NOT EXISTS resolve;
            CREATE SCHEMA IF NOT EXISTS feature;
            CREATE SCHEMA IF NOT EXISTS mart;
            CREATE SCHEMA IF NOT EXISTS plan;
            CREATE SCHEMA IF NOT EXISTS report;
            CREATE TABLE IF NOT EXISTS history.golden (
              hcp_id VARCHAR, hcp_no BIGINT, founded_run VARCHAR, source VARCHAR, source_hcp_id VARCHAR);
            CREATE TABLE IF NOT EXISTS history.golden_member (source VARCHAR, source_hcp_id VARCHAR, hcp_id VARCHAR);
            CREATE TABLE IF NOT EXISTS history.golden_merge (
              merged_hcp_id VARCHAR, kept_hcp_id VARCHAR, run_id VARCHAR, as_of DATE);
            CREATE TABLE IF NOT EXISTS history.hcp_number (hcp_id VARCHAR, hcp_no INTEGER);
            CREATE TABLE IF NOT EXISTS history.specialty (specialty_no BIGINT, specialty VARCHAR);
            CREATE TABLE IF NOT EXISTS history.market (country VARCHAR, hides_volume BOOLEAN);
            CREATE TABLE IF NOT EXISTS history.account_move (hco_id VARCHAR, from_rep VARCHAR, to_rep VARCHAR);
            CREATE TABLE IF NOT EXISTS history.code (kind VARCHAR, synonym VARCHAR, canonical VARCHAR);
            CREATE TABLE IF NOT EXISTS history.objective (product_id VARCHAR, measure VARCHAR);
            CREATE TABLE IF NOT EXISTS history.touch_xref (source VARCHAR, source_hcp_id VARCHAR, hcp_no INTEGER);
            CREATE TABLE IF NOT EXISTS plan.rule (kind VARCHAR, channels VARCHAR, n INTEGER, days DOUBLE);
            CREATE TABLE IF NOT EXISTS history.mart_state (
              stage VARCHAR, run_id VARCHAR, serial BIGINT, built BIGINT, as_of_end TIMESTAMP, delivery_no BIGINT,
              rows BIGINT, delta_rows BIGINT, fingerprint VARCHAR, content VARCHAR)
            """)
    }

    /// Runs `body` with joins in the order in which the files write them: big table left, small table right. DuckDB
    /// takes the as-of filter of the canonical views for a very selective one and would hash ten million touches to
    /// look up five hundred reps.
    static func plansAsWritten(
        _ connection: WarehouseConnection, _ body: () async throws -> Void
    ) async throws {
        guard connection.isDuckDB else { return try await body() }
        try await connection.execute("SET disabled_optimizers = 'join_order,build_side_probe_side'")
        do {
            try await body()
        } catch {
            // The first error is the one to tell; a cancelled task could not even send the statement.
            _ = try? await connection.execute("RESET disabled_optimizers")
            throw error
        }
        try await connection.execute("RESET disabled_optimizers")
    }
}
