/// An independent look at a plan: nothing of it is taken from the search.
package enum RouteCheck {
    /// What a plan breaks, in words; empty when every promise holds.
    package static func violations(_ plan: RoutePlan, _ problem: RouteProblem) -> [String] {
        var found: [String] = []
        var visited = [UInt32](repeating: 0, count: problem.customers.count)
        var used: [Int: Int] = [:]
        var cost = 0.0
        for route in plan.routes {
            let fleet = problem.fleets[route.fleet]
            used[route.day * problem.fleets.count + route.fleet, default: 0] += 1
            var (clock, place, load, length, previous) = (fleet.open, fleet.depot, 0.0, 0.0, 0.0)
            for stop in route.stops {
                let customer = problem.customers[stop]
                let way = RouteProblem.distance(place, customer.place)
                length += way
                clock = max(customer.ready, clock + previous + way * fleet.timePerDistance)
                if clock > customer.due + 1e-6 { found.append("\(customer.id) is visited too late") }
                if customer.kinds >> UInt32(fleet.kind) & 1 == 0 {
                    found.append("\(customer.id): wrong kind of vehicle")
                }
                if visited[stop] >> UInt32(route.day) & 1 == 1 { found.append("\(customer.id) is visited twice a day") }
                visited[stop] |= 1 << UInt32(route.day)
                load += customer.demand
                (place, previous) = (customer.place, customer.service)
            }
            let home = RouteProblem.distance(place, fleet.depot)
            length += home
            if clock + previous + home * fleet.timePerDistance > fleet.close + 1e-6 {
                found.append("a route ends too late")
            }
            if load > fleet.capacity + 1e-6 { found.append("a route carries too much") }
            cost += fleet.costPerRoute + fleet.costPerDistance * length
        }
        for (key, count) in used where count > problem.fleets[key % problem.fleets.count].count {
            found.append("a fleet has more routes than vehicles")
        }
        for (stop, days) in visited.enumerated() where !plan.unserved.contains(stop) {
            if !problem.customers[stop].daySets.contains(days) {
                found.append("\(problem.customers[stop].id) is not visited on one of its sets of days")
            }
        }
        if abs(cost - plan.cost) > 1e-6 * max(1, cost) { found.append("the cost is not the sum of the routes") }
        if plan.feasible, plan.lowerBound > plan.cost * (1 + 1e-9) { found.append("the bound lies above the cost") }
        return found.sorted()
    }
}
