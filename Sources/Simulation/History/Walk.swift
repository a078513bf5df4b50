internal import EngagementModel
internal import Foundation
internal import Statistics

extension SimulatedMarket {
    /// Everything that happened to one HCP up to `lastDay`, in order of time. Its random streams are the HCP's own,
    /// so that the result depends neither on other HCPs nor on where the history ends.
    package func history(of hcp: Int) -> HCPHistory {
        var history = HCPHistory()
        walk(hcp, into: &history)
        return history
    }

    /// The same into reused buffers.
    package func walk(_ hcp: Int, into history: inout HCPHistory) {
        history.removeAll()
        var walk = Walk(self, hcp, consents: &history.consents)
        HistoricalPolicy(self, hcp: hcp).schedule(into: &history.schedule)
        for planned in history.schedule {
            walk.sampleVolumes(before: planned.minute / 1440, &history.volumes)
            if let touch = walk.perform(planned) {
                history.touches.append(touch)
                if touch.unsubscribedAt != 0 { walk.unsubscribe(touch, &history.consents) }
            }
        }
        walk.sampleVolumes(before: lastDay - startDay + 1, &history.volumes)
        history.finalState = walk.state
        history.finalState.advance(to: lastDay.number, decay: decay)
    }

    /// The day on which the volume of a month becomes known: about three weeks after its end.
    func knownDay(month: Int) -> Day { months[month + 1] + 20 }
}

/// Walks one HCP through time: state in, touches and volumes out.
private struct Walk {
    let market: SimulatedMarket
    let hcp: Int
    let site: Int
    let country: Country
    let zone: Zone
    let duplicate: Bool
    let proxy: Bool
    let lastSecond: Int64
    var windows: ConsentWindows
    var state: ContactState
    var random: SeededGenerator
    var volumeRandom: SeededGenerator
    var touches: Int32 = 0
    private var month = 0
    private var point = 0
    private var lift = (0.0, 0.0)
    private let monthsKnown: Int

    /// Days of a month at which the relative lift is read.
    private static let points = [4, 11, 19, 27]

    init(_ market: SimulatedMarket, _ hcp: Int, consents: inout [ConsentRecord]) {
        self.market = market
        self.hcp = hcp
        site = Int(market.hcps.site[hcp])
        country = market.organisations.country[site]
        zone = market.organisations.place(site).zone
        duplicate = market.marks(of: hcp).duplicate
        proxy = market.hcps.proxy[hcp]
        lastSecond = Int64(market.lastDay.number) * 86_400 + 86_399
        windows = market.consents(of: hcp, into: &consents)
        random = Stream.walk.generator(market.parameters.seed, hcp)
        volumeRandom = Stream.volume.generator(market.parameters.seed, hcp)
        var known = 0
        while known + 1 < market.months.count && market.knownDay(month: known) <= market.lastDay { known += 1 }
        monthsKnown = known
        // The policy did not begin with the files: start from the adstock that it keeps up.
        let k = market.coefficients
        let visits = HistoricalPolicy.visitRate(rank: Double(market.hcps.rank[hcp]), access: market.hcps.access[hcp])
        let kept = visits / 365 * 0.5 * k.weight[0][1] * k.memoryDays
        let second = market.hcps.product[hcp * 2 + 1] >= 0
        state = ContactState(day: market.startDay, stock: SIMD2(kept * (second ? 0.7 : 1), second ? kept * 0.3 : 0))
    }

    // MARK: Outcomes

    /// Reads the lift at the points that lie before a day (counted from the start), and closes months.
    mutating func sampleVolumes(before day: Int, _ volumes: inout [MonthlyVolume]) {
        while month < monthsKnown {
            let next = Int(market.months[month].number - market.startDay.number) + Walk.points[point]
            guard next < day else { return }
            state.advance(to: market.startDay.number + Int32(next), decay: market.decay)
            lift.0 += market.lift(hcp: hcp, slot: 0, stock: state.stock[0])
            lift.1 += market.lift(hcp: hcp, slot: 1, stock: state.stock[1])
            point += 1
            guard point == Walk.points.count else { continue }
            for slot in 0..<2 where market.hcps.product[hcp * 2 + slot] >= 0 {
                let mean = (slot == 0 ? lift.0 : lift.1) / Double(Walk.points.count)
                let value = market.volume(hcp: hcp, slot: slot, month: month, lift: mean, using: &volumeRandom)
                volumes.append(MonthlyVolume(month: Int16(month), slot: UInt8(slot), value: Int32(clamping: value)))
            }
            point = 0
            lift = (0, 0)
            month += 1
        }
    }

