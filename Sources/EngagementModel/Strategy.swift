/// What the company wants, what a touch costs and what must never happen: `strategy.yaml` as a value.
///
/// `Cycle` reads and validates the file; nothing here is checked again.
public struct Strategy: Sendable, Hashable, Codable {
    /// Business days to plan ahead.
    public var horizonDays: Int = 10
    public var objectives: [Objective] = []
    public var channels: [Channel: ChannelTerms] = [:]
    public var caps: [Cap] = []
    public var gaps: [Gap] = []
    /// How long the same content stays away from an HCP who was sent it; nil = it does not.
    public var repeats: Gap?
    public var quietHours: QuietHours? = QuietHours(startMinute: 21 * 60, endMinute: 8 * 60)
    public var budgets: [Budget] = []
    /// Which consent rule a channel needs; a channel that is not named is denied.
    public var consent: [Channel: ConsentRule] = [:]
    public var arms = ArmShares()
    public var exploration = Exploration()
    /// Share of unexecuted touches that may change from one day's plan to the next; nil = no bound.
    public var maxChangedShare: Double? = 0.3
    public var seed: UInt64 = 42

    public init() {}

    public struct Objective: Sendable, Hashable, Codable {
        public var product: String
        /// Measure of the volume table that counts as the outcome (`prescriptions`, `orders`, …).
        public var measure: String
        /// Currency per unit of the measure.
        public var valuePerUnit: Double
        /// Strategy lever: a bounded multiplier, 1 = neutral.
        public var lever: Double
        public init(product: String, measure: String, valuePerUnit: Double, lever: Double = 1) {
            self.product = product
            self.measure = measure
            self.valuePerUnit = valuePerUnit
            self.lever = lever
        }
        public var name: String { "\(product) \(measure)" }
    }

    public enum Sender: String, Sendable, Hashable, Codable { case rep, system }

    public struct ChannelTerms: Sendable, Hashable, Codable {
        /// Minutes of a rep's day for one touch; 0 for system channels.
        public var minutes: Double
        /// Currency per touch.
        public var cost: Double
        public var sender: Sender
        public init(minutes: Double = 0, cost: Double = 0, sender: Sender = .system) {
            self.minutes = minutes
            self.cost = cost
            self.sender = sender
        }
    }

    /// At most `max` touches on `channels` within any rolling `window`.
    public struct Cap: Sendable, Hashable, Codable {
        public var channels: Set<Channel>
        public var max: Int
        public var window: Span
        public var name: String
        public init(channels: Set<Channel>, max: Int, window: Span, name: String) {
            self.channels = channels
            self.max = max
            self.window = window
            self.name = name
        }
    }

    /// At least `min` between two touches on `channels`.
    public struct Gap: Sendable, Hashable, Codable {
        public var channels: Set<Channel>
        public var min: Span
        public var name: String
        public init(channels: Set<Channel>, min: Span, name: String) {
            self.channels = channels
            self.min = min
            self.name = name
        }
    }

    /// No touch between `startMinute` and `endMinute` of the recipient's day (may span midnight).
    public struct QuietHours: Sendable, Hashable, Codable {
        public var startMinute: Int
        public var endMinute: Int
        public init(startMinute: Int, endMinute: Int) {
            self.startMinute = startMinute
            self.endMinute = endMinute
        }
        public func contains(minute: Int) -> Bool {
            startMinute <= endMinute
                ? (startMinute..<endMinute).contains(minute) : minute >= startMinute || minute < endMinute
        }
    }

    /// A shared limit over the horizon: touches, cost, or both.
    public struct Budget: Sendable, Hashable, Codable {
        public var name: String
        public var channels: Set<Channel>
        public var maxTouches: Int?
        public var maxCost: Double?
        public init(name: String, channels: Set<Channel>, maxTouches: Int? = nil, maxCost: Double? = nil) {
            self.name = name
            self.channels = channels
            self.maxTouches = maxTouches
            self.maxCost = maxCost
        }
    }

    public enum ConsentRule: String, Sendable, Hashable, Codable {
        case optIn = "opt_in"
        case notOptedOut = "not_opted_out"
        case denied
    }

    public struct ArmShares: Sendable, Hashable, Codable {
        public var random: Double
        public var rules: Double
        public init(random: Double = 0.02, rules: Double = 0.03) {
            self.random = random
            self.rules = rules
        }
    }

    public struct Exploration: Sendable, Hashable, Codable {
        /// Currency per nat; nil = scaled to the typical value of a touch.
        public var temperature: Double?
        public var floor: Double
        public init(temperature: Double? = nil, floor: Double = 0.01) {
            self.temperature = temperature
            self.floor = floor
        }
    }

    /// Days that history must reach back so that every cap and gap can be checked.
    public var longestWindowDays: Int {
        max(1, (caps.map(\.window.days) + (gaps + [repeats].compactMap { $0 }).map(\.min.days)).max() ?? 1)
    }
}

/// What one country or business unit changes (`markets/XX.yaml`); nil = as the strategy says.
public struct Market: Sendable, Hashable, Codable {
    public var code: String
    public var consent: [Channel: Strategy.ConsentRule]?
    public var quietHours: Strategy.QuietHours?
    public var holidays: Set<Day> = []
    public var caps: [Strategy.Cap]?
    /// Individual volumes of this market's HCPs stay out of reps' pages, reasons, features and exports.
    public var hidesIndividualVolumes = false
    public init(code: String) { self.code = code }
}
