package import Decisioning
package import EngagementModel
import Foundation

/// The way of a rep's day: in which order, when, with how much to spare, and what does not fit.
package struct RoutePage: Sendable, Hashable {
    package struct Point: Sendable, Hashable {
        package var latitude: Double
        package var longitude: Double
        package init(latitude: Double, longitude: Double) {
            self.latitude = latitude
            self.longitude = longitude
        }
    }

    /// Hours are minutes of the day.
    package struct Stop: Sendable, Hashable {
        /// Stable over changes of the day.
        package var key: String
        package var label: HCPLabel
        package var isBooked: Bool
        package var place: Point
        package var kilometres: Double
        package var travel: Double
        package var start: Double
        package var end: Double
        package var slack: Double
        package var wish: ClosedRange<Double>?
    }

    package struct Missed: Sendable, Hashable {
        package var label: HCPLabel
        package var window: ClosedRange<Double>?
        package var change: DayRoute.Change
        package var place: Point
        package var otherDay: Day?
        /// From the base.
        package var kilometres = 0.0

        package init(
            label: HCPLabel, window: ClosedRange<Double>?, change: DayRoute.Change, place: Point, otherDay: Day? = nil
        ) {
            self.label = label
            self.window = window
            self.change = change
            self.place = place
            self.otherDay = otherDay
        }

        /// Why it does not fit, and the smallest change that would do.
        var sentence: String {
            let when = window.map { window in
                window.upperBound - window.lowerBound < 1
                    ? "at \(Format.clock(window.lowerBound))"
                    : "between \(Format.clock(window.lowerBound)) and \(Format.clock(window.upperBound))"
            }
            let why = "Cannot be reached \(when ?? "on this day") among the other visits."
            switch change {
            case .begin(let at): return "\(why) It would fit at \(Format.clock(at))."
            case .longerDay(let minutes):
                return minutes < 1
                    ? "\(why) It would fit at the very end of the day."
                    : "\(why) It would fit if the day ended \(Format.minutes(minutes.rounded(.up))) later."
            case .otherDay:
                // Five hours there leave no time for a visit in a day of ten.
                if otherDay == nil, kilometres > 250 {
                    return "Too far for a day on the road: \(Format.number(kilometres, digits: 0)) km from the base."
                }
                return otherDay.map { "\(why) It would fit on \(Format.shortDay($0))." }
                    ?? "\(why) No day of the plan has room for it: dismiss it, or another visit."
            }
        }
    }

    package var day: Day
    package var zone: String?
    package var base: Point?
    /// False: the middle of the day's places stands for it.
    package var baseIsKnown = true
    package var leaves = 0.0
    package var returns = 0.0
    package var kilometres = 0.0
    package var travel = 0.0
    package var stops: [Stop] = []
    package var missed: [Missed] = []
    /// Accepted visits whose place nobody knows.
    package var unplaced: [HCPLabel] = []
    /// Accepted visits with HCPs who want no contact that day.
    package var paused: [HCPLabel] = []
    /// Link to the calendar file.
    package var calendarPath: String?

    package init(day: Day) { self.day = day }

    var isEmpty: Bool { stops.isEmpty && missed.isEmpty && unplaced.isEmpty && paused.isEmpty }

    /// Fields of the partial `today-route`.
    ///
    /// - Parameter swaps: it replaces the route of a page that is open already.
    func view(swaps: Bool) -> View {
        .with { view in
            view.set("swaps", swaps)
            view.set("routeDay", Format.shortDay(day))
            view.set("isEmpty", isEmpty)
            guard !isEmpty else { return }
            if let base, !stops.isEmpty {
                view.set("routeSummary", summary)
                view.set("routeMarkup", RouteMap.draw(self, base: base))
                view.set("routeCalendar", calendarPath)
            }
            view.set(
                "stops",
                stops.enumerated().map { number, stop in
                    .with {
                        $0.set("stopNumber", number + 1)
                        $0.set("stopName", stop.label.name)
                        $0.set("stopPath", stop.label.path)
                        $0.set(
                            "stopPlace", [stop.label.site, stop.label.city].compactMap { $0 }.joined(separator: ", "))
                        $0.set("stopStart", Format.clock(stop.start))
                        $0.set("stopEnd", Format.clock(stop.end))
                        $0.set("stopTravel", stop.travelText)
                        $0.set("stopSlack", stop.slackText)
                    }
                })
            view.set(
                "missed",
                missed.map { entry in
                    .with {
                        $0.set("missedName", entry.label.name)
                        $0.set("missedPath", entry.label.path)
                        $0.set("missedWhy", entry.sentence)
                    }
                }
                    + unplaced.map { label in
                        .with {
                            $0.set("missedName", label.name)
                            $0.set("missedPath", label.path)
                            $0.set(
                                "missedWhy",
                                "No place on record, so no way either. It would fit once the master data have the site's"
                                    + " latitude and longitude.")
                        }
                    }
                    + paused.map { label in
                        .with {
                            $0.set("missedName", label.name)
                            $0.set("missedPath", label.path)
                            $0.set("missedWhy", "Wants no contact on this day. Move the visit to another day.")
                        }
                    })
        }
    }

    private var summary: String {
        let from = baseIsKnown ? "" : " No base is on record: the middle of the day's places stands for it."
        return "\(Format.plural(stops.count, "visit")), \(Format.number(kilometres, digits: 0)) km, "
            + "\(Format.minutes(travel)) on the road: leave at \(Format.clock(leaves)), back at "
            + "\(Format.clock(returns)).\(from)"
    }
}

extension RoutePage.Stop {
    var travelText: String {
        kilometres < 0.05
            ? "same place"
            : "\(Format.number(kilometres, digits: kilometres < 10 ? 1 : 0)) km, \(Format.minutes(max(1, travel)))"
    }

    var slackText: String {
        let why = isBooked ? "booked" : wish.map { $0.contains(start) ? "best hour" : "not the best hour" }
        let room =
            slack < 1
            ? "no slack" : slack < 15 ? "tight: \(Format.minutes(slack))" : "\(Format.minutes(slack)) to spare"
        return [room, why].compactMap { $0 }.joined(separator: ", ")
    }
}

extension Format {
    /// `09:05` from minutes of the day.
    static func clock(_ minutes: Double) -> String {
        guard minutes.isFinite else { return "–" }
        let whole = Int(minutes.rounded())
        func two(_ v: Int) -> String { v < 10 ? "0\(v)" : "\(v)" }
        return two(whole / 60) + ":" + two(whole % 60)
    }
}
