package import EngagementModel

/// One recommendation on the rep's list, with all that a rep needs to say yes or no.
package struct TodayItem: Sendable, Hashable {
    package var decisionID: String
    package var rank: Int
    package var hcp: HCPLabel
    package var channel: Channel
    package var content: ContentLabel?
    package var product: String?
    package var day: Day
    package var hour: Int?
    package var effect: EffectEstimate
    package var reasons: [String]
    package var consents: [ConsentBadge]
    package var lastContact: LastContact?
    /// What the system will send to the same HCP on its own.
    package var system: [SystemTouch]
    package var minutes: Double
    package var status: DecisionStatus
    /// What became of it: when, by whom, why.
    package var outcome: String?
    /// Days on which the HCP is contacted already: no other touch may move there.
    package var takenDays: Set<Day> = []
    /// Contents that may replace the proposed one, when the rep edits.
    package var alternatives: [ContentLabel]

    package init(
        decisionID: String, rank: Int, hcp: HCPLabel, channel: Channel, content: ContentLabel? = nil,
        product: String? = nil, day: Day, hour: Int? = nil, effect: EffectEstimate, reasons: [String] = [],
        consents: [ConsentBadge] = [], lastContact: LastContact? = nil, system: [SystemTouch] = [],
        minutes: Double = 0, status: DecisionStatus = .planned, outcome: String? = nil,
        alternatives: [ContentLabel] = []
    ) {
        self.decisionID = decisionID
        self.rank = rank
        self.hcp = hcp
        self.channel = channel
        self.content = content
        self.product = product
        self.day = day
        self.hour = hour
        self.effect = effect
        self.reasons = reasons
        self.consents = consents
        self.lastContact = lastContact
        self.system = system
        self.minutes = minutes
        self.status = status
        self.outcome = outcome
        self.alternatives = alternatives
    }

    /// Product, topic and format, unless the title says them already.
    var contentDetail: String {
        let kind = [content?.topic, content?.format].compactMap { $0 }.map(Format.label).joined(separator: ", ")
        let brand = product.flatMap { brand in content?.title.contains(brand) ?? false ? nil : brand }
        return [brand, kind].compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: " · ")
    }

    /// The next two touches in full, the rest as a number.
    var systemSentence: String {
        let rest = system.count > 2 ? "; and \(system.count - 2) more" : ""
        return system.prefix(2).map(\.sentence).joined(separator: "; ") + rest
    }
}

/// An HCP as lists show one.
package struct HCPLabel: Sendable, Hashable {
    package var hcpID: String
    package var name: String
    package var specialty: String?
    package var site: String?
    package var city: String?

    package init(hcpID: String, name: String, specialty: String? = nil, site: String? = nil, city: String? = nil) {
        self.hcpID = hcpID
        self.name = name
        self.specialty = specialty
        self.site = site
        self.city = city
    }

    /// First and last name with the credential: `Anna Keller, MD`.
    package static func name(first: String?, last: String?, credential: String?) -> String {
        let name = [first, last].compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: " ")
        guard let credential, !credential.isEmpty else { return name.isEmpty ? "Unnamed HCP" : name }
        return name.isEmpty ? credential : "\(name), \(credential)"
    }

    /// `Cardiology · Klinik Nord · Hamburg`.
    var place: String {
        [specialty.map(Format.label), site, city].compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: " · ")
    }

    var path: String { "/hcps/" + FormFields.encode(hcpID) }
}

package struct ContentLabel: Sendable, Hashable {
    package var contentID: String
    package var title: String
    package var topic: String?
    package var format: String?

    package init(contentID: String, title: String, topic: String? = nil, format: String? = nil) {
        self.contentID = contentID
        self.title = title
        self.topic = topic
        self.format = format
    }
}

/// Expected incremental outcome and its 90 % interval, in units of a measure.
package struct EffectEstimate: Sendable, Hashable {
    package var expected: Double
    package var low: Double
    package var high: Double
    package var measure: String

    package init(expected: Double, low: Double, high: Double, measure: String) {
        self.expected = expected
        self.low = low
        self.high = high
        self.measure = measure
    }

    var headline: String { "\(Format.effect(expected)) \(measure)" }
    var interval: String { "\(Format.effect(low)) to \(Format.effect(high))" }
}

package struct LastContact: Sendable, Hashable {
    package var day: Day
    package var channel: Channel
    package var direction: Direction
    package var level: ResponseLevel

    package init(day: Day, channel: Channel, direction: Direction, level: ResponseLevel) {
        self.day = day
        self.channel = channel
        self.direction = direction
        self.level = level
    }

    func sentence(asOf: Day) -> String {
        let who = direction == .pull ? "HCP came by \(channel.title.lowercased())" : channel.title
        let answer = direction == .pull ? "" : ", \(level.words(on: channel))"
        return "\(who) \(Format.ago(day, from: asOf))\(answer)"
    }
}

package struct SystemTouch: Sendable, Hashable {
    package var day: Day
    package var hour: Int?
    package var channel: Channel
    package var title: String?

    package init(day: Day, hour: Int? = nil, channel: Channel, title: String? = nil) {
        self.day = day
        self.hour = hour
        self.channel = channel
        self.title = title
    }

    var sentence: String {
        let time = hour.map { ", \(Format.hour($0))" } ?? ""
        return "\(channel.title)\(title.map { " “\($0)”" } ?? "") on \(Format.shortDay(day))\(time)"
    }
}

extension ResponseLevel {
    /// The rung of the ladder in the words of the channel.
    func words(on channel: Channel) -> String {
        switch (self, channel) {
        case (.none, .inPerson), (.none, .video), (.none, .phone): "not reached"
        case (.none, _): "no response"
        case (.reached, .email), (.reached, .emailRep): "opened"
        case (.reached, .webinar), (.reached, .event): "registered"
        case (.reached, .portal): "viewed"
        case (.reached, .inPerson), (.reached, .video), (.reached, .phone): "spoke"
        case (.reached, _): "delivered"
        case (.engaged, .email), (.engaged, .emailRep), (.engaged, .sms), (.engaged, .messaging): "clicked or replied"
        case (.engaged, .webinar), (.engaged, .event): "attended"
        case (.engaged, .portal): "read"
        case (.engaged, .inPerson), (.engaged, .video), (.engaged, .phone): "discussed"
        case (.engaged, _): "responded"
        case (.advanced, _): "asked for more"
        }
    }
}
