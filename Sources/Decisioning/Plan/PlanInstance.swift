import EngagementModel
import Statistics

/// A seeded planning problem of any size, published so that figures can be compared.
///
/// Twenty-four actions on seven channels, ten business days, caps and gaps as strategies spell them, ledgers with
/// touches of the last two weeks, reps with booked hours, a cost budget and a seat limit that bind.
package struct PlanInstance: Sendable, Hashable {
    package var hcps: Int
    package var reps: Int
    package var seed: UInt64 = 1
    /// Identical copies of each HCP: the hard case of ties.
    package var clones = 1
    /// Minutes that a rep has for planned touches on a day, before booked hours.
    package var repDayMinutes: Float = 360
    package var hasWeekdayFactors = true
    package var hasFatigue = true

    package init(hcps: Int, reps: Int, seed: UInt64 = 1) {
        self.hcps = hcps
        self.reps = reps
        self.seed = seed
    }

    private static let channels: [(channel: Channel, actions: Int, minutes: Float, cost: Float, worth: Float)] = [
        (.inPerson, 4, 45, 60, 320), (.video, 3, 30, 12, 150), (.phone, 3, 15, 6, 80), (.emailRep, 3, 5, 1, 28),
        (.email, 6, 0, 0.05, 12), (.webinar, 3, 0, 9, 45), (.mail, 2, 0, 4, 14),
    ]

    package func problem() -> PlanProblem {
        let actions = Self.channels.flatMap { row in [Int](repeating: 0, count: row.actions).map { _ in row } }
        let human = Set(Channel.allCases.filter(\.isHuman))
        let caps = [
            Strategy.Cap(channels: Set(Channel.allCases), max: 3, window: Span(seconds: 7 * 86_400), name: "any"),
            Strategy.Cap(channels: [.email, .emailRep], max: 2, window: Span(seconds: 7 * 86_400), name: "e-mail"),
        ]
        let gaps = [
            Strategy.Gap(channels: human, min: Span(seconds: 3 * 86_400), name: "human"),
            Strategy.Gap(channels: [.email, .emailRep], min: Span(seconds: 2 * 86_400), name: "e-mail"),
        ]
        let classes = ContactClasses(caps: caps, gaps: gaps)
        let offsets = [1, 2, 3, 4, 5, 8, 9, 10, 11, 12]
        let n = hcps
        let a = actions.count
        var value = [Float](repeating: 0, count: n * a)
        var factor: [Float] = []
        if hasWeekdayFactors { factor = [Float](repeating: 1, count: n * 7) }
        var sender = [Int32](repeating: 0, count: n)
        var touchStart: [Int32] = [0]
        var touchDay: [Int16] = []
        var touchClass: [UInt8] = []
        touchStart.reserveCapacity(n + 1)
        for i in 0..<n {
            let original = i / clones
            var random = SeededGenerator(seed: seed, stream: UInt64(original))
            // Sum of three uniforms: enough of a bell for a response, cheap for ten million.
            func spread() -> Float { Float(random.uniform() + random.uniform() + random.uniform()) / 1.5 }
            let size = 0.15 + spread() * spread() * spread()
            var level: Float = 1
            for k in 0..<a {
                if k == 0 || actions[k].channel != actions[k - 1].channel {
                    // One channel in eight is not allowed for an HCP.
                    level = random.chance(0.125) ? 0 : spread()
                }
                let worth = actions[k].worth * size * level * (0.7 + 0.3 * spread())
                value[i * a + k] = level == 0 ? -.infinity : worth - actions[k].cost
            }
            if hasWeekdayFactors { for d in 0..<5 { factor[i * 7 + d] = 0.85 + 0.15 * spread() } }
            sender[i] = Int32((original * 7919) % reps)
            if clones == 1 {
                for back in 1...13 where random.chance(0.06) {
                    touchDay.append(Int16(-back))
                    touchClass.append(classes(actions[random.below(a)].channel))
                }
                if random.chance(0.01) {
                    touchDay.append(Int16(offsets[random.below(10)]))
                    touchClass.append(classes(.inPerson))
                }
            }
            touchStart.append(Int32(touchDay.count))
        }
        var problem = PlanProblem(
            hcpCount: n, actionCount: a, dayOffsets: offsets, dayWeekdays: offsets.map { ($0 - 1) % 7 }, value: value,
            actionClass: actions.map { classes($0.channel) },
            senderSlot: actions.map { $0.minutes > 0 ? 0 : -1 }, actionMinutes: actions.map(\.minutes))
        problem.actionCost = actions.map(\.cost)
        problem.weekdayFactor = factor
        if hasFatigue {
            problem.effects = [RecencyEffect(windowDays: 7, multipliers: [1, 0.85, 0.7])]
        }
        problem.ruleSets = [classes.rules(caps: caps, gaps: gaps)]
        problem.touchStart = touchStart
        problem.touchDay = touchDay
        problem.touchClass = touchClass
        problem.slotCount = 1
        problem.sender = sender
        problem.repCount = reps
        var random = SeededGenerator(seed: seed, stream: .max)
        problem.repMinutes = (0..<reps * offsets.count).map { _ in
            random.chance(0.05) ? 0 : repDayMinutes - 15 * Float(random.below(Int(repDayMinutes / 45) + 1))
        }
        problem.limits = [
            SharedLimit(name: "cost", usage: actions.map(\.cost), ceiling: Double(n) * 24),
            SharedLimit(
                name: "webinar seats", usage: actions.map { $0.channel == .webinar ? 1 : 0 }, ceiling: Double(n) / 10),
        ]
        problem.seed = seed
        return problem
    }
}
