/// The numeric problem: who may be touched how, on which days, at what value, out of which shared capacity.
///
/// Arrays are HCP-major. Days are calendar offsets from the as-of day; an empty optional array means "no such thing".
package struct PlanProblem: Sendable {
    package var hcpCount: Int
    /// At most 64.
    package var actionCount: Int
    /// Offset of each day of the horizon, ascending, at most 20 days; weekday 0 Monday … 6 Sunday of each.
    package var dayOffsets: [Int]
    package var dayWeekdays: [Int]

    /// N × A: net value of one touch before prices, currency; -infinity = not eligible.
    package var value: [Float]
    /// A: cost that `value` already holds; factors apply to value + cost. Empty = 0.
    package var actionCost: [Float] = []
    /// N × 7 by weekday, ≥ 0; empty = 1.
    package var weekdayFactor: [Float] = []
    package var effects: [RecencyEffect] = []
    /// nil = the same content may come on every day.
    package var repeats: PlanRepeats?

    /// A: contact class of each action, below 32.
    package var actionClass: [UInt8]
    package var ruleSets: [ContactRules] = [ContactRules()]
    /// N: index into `ruleSets`; empty = 0.
    package var ruleSet: [UInt8] = []

    /// Touches that stand: the contact ledger back to the longest window, and booked appointments ahead.
    /// `touchStart` has N + 1 entries or none. A day with such a touch takes no other.
    package var touchStart: [Int32] = []
    package var touchDay: [Int16] = []
    package var touchClass: [UInt8] = []

    /// A: channel of each action, below 64, for `blockChannel`; empty when nothing is blocked.
    package var actionChannel: [UInt8] = []
    /// Touches that may not be planned, as when a rep has dismissed one: HCP → range (N + 1 entries or none), then
    /// calendar offset and channel of each. Days outside the horizon do not matter.
    package var blockStart: [Int32] = []
    package var blockDay: [Int16] = []
    package var blockChannel: [UInt8] = []

    /// A: which of the HCP's senders carries the action; -1 = system.
    package var senderSlot: [Int8]
    package var slotCount: Int = 0
    /// N × slots: rep number or -1.
    package var sender: [Int32] = []
    package var repCount: Int = 0
    /// R × T: minutes left, net of appointments.
    package var repMinutes: [Float] = []
    /// A: minutes of one touch.
    package var actionMinutes: [Float]

    package var limits: [SharedLimit] = []

    /// N: which arm decides; empty = engine for all.
    package var arms: [PlanArm] = []
    /// Actions in the order in which the rules arm places them, each once, on the first day that takes it.
    package var ruleRanking: [UInt8] = []
    /// Order in which the rules arm serves its HCPs; empty = by index.
    package var ruleOrder: [Int32] = []
    /// Chance that the random arm touches on a free day.
    package var randomTouchRate: Double = 0.25

    package var temperature: PlanTemperature = .auto
    /// Share of engine HCPs that are decided like the random arm, so that no feasible choice has propensity 0.
    package var explorationFloor: Double = 0
    package var seed: UInt64 = 42
    /// Prices of the previous plan, same reps and days.
    package var warmStart: PlanPrices?
    /// N × T: yesterday's plan on today's days, -1 = none; empty = no bound on change.
    package var previousChoice: [Int16] = []
    /// Share of previous touches that may differ; nil = no bound.
    package var maxChangedShare: Double?

    package init(
        hcpCount: Int, actionCount: Int, dayOffsets: [Int], dayWeekdays: [Int], value: [Float], actionClass: [UInt8],
        senderSlot: [Int8], actionMinutes: [Float]
    ) {
        self.hcpCount = hcpCount
        self.actionCount = actionCount
        self.dayOffsets = dayOffsets
        self.dayWeekdays = dayWeekdays
        self.value = value
        self.actionClass = actionClass
        self.senderSlot = senderSlot
        self.actionMinutes = actionMinutes
    }

    package var dayCount: Int { dayOffsets.count }

    /// Positions in `touchDay` and `touchClass` of one HCP.
    @inline(__always) func touches(of hcp: Int) -> Range<Int> {
        touchStart.isEmpty ? 0..<0 : Int(touchStart[hcp])..<Int(touchStart[hcp + 1])
    }

    /// Positions in `blockDay` and `blockChannel` of one HCP.
    @inline(__always) func blocks(of hcp: Int) -> Range<Int> {
        blockStart.isEmpty ? 0..<0 : Int(blockStart[hcp])..<Int(blockStart[hcp + 1])
    }
}

/// A limit over many HCPs for the whole horizon: touches, cost, seats; with an optional floor.
package struct SharedLimit: Sendable, Hashable {
    package var name: String
    /// A: use of one touch, ≥ 0.
    package var usage: [Float]
    package var ceiling: Double?
    package var floor: Double?
    /// N flags: only these HCPs count; empty = all.
    package var members: [Bool]
    package init(
        name: String, usage: [Float], ceiling: Double? = nil, floor: Double? = nil, members: [Bool] = []
    ) {
        self.name = name
        self.usage = usage
        self.ceiling = ceiling
        self.floor = floor
        self.members = members
    }
}

package enum PlanArm: UInt8, Sendable { case engine, random, rules }

/// How much the published plan explores.
package enum PlanTemperature: Sendable, Hashable {
    /// Scaled to each HCP's best touch.
    case auto
    /// Currency per nat, the same for all; 0 = the best plan, nothing sampled.
    case fixed(Double)
}

/// Shadow prices: what one more minute of a rep's day, or one more unit of a limit, would add.
package struct PlanPrices: Sendable, Hashable {
    /// R × T, currency per minute.
    package var repDay: [Double]
    /// Per limit, currency per unit; a binding floor makes it negative.
    package var limit: [Double]
    package init(repDay: [Double], limit: [Double]) {
        self.repDay = repDay
        self.limit = limit
    }
}

extension PlanPrices {
    /// These prices on another day's reps, days and limits, for a warm start.
    ///
    /// Reps and limits are found by name, days by date. A day that is new takes its rep's mean price; a rep or limit
    /// that is new starts at the mean of all reps, or at 0.
    package func carried(
        from old: (reps: [String], days: [Int], limits: [String]),
        to new: (reps: [String], days: [Int], limits: [String])
    ) -> PlanPrices {
        let width = old.days.count
        guard width > 0, repDay.count == old.reps.count * width, limit.count == old.limits.count else {
            return PlanPrices(
                repDay: [Double](repeating: 0, count: new.reps.count * new.days.count),
                limit: new.limits.map { _ in 0 })
        }
        let positions = new.days.map { old.days.firstIndex(of: $0) }
        let rows = Dictionary(zip(old.reps, old.reps.indices), uniquingKeysWith: { first, _ in first })
        let usual = repDay.isEmpty ? 0 : repDay.reduce(0, +) / Double(repDay.count)
        let carried = new.reps.flatMap { rep -> [Double] in
            guard let row = rows[rep] else { return positions.map { _ in usual } }
            let own = repDay[row * width..<(row + 1) * width]
            let mean = own.reduce(0, +) / Double(width)
            return positions.map { day in day.map { own[own.startIndex + $0] } ?? mean }
        }
        return PlanPrices(
            repDay: carried, limit: new.limits.map { name in old.limits.firstIndex(of: name).map { limit[$0] } ?? 0 })
    }
}
