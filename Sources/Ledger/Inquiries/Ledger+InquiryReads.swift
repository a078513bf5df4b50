package import EngagementModel
import Foundation
import GRDB

extension Ledger {
    /// One inquiry with its flags; nil where there is none, or the person may not see it.
    package func inquiry(_ number: Int64, seenBy sight: InquirySight) async throws -> Inquiry? {
        let at = now()
        return try await read { db in try Self.inquiry(db, number, sight, at) }
    }

    /// Inquiries that a person sees: those with an open safety flag by its deadline, then the soonest due; what is over
    /// by its last change, newest first.
    package func inquiries(_ filter: InquiryFilter, seenBy sight: InquirySight) async throws
        -> (rows: [Inquiry], total: Int)
    {
        let at = now()
        return try await read { db in
            var values = try Self.values(sight, at)
            let stage =
                switch filter.stage {
                // Among all queues what waits for anybody: an answer that is out does not settle what safety has to report.
                case .open where filter.queue == nil && !filter.isMine: Self.waits
                case .open: "i.state IN ('new', 'assigned')"
                case .answered: "i.state = 'answered'"
                case .closed: "i.state = 'closed'"
                case .all: "1"
                }
            let flagDue = """
                (SELECT min(f.due_at) FROM safety_flag f WHERE f.inquiry_no = i.inquiry_no
                    AND f.state IN ('open', 'acknowledged'))
                """
            // What the law waits for stands first, whatever the answer's own deadline is.
            var order = "\(flagDue) IS NULL, \(flagDue), "
            order += filter.stage == .open ? "i.due_at, i.inquiry_no" : "i.changed_at DESC, i.inquiry_no DESC"
            var sql = "\(Self.visible) AND "
            if filter.queue == .safety {
                // A flag is safety's until it is settled, whatever has become of the question.
                let flags = "FROM safety_flag f WHERE f.inquiry_no = i.inquiry_no AND f.state"
                let isOpen = "IN ('open', 'acknowledged')"
                let wanted = filter.stage == .open ? isOpen : filter.stage == .all ? "<> ''" : "NOT \(isOpen)"
                sql += "(EXISTS (SELECT 1 \(flags) \(wanted)) OR (i.queue = 'safety' AND \(stage)))"
                order = "coalesce((SELECT min(f.due_at) \(flags) \(isOpen)), i.due_at), i.inquiry_no"
            } else {
                sql += stage
            }
            if let queue = filter.queue, queue != .safety {
                sql += " AND i.queue = :queue"
                values["queue"] = queue.rawValue
            }
            if filter.isMine { sql += " AND i.assignee = :user" }
            if let hcp = filter.hcpID {
                sql += " AND i.hcp_id = :hcp"
                values["hcp"] = hcp
            }
            let total =
                try Int.fetchOne(
                    db, sql: "SELECT count(*) FROM inquiry i WHERE \(sql)", arguments: StatementArguments(values)) ?? 0
            values["limit"] = filter.limit
            values["offset"] = filter.offset
            let rows = try Row.fetchAll(
                db,
                sql: "SELECT \(Inquiry.columns) WHERE \(sql) ORDER BY \(order) LIMIT :limit OFFSET :offset",
                arguments: StatementArguments(values)
            ).map(Inquiry.init)
            return (try rows.map { try Self.withFlags(db, $0) }, total)
        }
    }

    private static let waits = """
        (i.state IN ('new', 'assigned') OR EXISTS (SELECT 1 FROM safety_flag f
            WHERE f.inquiry_no = i.inquiry_no AND f.state IN ('open', 'acknowledged')))
        """

    /// How many inquiries wait for anybody, as a person sees them: those of the list of all that are open.
    package func waitingInquiries(seenBy sight: InquirySight) async throws -> Int {
        let at = now()
        return try await read { db in
            try Int.fetchOne(
                db, sql: "SELECT count(*) FROM inquiry i WHERE \(Self.visible) AND \(Self.waits)",
                arguments: StatementArguments(try Self.values(sight, at))) ?? 0
        }
    }

