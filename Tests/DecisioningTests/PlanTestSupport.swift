import EngagementModel
import Statistics

@testable import Decisioning

/// Small random problems, and answers by enumeration that share no code with the planner.
struct SmallPlan {
    var problem: PlanProblem

    /// - Parameter rich: with effects, weekday factors, several rule sets, future touches and forbidden days.
    static func random(
        _ seed: UInt64, hcps: Int, actions: Int, days: Int, rich: Bool, maxOffset: Int = 12
    ) -> SmallPlan {
        var random = SeededGenerator(seed: seed, stream: 7)
        var offsets: Set<Int> = []
        while offsets.count < days { offsets.insert(1 + random.below(maxOffset)) }
        let dayOffsets = offsets.sorted()
        let classes = 1 + random.below(3)
        let value = (0..<hcps * actions).map { _ -> Float in
            random.chance(0.15) ? -.infinity : Float(random.uniform() * 10 - 1)
        }
        var problem = PlanProblem(
            hcpCount: hcps, actionCount: actions, dayOffsets: dayOffsets, dayWeekdays: dayOffsets.map { $0 % 7 },
            value: value, actionClass: (0..<actions).map { _ in UInt8(random.below(classes)) },
            senderSlot: (0..<actions).map { _ in random.chance(0.6) ? 0 : -1 },
            actionMinutes: (0..<actions).map { _ in Float(15 * (1 + random.below(3))) })
        func mask() -> UInt32 { UInt32(1 + random.below((1 << classes) - 1)) }
        func rules() -> ContactRules {
            ContactRules(
                caps: (0..<random.below(3)).map { _ in
                    .init(classes: mask(), max: random.below(4), windowDays: 1 + random.below(15))
                },
                gaps: (0..<random.below(3)).map { _ in .init(classes: mask(), minDays: random.below(8)) },
                allowedDays: rich && random.chance(0.5) ? dayOffsets.map { _ in random.chance(0.8) } : [])
        }
        problem.ruleSets = rich ? [rules(), rules()] : [rules()]
        if rich { problem.ruleSet = (0..<hcps).map { _ in UInt8(random.below(2)) } }
        problem.actionCost = (0..<actions).map { _ in Float(random.below(3)) }
        if rich && random.chance(0.6) {
            problem.effects = (0..<1 + random.below(2)).map { _ in
                RecencyEffect(
                    affects: mask(), counts: mask(), windowDays: 1 + random.below(10),
                    multipliers: (0..<1 + random.below(3)).map { _ in Float(0.4 + random.uniform()) })
            }
        }
        if rich && random.chance(0.5) {
            problem.weekdayFactor = (0..<hcps * 7).map { _ in Float(0.5 + random.uniform()) }
        }
        problem.touchStart = [0]
        for _ in 0..<hcps {
            for _ in 0..<random.below(4) {
                let back = rich ? random.below(40) - 20 : -random.below(15)
                problem.touchDay.append(Int16(back))
                problem.touchClass.append(UInt8(random.below(classes)))
            }
            problem.touchStart.append(Int32(problem.touchDay.count))
        }
        problem.slotCount = 1
        problem.repCount = 2
        problem.sender = (0..<hcps).map { _ in random.chance(0.1) ? -1 : Int32(random.below(2)) }
        problem.repMinutes = (0..<2 * days).map { _ in Float(15 * random.below(6)) }
        problem.limits = [
            SharedLimit(
                name: "cost", usage: (0..<actions).map { _ in Float(random.below(4)) },
                ceiling: Double(random.below(3 * hcps + 2)))
        ]
        problem.temperature = .fixed(0)
        problem.seed = seed
        return SmallPlan(problem: problem)
    }

