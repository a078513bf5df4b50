import Crypto
import EngagementModel
import Foundation
import GRDB

extension Ledger {
    /// Writes one message down with everything that follows from it, in one transaction.
    func takeInquiry(_ draft: InquiryDraft, _ finding: InquiryFinding, _ rules: InquiryRules) async throws
        -> InquiryReceipt
    {
        let at = now()
        let receipt = try await write { db in
            try InquiryIntake(db: db, ledger: self, draft: draft, finding: finding, rules: rules, at: at).take()
        }
        if receipt.isNew { bell.ring() }
        return receipt
    }

    /// The HCP of a proven answer: a message of ours went to this address under this message id.
    package func recipient(ofMessageID messageID: String, address: String) async throws
        -> (claim: Int64, hcpID: String)?
    {
        let local = messageID.prefix { $0 != "@" }
        let parts = local.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let claim = Int64(parts[0]), claim > 0, String(claim) == parts[0] else { return nil }
        return try await write { db in
            let prefix = hex(try self.secret(db, "ledger_id").prefix(8))
            guard prefix == parts[1],
                let row = try Row.fetchOne(
                    db,
                    sql: "SELECT hcp_id, address_hash FROM contact WHERE contact_no = ? AND claim_state IS NOT NULL",
                    arguments: [claim]), let digest = row[1] as Data?
            else { return nil }
            // The id stands in every mail of ours: only with the address does it say who answers.
            guard Array(digest) == (try self.digests(db)).address(address, .email) else { return nil }
            let hcpID: String = row[0]
            return hcpID.hasPrefix("erased:") ? nil : (claim, hcpID)
        }
    }
}

/// One message and its transaction.
private struct InquiryIntake {
    let db: Database
    let ledger: Ledger
    var draft: InquiryDraft
    let finding: InquiryFinding
    let rules: InquiryRules
    let at: Int64
    private static let actor = Principal(id: "hcp")

    private var digest: Data {
        var parts = [
            draft.channel.rawValue, draft.hcpID ?? "", draft.fromAddress ?? "", draft.productID ?? "",
            draft.accountID ?? "", draft.subject, draft.body,
        ]
        parts += draft.files.map { hex($0.digest) }
        return Data(SHA256.hash(data: Data(parts.joined(separator: "\u{1F}").utf8)))
    }

    func take() throws -> InquiryReceipt {
        if let known = try known() { return known }
        if let thread = try thread() { return try goOn(thread) }
        return try open()
    }

    /// The message as it arrived before.
    private func known() throws -> InquiryReceipt? {
        let once = "\(draft.source):\(draft.sourceID)"
        if let row = try Row.fetchOne(
            db, sql: "SELECT inquiry_no, digest FROM inquiry WHERE source = ? AND source_id = ?",
            arguments: [draft.source, draft.sourceID])
        {
            guard row[1] as Data == digest else {
                throw Diagnostic(
                    "idempotency_mismatch", "This id was used for another message.",
                    remedy: "give every message an id of its own")
            }
            return try receipt(row[0], isNew: false, continues: false)
        }
        if let erased = try ledger.erasedReport(db, draft.source, draft.sourceID) {
            return try receipt(erased, isNew: false, continues: false)
        }
        let entry = try Int64.fetchOne(
            db, sql: "SELECT inquiry_no FROM timeline_entry WHERE once = ?", arguments: [once])
        return try entry.map { try receipt($0, isNew: false, continues: true) }
    }

    private func receipt(_ number: Int64, isNew: Bool, continues: Bool, raised: Int64? = nil) throws -> InquiryReceipt {
        let row = try Row.fetchOne(
            db,
            sql: """
                SELECT queue, due_at, case_no, (SELECT min(due_at) FROM safety_flag f
                    WHERE f.inquiry_no = i.inquiry_no AND f.state IN ('open', 'acknowledged'))
                FROM inquiry i WHERE inquiry_no = ?
                """, arguments: [number])
        guard let row else { throw InquiryFailure.unknown }
        return InquiryReceipt(
            number: number, isNew: isNew, continues: continues, queue: try row.closed(0), dueAt: row[1],
            caseNumber: row[2], safetyDueAt: raised ?? row[3])
    }

