import EngagementModel
import Foundation
import GRDB

/// Erasure and open safety reports.
///
/// The right to erasure yields to a duty of law and to public health (GDPR article 17(3)(b) and (c) with 9(2)(i)): harm
/// and device faults have to be reported with an identifiable reporter, and followed up (EMA GVP module VI; MDR article
/// 87). So an inquiry with an open flag keeps its words and its reporter, for safety and medical eyes alone (restriction,
/// article 18), until the last of its flags is settled; then it is emptied by the same transaction.
extension Schema {
    static let erasureHold = """
        CREATE TABLE erasure_hold (
            inquiry_no INTEGER PRIMARY KEY REFERENCES inquiry (inquiry_no),
            pseudonym TEXT NOT NULL,
            held_at INTEGER NOT NULL,
            completed_at INTEGER
        ) STRICT;
        CREATE TRIGGER erasure_hold_keeps_rows BEFORE DELETE ON erasure_hold
            BEGIN SELECT RAISE(ABORT, 'a held erasure is kept'); END;
        CREATE TRIGGER erasure_hold_ends_once BEFORE UPDATE ON erasure_hold
            WHEN old.completed_at IS NOT NULL OR new.completed_at IS NULL
                OR (new.inquiry_no, new.pseudonym, new.held_at) IS NOT (old.inquiry_no, old.pseudonym, old.held_at)
                OR EXISTS (SELECT 1 FROM safety_flag f WHERE f.inquiry_no = new.inquiry_no
                    AND f.state IN ('open', 'acknowledged'))
            BEGIN SELECT RAISE(ABORT, 'an erasure waits for its safety flags'); END;
        CREATE TRIGGER erasure_hold_restricts BEFORE UPDATE OF queue, medical ON inquiry
            WHEN (new.medical = 0 OR new.queue NOT IN ('safety', 'medical')) AND EXISTS (SELECT 1 FROM erasure_hold h
                WHERE h.inquiry_no = new.inquiry_no AND h.completed_at IS NULL)
            BEGIN SELECT RAISE(ABORT, 'an erased person''s report lies with safety or medical'); END;
        """
}

extension Ledger {
    /// Takes a person out of inquiries, cases and timelines: texts, names, addresses, ids. That something was asked and
    /// what became of it stays, and so do safety flags with their deadlines and references. Inquiries with an open flag
    /// wait for it.
    /// - Returns: inquiries and cases that were emptied, and inquiries that wait.
    func eraseInquiries(
        _ db: Database, _ hcpID: String, addresses: [String], pseudonym: String, at: Int64
    ) throws -> (emptied: Int, held: Int) {
        let mails = try canonicalJSON(addresses.map { Address.normalised($0, .email) }.sorted())
        let numbers = try Int64.fetchAll(
            db,
            sql: """
                SELECT inquiry_no FROM inquiry WHERE hcp_id = :hcp
                    OR (hcp_id IS NULL AND from_address IN (SELECT value FROM json_each(:mails)))
                """, arguments: ["hcp": hcpID, "mails": mails])
        let held = try Int64.fetchAll(
            db,
            sql: """
                SELECT DISTINCT inquiry_no FROM safety_flag WHERE state IN ('open', 'acknowledged')
                    AND inquiry_no IN (SELECT value FROM json_each(?)) ORDER BY inquiry_no
                """, arguments: [try canonicalJSON(numbers)])
        for number in held { try Self.hold(db, number, pseudonym: pseudonym, at: at) }
        let waiting = try canonicalJSON(held)
        let kept = try Int64.fetchSet(
            db,
            sql: """
                SELECT case_no FROM inquiry WHERE case_no IS NOT NULL
                    AND inquiry_no IN (SELECT value FROM json_each(?))
                """, arguments: [waiting])
        let cases = try Int64.fetchAll(
            db, sql: "SELECT case_no FROM service_case WHERE hcp_id = ? ORDER BY case_no", arguments: [hcpID]
        ).filter { !kept.contains($0) }
        let emptied = Set(numbers).subtracting(held).sorted()
        try empty(db, inquiries: emptied, cases: cases, pseudonym: pseudonym, at: at)
        // Entries that name the person beside both, as far as no report waits.
        try db.execute(
            sql: """
                UPDATE timeline_entry SET hcp_id = :to, text = '', message_id = NULL,
                    once = iif(once IS NULL, NULL, 'erased:' || entry_no)
                WHERE hcp_id = :hcp AND coalesce(inquiry_no NOT IN (SELECT value FROM json_each(:held)), 1)
                    AND coalesce(case_no NOT IN (SELECT value FROM json_each(:kept)), 1)
                """,
            arguments: ["to": pseudonym, "hcp": hcpID, "held": waiting, "kept": try canonicalJSON(kept.sorted())])
        return (emptied.count + cases.count, held.count)
    }

    /// An inquiry whose erasure waits: for safety and medical eyes alone from now on.
    static func hold(_ db: Database, _ number: Int64, pseudonym: String, at: Int64) throws {
        try db.execute(
            sql: "INSERT OR IGNORE INTO erasure_hold (inquiry_no, pseudonym, held_at) VALUES (?, ?, ?)",
            arguments: [number, pseudonym, at])
        guard db.changesCount > 0 else { return }
        try db.execute(
            sql: """
                UPDATE inquiry SET medical = 1, queue = iif(queue = 'medical', queue, 'safety'),
                    state = iif(queue <> 'medical' AND state = 'assigned', 'new', state),
                    assignee = iif(queue <> 'medical' AND state = 'assigned', NULL, assignee),
                    version = version + 1, changed_at = ? WHERE inquiry_no = ?
                """, arguments: [at, number])
        try audit(db, at: at, by: .system, "erasure.held", subject: "inquiry:\(number)", after: ["for": "safety"])
    }

