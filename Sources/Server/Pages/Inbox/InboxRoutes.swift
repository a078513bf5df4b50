import EngagementModel
import HTTPTypes
import Hummingbird
import Ledger

/// The inbox and what is done with an inquiry.
struct InboxRoutes: Sendable {
    let pages: PageRenderer
    let reads: InboxReads

    private static let pageSize = 30

    func add(to routes: Routes) {
        routes.guarded(.inbox) { call in try await list(call) }
        routes.guarded(.inquiry) { call in try await show(call) }
        routes.guarded(.assignInquiry) { call in
            try await act(call, "assigned") { form, user in
                .assign(to: form["release"] == "yes" ? nil : user)
            }
        }
        routes.guarded(.handInquiryOver) { call in
            try await act(call, "handed_over") { form, _ in
                guard let queue = form["queue"].flatMap(InquiryQueue.init(rawValue:)), queue != .safety else {
                    throw Diagnostic("bad_form", "Choose who is to have it.")
                }
                return .handOver(to: queue, reason: form["reason"] ?? "")
            }
        }
        routes.guarded(.answerInquiry) { call in try await answer(call) }
        routes.guarded(.closeInquiry) { call in
            try await act(call, "closed") { form, _ in .close(reason: form["reason"] ?? "") }
        }
        routes.guarded(.reopenInquiry) { call in
            try await act(call, "reopened") { form, _ in .reopen(reason: form["reason"] ?? "") }
        }
        routes.guarded(.noteInquiry) { call in
            try await act(call, "noted") { form, _ in .note(form["text"] ?? "") }
        }
        routes.guarded(.identifyInquiry) { call in
            try await act(call, "identified") { form, _ in
                guard let hcp = form["hcp_id"], hcp.utf8.count <= 200 else {
                    throw Diagnostic("bad_form", "Enter the id of the HCP.")
                }
                return .identify(hcpID: hcp)
            }
        }
        routes.guarded(.inquiryFile) { call in try await FileDownload.answer(call, reads) }
        routes.guarded(.settleSafety) { call in try await settle(call) }
        routes.guarded(.openCase) { call in try await openCase(call) }
    }

    // MARK: - Looking

    private func list(_ call: Call) async throws -> Response {
        let sight = try await reads.sight(call.visit.identity)
        var page = InboxPage()
        page.now = reads.now
        page.filter.queue = call.query["queue"].flatMap(InquiryQueue.init(rawValue:))
        page.filter.stage = call.query["stage"].flatMap(InquiryFilter.Stage.init(rawValue:)) ?? .open
        page.filter.isMine = call.query["mine"] == "yes"
        // Safety's first work is what carries a flag.
        if call.query["queue"] == nil, call.visit.identity.role == .safety { page.filter.queue = .safety }
        let number = max(1, min(100_000, call.query["page"].flatMap { Int($0) } ?? 1))
        page.filter.limit = Self.pageSize
        page.filter.offset = (number - 1) * Self.pageSize
        let (rows, total) = try await reads.ledger.inquiries(page.filter, seenBy: sight)
        page.paging = Paging(page: number, size: Self.pageSize, total: total)
        let open = try await reads.ledger.openInquiries(seenBy: sight)
        page.waiting = try await reads.ledger.waitingInquiries(seenBy: sight)
        page.queues = InquiryQueue.allCases.filter { $0 == .safety ? sight.seesFlagged : sight.queues.contains($0) }
            .map { ($0, open[$0] ?? 0) }
        let people = try await reads.people()
        let labels = try await reads.labels(rows.compactMap(\.hcpID))
        page.rows = rows.map { inquiry in
            .init(
                inquiry: inquiry, hcp: inquiry.hcpID.flatMap { labels[$0] },
                product: reads.product(inquiry.productID), assignee: inquiry.assignee.map { reads.actor($0, people) })
        }
        if call.query["done"] == "handed_over" { page.said = "Handed over; it is with the other queue now." }
        return .html(
            try pages.document("inbox", page.view, title: "Inbox", section: .inbox, visit: call.visit))
    }

