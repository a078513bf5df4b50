import EngagementModel
import Foundation
import GRDB

/// How decisions are read: the one place that knows their columns and what their status is now.
extension Ledger {
    static let latest = "(SELECT max(run_no) FROM run)"

    /// The current status of `decision d`. What nobody took in hand expires with the next run, a snoozed decision with
    /// the first run after its day; everything else is as stored. `DecisionMachine` has the same rule; a test holds
    /// the two together. SQLite computes the subqueries once a statement.
    static let statusNow = """
        CASE WHEN d.run_no < \(latest) AND d.day IS NOT NULL AND (d.status IN ('planned', 'shown')
            OR d.status = 'snoozed' AND d.due_day < (SELECT as_of FROM run ORDER BY run_no DESC LIMIT 1))
        THEN 'expired' ELSE d.status END
        """

    /// Numbers of what stands for the HCP `:hcp`: the current plan, and what people took in hand of earlier ones.
    static let standingOfHCP = """
        SELECT decision_no FROM decision INDEXED BY decision_touch
        WHERE run_no = \(latest) AND hcp_id = :hcp AND day IS NOT NULL
        UNION ALL
        SELECT decision_no FROM decision INDEXED BY decision_acted_hcp
        WHERE run_no < \(latest) AND hcp_id = :hcp AND day IS NOT NULL AND status NOT IN ('planned', 'shown')
        """

    static func decision(_ db: Database, _ decisionID: String) throws -> LedgerDecision? {
        try decisions(db, "WHERE d.decision_id = ?", [decisionID]).first
    }

    /// `CROSS JOIN` keeps SQLite from beginning with the few runs instead of the index that the clause is made for.
    static func decisions(_ db: Database, _ clause: String, _ arguments: StatementArguments) throws -> [LedgerDecision]
    {
        let sql = """
            SELECT d.decision_id, r.run_id, r.as_of, d.hcp_id, d.hco_id, d.day, d.hour, d.channel, d.content_id,
                d.product_id, d.purpose, d.sender, d.objective, d.expected_effect, d.effect_low, d.effect_high, d.value,
                d.cost, d.price, d.propensity, d.arm, d.reason_1, d.reason_2, d.reason_3,
                coalesce(d.strategy_version, r.strategy_version), coalesce(d.model_version, r.model_version),
                \(statusNow), d.plan_rank, d.due_day, d.due_hour, d.due_content_id, d.changed_at, d.decision_no
            FROM decision d CROSS JOIN run r USING (run_no) \(clause)
            """
        let rows = try Row.fetchCursor(db.cachedStatement(sql: sql), arguments: arguments)
        var result: [LedgerDecision] = []
        while let row = try rows.next() { result.append(try ledgerDecision(row)) }
        return result
    }

    private static func ledgerDecision(_ row: Row) throws -> LedgerDecision {
        let decision = Decision(
            decisionID: row[0], runID: row[1], asOf: row.day(2), hcpID: row[3], hcoID: row[4], day: row.optionalDay(5),
            hour: row[6], channel: try row.optionalClosed(7), contentID: row[8], productID: row[9],
            purpose: try row.closed(10), sender: row[11], objective: row[12], expectedEffect: row[13],
            effectLow: row[14], effectHigh: row[15], value: row[16], cost: row[17], price: row[18],
            propensity: row[19], arm: try row.closed(20), reason1: row[21], reason2: row[22], reason3: row[23],
            strategyVersion: row[24], modelVersion: row[25], status: try row.closed(26))
        return LedgerDecision(
            decision: decision, rank: row[27], dueDay: row.optionalDay(28), dueHour: row[29], dueContentID: row[30],
            changedAt: row[31], number: row[32])
    }

    /// Spellings of a closed list for an `IN`: they come from the program, never from outside.
    static func spelled<List: ClosedList>(_ values: Set<List>) -> String {
        values.map { "'\($0.rawValue)'" }.sorted().joined(separator: ", ")
    }
}