    // MARK: - A thread

    /// The inquiry that this message goes on with: it answers one of its messages, and comes from the same sender.
    private func thread() throws -> Int64? {
        for id in draft.answers.prefix(20) {
            let candidates = try Int64.fetchAll(
                db,
                sql: "SELECT DISTINCT inquiry_no FROM timeline_entry WHERE message_id = ? AND inquiry_no IS NOT NULL",
                arguments: [id])
            for number in candidates where try isSameSender(number) { return number }
        }
        // An answer to an answer of ours: its claim names the inquiry.
        guard let claim = draft.claim,
            let step = try String.fetchOne(
                db, sql: "SELECT step_id FROM contact WHERE contact_no = ? AND campaign_id = ?",
                arguments: [claim, InquiryReply.campaign]),
            let number = Int64(step.prefix { $0 != ":" }), try isSameSender(number)
        else { return nil }
        return number
    }

    private func isSameSender(_ number: Int64) throws -> Bool {
        guard
            let row = try Row.fetchOne(
                db, sql: "SELECT hcp_id, from_address FROM inquiry WHERE inquiry_no = ?", arguments: [number])
        else { return false }
        if let hcp = row[0] as String?, hcp == draft.hcpID { return true }
        return (row[1] as String?).map { $0 == draft.fromAddress } ?? false
    }

    private func goOn(_ number: Int64) throws -> InquiryReceipt {
        let row = try Row.fetchOne(
            db, sql: "SELECT state, medical, queue, version, due_at, hcp_id FROM inquiry WHERE inquiry_no = ?",
            arguments: [number])
        guard let row else { throw InquiryFailure.unknown }
        let state: InquiryState = try row.closed(0)
        let decision = rules.decide(finding, asked: draft.asked, try facts())
        let entry = try addMessage(number, caseNumber: nil)
        let raised = try flag(number, entry: entry)
        // What is said later may be medical where the beginning was not.
        let turnsMedical = decision.isMedical && !(row[1] as Bool) && decision.rule != "fallback"
        guard let next = InquiryAction.writeAgain.next(after: state) else { throw InquiryFailure.state(state) }
        if next != state || turnsMedical {
            let queue = turnsMedical ? InquiryQueue.medical : try row.closed(2)
            let isFresh = next != state || turnsMedical
            let due = at + Int64(rules.due(queue, finding.urgency).seconds) * 1_000_000
            try db.execute(
                sql: """
                    UPDATE inquiry SET state = ?, queue = ?, medical = max(medical, ?), due_at = ?,
                        assignee = iif(? = 'new', NULL, assignee), version = version + 1, changed_at = ?
                    WHERE inquiry_no = ?
                    """,
                arguments: [
                    turnsMedical ? "new" : next.rawValue, queue.rawValue, turnsMedical, isFresh ? due : row[4] as Int64,
                    turnsMedical ? "new" : next.rawValue, at, number,
                ])
        }
        try Ledger.audit(
            db, at: at, by: Self.actor, "inquiry.continued", subject: "inquiry:\(number)",
            before: ["state": state.rawValue],
            after: ["state": turnsMedical ? "new" : next.rawValue, "medical": decision.isMedical ? "yes" : "no"])
        return try receipt(number, isNew: true, continues: true, raised: raised)
    }

    // MARK: - A new one

    private func facts() throws -> InquiryRules.Facts {
        var facts = InquiryRules.Facts(productID: draft.productID)
        guard let hcp = draft.hcpID else { return facts }
        facts.country = try String.fetchOne(
            db, sql: "SELECT country FROM recipient WHERE hcp_id = ?", arguments: [hcp])
        facts.hasRep =
            try Int.fetchOne(
                db,
                sql: """
                    SELECT 1 FROM alignment a JOIN sender s ON s.rep_id = a.rep_id
                    WHERE a.hcp_id = ? AND ? BETWEEN a.first_day AND a.last_day AND s.kind <> 'msl' LIMIT 1
                    """, arguments: [hcp, Day(microseconds: at).stored]) != nil
        return facts
    }

