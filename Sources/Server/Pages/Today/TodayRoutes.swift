import Delivery
import EngagementModel
import HTTPTypes
import Hummingbird
import Ledger

/// The rep's list and what can be done with its items.
struct TodayRoutes: Sendable {
    let pages: PageRenderer
    let context: ServerContext
    let store: SnapshotStore

    func add(to routes: Routes) {
        routes.guarded(.today) { call in try await show(call) }
        routes.guarded(.dayCalendar) { call in try await calendar(call) }
        routes.guarded(.accept) { call in try await act(call) { _ in .accept() } }
        routes.guarded(.edit) { call in try await act(call, edit) }
        routes.guarded(.dismiss) { call in try await act(call, dismiss) }
        routes.guarded(.snooze) { call in
            try await act(call) { form in
                guard let until = form["until"].flatMap({ Day($0) }) else { throw Self.unreadable("Choose a day.") }
                return .snooze(until: until)
            }
        }
    }

    // MARK: - The list

    private func show(_ call: Call) async throws -> Response {
        var page = try await list(call)
        if let id = call.query["done"], let decision = try await context.ledger.decision(id) {
            page.said = try await said(decision, call)
        }
        if page.canAct && !page.items.isEmpty {
            try await context.ledger.markShown(page.items.map(\.decisionID), to: call.visit.identity.principal)
        }
        return try document(page, call)
    }

    private func list(_ call: Call) async throws -> TodayPage {
        let snapshot = store.snapshot
        var filter = TodayFilter(call.query)
        let (rep, team) = try people(call, asked: filter.repID, facts: snapshot?.facts)
        if team.isEmpty { filter.repID = nil }
        var page = try await TodayReads(context: context, snapshot: snapshot).page(rep: rep, filter: filter)
        page.team = team
        page.canAct = call.visit.identity.role != .manager
        page.csrf = call.visit.csrf
        return page
    }

    /// The way of a day as a calendar file.
    private func calendar(_ call: Call) async throws -> Response {
        let page = try await list(call)
        guard let route = page.route, !route.stops.isEmpty else { throw HTTPError(.notFound) }
        let file = DayCalendar(
            day: route.day, zone: route.zone,
            entries: route.stops.map { stop in
                .init(
                    uid: "\(stop.key)@rapport", title: "Visit: \(stop.label.name)",
                    details: "\(stop.travelText) from the stop before; \(stop.slackText)",
                    place: [stop.label.site, stop.label.city].compactMap { $0 }.joined(separator: ", "),
                    latitude: stop.place.latitude, longitude: stop.place.longitude,
                    start: min(1438, Int(stop.start.rounded())),
                    end: min(1439, max(Int(stop.end.rounded()), Int(stop.start.rounded()) + 1)))
            })
        var response = Response(
            status: .ok, headers: [.contentType: "text/calendar; charset=utf-8; method=PUBLISH"],
            body: .init(byteBuffer: .init(bytes: try file.bytes(at: context.now()))))
        response.headers[.contentDisposition] = "attachment; filename=\"day-\(route.day).ics\""
        return response
    }

    /// Whose list: the own one, or for a manager one of the team's.
    private func people(_ call: Call, asked: String?, facts: SnapshotFacts?) throws
        -> (TodayPage.Person, [TodayPage.Person])
    {
        let identity = call.visit.identity
        guard identity.role == .manager else {
            return (.init(repID: identity.repID ?? "", name: identity.name), [])
        }
        let team = identity.repID.flatMap { facts?.team(of: $0) } ?? []
        let people = team.map { TodayPage.Person(repID: $0.repID, name: $0.name) }
        guard let asked else { return (people.first ?? .init(repID: "", name: "No team"), people) }
        guard let chosen = people.first(where: { $0.repID == asked }) else { throw HTTPError(.notFound) }
        return (chosen, people)
    }

    // MARK: - Acting

    /// Performs one action on a decision of the person's own list, and answers with the row or a redirect.
    private func act(_ call: Call, _ action: @Sendable (FormFields) throws -> DecisionAction) async throws -> Response {
        let id = try call.parameter("id")
        // Another rep's decision does not exist for this one.
        guard let repID = call.visit.identity.repID, let found = try await context.ledger.decision(id),
            found.decision.sender == repID
        else { throw HTTPError(.notFound) }
        let facts = store.snapshot?.facts
        let today = facts.map { TodayReads.today(clock: context.now(), asOf: $0.asOf) }
        let back = LocalPath.checked(call.form["back"]) ?? Operation.today.path
        do {
            let after = try await context.ledger.act(
                on: id, by: call.visit.identity.principal, try action(call.form), today: today)
            guard call.wantsFragment else { return .seeOther(Self.adding(done: id, to: back)) }
            return try await row(after, call, back, said: try await said(after, call))
        } catch let refusal as Diagnostic where ErrorPages.status(of: refusal).code < 500 {
            // A refusal belongs beside the list, where another choice is a click away.
            let words = [refusal.message, refusal.remedy.map { "You can \($0)." }].compactMap { $0 }
            let said = TodayPage.Said(words.joined(separator: " "), failed: true)
            if call.wantsFragment { return try await row(found, call, back, said: said) }
            var page = try await list(Self.seen(call, from: back))
            page.said = said
            return try document(page, call, status: ErrorPages.status(of: refusal))
        }
    }

