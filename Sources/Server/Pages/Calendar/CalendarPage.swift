package import EngagementModel
package import Ledger

/// Everything that is planned, by any team, on one page: counts by day and channel, conflicts, and the touches of a day.
package struct CalendarPage: Sendable {
    package struct Line: Sendable {
        package var touch: ScheduledTouch
        package var name: String
        package var content: String?
        package var sender: String
    }

    package struct ConflictLine: Sendable {
        package var conflict: PlanConflict
        package var name: String
    }

    package var first: Day
    package var days: [Day]
    package var counts: [ScheduledCount] = []
    package var filter: CalendarFilter
    package var lines: [Line] = []
    package var paging = Paging(page: 1, size: CalendarFilter.pageSize, total: 0)
    package var conflicts: [ConflictLine] = []
    /// Conflicts in all; more than are listed when there are many.
    package var conflictCount = 0

    var view: View {
        .with { view in
            let total = counts.reduce(0) { $0 + $1.touches }
            view.set(
                "lead",
                total == 0
                    ? "Nothing is planned in these days."
                    : "\(Format.plural(total, "touch", "touches")) planned from \(Format.shortDay(first)) on, by the plan, by people and by journeys."
            )
            view.set(
                "columns",
                days.map { day in
                    .with {
                        $0.set("dayName", HeatMap.weekdays[day.weekday]); $0.set("dayDate", Self.date(day))
                    }
                })
            view.set("rows", Channel.allCases.compactMap(row))
            view.set(
                "sums", days.map { day in Format.count(counts.filter { $0.day == day }.reduce(0) { $0 + $1.touches }) })
            view.set("sumAll", Format.count(total))
            view.set(
                "origins",
                ScheduledTouch.Origin.allCases.compactMap { origin in
                    let count = counts.filter { $0.origin == origin }.reduce(0) { $0 + $1.touches }
                    return count == 0 ? nil : "\(Format.count(count)) \(origin.words)"
                })
            setFilter(&view)
            setConflicts(&view)
            setLines(&view)
        }
    }

    private func row(_ channel: Channel) -> View? {
        let own = counts.filter { $0.channel == channel }
        guard !own.isEmpty else { return nil }
        let top =
            Dictionary(grouping: counts, by: { [Int($0.day.number), Int($0.channel.code)] })
            .values.map { $0.reduce(0) { $0 + $1.touches } }.max() ?? 1
        return .with { view in
            view.set("rowName", channel.title)
            view.set("rowSum", Format.count(own.reduce(0) { $0 + $1.touches }))
            view.set(
                "cells",
                days.map { day in
                    let count = own.filter { $0.day == day }.reduce(0) { $0 + $1.touches }
                    return .with {
                        $0.set("cellText", count == 0 ? "–" : Format.count(count))
                        if count > 0 {
                            var asked = filter
                            (asked.day, asked.channel, asked.page) = (day, channel, 1)
                            $0.set("cellPath", Operation.calendar.path + asked.fields.query + "#touches")
                            $0.set("cellStyle", "heat-\(max(1, min(4, count * 4 / max(1, top) + 1)))")
                        }
                    }
                })
        }
    }

    private func setFilter(_ view: inout View) {
        func options<T: RawRepresentable & Equatable>(_ all: [T], _ chosen: T?, _ title: (T) -> String) -> Markup
        where T.RawValue == String {
            Markup(
                trusted: all.map {
                    "<option value=\"\(Markup.escape($0.rawValue))\"\($0 == chosen ? " selected" : "")>\(Markup.escape(title($0)))</option>"
                }.joined())
        }
        view.set("channelsMarkup", options(Channel.allCases, filter.channel, \.title))
        view.set("originsMarkup", options(ScheduledTouch.Origin.allCases, filter.origin, \.title))
        view.set("filterDay", filter.day?.description)
        view.set("filterFirst", first.description)
        if filter.isNarrowed { view.set("clearPath", Operation.calendar.path) }
        var earlier = CalendarFilter()
        earlier.first = first - CalendarFilter.span
        var later = earlier
        later.first = first + CalendarFilter.span
        view.set("earlierPath", Operation.calendar.path + earlier.fields.query)
        view.set("laterPath", Operation.calendar.path + later.fields.query)
    }

    private func setConflicts(_ view: inout View) {
        view.set("conflictCount", conflictCount > conflicts.count ? Format.count(conflictCount) : nil)
        view.set(
            "conflicts",
            conflicts.map { line in
                let conflict = line.conflict
                return .with {
                    $0.set("conflictName", line.name)
                    $0.set(
                        "conflictPath", Operation.hcp.path.replacing("{id}", with: FormFields.encode(conflict.hcpID)))
                    $0.set("conflictTouch", Self.words(conflict.touch))
                    $0.set("conflictEarlier", Self.words(conflict.earlier))
                    $0.set("conflictRule", conflict.rule)
                }
            })
    }

    private func setLines(_ view: inout View) {
        view.set(
            "touchesTitle",
            filter.day.map { "Planned on \(Format.shortDay($0))" } ?? "Planned, the next first")
        view.set(
            "touches",
            lines.map { line in
                .with {
                    $0.set("touchDay", Format.shortDay(line.touch.day))
                    $0.set("touchHour", line.touch.hour.map(Format.hour))
                    $0.set("touchName", line.name)
                    $0.set("touchPath", Operation.hcp.path.replacing("{id}", with: FormFields.encode(line.touch.hcpID)))
                    $0.set("touchChannel", line.touch.channel.title)
                    $0.set("touchContent", line.content)
                    $0.set("touchSender", line.sender)
                    $0.set(
                        "touchOrigin",
                        line.touch.campaign.map { Format.label($0.replacing("journey:", with: "journey ")) }
                            ?? line.touch.origin.title)
                }
            })
        view.set("paging", paging.view(path: Operation.calendar.path, fields: filter.fields, anchor: "#touches"))
    }

    private static func date(_ day: Day) -> String { "\(day.civil.day) \(Format.months[day.civil.month - 1])" }

    private static func words(_ touch: ScheduledTouch) -> String {
        "\(touch.channel.title), \(Format.shortDay(touch.day)) (\(touch.origin.title.lowercased()))"
    }
}

/// What was asked of the calendar.
package struct CalendarFilter: Sendable, Hashable {
    package static let span = 14
    package static let pageSize = 50
    package var first: Day?
    package var day: Day?
    package var channel: Channel?
    package var origin: ScheduledTouch.Origin?
    package var page = 1

    package init() {}

    package init(_ fields: FormFields) {
        first = fields["from"].flatMap { Day($0) }
        day = fields["day"].flatMap { Day($0) }
        channel = fields["channel"].flatMap(Channel.init(rawValue:))
        origin = fields["by"].flatMap(ScheduledTouch.Origin.init(rawValue:))
        page = max(1, min(10_000, fields["page"].flatMap { Int($0) } ?? 1))
    }

    package var fields: FormFields {
        FormFields(
            [
                ("from", first?.description), ("day", day?.description), ("channel", channel?.rawValue),
                ("by", origin?.rawValue), ("page", page > 1 ? String(page) : nil),
            ].compactMap { name, value in value.map { (name, $0) } })
    }

    var isNarrowed: Bool { day != nil || channel != nil || origin != nil }
}

extension ScheduledTouch.Origin {
    package var title: String {
        switch self {
        case .plan: "Plan"
        case .taken: "Taken in hand"
        case .journey: "Journey"
        }
    }

    var words: String {
        switch self {
        case .plan: "proposed by the plan"
        case .taken: "taken in hand by people"
        case .journey: "claimed by journeys"
        }
    }
}
