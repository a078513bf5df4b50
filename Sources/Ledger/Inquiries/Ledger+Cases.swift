package import EngagementModel
import GRDB

extension Ledger {
    /// Opens a case, once for its source and id; the event `case_opened` is part of the transaction.
    /// - Returns: its number, and whether it is new.
    @discardableResult
    package func openCase(
        _ draft: CaseDraft, channel: Channel = .phone, inquiry: Int64? = nil, text: String = "",
        by principal: Principal
    ) async throws -> (number: Int64, isNew: Bool) {
        guard (1...InquiryDraft.longestSubject).contains(draft.title.count) else {
            throw Diagnostic("bad_form", "A case has a title of 1 to \(InquiryDraft.longestSubject) characters.")
        }
        let at = now()
        let opened = try await write { db in
            let opened = try Self.insertCase(db, draft, at: at, by: principal)
            guard opened.isNew else { return opened }
            var isMedical = false
            if let inquiry {
                isMedical =
                    try Bool.fetchOne(db, sql: "SELECT medical FROM inquiry WHERE inquiry_no = ?", arguments: [inquiry])
                    ?? false
                try db.execute(
                    sql: "UPDATE inquiry SET case_no = ?, changed_at = ? WHERE inquiry_no = ? AND case_no IS NULL",
                    arguments: [opened.number, at, inquiry])
            }
            if !text.isEmpty {
                _ = try Self.insertNote(
                    db,
                    TimelineNote(
                        number: 0, caseNumber: opened.number, at: draft.openedAt, actor: principal.id, kind: .note,
                        text: text, facts: ["channel": channel.rawValue], isMedical: false), hcpID: draft.hcpID,
                    recordedAt: at)
            }
            try self.announceCase(db, opened.number, draft, channel: channel, isMedical: isMedical, at: at)
            return opened
        }
        if opened.isNew { bell.ring() }
        return opened
    }

    static func insertCase(_ db: Database, _ draft: CaseDraft, at: Int64, by principal: Principal) throws
        -> (number: Int64, isNew: Bool)
    {
        try db.execute(
            sql: """
                INSERT INTO service_case (source, source_id, opened_at, hcp_id, account_id, product_id, asset, title,
                    priority, state, due_at, changed_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'open', ?, ?) ON CONFLICT (source, source_id) DO NOTHING
                """,
            arguments: [
                draft.source, draft.sourceID, draft.openedAt, draft.hcpID, draft.accountID, draft.productID,
                draft.asset, draft.title, draft.priority.rawValue, at + Int64(draft.due.seconds) * 1_000_000, at,
            ])
        guard db.changesCount > 0 else {
            let number = try Int64.fetchOne(
                db, sql: "SELECT case_no FROM service_case WHERE source = ? AND source_id = ?",
                arguments: [draft.source, draft.sourceID])
            guard let number else { throw InquiryFailure.unknownCase }
            return (number, false)
        }
        let number = db.lastInsertedRowID
        try audit(
            db, at: at, by: principal, "case.opened", subject: "case:\(number)",
            after: ["source": draft.source, "priority": draft.priority.rawValue])
        return (number, true)
    }

    func announceCase(
        _ db: Database, _ number: Int64, _ draft: CaseDraft, channel: Channel, isMedical: Bool, at: Int64
    ) throws {
        var attributes = ["case_id": String(number), "priority": draft.priority.rawValue]
        if isMedical { attributes["medical"] = "true" }
        attributes["product_id"] = draft.productID
        try storeOwn(
            db,
            EngagementEvent(
                source: InquiryEvents.source, messageID: "case:\(number)", hcpID: draft.hcpID,
                name: InquiryEvents.caseOpened, occurredAt: draft.openedAt, receivedAt: at, attributes: attributes))
    }

    /// Does one thing to a case that the person sees; entry, audit row and change in one transaction.
    ///
    /// - Throws: `unknown_case` (also for one that is not theirs to see), `case_state`, `inquiry_changed`,
    ///   `reason_missing`.
    package func act(
        onCase number: Int64, _ act: CaseAct, version: Int? = nil, once: String? = nil, seenBy sight: InquirySight
    ) async throws {
        let at = now()
        try await write { db in
            guard let found = try Self.serviceCase(db, number, sight, at) else { throw InquiryFailure.unknownCase }
            if let once, try Self.isDone(db, once) { return }
            if let version, version != found.version { throw InquiryFailure.changed }
            var after = found
            var note = TimelineNote(
                number: 0, caseNumber: number, at: at, actor: sight.user, kind: .state, text: "", facts: [:],
                isMedical: false)
            switch act {
            case .move(let state, let text):
                guard found.state.admits(state) else { throw InquiryFailure.caseState(found.state) }
                guard state == .inProgress || !text.isEmpty else {
                    throw Diagnostic("reason_missing", "Say what was done, or what it waits for.")
                }
                after.state = state
                note.text = text
                note.facts["state"] = state.rawValue
            case .assign(let person):
                after.owner = person
                note.kind = .assigned
                note.facts["assignee"] = person
            case .prioritise(let priority):
                after.priority = priority
                note.facts["priority"] = priority.rawValue
            case .entry(let kind, let text, let part):
                guard [.note, .call, .visit, .partUsed].contains(kind), !text.isEmpty || part != nil else {
                    throw Diagnostic("reason_missing", "An entry needs some words.")
                }
                note.kind = kind
                note.text = text
                note.facts["part"] = part
            }
            guard note.text.count <= 2_000 else {
                throw Diagnostic("note_too_long", "A note has at most 2,000 characters.")
            }
            if (after.state, after.owner ?? "", after.priority)
                != (found.state, found.owner ?? "", found.priority)
            {
                try db.execute(
                    sql: """
                        UPDATE service_case SET state = ?, owner = ?, priority = ?, version = version + 1,
                            changed_at = ? WHERE case_no = ?
                        """,
                    arguments: [after.state.rawValue, after.owner, after.priority.rawValue, at, number])
            }
            _ = try Self.insertNote(db, note, hcpID: found.hcpID, once: once, recordedAt: at)
            try Self.audit(
                db, at: at, by: Principal(id: sight.user), "case.\(note.kind.rawValue)", subject: "case:\(number)",
                before: ["state": found.state.rawValue], after: ["state": after.state.rawValue])
        }
    }
}
