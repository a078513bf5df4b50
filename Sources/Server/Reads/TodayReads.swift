import EngagementModel
import Ledger

/// Builds the rep's list from the ledger (what is to do, what became of it) and the snapshot (about whom).
struct TodayReads: Sendable {
    let context: ServerContext
    let snapshot: Snapshot?

    /// Days beyond the as-of day that the list covers: the plan's horizon, and room for snoozed items.
    private static let reach = 45
    /// More open decisions than any rep can carry out; keeps a mistake in the plan from filling the memory.
    private static let most = 2000

    /// The day that counts as today: the clock's when the plan is for now, else, when history is replayed, the day
    /// after the data end.
    static func today(clock: Int64, asOf: Day) -> Day {
        let now = Day(number: Int32(clamping: clock / 86_400_000_000))
        return now > asOf && now - asOf <= reach ? now : asOf
    }

    /// - Parameter rep: whose list.
    func page(rep: TodayPage.Person, filter asked: TodayFilter) async throws -> TodayPage {
        var page = TodayPage(rep: rep)
        page.currency = context.currency
        page.filter = asked
        guard let snapshot, let stamp = snapshot.facts.stamp else { return page }
        page.stamp = stamp
        let today = Self.today(clock: context.now(), asOf: stamp.asOf)
        let found = try await context.ledger.decisions(
            of: rep.repID, from: stamp.asOf, through: stamp.asOf + Self.reach, limit: Self.most
        ).decisions.filter { $0.decision.channel != nil && $0.dueDay != nil }
        page.days = tabs(found)
        if page.filter.day == nil {
            page.filter.day = page.days.first { $0.day >= today && $0.open > 0 }?.day ?? page.days.first?.day
        }
        let ofDay = found.filter { $0.dueDay == page.filter.day }
        page.counts = counts(ofDay, rep: rep.repID)
        page.channels = Channel.allCases.filter { channel in ofDay.contains { $0.decision.channel == channel } }
        let chosen = try await matching(ofDay, page.filter)
        page.paging = Paging(page: page.filter.page, size: TodayFilter.pageSize, total: chosen.count)
        page.items = try await items(Array(chosen[page.paging.range]))
        page.goals = try await GoalReads(snapshot: snapshot).goals(ofRep: rep.repID)
        if let day = page.filter.day {
            let coming = page.days.map(\.day).filter { $0 >= today }
            page.route = try await RouteReads(context: context, snapshot: snapshot)
                .route(of: rep.repID, on: day, found, days: coming)
            var asked = TodayFilter()
            (asked.day, asked.repID) = (day, page.filter.repID)
            page.route?.calendarPath = Operation.dayCalendar.path + asked.fields.query
        }
        return page
    }

    /// One item as the list shows it; nil when the snapshot does not know the HCP.
    func item(_ decision: LedgerDecision) async throws -> TodayItem? { try await items([decision]).first }

    private func tabs(_ found: [LedgerDecision]) -> [TodayPage.DayTab] {
        var tabs: [Day: TodayPage.DayTab] = [:]
        for decision in found {
            guard let day = decision.dueDay else { continue }
            tabs[day, default: .init(day: day, open: 0, total: 0)].total += 1
            if decision.decision.status.isOpen { tabs[day]?.open += 1 }
        }
        return tabs.values.sorted { $0.day < $1.day }
    }

    private func counts(_ found: [LedgerDecision], rep: String) -> TodayPage.Counts {
        var counts = TodayPage.Counts()
        for decision in found {
            let status = decision.decision.status
            if TodayFilter.State.open.contains(status) { counts.open += 1 }
            if TodayFilter.State.accepted.contains(status) { counts.accepted += 1 }
            if status == .dismissed { counts.dismissed += 1 }
            if status == .snoozed { counts.snoozed += 1 }
            if status != .dismissed { counts.minutes += minutes(decision.decision.channel) }
        }
        counts.minutesAvailable = snapshot?.facts.reps[rep]?.minutesPerDay
        return counts
    }

    private func minutes(_ channel: Channel?) -> Double {
        channel.flatMap { context.strategy.channels[$0]?.minutes } ?? 0
    }

