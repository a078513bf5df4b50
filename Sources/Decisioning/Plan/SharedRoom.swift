/// What is left of the shared capacity while a plan is built: the only place that says yes to a touch.
struct SharedRoom {
    private let layout: PlanLayout
    private let slots: Int
    private let days: Int
    /// R × T minutes and, per side, what a ceiling has left or a floor still lacks (negative once it is met).
    private(set) var rep: [Double]
    private(set) var side: [Double]
    /// Sums of many small uses may miss a bound by rounding alone.
    private let slack: [Double]

    init(_ layout: PlanLayout) {
        self.layout = layout
        slots = layout.problem.slotCount
        days = layout.dayCount
        rep = layout.problem.repMinutes.map { Double($0) }
        side = layout.sides.map { $0.sign > 0 ? $0.bound : -$0.bound }
        slack = layout.sides.map { 1e-9 * max(1, abs($0.bound)) }
    }

    @inline(__always)
    private func use(_ hcp: Int, _ group: PlanLayout.Group, _ k: Int) -> Double {
        let limit = layout.sides[k].limit
        let members = layout.problem.limits[limit].members
        return members.isEmpty || members[hcp] ? Double(group.uses[limit]) : 0
    }

    /// Takes the room of one touch, or nothing when a rep-day or a ceiling has too little.
    private mutating func take(_ hcp: Int, _ day: Int, _ action: Int) -> Bool {
        let g = layout.groupOfAction[action]
        let group = layout.groups[g]
        let rep = group.slot >= 0 ? Int(layout.problem.sender[hcp * slots + group.slot]) : -1
        if group.slot >= 0 {
            guard rep >= 0, self.rep[rep * days + day] >= Double(group.minutes) - 1e-9 else { return false }
        }
        for k in side.indices where layout.sides[k].sign > 0 {
            if side[k] < use(hcp, group, k) - slack[k] { return false }
        }
        if rep >= 0 { self.rep[rep * days + day] -= Double(group.minutes) }
        for k in side.indices { side[k] -= use(hcp, group, k) }
        return true
    }

    private mutating func release(_ hcp: Int, _ day: Int, _ action: Int) {
        let group = layout.groups[layout.groupOfAction[action]]
        if group.slot >= 0 {
            rep[Int(layout.problem.sender[hcp * slots + group.slot]) * days + day] += Double(group.minutes)
        }
        for k in side.indices { side[k] += use(hcp, group, k) }
    }

    /// Takes the room of a whole sequence or of none of it.
    mutating func take(_ hcp: Int, _ choice: UnsafePointer<Int16>) -> Bool {
        for t in 0..<days where choice[t] >= 0 {
            if take(hcp, t, Int(choice[t])) { continue }
            for s in 0..<t where choice[s] >= 0 { release(hcp, s, Int(choice[s])) }
            return false
        }
        return true
    }

    mutating func release(_ hcp: Int, _ choice: UnsafePointer<Int16>) {
        for t in 0..<days where choice[t] >= 0 { release(hcp, t, Int(choice[t])) }
    }

    /// Puts `new` in the place of `old` when it fits and leaves no floor worse than allowed.
    mutating func replace(_ hcp: Int, _ old: UnsafePointer<Int16>, by new: UnsafePointer<Int16>) -> Bool {
        let lackedBefore = floorLack
        release(hcp, old)
        if take(hcp, new) {
            if floorLack <= lackedBefore + 1e-9 { return true }
            release(hcp, new)
        }
        // What was held fitted before, so it fits again.
        _ = take(hcp, old)
        return false
    }

    /// Calls `body` with (rep, minutes, -1, 0) and (-1, 0, limit, use) for all that one touch uses.
    func forEachUse(_ hcp: Int, _ action: Int, _ body: (Int, Double, Int, Double) -> Void) {
        let group = layout.groups[layout.groupOfAction[action]]
        if group.slot >= 0 { body(Int(layout.problem.sender[hcp * slots + group.slot]), Double(group.minutes), -1, 0) }
        for (l, limit) in layout.problem.limits.enumerated() where limit.members.isEmpty || limit.members[hcp] {
            body(-1, 0, l, Double(group.uses[l]))
        }
    }

    /// Lays aside all but a share of what each ceiling has left; returns what `giveBack` adds again.
    mutating func layAside(allBut share: (_ limit: Int) -> Double) -> [Double] {
        side.indices.map { k in
            guard layout.sides[k].sign > 0 else { return 0 }
            let aside = max(0, side[k]) * (1 - share(layout.sides[k].limit))
            side[k] -= aside
            return aside
        }
    }

    mutating func giveBack(_ aside: [Double]) { for k in side.indices { side[k] += aside[k] } }

    /// Sum of what floors lack.
    var floorLack: Double {
        var lack = 0.0
        for k in side.indices where layout.sides[k].sign < 0 { lack += max(0, side[k]) }
        return lack
    }

    /// Capacity and bounds for the dual of the HCPs that are still to be planned.
    var capacity: [Double] { rep.map { max(0, $0) } }
    var bounds: [Double] { side.indices.map { layout.sides[$0].sign > 0 ? max(0, side[$0]) : -max(0, side[$0]) } }
}
