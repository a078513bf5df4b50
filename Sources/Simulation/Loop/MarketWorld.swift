package import EngagementModel
internal import Statistics

/// A touch that somebody carries out in a simulated market.
package struct CarriedTouch: Sendable, Hashable {
    package var hcp: Int
    package var channel: Channel
    /// Index of `ContentLibrary.items`; nil = without material.
    package var content: Int?
    /// Index of `Product.all`.
    package var product: Int
    /// Minute of the HCP's own day.
    package var minute: Int

    package init(hcp: Int, channel: Channel, content: Int?, product: Int, minute: Int) {
        self.hcp = hcp
        self.channel = channel
        self.content = content
        self.product = product
        self.minute = minute
    }
}

/// What became of a carried touch.
package struct CarriedOutcome: Sendable, Hashable {
    /// Seconds since 1970, UTC.
    package var at: Int64
    package var level: ResponseLevel
    package var reachedAfter: Int
    package var unsubscribes: Bool
    /// Expected additional units against no touch, in the state that the touch met: the truth, never shown to a policy.
    package var expectedUnits: Double
}

/// A month's outcome of one HCP and product, with the day on which it becomes known.
package struct DeliveredVolume: Sendable, Hashable {
    package var hcp: Int32
    package var product: Int
    /// First day of the month.
    package var month: Day
    package var value: Int
    package var knownOn: Day
}

/// One future of a simulated market: what its HCPs remember, day after day, under whatever a company does.
///
/// Draws belong to the HCP and the day, so that two worlds of one market meet the same luck where they do the same.
/// Months that were not closed when the history ended take the adstock of its last day. HCPs do nothing by themselves
/// here (no portal visits, no inquiries); they are the same in every world.
package struct MarketWorld: Sendable {
    package let market: SimulatedMarket
    package private(set) var today: Day
    package private(set) var states: [ContactState]
    private var lift: [SIMD2<Double>]
    private var points = 0

    /// Days of a month at which the relative lift is read, as in the history.
    private static let liftDays = [5, 12, 20, 28]

    /// - Parameter states: of each HCP at the end of the history, `HCPHistory.finalState`.
    package init(_ market: SimulatedMarket, states: [ContactState]) {
        self.market = market
        self.states = states
        today = market.lastDay
        lift = [SIMD2<Double>](repeating: .zero, count: states.count)
        let passed = MarketWorld.liftDays.count { $0 <= today.civil.day }
        for _ in 0..<passed { readLift() }
    }

    /// Volumes of the months before today that the history does not know yet, and of the month that ended today.
    package mutating func openingVolumes() -> [DeliveredVolume] {
        var result: [DeliveredVolume] = []
        let current = market.monthIndex(today)
        for month in 0..<current where market.knownDay(month: month) > today {
            for hcp in states.indices {
                append(hcp: hcp, month: month, lift: liftNow(hcp), to: &result)
            }
        }
        if points == MarketWorld.liftDays.count { result += close(month: current) }
        return result
    }

    /// Lives through the next day with its touches, in the order given. Volumes come on the day that closes a month.
    package mutating func live(_ touches: [CarriedTouch]) -> (outcomes: [CarriedOutcome], volumes: [DeliveredVolume]) {
        today = today + 1
        let outcomes = touches.map { carry($0) }
        guard MarketWorld.liftDays.contains(today.civil.day) else { return (outcomes, []) }
        for hcp in states.indices { states[hcp].advance(to: today.number, decay: market.decay) }
        readLift()
        let isClosed = points == MarketWorld.liftDays.count
        return (outcomes, isClosed ? close(month: market.monthIndex(today)) : [])
    }

    private mutating func carry(_ touch: CarriedTouch) -> CarriedOutcome {
        let hcp = touch.hcp
        states[hcp].advance(to: today.number, decay: market.decay)
        let state = states[hcp]
        var g = SeededGenerator(
            seed: market.parameters.seed ^ 0x7C10_5ED1_0095_0000,
            stream: UInt64(hcp) << 24 ^ UInt64(UInt32(bitPattern: today.number)))
        let response = market.respond(
            hcp: hcp, channel: touch.channel, content: touch.content, minute: touch.minute, weekday: today.weekday,
            state: state, using: &g)
        let units = market.expectedUnits(
            hcp: hcp, channel: touch.channel, content: touch.content, product: touch.product, day: today,
            minute: touch.minute, state: state)
        states[hcp].record(
            touch.channel, level: response.level, slot: market.hcps.slot(of: touch.product, hcp: hcp), direction: .push,
            market.coefficients)
        return CarriedOutcome(
            at: market.zones.utc(day: today.number, minute: touch.minute, zone: market.zone(of: hcp)),
            level: response.level, reachedAfter: response.reachedAfter, unsubscribes: response.unsubscribes,
            expectedUnits: units)
    }

    // MARK: Outcomes

    private func liftNow(_ hcp: Int) -> SIMD2<Double> {
        SIMD2(
            market.lift(hcp: hcp, slot: 0, stock: states[hcp].stock[0]),
            market.lift(hcp: hcp, slot: 1, stock: states[hcp].stock[1]))
    }

    private mutating func readLift() {
        points += 1
        for hcp in states.indices { lift[hcp] += liftNow(hcp) }
    }

    private mutating func close(month: Int) -> [DeliveredVolume] {
        var result: [DeliveredVolume] = []
        let n = Double(MarketWorld.liftDays.count)
        for hcp in states.indices {
            append(hcp: hcp, month: month, lift: lift[hcp] / n, to: &result)
            lift[hcp] = .zero
        }
        points = 0
        return result
    }

    private func append(hcp: Int, month: Int, lift: SIMD2<Double>, to result: inout [DeliveredVolume]) {
        var g = SeededGenerator(
            seed: market.parameters.seed ^ 0x70_1C0D_E500_0000, stream: UInt64(hcp) << 16 | UInt64(month))
        for slot in 0..<2 where market.hcps.product[hcp * 2 + slot] >= 0 {
            result.append(
                DeliveredVolume(
                    hcp: Int32(hcp), product: Int(market.hcps.product[hcp * 2 + slot]),
                    month: market.firstDay(ofMonth: month),
                    value: market.volume(hcp: hcp, slot: slot, month: month, lift: lift[slot], using: &g),
                    knownOn: market.knownDay(month: month)))
        }
    }
}

extension SimulatedMarket {
    /// Expected additional units of a product because of one touch, against no touch: `expectedIncrement` for touches
    /// that name their product.
    package func expectedUnits(
        hcp: Int, channel: Channel, content: Int?, product: Int, day: Day, minute: Int, state: ContactState
    ) -> Double {
        guard hcps.slot(of: product, hcp: hcp) != nil else { return 0 }
        let p = chances(
            hcp: hcp, channel: channel, content: content, minute: minute, weekday: day.weekday, state: state)
        func units(_ level: ResponseLevel) -> Double {
            increment(hcp: hcp, channel: channel, level: level, product: product, day: day, state: state)
        }
        return p.reached
            * ((1 - p.engaged) * units(.reached)
                + p.engaged * ((1 - p.advanced) * units(.engaged) + p.advanced * units(.advanced)))
    }
}
