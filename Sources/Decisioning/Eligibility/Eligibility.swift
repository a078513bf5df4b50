import EngagementModel
import Statistics

/// The rules, prepared for one run.
package struct Eligibility: Sendable {
    package let input: EligibilityInput
    private let rules: [MarketRules]
    private let questions: [ConsentQuestion]
    private let questionOfAction: [Int]
    /// What each action may say, by language where that makes a difference.
    private let editions: [[Edition]]
    /// Of each edition, where it names any.
    private let countries: [[Set<Int32>]]
    private let specialties: [[Set<Int32>]]
    /// `MarketRules.openDays` by market.
    private let openDays: [DayMask]
    private let consentStarts: [Int]
    private let contactStarts: [Int]
    private let resolver: ConsentResolver
    /// Which channels the actions use; masks of contact rules are computed once per channel.
    private let channels: [Channel]
    private let channelCodes: [UInt8]
    private let channelOfAction: [Int]

    /// What a market changes, resolved; the last entry holds the strategy's own rules.
    private struct MarketRules: Sendable {
        let consent: [Strategy.ConsentRule?]
        let contact: HistoryRules
        /// For each channel of the actions, the first one under the same rules.
        let sameRules: [Int]
        /// Days that are no holiday; 0 when quiet hours fill the day.
        let openDays: DayMask
    }

    package init(_ input: EligibilityInput) {
        self.input = input
        let codes = input.actions.map(\.channel)
        let used = Channel.allCases.filter { codes.contains($0) }
        channels = used
        channelCodes = used.map(\.code)
        channelOfAction = codes.map { used.firstIndex(of: $0) ?? 0 }
        let strategy = input.strategy
        rules = (input.markets.map(Optional.some) + [nil]).map { market in
            let consent = Channel.allCases.map { channel in market?.consent?[channel] ?? strategy.consent[channel] }
            let quiet = market?.quietHours ?? strategy.quietHours
            let hasOpenHour = quiet.map { hours in (0..<24).contains { !hours.contains(minute: $0 * 60) } } ?? true
            var open: DayMask = 0
            for (k, day) in input.days.enumerated() where market?.holidays.contains(day) != true {
                open |= 1 << DayMask(k)
            }
            let contact = HistoryRules(
                caps: market?.caps ?? strategy.caps, gaps: strategy.gaps, days: input.days)
            let signatures = used.map(contact.signature)
            return MarketRules(
                consent: consent, contact: contact,
                sameRules: signatures.map { signatures.firstIndex(of: $0) ?? 0 }, openDays: hasOpenHour ? open : 0)
        }
        let asked = input.actions.map {
            ConsentQuestion(channel: $0.channel.code, purpose: $0.purpose.code, product: $0.product)
        }
        var distinct: [ConsentQuestion] = []
        questionOfAction = asked.map { question in
            if let known = distinct.firstIndex(of: question) { return known }
            distinct.append(question)
            return distinct.count - 1
        }
        questions = distinct
        let contents = input.actions.map { action in
            action.editions.isEmpty ? [action.content].compactMap { $0 } : action.editions
        }
        editions = zip(contents, input.actions).map { contents, action in
            contents.map { Edition($0, action.channel, input) }
        }
        countries = contents.map { $0.map(\.countries) }
        specialties = contents.map { $0.map(\.specialties) }
        openDays = rules.map(\.openDays)
        consentStarts = Self.starts(input.consents.hcp, count: input.hcps.count)
        contactStarts = Self.starts(input.contacts.hcp, count: input.hcps.count)
        resolver = ConsentResolver(
            columns: input.consents, knownUntil: Int64(input.asOf.number + 1) * 86_400_000_000 - 1,
            firstDay: input.days.first?.number ?? input.asOf.number)
    }

    /// First row of each HCP in a column sorted by HCP.
    private static func starts(_ hcp: [Int32], count: Int) -> [Int] {
        var starts = [Int](repeating: hcp.count, count: count + 1)
        var filled = 0
        for row in hcp.indices {
            while filled <= Int(hcp[row]), filled <= count {
                starts[filled] = row
                filled += 1
            }
        }
        return starts
    }

    /// A content in one language, as far as it can be judged without the HCP: plain numbers, since it is copied for
    /// millions of candidates.
    private struct Edition: Sendable {
        let language: Int32
        let stakeholders: UInt8
        let fault: Refusal?
        /// Days on which its approval still holds; the day of expiry is the last.
        let days: DayMask
        let hasCountries: Bool
        let hasSpecialties: Bool

        init(_ content: EligibleAction.Content, _ channel: Channel, _ input: EligibilityInput) {
            (language, stakeholders) = (content.language, content.stakeholders)
            (hasCountries, hasSpecialties) = (!content.countries.isEmpty, !content.specialties.isEmpty)
            let approved = content.state.isSendable && (content.approvedOn.map { $0 <= input.asOf } ?? true)
            let suits = content.channels.isEmpty || content.channels.contains(channel)
            fault = content.state == .expired ? .contentExpired : approved && suits ? nil : .contentNotApproved
            days =
                content.expiresOn.map { last in .first(input.days.count(where: { $0 <= last })) }
                ?? .first(input.days.count)
        }
    }

    // MARK: Answers

    /// One reason or none for every candidate of a range of HCPs.
    package func evaluate(_ hcps: Range<Int>) -> EligibilityResult {
        let parts = hcps.count < 2000 ? 1 : Cores.count * 2
        let chunks = Cores.map(parts) { part in
            let first = hcps.lowerBound + part * hcps.count / parts
            return evaluate(from: first, to: hcps.lowerBound + (part + 1) * hcps.count / parts)
        }
        return EligibilityResult(
            hcps: hcps, actions: input.actions.count, refusal: chunks.flatMap(\.0), days: chunks.flatMap(\.1))
    }

    private func evaluate(from first: Int, to end: Int) -> ([UInt8], [DayMask]) {
        let width = input.actions.count
        var refusal = [UInt8](repeating: EligibilityResult.eligible, count: (end - first) * width)
        var days = [DayMask](repeating: 0, count: refusal.count)
        var work = Work(questions: questions.count, channels: channels.count)
        for hcp in first..<end {
            prepare(hcp, &work)
            let base = (hcp - first) * width
            for a in 0..<width {
                let (reason, mask) = decide(hcp, a, work)
                if let reason { refusal[base + a] = reason.position } else { days[base + a] = mask }
            }
        }
        return (refusal, days)
    }

    /// The ground for an eligible candidate's message, nil when it is refused.
    package func basis(hcp: Int, action: Int) -> SendBasis? {
        var work = Work(questions: questions.count, channels: channels.count)
        prepare(hcp, &work)
        guard decide(hcp, action, work).0 == nil else { return nil }
        switch work.consent[questionOfAction[action]] {
        case .allowed(let row, _): return .consent(row: row)
        case .byRule:
            let rule = marketRules(hcp).consent[Int(input.actions[action].channel.code)]
            return rule.map(SendBasis.rule)
        case .refused: return nil
        }
    }

    // MARK: One HCP

    // Codes are searched for in their lists; once is enough.
    private static let msl = RepKind.msl.code
    private static let noSee = Access.noSee.code
    private static let vendorCredentials = Access.vendorCredentials.code

    /// Answers that an HCP's actions share.
    private struct Work {
        var consent: [ConsentVerdict]
        var caps: [DayMask]
        var gaps: [DayMask]
        init(questions: Int, channels: Int) {
            consent = Array(repeating: .byRule, count: questions)
            caps = Array(repeating: 0, count: channels)
            gaps = caps
        }
    }

    /// The HCP's market among the rules; the last are those of no market.
    private func place(_ hcp: Int) -> Int {
        let market = Int(input.hcps.market[hcp])
        return rules.indices.contains(market) ? market : rules.count - 1
    }

    private func marketRules(_ hcp: Int) -> MarketRules { rules[place(hcp)] }

    private func prepare(_ hcp: Int, _ work: inout Work) {
        let rows = consentStarts[hcp]..<consentStarts[hcp + 1]
        let market = marketRules(hcp)
        for (k, question) in questions.enumerated() {
            let rule = market.consent[Int(question.channel)]
            work.consent[k] =
                rule == nil || rule == .denied
                ? .refused(.channelNotAllowed) : resolver.resolve(rows, question, rule ?? .denied)
        }
        let contacts = contactStarts[hcp]..<contactStarts[hcp + 1]
        for k in channels.indices {
            let same = market.sameRules[k]
            if same < k {
                (work.caps[k], work.gaps[k]) = (work.caps[same], work.gaps[same])
            } else {
                (work.caps[k], work.gaps[k]) = market.contact.freeDays(
                    channel: channelCodes[k], contacts: input.contacts, rows: contacts)
            }
        }
    }

    /// The rules in the order of `Refusal`; free days narrow as they pass, and the rule that takes the last day is
    /// the reason.
    private func decide(_ hcp: Int, _ a: Int, _ work: Work) -> (Refusal?, DayMask) {
        let purpose = input.actions[a].purpose
        let channel = input.actions[a].channel
        let sender = input.actions[a].senderSlot.map { slot in
            slot < input.hcps.senders.count ? Int(input.hcps.senders[slot][hcp]) : -1
        }
        if let sender, sender >= 0 {
            let isMedical = input.repKinds[sender] == Self.msl
            if isMedical ? purpose == .promotional : purpose == .medical { return (.purposeFirewall, 0) }
        }
        var days = DayMask.first(input.days.count)
        switch work.consent[questionOfAction[a]] {
        case .refused(let reason): return (reason, 0)
        case .allowed(_, let last):
            if last != .max { days &= .first(input.days.count(where: { $0.number <= last })) }
        case .byRule: break
        }
        if AddressFlag.needed(by: channel) & ~input.hcps.addresses[hcp] != 0 { return (.noAddress, 0) }
        if channel == .inPerson {
            let access = input.hcps.access[hcp]
            if access == Self.noSee { return (.noAccess, 0) }
            if access == Self.vendorCredentials && !input.hcps.credentialed[hcp] { return (.noAccess, 0) }
        }
        if !editions[a].isEmpty, let reason = contentRefusal(a, hcp, &days) { return (reason, 0) }
        if let sender, sender < 0 { return (.noSender, 0) }
        if let only = input.actions[a].onlyRep, !input.hcps.senders.contains(where: { $0[hcp] == only }) {
            return (.outsideTerritory, 0)
        }
        if !purpose.skipsPromotionalPolicy, let reason = contactRefusal(a, hcp, work, &days) { return (reason, 0) }
        if channel.isHuman {
            days &= ~input.hcps.appointments[hcp]
            if days == 0 { return (.appointmentBooked, 0) }
        }
        let minutes = input.actions[a].minutes
        if let sender, minutes > 0, input.repMinutes[sender] < minutes { return (.noCapacity, 0) }
        if let seats = input.actions[a].seats, seats <= 0 { return (.noSeats, 0) }
        if input.hcps.restricted[hcp] { return (.dataRights, 0) }
        if !Self.admits(input.actions[a].stakeholders, input.hcps.stakeholder[hcp]) { return (.stakeholder, 0) }
        if purpose == .promotional && !input.actions[a].hasObjective { return (.productUnknown, 0) }
        return days == 0 ? (.quietHours, 0) : (nil, days)
    }

    /// Of several editions the first in the HCP's language that may be used; else what the first of them lacks.
    private func contentRefusal(_ a: Int, _ hcp: Int, _ days: inout DayMask) -> Refusal? {
        if editions[a].count == 1 { return refusal(a, 0, hcp, &days) }
        let language = input.hcps.language[hcp]
        var first: Refusal?
        for k in editions[a].indices where language < 0 || editions[a][k].language == language {
            var free = days
            guard let reason = refusal(a, k, hcp, &free) else {
                days = free
                return nil
            }
            first = first ?? reason
        }
        return first ?? .contentLanguage
    }

    /// Approval, then expiry, country, language, audience of the action's k-th edition.
    private func refusal(_ a: Int, _ k: Int, _ hcp: Int, _ days: inout DayMask) -> Refusal? {
        let edition = editions[a][k]
        if edition.fault == .contentNotApproved { return .contentNotApproved }
        days &= edition.days
        if edition.fault != nil || days == 0 { return .contentExpired }
        if edition.hasCountries && !countries[a][k].contains(input.hcps.country[hcp]) { return .contentCountry }
        let language = input.hcps.language[hcp]
        if edition.language >= 0 && language >= 0 && edition.language != language { return .contentLanguage }
        if !Self.admits(edition.stakeholders, input.hcps.stakeholder[hcp])
            || (edition.hasSpecialties && !specialties[a][k].contains(input.hcps.specialty[hcp]))
        {
            return .contentAudience
        }
        return nil
    }

    /// Caps, then gaps, then quiet hours and holidays.
    private func contactRefusal(_ a: Int, _ hcp: Int, _ work: Work, _ days: inout DayMask) -> Refusal? {
        days &= work.caps[channelOfAction[a]]
        if days == 0 { return .capReached }
        days &= work.gaps[channelOfAction[a]]
        if days == 0 { return .gapTooShort }
        days &= openDays[place(hcp)]
        return days == 0 ? .quietHours : nil
    }

    /// An unknown stakeholder passes; a clinical HCP is the rule.
    private static func admits(_ bits: UInt8, _ code: UInt8) -> Bool {
        bits == 0 || code == 255 || bits & (1 << code) != 0
    }
}
