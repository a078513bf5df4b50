internal import EngagementModel
internal import Foundation
internal import Warehouse

/// The decision records of past runs, one small database each, kept longer than the snapshots they come from.
///
/// A record holds the plan with its candidates, prices, inputs and models, and of people what the planner looks at:
/// no names, no addresses, no histories. Tables keep their names, so that one reader serves both.
/// ```
/// state/records/2026-06-01-run-0123456789ab.duckdb
/// ```
struct RecordArchive: Sendable {
    let directory: URL

    /// Tables, and the columns that stay; nil = all.
    private static let tables: [(name: String, columns: String?)] = [
        ("plan.run", nil), ("plan.input", nil), ("plan.action", nil), ("plan.candidate", nil), ("plan.price", nil),
        ("plan.block", nil), ("plan.frozen", nil), ("plan.previous", nil), ("plan.warm_price", nil),
        ("plan.decision", "decision_id, hcp_no, action_no, day, channel, features_hash"),
        (
            "mart.hcp",
            """
            hcp_no, hcp_id, primary_hco_id, country, language, stakeholder, access, specialty, timezone, hides_volume,
            CAST(NULL AS VARCHAR) AS npi, CASE WHEN email IS NOT NULL THEN '' END AS email,
            CASE WHEN phone IS NOT NULL THEN '' END AS phone
            """
        ),
        ("mart.feature_hcp", "hcp_no, volume_decile, volume_3m, volume_trend, best_weekday, best_hour"),
        ("insight.channel_hour", "hcp_no, channel, weekday, hour, lift, answered_all, own"),
        ("mart.rep", "rep_no, rep_id, kind, minutes_per_day"),
        ("mart.hcp_rep", "hcp_no, rep_id, team"), ("mart.content", nil), ("plan.lapsed", nil),
    ]

    private static let optional = [
        "plan.challenger", "plan.option", "plan.goal", "plan.goal_hcp", "plan.content_edition", "history.model",
    ]

    /// Writes the record of the run in the snapshot, atomically, and removes the oldest beyond `keep`.
    func write(_ runID: String, from connection: WarehouseConnection, keep: Int) async throws {
        // Steps may be run one by one: without a plan of this run there is nothing to keep.
        let found = try await connection.query(
            "SELECT 1 AS one FROM information_schema.tables WHERE table_schema = 'plan' AND table_name = 'input'")
        guard keep > 0, found.rowCount > 0,
            let day = try await connection.query("SELECT as_of FROM plan.input WHERE run_id = ?", [.text(runID)])
                .days("as_of").first ?? nil
        else { return }
        let files = FileManager.default
        do { try files.createDirectory(at: directory, withIntermediateDirectories: true) } catch {
            throw Diagnostic(
                "state_not_writable", "cannot make \(directory.path)", remedy: "check the folder's owner")
        }
        let target = directory.appending(path: "\(day)-\(runID).duckdb")
        let draft = directory.appending(path: "next.duckdb")
        try? files.removeItem(at: draft)
        try await connection.execute("ATTACH \(SQLText.literal(draft.path)) AS record")
        do {
            for schema in ["plan", "mart", "history", "insight"] {
                try await connection.execute("CREATE SCHEMA record.\(schema)")
            }
            let known = Set(
                try await connection.query(
                    "SELECT table_schema || '.' || table_name AS name FROM information_schema.tables"
                ).texts("name"))
            for (name, columns) in Self.tables + Self.optional.filter(known.contains).map({ ($0, nil) }) {
                try await connection.execute("CREATE TABLE record.\(name) AS SELECT \(columns ?? "*") FROM \(name)")
            }
            try await connection.execute("DETACH record")
        } catch {
            _ = try? await connection.execute("DETACH record")
            throw error
        }
        try? files.removeItem(at: target)
        try files.moveItem(at: draft, to: target)
        for old in self.files.dropLast(keep) { try? files.removeItem(at: old) }
    }

    /// Takes the ids of people out of every record; what was decided about somebody stays.
    func forget(_ hcpIDs: [String], _ connection: WarehouseConnection) async throws {
        guard !hcpIDs.isEmpty else { return }
        for file in files {
            try await connection.execute("ATTACH \(SQLText.literal(file.path)) AS record")
            do {
                try await connection.execute(
                    """
                    UPDATE record.mart.hcp SET hcp_id = 'erased:' || hcp_no, primary_hco_id = NULL, npi = NULL, email = NULL,
                      phone = NULL WHERE hcp_id IN (\(SQLText.list(hcpIDs)))
                    """)
                try await connection.execute("DETACH record")
            } catch {
                _ = try? await connection.execute("DETACH record")
                throw error
            }
        }
    }

    /// Records in the order of days.
    var files: [URL] {
        ((try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? [])
            .filter { $0.hasSuffix(".duckdb") && $0 != "next.duckdb" }.sorted()
            .map { directory.appending(path: $0) }
    }

    /// The record of a run; nil when it is no longer kept.
    func file(of runID: String) -> URL? { files.last { $0.lastPathComponent.hasSuffix("-\(runID).duckdb") } }
}
