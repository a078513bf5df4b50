import EngagementModel
import Foundation

/// The sentences that one choice supports, each with the weight of what it says.
struct Sentences {
    let facts: HCPFacts
    let choice: CandidateRecord
    /// How many candidates were allowed.
    let allowed: Int

    private var channel: Channel { choice.label.channel }

    /// Strongest first; always at least three.
    func ranked() -> [String] {
        var found: [(weight: Double, text: String)] = []
        func add(_ weight: Double, _ text: String?) {
            if let text { found.append((weight, text)) }
        }
        if let trace = choice.trace {
            let byTheme = weights(trace)
            func weight(_ themes: [Theme]) -> Double { themes.reduce(0) { $0 + byTheme[$1.position] } }
            add(weight([.person, .history]) + 0.05, history(trace))
            add(weight([.recency]), recency(trace.contact))
            add(weight([.segment, .market]), colleagues(trace.contact))
            add(weight([.interest]) + 0.02, interest(trace.contact))
            add(weight([.fatigue]), fatigue(trace.contact))
            add(weight([.affinity]), affinity(trace))
            add(weight([.content]), content)
        }
        if !facts.hidesVolume {
            add(volumeWeight, volume)
            add(trendWeight, trend)
        }
        let order = found.indices.sorted { (found[$1].weight, $0) < (found[$0].weight, $1) }
        let strong = order.filter { found[$0].weight > 0 }.map { found[$0].text }
        let weak = order.filter { found[$0].weight <= 0 && found[$0].weight > -0.15 }.map { found[$0].text }
        // Arguments for the choice first, then what is simply true and useful to know, then neutral facts.
        var sentences = Array(strong.prefix(3))
        for text in [moment, consent, preference] + weak.map(Optional.some) + [chance, best, effect]
        where sentences.count < 3 {
            if let text, !sentences.contains(text) { sentences.append(text) }
        }
        return sentences
    }

    /// Effect of each theme on the log of P(engaged), by the theme's position.
    private func weights(_ trace: CandidateTrace) -> [Double] {
        var sums = [Double](repeating: 0, count: Theme.allCases.count)
        func add(_ terms: [ScoreTerm], _ factor: Double) {
            for term in terms { sums[term.theme.position] += factor * Double(term.contribution) }
        }
        for (score, factor) in [
            (trace.reach, 1 - Double(choice.score.reach)), (trace.engage, 1 - Double(choice.score.engage)),
        ] {
            add(score.contact, factor)
            add(score.action, factor)
            add(score.cross, factor)
        }
        return sums
    }

    // MARK: Behaviour

    private func history(_ trace: CandidateTrace) -> String? {
        let contact = trace.contact
        guard contact.recentTrials >= 2, contact.recentReached > 0 else { return nil }
        // The step on which this HCP stands out more is the one to name.
        let reach = Double(contact.recentReached) - (contact.peerReachRate ?? 0.5) * Double(contact.recentTrials)
        let engage = Double(contact.recentEngaged) - (contact.peerEngageRate ?? 0.3) * Double(contact.recentTrials)
        let useEngaged = contact.recentEngaged > 0 && engage >= reach
        let count = useEngaged ? contact.recentEngaged : contact.recentReached
        let verb = useEngaged ? engagedVerb : reachedVerb
        let own = "\(verb.past) \(count) of the last \(contact.recentTrials) \(plural)"
        let peers = useEngaged ? contact.peerEngageRate : contact.peerReachRate
        guard let peers else { return own + "." }
        return "\(own); \(colleagueText) \(verb.present) \(Wording.share(peers))."
    }

    private var colleagueText: String { facts.specialty.map { "colleagues in \($0)" } ?? "colleagues" }

    private var plural: String {
        switch channel {
        case .inPerson: "visits"
        case .video: "video calls"
        case .phone: "phone calls"
        case .emailRep, .email: "e-mails"
        case .sms: "text messages"
        case .messaging: "messages"
        case .portal: "portal offers"
        case .webinar: "webinar invitations"
        case .event: "event invitations"
        case .ad: "ads"
        case .mail: "letters"
        }
    }

    private var reachedVerb: (past: String, present: String) {
        switch channel {
        case .inPerson, .video, .phone: ("Was available for", "are for")
        case .emailRep, .email: ("Opened", "open")
        case .webinar, .event: ("Registered for", "register for")
        case .portal: ("Viewed", "view")
        case .sms, .messaging, .ad, .mail: ("Received", "receive")
        }
    }

