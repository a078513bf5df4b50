package import EngagementModel

/// One touch that an HCP had, as far as the truth depends on it.
package struct RecentTouch: Sendable, Hashable {
    package var day: Day
    package var channel: Channel
    package var level: ResponseLevel
    /// Product that it spoke of (index of `Product.all`); nil = none in particular.
    package var product: Int?
    package var direction: Direction

    package init(
        day: Day, channel: Channel, level: ResponseLevel = .none, product: Int? = nil, direction: Direction = .push
    ) {
        self.day = day
        self.channel = channel
        self.level = level
        self.product = product
        self.direction = direction
    }
}

/// What recent touches have left behind in one HCP: fatigue, the last good conversation, and the adstock of both
/// products. A small value: copy it to try a touch out.
package struct ContactState: Sendable {
    /// Day that the state stands at.
    package private(set) var day: Int32
    /// Weighted touches of day d at d mod 16.
    private var loads = SIMD16<Float>(repeating: 0)
    private var lastConversation: Int32 = -100_000
    /// Adstock by slot.
    package var stock: SIMD2<Double>

    package init(day: Day, stock: SIMD2<Double> = .zero) {
        self.day = day.number
        self.stock = stock
    }

    package static let fatigueDays = 14

    /// Lets time pass; earlier days are ignored.
    package mutating func advance(to next: Int32, decay: DecayTable) {
        guard next > day else { return }
        let gap = Int(next - day)
        if gap >= 16 {
            loads = .zero
        } else {
            for d in 1...gap { loads[Int(day + Int32(d)) & 15] = 0 }
        }
        stock *= decay[gap]
        day = next
    }

    /// Weighted touches of the last 14 days, today included.
    package var load: Double {
        var sum: Float = 0
        for d in 0..<ContactState.fatigueDays { sum += loads[Int(day - Int32(d)) & 15] }
        return Double(sum)
    }

    package func hadConversation(within days: Int) -> Bool { Int(day - lastConversation) <= days }

    /// Counts a touch of today; `slot` nil leaves the adstock alone.
    package mutating func record(
        _ channel: Channel, level: ResponseLevel, slot: Int?, direction: Direction, _ coefficients: Coefficients
    ) {
        let code = channel.ordinal
        if direction == .push { loads[Int(day) & 15] += coefficients.load[code] }
        guard level != .none else { return }
        if channel.isHuman && level.ordinal >= 2 { lastConversation = day }
        if let slot { stock[slot] += coefficients.weight[code][level.ordinal - 1] }
    }
}

// `ClosedList.code` searches a fresh array; the walk asks millions of times, so it switches instead.
extension Channel {
    /// Equal to `code`, as a jump table.
    package var ordinal: Int {
        switch self {
        case .inPerson: 0
        case .video: 1
        case .phone: 2
        case .emailRep: 3
        case .email: 4
        case .sms: 5
        case .messaging: 6
        case .portal: 7
        case .webinar: 8
        case .event: 9
        case .ad: 10
        case .mail: 11
        }
    }
}

extension ResponseLevel {
    /// Equal to `code`: 0 none, 1 reached, 2 engaged, 3 advanced.
    package var ordinal: Int {
        switch self {
        case .none: 0
        case .reached: 1
        case .engaged: 2
        case .advanced: 3
        }
    }
}

/// Powers of the daily decay.
package struct DecayTable: Sendable {
    private let powers: [Double]

    package init(_ daily: Double) {
        var value = 1.0
        powers = (0..<1024).map { _ in
            defer { value *= daily }
            return value
        }
    }

    package subscript(days: Int) -> Double { powers[min(days, 1023)] }
}
