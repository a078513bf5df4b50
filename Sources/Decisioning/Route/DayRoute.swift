import EngagementModel

/// One day of one person on the road: in which order, when, with how much to spare, and what does not fit.
///
/// Hours are minutes of the day, places degrees, lengths kilometres.
package struct DayRoute: Sendable, Hashable {
    package struct Visit: Sendable, Hashable {
        package var id: String
        package var latitude: Double
        package var longitude: Double
        /// Time spent.
        package var minutes: Double
        /// The visit begins in here; an appointment has one moment.
        package var window: ClosedRange<Double>
        /// The hour that would suit best: kept where it costs nobody a visit.
        package var wish: ClosedRange<Double>?

        package init(
            id: String, latitude: Double, longitude: Double, minutes: Double, window: ClosedRange<Double>,
            wish: ClosedRange<Double>? = nil
        ) {
            self.id = id
            self.latitude = latitude
            self.longitude = longitude
            self.minutes = minutes
            self.window = window
            self.wish = wish
        }
    }

    /// Where the day begins and ends, and how one gets about.
    package struct Terms: Sendable, Hashable {
        package var latitude: Double
        package var longitude: Double
        /// Leaves at `open` or later, is back at `close`.
        package var open = 8.0 * 60
        package var close = 18.0 * 60
        /// Roads are longer than the line, as measured over European and American road networks (1.2 to 1.4).
        package var detour = 1.3
        package var kilometresPerHour = 50.0

        package init(latitude: Double, longitude: Double) {
            self.latitude = latitude
            self.longitude = longitude
        }

        package var minutesPerKilometre: Double { 60 / kilometresPerHour }
    }

    package struct Stop: Sendable, Hashable {
        /// Position among the visits.
        package var visit: Int
        /// From the stop before, or from the base.
        package var kilometres: Double
        package var travel: Double
        package var arrival: Double
        package var start: Double
        package var end: Double
        /// How much later it may begin without making a later one, or the way home, late.
        package var slack: Double
    }

    /// What would have to give way for a visit that does not fit.
    package enum Change: Sendable, Hashable {
        /// Another beginning, outside of the visit's window.
        case begin(at: Double)
        /// Back at the base so many minutes later.
        case longerDay(minutes: Double)
        /// Neither: another day.
        case otherDay
    }

    package struct Missed: Sendable, Hashable {
        package var visit: Int
        package var change: Change
    }

    package private(set) var stops: [Stop] = []
    package private(set) var missed: [Missed] = []
    package private(set) var leaves = 0.0
    package private(set) var returns = 0.0
    package private(set) var kilometres = 0.0
    package let visits: [Visit]
    package let terms: Terms

    package var travel: Double { kilometres * terms.minutesPerKilometre }

    /// Plans the day: the shortest way that serves everybody; where that cannot be, whoever comes first in `visits` goes
    /// first. Deterministic.
    ///
    /// - Parameter visits: appointments first, then by importance; at most 40 are looked at.
    /// - Throws: `bad_number` for places or times that are not finite.
    package init(_ visits: [Visit], _ terms: Terms, seed: UInt64 = 1) throws {
        self.visits = Array(visits.prefix(40))
        self.terms = terms
        for visit in self.visits {
            let numbers = [visit.latitude, visit.longitude, visit.minutes, terms.latitude, terms.longitude]
            guard numbers.allSatisfy(\.isFinite), visit.minutes >= 0, terms.kilometresPerHour > 0 else {
                throw Diagnostic("bad_number", "A visit of the day has no place or no length.")
            }
        }
        let planner = DayRoutePlanner(visits: self.visits, terms: terms, seed: seed)
        let (order, wishes) = try planner.order()
        stops = planner.schedule(order, wishes: wishes)
        kilometres = planner.length(order)
        if let first = stops.first, let last = stops.last {
            leaves = first.start - first.travel
            returns = last.end + planner.way(last.visit, nil) * terms.minutesPerKilometre
        }
        let served = Set(order)
        missed = self.visits.indices.filter { !served.contains($0) }.map {
            Missed(visit: $0, change: planner.smallestChange($0, order))
        }
    }
}