    private func find(_ call: Call, _ sight: InquirySight) async throws -> Inquiry {
        guard let number = Int64(try call.parameter("id")),
            let inquiry = try await reads.ledger.inquiry(number, seenBy: sight)
        else { throw HTTPError(.notFound) }
        return inquiry
    }

    private func show(_ call: Call, said: String? = nil, status: HTTPResponse.Status = .ok) async throws -> Response {
        let sight = try await reads.sight(call.visit.identity)
        let inquiry = try await find(call, sight)
        let role = call.visit.identity.role
        let people = try await reads.people()
        var page = InquiryPage(inquiry: inquiry)
        page.now = reads.now
        page.csrf = call.visit.csrf
        page.once = reads.ledger.newID()
        page.hcp = try await inquiry.hcpID.asyncMap { try await reads.labels([$0])[$0] } ?? nil
        page.product = reads.product(inquiry.productID)
        page.assignee = inquiry.assignee.map { reads.actor($0, people) }
        page.timeline = reads.entries(
            try await reads.ledger.timeline(ofInquiry: inquiry.number, seenBy: sight), people)
        page.files = try await reads.ledger.files(ofInquiry: inquiry.number, seenBy: sight)
        page.similar = try await reads.ledger.similar(to: inquiry, seenBy: sight)
        page.canAct = sight.acts.contains(inquiry.queue)
        page.canSettle = Operation.settleSafety.allows(role)
        page.canIdentify = Operation.identifyInquiry.allows(role) && page.canAct
        page.canOpenCase = Operation.openCase.allows(role)
        page.isMine = inquiry.assignee == sight.user
        if page.canAct, inquiry.state.isOpen, let desk = reads.context.answers {
            page.answers = try await desk.answers(to: inquiry)
        }
        page.said = said ?? call.query["done"].flatMap { Self.sentences[$0] }
        page.failed = status != .ok
        return .html(
            try pages.document("inquiry", page.view, title: inquiry.title, section: .inbox, visit: call.visit),
            status: status)
    }

    private static let sentences = [
        "assigned": "Noted.", "handed_over": "Handed over.", "closed": "Closed.", "reopened": "Open again.",
        "noted": "Noted.", "identified": "Noted whom it concerns.", "answered": "Recorded as answered.",
        "sent": "The answer is on its way.", "safety": "Noted for safety.",
    ]

    // MARK: - Acting

    /// A refusal is said on the page, beside what can be done instead.
    private func saying(_ call: Call, _ body: () async throws -> Response) async throws -> Response {
        do { return try await body() } catch let refusal as Diagnostic
            where [.conflict, .unprocessableContent].contains(ErrorPages.status(of: refusal))
        {
            let words = [refusal.message, refusal.remedy.map { "You can \($0)." }].compactMap { $0 }
            return try await show(call, said: words.joined(separator: " "), status: ErrorPages.status(of: refusal))
        }
    }

    private func act(
        _ call: Call, _ done: String, _ decide: (FormFields, String) throws -> InquiryAct
    ) async throws -> Response {
        let sight = try await reads.sight(call.visit.identity)
        let inquiry = try await find(call, sight)
        return try await saying(call) {
            try await reads.ledger.act(
                onInquiry: inquiry.number, try decide(call.form, sight.user),
                version: call.form["version"].flatMap { Int($0) }, once: Self.once(call), seenBy: sight,
                rules: reads.rules)
            return try await back(inquiry.number, done, sight)
        }
    }

    /// To the inquiry where it can still be seen, else to the list.
    private func back(_ number: Int64, _ done: String, _ sight: InquirySight) async throws -> Response {
        let isSeen = try await reads.ledger.inquiry(number, seenBy: sight) != nil
        return .seeOther(Operation.inbox.path + (isSeen ? "/\(number)" : "") + "?done=\(done)")
    }

    /// The mark that makes a form count once; of this person, so that nobody uses up another's, and of this form.
    static func once(_ call: Call) -> String? {
        call.form["once"].flatMap { mark in
            mark.utf8.count == 32 && mark.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
                ? "form:\(call.visit.identity.userID):\(call.operation.rawValue):\(mark)" : nil
        }
    }

