import EngagementModel

extension TodayPage {
    /// Fields of the template `today`.
    package var view: View {
        .with { view in
            view.set("repName", rep.name)
            view.set("hasPlan", stamp != nil)
            view.set("dayTitle", filter.day.map(Format.shortDay))
            view.set("days", days.map(tab))
            view.set("summary", summary)
            view.set("goals", goals.map(\.short))
            view.set("filterText", filter.text)
            view.set("filterDay", filter.day?.description)
            view.set("filterRep", filter.repID)
            view.set("isNarrowed", filter.isNarrowed)
            view.set(
                "clearPath",
                path {
                    $0.channel = nil; $0.text = nil; $0.state = .open
                })
            view.set("channelsMarkup", channelOptions)
            view.set("statesMarkup", stateOptions)
            if !team.isEmpty {
                view.set("teamMarkup", Options.markup(team.map { .init($0.repID, $0.name) }, chosen: rep.repID))
            }
            let scale = effectScale
            view.set("items", items.map { itemView($0, scale: scale) })
            view.set("paging", paging.view(path: Operation.today.path, fields: filter.fields))
            if let said { view.set("said", saidView(said)) }
            view.set("route", route?.view(swaps: false))
        }
    }

    /// Fields of one item with its forms: the template `today-item`.
    func itemView(_ item: TodayItem, scale: ClosedRange<Double>) -> View {
        .with { view in
            view.set("decisionID", item.decisionID)
            view.set("decisionPath", "/decisions/" + FormFields.encode(item.decisionID))
            view.set("rank", item.rank)
            view.set("hcpName", item.hcp.name)
            view.set("hcpPath", item.hcp.path)
            view.set("hcpPlace", item.hcp.place)
            view.set("channelTitle", item.channel.title)
            view.set("contentTitle", item.content?.title)
            view.set("contentDetail", item.contentDetail)
            // The page's own day stands above the list; only what was moved says its day.
            if item.day != filter.day { view.set("movedTitle", Format.shortDay(item.day)) }
            view.set("dayValue", item.day.description)
            view.set("hourTitle", item.hour.map(Format.hour))
            view.set("minutesTitle", item.minutes > 0 ? Format.minutes(item.minutes) : nil)
            view.set("effectTitle", item.effect.headline)
            view.set("effectInterval", item.effect.interval)
            view.set(
                "effectMarkup",
                Marks.interval(
                    value: item.effect.expected, low: item.effect.low, high: item.effect.high, scale: scale))
            view.set("firstReason", item.reasons.first)
            view.set("moreReasons", Array(item.reasons.dropFirst()))
            view.set("badges", item.consents.map(\.view))
            view.set("lastContact", item.lastContact?.sentence(asOf: stamp?.asOf ?? item.day) ?? "No contact on record")
            view.set("systemTouches", item.systemSentence)
            view.set("statusStyle", item.status.rawValue)
            view.set("statusTitle", item.status.isOpen ? nil : Format.label(item.status.rawValue))
            view.set("outcome", item.outcome)
            view.set("csrf", csrf)
            view.set("back", Operation.today.path + filter.fields.query)
            view.set("canDecide", canAct && item.status.canChange)
            guard canAct && item.status.canChange else { return }
            view.set("canAccept", item.status != .accepted && item.status != .edited)
            view.set("acceptTitle", item.status.isOpen ? "Accept" : "Accept after all")
            view.set("canRefuse", item.status != .dismissed)
            setForms(item, &view)
        }
    }

    private func setForms(_ item: TodayItem, _ view: inout View) {
        let days = dayChoices(item)
        view.set("causesMarkup", Self.causes)
        view.set(
            "editDaysMarkup",
            Options.markup(
                days.map { .init($0.description, Format.shortDay($0)) }, chosen: item.day.description))
        view.set(
            "editHoursMarkup",
            Options.markup(Self.hours(with: item.hour), chosen: item.hour.map(String.init)))
        if !item.alternatives.isEmpty {
            view.set(
                "editContentsMarkup",
                Options.markup(
                    item.alternatives.map { .init($0.contentID, $0.title) }, chosen: item.content?.contentID))
        }
        view.set(
            "snoozeMarkup",
            Options.buttons(
                days.filter { $0 > item.day }.prefix(4).map { .init($0.description, Format.shortDay($0)) },
                name: "until"))
    }