    /// Open inquiries by queue, as a person sees them; `safety` counts open flags.
    package func openInquiries(seenBy sight: InquirySight) async throws -> [InquiryQueue: Int] {
        let at = now()
        return try await read { db in
            let values = StatementArguments(try Self.values(sight, at))
            var result: [InquiryQueue: Int] = [:]
            for row in try Row.fetchAll(
                db,
                sql: """
                    SELECT i.queue, count(*) FROM inquiry i WHERE i.state IN ('new', 'assigned') AND \(Self.visible)
                    GROUP BY i.queue
                    """, arguments: values)
            {
                result[try row.closed(0)] = row[1]
            }
            if sight.seesFlagged {
                result[.safety] = try Int.fetchOne(
                    db,
                    sql: """
                        SELECT count(DISTINCT f.inquiry_no) FROM safety_flag f
                        WHERE f.state IN ('open', 'acknowledged')
                        """)
            }
            return result
        }
    }

    /// Earlier inquiries of the same kind that were answered, of the same product first.
    package func similar(to inquiry: Inquiry, seenBy sight: InquirySight, limit: Int = 5) async throws -> [Inquiry] {
        guard inquiry.finding.kind != .other else { return [] }
        let at = now()
        return try await read { db in
            var values = try Self.values(sight, at)
            values["kind"] = inquiry.finding.kind.rawValue
            values.updateValue(inquiry.productID, forKey: "product")
            values["number"] = inquiry.number
            values["limit"] = limit
            return try Row.fetchAll(
                db,
                sql: """
                    SELECT \(Inquiry.columns) WHERE i.kind = :kind AND i.inquiry_no <> :number AND i.body <> ''
                        AND i.state IN ('answered', 'closed') AND \(Self.visible)
                    ORDER BY i.product_id IS NOT :product, i.received_at DESC LIMIT :limit
                    """, arguments: StatementArguments(values)
            ).map(Inquiry.init)
        }
    }

    /// The shared timeline of an inquiry and its case, oldest first, as far as the person may see it.
    package func timeline(ofInquiry number: Int64, seenBy sight: InquirySight) async throws -> [TimelineNote] {
        try await timeline(
            """
            e.inquiry_no = :number OR (e.case_no IS NOT NULL
                AND e.case_no = (SELECT case_no FROM inquiry WHERE inquiry_no = :number))
            """, number, sight)
    }

    /// The shared timeline of a case and of the inquiries that belong to it.
    package func timeline(ofCase number: Int64, seenBy sight: InquirySight) async throws -> [TimelineNote] {
        try await timeline(
            "e.case_no = :number OR e.inquiry_no IN (SELECT inquiry_no FROM inquiry WHERE case_no = :number)", number,
            sight)
    }

