import Decisioning
import EngagementModel
import Foundation
import Ledger
import Warehouse

/// The way of a rep's day: accepted visits and booked appointments, from the ledger and the snapshot.
///
/// Made anew with every look at the list, so that whoever accepts, moves or dismisses a visit sees the day change.
struct RouteReads: Sendable {
    let context: ServerContext
    let snapshot: Snapshot

    /// When visits begin where nothing else is known: a practice's usual hours.
    static let usualHours = 8.0 * 60...17.0 * 60

    private struct Place {
        var latitude: Double
        var longitude: Double
    }

    private struct Base {
        var place: Place
        var zone: String?
        var isKnown: Bool
    }

    /// - Parameters:
    ///   - found: what is due for the rep on the days of the list; visits of `day` are planned, the rest tells which
    ///     other days have room.
    func route(of rep: String, on day: Day, _ found: [LedgerDecision], days: [Day]) async throws -> RoutePage? {
        let here = try await calls(of: rep, on: day, found)
        let isField = found.contains { $0.dueDay == day && $0.decision.channel == .inPerson }
        guard !here.isEmpty || isField else { return nil }
        var page = RoutePage(day: day)
        guard !here.isEmpty else { return page }
        let cards = try await snapshot.cards(of: here.map(\.hcpID))
        let places = try await places(of: here, cards)
        let base = try await base(of: rep, places.values.map { $0 })
        page.zone = base?.zone
        page.baseIsKnown = base?.isKnown ?? false
        page.unplaced = here.filter { places[$0.hcpID] == nil }.map { label($0, cards) }
        page.paused = here.filter { $0.window == nil }.map { label($0, cards) }
        guard let base else { return page }
        let terms = DayRoute.Terms(latitude: base.place.latitude, longitude: base.place.longitude)
        let (calls, visits) = visits(here, places)
        let route = try DayRoute(visits, terms)
        page.base = .init(latitude: terms.latitude, longitude: terms.longitude)
        page.leaves = route.leaves
        page.returns = route.returns
        page.kilometres = route.kilometres
        page.travel = route.travel
        page.stops = route.stops.map { stop in
            let call = calls[stop.visit]
            return .init(
                key: call.key, label: label(call, cards), isBooked: call.isBooked, place: point(visits[stop.visit]),
                kilometres: stop.kilometres, travel: stop.travel, start: stop.start, end: stop.end, slack: stop.slack,
                wish: call.wish)
        }
        for missed in route.missed {
            let call = calls[missed.visit]
            var entry = RoutePage.Missed(
                label: label(call, cards), window: call.window, change: missed.change,
                place: point(visits[missed.visit]))
            let (here, there) = (visits[missed.visit], (terms.latitude, terms.longitude))
            entry.kilometres = TerritoryProblem.kilometres((here.latitude, here.longitude), there) * terms.detour
            if missed.change == .otherDay || call.isBooked {
                entry.otherDay = try await roomElsewhere(call, visits[missed.visit], rep, terms, found, days, cards)
            }
            page.missed.append(entry)
        }
        return page
    }

    // MARK: What is to be visited

    private struct Call {
        /// Of the decision, or of the appointment.
        var key: String
        var hcpID: String
        var minutes: Double
        /// nil: the HCP wants no contact that day.
        var window: ClosedRange<Double>?
        var wish: ClosedRange<Double>?
        var isBooked = false
    }

