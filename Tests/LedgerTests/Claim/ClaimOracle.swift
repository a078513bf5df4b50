import EngagementModel
import Foundation

@testable import Ledger

/// The contact policy written down again, plainly and slowly, from the design's words: lists of what happened, days from
/// the calendar of Foundation, windows tried one by one. It shares no code with `ClaimPolicy`.
struct ClaimOracle {
    struct Touch {
        var at: Int64
        var day: Int
        var channel: Channel
        var purpose: Purpose?
        var product: String?
        var sender: String
        var counts: Bool
    }
    struct Yes {
        var row: Consent
        var number: Int
        var confirmed: Bool
    }

    var strategy: Strategy
    var markets: [Market]
    var rules: [ClaimPolicy.ContactRule]
    var doubleOptIn: [String: Set<Channel>]
    var tolerance: Int
    var person: Recipient
    var consents: [Yes] = []
    var touches: [Touch] = []
    var content: [String: ContentApproval] = [:]
    var suppressedPromotional = false
    var suppressedAll = false
    /// Channel (nil = any) and end (nil = open).
    var holds: [(channel: Channel?, until: Int64?)] = []
    var holdout = false
    /// Foundation's, set to the person's zone.
    private let calendar: Calendar

    init(
        strategy: Strategy, markets: [Market], rules: [ClaimPolicy.ContactRule], doubleOptIn: [String: Set<Channel>],
        tolerance: Int, person: Recipient
    ) {
        self.strategy = strategy
        self.markets = markets
        self.rules = rules
        self.doubleOptIn = doubleOptIn
        self.tolerance = tolerance
        self.person = person
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(identifier: person.zone) ?? .gmt
        self.calendar = calendar
    }

    private var market: Market? { markets.first { $0.code == person.market } }

    func dayAndMinute(_ at: Int64) -> (day: Int, minute: Int) {
        let parts = calendar.dateComponents(
            [.year, .month, .day, .hour, .minute], from: Date(timeIntervalSince1970: Double(at / 1_000_000)))
        let day = Day(year: parts.year ?? 0, month: parts.month ?? 0, day: parts.day ?? 0)
        return (Int(day.number), (parts.hour ?? 0) * 60 + (parts.minute ?? 0))
    }

    /// nil = may be sent.
    func answer(_ ask: ClaimRequest, at now: Int64, senderKind: RepKind?, aligned: Bool) -> String? {
        let when = max(now, ask.plannedAt ?? now)
        let today = dayAndMinute(when).day
        let serving = ask.purpose == .service || ask.purpose == .safety
        if person.isRestricted { return "data_rights" }
        if senderKind == .msl && ask.purpose == .promotional { return "purpose_firewall" }
        if let senderKind, senderKind != .msl, ask.purpose == .medical { return "purpose_firewall" }
        let paper = ask.contentID.flatMap { content["\($0)/\(ask.contentVersion ?? "")"] }
        if let paper, paper.purpose != ask.purpose { return "purpose_firewall" }
        if suppressedAll || (suppressedPromotional && !serving) { return "suppressed" }

        if let no = consent(ask, when, serving) { return no }

        let written: Set<Channel> = [.email, .emailRep, .webinar, .phone, .sms, .messaging, .mail]
        if written.contains(ask.channel), ask.address == nil { return "no_address" }
        if ask.channel == .inPerson, person.access == .noSee { return "no_access" }

        if let paper {
            if paper.state == .expired { return "content_expired" }
            if paper.state != .approvedForDistribution { return "content_not_approved" }
            if let from = paper.approvedOn, Int(from.number) > today { return "content_not_approved" }
            if !paper.channels.isEmpty, !paper.channels.contains(ask.channel) { return "content_not_approved" }
            if let to = paper.expiresOn, Int(to.number) < today { return "content_expired" }
            if !paper.countries.isEmpty, person.country.map({ !paper.countries.contains($0) }) ?? true {
                return "content_country"
            }
            if let a = paper.language, let b = person.language, a != b { return "content_language" }
        } else {
            let talk: Set<Channel> = [.inPerson, .video, .phone]
            if ask.contentID != nil || !(talk.contains(ask.channel) || serving) { return "content_not_approved" }
        }

        if ask.sender != "system" {
            guard senderKind != nil else { return "no_sender" }
            if !aligned { return "outside_territory" }
        }
        if holdout && !serving { return "experiment_holdout" }
        return serving ? nil : timing(ask, at: when)
    }