    // MARK: Touches

    /// nil when consent, content, a vacancy or the end of the history prevents it.
    mutating func perform(_ planned: PlannedTouch) -> Touch? {
        let offset = planned.minute / 1440
        let minute = planned.minute % 1440
        let day = Day(number: market.startDay.number + Int32(offset))
        let at = market.zones.utc(day: day.number, minute: minute, zone: zone) + Int64(random.below(60))
        guard at <= lastSecond else { return nil }
        let pulls = planned.sender == .hcp
        let hasConsent = windows.allows(planned.channel, on: day.number)
        guard pulls || hasConsent else { return nil }
        guard let rep = rep(for: planned, on: day) else { return nil }
        state.advance(to: day.number, decay: market.decay)
        let item = chooseContent(planned, on: day)
        if item == nil && needsContent(planned) { return nil }
        var touch = Touch(
            number: touches, at: at, channel: planned.channel, direction: pulls ? .pull : .push,
            purpose: purpose(planned, item), status: .delivered, rep: Int32(rep), content: Int32(item ?? -1),
            product: planned.product, campaign: campaign(planned, day), event: planned.event)
        touches += 1
        touch.aliased = duplicate && planned.sender == .inside
        if planned.inquiry >= 0 {
            touch.inquiry = planned.inquiry
            touch.reachedAt = at
            touch.engagedAt = at
            touch.advancedAt = at
            return touch
        }
        if deliveryFails(&touch) { return touch }
        let response = market.respond(
            hcp: hcp, channel: planned.channel, content: item, minute: minute, weekday: day.weekday, state: state,
            using: &random)
        write(response, to: &touch)
        let slot = market.hcps.slot(of: Int(planned.product), hcp: hcp)
        state.record(
            planned.channel, level: response.level, slot: planned.sender == .medical ? nil : slot,
            direction: touch.direction, market.coefficients)
        return touch
    }

    /// Index of the rep, −1 for the system and the HCP; nil when nobody is there to do it.
    private func rep(for planned: PlannedTouch, on day: Day) -> Int? {
        let territories = market.territories
        let rep: Int
        switch planned.sender {
        case .system: return -1
        case .hcp: return planned.channel == .phone ? territories.rep(of: territories.insideOf, site: site) : -1
        case .field: rep = territories.fieldRep(ofSite: site, on: day)
        case .inside: rep = territories.rep(of: territories.insideOf, site: site)
        case .medical: rep = territories.rep(of: territories.medicalOf, site: site)
        case .keyAccount: rep = territories.rep(of: territories.keyAccountOf, site: site)
        }
        return rep < 0 ? nil : rep
    }

    private func needsContent(_ planned: PlannedTouch) -> Bool {
        planned.sender == .system || planned.channel == .emailRep
    }

    private mutating func chooseContent(_ planned: PlannedTouch, on day: Day) -> Int? {
        let u = random.uniform()
        guard planned.inquiry < 0 else { return nil }
        // Buyers use no product of their own: any device, or whatever there is.
        let buyer = planned.sender == .keyAccount
        let product = planned.product >= 0 ? Int(planned.product) : market.buyersProduct
        guard product >= 0 else { return nil }
        let shelf: ContentLibrary.Shelf = planned.sender == .medical ? .medical : buyer ? .procurement : .clinical
        let shelved = market.content.candidates(product, planned.channel, country, shelf)
        guard !shelved.isEmpty else { return nil }
        let count = shelved.count
        // A mailing has one content for everyone of a country; a rep takes what comes to hand.
        let first = planned.wave >= 0 ? Int(planned.wave) % count : min(count - 1, Int(u * Double(count)))
        for step in 0..<count {
            let item = Int(shelved[(first + step) % count])
            if market.content.items[item].isUsable(on: day) { return item }
        }
        return nil
    }

