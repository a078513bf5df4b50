package import EngagementModel
import Foundation
import GRDB

extension Ledger {
    /// Writes outcomes and live decisions in one transaction: one wait for the disk for all of them.
    ///
    /// An outcome is one by its key and id. The first report of a talk, or of something that the HCP began, adds the
    /// touch to the contact history; a message is there by its claim or its load, and never by its outcome.
    /// - Parameter seen: the last outcome that the caller knows.
    package func appendLive(
        outcomes: [LiveOutcomeRecord], decisions: [LiveDecisionRecord], after seen: Int64
    ) async throws -> LiveAppend {
        let at = now()
        return try await write { db in
            var result = LiveAppend()
            for outcome in outcomes { result.stored.append(try Self.store(db, outcome, at: at)) }
            if !decisions.isEmpty {
                var insert = try BulkStatement(
                    db,
                    """
                    INSERT INTO live_decision (decision_id, key_no, hcp_id, at, run_id, model_version,
                        strategy_version, arm, asked, outcomes_seen, temperature, no_touch_propensity, shown, refused,
                        considered, exploration_floor, scored_through, seed, recorded_at)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """)
                for decision in decisions {
                    insert.bind(decision.decisionID)
                    insert.bind(decision.key)
                    insert.bind(decision.hcpID)
                    insert.bind(decision.at)
                    insert.bind(decision.runID)
                    insert.bind(decision.modelVersion)
                    insert.bind(decision.strategyVersion)
                    insert.bind(decision.arm.rawValue)
                    insert.bind(decision.asked)
                    insert.bind(decision.outcomesSeen)
                    insert.bind(decision.temperature)
                    insert.bind(decision.noTouchPropensity)
                    insert.bind(decision.shown)
                    insert.bind(Int64(decision.refused))
                    insert.bind(decision.considered)
                    insert.bind(decision.explorationFloor)
                    insert.bind(decision.scoredThrough)
                    insert.bind(decision.seed)
                    insert.bind(at)
                    try insert.step()
                }
            }
            result.news = try Self.outcomes(db, "outcome_no > ?", [seen])
            return result
        }
    }

    /// Outcomes from a day on, in the order of numbers.
    package func liveOutcomes(from day: Day) async throws -> [LiveOutcomeRecord] {
        try await read { db in try Self.outcomes(db, "day >= ?", [day.stored]) }
    }

    /// Outcomes after a number.
    package func liveOutcomes(after number: Int64) async throws -> [LiveOutcomeRecord] {
        try await read { db in try Self.outcomes(db, "outcome_no > ?", [number]) }
    }

    /// Outcomes of one HCP up to a number, in the order of numbers.
    package func liveOutcomes(ofHCP hcpID: String, through number: Int64) async throws -> [LiveOutcomeRecord] {
        try await read { db in
            try Self.outcomes(db, "outcome_no <= ? AND hcp_id = ?", [number, hcpID])
        }
    }

    /// Number of the last outcome; 0 = none.
    package func lastLiveOutcome() async throws -> Int64 {
        try await read { db in try Int64.fetchOne(db, sql: "SELECT max(outcome_no) FROM live_outcome") ?? 0 }
    }

    /// A live decision by its id; nil when it is not (yet) on disk.
    package func liveDecision(_ decisionID: String) async throws -> LiveDecisionRecord? {
        try await read { db in
            try Row.fetchOne(
                db,
                sql: """
                    SELECT decision_id, key_no, hcp_id, at, run_id, model_version, strategy_version, arm, asked,
                        outcomes_seen, temperature, no_touch_propensity, shown, refused, considered,
                        exploration_floor, scored_through, seed
                    FROM live_decision WHERE decision_id = ?
                    """, arguments: [decisionID]
            ).map { row in
                LiveDecisionRecord(
                    decisionID: row[0], key: row[1], hcpID: row[2], at: row[3], runID: row[4], modelVersion: row[5],
                    strategyVersion: row[6], arm: try row.closed(7), asked: row[8], outcomesSeen: row[9],
                    temperature: row[10], noTouchPropensity: row[11], shown: row[12], refused: row[13],
                    considered: [UInt8](row[14] as Data), explorationFloor: row[15], scoredThrough: row[16],
                    seed: row[17])
            }
        }
    }

    /// Live decisions on file.
    package func liveDecisionCount() async throws -> Int {
        try await read { db in try Int.fetchOne(db, sql: "SELECT count(*) FROM live_decision") ?? 0 }
    }

