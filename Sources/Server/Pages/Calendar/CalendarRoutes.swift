import EngagementModel
import Hummingbird
import Ledger

/// The one calendar of everything planned.
struct CalendarRoutes: Sendable {
    let pages: PageRenderer
    let context: ServerContext
    let store: SnapshotStore

    /// Conflicts that the page lists.
    private static let listed = 25

    func add(to routes: Routes) {
        routes.guarded(.calendar) { call in
            let snapshot = store.snapshot
            let page = try await page(call, snapshot)
            return .html(
                try pages.document(
                    "calendar", page.view, title: "Calendar", section: .calendar, visit: call.visit,
                    stamp: snapshot?.facts.stamp))
        }
    }

    private func page(_ call: Call, _ snapshot: Snapshot?) async throws -> CalendarPage {
        let filter = CalendarFilter(call.query)
        let today = Day(number: Int32(clamping: context.now() / 86_400_000_000))
        let first = filter.first ?? max(today, snapshot?.facts.asOf ?? today)
        let days = (0..<CalendarFilter.span).map { first + $0 }
        let last = first + (CalendarFilter.span - 1)
        let seesMedical = call.visit.identity.role.seesMedicalContacts
        var page = CalendarPage(first: first, days: days, filter: filter)
        page.counts = try await context.ledger.scheduledCounts(
            ScheduledFilter(
                from: first, through: last, channel: filter.channel, origin: filter.origin, withMedical: seesMedical))
        let wanted = ScheduledFilter(
            from: filter.day ?? first, through: filter.day ?? last, channel: filter.channel, origin: filter.origin,
            withMedical: seesMedical)
        let total = page.counts.filter { filter.day == nil || $0.day == filter.day }.reduce(0) { $0 + $1.touches }
        page.paging = Paging(page: filter.page, size: CalendarFilter.pageSize, total: total)
        let touches = try await context.ledger.scheduledTouches(
            wanted, limit: CalendarFilter.pageSize, offset: page.paging.range.lowerBound)
        let conflicts = try await conflicts(from: first, through: last, withMedical: seesMedical, snapshot)
        page.conflictCount = conflicts.count
        let shown = conflicts.prefix(Self.listed)
        let cards = try await snapshot?.cards(of: touches.map(\.hcpID) + shown.map(\.hcpID)) ?? [:]
        func name(_ id: String) -> String { cards[id]?.label.name ?? "HCP \(id)" }
        let facts = snapshot?.facts
        page.lines = touches.map { touch in
            .init(
                touch: touch, name: name(touch.hcpID),
                content: touch.contentID.map { facts?.contents[$0]?.title ?? $0 },
                sender: touch.sender == "system" ? "System" : facts?.reps[touch.sender]?.name ?? touch.sender)
        }
        page.conflicts = shown.map { .init(conflict: $0, name: name($0.hcpID)) }
        return page
    }

    /// Conflicts of every HCP whom more than the plan is about, by day.
    private func conflicts(from first: Day, through last: Day, withMedical: Bool, _ snapshot: Snapshot?) async throws
        -> [PlanConflict]
    {
        let hcps = try await context.ledger.crowded(from: first, through: last)
        guard !hcps.isEmpty else { return [] }
        let touches = try await context.ledger.scheduledTouches(
            ScheduledFilter(from: first, through: last, hcpIDs: hcps, withMedical: withMedical), limit: 200_000)
        let rules = PlanConflicts(
            caps: context.strategy.caps, gaps: context.strategy.gaps, repeats: context.strategy.repeats,
            rules: context.contactRules)
        return Dictionary(grouping: touches, by: \.hcpID).values.flatMap(rules.find)
            .sorted { ($0.touch.day, $0.hcpID) < ($1.touch.day, $1.hcpID) }
    }
}