    private func purpose(_ planned: PlannedTouch, _ item: Int?) -> Purpose {
        if planned.inquiry >= 0 { return InquiryTexts.all[Int(planned.inquiry)].medical ? .medical : .service }
        if planned.sender == .medical { return .medical }
        return item.map { market.content.items[$0].purpose } ?? .promotional
    }

    private func campaign(_ planned: PlannedTouch, _ day: Day) -> Int16 {
        if planned.campaign >= 0 { return planned.campaign }
        guard planned.sender == .system, planned.product >= 0 else { return -1 }
        return Int16(market.calendar.campaign(of: Int(planned.product), on: day))
    }

    private mutating func deliveryFails(_ touch: inout Touch) -> Bool {
        let u = random.uniform()
        switch touch.channel {
        case .email, .emailRep:
            guard touch.direction == .push, u < 0.012 else { return false }
            touch.status = .bounced
            touch.bouncedAt = touch.at + 30
        case .sms, .messaging:
            guard u < 0.01 else { return false }
            touch.status = .failed
        default: return false
        }
        return true
    }

    private mutating func write(_ response: TouchResponse, to touch: inout Touch) {
        let u = random.uniform()
        let spread = random.exponential()
        let level = response.level.ordinal
        if level >= 1 { touch.reachedAt = touch.at + Int64(response.reachedAfter) }
        if level >= 2 { touch.engagedAt = touch.at + Int64(response.engagedAfter) }
        if level >= 3 { touch.advancedAt = touch.at + Int64(response.advancedAfter) }
        switch touch.channel {
        case .email, .emailRep:
            if proxy { touch.machineAt = touch.at + 2 + Int64(u * 30) }
            if response.unsubscribes { touch.unsubscribedAt = max(touch.reachedAt, touch.engagedAt) + 40 }
        case .webinar, .event:
            if touch.event >= 0 { placeAtEvent(&touch) }
        case .inPerson, .video, .phone:
            // Two minutes on the content make a conversation: the ladder's own limit.
            let talk = touch.channel == .video ? 600.0 : touch.channel == .inPerson ? 420 : 200
            let length = level >= 2 ? 120 + Int32(talk * (0.3 + spread)) : level == 1 ? 20 + Int32(u * 90) : 0
            touch.seconds = level == 3 ? length + 180 : length
            stamp(&touch, level)
            if touch.channel == .inPerson && level >= 2 {
                let country = market.country(of: hcp)
                if u < 0.05 { touch.note = Int16(random.below(NoteTexts.perLanguage)) }
                if country == .us && touch.purpose != .medical && u > 0.85 { touch.meal = Int32(900 + 1100 * spread) }
            }
        case .portal:
            touch.seconds = level >= 2 ? 30 + Int32(spread * 150) : 4 + Int32(u * 25)
            stamp(&touch, level)
        case .sms, .messaging, .ad, .mail: break
        }
        if touch.channel == .ad && level >= 1 { touch.reachedAt = touch.at }
    }

    /// A conversation's outcome is known when it ends.
    private func stamp(_ touch: inout Touch, _ level: Int) {
        let end = touch.at + Int64(max(0, touch.seconds))
        if level >= 1 { touch.reachedAt = end }
        if level >= 2 { touch.engagedAt = end }
        if level >= 3 { touch.advancedAt = end }
    }

    /// Registration follows the invitation; attendance and questions wait for the event itself.
    private func placeAtEvent(_ touch: inout Touch) {
        let event = market.calendar.events[Int(touch.event)]
        let starts = market.zones.utc(day: event.day.number, minute: event.minute, zone: event.zone)
        if touch.reachedAt != 0 { touch.reachedAt = min(touch.reachedAt, starts - 600) }
        if touch.engagedAt != 0 { touch.engagedAt = starts + 120 }
        if touch.advancedAt != 0 { touch.advancedAt = starts + 2400 }
    }

    mutating func unsubscribe(_ touch: Touch, _ consents: inout [ConsentRecord]) {
        guard touch.unsubscribedAt <= lastSecond else { return }
        // Until the end of the next day mailings still go out: the old tools lagged.
        windows.email.until = min(windows.email.until, Int32(touch.unsubscribedAt / 86_400) + 2)
        consents.append(
            ConsentRecord(
                channel: .email, purpose: .promotional, status: .optOut, basis: .consent,
                capturedAt: touch.unsubscribedAt, expires: nil, evidence: .unsubscribe))
    }
}