    /// Appointments in the order of their hours, then accepted visits in the order of the plan.
    private func calls(of rep: String, on day: Day, _ found: [LedgerDecision]) async throws -> [Call] {
        var calls: [Call] = []
        if let table = try await snapshot.rows("today-booked", [.text(rep), .day(day), .day(day)]) {
            let (ids, moments) = (try table.texts("hcp_id"), try table.int64s("at"))
            let (lengths, zones) = (try table.doubles("minutes"), try table.strings("timezone"))
            let own = try await zone(of: rep)
            for row in ids.indices {
                // The sources say moments in UTC; the day and its hours are the HCP's own, as everywhere on the list.
                let zone = (zones[row] ?? own).flatMap(TimeZone.init(identifier:)) ?? .gmt
                let offset = zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(moments[row]) / 1e6))
                let local = Double(moments[row]) / 60e6 + Double(offset) / 60 - Double(day.number) * 1440
                guard (0..<1440).contains(local) else { continue }
                calls.append(
                    Call(
                        key: "booked-\(ids[row])", hcpID: ids[row], minutes: lengths[row], window: local...local,
                        isBooked: true))
            }
        }
        let booked = Set(calls.map(\.hcpID))
        let minutes = context.strategy.channels[.inPerson]?.minutes ?? 45
        for item in found where item.dueDay == day && item.decision.channel == .inPerson {
            let status = item.decision.status
            guard status == .accepted || status == .edited, !booked.contains(item.decision.hcpID) else { continue }
            var call = Call(key: item.decision.decisionID, hcpID: item.decision.hcpID, minutes: minutes)
            let schedule = try await context.ledger.schedule(ofHCP: call.hcpID)
            let hour = item.dueHour ?? item.decision.hour
            call.window = Self.window(schedule, on: day, near: hour.map { Double($0) * 60 })
            if let hour {
                let agreed = Double(hour) * 60...Double(hour) * 60 + 59
                if item.dueHour != nil, item.dueHour != item.decision.hour {
                    // The rep has set it: agreed with the practice.
                    if call.window != nil { call.window = agreed }
                } else {
                    call.wish = max(0, agreed.lowerBound - 30)...agreed.upperBound
                }
            }
            calls.append(call)
        }
        return calls
    }

    /// The HCP's own hours of that weekday: those that hold the wished moment, else the longest; the usual ones where
    /// none are known, nil where the HCP wants no contact.
    static func window(_ schedule: OwnSchedule?, on day: Day, near moment: Double?) -> ClosedRange<Double>? {
        guard let schedule else { return usualHours }
        if schedule.pauses.contains(where: { $0.first <= day && day <= $0.last }) { return nil }
        if schedule.windows.isEmpty { return usualHours }
        let open = schedule.windows.filter { $0.weekday == day.weekday }.map {
            Double($0.startMinute)...Double(max($0.startMinute, $0.endMinute - 1))
        }
        return open.first { window in moment.map(window.contains) ?? false }
            ?? open.max { $0.upperBound - $0.lowerBound < $1.upperBound - $1.lowerBound }
    }

    private func visits(_ calls: [Call], _ places: [String: Place]) -> ([Call], [DayRoute.Visit]) {
        var (kept, visits): ([Call], [DayRoute.Visit]) = ([], [])
        for call in calls {
            guard let place = places[call.hcpID], let window = call.window else { continue }
            kept.append(call)
            visits.append(
                .init(
                    id: call.key, latitude: place.latitude, longitude: place.longitude, minutes: call.minutes,
                    window: window, wish: call.wish))
        }
        return (kept, visits)
    }

    // MARK: Places

    private func places(of calls: [Call], _ cards: [String: HCPCard]) async throws -> [String: Place] {
        let numbers = calls.compactMap { cards[$0.hcpID]?.hcpNo }
        guard !numbers.isEmpty,
            let table = try await snapshot.rows(
                "today-places", [.text(numbers.map(String.init).joined(separator: ","))])
        else { return [:] }
        let (nos, latitudes) = (try table.int32s("hcp_no"), try table.optionalDoubles("latitude"))
        let longitudes = try table.optionalDoubles("longitude")
        var byNumber: [Int32: Place] = [:]
        for row in nos.indices {
            guard let latitude = latitudes[row], let longitude = longitudes[row], latitude.isFinite,
                longitude.isFinite, abs(latitude) <= 90, abs(longitude) <= 180
            else { continue }
            byNumber[nos[row]] = Place(latitude: latitude, longitude: longitude)
        }
        var result: [String: Place] = [:]
        for (id, card) in cards { result[id] = byNumber[card.hcpNo] }
        return result
    }

    private func zone(of rep: String) async throws -> String? {
        guard let table = try await snapshot.rows("today-base", [.text(rep)]), table.rowCount > 0 else { return nil }
        return try table.strings("timezone")[0]
    }

    /// The rep's home; the middle of the day's places where none is on record; nil when nothing has a place.
    private func base(of rep: String, _ places: [Place]) async throws -> Base? {
        var zone: String?
        if let table = try await snapshot.rows("today-base", [.text(rep)]), table.rowCount > 0 {
            zone = try table.strings("timezone")[0]
            if let latitude = try table.optionalDoubles("home_latitude")[0],
                let longitude = try table.optionalDoubles("home_longitude")[0], abs(latitude) <= 90,
                abs(longitude) <= 180
            {
                return Base(place: Place(latitude: latitude, longitude: longitude), zone: zone, isKnown: true)
            }
        }
        guard !places.isEmpty else { return nil }
        let sorted = places.sorted { ($0.latitude, $0.longitude) < ($1.latitude, $1.longitude) }
        let count = Double(sorted.count)
        let middle = Place(
            latitude: sorted.reduce(0) { $0 + $1.latitude } / count,
            longitude: sorted.reduce(0) { $0 + $1.longitude } / count)
        return Base(place: middle, zone: zone, isKnown: false)
    }

    /// The first day of the plan, other than its own, on which the visit fits among what is accepted there.
    private func roomElsewhere(
        _ call: Call, _ visit: DayRoute.Visit, _ rep: String, _ terms: DayRoute.Terms, _ found: [LedgerDecision],
        _ days: [Day], _ cards: [String: HCPCard]
    ) async throws -> Day? {
        let schedule = try await context.ledger.schedule(ofHCP: call.hcpID)
        let taken = cards[call.hcpID].map { snapshot.facts.contacts.plannedDays($0.hcpNo) } ?? []
        let own = Set(found.filter { $0.decision.decisionID == call.key }.compactMap(\.dueDay))
        for day in days where !own.contains(day) && !taken.contains(day) && !call.isBooked {
            guard let window = Self.window(schedule, on: day, near: nil) else { continue }
            let there = try await calls(of: rep, on: day, found)
            let places = try await places(of: there, try await snapshot.cards(of: there.map(\.hcpID)))
            var moved = visit
            (moved.window, moved.wish) = (window, nil)
            if try DayRoute(visits(there, places).1 + [moved], terms).missed.isEmpty { return day }
        }
        return nil
    }

    private func label(_ call: Call, _ cards: [String: HCPCard]) -> HCPLabel {
        cards[call.hcpID]?.label ?? HCPLabel(hcpID: call.hcpID, name: "HCP \(call.hcpID)")
    }

    private func point(_ visit: DayRoute.Visit) -> RoutePage.Point {
        .init(latitude: visit.latitude, longitude: visit.longitude)
    }
}