    /// What time can change.
    func timing(_ ask: ClaimRequest, at when: Int64) -> String? {
        for hold in holds where hold.channel == nil || hold.channel == ask.channel {
            if hold.until.map({ $0 > when }) ?? true { return "held" }
        }
        let today = dayAndMinute(when).day
        for rule in all where asks(rule, ask) {
            guard case .cap(let most, let window) = rule.limit else { continue }
            let length = max(1, (window.seconds + 86_399) / 86_400)
            var days = touches.filter { $0.counts && counts(rule, $0, ask) }.map(\.day)
            days.append(today)
            for first in (today - length + 1)...today {
                if days.filter({ $0 >= first && $0 <= first + length - 1 }).count > most { return "cap_reached" }
            }
        }
        for rule in all where asks(rule, ask) {
            guard case .gap(let least) = rule.limit else { continue }
            let days = (least.seconds + 86_399) / 86_400
            for touch in touches where touch.counts && counts(rule, touch, ask) {
                if abs(touch.day - today) < days { return "gap_too_short" }
            }
        }
        let slack = Int64(tolerance) * 1_000_000
        for moment in [when, when - slack, when + slack] {
            let (day, minute) = dayAndMinute(moment)
            if let quiet = market?.quietHours ?? strategy.quietHours {
                var minutes: Set<Int> = []
                var m = quiet.startMinute
                while m != quiet.endMinute {
                    minutes.insert(m)
                    m = (m + 1) % 1440
                }
                if minutes.contains(minute) { return "quiet_hours" }
            }
            if let own = person.schedule {
                if own.pauses.contains(where: { Int($0.first.number) <= day && day <= Int($0.last.number) }) {
                    return "own_schedule"
                }
                let weekday = ((day + 3) % 7 + 7) % 7
                if !own.windows.isEmpty,
                    !own.windows.contains(where: {
                        $0.weekday == weekday && ($0.startMinute..<$0.endMinute).contains(minute)
                    })
                {
                    return "own_schedule"
                }
            }
            if market?.holidays.contains(where: { Int($0.number) == day }) == true { return "holiday" }
        }
        return nil
    }

    private var all: [ClaimPolicy.ContactRule] {
        (market?.caps ?? strategy.caps).map {
            .init(name: "", limit: .cap(max: $0.max, window: $0.window), channels: $0.channels)
        } + strategy.gaps.map { .init(name: "", limit: .gap($0.min), channels: $0.channels) } + rules
    }

    private func asks(_ rule: ClaimPolicy.ContactRule, _ ask: ClaimRequest) -> Bool {
        guard rule.channels.contains(ask.channel) else { return false }
        if let only = rule.purposes, !only.contains(ask.purpose) { return false }
        if let only = rule.products { guard let p = ask.productID, only.contains(p) else { return false } }
        if let only = rule.senders, !only.contains(ask.sender) { return false }
        return !(rule.sameProduct && ask.productID == nil)
    }

    private func counts(_ rule: ClaimPolicy.ContactRule, _ touch: Touch, _ ask: ClaimRequest) -> Bool {
        guard rule.channels.contains(touch.channel) else { return false }
        if let only = rule.purposes, let p = touch.purpose, !only.contains(p) { return false }
        if let only = rule.products { guard let p = touch.product, only.contains(p) else { return false } }
        if let only = rule.senders, !only.contains(touch.sender) { return false }
        if rule.sameProduct, touch.product != ask.productID { return false }
        if rule.sameSender, touch.sender != ask.sender { return false }
        return true
    }

    private func consent(_ ask: ClaimRequest, _ when: Int64, _ serving: Bool) -> String? {
        guard let need = market?.consent?[ask.channel] ?? strategy.consent[ask.channel], need != .denied else {
            return "channel_not_allowed"
        }
        // What stands last about each product and address, in the order in which it was captured.
        var books: [String: [Yes]] = [:]
        for yes in consents where yes.row.channel == ask.channel && yes.row.purpose == ask.purpose {
            books["\(yes.row.productID ?? "*")|\(yes.row.address ?? "*")", default: []].append(yes)
        }
        var open: [Yes] = []
        for key in books.keys {
            var last: Yes?
            for next in (books[key] ?? []).sorted(by: {
                $0.row.capturedAt == $1.row.capturedAt
                    ? $0.row.consentID < $1.row.consentID : $0.row.capturedAt < $1.row.capturedAt
            }) {
                if let held = last, next.row.status != .objection {
                    let objected = held.row.status == .objection
                    if objected && next.row.origin == .loaded { continue }
                    let left = objected || held.row.status == .optOut
                    if left && held.row.origin == .rapport && next.row.status != .optOut && next.number < held.number {
                        continue
                    }
                }
                last = next
            }
            if let last { open.append(last) }
        }
        open = open.filter {
            ($0.row.productID == nil || $0.row.productID == ask.productID)
                && ($0.row.address == nil || $0.row.address == ask.address)
        }
        if open.contains(where: { $0.row.status == .objection }) { return "objection" }
        let ins = open.filter { $0.row.status == .optIn }
        let good = ins.filter { $0.row.expiresAt == nil || $0.row.expiresAt! > when }
        let outs = open.filter { $0.row.status == .optOut }.filter { out in
            !good.contains { yes in
                yes.row.capturedAt > out.row.capturedAt
                    && (out.row.origin != .rapport || yes.number > out.number)
                    && !(yes.row.productID == nil && out.row.productID != nil)
                    && !(yes.row.address == nil && out.row.address != nil)
            }
        }
        if !outs.isEmpty { return "opted_out" }
        if serving || need == .notOptedOut { return nil }
        if good.isEmpty { return ins.isEmpty ? "no_consent" : "consent_expired" }
        if doubleOptIn[market?.code ?? ""]?.contains(ask.channel) == true, !good.contains(where: \.confirmed) {
            return "opt_in_unconfirmed"
        }
        return nil
    }
}
