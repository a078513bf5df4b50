import Decisioning
import EngagementModel
import Statistics

/// Random inputs in which every rule bites now and then.
enum EligibilityRandomCase {
    static let asOf = Day(year: 2026, month: 3, day: 6)

    static func make(seed: UInt64, hcps n: Int = 30, actions: Int = 10) -> EligibilityInput {
        var random = SeededGenerator(seed: seed)
        let days = asOf.businessDays(1 + random.below(12))
        var hcps = EligibilityHCPs(count: n)
        for i in 0..<n {
            hcps.market[i] = Int32(random.below(3)) - 1
            hcps.country[i] = Int32(random.below(3)) - 1
            hcps.language[i] = Int32(random.below(3)) - 1
            hcps.stakeholder[i] = random.chance(0.2) ? 255 : UInt8(random.below(4))
            hcps.specialty[i] = Int32(random.below(4)) - 1
            hcps.access[i] = random.chance(0.3) ? 255 : UInt8(random.below(4))
            hcps.addresses[i] = random.chance(0.7) ? 7 : UInt8(random.below(8))
            hcps.restricted[i] = random.chance(0.05)
            hcps.appointments[i] = random.chance(0.2) ? UInt32(truncatingIfNeeded: random.next()) : 0
            hcps.credentialed[i] = random.chance(0.5)
        }
        hcps.senders = (0..<2).map { _ in (0..<n).map { _ in Int32(random.below(6)) - 1 } }
        return EligibilityInput(
            asOf: asOf, days: days, strategy: strategy(&random), markets: (0..<2).map { market("M\($0)", &random) },
            hcps: hcps, consents: consents(n, &random), contacts: contacts(n, &random),
            actions: (0..<actions).map { _ in action(days, &random) },
            repKinds: (0..<5).map { _ in random.chance(0.3) ? RepKind.msl.code : RepKind.field.code },
            repMinutes: (0..<5).map { _ in random.chance(0.2) ? 10 : 500 })
    }

    private static func rules(_ random: inout SeededGenerator) -> [Channel: Strategy.ConsentRule] {
        var rules: [Channel: Strategy.ConsentRule] = [:]
        for channel in Channel.allCases {
            switch random.below(10) {
            case 0: break
            case 1: rules[channel] = .denied
            case 2..<6: rules[channel] = .optIn
            default: rules[channel] = .notOptedOut
            }
        }
        return rules
    }

    private static func channels(_ random: inout SeededGenerator) -> Set<Channel> {
        Set(Channel.allCases.filter { _ in random.chance(0.4) })
    }

    private static func caps(_ random: inout SeededGenerator) -> [Strategy.Cap] {
        (0..<random.below(3)).map { k in
            Strategy.Cap(
                channels: channels(&random), max: random.below(4), window: Span(seconds: 3600 * random.below(400)),
                name: "cap \(k)")
        }
    }

    private static func strategy(_ random: inout SeededGenerator) -> Strategy {
        var strategy = Strategy()
        strategy.consent = rules(&random)
        strategy.caps = caps(&random)
        strategy.gaps = (0..<random.below(3)).map { k in
            Strategy.Gap(channels: channels(&random), min: Span(seconds: 3600 * random.below(200)), name: "gap \(k)")
        }
        return strategy
    }

    private static func market(_ code: String, _ random: inout SeededGenerator) -> Market {
        var market = Market(code: code)
        if random.chance(0.5) { market.consent = rules(&random) }
        if random.chance(0.5) { market.caps = caps(&random) }
        if random.chance(0.1) { market.quietHours = Strategy.QuietHours(startMinute: 0, endMinute: 1440) }
        market.holidays = Set((0..<16).map { asOf + $0 }.filter { _ in random.chance(0.3) })
        return market
    }

    private static func consents(_ n: Int, _ random: inout SeededGenerator) -> ConsentColumns {
        var consents = ConsentColumns()
        for hcp in 0..<n {
            for _ in 0..<random.below(9) {
                consents.append(
                    hcp: hcp, channel: random.chance(0.25) ? nil : Channel.allCases[random.below(6)],
                    purpose: random.chance(0.3) ? nil : Purpose.allCases[random.below(6)],
                    product: random.below(4) - 1,
                    status: [.optIn, .optIn, .optIn, .optOut, .pending, .objection][random.below(6)],
                    captured: Int64(asOf.number - 40 + Int32(random.below(43))) * 86_400_000_000,
                    expires: random.chance(0.5) ? nil : asOf + (random.below(30) - 10))
            }
        }
        return consents
    }

    private static func contacts(_ n: Int, _ random: inout SeededGenerator) -> ContactColumns {
        var contacts = ContactColumns()
        for hcp in 0..<n {
            for _ in 0..<random.below(8) {
                contacts.hcp.append(Int32(hcp))
                contacts.day.append(asOf.number - Int32(random.below(25)) + (random.chance(0.2) ? 20 : 0))
                contacts.channel.append(UInt8(random.below(12)))
            }
        }
        return contacts
    }

    private static func action(_ days: [Day], _ random: inout SeededGenerator) -> EligibleAction {
        let purpose: Purpose = random.chance(0.5) ? .promotional : Purpose.allCases[random.below(6)]
        var action = EligibleAction(
            channel: Channel.allCases[random.below(6)], purpose: purpose, product: Int32(random.below(4)) - 1,
            hasObjective: random.chance(0.85), senderSlot: random.chance(0.6) ? random.below(2) : nil,
            onlyRep: random.chance(0.1) ? Int32(random.below(5)) : nil, minutes: random.chance(0.5) ? 45 : 0,
            seats: random.chance(0.2) ? random.below(3) : nil,
            stakeholders: random.chance(0.2) ? UInt8(random.below(16)) : 0)
        if random.chance(0.7) {
            action.content = EligibleAction.Content(
                state: random.chance(0.8) ? .approvedForDistribution : MLRState.allCases[random.below(7)],
                approvedOn: random.chance(0.5) ? asOf + (random.below(20) - 17) : nil,
                expiresOn: random.chance(0.5) ? asOf + (random.below(25) - 3) : nil,
                channels: random.chance(0.8) ? [] : channels(&random),
                countries: random.chance(0.8) ? [] : [Int32(random.below(2))],
                language: random.chance(0.7) ? -1 : Int32(random.below(2)),
                stakeholders: random.chance(0.8) ? 0 : UInt8(random.below(16)),
                specialties: random.chance(0.8) ? [] : [Int32(random.below(3))])
        }
        return action
    }
}
