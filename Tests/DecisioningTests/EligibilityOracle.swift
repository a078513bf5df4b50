import Decisioning
import EngagementModel

/// The rules written down plainly and slowly: one question after another, sets of days instead of masks.
struct EligibilityOracle {
    let input: EligibilityInput

    func answer(_ hcp: Int, _ action: EligibleAction) -> (Refusal?, Set<Int>) {
        let h = input.hcps
        let marketNumber = Int(h.market[hcp])
        let market = marketNumber >= 0 ? input.markets[marketNumber] : nil
        var days = Set(input.days.indices)

        // Who sends?
        var sender: Int?
        if let slot = action.senderSlot {
            sender = slot < h.senders.count ? Int(h.senders[slot][hcp]) : -1
        }
        if let sender, sender != -1 {
            let kind = RepKind.allCases[Int(input.repKinds[sender])]
            if kind == .msl && action.purpose == .promotional { return (.purposeFirewall, []) }
            if kind != .msl && action.purpose == .medical { return (.purposeFirewall, []) }
        }

        // Consent.
        let rule = market?.consent?[action.channel] ?? input.strategy.consent[action.channel]
        guard let rule, rule != .denied else { return (.channelNotAllowed, []) }
        let service = action.purpose == .service || action.purpose == .safety
        let known = Int64(input.asOf.number + 1) * 86_400_000_000
        let rows = input.consents.hcp.indices.filter {
            input.consents.hcp[$0] == Int32(hcp) && input.consents.captured[$0] < known
                && (input.consents.channel[$0] == 255 || input.consents.channel[$0] == action.channel.code)
                && (input.consents.purpose[$0] == 255 || input.consents.purpose[$0] == action.purpose.code)
                && (input.consents.product[$0] == -1 || input.consents.product[$0] == action.product)
        }
        func status(_ row: Int) -> ConsentStatus { ConsentStatus.allCases[Int(input.consents.status[row])] }
        let first = input.days[0].number
        let objections = rows.filter { status($0) == .objection }
        let valid = rows.filter { status($0) == .optIn && input.consents.expires[$0] >= first }
        let stale = rows.filter { status($0) == .optIn && input.consents.expires[$0] < first }
        let standing = rows.filter { out in
            guard status(out) == .optOut else { return false }
            if service && input.consents.purpose[out] != action.purpose.code { return false }
            for yes in valid {
                let later = input.consents.captured[yes] > input.consents.captured[out]
                let channel = input.consents.channel[out] == 255 || input.consents.channel[yes] != 255
                let purpose = input.consents.purpose[out] == 255 || input.consents.purpose[yes] != 255
                let product = input.consents.product[out] == -1 || input.consents.product[yes] != -1
                if later && channel && purpose && product { return false }
            }
            return true
        }
        let needsOptIn = rule == .optIn && !service
        if !objections.isEmpty { return (.objection, []) }
        if !standing.isEmpty { return (.optedOut, []) }
        if needsOptIn && valid.isEmpty { return (stale.isEmpty ? .noConsent : .consentExpired, []) }
        if needsOptIn {
            let last = valid.map { input.consents.expires[$0] }.max() ?? 0
            days = days.filter { input.days[$0].number <= last }
        }

        // Address and access.
        let needs: UInt8? =
            switch action.channel {
            case .email, .emailRep, .webinar: 1
            case .phone, .sms, .messaging: 2
            case .mail: 4
            default: nil
            }
        if let needs, h.addresses[hcp] & needs == 0 { return (.noAddress, []) }
        if action.channel == .inPerson {
            if h.access[hcp] == Access.noSee.code { return (.noAccess, []) }
            if h.access[hcp] == Access.vendorCredentials.code, !h.credentialed[hcp] { return (.noAccess, []) }
        }

        // Content.
        if let content = action.content {
            let suits = content.channels.isEmpty || content.channels.contains(action.channel)
            if content.state != .expired {
                if content.state != .approvedForDistribution { return (.contentNotApproved, []) }
                if let approved = content.approvedOn, approved > input.asOf { return (.contentNotApproved, []) }
                if !suits { return (.contentNotApproved, []) }
            } else {
                return (.contentExpired, [])
            }
            if let last = content.expiresOn { days = days.filter { input.days[$0] <= last } }
            if days.isEmpty { return (.contentExpired, []) }
            if !content.countries.isEmpty, !content.countries.contains(h.country[hcp]) { return (.contentCountry, []) }
            if content.language != -1, h.language[hcp] != -1, content.language != h.language[hcp] {
                return (.contentLanguage, [])
            }
            let role = h.stakeholder[hcp]
            if content.stakeholders != 0, role != 255, content.stakeholders & (1 << role) == 0 {
                return (.contentAudience, [])
            }
            if !content.specialties.isEmpty, !content.specialties.contains(h.specialty[hcp]) {
                return (.contentAudience, [])
            }
        }

        if sender == -1 { return (.noSender, []) }
        if let only = action.onlyRep {
            let inCharge = h.senders.map { $0[hcp] }
            if !inCharge.contains(only) { return (.outsideTerritory, []) }
        }

        // History: try the touch on each day and count.
        if !service {
            let touches = input.contacts.hcp.indices.filter { input.contacts.hcp[$0] == Int32(hcp) }.map {
                (day: Int(input.contacts.day[$0]), channel: Channel.allCases[Int(input.contacts.channel[$0])])
            }
            let caps = market?.caps ?? input.strategy.caps
            days = days.filter { k in
                let day = Int(input.days[k].number)
                return caps.allSatisfy { cap in
                    guard cap.channels.contains(action.channel) else { return true }
                    let counted = touches.filter { cap.channels.contains($0.channel) }.map(\.day) + [day]
                    let width = max(1, cap.window.days)
                    return ((day - width)...(day + width)).allSatisfy { start in
                        let window = start..<(start + width)
                        return !window.contains(day) || counted.filter { window.contains($0) }.count <= cap.max
                    }
                }
            }
            if days.isEmpty { return (.capReached, []) }
            days = days.filter { k in
                let day = Int(input.days[k].number)
                return input.strategy.gaps.allSatisfy { gap in
                    !gap.channels.contains(action.channel)
                        || touches.allSatisfy {
                            !gap.channels.contains($0.channel) || abs($0.day - day) >= gap.min.days
                        }
                }
            }
            if days.isEmpty { return (.gapTooShort, []) }
            let quiet = market?.quietHours ?? input.strategy.quietHours
            if let quiet, (0..<24).allSatisfy({ quiet.contains(minute: $0 * 60) }) { return (.quietHours, []) }
            days = days.filter { market == nil || market?.holidays.contains(input.days[$0]) == false }
            if days.isEmpty { return (.quietHours, []) }
        }
        if action.channel == .inPerson || action.channel == .video || action.channel == .phone {
            days = days.filter { h.appointments[hcp] >> UInt32($0) & 1 == 0 }
            if days.isEmpty { return (.appointmentBooked, []) }
        }
        if let sender, action.minutes > 0, input.repMinutes[sender] < action.minutes { return (.noCapacity, []) }
        if let seats = action.seats, seats < 1 { return (.noSeats, []) }
        if h.restricted[hcp] { return (.dataRights, []) }
        let role = h.stakeholder[hcp]
        if action.stakeholders != 0, role != 255, action.stakeholders & (1 << role) == 0 { return (.stakeholder, []) }
        if action.purpose == .promotional, !action.hasObjective { return (.productUnknown, []) }
        return (nil, days)
    }
}