    /// The call as if the list at `back` had been asked for.
    private static func seen(_ call: Call, from back: String) -> Call {
        var inner = call
        inner.query = FormFields(back.split(separator: "?", maxSplits: 1).dropFirst().first.map(String.init) ?? "")
        return inner
    }

    private func document(_ page: TodayPage, _ call: Call, status: HTTPResponse.Status = .ok) throws -> Response {
        .html(
            try pages.document(
                "today", page.view, title: "Today", section: .today, visit: call.visit, stamp: page.stamp),
            status: status)
    }

    private func row(_ decision: LedgerDecision, _ call: Call, _ back: String, said: TodayPage.Said) async throws
        -> Response
    {
        var page = try await list(Self.seen(call, from: back))
        guard let item = try await TodayReads(context: context, snapshot: store.snapshot).item(decision) else {
            throw HTTPError(.notFound)
        }
        page.said = said
        let scale = page.effectScale
        let view = View.with {
            $0.set("item", page.itemView(item, scale: scale))
            $0.set("said", page.saidView(said))
            // What was accepted, moved or dismissed changes the way of the day.
            $0.set("route", page.route?.view(swaps: true))
        }
        return .html(try pages.fragment("today-swap", view))
    }

    /// One sentence about what was done, with a way to the item's new place.
    private func said(_ decision: LedgerDecision, _ call: Call) async throws -> TodayPage.Said? {
        guard decision.decision.sender == call.visit.identity.repID, let channel = decision.decision.channel
        else { return nil }
        let card = try await store.snapshot?.card(of: decision.decision.hcpID)
        let name = card?.label.name ?? "HCP \(decision.decision.hcpID)"
        let day = decision.dueDay ?? decision.decision.day
        let when = day.map { " on \(Format.shortDay($0))" } ?? ""
        let (words, state): (String, TodayFilter.State)
        switch decision.decision.status {
        case .accepted: (words, state) = ("Accepted", .accepted)
        case .edited: (words, state) = ("Accepted with changes", .accepted)
        case .dismissed: (words, state) = ("Dismissed", .dismissed)
        case .snoozed: (words, state) = ("Snoozed", .snoozed)
        default: return nil
        }
        var filter = TodayFilter()
        filter.day = day
        filter.state = state
        return .init(
            "\(words): \(channel.title.lowercased()) with \(name)\(when).", link: "Show",
            path: Operation.today.path + filter.fields.query)
    }

    private func said(_ decision: LedgerDecision, _ call: Call) async throws -> TodayPage.Said {
        let said: TodayPage.Said? = try await said(decision, call)
        return said ?? .init("Done.")
    }

    // MARK: - Reading forms

    @Sendable private func edit(_ form: FormFields) throws -> DecisionAction {
        var edit = DecisionEdit()
        if let day = form["day"] {
            guard let read = Day(day) else { throw Self.unreadable("The day could not be read.") }
            edit.day = read
        }
        if let hour = form["hour"] {
            guard let read = Int(hour) else { throw Self.unreadable("The hour could not be read.") }
            edit.hour = read
        }
        if let content = form["content"] {
            guard store.snapshot?.facts.contents[content] != nil || content.utf8.count < 200 else {
                throw Self.unreadable("There is no such content.")
            }
            edit.contentID = content
        }
        edit.note = form["note"]
        return .edit(edit)
    }

    @Sendable private func dismiss(_ form: FormFields) throws -> DecisionAction {
        guard let cause = form["cause"].flatMap(DismissalCause.init(rawValue:)), cause != .unstated else {
            throw Self.unreadable("Choose a cause.")
        }
        let note = form["note"]
        if cause == .knowBetter && note == nil {
            throw Self.unreadable("Say in the note what you know better: it teaches the model.")
        }
        return .dismiss(cause: cause, note: note)
    }

    private static func unreadable(_ message: String) -> Diagnostic { Diagnostic("bad_form", message) }

    private static func adding(done id: String, to path: String) -> String {
        let parts = path.split(separator: "?", maxSplits: 1)
        let fields = FormFields(parts.count > 1 ? String(parts[1]) : "").setting("done", id)
        return String(parts.first ?? "/today") + fields.query
    }
}
