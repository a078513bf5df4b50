import Foundation

/// The order of a day, its times, and the changes that would let one more visit in.
struct DayRoutePlanner: Sendable {
    let visits: [DayRoute.Visit]
    let terms: DayRoute.Terms
    let seed: UInt64

    /// Kilometres east and north of the base, detour included: over a day's distances the earth is flat.
    private func place(_ latitude: Double, _ longitude: Double) -> RouteProblem.Place {
        let radians = Double.pi / 180 * 6371.0088 * terms.detour
        let east = (longitude - terms.longitude).remainder(dividingBy: 360)
        return .init(
            x: east * radians * cos(terms.latitude * .pi / 180), y: (latitude - terms.latitude) * radians)
    }

    private func place(_ visit: Int?) -> RouteProblem.Place {
        visit.map { place(visits[$0].latitude, visits[$0].longitude) } ?? .init(x: 0, y: 0)
    }

    /// Kilometres between two visits; nil is the base.
    func way(_ from: Int?, _ to: Int?) -> Double { RouteProblem.distance(place(from), place(to)) }

    private func minutes(_ from: Int?, _ to: Int?) -> Double { way(from, to) * terms.minutesPerKilometre }

    func length(_ order: [Int]) -> Double {
        let path = [nil] + order.map(Optional.some) + [nil]
        return zip(path, path.dropFirst()).reduce(0) { $0 + way($1.0, $1.1) }
    }

    // MARK: Order

    /// Served visits in the order of the day, and whose wishes it keeps.
    func order() throws -> (order: [Int], wishes: Set<Int>) {
        let all = Array(visits.indices)
        if let order = try solve(all, wishes: Set(all)) { return (order, Set(all)) }
        // Not everybody as wished: first who can be seen at all, then whose wish can be kept.
        var served: [Int] = []
        if try solve(all, wishes: []) != nil {
            served = all
        } else {
            for visit in all where try solve(served + [visit], wishes: []) != nil { served.append(visit) }
        }
        var wishes: Set<Int> = []
        for visit in served where visits[visit].wish != nil {
            if try solve(served, wishes: wishes.union([visit])) != nil { wishes.insert(visit) }
        }
        return (try solve(served, wishes: wishes) ?? [], wishes)
    }

    /// The shortest order that serves all of them; nil when none was found.
    private func solve(_ list: [Int], wishes: Set<Int>) throws -> [Int]? {
        guard !list.isEmpty else { return [] }
        var windows: [ClosedRange<Double>] = []
        for visit in list {
            let whole = visits[visit].window
            guard wishes.contains(visit), let wish = visits[visit].wish else {
                windows.append(whole)
                continue
            }
            let (low, high) = (max(whole.lowerBound, wish.lowerBound), min(whole.upperBound, wish.upperBound))
            guard low <= high else { return nil }
            windows.append(low...high)
        }
        // Who cannot be reached even alone would be refused as a mistake of the problem.
        for (visit, window) in zip(list, windows) {
            let start = max(window.lowerBound, terms.open + minutes(nil, visit))
            guard start <= window.upperBound, start + visits[visit].minutes + minutes(visit, nil) <= terms.close
            else { return nil }
        }
        let problem = RouteProblem(
            customers: zip(list, windows).map { visit, window in
                .init(
                    id: visits[visit].id, place: place(visit), demand: 0, service: visits[visit].minutes,
                    ready: window.lowerBound, due: window.upperBound)
            },
            fleets: [
                .init(
                    depot: place(nil), count: 1, capacity: 1, open: terms.open, close: terms.close,
                    timePerDistance: terms.minutesPerKilometre)
            ])
        let plan = try RouteSearch(iterations: 200 + 60 * list.count, chains: 1).plan(problem, seed: seed)
        guard plan.feasible, let route = plan.routes.first, plan.routes.count == 1 else { return nil }
        return route.stops.map { list[$0] }
    }

    // MARK: Times