    private func open() throws -> InquiryReceipt {
        let decision = rules.decide(finding, asked: draft.asked, try facts())
        let due = at + Int64(decision.due.seconds) * 1_000_000
        try db.execute(
            sql: """
                INSERT INTO inquiry (source, source_id, digest, channel, received_at, recorded_at, hcp_id,
                    identified_by, account_id, product_id, claim_no, from_name, from_address, subject, body, language,
                    asked, kind, topic, need, urgency, evidence, reader, rule, medical, state, queue, due_at,
                    changed_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'new', ?, ?, ?)
                """,
            arguments: [
                draft.source, draft.sourceID, digest, draft.channel.rawValue, draft.receivedAt, at, draft.hcpID,
                draft.identifiedBy?.rawValue, draft.accountID, draft.productID, draft.claim, draft.fromName,
                draft.fromAddress, draft.subject, draft.body, draft.language, draft.asked?.rawValue,
                finding.kind.rawValue, finding.topic, finding.need, finding.urgency.rawValue,
                finding.evidence.joined(separator: ", "), finding.reader, decision.rule, decision.isMedical,
                decision.queue.rawValue, due, at,
            ])
        let number = db.lastInsertedRowID
        var caseNumber = draft.caseNumber
        if let caseNumber {
            try db.execute(
                sql: "UPDATE inquiry SET case_no = ? WHERE inquiry_no = ?", arguments: [caseNumber, number])
        } else if decision.opensCase {
            caseNumber = try openCase(number, decision)
        }
        let entry = try addMessage(number, caseNumber: caseNumber)
        let raised = try flag(number, entry: entry)
        try Ledger.audit(
            db, at: at, by: Self.actor, "inquiry.opened", subject: "inquiry:\(number)",
            after: [
                "channel": draft.channel.rawValue, "kind": finding.kind.rawValue, "queue": decision.queue.rawValue,
                "rule": decision.rule, "medical": decision.isMedical ? "yes" : "no", "due_at": String(due),
            ])
        if draft.isOfErased, let hcp = draft.hcpID {
            try Ledger.hold(db, number, pseudonym: try ledger.pseudonym(db, of: hcp), at: at)
        } else {
            try announce(number, decision)
        }
        return try receipt(number, isNew: true, continues: false, raised: raised)
    }

    /// The fault of an inquiry as a case; its title never quotes a text that is medical.
    private func openCase(_ number: Int64, _ decision: InquiryRules.Decision) throws -> Int64 {
        let neutral = finding.safety.contains { $0.kind == .deviceComplaint } ? "Device complaint" : "Technical fault"
        var new = CaseDraft(
            source: "inquiry", sourceID: String(number), openedAt: draft.receivedAt,
            title: decision.isMedical || draft.subject.isEmpty ? neutral : draft.subject)
        (new.hcpID, new.accountID, new.productID) = (draft.hcpID, draft.accountID, draft.productID)
        new.priority = finding.safety.contains { $0.isSerious } ? .critical : finding.urgency == .high ? .high : .normal
        new.due = rules.due(.service, finding.urgency)
        let opened = try Ledger.insertCase(db, new, at: at, by: Self.actor)
        try db.execute(
            sql: "UPDATE inquiry SET case_no = ?, changed_at = ? WHERE inquiry_no = ?",
            arguments: [opened.number, at, number])
        if opened.isNew && !draft.isOfErased {
            try ledger.announceCase(
                db, opened.number, new, channel: draft.channel, isMedical: decision.isMedical, at: at)
        }
        return opened.number
    }

    private func addMessage(_ number: Int64, caseNumber: Int64?) throws -> Int64 {
        var facts = ["channel": draft.channel.rawValue, "kind": finding.kind.rawValue, "reader": finding.reader]
        // Names of files name people, too: only how many there are stays beyond an erasure.
        if !draft.files.isEmpty { facts["attachments"] = String(draft.files.count) }
        var text = draft.subject.isEmpty ? draft.body : "\(draft.subject)\n\n\(draft.body)"
        if !draft.files.isEmpty {
            text += "\n\n[attached: \(draft.files.map(\.name).joined(separator: ", "))]"
        }
        let entry = try Ledger.insertNote(
            db,
            TimelineNote(
                number: 0, inquiry: number, at: draft.receivedAt, actor: Self.actor.id, kind: .messageIn, text: text,
                facts: facts, isMedical: finding.isMedical || finding.kind.isMedical), hcpID: draft.hcpID,
            messageID: draft.messageID, once: "\(draft.source):\(draft.sourceID)", recordedAt: at)
        try Ledger.insertFiles(db, draft.files, inquiry: number, entry: entry)
        return entry
    }

