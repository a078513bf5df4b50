package import EngagementModel
import GRDB

extension Ledger {
    /// Does one thing to an inquiry that the person sees and may act on; entry, audit row and change in one transaction.
    ///
    /// - Parameters:
    ///   - version: as the person saw it; another one since is refused.
    ///   - once: the same form sent twice has one effect.
    /// - Throws: `unknown_inquiry` (also for one that is not theirs to see), `inquiry_state`, `inquiry_changed`,
    ///   `not_yours`, `medical_firewall`, `reason_missing`.
    @discardableResult
    package func act(
        onInquiry number: Int64, _ act: InquiryAct, version: Int? = nil, once: String? = nil,
        seenBy sight: InquirySight,
        rules: InquiryRules = InquiryRules()
    ) async throws -> Inquiry {
        let at = now()
        return try await write { db in
            guard let inquiry = try Self.inquiry(db, number, sight, at) else { throw InquiryFailure.unknown }
            if let once, try Self.isDone(db, once) { return inquiry }
            guard sight.acts.contains(inquiry.queue) else {
                throw Diagnostic("not_yours", "This queue answers its inquiries itself.")
            }
            if let version, version != inquiry.version { throw InquiryFailure.changed }
            let change = try InquiryChange(inquiry, act, sight: sight, rules: rules, at: at)
            try change.write(db, once: once)
            return try Self.inquiry(db, number, .all, at) ?? inquiry
        }
    }

    /// What becomes of a safety flag: taken on, reported under a reference, or dismissed for a reason.
    package func settleSafety(
        flag number: Int64, to state: SafetyState, words: String, seenBy sight: InquirySight
    ) async throws {
        let at = now()
        try await write { db in
            let row = try Row.fetchOne(
                db, sql: "SELECT inquiry_no, state, kind FROM safety_flag WHERE flag_no = ?", arguments: [number])
            guard sight.seesFlagged, let row, let inquiry = try Self.inquiry(db, row[0], sight, at) else {
                throw InquiryFailure.unknown
            }
            let before: SafetyState = try row.closed(1)
            guard before.admits(state) else {
                throw Diagnostic("inquiry_state", "That cannot be done: the flag is \(before.rawValue).")
            }
            guard state == .acknowledged || !words.isEmpty else {
                throw Diagnostic(
                    "reason_missing",
                    state == .reported ? "A report needs its reference." : "A flag is dismissed for a reason.")
            }
            try db.execute(
                sql: """
                    UPDATE safety_flag SET state = ?, actor = ?, settled_at = ?, reference = ?, reason = ?
                    WHERE flag_no = ?
                    """,
                arguments: [
                    state.rawValue, sight.user, at, state == .reported ? words : nil,
                    state == .dismissed ? words : nil, number,
                ])
            _ = try Self.insertNote(
                db,
                TimelineNote(
                    number: 0, inquiry: inquiry.number, at: at, actor: sight.user, kind: .safety, text: words,
                    facts: ["state": state.rawValue, "kind": row[2]], isMedical: true), hcpID: inquiry.hcpID,
                recordedAt: at)
            try Self.audit(
                db, at: at, by: Principal(id: sight.user), "safety.\(state.rawValue)",
                subject: "inquiry:\(inquiry.number)", before: ["state": before.rawValue],
                after: ["state": state.rawValue])
            try self.completeErasure(db, inquiry.number, at: at)
        }
    }

    /// Whether a form with this mark has had its effect.
    package func isDone(_ once: String) async throws -> Bool { try await read { db in try Self.isDone(db, once) } }

    static func isDone(_ db: Database, _ once: String) throws -> Bool {
        try Int.fetchOne(db, sql: "SELECT 1 FROM timeline_entry WHERE once = ?", arguments: [once]) != nil
    }

