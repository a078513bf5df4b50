import EngagementModel
import Statistics
import Testing

@testable import Decisioning

/// Days on the road against every order there is.
struct DayRouteTests {
    private static let base = DayRoute.Terms(latitude: 50, longitude: 8)

    private func visit(
        _ id: String, _ latitude: Double, _ longitude: Double, from: Double = 8 * 60, to: Double = 17 * 60,
        minutes: Double = 45, wish: ClosedRange<Double>? = nil
    ) -> DayRoute.Visit {
        .init(id: id, latitude: latitude, longitude: longitude, minutes: minutes, window: from...to, wish: wish)
    }

    private func random(_ count: Int, seed: UInt64, narrow: Bool) -> [DayRoute.Visit] {
        var generator = SeededGenerator(seed: seed)
        return (0..<count).map { i in
            let from = 8 * 60 + Double(generator.below(6 * 60))
            return visit(
                "V\(i)", 50 + generator.uniform() - 0.5, 8 + generator.uniform() - 0.5, from: from,
                to: from + (narrow ? 40 : 240), minutes: 30 + Double(generator.below(40)))
        }
    }

    /// Kilometres of the shortest order of a set of visits that is in time; nil when there is none.
    private func shortest(_ planner: DayRoutePlanner, _ list: [Int]) -> Double? {
        var best: Double?
        func walk(_ order: [Int], _ left: Set<Int>, _ clock: Double) {
            if left.isEmpty {
                let home = clock + planner.way(order.last, nil) * planner.terms.minutesPerKilometre
                if home <= planner.terms.close + 1e-9 { best = min(best ?? .infinity, planner.length(order)) }
            }
            for next in left {
                let arrival = clock + planner.way(order.last, next) * planner.terms.minutesPerKilometre
                let start = max(arrival, planner.visits[next].window.lowerBound)
                guard start <= planner.visits[next].window.upperBound else { continue }
                walk(order + [next], left.subtracting([next]), start + planner.visits[next].minutes)
            }
        }
        walk([], Set(list), planner.terms.open)
        return best
    }

    @Test(arguments: 1...20) func `the way is the shortest of all, and who comes first goes first`(seed: Int) throws {
        let visits = random(6, seed: UInt64(seed), narrow: seed % 2 == 0)
        let route = try DayRoute(visits, Self.base)
        let planner = DayRoutePlanner(visits: visits, terms: Self.base, seed: 1)
        var served: [Int] = []
        for i in visits.indices where shortest(planner, served + [i]) != nil { served.append(i) }
        #expect(Set(route.stops.map(\.visit)) == Set(served))
        #expect(Set(route.missed.map(\.visit)) == Set(visits.indices).subtracting(served))
        #expect(abs(route.kilometres - (shortest(planner, served) ?? -1)) < 1e-6)
        #expect(abs(route.kilometres - planner.length(route.stops.map(\.visit))) < 1e-9)
        // Times follow from each other, and every window holds, with the slack too.
        var (clock, before) = (route.leaves, Int?.none)
        for stop in route.stops {
            let arrival = clock + planner.way(before, stop.visit) * Self.base.minutesPerKilometre
            #expect(stop.start >= arrival - 1e-9)
            #expect(visits[stop.visit].window.contains(stop.start + stop.slack))
            #expect(stop.end == stop.start + visits[stop.visit].minutes)
            (clock, before) = (stop.end, stop.visit)
        }
        #expect(route.leaves >= Self.base.open - 1e-9 && route.returns <= Self.base.close + 1e-9)
        #expect(try DayRoute(visits, Self.base) == route)
    }

