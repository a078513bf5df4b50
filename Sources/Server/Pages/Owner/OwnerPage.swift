package import EngagementModel

/// The console's first page: whom can I reach, what is planned, where does it pinch, what would change it.
package struct OwnerPage: Sendable {
    package var stamp: PlanStamp?
    package var currency = "EUR"
    package var totals = Totals()
    package var reach: [Reach] = []
    package var planned = PlannedTouches()
    package var prices: [Price] = []
    package var conflicts: [Conflict] = []
    package var activity: [ChannelActivity] = []
    package var arms: [ArmResult] = []
    package var sources: [SourceRow] = []
    /// nil when nobody here may recompute, or nothing can (no plan yet).
    package var whatIf: WhatIfForm?
    /// Whether examples may name HCPs: administrators see counts only.
    package var showsHCPs = true
    /// Whether the page may lead on to the data catalogue.
    package var showsData = true

    package init() {}

    package struct Totals: Sendable, Hashable {
        package var hcps = 0
        package var reachable = 0
        package var touches = 0
        package var touchedHCPs = 0
        package var value = 0.0
        package var cost = 0.0
        package var objective: Double?
        package var bound: Double?
        /// Share by which the plan may be below the best one.
        package var gap: Double?
        package init() {}
    }

    /// One channel: how many HCPs could be reached, and why not the others.
    package struct Reach: Sendable, Hashable {
        package var channel: Channel
        package var hcps: Int
        package var eligible: Int
        package var planned: Int
        /// HCPs without any eligible action of the channel, by the first reason; largest first.
        package var refusals: [RefusalCount]

        package init(channel: Channel, hcps: Int, eligible: Int, planned: Int = 0, refusals: [RefusalCount] = []) {
            self.channel = channel
            self.hcps = hcps
            self.eligible = eligible
            self.planned = planned
            self.refusals = refusals
        }
    }

    package struct RefusalCount: Sendable, Hashable {
        package var refusal: Refusal
        package var hcps: Int
        package init(refusal: Refusal, hcps: Int) {
            self.refusal = refusal
            self.hcps = hcps
        }
    }

    /// Planned touches per day and channel.
    package struct PlannedTouches: Sendable, Hashable {
        package var days: [Day] = []
        package var channels: [Channel] = []
        /// `counts[channel][day]`.
        package var counts: [[Int]] = []
        package init() {}
    }

    /// What one more unit of a scarce limit would bring.
    package struct Price: Sendable, Hashable {
        package enum Unit: Sendable { case repMinute, limit }
        package var unit: Unit
        package var name: String
        package var day: Day?
        /// Currency per unit: per minute of a rep, per touch or currency unit of a limit.
        package var price: Double
        package var used: Double
        package var capacity: Double

        package init(unit: Unit, name: String, day: Day? = nil, price: Double, used: Double, capacity: Double) {
            self.unit = unit
            self.name = name
            self.day = day
            self.price = price
            self.used = used
            self.capacity = capacity
        }
    }

    /// One kind of conflict in the loaded history.
    package struct Conflict: Sendable, Hashable {
        package struct Example: Sendable, Hashable {
            package var hcp: HCPLabel
            package var day: Day?
            package var detail: String
            package init(hcp: HCPLabel, day: Day?, detail: String) {
                self.hcp = hcp
                self.day = day
                self.detail = detail
            }
        }
        package var kind: String
        package var cases: Int
        package var hcps: Int
        package var examples: [Example]

        package init(kind: String, cases: Int, hcps: Int, examples: [Example] = []) {
            self.kind = kind
            self.cases = cases
            self.hcps = hcps
            self.examples = examples
        }
    }

    /// A channel's last twelve months.
    package struct ChannelActivity: Sendable, Hashable {
        package var channel: Channel
        package var direction: Direction
        package var months: [Day]
        package var touches: [Int]
        package var reached: Int
        package var engaged: Int
        package var advanced: Int

        package init(
            channel: Channel, direction: Direction, months: [Day], touches: [Int], reached: Int, engaged: Int,
            advanced: Int
        ) {
            self.channel = channel
            self.direction = direction
            self.months = months
            self.touches = touches
            self.reached = reached
            self.engaged = engaged
            self.advanced = advanced
        }
    }

    /// One standing arm, and how the engine did against it where a period has been measured.
    package struct ArmResult: Sendable, Hashable {
        package var arm: Arm
        package var hcps: Int
        package var touches: Int
        /// Mean outcome per HCP of the measured period.
        package var outcome: Double?
        /// Engine minus this arm.
        package var lift: Lift?

        package init(arm: Arm, hcps: Int, touches: Int, outcome: Double? = nil, lift: Lift? = nil) {
            self.arm = arm
            self.hcps = hcps
            self.touches = touches
            self.outcome = outcome
            self.lift = lift
        }
    }

    /// A difference with its 90 % interval.
    package struct Lift: Sendable, Hashable {
        package var value: Double
        package var low: Double
        package var high: Double
        package init(value: Double, low: Double, high: Double) {
            self.value = value
            self.low = low
            self.high = high
        }
    }
}

/// One source × table of the data catalogue.
package struct SourceRow: Sendable, Hashable {
    package var source: String
    package var table: String
    package var owner: String?
    package var grain: String?
    package var freshest: Day?
    package var rows: Int
    package var rejected: Int
    package var duplicates: Int
    package var orphans: Int
    /// Tables that the row stands for.
    package var tables = 1

    package init(
        source: String, table: String, owner: String? = nil, grain: String? = nil, freshest: Day? = nil, rows: Int,
        rejected: Int = 0, duplicates: Int = 0, orphans: Int = 0
    ) {
        self.source = source
        self.table = table
        self.owner = owner
        self.grain = grain
        self.freshest = freshest
        self.rows = rows
        self.rejected = rejected
        self.duplicates = duplicates
        self.orphans = orphans
    }
}