    private func timeline(_ condition: String, _ number: Int64, _ sight: InquirySight) async throws -> [TimelineNote] {
        try await read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT e.entry_no, e.inquiry_no, e.case_no, e.at, e.actor, e.kind, e.text, e.facts, e.medical
                    FROM timeline_entry e LEFT JOIN inquiry i ON i.inquiry_no = e.inquiry_no
                    WHERE (\(condition)) AND (:medical OR (e.medical = 0 AND coalesce(i.medical, 0) = 0))
                    ORDER BY e.at, e.entry_no LIMIT 500
                    """, arguments: ["number": number, "medical": sight.seesMedical]
            ).map { row in
                let facts: String = row[7]
                return TimelineNote(
                    number: row[0], inquiry: row[1], caseNumber: row[2], at: row[3], actor: row[4],
                    kind: try row.closed(5), text: row[6],
                    facts: try JSONDecoder().decode([String: String].self, from: Data(facts.utf8)),
                    isMedical: row[8])
            }
        }
    }

    package func serviceCase(_ number: Int64, seenBy sight: InquirySight) async throws -> ServiceCase? {
        let at = now()
        return try await read { db in try Self.serviceCase(db, number, sight, at) }
    }

    /// Cases that a person sees: open ones, the soonest due first; else all, latest first.
    package func serviceCases(
        open: Bool = true, mine: Bool = false, hcpID: String? = nil, seenBy sight: InquirySight, offset: Int = 0,
        limit: Int = 30
    ) async throws -> (rows: [ServiceCase], total: Int) {
        let at = now()
        return try await read { db in
            var values = try Self.values(sight, at)
            var sql = Self.visibleCase
            if open { sql += " AND c.state IN ('open', 'in_progress', 'waiting')" }
            if mine { sql += " AND c.owner = :user" }
            if let hcpID {
                sql += " AND c.hcp_id = :hcp"
                values["hcp"] = hcpID
            }
            let total =
                try Int.fetchOne(
                    db, sql: "SELECT count(*) FROM service_case c WHERE \(sql)", arguments: StatementArguments(values))
                ?? 0
            values["limit"] = limit
            values["offset"] = offset
            let order = open ? "c.due_at, c.case_no" : "c.changed_at DESC, c.case_no DESC"
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT \(ServiceCase.columns) WHERE \(sql) ORDER BY \(order) LIMIT :limit OFFSET :offset
                    """, arguments: StatementArguments(values)
            ).map(ServiceCase.init)
            return (rows, total)
        }
    }

    // MARK: - Inside of a transaction

    static func inquiry(_ db: Database, _ number: Int64, _ sight: InquirySight, _ at: Int64) throws -> Inquiry? {
        var values = try values(sight, at)
        values["number"] = number
        let row = try Row.fetchOne(
            db, sql: "SELECT \(Inquiry.columns) WHERE i.inquiry_no = :number AND \(visible)",
            arguments: StatementArguments(values))
        return try row.map { try withFlags(db, Inquiry($0)) }
    }

    static func serviceCase(_ db: Database, _ number: Int64, _ sight: InquirySight, _ at: Int64) throws -> ServiceCase?
    {
        var values = try values(sight, at)
        values["number"] = number
        return try Row.fetchOne(
            db, sql: "SELECT \(ServiceCase.columns) WHERE c.case_no = :number AND \(visibleCase)",
            arguments: StatementArguments(values)
        ).map(ServiceCase.init)
    }

    private static func withFlags(_ db: Database, _ inquiry: Inquiry) throws -> Inquiry {
        var inquiry = inquiry
        inquiry.flags = try Row.fetchAll(
            db,
            sql: """
                SELECT flag_no, kind, serious, raised_at, due_at, state, actor, settled_at, reference, reason
                FROM safety_flag WHERE inquiry_no = ? ORDER BY flag_no
                """, arguments: [inquiry.number]
        ).map {
            Inquiry.SafetyFlag(
                number: $0[0], kind: try $0.closed(1), isSerious: $0[2], raisedAt: $0[3], dueAt: $0[4],
                state: try $0.closed(5), actor: $0[6], settledAt: $0[7], reference: $0[8], reason: $0[9])
        }
        inquiry.heldSince = try Int64.fetchOne(
            db, sql: "SELECT held_at FROM erasure_hold WHERE inquiry_no = ? AND completed_at IS NULL",
            arguments: [inquiry.number])
        return inquiry
    }

    /// Which inquiries a person sees; the person's values are `values(_:)`.
    private static let visible = """
        (i.queue IN (SELECT value FROM json_each(:queues))
            OR (:flagged AND EXISTS (SELECT 1 FROM safety_flag f WHERE f.inquiry_no = i.inquiry_no)))
        AND (:medical OR i.medical = 0)
        AND (NOT :bound OR i.assignee = :user OR i.account_id IN (SELECT value FROM json_each(:accounts))
            OR \(aligned("i.hcp_id")))
        """

    private static let visibleCase = """
        (NOT :bound OR c.owner = :user OR c.account_id IN (SELECT value FROM json_each(:accounts))
            OR \(aligned("c.hcp_id")))
        """

    private static func aligned(_ column: String) -> String {
        """
        EXISTS (SELECT 1 FROM alignment a WHERE a.hcp_id = \(column)
            AND a.rep_id IN (SELECT value FROM json_each(:reps)) AND :today BETWEEN a.first_day AND a.last_day)
        """
    }

    private static func values(_ sight: InquirySight, _ at: Int64) throws -> [String: (any DatabaseValueConvertible)?] {
        [
            "queues": try canonicalJSON(sight.queues.map(\.rawValue).sorted()), "flagged": sight.seesFlagged,
            "medical": sight.seesMedical, "bound": sight.reps != nil, "user": sight.user,
            "reps": try canonicalJSON(sight.reps ?? []), "accounts": try canonicalJSON(sight.accounts),
            "today": Day(microseconds: at).stored,
        ]
    }
}

