import Crypto
package import EngagementModel
import Foundation
import GRDB

extension Ledger {
    /// Publishes a run's whole plan in one transaction: all of it is there afterwards, or nothing.
    ///
    /// Publishing the same run again changes nothing: statuses and events stay. Open decisions of earlier runs become
    /// `expired`: `superseded` when they were due on or after the as-of day, `lapsed` before it. What people accepted,
    /// edited, snoozed or dismissed stays theirs.
    ///
    /// - Parameters:
    ///   - decisions: touches and *no touch* rows; `status` is ignored, every decision begins as `planned`.
    ///   - ranks: position in the sender's list, one for each decision; nil = the order of `decisions`.
    /// - Throws: `run_differs` when another plan was published under the same run id, `run_mismatch` when a decision
    ///   names another run or day, `ledger_conflict` for a repeated decision id or two touches of an HCP on a day.
    package func publish(
        _ run: RunRecord, decisions: some Collection<Decision> & Sendable, ranks: [Int32]? = nil
    ) async throws -> PublishOutcome {
        guard ranks.map({ $0.count == decisions.count }) ?? true else {
            throw Diagnostic("run_mismatch", "There are \(decisions.count) decisions, but \(ranks?.count ?? 0) ranks.")
        }
        let at = now()
        return try await bulkWrite { db in
            if let earlier = try Self.run(db, "WHERE run_id = ?", [run.runID]) {
                try Self.requireSamePlan(db, earlier, decisions)
                return PublishOutcome(run: earlier, wasAlreadyPublished: true)
            }
            try db.execute(
                sql: """
                    INSERT INTO run (run_id, as_of, mode, strategy_version, model_version, published_at, touches, idle,
                        expired, digest, summary) VALUES (?, ?, ?, ?, ?, ?, 0, 0, 0, x'', ?)
                    """,
                arguments: [
                    run.runID, run.asOf.stored, run.mode.rawValue, run.strategyVersion, run.modelVersion, at,
                    run.summary,
                ])
            let number = db.lastInsertedRowID
            let expired = try Self.countReplaced(db, by: number, asOf: run.asOf)
            var insert = try DecisionInsert(db, run: run, number: number, at: at)
            for (index, decision) in decisions.enumerated() {
                try insert.add(decision, rank: Int64(ranks?[index] ?? Int32(truncatingIfNeeded: index)))
            }
            let digest = insert.finish()
            try db.execute(
                sql: "UPDATE run SET touches = ?, idle = ?, expired = ?, digest = ? WHERE run_no = ?",
                arguments: [insert.touches, insert.idle, expired, digest, number])
            try Self.audit(
                db, at: at, by: .system, "run.published", subject: run.runID,
                after: [
                    "as_of": run.asOf.description, "touches": "\(insert.touches)", "idle": "\(insert.idle)",
                    "expired": "\(expired)", "digest": hex(digest),
                ])
            let published = PublishedRun(
                record: run, number: number, publishedAt: at, touches: insert.touches, idle: insert.idle,
                expired: expired)
            return PublishOutcome(run: published, wasAlreadyPublished: false)
        }
    }

    /// The run that was published last.
    package func latestRun() async throws -> PublishedRun? {
        try await read { db in try Self.run(db, "ORDER BY run_no DESC LIMIT 1") }
    }

    package func run(_ runID: String) async throws -> PublishedRun? {
        try await read { db in try Self.run(db, "WHERE run_id = ?", [runID]) }
    }

    /// Published runs, the newest first.
    package func runs(limit: Int = 100) async throws -> [PublishedRun] {
        try await read { db in
            try Row.fetchAll(
                db, sql: "SELECT \(Self.runColumns) FROM run ORDER BY run_no DESC LIMIT ?", arguments: [limit]
            ).map(Self.publishedRun)
        }
    }

    /// How many decisions of a run stand where; *no touch* left out.
    package func statusCounts(ofRun runID: String) async throws -> [DecisionStatus: Int] {
        try await read { db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT \(Self.statusNow), count(*) FROM run r CROSS JOIN decision d USING (run_no)
                    WHERE r.run_id = ? AND d.day IS NOT NULL GROUP BY 1
                    """,
                arguments: [runID])
            return try Dictionary(uniqueKeysWithValues: rows.map { (try $0.closed(0), $0[1]) })
        }
    }

    // MARK: - Parts

    /// How many decisions a new run replaces: those of the run before that nobody took in hand, and snoozed ones of any
    /// earlier run whose day is over.
    private static func countReplaced(_ db: Database, by number: Int64, asOf: Day) throws -> Int {
        let open = try Int.fetchOne(
            db,
            sql: """
                SELECT count(*) FROM decision INDEXED BY decision_due
                WHERE run_no = (SELECT max(run_no) FROM run WHERE run_no < ?) AND day IS NOT NULL
                    AND status IN ('planned', 'shown')
                """,
            arguments: [number])
        let snoozed = try Int.fetchOne(
            db,
            sql: """
                SELECT count(*) FROM decision INDEXED BY decision_acted_day
                WHERE day IS NOT NULL AND status NOT IN ('planned', 'shown') AND status = 'snoozed' AND due_day < ?1
                    AND NOT EXISTS (SELECT 1 FROM run WHERE run_no > decision.run_no AND run_no < ?2 AND as_of > due_day)
                """,
            arguments: [asOf.stored, number])
        return (open ?? 0) + (snoozed ?? 0)
    }

    private static func requireSamePlan(
        _ db: Database, _ earlier: PublishedRun, _ decisions: some Collection<Decision>
    ) throws {
        var digest = PlanDigest()
        for decision in decisions { digest.add(decision) }
        let known = try Data.fetchOne(db, sql: "SELECT digest FROM run WHERE run_no = ?", arguments: [earlier.number])
        guard digest.finish() == known else {
            throw Diagnostic(
                "run_differs", "Run \(earlier.record.runID) is published already, with another plan.",
                remedy: "publish the new plan under a new run id")
        }
    }

    private static let runColumns = """
        run_id, as_of, mode, strategy_version, model_version, summary, run_no, published_at, touches, idle, expired
        """

    private static func run(_ db: Database, _ clause: String, _ arguments: StatementArguments = []) throws
        -> PublishedRun?
    {
        try Row.fetchOne(db, sql: "SELECT \(runColumns) FROM run \(clause)", arguments: arguments).map(publishedRun)
    }

    private static func publishedRun(_ row: Row) throws -> PublishedRun {
        PublishedRun(
            record: RunRecord(
                runID: row[0], asOf: row.day(1), mode: try row.closed(2), strategyVersion: row[3],
                modelVersion: row[4], summary: row[5]),
            number: row[6], publishedAt: row[7], touches: row[8], idle: row[9], expired: row[10])
    }
}