    private var engagedVerb: (past: String, present: String) {
        switch channel {
        case .inPerson, .video, .phone: ("Discussed the content in", "discuss it in")
        case .emailRep, .email: ("Clicked or answered", "click or answer")
        case .webinar, .event: ("Attended after", "attend after")
        case .portal: ("Read", "read")
        case .sms, .messaging, .ad, .mail: ("Answered", "answer")
        }
    }

    private func recency(_ contact: ContactFacts) -> String? {
        let name = channel.title.lowercased() == "sms" ? "SMS" : channel.title.lowercased()
        guard let days = contact.lastTouchDaysAgo else { return "No \(name) so far: a first contact on this channel." }
        let last = "Last \(name) \(Wording.days(days))"
        guard let best = contact.bestRecency else { return last + "." }
        return "\(last); \(plural) work best \(best)."
    }

    private func colleagues(_ contact: ContactFacts) -> String? {
        guard let rate = contact.peerEngageRate, rate >= 0.15 else { return nil }
        let who = facts.specialty.map { "Colleagues in \($0)" } ?? "Colleagues"
        return "\(who) \(engagedVerb.present) \(Wording.share(rate)) \(plural)."
    }

    private func interest(_ contact: ContactFacts) -> String? {
        contact.ownContactDaysAgo.map { $0 > 90 ? nil : "Came to us on own initiative \(Wording.days($0))." } ?? nil
    }

    private func fatigue(_ contact: ContactFacts) -> String? {
        switch contact.touchesIn14Days {
        case 0: "No other contact in the last two weeks."
        case 1: "Only one contact in the last two weeks."
        default: nil
        }
    }

    // MARK: Content

    private func affinity(_ trace: CandidateTrace) -> String? {
        guard let topic = choice.label.topic,
            trace.engage.cross.contains(where: { $0.name == "topic affinity" && $0.value > 0.02 })
        else {
            return nil
        }
        return "Engages more with \(topic) than with other topics."
    }

    private var content: String? {
        choice.label.title.map { "“\($0)” does better than most content by \(channel.title.lowercased())." }
    }

    // MARK: Outcome

    private var measure: String { choice.label.measure ?? "volume" }

    private var volumeWeight: Double {
        guard let recent = facts.recentVolume, let average = facts.averageVolume, average > 0 else { return 0 }
        return log((recent + 0.1 * average) / (1.1 * average))
    }

    private var volume: String? {
        guard let recent = facts.recentVolume, recent > 0 else { return nil }
        let ratio = facts.averageVolume.map { $0 > 0 ? recent / $0 : 1 } ?? 1
        let amount = "\(Wording.number(recent)) \(measure) a month"
        return ratio >= 1.5 ? "\(amount), \(Wording.number(ratio)) times the average." : "\(amount) of late."
    }

    private var trendWeight: Double {
        guard let trend = facts.volumeTrend, abs(trend) >= 0.1 else { return 0 }
        return abs(log(max(1 + trend, 0.2)))
    }

    private var trend: String? {
        guard let trend = facts.volumeTrend, abs(trend) >= 0.1 else { return nil }
        let name = measure.replacing("_", with: " ")
        let verb = trend < 0 ? "fell" : "rose"
        return
            "\(name.prefix(1).uppercased())\(name.dropFirst()) \(verb) \(Wording.percent(trend)) over the last three months."
    }

    // MARK: Background

    private var moment: String? {
        guard let moment = facts.moment, moment.isOwn, moment.lift > 1.1 else { return nil }
        let names = ["Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays"]
        return "Answers most often on \(names[moment.weekday]) around \(moment.hour):00."
    }

    private var consent: String? { facts.consent.map { "May be contacted: \($0)." } }

    /// Only where there is no history of the channel: then it is what the model itself goes by.
    private var preference: String? {
        guard choice.trace?.contact.lastTouchDaysAgo == nil, let share = ColdStart.statedPreference[channel] else {
            return nil
        }
        return "No history yet; \(Wording.percent(share)) of physicians surveyed want reps to use this channel."
    }

    private var chance: String? {
        "Expected to engage with a chance of \(Wording.percent(Double(choice.score.probability)))."
    }

    private var best: String { "Best value after prices of \(allowed) allowed actions." }

    private var effect: String {
        "Worth \(Wording.signed(Double(choice.score.effect))) \(measure) on top of what is expected anyway."
    }
}