extension Inquiry {
    static let columns = """
        i.inquiry_no, i.source, i.channel, i.received_at, i.hcp_id, i.identified_by, i.account_id, i.product_id,
        i.claim_no, i.from_name, i.from_address, i.subject, i.body, i.language, i.asked, i.kind, i.topic, i.need,
        i.urgency, i.evidence, i.reader, i.rule, i.medical, i.state, i.queue, i.assignee, i.due_at, i.case_no,
        i.version, i.changed_at
        FROM inquiry i
        """

    init(_ row: Row) throws {
        let kind: InquiryKind = try row.closed(15)
        let evidence: String = row[19]
        let isMedical: Bool = row[22]
        // What was flagged stands in the flags; the finding tells how the text was read.
        let finding = InquiryFinding(
            kind: kind, topic: row[16], need: row[17], urgency: try row.closed(18), isMedical: kind.isMedical,
            evidence: evidence.isEmpty ? [] : evidence.components(separatedBy: ", "), reader: row[20])
        self.init(
            number: row[0], source: row[1], channel: try row.closed(2), receivedAt: row[3], hcpID: row[4],
            identifiedBy: try row.optionalClosed(5), accountID: row[6], productID: row[7], claim: row[8],
            fromName: row[9], fromAddress: row[10], subject: row[11], body: row[12], language: row[13],
            asked: try row.optionalClosed(14), finding: finding, rule: row[21], isMedical: isMedical,
            state: try row.closed(23), queue: try row.closed(24), assignee: row[25], dueAt: row[26],
            caseNumber: row[27], version: row[28], changedAt: row[29])
    }
}

extension ServiceCase {
    static let columns = """
        c.case_no, c.source, c.opened_at, c.hcp_id, c.account_id, c.product_id, c.asset, c.title, c.priority, c.state,
        c.owner, c.due_at, c.version, c.changed_at
        FROM service_case c
        """

    init(_ row: Row) throws {
        self.init(
            number: row[0], source: row[1], openedAt: row[2], hcpID: row[3], accountID: row[4], productID: row[5],
            asset: row[6], title: row[7], priority: try row.closed(8), state: try row.closed(9), owner: row[10],
            dueAt: row[11], version: row[12], changedAt: row[13])
    }
}

extension Ledger {
    /// The HCP that a program names: by Rapport's own id, or by an id of another system in the crosswalk.
    package func hcp(known id: String) async throws -> String? {
        try await read { db in
            try String.fetchOne(
                db,
                sql: """
                    SELECT coalesce((SELECT hcp_id FROM recipient WHERE hcp_id = :id),
                        (SELECT hcp_id FROM event_crosswalk WHERE external_id = :id))
                    """, arguments: ["id": id])
        }
    }
}
