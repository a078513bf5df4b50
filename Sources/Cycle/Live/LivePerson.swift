internal import Decisioning
internal import EngagementModel
internal import Ledger

/// What is known of one HCP beyond the plan: reported outcomes, touches since, consents that changed, newer scores.
struct LivePerson: Sendable {
    private(set) var outcomes: [LiveOutcomeRecord] = []
    /// Touches of the contact history since the plan.
    var contacts: [RuledTouch] = []
    /// All consents of the HCP, when they changed since the plan was read.
    var consents: Decisioning.ConsentColumns?
    /// By variant; nil = those of the plan.
    var scores: [CandidateScore]?
    /// Number of the last outcome in `scores`.
    var scoredThrough: Int64 = 0

    var lastOutcome: Int64 { outcomes.last?.number ?? 0 }
    var lastTouch: LiveOutcomeRecord? { outcomes.max { $0.outcome.occurredAt < $1.outcome.occurredAt } }

    /// Whether an outcome waits that moves the scores.
    var needsScores: Bool {
        outcomes.contains {
            $0.number > scoredThrough && ($0.outcome.response != .none || $0.outcome.direction == .push)
        }
    }

    mutating func add(_ record: LiveOutcomeRecord) { outcomes.append(record) }

    /// Adds what counts against caps and gaps. A reported push is the touch on file of the same day and channel, where
    /// there is one: the larger of both counts is taken.
    func addHistory(to history: inout LiveHistory) {
        for contact in contacts { history.add(day: contact.day, channel: contact.channel) }
        var counted: [(day: Int32, channel: UInt8, decision: String?, time: Int64)] = []
        for record in outcomes where record.outcome.direction == .push {
            let outcome = record.outcome
            let channel = outcome.channel.code
            let isKnown = counted.contains {
                $0.channel == channel
                    && ($0.time == outcome.occurredAt || $0.decision != nil && $0.decision == outcome.decisionID)
            }
            if !isKnown { counted.append((record.day.number, channel, outcome.decisionID, outcome.occurredAt)) }
        }
        guard !counted.isEmpty else { return }
        let known = history.columns
        for (position, touch) in counted.enumerated() {
            let onFile = known.day.indices.count {
                known.day[$0] == touch.day && known.channel[$0] == touch.channel
            }
            let before = counted[..<position].count { $0.day == touch.day && $0.channel == touch.channel }
            if before >= onFile { history.add(day: touch.day, channel: touch.channel) }
        }
    }

    /// What counts against rules by product, purpose, sender and content, beside the touches on file of the plan.
    ///
    /// A touch since the plan may be one that was booked then; a reported push may be one on file: each counts once.
    func ruled(_ known: KnownTouches, hcp: Int, asOf: Day) -> [RuledTouch] {
        var result = Array(known.onFile(hcp))
        var booked = result.indices.filter { result[$0].day > asOf.number }
        for contact in contacts {
            let place = booked.firstIndex {
                result[$0].day == contact.day && result[$0].channel == contact.channel
            }
            if let place { result[booked.remove(at: place)] = contact } else { result.append(contact) }
        }
        let onFile = result
        var reported: [(touch: RuledTouch, decision: String?, time: Int64)] = []
        for record in outcomes where record.outcome.direction == .push {
            let outcome = record.outcome
            let touch = known.book.met(
                record.day, outcome.channel.code, nil, product: outcome.productID, sender: nil,
                content: outcome.contentID)
            let isKnown = reported.contains {
                $0.touch.channel == touch.channel
                    && ($0.time == outcome.occurredAt || $0.decision != nil && $0.decision == outcome.decisionID)
            }
            if !isKnown { reported.append((touch, outcome.decisionID, outcome.occurredAt)) }
        }
        func isSame(_ a: RuledTouch, _ b: RuledTouch) -> Bool {
            a.day == b.day && a.channel == b.channel && (a.content == b.content || a.content < 0 || b.content < 0)
        }
        for (position, report) in reported.enumerated() {
            let before = reported[..<position].count { isSame($0.touch, report.touch) }
            if before >= onFile.count(where: { isSame($0, report.touch) }) { result.append(report.touch) }
        }
        return result
    }

    /// Scores with what is known here: at the plan's moment, or right after the last outcome when that is later.
    func scores(
        _ scorer: LiveScorer, hcp: Int, history: TouchColumns, shelf: ContentShelf, asOf: Day
    ) throws -> [CandidateScore] {
        let latest = outcomes.map(\.outcome.occurredAt).max() ?? 0
        let planned = Int64(asOf.number + 1) * 86_400_000_000 - 1
        return try scorer.score(
            hcp: hcp, history: history, live: touches(shelf), now: max(latest + 1, planned),
            planned: planned)
    }

    /// The touches as the response model reads them.
    func touches(_ shelf: ContentShelf) -> [LiveTouch] {
        outcomes.map { record in
            LiveTouch(
                time: record.outcome.occurredAt, channel: record.outcome.channel, level: record.outcome.response,
                isPull: record.outcome.direction == .pull, content: shelf.ids.known(record.outcome.contentID))
        }
    }
}
