package import EngagementModel

/// What the insight step found: alarms of the day with how often such alarms come true, segments with who is worth a
/// touch, preferences and how they change, what moves colleagues.
package struct InsightPage: Sendable {
    package struct Filter: Sendable, Hashable {
        /// A specialty, or nil for all.
        package var specialty: String?
        /// A segment for the preferences, or nil for all.
        package var segment: Int?
        /// Whose names are listed.
        package var advice: String?
        package static let advices = ["persuade", "try", "spare"]
        package init() {}

        package init(_ fields: FormFields) {
            specialty = fields["specialty"].flatMap { $0.isEmpty ? nil : String($0.prefix(80)) }
            segment = fields["segment"].flatMap { Int($0) }.flatMap { (1...8).contains($0) ? $0 : nil }
            advice = fields["advice"].flatMap { Self.advices.contains($0) ? $0 : nil }
        }
    }

    package struct Trigger: Sendable, Hashable {
        package var kind: String
        package var hcp: HCPLabel?
        package var account: String?
        package var product: String?
        package var evidence: String
        package var score: Double
        package init(
            kind: String, hcp: HCPLabel? = nil, account: String? = nil, product: String? = nil, evidence: String,
            score: Double
        ) {
            self.kind = kind
            self.hcp = hcp
            self.account = account
            self.product = product
            self.evidence = evidence
            self.score = score
        }
    }

    package struct Precision: Sendable, Hashable {
        package var kind: String
        package var triggers: Int
        package var alarms: Int
        package var judged: Int
        package var confirmed: Int
        package var share: Double?
        package var expected: Double?
        package init(
            kind: String, triggers: Int, alarms: Int, judged: Int, confirmed: Int, share: Double?, expected: Double?
        ) {
            self.kind = kind
            self.triggers = triggers
            self.alarms = alarms
            self.judged = judged
            self.confirmed = confirmed
            self.share = share
            self.expected = expected
        }
    }

    package struct Segment: Sendable, Hashable {
        package var number: Int
        package var name: String
        package var rule: String
        package var size: Int
        package var share: Double
        package var typical: String
        package var propensity: Double
        package var persuade: Int
        package var tryOut: Int
        package var spare: Int
        package var unreachable: Int
        package init(
            number: Int, name: String, rule: String, size: Int, share: Double, typical: String, propensity: Double,
            persuade: Int, tryOut: Int, spare: Int, unreachable: Int
        ) {
            self.number = number
            self.name = name
            self.rule = rule
            self.size = size
            self.share = share
            self.typical = typical
            self.propensity = propensity
            self.persuade = persuade
            self.tryOut = tryOut
            self.spare = spare
            self.unreachable = unreachable
        }
    }

    package struct Target: Sendable, Hashable {
        package var hcp: HCPLabel
        package var propensity: Double
        package var uplift: Double
        package var low: Double
        package var high: Double
        package init(hcp: HCPLabel, propensity: Double, uplift: Double, low: Double, high: Double) {
            self.hcp = hcp
            self.propensity = propensity
            self.uplift = uplift
            self.low = low
            self.high = high
        }
    }

    /// One channel over the quarters; nil = nothing was tried there.
    package struct Preference: Sendable, Hashable {
        package var channel: Channel
        package var contacts: [Int]
        package var engaged: [Int]
        /// Share of those asked who named the channel.
        package var stated: Double?
        package init(channel: Channel, contacts: [Int], engaged: [Int], stated: Double? = nil) {
            self.channel = channel
            self.contacts = contacts
            self.engaged = engaged
            self.stated = stated
        }

        func rate(_ period: Int) -> Double? {
            contacts[period] > 0 ? Double(engaged[period]) / Double(contacts[period]) : nil
        }

        /// Standard error of the difference between the rates of two quarters; nil when one is empty.
        func changeError(_ from: Int, _ to: Int) -> Double? {
            guard let a = rate(from), let b = rate(to) else { return nil }
            return (a * (1 - a) / Double(contacts[from]) + b * (1 - b) / Double(contacts[to])).squareRoot()
        }
    }

    package struct Topic: Sendable, Hashable {
        package var topic: String
        package var format: String
        package var views: Int
        package var engaged: Int
        package init(topic: String, format: String, views: Int, engaged: Int) {
            self.topic = topic
            self.format = format
            self.views = views
            self.engaged = engaged
        }
    }

    /// A topic in a format, in the newest quarter and in the one of a year ago.
    package struct TopicChange: Sendable, Hashable {
        package var topic: String
        package var format: String
        package var now: Rate
        package var before: Rate
        package init(topic: String, format: String, now: Rate, before: Rate) {
            self.topic = topic
            self.format = format
            self.now = now
            self.before = before
        }
    }

    /// Answers among those who were reached.
    package struct Rate: Sendable, Hashable {
        package var reached: Int
        package var engaged: Int
        package init(reached: Int, engaged: Int) {
            self.reached = reached
            self.engaged = engaged
        }

        var share: Double? { reached > 0 ? Double(engaged) / Double(reached) : nil }
    }

    /// What alarms of past days were worth, found with what was known then.
    package struct Backtest: Sendable, Hashable {
        package var kind: String
        /// nil: the alarms that the run raises.
        package var rate: Double?
        package var alarms: Int
        package var confirmed: Int
        package var cases: Int
        package var events: Int
        package init(kind: String, rate: Double?, alarms: Int, confirmed: Int, cases: Int, events: Int) {
            self.kind = kind
            self.rate = rate
            self.alarms = alarms
            self.confirmed = confirmed
            self.cases = cases
            self.events = events
        }
    }

    package struct Coefficient: Sendable, Hashable {
        package var product: String
        package var name: String
        package var value: Double
        package var low: Double
        package var high: Double
        package var adoptions: Int
        package init(product: String, name: String, value: Double, low: Double, high: Double, adoptions: Int) {
            self.product = product
            self.name = name
            self.value = value
            self.low = low
            self.high = high
            self.adoptions = adoptions
        }
    }

    package struct Inquiry: Sendable, Hashable {
        package var kind: String
        package var isMedical: Bool
        package var count: Int
        package var urgent: Int
        package init(kind: String, isMedical: Bool, count: Int, urgent: Int) {
            self.kind = kind
            self.isMedical = isMedical
            self.count = count
            self.urgent = urgent
        }
    }

    package struct Part: Sendable, Hashable {
        package var name: String
        package var rows: Int
        package var note: String
        package init(name: String, rows: Int, note: String) {
            self.name = name
            self.rows = rows
            self.note = note
        }
    }

    package var filter = Filter()
    /// Names of HCPs are for people who may see every HCP.
    package var showsHCPs = false
    package var triggers: [Trigger] = []
    package var precision: [Precision] = []
    package var segments: [Segment] = []
    package var founded: Day?
    package var stability: Double?
    package var targets: [Target] = []
    package var specialties: [String] = []
    package var periods: [Day] = []
    package var preferences: [Preference] = []
    package var asked = 0
    package var topics: [Topic] = []
    package var topicChanges: [TopicChange] = []
    /// `hours[weekday][hour]`, Monday first; nil was never tried.
    package var hours: [[HeatCell?]] = []
    /// The same for the channels of one kind; empty before the first run that knows kinds.
    package var hoursInPerson: [[HeatCell?]] = []
    package var hoursByMessage: [[HeatCell?]] = []
    package var backtest: [Backtest] = []
    package var backtestDays = 0
    package var coefficients: [Coefficient] = []
    package var inquiries: [Inquiry] = []
    package var parts: [Part] = []

    package init() {}
}