    /// Histories that already overrun their caps, appointments on days of the plan and beyond it, dismissed touches,
    /// and a previous plan that may no longer be lawful.
    mutating func crowd(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed, stream: 8)
        let (n, last) = (problem.hcpCount, problem.dayOffsets[problem.dayCount - 1])
        let classes = 1 + Int(problem.actionClass.max() ?? 0)
        (problem.touchStart, problem.touchDay, problem.touchClass) = ([0], [], [])
        (problem.blockStart, problem.blockDay, problem.blockChannel) = ([0], [], [])
        problem.actionChannel = (0..<problem.actionCount).map { _ in UInt8(random.below(3)) }
        for _ in 0..<n {
            for _ in 0..<random.below(10) {
                let day = random.chance(0.4) ? random.below(last + 12) : -random.below(12)
                for _ in 0...random.below(2) {
                    problem.touchDay.append(Int16(day))
                    problem.touchClass.append(UInt8(random.below(classes)))
                }
            }
            problem.touchStart.append(Int32(problem.touchDay.count))
            for _ in 0..<random.below(5) {
                problem.blockDay.append(Int16(problem.dayOffsets[random.below(problem.dayCount)]))
                problem.blockChannel.append(UInt8(random.below(4)))
            }
            problem.blockStart.append(Int32(problem.blockDay.count))
        }
        problem.previousChoice = (0..<n * problem.dayCount).map { _ in
            random.chance(0.6) ? -1 : Int16(random.below(problem.actionCount))
        }
        problem.maxChangedShare = random.chance(0.5) ? random.uniform() : nil
    }

    /// Contents that must not come again: fewer and worse ones after each touch of the classes.
    mutating func repeatContents(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed, stream: 9)
        let classes = 1 + Int(problem.actionClass.max() ?? 0)
        let drawn = UInt32(1 + random.below((1 << classes) - 1))
        // Not every class has an action.
        let mask = problem.actionClass.contains { drawn >> UInt32($0) & 1 == 1 } ? drawn : .max
        let actions = problem.actionClass.indices.filter { mask >> UInt32(problem.actionClass[$0]) & 1 == 1 }
        let depth = 1 + random.below(3)
        var later: [Float] = []
        for hcp in 0..<problem.hcpCount {
            var left = actions.map { problem.value[hcp * problem.actionCount + $0] }
            for _ in 0..<depth {
                left = left.map { random.chance(0.3) ? -.infinity : $0 - Float(random.uniform() * 3) }
                later += left
            }
        }
        problem.repeats = PlanRepeats(
            classes: mask, windowDays: 1 + random.below(20), actions: actions, depth: depth, later: later)
    }

    /// What an action is worth on a day of a sequence, before factors: the value that earlier touches have left.
    private func left(_ hcp: Int, _ sequence: [Int], _ t: Int) -> Float {
        let a = sequence[t]
        guard let repeats = problem.repeats, let place = repeats.actions.firstIndex(of: a) else {
            return problem.value[hcp * problem.actionCount + a]
        }
        let before = sequence.indices.count {
            let age = problem.dayOffsets[t] - problem.dayOffsets[$0]
            return sequence[$0] >= 0 && repeats.actions.contains(sequence[$0]) && age > 0 && age < repeats.windowDays
        }
        if before == 0 { return problem.value[hcp * problem.actionCount + a] }
        let row = hcp * repeats.depth + min(before, repeats.depth) - 1
        return repeats.later[row * repeats.actions.count + place]
    }

    /// Lifts every shared limit.
    mutating func loosen() {
        problem.repMinutes = problem.repMinutes.map { _ in 1e6 }
        problem.limits = []
    }

    /// Whether an HCP may have a sequence: a calendar of counts per day, every window of every rule.
    func isLawful(_ hcp: Int, _ sequence: [Int]) -> Bool {
        let rules = problem.ruleSets[problem.ruleSet.isEmpty ? 0 : Int(problem.ruleSet[hcp])]
        let origin = 60
        var fixed = [[UInt8]](repeating: [], count: 140)
        var planned = [[UInt8]](repeating: [], count: 140)
        for k in Int(problem.touchStart[hcp])..<Int(problem.touchStart[hcp + 1]) {
            fixed[origin + Int(problem.touchDay[k])].append(problem.touchClass[k])
        }
        for (t, a) in sequence.enumerated() where a >= 0 {
            if left(hcp, sequence, t) == -.infinity { return false }
            if problem.senderSlot[a] == 0 && problem.sender[hcp] < 0 { return false }
            if !rules.allowedDays.isEmpty && !rules.allowedDays[t] { return false }
            let isBlocked =
                problem.blockStart.isEmpty
                ? false
                : (Int(problem.blockStart[hcp])..<Int(problem.blockStart[hcp + 1])).contains {
                    Int(problem.blockDay[$0]) == problem.dayOffsets[t]
                        && problem.blockChannel[$0] == problem.actionChannel[a]
                }
            if isBlocked { return false }
            let day = origin + problem.dayOffsets[t]
            if !fixed[day].isEmpty { return false }
            planned[day].append(problem.actionClass[a])
        }
        let windows =
            rules.caps.map { ($0.classes, $0.max, $0.windowDays) } + rules.gaps.map { ($0.classes, 1, $0.minDays) }
        for (mask, most, window) in windows where window > 0 {
            for end in window..<140 {
                var count = 0
                var mine = 0
                for day in end - window + 1...end {
                    count += (fixed[day] + planned[day]).count { mask & (1 << UInt32($0)) != 0 }
                    mine += planned[day].count { mask & (1 << UInt32($0)) != 0 }
                }
                if mine > 0 && count > most { return false }
            }
        }
        return true
    }

    func value(_ hcp: Int, _ sequence: [Int]) -> Double {
        var sum = 0.0
        for (t, a) in sequence.enumerated() where a >= 0 {
            let cost = Double(problem.actionCost[a])
            var gross = Double(left(hcp, sequence, t)) + cost
            if !problem.weekdayFactor.isEmpty {
                gross *= Double(problem.weekdayFactor[hcp * 7 + problem.dayWeekdays[t]])
            }
            for effect in problem.effects where effect.affects >> UInt32(problem.actionClass[a]) & 1 == 1 {
                var days: [(Int, UInt8)] = []
                for s in 0..<t where sequence[s] >= 0 {
                    days.append((problem.dayOffsets[s], problem.actionClass[sequence[s]]))
                }
                for k in Int(problem.touchStart[hcp])..<Int(problem.touchStart[hcp + 1]) {
                    days.append((Int(problem.touchDay[k]), problem.touchClass[k]))
                }
                let recent = days.count { day, c in
                    let age = problem.dayOffsets[t] - day
                    return age > 0 && age < effect.windowDays && effect.counts >> UInt32(c) & 1 == 1
                }
                gross *= Double(effect.multipliers[min(recent, effect.multipliers.count - 1)])
            }
            sum += gross - cost
        }
        return sum
    }

    /// All lawful sequences of an HCP.
    func sequences(_ hcp: Int) -> [[Int]] {
        var result: [[Int]] = [[]]
        for _ in problem.dayOffsets {
            result = result.flatMap { head in (-1..<problem.actionCount).map { head + [$0] } }
        }
        return result.filter { isLawful(hcp, $0) }
    }

    struct Use {
        var minutes: [Double]
        var limits: [Double]
    }

    func add(_ hcp: Int, _ sequence: [Int], to use: inout Use) {
        for (t, a) in sequence.enumerated() where a >= 0 {
            if problem.senderSlot[a] == 0 {
                use.minutes[Int(problem.sender[hcp]) * problem.dayCount + t] += Double(problem.actionMinutes[a])
            }
            for (l, limit) in problem.limits.enumerated() where limit.members.isEmpty || limit.members[hcp] {
                use.limits[l] += Double(limit.usage[a])
            }
        }
    }

    var nothing: Use {
        Use(
            minutes: [Double](repeating: 0, count: problem.repMinutes.count),
            limits: [Double](repeating: 0, count: problem.limits.count))
    }

    func fits(_ use: Use) -> Bool {
        zip(use.minutes, problem.repMinutes).allSatisfy { $0 <= Double($1) + 1e-6 }
            && zip(use.limits, problem.limits).allSatisfy { $0 <= ($1.ceiling ?? .infinity) + 1e-6 }
    }

    /// The best joint plan by exhaustive search; floors included, nil when they cannot be met.
    func optimum() -> Double? {
        let options = (0..<problem.hcpCount).map { hcp in
            sequences(hcp).map { ($0, value(hcp, $0)) }.sorted { $0.1 > $1.1 }
        }
        var rest = [Double](repeating: 0, count: options.count + 1)
        for i in options.indices.reversed() { rest[i] = rest[i + 1] + (options[i].first?.1 ?? 0) }
        var best: Double?
        func search(_ hcp: Int, _ use: Use, _ sum: Double) {
            if let best, sum + rest[hcp] <= best { return }
            guard hcp < options.count else {
                let meets = zip(use.limits, problem.limits).allSatisfy { $0 >= ($1.floor ?? 0) - 1e-9 }
                if meets { best = max(best ?? -.infinity, sum) }
                return
            }
            for (sequence, value) in options[hcp] {
                var next = use
                add(hcp, sequence, to: &next)
                if fits(next) { search(hcp + 1, next, sum + value) }
            }
        }
        search(0, nothing, 0)
        return best
    }

    func sequence(_ plan: Plan, _ hcp: Int) -> [Int] {
        (0..<problem.dayCount).map { Int(plan.choice[hcp * problem.dayCount + $0]) }
    }

    /// What is wrong with a plan, by the enumeration's own definitions.
    func faults(_ plan: Plan) -> [String] {
        var faults: [String] = []
        var use = nothing
        var sum = 0.0
        for hcp in 0..<problem.hcpCount {
            let sequence = sequence(plan, hcp)
            if !isLawful(hcp, sequence) { faults.append("HCP \(hcp): \(sequence) breaks a rule") }
            add(hcp, sequence, to: &use)
            sum += value(hcp, sequence)
        }
        if !fits(use) { faults.append("shared capacity exceeded: \(use)") }
        if abs(sum - plan.objective) > 1e-4 * max(1, abs(sum)) {
            faults.append("objective \(plan.objective) is \(sum)")
        }
        if plan.violations != 0 { faults.append("violations \(plan.violations)") }
        return faults
    }
}
