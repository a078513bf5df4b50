import Foundation
import Statistics

/// Routes with time windows, capacities, several fleets and visit frequencies by ruin and recreate.
///
/// Strings of neighbouring visits are taken out and put back greedily with blinks, under simulated annealing. Source:
/// Christiaens and Vanden Berghe, "Slack induction by string removals for vehicle routing problems" (Transportation
/// Science 54, 2020). The budget is a number of iterations, never a time: the same seed gives the same plan.
package struct RouteSearch: Sendable {
    /// Ruins per chain; nil chooses by size.
    package var iterations: Int?
    /// Independent searches, the best of which is kept.
    package var chains: Int

    package init(iterations: Int? = nil, chains: Int = 2) {
        self.iterations = iterations
        self.chains = chains
    }

    private static let blink = 0.01
    private static let meanRemoved = 10.0
    private static let longestString = 10.0
    /// Cost of a customer who is not visited, in units of the largest useful cost.
    private static let absence = 1e3

    /// - Throws: `Diagnostic` for problems that no plan can solve; see `RouteInstance`.
    package func plan(_ problem: RouteProblem, seed: UInt64) throws -> RoutePlan {
        let instance = try RouteInstance(problem)
        let budget = iterations ?? max(20_000, 12_000_000 / max(100, instance.visits))
        let plans = Cores.map(max(1, chains)) { chain in
            var generator = SeededGenerator(seed: seed, stream: 0x2075_0000 + UInt64(chain))
            return chainPlan(instance, budget, &generator)
        }
        var best = plans[0]
        for plan in plans.dropFirst()
        where (plan.unserved.count, plan.cost) < (best.unserved.count, best.cost - 1e-9) { best = plan }
        best.lowerBound = RouteBound.value(instance)
        best.iterations = budget * max(1, chains)
        return best
    }

    private func chainPlan(_ instance: RouteInstance, _ budget: Int, _ generator: inout SeededGenerator) -> RoutePlan {
        let editor = RouteEditor(instance)
        let state = editor.state
        let fleetDays = instance.problem.fleets.count * instance.days
        let kept = RouteState(visits: state.visits, slots: state.slots, fleetDays: fleetDays)
        let best = RouteState(visits: state.visits, slots: state.slots, fleetDays: fleetDays)
        let scale = Self.largestCost(instance)
        var absent: [Int] = []
        recreate(editor, Array(0..<instance.customers), order: 4, blink: 0, &absent, &generator)
        var keptAbsent = absent
        var bestAbsent = absent
        kept.copy(state)
        best.copy(state)
        let start = 0.3 * state.cost / Double(max(1, instance.visits))
        let cooling = pow(0.01, 1 / Double(max(1, budget)))
        var temperature = start
        let value = { (cost: Double, absent: Int) in cost + Double(absent) * Self.absence * scale }
        var (here, top) = (value(state.cost, absent.count), value(state.cost, absent.count))
        for iteration in 0..<budget {
            var removed = ruin(editor, &generator)
            removed.append(contentsOf: keptAbsent)
            absent.removeAll(keepingCapacity: true)
            let order = [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 3, 4, 4, 5, 5, 6, 6][generator.below(17)]
            recreate(editor, removed, order: order, blink: Self.blink, &absent, &generator)
            let now = value(state.cost, absent.count)
            if now < here - temperature * log(max(generator.uniform(), 1e-300)) {
                kept.copy(state)
                keptAbsent = absent
                here = now
                if now < top - 1e-9 {
                    best.copy(state)
                    bestAbsent = absent
                    top = now
                }
            } else {
                state.copy(kept)
            }
            temperature *= cooling
            // Sums of many small changes drift: start again from the exact cost now and then.
            if iteration % 10_000 == 9_999 { state.cost = exactCost(editor) }
        }
        state.copy(best)
        return finished(editor, bestAbsent)
    }

    /// What one visit can cost at most, so that leaving somebody out never pays.
    private static func largestCost(_ instance: RouteInstance) -> Double {
        let far = instance.distance.max() ?? 1
        let dearest = instance.problem.fleets.map { $0.costPerRoute + 2 * far * $0.costPerDistance }.max() ?? 1
        return max(dearest, 1e-9)
    }

    /// Takes strings around a random visit out; returns the customers who lost their visits.
    private func ruin(_ editor: RouteEditor, _ generator: inout SeededGenerator) -> [Int] {
        let (s, instance) = (editor.state, editor.instance)
        var routes = 0
        for slot in 0..<s.top where s.size[slot] > 0 { routes += 1 }
        guard routes > 0 else { return [] }
        let mean = Double(s.planned) / Double(routes)
        let longest = min(Self.longestString, mean)
        let most = 4 * Self.meanRemoved / (1 + longest) - 1
        let strings = Int(generator.uniform() * most + 1)
        let seed = generator.below(instance.customers)
        var ruined: Set<Int> = []
        var gone: [Int] = []
        var isGone: Set<Int> = []
        for neighbour in instance.near[seed] {
            if ruined.count >= strings { break }
            let customer = Int(neighbour)
            guard !isGone.contains(customer) else { continue }
            for day in 0..<instance.days {
                let visit = editor.visit(customer, day)
                guard s.route[visit] >= 0, ruined.count < strings else { continue }
                let slot = Int(s.route[visit])
                guard ruined.insert(slot).inserted else { continue }
                let stops = editor.stops(slot)
                let length = min(Double(stops.count), longest)
                let count = min(stops.count, Int(generator.uniform() * length + 1))
                for stop in string(stops, around: visit, count: count, &generator) {
                    if isGone.insert(editor.customer(stop)).inserted { gone.append(editor.customer(stop)) }
                }
            }
        }
        // A customer goes with all visits, so that another set of days may be tried.
        var touched: Set<Int> = []
        for customer in gone {
            for day in 0..<instance.days {
                let visit = editor.visit(customer, day)
                guard s.route[visit] >= 0 else { continue }
                touched.insert(Int(s.route[visit]))
                editor.remove(visit)
            }
        }
        for slot in touched.sorted() where s.size[slot] > 0 { editor.schedule(slot) }
        return gone
    }

    /// `count` stops in a row that include the visit; half of the time some in their middle stay.
    private func string(
        _ stops: [Int], around visit: Int, count: Int, _ generator: inout SeededGenerator
    ) -> [Int] {
        var kept = 0
        if count > 1, count < stops.count, generator.chance(0.5) {
            kept = 1
            while count + kept < stops.count, !generator.chance(0.5) { kept += 1 }
        }
        let whole = count + kept
        let at = stops.firstIndex(of: visit) ?? 0
        let lowest = max(0, at - whole + 1)
        let highest = min(at, stops.count - whole)
        let begin = lowest + generator.below(highest - lowest + 1)
        let window = Array(stops[begin..<(begin + whole)])
        guard kept > 0 else { return window }
        let hole = 1 + generator.below(count - 1)
        return Array(window[0..<hole]) + Array(window[(hole + kept)...])
    }

    /// Puts customers back one by one where it costs least, over all their sets of days.
    private func recreate(
        _ editor: RouteEditor, _ customers: [Int], order: Int, blink: Double, _ absent: inout [Int],
        _ generator: inout SeededGenerator
    ) {
        let all = editor.instance.problem.customers
        let instance = editor.instance
        var keyed = customers.map { customer -> (Double, Int) in
            let c = all[customer]
            let home = instance.distance[instance.customers * instance.width + customer]
            let key =
                switch order {
                case 0: generator.uniform()
                case 1: -c.demand
                case 2: -home
                case 3: home
                case 4: c.due
                case 5: c.due - c.ready
                default: -c.ready
                }
            return (key, customer)
        }
        keyed.sort { $0 < $1 }
        for (_, customer) in keyed {
            var best: (cost: Double, spots: [(Int, RouteEditor.Spot)])?
            for set in all[customer].daySets {
                var (cost, spots) = (0.0, [(Int, RouteEditor.Spot)]())
                for day in 0..<instance.days where set >> UInt32(day) & 1 == 1 {
                    let spot = editor.bestSpot(customer, day, blink: blink, &generator)
                    cost += spot.cost
                    spots.append((day, spot))
                }
                if cost < best?.cost ?? .infinity { best = (cost, spots) }
            }
            if let best {
                for (day, spot) in best.spots { editor.insert(editor.visit(customer, day), day, spot) }
            } else {
                absent.append(customer)
            }
        }
    }

    private func exactCost(_ editor: RouteEditor) -> Double { finished(editor, []).cost }

    private func finished(_ editor: RouteEditor, _ absent: [Int]) -> RoutePlan {
        let (s, problem) = (editor.state, editor.instance.problem)
        var routes: [RoutePlan.Route] = []
        var cost = 0.0
        for slot in 0..<s.top where s.size[slot] > 0 {
            let stops = editor.stops(slot)
            let fleet = problem.fleets[Int(s.fleet[slot])]
            let places = [fleet.depot] + stops.map { problem.customers[editor.customer($0)].place } + [fleet.depot]
            let length = zip(places, places.dropFirst()).reduce(0) { $0 + RouteProblem.distance($1.0, $1.1) }
            cost += fleet.costPerRoute + fleet.costPerDistance * length
            routes.append(
                RoutePlan.Route(
                    day: Int(s.day[slot]), fleet: Int(s.fleet[slot]), stops: stops.map { editor.customer($0) },
                    starts: stops.map { s.early[$0] }, distance: length))
        }
        routes.sort { ($0.day, $0.fleet, $0.stops[0]) < ($1.day, $1.fleet, $1.stops[0]) }
        return RoutePlan(routes: routes, cost: cost, unserved: absent.sorted(), lowerBound: 0, iterations: 0)
    }
}
