package import EngagementModel

/// A touch or a response as the warehouse keeps it: one row of the canonical table `interaction`.
package struct Interaction: Sendable, Hashable {
    /// `rapport`, or the source of the touch that it answers.
    package var source = Self.own
    package var interactionID: String
    package var hcpID: String
    /// Microseconds since 1970, UTC.
    package var occurredAt: Int64
    /// When Rapport knew of it: nothing earlier may see it.
    package var knownAt: Int64
    package var channel: Channel
    package var direction: Direction
    package var purpose: Purpose?
    /// touch, open, click, view, reply, attend, question, unsubscribe, bounce.
    package var kind: String
    package var contentID: String?
    package var productID: String?
    package var campaignID: String?
    package var decisionID: String?
    package var sender: String?
    package var status: TouchStatus?
    package var response: ResponseLevel?
    package var seconds: Int?
    package var parentID: String?
    package var isMachine = false

    package static let own = "rapport"

    /// How the warehouse names the touch of a row of the contact history.
    static func parent(interactionID: String?, number: Int64, isLoaded: Bool) -> (source: String, id: String) {
        guard isLoaded, let text = interactionID, let colon = text.firstIndex(of: ":") else {
            return (own, "contact:\(number)")
        }
        return (String(text[..<colon]), String(text[text.index(after: colon)...]))
    }
}

/// How far the warehouse has read the ledger.
package struct InteractionPlace: Sendable, Hashable {
    package var event: Int64
    package var claimEvent: Int64
    package var contact: Int64
    package var outcome: Int64

    package init(event: Int64 = 0, claimEvent: Int64 = 0, contact: Int64 = 0, outcome: Int64 = 0) {
        self.event = event
        self.claimEvent = claimEvent
        self.contact = contact
        self.outcome = outcome
    }

    /// `e12-q3-c4-o5`; nil for anything else.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "-")
        guard parts.count == 4 else { return nil }
        let numbers = zip(parts, "eqco").compactMap { part, letter in
            part.first == letter ? Int64(part.dropFirst()) : nil
        }
        guard numbers.count == 4 else { return nil }
        self.init(event: numbers[0], claimEvent: numbers[1], contact: numbers[2], outcome: numbers[3])
    }

    package var text: String { "e\(event)-q\(claimEvent)-c\(contact)-o\(outcome)" }
}

/// What an event says in the words of the canonical table; nil where it is no interaction.
struct EventMeaning {
    var kind: String
    var channel: Channel
    var isMachine = false

    /// Names without case and signs: clients spell them as they like.
    private static let kinds: [String: (String, Channel)] = [
        "emailopened": ("open", .email), "machineopen": ("open", .email), "emailclicked": ("click", .email),
        "emaillinkclicked": ("click", .email), "machineclick": ("click", .email), "emailreplied": ("reply", .email),
        "emailunsubscribed": ("unsubscribe", .email), "emailcomplaint": ("unsubscribe", .email),
        "emailmarkedasspam": ("unsubscribe", .email), "unsubscribed": ("unsubscribe", .email),
        "emailbounced": ("bounce", .email), "smsreplied": ("reply", .sms), "smsclicked": ("click", .sms),
        "noteopened": ("view", .portal), "pageviewed": ("view", .portal), "screenviewed": ("view", .portal),
        "contentviewed": ("view", .portal),
        "contentdownloaded": ("click", .portal), "topicresearched": ("view", .portal),
        "linkclicked": ("click", .portal), "videowatched": ("view", .portal), "adclicked": ("click", .ad),
        "webinarattended": ("attend", .webinar), "eventattended": ("attend", .event),
        "questionasked": ("question", .portal), "inquiryopened": ("question", .portal),
        "demorequested": ("question", .portal),
    ]

    init?(_ stored: StoredEvent) {
        let event = stored.event
        let word = event.name.lowercased().filter { $0.isLetter }
        // A medical question is no interaction that promotional features may count.
        guard event.attributes["medical"] != "true", let (kind, channel) = Self.kinds[word] else { return nil }
        self.kind = kind
        self.channel = event.attributes["channel"].flatMap(Channel.init(rawValue:)) ?? channel
        isMachine = word.hasPrefix("machine") || event.attributes["machine"] == "true"
    }
}
