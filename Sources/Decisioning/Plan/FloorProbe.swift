extension PlanProblem {
    /// The problem of using as much of one limit as can be, values aside: how high a floor can be.
    ///
    /// - Parameter floors: what is asked of every other limit meanwhile.
    func maximising(limit: Int, floors: [Double?]) -> PlanProblem {
        var other = self
        for i in 0..<hcpCount {
            let counts = limits[limit].members.isEmpty || limits[limit].members[i]
            for a in 0..<actionCount where value[i * actionCount + a] > -.infinity {
                other.value[i * actionCount + a] = counts ? limits[limit].usage[a] : 0
            }
        }
        if let repeats {
            let (width, row) = (repeats.actions.count, repeats.depth * repeats.actions.count)
            for k in repeats.later.indices where repeats.later[k] > -.infinity {
                let counts = limits[limit].members.isEmpty || limits[limit].members[k / row]
                other.repeats?.later[k] = counts ? limits[limit].usage[repeats.actions[k % width]] : 0
            }
        }
        for k in other.limits.indices { other.limits[k].floor = k == limit ? nil : floors[k] }
        other.actionCost = []
        other.weekdayFactor = []
        other.effects = []
        other.temperature = .fixed(0)
        other.explorationFloor = 0
        other.warmStart = nil
        other.previousChoice = []
        return other
    }
}
