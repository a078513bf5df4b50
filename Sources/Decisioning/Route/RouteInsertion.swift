import Statistics

/// Changing a plan visit by visit; the cost and the schedules follow.
final class RouteEditor {
    let instance: RouteInstance
    let state: RouteState
    private let distance: UnsafeMutablePointer<Double>
    private let width: Int
    private let days: Int
    private let customers: Int
    private let demand: [Double]
    private let ready: [Double]
    private let due: [Double]
    private let service: [Double]
    private let kinds: [UInt32]
    private let fleets: [RouteProblem.Fleet]

    init(_ instance: RouteInstance) {
        self.instance = instance
        fleets = instance.problem.fleets
        days = instance.days
        customers = instance.customers
        width = instance.width
        distance = .allocate(capacity: width * width)
        for i in 0..<(width * width) { distance[i] = instance.distance[i] }
        let all = instance.problem.customers
        demand = all.map(\.demand)
        ready = all.map(\.ready)
        due = all.map(\.due)
        service = all.map(\.service)
        kinds = all.map(\.kinds)
        let limit = fleets.reduce(0) { $0 + min($1.count, instance.visits) } * days
        state = RouteState(
            visits: instance.visits, slots: min(limit, instance.visits) + 1, fleetDays: fleets.count * days)
    }

    deinit { distance.deallocate() }

    func visit(_ customer: Int, _ day: Int) -> Int { 1 + customer * days + day }
    func customer(_ visit: Int) -> Int { (visit - 1) / days }

    /// Place of a visit, or the depot of the fleet for 0.
    @inline(__always) private func place(_ visit: Int, _ fleet: Int) -> Int {
        visit == 0 ? customers + fleet : days == 1 ? visit - 1 : (visit - 1) / days
    }

    struct Spot {
        var cost = Double.infinity
        /// Slot, or -1 for a new route of `fleet`.
        var slot = -1
        var after = 0
        var fleet = -1
    }

    /// The cheapest place for a customer's visit on a day; each place is passed over with probability `blink`.
    func bestSpot(_ customer: Int, _ day: Int, blink: Double, _ generator: inout SeededGenerator) -> Spot {
        var best = Spot()
        let (s, q) = (state, demand[customer])
        let (open, close, stay) = (ready[customer], due[customer], service[customer])
        for slot in 0..<s.top where s.size[slot] > 0 && Int(s.day[slot]) == day {
            let number = Int(s.fleet[slot])
            let fleet = fleets[number]
            guard s.load[slot] + q <= fleet.capacity, kinds[customer] >> UInt32(fleet.kind) & 1 == 1 else { continue }
            var i = 0
            var j = Int(s.first[slot])
            while true {
                let a = place(i, number)
                let toHere = distance[a * width + customer]
                let leave = i == 0 ? fleet.open : s.early[i] + service[a]
                let start = max(open, leave + toHere * fleet.timePerDistance)
                // Later places on the route are reached later still.
                if start > close { break }
                let b = place(j, number)
                let onward = distance[customer * width + b]
                let cost = (toHere + onward - distance[a * width + b]) * fleet.costPerDistance
                let latest = j == 0 ? fleet.close : s.late[j]
                if cost < best.cost, start + stay + onward * fleet.timePerDistance <= latest,
                    blink == 0 || generator.uniform() >= blink
                {
                    best = Spot(cost: cost, slot: slot, after: i, fleet: number)
                }
                if j == 0 { break }
                i = j
                j = Int(s.next[j])
            }
        }
        for number in fleets.indices where Int(s.used[day * fleets.count + number]) < fleets[number].count {
            guard instance.canServe(number, customer) else { continue }
            let way = distance[(customers + number) * width + customer]
            let cost = fleets[number].costPerRoute + 2 * way * fleets[number].costPerDistance
            if cost < best.cost { best = Spot(cost: cost, slot: -1, after: 0, fleet: number) }
        }
        return best
    }

    func insert(_ visit: Int, _ day: Int, _ spot: Spot) {
        let s = state
        var slot = spot.slot
        if slot < 0 {
            slot = (0..<s.top).first { s.size[$0] == 0 } ?? s.top
            s.top = max(s.top, slot + 1)
            s.fleet[slot] = Int32(spot.fleet)
            s.day[slot] = Int32(day)
            s.first[slot] = 0
            s.last[slot] = 0
            s.load[slot] = 0
            s.used[day * fleets.count + spot.fleet] += 1
        }
        let before = slot == spot.slot ? spot.after : 0
        let after = before == 0 ? Int(s.first[slot]) : Int(s.next[before])
        s.next[visit] = Int32(after)
        s.previous[visit] = Int32(before)
        if before == 0 { s.first[slot] = Int32(visit) } else { s.next[before] = Int32(visit) }
        if after == 0 { s.last[slot] = Int32(visit) } else { s.previous[after] = Int32(visit) }
        s.route[visit] = Int32(slot)
        s.size[slot] += 1
        s.load[slot] += demand[customer(visit)]
        s.cost += spot.cost
        s.planned += 1
        schedule(slot)
    }

    /// Takes a visit out; the route's schedule is stale until `schedule` runs.
    func remove(_ visit: Int) {
        let s = state
        let slot = Int(s.route[visit])
        let number = Int(s.fleet[slot])
        let (before, after) = (Int(s.previous[visit]), Int(s.next[visit]))
        let (a, c, b) = (place(before, number), place(visit, number), place(after, number))
        let saved = distance[a * width + c] + distance[c * width + b] - distance[a * width + b]
        s.cost -= saved * fleets[number].costPerDistance
        if before == 0 { s.first[slot] = Int32(after) } else { s.next[before] = Int32(after) }
        if after == 0 { s.last[slot] = Int32(before) } else { s.previous[after] = Int32(before) }
        s.route[visit] = -1
        s.size[slot] -= 1
        s.load[slot] -= demand[customer(visit)]
        s.planned -= 1
        if s.size[slot] == 0 {
            s.cost -= fleets[number].costPerRoute
            s.used[Int(s.day[slot]) * fleets.count + number] -= 1
        }
    }

    /// Earliest starts forwards, latest starts backwards.
    func schedule(_ slot: Int) {
        let s = state
        let number = Int(s.fleet[slot])
        let fleet = fleets[number]
        var clock = fleet.open
        var at = customers + number
        var visit = Int(s.first[slot])
        while visit != 0 {
            let c = place(visit, number)
            clock = max(ready[c], clock + distance[at * width + c] * fleet.timePerDistance)
            s.early[visit] = clock
            clock += service[c]
            at = c
            visit = Int(s.next[visit])
        }
        clock = fleet.close
        at = customers + number
        visit = Int(s.last[slot])
        while visit != 0 {
            let c = place(visit, number)
            clock = min(due[c], clock - service[c] - distance[c * width + at] * fleet.timePerDistance)
            s.late[visit] = clock
            at = c
            visit = Int(s.previous[visit])
        }
    }

    /// The visits of a route, in order.
    func stops(_ slot: Int) -> [Int] {
        var result: [Int] = []
        var visit = Int(state.first[slot])
        while visit != 0 {
            result.append(visit)
            visit = Int(state.next[visit])
        }
        return result
    }
}
