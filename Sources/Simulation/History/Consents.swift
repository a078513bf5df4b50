internal import EngagementModel
internal import Foundation
internal import Statistics

extension SimulatedMarket {
    /// What an HCP agreed to before and during the history, and when each channel was open. Opt-outs that follow
    /// from unsubscribing are added by the walk.
    func consents(of hcp: Int, into rows: inout [ConsentRecord]) -> ConsentWindows {
        var windows = ConsentWindows()
        var g = Stream.consent.generator(parameters.seed, hcp)
        let span = parameters.endDay - startDay
        let country = country(of: hcp)
        let marks = marks(of: hcp)
        let objects = g.chance(0.012)
        let objectionDay = startDay + g.below(span)
        if objects {
            for channel in [Channel.email, .emailRep, .phone, .inPerson, .sms] {
                rows.append(row(channel, .promotional, .objection, .legitimateInterest, objectionDay, nil, .letter))
            }
            windows.phoneRefused = objectionDay.number
            windows.visitRefused = objectionDay.number
            windows.mailRefused = objectionDay.number
        }
        if !objects && !marks.noEmail { email(hcp, country, span, &g, &rows, &windows) }
        if !objects && !marks.noPhone { mobile(hcp, span, &g, &rows, &windows) }
        refusals(span, &g, &rows, &windows)
        rows.sort {
            ($0.capturedAt, $0.channel.ordinal, $0.purpose.rawValue) < (
                $1.capturedAt, $1.channel.ordinal, $1.purpose.rawValue
            )
        }
        return windows
    }

    /// Four in five said yes before the history began, the rest while it ran.
    private func captureDay(_ span: Int, _ g: inout SeededGenerator) -> Day {
        let early = g.chance(0.8)
        let part = g.uniform()
        return startDay + (early ? -1 - Int(part * 500) : Int(part * Double(span)))
    }

    private func email(
        _ hcp: Int, _ country: Country, _ span: Int, _ g: inout SeededGenerator, _ rows: inout [ConsentRecord],
        _ windows: inout ConsentWindows
    ) {
        let base = country == .us ? 1.0 : country == .de ? 0.2 : 0.5
        let liking = Double(hcps.affinity[hcp * 12 + Channel.email.ordinal])
        guard g.chance(Special.sigmoid(base + 0.5 * liking)) else {
            let u = g.uniform()
            let day = startDay + g.below(span)
            if u < 0.15 {
                rows.append(row(.email, .promotional, .optOut, .consent, day, nil, .unsubscribe))
                rows.append(row(.emailRep, .promotional, .optOut, .consent, day, nil, .unsubscribe))
            } else if u < 0.27 {
                rows.append(row(.email, .promotional, .pending, .consent, day, nil, .form))
            }
            return
        }
        let captured = captureDay(span, &g)
        let limited = country.isEuropean && g.chance(0.5)
        let life = 540 + g.below(540)
        let renewed = g.chance(0.7)
        let byRep = g.chance(0.8)
        let educational = g.chance(0.85)
        let medical = g.chance(0.3)
        let webinars = g.chance(0.8)
        var periods = [(captured, limited ? captured + life : nil)]
        if limited && renewed && captured + life < parameters.endDay { periods.append((captured + (life - 3), nil)) }
        for (from, until) in periods {
            rows.append(row(.email, .promotional, .optIn, .consent, from, until, .form))
            if educational { rows.append(row(.email, .educational, .optIn, .consent, from, until, .form)) }
            if webinars {
                rows.append(row(.webinar, .promotional, .optIn, .consent, from, until, .form))
                rows.append(row(.webinar, .educational, .optIn, .consent, from, until, .form))
            }
            guard byRep else { continue }
            rows.append(row(.emailRep, .promotional, .optIn, .consent, from, until, .signature))
            if educational { rows.append(row(.emailRep, .educational, .optIn, .consent, from, until, .signature)) }
            if medical { rows.append(row(.emailRep, .medical, .optIn, .consent, from, until, .signature)) }
        }
        let until = periods.last?.1?.number ?? ConsentWindows.never
        windows.email = (captured.number, until)
        if byRep { windows.emailRep = (captured.number, until) }
    }

    private func mobile(
        _ hcp: Int, _ span: Int, _ g: inout SeededGenerator, _ rows: inout [ConsentRecord],
        _ windows: inout ConsentWindows
    ) {
        let liking = Double(hcps.affinity[hcp * 12 + Channel.sms.ordinal])
        if g.chance(Special.sigmoid(-1.2 + 0.6 * liking)) {
            let day = captureDay(span, &g)
            rows.append(row(.sms, .promotional, .optIn, .consent, day, nil, .form))
            windows.sms = (day.number, ConsentWindows.never)
        }
        let texting = Double(hcps.affinity[hcp * 12 + Channel.messaging.ordinal])
        if g.chance(Special.sigmoid(-2.2 + 0.6 * texting)) {
            let day = captureDay(span, &g)
            rows.append(row(.messaging, .promotional, .optIn, .consent, day, nil, .form))
            windows.messaging = (day.number, ConsentWindows.never)
        }
    }

    /// Refusals of channels that need no opt-in.
    private func refusals(
        _ span: Int, _ g: inout SeededGenerator, _ rows: inout [ConsentRecord], _ windows: inout ConsentWindows
    ) {
        let u = (g.uniform(), g.uniform(), g.uniform())
        let days = (startDay + g.below(span), startDay + g.below(span), startDay + g.below(span))
        if u.0 < 0.03 {
            rows.append(row(.phone, .promotional, .optOut, .legitimateInterest, days.0, nil, .telephone))
            windows.phoneRefused = min(windows.phoneRefused, days.0.number)
        }
        if u.1 < 0.02 {
            rows.append(row(.inPerson, .promotional, .optOut, .legitimateInterest, days.1, nil, .telephone))
            windows.visitRefused = min(windows.visitRefused, days.1.number)
        }
        if u.2 < 0.03 {
            rows.append(row(.mail, .promotional, .optOut, .legitimateInterest, days.2, nil, .letter))
            windows.mailRefused = min(windows.mailRefused, days.2.number)
        }
    }

    /// Captured at ten in the morning UTC, which is the same day everywhere here.
    private func row(
        _ channel: Channel, _ purpose: Purpose, _ status: ConsentStatus, _ basis: ConsentBasis, _ day: Day,
        _ expires: Day?,
        _ evidence: ConsentRecord.Evidence
    ) -> ConsentRecord {
        ConsentRecord(
            channel: channel, purpose: purpose, status: status, basis: basis,
            capturedAt: Int64(day.number) * 86_400 + 36_000 + Int64(channel.ordinal), expires: expires,
            evidence: evidence)
    }

    /// Gaps in the record of an HCP.
    func marks(of hcp: Int) -> (noEmail: Bool, noPhone: Bool, duplicate: Bool) {
        var g = Stream.dirt.generator(parameters.seed, hcp)
        let dirt = parameters.dirt
        return (g.chance(dirt.missingEmails), g.chance(dirt.missingPhones), g.chance(dirt.duplicateHCPs))
    }
}