    /// Ends the erasure of an inquiry whose last flag was settled; nothing where none waits.
    func completeErasure(_ db: Database, _ number: Int64, at: Int64) throws {
        guard
            let pseudonym = try String.fetchOne(
                db,
                sql: """
                    SELECT pseudonym FROM erasure_hold h WHERE inquiry_no = ? AND completed_at IS NULL
                        AND NOT EXISTS (SELECT 1 FROM safety_flag f WHERE f.inquiry_no = h.inquiry_no
                            AND f.state IN ('open', 'acknowledged'))
                    """, arguments: [number])
        else { return }
        try db.execute(
            sql: "UPDATE erasure_hold SET completed_at = ? WHERE inquiry_no = ?", arguments: [at, number])
        // Its case goes with it, unless another report of the same case waits.
        let cases = try Int64.fetchAll(
            db,
            sql: """
                SELECT i.case_no FROM inquiry i JOIN service_case c ON c.case_no = i.case_no
                WHERE i.inquiry_no = ? AND c.hcp_id IS i.hcp_id
                    AND NOT EXISTS (SELECT 1 FROM erasure_hold h JOIN inquiry o ON o.inquiry_no = h.inquiry_no
                        WHERE o.case_no = i.case_no AND h.completed_at IS NULL)
                """, arguments: [number])
        try empty(db, inquiries: [number], cases: cases, pseudonym: pseudonym, at: at)
        try Self.audit(db, at: at, by: .system, "erasure.completed", subject: "inquiry:\(number)", after: [:])
    }

    private func empty(
        _ db: Database, inquiries: [Int64], cases: [Int64], pseudonym: String, at: Int64
    ) throws {
        try remember(db, inquiries)
        let values: StatementArguments = [
            "to": pseudonym, "inquiries": try canonicalJSON(inquiries), "cases": try canonicalJSON(cases),
        ]
        try db.execute(
            sql: """
                UPDATE timeline_entry SET hcp_id = :to, text = '', message_id = NULL,
                    once = iif(once IS NULL, NULL, 'erased:' || entry_no)
                WHERE inquiry_no IN (SELECT value FROM json_each(:inquiries))
                    OR case_no IN (SELECT value FROM json_each(:cases))
                """, arguments: values)
        try db.execute(
            sql: """
                UPDATE inquiry SET hcp_id = :to, source_id = 'erased:' || inquiry_no, digest = X'', subject = '',
                    body = '', evidence = '', from_name = NULL, from_address = NULL, account_id = NULL
                WHERE inquiry_no IN (SELECT value FROM json_each(:inquiries))
                """, arguments: ["to": pseudonym, "inquiries": try canonicalJSON(inquiries)])
        try db.execute(
            sql: """
                UPDATE inquiry_file SET name = '', content = NULL, digest = X'', erased_at = :at
                WHERE erased_at IS NULL AND inquiry_no IN (SELECT value FROM json_each(:inquiries))
                """, arguments: ["at": at, "inquiries": try canonicalJSON(inquiries)])
        try db.execute(
            sql: """
                UPDATE service_case SET hcp_id = :to, source_id = 'erased:' || case_no, title = '', account_id = NULL
                WHERE case_no IN (SELECT value FROM json_each(:cases))
                """, arguments: ["to": pseudonym, "cases": try canonicalJSON(cases)])
    }

    // MARK: - What does not come back

    /// What stands for an erased person in the rows that stay.
    func pseudonym(_ db: Database, of hcpID: String) throws -> String {
        "erased:" + hex(try digests(db).subject(hcpID).prefix(8))
    }

    /// The emptied inquiry that came under this source and id.
    func erasedReport(_ db: Database, _ source: String, _ sourceID: String) throws -> Int64? {
        guard try Int.fetchOne(db, sql: "SELECT 1 FROM erased_report LIMIT 1") != nil else { return nil }
        let digest = try digests(db).identifier("inquiry:\(source)", sourceID)
        return try Int64.fetchOne(
            db, sql: "SELECT inquiry_no FROM erased_report WHERE digest = ?", arguments: [Data(digest)])
    }

    /// Keeps digests of source and id of what is about to be emptied.
    private func remember(_ db: Database, _ inquiries: [Int64]) throws {
        let digests = try digests(db)
        for row in try Row.fetchAll(
            db,
            sql: """
                SELECT inquiry_no, source, source_id FROM inquiry WHERE source_id NOT LIKE 'erased:%'
                    AND inquiry_no IN (SELECT value FROM json_each(?))
                """, arguments: [try canonicalJSON(inquiries)])
        {
            try db.execute(
                sql: "INSERT OR IGNORE INTO erased_report (digest, inquiry_no) VALUES (?, ?)",
                arguments: [Data(digests.identifier("inquiry:\(row[1] as String)", row[2])), row[0] as Int64])
        }
    }
}
