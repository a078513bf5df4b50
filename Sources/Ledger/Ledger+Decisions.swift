package import EngagementModel
import Foundation
import GRDB

extension Ledger {
    /// What a sender is to do from one day to another, in the order of day and rank; expired decisions are left out.
    ///
    /// - Parameters:
    ///   - statuses, channels: nil = every one.
    ///   - cursor: `next` of the page before.
    package func decisions(
        of sender: String, from first: Day, through last: Day, statuses: Set<DecisionStatus>? = nil,
        channels: Set<Channel>? = nil, after cursor: DecisionCursor? = nil, limit: Int = 100
    ) async throws -> DecisionPage {
        try await read { db in
            var condition = """
                d.day IS NOT NULL AND d.sender = :sender AND d.due_day BETWEEN :first AND :last
                AND \(Self.statusNow) <> 'expired'
                """
            var arguments: StatementArguments = [
                "sender": sender, "first": first.stored, "last": last.stored, "limit": limit + 1,
            ]
            if let statuses { condition += " AND \(Self.statusNow) IN (\(Self.spelled(statuses)))" }
            if let channels { condition += " AND d.channel IN (\(Self.spelled(channels)))" }
            if let cursor {
                condition += " AND (d.due_day, d.plan_rank, d.decision_no) > (:day, :rank, :number)"
                arguments += ["day": cursor.day, "rank": cursor.rank, "number": cursor.number]
            }
            let order = "ORDER BY due_day, plan_rank, decision_no LIMIT :limit"
            // The current plan, and the few decisions of earlier runs that people took in hand: an index for each.
            var found = try Self.decisions(
                db,
                """
                WHERE d.decision_no IN (SELECT decision_no FROM (
                    SELECT * FROM (SELECT d.due_day, d.plan_rank, d.decision_no FROM decision d INDEXED BY decision_due
                        WHERE d.run_no = \(Self.latest) AND \(condition) \(order))
                    UNION ALL
                    SELECT * FROM (SELECT d.due_day, d.plan_rank, d.decision_no
                        FROM decision d INDEXED BY decision_acted
                        WHERE d.run_no < \(Self.latest) AND d.status NOT IN ('planned', 'shown') AND \(condition)
                        \(order))
                    \(order)))
                ORDER BY d.due_day, d.plan_rank, d.decision_no
                """, arguments)
            guard found.count > limit else { return DecisionPage(decisions: found, next: nil) }
            found.removeLast()
            let next = found.last.map {
                DecisionCursor(day: $0.dueDay?.stored ?? 0, rank: Int64($0.rank), number: $0.number)
            }
            return DecisionPage(decisions: found, next: next)
        }
    }

    /// What is planned for an HCP from a day on, by any team, and what became of it; in the order of days.
    ///
    /// - Parameter expired: also what newer plans have replaced.
    package func decisions(
        ofHCP hcpID: String, from first: Day, through last: Day? = nil, expired: Bool = false, limit: Int = 200
    ) async throws -> [LedgerDecision] {
        try await read { db in
            let everything = """
                SELECT d.decision_no FROM run r CROSS JOIN decision d INDEXED BY decision_touch USING (run_no)
                WHERE d.day IS NOT NULL AND d.hcp_id = :hcp
                """
            return try Self.decisions(
                db,
                """
                WHERE d.decision_no IN (\(expired ? everything : Self.standingOfHCP))
                    AND d.due_day BETWEEN :first AND :last \(expired ? "" : "AND \(Self.statusNow) <> 'expired'")
                ORDER BY d.due_day, d.decision_no LIMIT :limit
                """,
                ["hcp": hcpID, "first": first.stored, "last": last?.stored ?? .max, "limit": limit])
        }
    }

    package func decision(_ decisionID: String) async throws -> LedgerDecision? {
        try await read { db in try Self.decision(db, decisionID) }
    }

    /// The published plan, row for row, with current statuses: `rapport decisions`.
    package func decisions(
        ofRun runID: String, sender: String? = nil, hcpID: String? = nil, includingNoTouch: Bool = true
    ) async throws -> [LedgerDecision] {
        try await read { db in
            guard
                let number = try Int64.fetchOne(db, sql: "SELECT run_no FROM run WHERE run_id = ?", arguments: [runID])
            else { return [] }
            var clause = "WHERE d.run_no = :run"
            var arguments: StatementArguments = ["run": number]
            if let sender {
                clause += " AND d.sender = :sender"
                arguments += ["sender": sender]
            }
            if let hcpID {
                clause += " AND d.hcp_id = :hcp"
                arguments += ["hcp": hcpID]
            }
            if !includingNoTouch { clause += " AND d.day IS NOT NULL" }
            return try Self.decisions(db, clause + " ORDER BY d.decision_no", arguments)
        }
    }

    /// Current statuses by decision id; unknown ids are left out.
    package func statuses(of decisionIDs: [String]) async throws -> [String: DecisionStatus] {
        let list = try canonicalJSON(decisionIDs)
        return try await read { db in
            var result: [String: DecisionStatus] = [:]
            result.reserveCapacity(decisionIDs.count)
            let rows = try Row.fetchCursor(
                db,
                sql: """
                    SELECT d.decision_id, \(Self.statusNow)
                    FROM json_each(?) j CROSS JOIN decision d ON d.decision_id = j.value
                    """,
                arguments: [list])
            while let row = try rows.next() { result[row[0]] = try row.closed(1) }
            return result
        }
    }

    /// What people accepted, edited, snoozed or dismissed and is due on or after a day: the next plan works around it.
    package func commitments(from first: Day) async throws -> Commitments {
        try await read { db in
            var result = Commitments()
            let rows = try Row.fetchCursor(
                db,
                sql: """
                    SELECT decision_id, hcp_id, due_day, channel, coalesce(sender, ''), status
                    FROM decision INDEXED BY decision_acted_day
                    WHERE day IS NOT NULL AND status NOT IN ('planned', 'shown') AND due_day >= ?
                        AND status IN ('accepted', 'edited', 'snoozed', 'dismissed')
                    ORDER BY due_day, decision_no
                    """,
                arguments: [first.stored])
            while let row = try rows.next() {
                result.decisionID.append(row[0])
                result.hcpID.append(row[1])
                result.day.append(row.day(2))
                result.channel.append(try row.closed(3))
                result.sender.append(row[4])
                result.status.append(try row.closed(5))
            }
            return result
        }
    }
}