    /// Adds an entry to the shared timeline; returns its number.
    static func insertNote(
        _ db: Database, _ note: TimelineNote, hcpID: String?, messageID: String? = nil, once: String? = nil,
        recordedAt: Int64
    ) throws -> Int64 {
        try db.execute(
            sql: """
                INSERT INTO timeline_entry (inquiry_no, case_no, hcp_id, at, recorded_at, actor, kind, text, facts,
                    medical, message_id, once)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                note.inquiry, note.caseNumber, hcpID, note.at, recordedAt, note.actor, note.kind.rawValue, note.text,
                try canonicalJSON(note.facts), note.isMedical, messageID, once,
            ])
        return db.lastInsertedRowID
    }
}

/// What an act makes of an inquiry: decided from values, then written.
private struct InquiryChange {
    var after: Inquiry
    private let before: Inquiry
    private var note: TimelineNote
    private var verb = ""
    private let at: Int64
    private let actor: String

    init(_ inquiry: Inquiry, _ act: InquiryAct, sight: InquirySight, rules: InquiryRules, at: Int64) throws {
        (before, after, self.at, actor) = (inquiry, inquiry, at, sight.user)
        note = TimelineNote(
            number: 0, inquiry: inquiry.number, at: at, actor: sight.user, kind: .state, text: "", facts: [:],
            isMedical: false)
        func move(_ action: InquiryAction) throws {
            guard let state = action.next(after: inquiry.state) else { throw InquiryFailure.state(inquiry.state) }
            after.state = state
            if state == .new { after.assignee = nil }
            note.facts["state"] = state.rawValue
        }
        func needed(_ words: String) throws -> String {
            guard !words.isEmpty else { throw Diagnostic("reason_missing", "Say why, in a few words.") }
            guard words.count <= 2_000 else {
                throw Diagnostic("note_too_long", "A note has at most 2,000 characters.")
            }
            return words
        }
        switch act {
        case .assign(let person):
            try move(person == nil ? .release : .assign)
            after.assignee = person
            note.kind = .assigned
            note.facts["assignee"] = person
            verb = person == nil ? "released" : "assigned"
        case .handOver(let queue, let reason):
            guard queue != inquiry.queue else { throw Diagnostic("inquiry_state", "It lies in this queue already.") }
            note.text = try needed(reason)
            try move(.handOver)
            if inquiry.isMedical && !queue.isMedical {
                guard sight.seesMedical else { throw InquiryFailure.firewall }
                guard inquiry.flags.allSatisfy({ !$0.state.isOpen || $0.kind == .deviceComplaint }) else {
                    throw Diagnostic("medical_firewall", "Its safety flag is open: it stays with medical until then.")
                }
                after.isMedical = false
                note.facts["medical"] = "no"
            }
            if inquiry.heldSince != nil && !(after.isMedical && queue.isMedical) {
                throw Diagnostic(
                    "erasure_held",
                    "Who reported this was erased: it stays with safety and medical until it is settled.")
            }
            if queue == .medical { after.isMedical = true }
            after.queue = queue
            after.dueAt = at + Int64(rules.due(queue, inquiry.finding.urgency).seconds) * 1_000_000
            note.kind = .handedOver
            note.facts["from"] = inquiry.queue.rawValue
            note.facts["to"] = queue.rawValue
            verb = "handed_over"
        case .answer(let channel, let text, let claim, let content):
            try move(.answer)
            note.text = claim == nil ? try needed(text) : text
            note.kind = .messageOut
            note.facts["channel"] = channel.rawValue
            note.facts["claim"] = claim.map(String.init)
            note.facts["content_id"] = content
            verb = "answered"
        case .close(let reason):
            note.text = try needed(reason)
            try move(.close)
            verb = "closed"
        case .reopen(let reason):
            note.text = try needed(reason)
            try move(.reopen)
            after.dueAt = at + Int64(rules.due(inquiry.queue, inquiry.finding.urgency).seconds) * 1_000_000
            verb = "reopened"
        case .note(let text):
            note.text = try needed(text)
            note.kind = .note
            verb = "noted"
        case .identify(let hcpID):
            guard inquiry.heldSince == nil else {
                throw Diagnostic("erasure_held", "Who reported this was erased.")
            }
            after.hcpID = hcpID
            after.identifiedBy = .person
            note.kind = .note
            note.facts["identified"] = "yes"
            verb = "identified"
        }
    }

    func write(_ db: Database, once: String?) throws {
        if after.hcpID != before.hcpID {
            guard
                try Int.fetchOne(db, sql: "SELECT 1 FROM recipient WHERE hcp_id = ?", arguments: [after.hcpID]) != nil
            else { throw Diagnostic("unknown_hcp", "There is no such HCP.") }
            try db.execute(
                sql: "UPDATE inquiry SET hcp_id = ?, identified_by = 'person' WHERE inquiry_no = ?",
                arguments: [after.hcpID, before.number])
        }
        let changes =
            (after.state, after.queue, after.assignee ?? "", after.dueAt) != (
                before.state, before.queue, before.assignee ?? "", before.dueAt
            ) || after.isMedical != before.isMedical
        if changes {
            try db.execute(
                sql: """
                    UPDATE inquiry SET state = ?, queue = ?, assignee = ?, due_at = ?, medical = ?,
                        version = version + 1, changed_at = ? WHERE inquiry_no = ?
                    """,
                arguments: [
                    after.state.rawValue, after.queue.rawValue, after.assignee, after.dueAt, after.isMedical, at,
                    before.number,
                ])
        }
        _ = try Ledger.insertNote(db, note, hcpID: after.hcpID, once: once, recordedAt: at)
        try Ledger.audit(
            db, at: at, by: Principal(id: actor), "inquiry.\(verb)", subject: "inquiry:\(before.number)",
            before: ["state": before.state.rawValue, "queue": before.queue.rawValue],
            after: ["state": after.state.rawValue, "queue": after.queue.rawValue].merging(
                note.facts.filter { ["claim", "content_id", "medical", "assignee"].contains($0.key) }
            ) { $1 })
    }
}