    private static let causes = Options.radios(
        DismissalCause.choices.map { (.init($0.rawValue, $0.title), $0.hint) }, name: "cause")

    /// Working hours, and the planned one when it lies outside of them.
    private static func hours(with planned: Int?) -> [Options.Choice] {
        var hours = Array(7...20)
        if let planned, !hours.contains(planned) { hours = (hours + [planned]).sorted() }
        return hours.map { .init(String($0), Format.hour($0)) }
    }

    /// The item's own day and those days of the plan on which nobody else contacts the HCP.
    private func dayChoices(_ item: TodayItem) -> [Day] {
        Set(days.map(\.day).filter { !item.takenDays.contains($0) } + [item.day]).sorted()
    }

    /// One scale for the whole list, so that marks can be compared.
    package var effectScale: ClosedRange<Double> {
        let low = items.map(\.effect.low).filter(\.isFinite).min() ?? 0
        let high = items.map(\.effect.high).filter(\.isFinite).max() ?? 0
        return min(0, low)...max(high, low, 0)
    }

    private var summary: [String] {
        var parts = ["\(Format.count(counts.open)) to do"]
        if counts.accepted > 0 { parts.append("\(Format.count(counts.accepted)) accepted") }
        if counts.dismissed > 0 { parts.append("\(Format.count(counts.dismissed)) dismissed") }
        if counts.snoozed > 0 { parts.append("\(Format.count(counts.snoozed)) snoozed") }
        if counts.minutes > 0 {
            let available = counts.minutesAvailable.map { " of \(Format.minutes($0))" } ?? ""
            parts.append("\(Format.minutes(counts.minutes))\(available) planned")
        }
        return parts
    }

    private func tab(_ tab: DayTab) -> View {
        .with {
            // The month stands apart: narrow screens leave it to the ear.
            let words = Format.shortDay(tab.day).split(separator: " ")
            $0.set("tabDay", words.dropLast().joined(separator: " "))
            $0.set("tabMonth", words.last.map(String.init))
            $0.set("tabOpen", tab.open)
            $0.set("tabPath", path { filter in filter.day = tab.day })
            $0.set("isChosen", tab.day == filter.day)
        }
    }

    private var channelOptions: Markup {
        Options.markup(channels.map { .init($0.rawValue, $0.title) }, chosen: filter.channel?.rawValue)
    }

    private var stateOptions: Markup {
        Options.markup(TodayFilter.State.allCases.map { .init($0.rawValue, $0.title) }, chosen: filter.state.rawValue)
    }

    func saidView(_ said: Said) -> View {
        .with {
            $0.set("saidSentence", said.sentence)
            $0.set("saidFailed", said.failed)
            $0.set("saidPath", said.path)
            $0.set("saidLink", said.link)
        }
    }

    private func path(_ change: (inout TodayFilter) -> Void) -> String {
        var copy = filter
        copy.page = 1
        change(&copy)
        return Operation.today.path + copy.fields.query
    }
}

extension DecisionStatus {
    var isOpen: Bool { self == .planned || self == .shown }
    /// A person may change a choice until the touch has happened or a newer plan has taken its place.
    var canChange: Bool { self != .executed && self != .expired }
}

extension DismissalCause {
    /// What a person may choose; `unstated` comes from other systems only.
    static let choices = allCases.filter { $0 != .unstated }

    /// What the choice is good for, said beside it.
    var hint: String {
        switch self {
        case .wrongTime: "another day or hour would do"
        case .wrongContent: "the person yes, the message no"
        case .notRelevant: "not a person for this product"
        case .noCapacity: "right, but no time for it"
        case .alreadyDone: "it happened outside the plan"
        case .knowBetter: "say what, in the note"
        case .unstated: ""
        }
    }
}