    /// One flag for each kind that the text tells of: harm and a broken device are two reports, to two authorities.
    /// - Returns: the first deadline.
    private func flag(_ number: Int64, entry: Int64) throws -> Int64? {
        var first: Int64?
        for safety in finding.safety {
            let due = at + Int64(rules.due(safety).seconds) * 1_000_000
            first = min(first ?? due, due)
            try db.execute(
                sql: """
                    INSERT INTO safety_flag (inquiry_no, entry_no, kind, serious, raised_at, due_at, state)
                    VALUES (?, ?, ?, ?, ?, ?, 'open')
                    """, arguments: [number, entry, safety.kind.rawValue, safety.isSerious, at, due])
            let words = [
                "kind": safety.kind.rawValue, "serious": safety.isSerious ? "yes" : "no", "due_at": String(due),
            ]
            _ = try Ledger.insertNote(
                db,
                TimelineNote(
                    number: 0, inquiry: number, at: at, actor: Principal.system.id, kind: .safety, text: "",
                    facts: words, isMedical: true), hcpID: draft.hcpID, recordedAt: at)
            try Ledger.audit(db, at: at, by: .system, "safety.raised", subject: "inquiry:\(number)", after: words)
        }
        return first
    }

    /// The event that journeys and live decisions hear. A medical question is another event, which says nothing of what
    /// was asked and triggers nothing promotional.
    private func announce(_ number: Int64, _ decision: InquiryRules.Decision) throws {
        var attributes = ["inquiry_id": String(number), "channel": draft.channel.rawValue]
        attributes["claim"] = draft.claim.map(String.init)
        if decision.isMedical {
            attributes["medical"] = "true"
            attributes["purpose"] = Purpose.medical.rawValue
        } else {
            attributes["kind"] = finding.kind.rawValue
            attributes["topic"] = finding.topic
            attributes["urgency"] = finding.urgency.rawValue
            attributes["queue"] = decision.queue.rawValue
            attributes["product_id"] = draft.productID
        }
        try ledger.storeOwn(
            db,
            EngagementEvent(
                source: InquiryEvents.source, messageID: "inquiry:\(number)", hcpID: draft.hcpID,
                name: decision.isMedical ? InquiryEvents.medicalOpened : InquiryEvents.opened,
                occurredAt: draft.receivedAt, receivedAt: at, attributes: attributes))
    }
}

/// Names of what the inbox reports.
package enum InquiryEvents {
    package static let source = "inbox"
    package static let opened = "inquiry_opened"
    package static let medicalOpened = "medical_inquiry_opened"
    package static let caseOpened = "case_opened"
}

/// Answers that leave through the claim.
package enum InquiryReply {
    /// Campaign of their claims; the step is `<inquiry>:<answer>`.
    package static let campaign = "inquiry"
}

enum InquiryFailure {
    static let unknown = Diagnostic("unknown_inquiry", "There is no such inquiry.")
    static let unknownCase = Diagnostic("unknown_case", "There is no such case.")
    static let changed = Diagnostic(
        "inquiry_changed", "Somebody else has changed this in the meantime.", remedy: "look at it again and repeat")
    static func state(_ state: InquiryState) -> Diagnostic {
        Diagnostic("inquiry_state", "That cannot be done: the inquiry is \(state.rawValue).")
    }
    static func caseState(_ state: CaseState) -> Diagnostic {
        Diagnostic("case_state", "That cannot be done: the case is \(state.rawValue.replacing("_", with: " ")).")
    }
    static let firewall = Diagnostic(
        "medical_firewall", "A medical inquiry is handed to others by medical people alone, who say that it is none.")
}