    /// All slack used up at one stop still leaves the rest of the day possible, and a minute more does not.
    @Test(arguments: 1...10) func `slack is exact`(seed: Int) throws {
        let visits = random(4, seed: UInt64(100 + seed), narrow: false)
        let route = try DayRoute(visits, Self.base)
        let planner = DayRoutePlanner(visits: visits, terms: Self.base, seed: 1)
        func isPossible(_ position: Int, from start: Double) -> Bool {
            var clock = start
            for (k, stop) in route.stops.enumerated().dropFirst(position) {
                if k > position {
                    let way = planner.way(route.stops[k - 1].visit, stop.visit)
                    clock = max(
                        visits[stop.visit].window.lowerBound, clock + way * Self.base.minutesPerKilometre)
                }
                if clock > visits[stop.visit].window.upperBound + 1e-9 { return false }
                clock += visits[stop.visit].minutes
            }
            let home = planner.way(route.stops.last?.visit, nil) * Self.base.minutesPerKilometre
            return clock + home <= Self.base.close + 1e-9
        }
        for (position, stop) in route.stops.enumerated() {
            #expect(isPossible(position, from: stop.start + stop.slack))
            #expect(!isPossible(position, from: stop.start + stop.slack + 1))
        }
    }

    @Test func `what is named as the smallest change lets the visit in`() throws {
        var (begins, longer) = (0, 0)
        for seed in 1...40 {
            var visits = random(6, seed: UInt64(1000 + seed), narrow: true)
            let route = try DayRoute(visits, Self.base)
            guard let missed = route.missed.first else { continue }
            let others = route.stops.map { visits[$0.visit] }
            switch missed.change {
            case .begin(let at):
                #expect(!visits[missed.visit].window.contains(at))
                visits[missed.visit].window = at...at
                #expect(try DayRoute(others + [visits[missed.visit]], Self.base).missed.isEmpty)
                begins += 1
            case .longerDay(let minutes):
                var terms = Self.base
                terms.close += minutes + 1e-6
                #expect(try DayRoute(others + [visits[missed.visit]], terms).missed.isEmpty)
                longer += 1
            case .otherDay:
                break
            }
        }
        #expect(begins >= 5)
        // Late ones ask for a longer day.
        let late = visit("late", 50.1, 8, from: 17 * 60 + 30, to: 17 * 60 + 40)
        let change = try DayRoute([late], Self.base).missed.first?.change
        guard case .longerDay(let minutes) = change else {
            Issue.record("\(String(describing: change))")
            return
        }
        // Begun at 17:30, 45 minutes, and the way home of 14.5 km at 50 km/h.
        #expect(abs(minutes - (15 + 14.455 / 50 * 60)) < 0.1)
    }

    @Test func `nobody's place on another continent fits into the day`() throws {
        let route = try DayRoute([visit("near", 50.1, 8), visit("far", -33, 151)], Self.base)
        #expect(route.stops.map(\.visit) == [0])
        #expect(route.missed == [.init(visit: 1, change: .otherDay)])
    }

    @Test func `wishes are kept where they cost nobody a visit`() throws {
        let wish = visit("wish", 50.05, 8, wish: 15 * 60...16 * 60)
        let alone = try DayRoute([wish, visit("other", 50.06, 8)], Self.base)
        #expect(alone.missed.isEmpty)
        #expect(abs((alone.stops.first { $0.visit == 0 }?.start ?? 0) - 900) < 1e-9)
        // An appointment at the wished hour: the visit moves, and is not lost.
        let booked = visit("booked", 50.05, 8.01, from: 15 * 60 + 30, to: 15 * 60 + 30, minutes: 60)
        let early = visit("wish", 50.05, 8, to: 15 * 60 + 10, wish: 15 * 60...15 * 60 + 10)
        let day = try DayRoute([booked, early], Self.base)
        #expect(day.missed.isEmpty)
        #expect((day.stops.first { $0.visit == 1 }?.start ?? 0) < 15 * 60)
    }

    @Test func `days without visits and with bad numbers`() throws {
        let none = try DayRoute([], Self.base)
        #expect(none.stops.isEmpty && none.missed.isEmpty && none.kilometres == 0)
        #expect(throws: Diagnostic.self) { try DayRoute([visit("x", .nan, 8)], Self.base) }
        #expect(throws: Diagnostic.self) { try DayRoute([visit("x", 50, 8, minutes: .infinity)], Self.base) }
        // Two HCPs at one site share the way.
        let site = try DayRoute([visit("a", 50.2, 8), visit("b", 50.2, 8)], Self.base)
        #expect(site.stops[1].kilometres == 0 && site.stops[1].start == site.stops[0].end)
    }
}