    private func matching(_ found: [LedgerDecision], _ filter: TodayFilter) async throws -> [LedgerDecision] {
        let narrowed = found.filter {
            filter.state.contains($0.decision.status)
                && (filter.channel == nil || $0.decision.channel == filter.channel)
        }
        guard let text = filter.text?.lowercased(), let snapshot else { return narrowed }
        let cards = try await snapshot.cards(of: narrowed.map(\.decision.hcpID))
        return narrowed.filter { decision in
            guard let label = cards[decision.decision.hcpID]?.label else { return false }
            return "\(label.name) \(label.place) \(label.hcpID)".lowercased().contains(text)
        }
    }

    private func items(_ decisions: [LedgerDecision]) async throws -> [TodayItem] {
        guard let snapshot else { return [] }
        let cards = try await snapshot.cards(of: decisions.map(\.decision.hcpID))
        let outcomes = try await outcomes(decisions)
        return decisions.compactMap { decision in
            item(decision, cards[decision.decision.hcpID], outcomes[decision.decision.decisionID], snapshot.facts)
        }
    }

    private func item(_ found: LedgerDecision, _ card: HCPCard?, _ outcome: String?, _ facts: SnapshotFacts)
        -> TodayItem?
    {
        let decision = found.decision
        guard let channel = decision.channel, let day = found.dueDay ?? decision.day else { return nil }
        let contentID = found.dueContentID ?? decision.contentID
        let content = contentID.map { facts.contents[$0] ?? ContentLabel(contentID: $0, title: $0) }
        var item = TodayItem(
            decisionID: decision.decisionID, rank: found.rank,
            hcp: card?.label ?? HCPLabel(hcpID: decision.hcpID, name: "HCP \(decision.hcpID)"), channel: channel,
            content: content, product: facts.brand(decision.productID), day: day, hour: found.dueHour ?? decision.hour,
            effect: EffectEstimate(decision), reasons: decision.reasons,
            consents: badges(card, on: day), lastContact: card.flatMap { facts.contacts.last($0.hcpNo) },
            system: (card.map { facts.contacts.system($0.hcpNo) } ?? []).filter {
                $0.day >= (snapshot?.facts.asOf ?? $0.day)
            },
            minutes: minutes(channel), status: decision.status, outcome: outcome,
            alternatives: content == nil ? [] : alternatives(channel, decision.productID, content, facts))
        // As planned by whomever; the ledger, which also knows what was moved since, has the last word.
        item.takenDays = (card.map { facts.contacts.plannedDays($0.hcpNo) } ?? []).subtracting([day])
        return item
    }

    /// Every content of the channel and product, the proposed one among them.
    private func alternatives(
        _ channel: Channel, _ product: String?, _ own: ContentLabel?, _ facts: SnapshotFacts
    ) -> [ContentLabel] {
        let known = facts.contents(on: channel, product: product)
        guard let own, !known.contains(where: { $0.contentID == own.contentID }) else { return known }
        return [own] + known
    }

    /// One badge for every channel of the strategy: what may be used with this HCP besides the proposal.
    private func badges(_ card: HCPCard?, on day: Day) -> [ConsentBadge] {
        guard let card else { return [] }
        return Channel.allCases.filter { context.strategy.channels[$0] != nil }.map {
            ConsentBadge.promotional(
                $0, rows: card.consents, rule: context.consentRule($0, country: card.country), on: day)
        }
    }

    /// Why and when somebody decided, for the few items that are decided.
    private func outcomes(_ decisions: [LedgerDecision]) async throws -> [String: String] {
        var result: [String: String] = [:]
        for decision in decisions where !decision.decision.status.isOpen {
            let id = decision.decision.decisionID
            guard let event = try await context.ledger.events(of: id).last else { continue }
            let cause = event.cause.flatMap(DismissalCause.init(rawValue:))?.title.lowercased()
            result[id] = [cause, event.note, "on \(Format.time(event.at)) UTC"].compactMap { $0 }.joined(
                separator: ", ")
        }
        return result
    }
}

extension EffectEstimate {
    init(_ decision: Decision) {
        // "P1 prescriptions": the measure is what the number counts.
        let measure = decision.objective?.split(separator: " ").last.map(String.init) ?? "units"
        self.init(
            expected: decision.expectedEffect, low: decision.effectLow, high: decision.effectHigh,
            measure: Format.label(measure).lowercased())
    }
}

extension Decision {
    var reasons: [String] { [reason1, reason2, reason3].compactMap { $0 }.filter { !$0.isEmpty } }
}
