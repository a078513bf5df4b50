internal import EngagementModel
internal import Foundation
internal import Statistics

/// How the company engaged before: every team and every channel on its own.
///
/// On purpose it is what learning from history has to cope with. Visits follow volume (confounding), the inside
/// team and marketing know nothing of the field's calendar (conflicts, broken gaps), and only a small part is
/// random: a thin stream of visits regardless of volume, and mailings that leave out HCPs by lot.
struct HistoricalPolicy {
    let market: SimulatedMarket
    let hcp: Int
    private let rank: Double
    private let firstDay: Int
    private let days: Int

    init(_ market: SimulatedMarket, hcp: Int) {
        self.market = market
        self.hcp = hcp
        rank = Double(market.hcps.rank[hcp])
        firstDay = Int(market.startDay.number)
        days = market.lastDay - market.startDay + 1
    }

    /// Visits a year: the heaviest get eight times as many as the lightest; closed doors get few.
    static func visitRate(rank: Double, access: Access) -> Double {
        (1.2 + 9 * rank * rank) * doorFactor(access) + 0.5
    }

    private static func doorFactor(_ access: Access) -> Double {
        switch access {
        case .open: 1
        case .limited: 0.6
        case .vendorCredentials: 0.7
        case .noSee: 0.04
        }
    }

    func schedule(into plan: inout [PlannedTouch]) {
        guard market.hcps.stakeholder[hcp] == .clinical else {
            scheduleBuyer(&plan)
            return
        }
        let access = market.hcps.access[hcp]
        let territory = market.territories.all[Int(market.territories.fieldOf[Int(market.hcps.site[hcp])])]
        let hybrid = territory.rep >= 0 && market.territories.reps[territory.rep].kind == .hybrid
        // Field.
        let visits = HistoricalPolicy.visitRate(rank: rank, access: access) * (hybrid ? 0.6 : 1)
        human(.visit, .inPerson, .field, visits, followUp: 0.3, &plan)
        human(.video, .video, .field, (0.3 + 0.8 * rank) * (hybrid ? 4 : 1), followUp: 0.3, &plan)
        human(.phone, .phone, .field, 0.4 + 0.8 * rank, followUp: 0, &plan)
        human(.repEmail, .emailRep, .field, 0.8 + 1.5 * rank, followUp: 0, &plan)
        // Inside: the middle of the market, at its own pace.
        let middle = rank > 0.2 && rank < 0.85 ? 1.0 : 0.4
        human(.insidePhone, .phone, .inside, 1.1 * middle, followUp: 0, &plan)
        human(.insideVideo, .video, .inside, 0.4 * middle, followUp: 0, &plan)
        human(.insideEmail, .emailRep, .inside, 1.8 * middle, followUp: 0, &plan)
        human(.medical, .inPerson, .medical, rank > 0.85 ? 1.6 : 0.12, followUp: 0, &plan)
        // Marketing.
        mailings(&plan)
        invitations(&plan)
        digital(.ad, .ad, 10, &plan)
        digital(.mail, .mail, 1.3, &plan)
        digital(.sms, .sms, 4, &plan)
        digital(.messaging, .messaging, 4, &plan)
        // What the HCP began.
        let portal = Double(market.hcps.affinity[hcp * 12 + Channel.portal.ordinal])
        pull(.portal, 3.6 * exp(0.5 * portal), &plan)
        inquiries(&plan)
        plan.sort { $0.key < $1.key }
    }

    /// Procurement and management: the key-account team, and little else.
    private func scheduleBuyer(_ plan: inout [PlannedTouch]) {
        human(.account, .inPerson, .keyAccount, 3, followUp: 0.4, &plan)
        human(.repEmail, .emailRep, .keyAccount, 3, followUp: 0, &plan)
        pull(.portal, 2, &plan)
        plan.sort { $0.key < $1.key }
    }

    // MARK: Silos

    private func append(
        _ stream: Stream, day: Int, minute: Int, _ touch: PlannedTouch, _ plan: inout [PlannedTouch]
    ) {
        guard day >= 0 && day < days else { return }
        var touch = touch
        // Ties within a silo are told apart by what they are, not by when they were planned.
        let number = UInt64(touch.channel.ordinal << 4 | Int(touch.product + 1))
        touch.key = UInt64(day * 1440 + minute) << 16 | (stream.rawValue & 0xFF) << 8 | number
        plan.append(touch)
    }

    /// A random product of the HCP, the first one mostly; −1 for people who use none.
    private func product(_ g: inout SeededGenerator) -> Int8 {
        let second = market.hcps.product[hcp * 2 + 1]
        let u = g.uniform()
        return second >= 0 && u > 0.7 ? second : market.hcps.product[hcp * 2]
    }

    private func weekday(_ day: Int) -> Int { (firstDay + day + 3) % 7 }

