/// The value and the lawfulness of finished sequences, from the definitions alone: no graph, no kernel.
struct PlanAudit {
    let problem: PlanProblem
    /// Per rule set: caps and gaps in one form.
    private let rules: [[ContactRules.Cap]]

    init(problem: PlanProblem) {
        self.problem = problem
        rules = problem.ruleSets.map(\.unified)
    }

    /// Net value of one HCP's sequence with weekday factors and recency effects.
    func value(_ hcp: Int, _ choice: UnsafePointer<Int16>) -> Double {
        var sum = 0.0
        for t in 0..<problem.dayCount where choice[t] >= 0 {
            let a = Int(choice[t])
            let cost = problem.actionCost.isEmpty ? 0 : Double(problem.actionCost[a])
            var gross = Double(problem.value(hcp, a, after: problem.earlier(choice, day: t))) + cost
            if !problem.weekdayFactor.isEmpty {
                gross *= Double(problem.weekdayFactor[hcp * 7 + problem.dayWeekdays[t]])
            }
            sum += gross * multiplier(hcp, choice, day: t) - cost
        }
        return sum
    }

    private func multiplier(_ hcp: Int, _ choice: UnsafePointer<Int16>, day t: Int) -> Double {
        var product = 1.0
        let bit: UInt32 = 1 << UInt32(problem.actionClass[Int(choice[t])])
        let offset = problem.dayOffsets[t]
        for effect in problem.effects where effect.affects & bit != 0 {
            var recent = 0
            for s in 0..<t where choice[s] >= 0 && offset - problem.dayOffsets[s] < effect.windowDays {
                if effect.counts & (1 << UInt32(problem.actionClass[Int(choice[s])])) != 0 { recent += 1 }
            }
            for k in problem.touches(of: hcp) {
                let age = offset - Int(problem.touchDay[k])
                if age > 0 && age < effect.windowDays && effect.counts & (1 << UInt32(problem.touchClass[k])) != 0 {
                    recent += 1
                }
            }
            product *= Double(effect.multipliers[min(recent, effect.multipliers.count - 1)])
        }
        return product
    }

    /// Rules that planned touches of one HCP break: eligibility, days, caps and gaps, blocked touches, days
    /// already taken.
    func violations(_ hcp: Int, _ choice: UnsafePointer<Int16>) -> Int {
        guard (0..<problem.dayCount).contains(where: { choice[$0] >= 0 }) else { return 0 }
        let ruleSet = problem.ruleSet.isEmpty ? 0 : Int(problem.ruleSet[hcp])
        let allowedDays = problem.ruleSets[ruleSet].allowedDays
        var count = 0
        var touches: [(day: Int, bit: UInt32, planned: Bool)] = []
        for k in problem.touches(of: hcp) {
            touches.append((Int(problem.touchDay[k]), 1 << UInt32(problem.touchClass[k]), false))
        }
        for t in 0..<problem.dayCount where choice[t] >= 0 {
            let a = Int(choice[t])
            let slot = Int(problem.senderSlot[a])
            if problem.value(hcp, a, after: problem.earlier(choice, day: t)) == -.infinity { count += 1 }
            if slot >= 0 && problem.sender[hcp * problem.slotCount + slot] < 0 { count += 1 }
            if !allowedDays.isEmpty && !allowedDays[t] { count += 1 }
            let isBlocked = problem.blocks(of: hcp).contains { k in
                Int(problem.blockDay[k]) == problem.dayOffsets[t] && problem.blockChannel[k] == problem.actionChannel[a]
            }
            if isBlocked { count += 1 }
            if touches.contains(where: { !$0.planned && $0.day == problem.dayOffsets[t] }) { count += 1 }
            touches.append((problem.dayOffsets[t], 1 << UInt32(problem.actionClass[a]), true))
        }
        // A window is worst where it ends on a touch.
        for cap in rules[ruleSet] {
            for last in touches where last.bit & cap.classes != 0 {
                var inside = 0
                var planned = false
                for touch in touches where touch.bit & cap.classes != 0 {
                    let age = last.day - touch.day
                    guard age >= 0 && age < cap.windowDays else { continue }
                    inside += 1
                    if touch.planned { planned = true }
                }
                if planned && inside > cap.max { count += 1 }
            }
        }
        return count
    }

    /// Shared capacity that a whole plan exceeds.
    func sharedViolations(_ choice: [Int16]) -> Int {
        var minutes = [Double](repeating: 0, count: problem.repMinutes.count)
        var uses = [Double](repeating: 0, count: problem.limits.count)
        let t = problem.dayCount
        for hcp in 0..<problem.hcpCount {
            for day in 0..<t where choice[hcp * t + day] >= 0 {
                let a = Int(choice[hcp * t + day])
                let slot = Int(problem.senderSlot[a])
                if slot >= 0 {
                    let rep = Int(problem.sender[hcp * problem.slotCount + slot])
                    if rep >= 0 { minutes[rep * t + day] += Double(problem.actionMinutes[a]) }
                }
                for (l, limit) in problem.limits.enumerated() where limit.members.isEmpty || limit.members[hcp] {
                    uses[l] += Double(limit.usage[a])
                }
            }
        }
        var count = 0
        for k in minutes.indices where minutes[k] > Double(problem.repMinutes[k]) + 1e-6 { count += 1 }
        for (l, limit) in problem.limits.enumerated() {
            if let ceiling = limit.ceiling, uses[l] > ceiling + 1e-6 * max(1, ceiling) { count += 1 }
        }
        return count
    }
}
