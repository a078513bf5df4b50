package import EngagementModel

/// Caps and gaps of one market, over contact classes; exact in calendar days.
///
/// A class is a bit of a mask: channels that no rule tells apart share one class (see `ContactClasses`).
package struct ContactRules: Sendable, Hashable {
    /// At most `max` touches of `classes` on any `windowDays` consecutive calendar days.
    package struct Cap: Sendable, Hashable {
        package var classes: UInt32
        package var max: Int
        package var windowDays: Int
        package init(classes: UInt32, max: Int, windowDays: Int) {
            self.classes = classes
            self.max = max
            self.windowDays = windowDays
        }
    }

    /// Two touches of `classes` lie at least `minDays` calendar days apart.
    package struct Gap: Sendable, Hashable {
        package var classes: UInt32
        package var minDays: Int
        package init(classes: UInt32, minDays: Int) {
            self.classes = classes
            self.minDays = minDays
        }
    }

    package var caps: [Cap]
    package var gaps: [Gap]
    /// One flag per day of the horizon (holidays are false); empty = every day.
    package var allowedDays: [Bool]

    package init(caps: [Cap] = [], gaps: [Gap] = [], allowedDays: [Bool] = []) {
        self.caps = caps
        self.gaps = gaps
        self.allowedDays = allowedDays
    }

    /// Caps and gaps in one form: a gap of m days is a cap of one touch in any m days.
    var unified: [Cap] { caps + gaps.map { Cap(classes: $0.classes, max: 1, windowDays: $0.minDays) } }

    /// Days that a touch can matter to a later one.
    package var reachDays: Int { unified.map(\.windowDays).max() ?? 0 }
}

/// How recent touches change the value of the next one: fatigue (below 1) or synergy (above 1).
///
/// A touch of a class in `affects` has its gross value multiplied by `multipliers[k]`, where k is the number of
/// touches of `counts` on the `windowDays - 1` days before it, at most `multipliers.count - 1`.
package struct RecencyEffect: Sendable, Hashable {
    package var affects: UInt32
    package var counts: UInt32
    package var windowDays: Int
    package var multipliers: [Float]
    /// Whether planned touches alone are counted, not those that stand.
    package var isWithinPlan: Bool
    package init(
        affects: UInt32 = .max, counts: UInt32 = .max, windowDays: Int, multipliers: [Float],
        isWithinPlan: Bool = false
    ) {
        self.isWithinPlan = isWithinPlan
        self.affects = affects
        self.counts = counts
        self.windowDays = windowDays
        self.multipliers = multipliers
    }
}

/// Channels grouped by what the rules can tell apart: the signature over caps, gaps and effects.
package struct ContactClasses: Sendable, Hashable {
    package let count: Int
    private let byChannel: [UInt8]

    /// Give every cap and gap of every market, and the channel sets that recency effects tell apart.
    package init(caps: [Strategy.Cap], gaps: [Strategy.Gap], apart: [Set<Channel>] = []) {
        let sets = caps.map(\.channels) + gaps.map(\.channels) + apart
        var signatures: [[Bool]] = []
        byChannel = Channel.allCases.map { channel in
            let signature = sets.map { $0.contains(channel) }
            if let known = signatures.firstIndex(of: signature) { return UInt8(known) }
            signatures.append(signature)
            return UInt8(signatures.count - 1)
        }
        count = signatures.count
    }

    package func callAsFunction(_ channel: Channel) -> UInt8 { byChannel[Int(channel.code)] }

    package func mask(_ channels: Set<Channel>) -> UInt32 {
        channels.reduce(0) { $0 | (1 << UInt32(self($1))) }
    }

    /// The rules of one market; its caps and gaps must be among those that the classes were made from.
    package func rules(caps: [Strategy.Cap], gaps: [Strategy.Gap], allowedDays: [Bool] = []) -> ContactRules {
        ContactRules(
            caps: caps.map { .init(classes: mask($0.channels), max: $0.max, windowDays: $0.window.days) },
            gaps: gaps.map { .init(classes: mask($0.channels), minDays: $0.min.days) },
            allowedDays: allowedDays)
    }
}