    /// Earliest times along an order, kept wishes waited for, and how much each may slip.
    func schedule(_ order: [Int], wishes: Set<Int>) -> [DayRoute.Stop] {
        let latest = latestStarts(order)
        var stops: [DayRoute.Stop] = []
        var (clock, before) = (terms.open, Int?.none)
        for (position, visit) in order.enumerated() {
            let (kilometres, travel) = (way(before, visit), minutes(before, visit))
            let arrival = clock + travel
            var start = max(visits[visit].window.lowerBound, arrival)
            if wishes.contains(visit), let wish = visits[visit].wish { start = max(start, wish.lowerBound) }
            let end = start + visits[visit].minutes
            stops.append(
                .init(
                    visit: visit, kilometres: kilometres, travel: travel, arrival: arrival, start: start, end: end,
                    slack: max(0, latest[position] - start)))
            (clock, before) = (end, visit)
        }
        // The day begins when the first visit asks for it.
        if let first = stops.first { stops[0].arrival = first.start }
        return stops
    }

    /// The latest beginning of each visit for which all later ones, and the way home, are in time.
    private func latestStarts(_ order: [Int], close: Double? = nil) -> [Double] {
        var latest = [Double](repeating: 0, count: order.count)
        var (limit, after) = (close ?? terms.close, Int?.none)
        for position in order.indices.reversed() {
            let visit = order[position]
            limit = min(visits[visit].window.upperBound, limit - minutes(visit, after) - visits[visit].minutes)
            latest[position] = limit
            after = visit
        }
        return latest
    }

    /// Earliest ends, by the windows alone.
    private func earliestEnds(_ order: [Int]) -> [Double] {
        var ends: [Double] = []
        var (clock, before) = (terms.open, Int?.none)
        for visit in order {
            clock = max(visits[visit].window.lowerBound, clock + minutes(before, visit)) + visits[visit].minutes
            ends.append(clock)
            before = visit
        }
        return ends
    }

    // MARK: Changes

    /// Of the changes that would let a visit into the order, the one that takes the fewest minutes.
    func smallestChange(_ visit: Int, _ order: [Int]) -> DayRoute.Change {
        let (ends, window) = (earliestEnds(order), visits[visit].window)
        let latest = latestStarts(order)
        var shift: (minutes: Double, start: Double)?
        var overtime: Double?
        for position in 0...order.count {
            let before = position == 0 ? nil : order[position - 1]
            let after = position == order.count ? nil : order[position]
            let earliest = (position == 0 ? terms.open : ends[position - 1]) + minutes(before, visit)
            let limit = position == order.count ? terms.close : latest[position]
            let last = limit - minutes(visit, after) - visits[visit].minutes
            if earliest <= last {
                let start = min(max(window.lowerBound, earliest), last)
                let moved = max(window.lowerBound - start, start - window.upperBound, 0)
                if moved < shift?.minutes ?? .infinity { shift = (moved, start) }
            }
            // With the window as it is, and only the end of the day given way.
            guard max(window.lowerBound, earliest) <= window.upperBound else { continue }
            let longer = Array(order[..<position]) + [visit] + Array(order[position...])
            guard zip(longer, starts(longer)).allSatisfy({ $1 <= visits[$0].window.upperBound + 1e-9 }),
                let end = earliestEnds(longer).last, let home = longer.last
            else { continue }
            let late = end + minutes(home, nil) - terms.close
            if late < overtime ?? .infinity { overtime = late }
        }
        if let overtime, overtime <= min(shift?.minutes ?? .infinity, Self.longestOvertime) {
            return .longerDay(minutes: max(0, overtime))
        }
        return shift.map { .begin(at: $0.start) } ?? .otherDay
    }

    private func starts(_ order: [Int]) -> [Double] {
        zip(order, earliestEnds(order)).map { $1 - visits[$0].minutes }
    }

    /// Nobody is asked for more than that.
    private static let longestOvertime = 120.0
}
