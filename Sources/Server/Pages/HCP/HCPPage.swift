package import EngagementModel
package import Ledger

/// Everything known about one HCP, on one page.
package struct HCPPage: Sendable {
    package var hcp: HCPRecord
    package var asOf: Day
    package var currency = "EUR"
    package var reps: [RepInCharge] = []
    package var plan: [PlannedTouch] = []
    /// Of the cycle plan, those that the HCP belongs to.
    package var goals: [GoalState] = []
    package var timeline: [TimelineEntry] = []
    /// Inquiries and cases that are open, of those that the person may see.
    package var openRequests = 0
    package var timelineFilter = TimelineFilter()
    package var timelinePaging = Paging(page: 1, size: TimelineFilter.pageSize, total: 0)
    package var volumes = VolumeSection.none
    package var channels: [ChannelPreference] = []
    package var topics: [TopicPreference] = []
    /// `hours[weekday][hour]`, Monday first; nil was never tried.
    package var hours: [[HeatCell?]] = []
    package var badges: [ConsentBadge] = []
    package var consents: [ConsentRow] = []
    package var sources: [FieldSource] = []
    /// Where the sources are shown, when this view of the page leaves them out.
    package var sourcesPath: String?
    /// Where the whole history of consents is, and whether the person may add to it there.
    package var consentsPath: String?
    package var takesConsent = false
    package var affiliations: [Affiliation] = []
    package var whyNot = WhyNot()
    package var insight = HCPInsight()

    package init(hcp: HCPRecord, asOf: Day) {
        self.hcp = hcp
        self.asOf = asOf
    }
}

/// The golden record.
package struct HCPRecord: Sendable, Hashable {
    package var hcpNo: Int32
    package var label: HCPLabel
    package var npi: String?
    package var profession: String?
    package var stakeholder: String?
    package var email: String?
    package var phone: String?
    package var address: String?
    package var country: String?
    package var language: String?
    package var timezone: String?
    package var access: String?
    package var sourceCount: Int

    package init(hcpNo: Int32, label: HCPLabel, sourceCount: Int = 1) {
        self.hcpNo = hcpNo
        self.label = label
        self.sourceCount = sourceCount
    }
}

/// Which source gave which field of the golden record.
package struct FieldSource: Sendable, Hashable {
    package var field: String
    package var source: String
    package var sourceID: String
    package var knownAt: Day?

    package init(field: String, source: String, sourceID: String, knownAt: Day?) {
        self.field = field
        self.source = source
        self.sourceID = sourceID
        self.knownAt = knownAt
    }
}

package struct RepInCharge: Sendable, Hashable {
    package var repID: String
    package var name: String
    package var kind: String
    package var team: String?
    package var territory: String?

    package init(repID: String, name: String, kind: String, team: String? = nil, territory: String? = nil) {
        self.repID = repID
        self.name = name
        self.kind = kind
        self.team = team
        self.territory = territory
    }
}

package struct Affiliation: Sendable, Hashable {
    package var site: String
    package var role: String?
    package var buyingRole: String?

    package init(site: String, role: String? = nil, buyingRole: String? = nil) {
        self.site = site
        self.role = role
        self.buyingRole = buyingRole
    }
}

/// One decision for this HCP; `channel` nil is the logged choice *no touch*.
package struct PlannedTouch: Sendable, Hashable {
    package var decisionID: String
    package var day: Day?
    package var hour: Int?
    package var channel: Channel?
    package var title: String?
    package var sender: String
    package var effect: EffectEstimate
    package var value: Double
    package var reasons: [String]
    package var status: DecisionStatus

    package init(
        decisionID: String, day: Day?, hour: Int? = nil, channel: Channel?, title: String? = nil, sender: String,
        effect: EffectEstimate, value: Double, reasons: [String] = [], status: DecisionStatus = .planned
    ) {
        self.decisionID = decisionID
        self.day = day
        self.hour = hour
        self.channel = channel
        self.title = title
        self.sender = sender
        self.effect = effect
        self.value = value
        self.reasons = reasons
        self.status = status
    }
}

package struct TimelineEntry: Sendable, Hashable {
    /// Microseconds since 1970, UTC.
    package var at: Int64
    package var channel: Channel
    package var direction: Direction
    package var kind: String
    package var title: String?
    package var rep: String?
    package var status: String?
    package var level: ResponseLevel
    /// A privacy proxy's open: shown, never counted.
    package var machine: Bool
    package var medical: Bool
    /// An inquiry or a case, which has a page of its own.
    package var request: HCPRequest?

    package init(
        at: Int64, channel: Channel, direction: Direction, kind: String = "touch", title: String? = nil,
        rep: String? = nil, status: String? = nil, level: ResponseLevel = .none, machine: Bool = false,
        medical: Bool = false
    ) {
        self.at = at
        self.channel = channel
        self.direction = direction
        self.kind = kind
        self.title = title
        self.rep = rep
        self.status = status
        self.level = level
        self.machine = machine
        self.medical = medical
    }
}

/// An inquiry or a service case in the timeline of an HCP.
package struct HCPRequest: Sendable, Hashable {
    package enum Kind: String, Sendable { case inquiry, serviceCase }

    package var kind: Kind
    package var title: String
    package var path: String
    /// Queue or state, and the deadline while it is open, in words.
    package var state: String
    package var isOpen: Bool
    package var isLate: Bool
    /// Of an inquiry, those that the person may fetch.
    package var files: [InquiryFile] = []

    package init(kind: Kind, title: String, path: String, state: String, isOpen: Bool, isLate: Bool) {
        self.kind = kind
        self.title = title
        self.path = path
        self.state = state
        self.isOpen = isOpen
        self.isLate = isLate
    }
}