    private func human(
        _ stream: Stream, _ channel: Channel, _ sender: Sender, _ rate: Double, followUp: Double,
        _ plan: inout [PlannedTouch]
    ) {
        guard rate > 0 else { return }
        var g = stream.generator(market.parameters.seed, hcp)
        var time = 0.0
        var last = -1
        while true {
            time += g.exponential() * 365 / rate
            guard time < Double(days) else { return }
            var day = Int(time)
            let weekend = weekday(day)
            if weekend >= 5 { day += 7 - weekend }
            let minute = 8 * 60 + g.below(19) * 30
            let product = product(&g)
            let follows = followUp > 0 && g.chance(followUp)
            let wait = 1 + g.below(3)
            if day == last || Day(number: Int32(firstDay + day)).isHoliday { continue }
            last = day
            append(
                stream, day: day, minute: minute,
                PlannedTouch(key: 0, channel: channel, sender: sender, product: product), &plan)
            if follows {
                append(
                    stream, day: day + wait, minute: minute + 17,
                    PlannedTouch(key: 0, channel: .emailRep, sender: sender, product: product), &plan)
            }
        }
    }

    private func mailings(_ plan: inout [PlannedTouch]) {
        for slot in 0..<2 {
            let product = Int(market.hcps.product[hcp * 2 + slot])
            guard product >= 0 else { continue }
            // One stream a slot: a longer calendar must not shift the other slot's draws.
            var g = Stream.email.generator(market.parameters.seed, hcp * 2 + slot)
            for wave in market.calendar.waves[product] {
                let day = Int(wave.day.number) - firstDay
                if day >= days { break }
                // A tenth is held out by lot; of the rest heavier users are on the list more often.
                let listed = g.uniform() < 0.9 && g.uniform() < 0.5 + 0.25 * rank
                guard listed else { continue }
                append(
                    .email, day: day, minute: wave.minute,
                    PlannedTouch(
                        key: 0, channel: .email, sender: .system, product: Int8(product),
                        campaign: Int16(wave.campaign),
                        wave: Int16(wave.number)), &plan)
            }
        }
    }

    private func invitations(_ plan: inout [PlannedTouch]) {
        let european = market.country(of: hcp).isEuropean
        for slot in 0..<2 {
            let product = Int(market.hcps.product[hcp * 2 + slot])
            guard product >= 0 else { continue }
            var g = Stream.invitation.generator(market.parameters.seed, hcp * 2 + slot)
            for index in market.calendar.eventsOf[product * 2 + (european ? 1 : 0)] {
                let event = market.calendar.events[Int(index)]
                let before = 7 + g.below(Event.noticeDays - 7)
                let invited = g.uniform() < (event.isWebinar ? 0.10 + 0.12 * rank : 0.03 + 0.15 * rank)
                guard invited else { continue }
                append(
                    .invitation, day: Int(event.day.number) - before - firstDay,
                    minute: 9 * 60 + g.below(8) * 60 + slot,
                    PlannedTouch(
                        key: 0, channel: event.isWebinar ? .webinar : .event,
                        sender: event.isWebinar ? .system : .field,
                        product: Int8(product), event: index), &plan)
            }
        }
    }

    private func digital(_ stream: Stream, _ channel: Channel, _ rate: Double, _ plan: inout [PlannedTouch]) {
        var g = stream.generator(market.parameters.seed, hcp)
        var time = 0.0
        while true {
            time += g.exponential() * 365 / rate
            guard time < Double(days) else { return }
            let minute = channel == .ad ? 6 * 60 + g.below(16 * 60) : 9 * 60 + g.below(9 * 60)
            let product = product(&g)
            append(
                stream, day: Int(time), minute: minute,
                PlannedTouch(key: 0, channel: channel, sender: .system, product: product), &plan)
        }
    }

    private func pull(_ stream: Stream, _ rate: Double, _ plan: inout [PlannedTouch]) {
        var g = stream.generator(market.parameters.seed, hcp)
        var time = 0.0
        while true {
            time += g.exponential() * 365 / rate
            guard time < Double(days) else { return }
            let hour = g.chance(0.6) ? Int(market.hcps.hour[hcp]) : 7 + g.below(15)
            let product = product(&g)
            append(
                stream, day: Int(time), minute: hour * 60 + g.below(60),
                PlannedTouch(key: 0, channel: .portal, sender: .hcp, product: product), &plan)
        }
    }

    /// Questions come by telephone, e-mail and portal; medical ones are answered by the medical team.
    private func inquiries(_ plan: inout [PlannedTouch]) {
        var g = Stream.inquiry.generator(market.parameters.seed, hcp)
        var time = 0.0
        while true {
            time += g.exponential() * 365 / 0.18
            guard time < Double(days) else { return }
            let text = g.below(InquiryTexts.all.count)
            let channel = [Channel.phone, .email, .portal][g.below(3)]
            let product = product(&g)
            let answered = g.chance(0.6)
            let day = Int(time)
            append(
                .inquiry, day: day, minute: 8 * 60 + g.below(9 * 60),
                PlannedTouch(key: 0, channel: channel, sender: .hcp, product: product, inquiry: Int16(text)), &plan)
            guard answered, InquiryTexts.all[text].medical else { continue }
            var reply = day + 1 + g.below(3)
            if weekday(reply) >= 5 { reply += 7 - weekday(reply) }
            append(
                .medical, day: reply, minute: 10 * 60 + g.below(6 * 60),
                PlannedTouch(key: 0, channel: .phone, sender: .medical, product: product), &plan)
        }
    }
}
