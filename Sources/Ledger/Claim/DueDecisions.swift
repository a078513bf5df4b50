package import EngagementModel
import GRDB

/// A planned touch that Rapport itself carries out: sent by the system, or an e-mail that its rep has accepted.
package struct DueDecision: Sendable, Hashable {
    package var decisionID: String
    package var hcpID: String
    package var channel: Channel
    package var purpose: Purpose
    package var productID: String?
    /// The day and hour that it is due, in the HCP's own time.
    package var day: Day
    package var hour: Int
    package var contentID: String?
    package var sender: String
    package var arm: String
}

extension Ledger {
    /// Messages of the newest plan that fall on one of the days and have no claim yet, the earliest first.
    ///
    /// A rep's e-mail is there once the rep has accepted or edited it; a touch that somebody dismissed or put off to
    /// another day is not.
    package func dueDecisions(from first: Day, through last: Day) async throws -> [DueDecision] {
        let columns = """
            d.decision_id, d.hcp_id, d.channel, d.purpose, d.product_id, d.due_day, coalesce(d.due_hour, 9),
            d.due_content_id, d.sender, d.arm
            """
        let unclaimed = """
            NOT EXISTS (SELECT 1 FROM contact c WHERE c.campaign_id = 'decision' AND c.step_id = d.decision_id
                AND c.hcp_id = d.hcp_id AND c.claim_state IS NOT NULL)
            """
        return try await read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT * FROM (
                        SELECT \(columns), d.plan_rank AS place FROM decision d
                        WHERE d.run_no = \(Self.latest) AND d.sender = 'system' AND d.due_day BETWEEN :first AND :last
                            AND d.day IS NOT NULL AND d.status IN ('planned', 'shown') AND \(unclaimed)
                        UNION ALL
                        SELECT \(columns), d.plan_rank FROM decision d INDEXED BY decision_acted_day
                        WHERE d.day IS NOT NULL AND d.status NOT IN ('planned', 'shown')
                            AND d.due_day BETWEEN :first AND :last AND d.status IN ('accepted', 'edited')
                            AND d.channel = 'email_rep' AND \(unclaimed)
                    ) ORDER BY 6, 7, place, 1
                    """, arguments: ["first": first.stored, "last": last.stored]
            ).map {
                DueDecision(
                    decisionID: $0[0], hcpID: $0[1], channel: try $0.closed(2), purpose: try $0.closed(3),
                    productID: $0[4], day: $0.day(5), hour: $0[6], contentID: $0[7], sender: $0[8], arm: $0[9])
            }
        }
    }
}