extension TimelineEntry {
    package init(inquiry: Inquiry, files: [InquiryFile] = [], now: Int64) {
        self.init(
            at: inquiry.receivedAt, channel: inquiry.channel, direction: .pull, kind: "inquiry",
            medical: inquiry.isMedical)
        let isOpen = inquiry.state.isOpen
        request = HCPRequest(
            kind: .inquiry, title: inquiry.title, path: "\(Operation.inbox.path)/\(inquiry.number)",
            state: isOpen
                ? "\(inquiry.queue.title), \(Format.deadline(inquiry.dueAt, now: now))"
                : Format.label(inquiry.state.rawValue).lowercased(),
            isOpen: isOpen, isLate: isOpen && inquiry.dueAt < now)
        request?.files = files.filter(\.isKept)
    }

    /// A case has no channel of its own: technicians, call centre and rep write in it. It stands under the telephone.
    package init(serviceCase item: ServiceCase, now: Int64) {
        self.init(at: item.openedAt, channel: .phone, direction: .pull, kind: "case")
        let isOpen = item.state.isOpen
        let deadline = isOpen ? ", \(Format.deadline(item.dueAt, now: now))" : ""
        request = HCPRequest(
            kind: .serviceCase, title: item.title.isEmpty ? "Case \(item.number)" : item.title,
            path: "\(Operation.cases.path)/\(item.number)", state: item.state.title.lowercased() + deadline,
            isOpen: isOpen, isLate: isOpen && item.dueAt < now)
    }
}

package struct TimelineFilter: Sendable, Hashable {
    package static let pageSize = 20
    package var channel: Channel?
    package var direction: Direction?
    package var kind: Kind?
    package var page = 1

    /// What a person looks for: contacts, or what the HCP asked and reported.
    package enum Kind: String, Sendable, CaseIterable { case contact, inquiry, `case` }

    package init() {}

    package init(_ fields: FormFields) {
        channel = fields["channel"].flatMap(Channel.init(rawValue:))
        direction = fields["direction"].flatMap(Direction.init(rawValue:))
        kind = fields["kind"].flatMap(Kind.init(rawValue:))
        page = max(1, min(100_000, fields["page"].flatMap { Int($0) } ?? 1))
    }

    /// Whether an entry is one that was asked for; a case has no channel, and no channel finds it.
    package func admits(_ entry: TimelineEntry) -> Bool {
        let kinds: Kind =
            switch entry.request?.kind {
            case .inquiry: .inquiry
            case .serviceCase: .case
            case nil: .contact
            }
        return (kind ?? kinds) == kinds && (direction ?? entry.direction) == entry.direction
            && (channel == nil || channel == entry.channel && kinds != .case)
    }

    package var fields: FormFields {
        var pairs: [(String, String)] = []
        if let channel { pairs.append(("channel", channel.rawValue)) }
        if let direction { pairs.append(("direction", direction.rawValue)) }
        if let kind { pairs.append(("kind", kind.rawValue)) }
        if page > 1 { pairs.append(("page", String(page))) }
        return FormFields(pairs)
    }
}

/// Prescriptions, orders, … per month; or the reason why they are not shown.
package enum VolumeSection: Sendable, Hashable {
    case none
    /// A data right of the HCP or the country hides individual volumes from this audience.
    case hidden
    case series([VolumeSeries])
}

package struct VolumeSeries: Sendable, Hashable {
    package var product: String
    package var measure: String
    /// Months in order, none left out; nil = no value delivered (or suppressed).
    package var months: [Day]
    package var values: [Double?]

    package init(product: String, measure: String, months: [Day], values: [Double?]) {
        self.product = product
        self.measure = measure
        self.months = months
        self.values = values
    }
}

package struct ChannelPreference: Sendable, Hashable {
    package var channel: Channel
    package var touches: Int
    package var reached: Int
    package var engaged: Int
    package var responseRate: Double
    package var lastDay: Day?
    /// Answers per touch, shrunk to the specialty, with a 90% interval; nil before the first run that knows it.
    package var shrunk: ShrunkShare?

    package init(
        channel: Channel, touches: Int, reached: Int, engaged: Int, responseRate: Double, lastDay: Day? = nil
    ) {
        self.channel = channel
        self.touches = touches
        self.reached = reached
        self.engaged = engaged
        self.responseRate = responseRate
        self.lastDay = lastDay
    }
}

package struct TopicPreference: Sendable, Hashable {
    package var topic: String
    package var format: String
    package var views: Int
    package var engaged: Int
    package var affinity: Double
    /// Answers per view, shrunk to the specialty, with a 90% interval; nil before the first run that knows it.
    package var shrunk: ShrunkShare?

    package init(topic: String, format: String, views: Int, engaged: Int, affinity: Double) {
        self.topic = topic
        self.format = format
        self.views = views
        self.engaged = engaged
        self.affinity = affinity
    }
}

/// A share with its interval.
package struct ShrunkShare: Sendable, Hashable {
    package var value: Double
    package var low: Double
    package var high: Double

    package init(value: Double, low: Double, high: Double) {
        (self.value, self.low, self.high) = (value, low, high)
    }

    /// `8 to 17 %`.
    var interval: String { "\(Format.percent(low).replacing(" %", with: "")) to \(Format.percent(high))" }

    /// `12 % (8 to 17 %)`.
    var text: String { "\(Format.percent(value)) (\(interval))" }
}

package struct HeatCell: Sendable, Hashable {
    package var sends: Int
    package var responses: Int
    package var score: Double

    package init(sends: Int, responses: Int, score: Double) {
        self.sends = sends
        self.responses = responses
        self.score = score
    }
}