    /// Touches after a number, from a day on, that count against caps: pushed, and out, uncertain or on their way.
    package func liveContacts(after number: Int64, from day: Day) async throws -> LiveContacts {
        try await read { db in
            var result = LiveContacts()
            result.last = try Int64.fetchOne(db, sql: "SELECT max(contact_no) FROM contact") ?? 0
            let rows = try Row.fetchCursor(
                db,
                sql: """
                    SELECT contact_no, hcp_id, day, channel, purpose, product_id, sender, content_id FROM contact
                    WHERE contact_no > ? AND day >= ? AND direction = 'push'
                        AND (status IN ('sent', 'delivered', 'uncertain') OR claim_state IN ('claimed', 'sending'))
                    ORDER BY contact_no
                    """, arguments: [number, day.stored])
            while let row = try rows.next() {
                result.number.append(row[0])
                result.hcpID.append(row[1])
                result.day.append(row.day(2))
                result.channel.append(try row.closed(3))
                result.purpose.append(try row.optionalClosed(4))
                result.productID.append(row[5])
                result.sender.append(row[6])
                result.contentID.append(row[7])
            }
            return result
        }
    }

    /// HCPs whose consents changed after a consent's number, and the number of the last consent.
    package func consentChanges(after number: Int64) async throws -> (hcpIDs: Set<String>, last: Int64) {
        try await read { db in
            let last = try Int64.fetchOne(db, sql: "SELECT max(consent_no) FROM consent") ?? 0
            guard last > number else { return ([], last) }
            let ids = try String.fetchSet(
                db, sql: "SELECT DISTINCT hcp_id FROM consent WHERE consent_no > ?", arguments: [number])
            return (ids, last)
        }
    }

    // MARK: - Parts

    private static let outcomeColumns = """
        outcome_no, outcome_id, decision_id, hcp_id, channel, content_id, product_id, occurred_at, day, response,
        direction, key_no
        """

    private static func outcomes(
        _ db: Database, _ condition: String, _ arguments: StatementArguments
    ) throws -> [LiveOutcomeRecord] {
        try Row.fetchAll(
            db, sql: "SELECT \(outcomeColumns) FROM live_outcome WHERE \(condition) ORDER BY outcome_no",
            arguments: arguments
        ).map(record)
    }

    private static func record(_ row: Row) throws -> LiveOutcomeRecord {
        LiveOutcomeRecord(
            number: row[0],
            outcome: LiveOutcome(
                outcomeID: row[1], decisionID: row[2], hcpID: row[3], channel: try row.closed(4), contentID: row[5],
                productID: row[6], occurredAt: row[7], response: try row.closed(9), direction: try row.closed(10),
                key: row[11]),
            day: row.day(8))
    }

    private static func store(_ db: Database, _ record: LiveOutcomeRecord, at: Int64) throws -> LiveStored {
        let outcome = record.outcome
        let earlier = try Row.fetchOne(
            db.cachedStatement(
                sql: "SELECT \(outcomeColumns) FROM live_outcome WHERE key_no = ? AND outcome_id = ?"),
            arguments: [outcome.key, outcome.outcomeID])
        if let earlier = try earlier.map(Self.record) {
            return earlier.outcome == outcome ? .known(earlier.number) : .mismatch
        }
        let contact = try touch(db, record, at: at)
        try db.cachedStatement(
            sql: """
                INSERT INTO live_outcome (key_no, outcome_id, decision_id, hcp_id, channel, content_id, product_id,
                    occurred_at, day, response, direction, contact_no, recorded_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            outcome.key, outcome.outcomeID, outcome.decisionID, outcome.hcpID, outcome.channel.rawValue,
            outcome.contentID, outcome.productID, outcome.occurredAt, record.day.stored, outcome.response.rawValue,
            outcome.direction.rawValue, contact, at,
        ])
        return .stored(db.lastInsertedRowID)
    }

    /// The touch of an outcome in the contact history: the one on file, or a new one for a talk and for a pull.
    private static func touch(_ db: Database, _ record: LiveOutcomeRecord, at: Int64) throws -> Int64? {
        let outcome = record.outcome
        let known = try Int64.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT contact_no FROM contact WHERE hcp_id = ? AND channel = ? AND direction = ?
                        AND (decision_id = ? OR occurred_at = ?) ORDER BY contact_no LIMIT 1
                    """),
            arguments: [
                outcome.hcpID, outcome.channel.rawValue, outcome.direction.rawValue, outcome.decisionID,
                outcome.occurredAt,
            ])
        guard known == nil, outcome.direction == .pull || outcome.channel.isHuman else { return known }
        let interaction = "live:\(outcome.key):\(outcome.outcomeID)"
        try db.cachedStatement(
            sql: """
                INSERT INTO contact (interaction_id, hcp_id, channel, direction, product_id, content_id, sender,
                    decision_id, occurred_at, day, status, origin, recorded_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'delivered', 'rapport', ?)
                """
        ).execute(arguments: [
            interaction, outcome.hcpID, outcome.channel.rawValue, outcome.direction.rawValue, outcome.productID,
            outcome.contentID, "key:\(outcome.key)", outcome.decisionID, outcome.occurredAt, record.day.stored, at,
        ])
        let number = db.lastInsertedRowID
        try audit(
            db, at: at, by: Principal(id: "key:\(outcome.key)"), "contact.recorded", subject: interaction,
            after: [
                "hcp_id": outcome.hcpID, "channel": outcome.channel.rawValue, "status": "delivered",
                "day": record.day.description,
            ])
        return number
    }
}
