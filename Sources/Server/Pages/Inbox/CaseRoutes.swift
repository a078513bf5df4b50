import EngagementModel
import HTTPTypes
import Hummingbird
import Ledger

/// Service cases: the list, one case, and its entries.
struct CaseRoutes: Sendable {
    let pages: PageRenderer
    let reads: InboxReads

    private static let pageSize = 30

    func add(to routes: Routes) {
        routes.guarded(.cases) { call in try await list(call) }
        routes.guarded(.serviceCase) { call in try await show(call) }
        routes.guarded(.moveCase) { call in
            try await act(call) { form, user in
                if form["take"] == "yes" { return .assign(to: user) }
                if let priority = form["priority"].flatMap(CasePriority.init(rawValue:)) {
                    return .prioritise(priority)
                }
                guard let state = form["state"].flatMap(CaseState.init(rawValue:)) else {
                    throw Diagnostic("bad_form", "Choose what becomes of the case.")
                }
                return .move(to: state, text: form["text"] ?? "")
            }
        }
        routes.guarded(.noteCase) { call in
            try await act(call) { form, _ in
                guard let kind = form["kind"].flatMap(TimelineNote.Kind.init(rawValue:)) else {
                    throw Diagnostic("bad_form", "Choose what the entry is.")
                }
                return .entry(kind, text: form["text"] ?? "", part: form["part"].map { String($0.prefix(200)) })
            }
        }
    }

    private func list(_ call: Call) async throws -> Response {
        let sight = try await reads.sight(call.visit.identity)
        var page = CasesPage()
        page.now = reads.now
        page.isOpen = call.query["stage"] != "all"
        page.isMine = call.query["mine"] == "yes"
        let number = max(1, min(100_000, call.query["page"].flatMap { Int($0) } ?? 1))
        let (rows, total) = try await reads.ledger.serviceCases(
            open: page.isOpen, mine: page.isMine, seenBy: sight, offset: (number - 1) * Self.pageSize,
            limit: Self.pageSize)
        page.paging = Paging(page: number, size: Self.pageSize, total: total)
        page.rows = try await self.rows(rows)
        return .html(try pages.document("cases", page.view, title: "Cases", section: .cases, visit: call.visit))
    }

    private func rows(_ items: [ServiceCase]) async throws -> [CasesPage.Row] {
        let people = try await reads.people()
        let labels = try await reads.labels(items.compactMap(\.hcpID))
        return items.map { item in
            .init(
                item: item, hcp: item.hcpID.flatMap { labels[$0] }, product: reads.product(item.productID),
                owner: item.owner.map { reads.actor($0, people) })
        }
    }

    private func show(_ call: Call, said: String? = nil, status: HTTPResponse.Status = .ok) async throws -> Response {
        let sight = try await reads.sight(call.visit.identity)
        let item = try await find(call, sight)
        guard let row = try await rows([item]).first else { throw HTTPError(.notFound) }
        let role = call.visit.identity.role
        var page = CasePage(row: row)
        page.now = reads.now
        page.csrf = call.visit.csrf
        page.once = reads.ledger.newID()
        let notes = try await reads.ledger.timeline(ofCase: item.number, seenBy: sight)
        page.timeline = reads.entries(notes, try await reads.people())
        for number in Set(notes.compactMap(\.inquiry)).sorted() {
            if let inquiry = try await reads.ledger.inquiry(number, seenBy: sight) { page.inquiries.append(inquiry) }
        }
        page.canMove = Operation.moveCase.allows(role)
        page.canNote = Operation.noteCase.allows(role)
        page.isMine = item.owner == sight.user
        page.said = said ?? (call.query["done"] == nil ? nil : "Noted.")
        return .html(
            try pages.document("case", page.view, title: "Case \(item.number)", section: .cases, visit: call.visit),
            status: status)
    }

    private func find(_ call: Call, _ sight: InquirySight) async throws -> ServiceCase {
        guard let number = Int64(try call.parameter("id")),
            let item = try await reads.ledger.serviceCase(number, seenBy: sight)
        else { throw HTTPError(.notFound) }
        return item
    }

    private func act(_ call: Call, _ decide: (FormFields, String) throws -> CaseAct) async throws -> Response {
        let sight = try await reads.sight(call.visit.identity)
        let item = try await find(call, sight)
        do {
            try await reads.ledger.act(
                onCase: item.number, try decide(call.form, sight.user),
                version: call.form["version"].flatMap { Int($0) },
                once: InboxRoutes.once(call), seenBy: sight)
            return .seeOther("\(Operation.cases.path)/\(item.number)?done=yes")
        } catch let refusal as Diagnostic
            where [.conflict, .unprocessableContent].contains(ErrorPages.status(of: refusal))
        {
            let words = [refusal.message, refusal.remedy.map { "You can \($0)." }].compactMap { $0 }
            return try await show(call, said: words.joined(separator: " "), status: ErrorPages.status(of: refusal))
        }
    }
}
