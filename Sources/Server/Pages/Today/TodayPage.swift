package import EngagementModel

/// The rep's day: whom to contact, with what, when, how, and why.
package struct TodayPage: Sendable {
    package struct DayTab: Sendable, Hashable {
        package var day: Day
        package var open: Int
        package var total: Int
    }

    package struct Person: Sendable, Hashable {
        package var repID: String
        package var name: String
    }

    package var rep: Person
    /// Lists that a manager may read; empty for a rep.
    package var team: [Person] = []
    /// nil before the first run.
    package var stamp: PlanStamp?
    package var days: [DayTab] = []
    package var filter = TodayFilter()
    /// Items of the chosen day that match the filter, best first, cut to one page.
    package var items: [TodayItem] = []
    package var paging = Paging(page: 1, size: TodayFilter.pageSize, total: 0)
    package var counts = Counts()
    /// The decision that was just acted on, told in a sentence with a way back.
    package var said: Said?
    package var canAct = true
    package var channels: [Channel] = []
    /// How far the rep's HCPs are along the goals of the cycle.
    package var goals: [GoalState] = []
    /// The way of the chosen day; nil for people who visit nobody on it.
    package var route: RoutePage?
    package var csrf = ""
    package var currency = "EUR"

    package struct Counts: Sendable, Hashable {
        package var open = 0
        package var accepted = 0
        package var dismissed = 0
        package var snoozed = 0
        package var minutes = 0.0
        package var minutesAvailable: Double?
        package init() {}
    }

    /// What an action did, and where its item is now.
    package struct Said: Sendable, Hashable {
        package var sentence: String
        package var failed = false
        package var link: String?
        package var path: String?
        package init(_ sentence: String, failed: Bool = false, link: String? = nil, path: String? = nil) {
            self.sentence = sentence
            self.failed = failed
            self.link = link
            self.path = path
        }
    }

    package init(rep: Person) { self.rep = rep }
}

/// What the rep asked to see.
package struct TodayFilter: Sendable, Hashable {
    package enum State: String, Sendable, CaseIterable {
        case open, accepted, dismissed, snoozed, all

        var title: String {
            switch self {
            case .open: "To do"
            case .accepted: "Accepted"
            case .dismissed: "Dismissed"
            case .snoozed: "Snoozed"
            case .all: "All"
            }
        }

        func contains(_ status: DecisionStatus) -> Bool {
            switch self {
            case .open: status == .planned || status == .shown
            case .accepted: status == .accepted || status == .edited || status == .executed
            case .dismissed: status == .dismissed
            case .snoozed: status == .snoozed
            case .all: true
            }
        }
    }

    package static let pageSize = 25

    package var day: Day?
    package var channel: Channel?
    package var state = State.open
    package var text: String?
    package var repID: String?
    package var page = 1

    package init() {}

    /// Reads a query; what cannot be read counts as not asked.
    package init(_ fields: FormFields) {
        day = fields["day"].flatMap { Day($0) }
        channel = fields["channel"].flatMap(Channel.init(rawValue:))
        state = fields["status"].flatMap(State.init(rawValue:)) ?? .open
        text = fields["q"].map { String($0.prefix(80)) }
        repID = fields["rep"].map { String($0.prefix(80)) }
        page = max(1, min(10_000, fields["page"].flatMap { Int($0) } ?? 1))
    }

    package var fields: FormFields {
        var pairs: [(String, String)] = []
        if let repID { pairs.append(("rep", repID)) }
        if let day { pairs.append(("day", day.description)) }
        if let channel { pairs.append(("channel", channel.rawValue)) }
        if state != .open { pairs.append(("status", state.rawValue)) }
        if let text { pairs.append(("q", text)) }
        if page > 1 { pairs.append(("page", String(page))) }
        return FormFields(pairs)
    }

    /// Whether anything but the day narrows the list.
    var isNarrowed: Bool { channel != nil || text != nil || state != .open }
}

/// A cut of a longer list.
package struct Paging: Sendable, Hashable {
    package var page: Int
    package var size: Int
    package var total: Int

    package init(page: Int, size: Int, total: Int) {
        self.size = max(1, size)
        self.total = max(0, total)
        self.page = min(max(1, page), max(1, (max(0, total) + max(1, size) - 1) / max(1, size)))
    }

    package var pages: Int { max(1, (total + size - 1) / size) }
    package var range: Range<Int> { min(total, (page - 1) * size)..<min(total, page * size) }

    /// `1–25 of 310`.
    var sentence: String {
        total == 0
            ? "" : "\(Format.count(range.lowerBound + 1))–\(Format.count(range.upperBound)) of \(Format.count(total))"
    }

    /// Fields of the partial `paging`; `path` and `fields` make the links, `anchor` is where they lead.
    func view(path: String, fields: FormFields, anchor: String = "") -> View {
        .with {
            $0.set("pagingSentence", sentence)
            if page > 1 {
                $0.set("previousPath", path + fields.setting("page", page > 2 ? String(page - 1) : nil).query + anchor)
            }
            if page < pages { $0.set("nextPath", path + fields.setting("page", String(page + 1)).query + anchor) }
            $0.set("manyPages", pages > 1)
        }
    }
}