    /// An answer of approved content leaves through the claim; any other is recorded as it was given.
    private func answer(_ call: Call) async throws -> Response {
        let sight = try await reads.sight(call.visit.identity)
        let inquiry = try await find(call, sight)
        guard sight.acts.contains(inquiry.queue) else { throw HTTPError(.forbidden) }
        let version = call.form["version"].flatMap { Int($0) }
        return try await saying(call) {
            let text = call.form["text"] ?? ""
            guard let content = call.form["content_id"] else {
                guard let channel = call.form["channel"].flatMap(Channel.init(rawValue:)) else {
                    throw Diagnostic("bad_form", "Say by which way it was answered.")
                }
                try await reads.ledger.act(
                    onInquiry: inquiry.number, .answer(channel, text: text, claim: nil, content: nil),
                    version: version, once: Self.once(call), seenBy: sight, rules: reads.rules)
                return try await back(inquiry.number, "answered", sight)
            }
            guard let desk = reads.context.answers else {
                throw Diagnostic("unknown_content", "No answers of approved content are set up here.")
            }
            if let once = Self.once(call), try await reads.ledger.isDone(once) {
                return try await back(inquiry.number, "sent", sight)
            }
            guard inquiry.state.isOpen, version == nil || version == inquiry.version else {
                throw Diagnostic(
                    "inquiry_changed", "Somebody else has changed this in the meantime.",
                    remedy: "look at it again and repeat")
            }
            switch try await desk.send(content, to: inquiry) {
            case .claimed(let claim), .existing(let claim):
                try await reads.ledger.act(
                    onInquiry: inquiry.number,
                    .answer(claim.channel, text: text, claim: claim.number, content: content), version: version,
                    once: Self.once(call), seenBy: sight, rules: reads.rules)
                reads.context.mail?.nudge()
                return try await back(inquiry.number, "sent", sight)
            case .refused(let reason, _):
                let words = reason.rawValue.replacing("_", with: " ")
                throw Diagnostic(
                    "bad_form", "The contact policy does not let this message go: \(words).",
                    remedy: "answer by telephone or from your own mailbox, and record it here")
            }
        }
    }

    private func settle(_ call: Call) async throws -> Response {
        let sight = try await reads.sight(call.visit.identity)
        let inquiry = try await find(call, sight)
        guard let flag = call.form["flag"].flatMap({ Int64($0) }), inquiry.flags.contains(where: { $0.number == flag }),
            let state = call.form["state"].flatMap(SafetyState.init(rawValue:)), state != .open
        else { throw HTTPError(.badRequest, message: "Choose what becomes of the flag.") }
        return try await saying(call) {
            try await reads.ledger.settleSafety(
                flag: flag, to: state, words: String((call.form["words"] ?? "").prefix(500)), seenBy: sight)
            return try await back(inquiry.number, "safety", sight)
        }
    }

    private func openCase(_ call: Call) async throws -> Response {
        let sight = try await reads.sight(call.visit.identity)
        let inquiry = try await find(call, sight)
        return try await saying(call) {
            guard let title = call.form["title"] else { throw Diagnostic("bad_form", "A case needs a title.") }
            var draft = CaseDraft(
                source: "inquiry", sourceID: String(inquiry.number), openedAt: reads.now, title: title)
            (draft.hcpID, draft.accountID, draft.productID) = (inquiry.hcpID, inquiry.accountID, inquiry.productID)
            draft.asset = call.form["asset"].map { String($0.prefix(100)) }
            draft.priority = inquiry.finding.urgency == .high ? .high : .normal
            draft.due = reads.rules.due(.service, inquiry.finding.urgency)
            let opened = try await reads.ledger.openCase(
                draft, channel: inquiry.channel, inquiry: inquiry.number, by: call.visit.identity.principal)
            return .seeOther("\(Operation.cases.path)/\(opened.number)?done=opened")
        }
    }
}

extension Optional {
    /// As `map`, for what takes a while.
    func asyncMap<R>(_ body: (Wrapped) async throws -> R) async rethrows -> R? {
        guard let value = self else { return nil }
        return try await body(value)
    }
}
