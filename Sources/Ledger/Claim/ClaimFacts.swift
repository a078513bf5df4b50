package import EngagementModel

/// What the ledger holds about one claim at the moment of its transaction; the policy reads nothing else.
package struct ClaimFacts: Sendable, Hashable {
    /// The clock, microseconds since 1970 (UTC).
    package var now: Int64
    /// The latest time that the ledger has seen. Caps, gaps and expiry go by the later of the two, so that a clock set
    /// back reopens nothing; hours must be open by both.
    package var latestSeen: Int64
    /// nil = the ledger does not know this HCP.
    package var recipient: Recipient?
    /// The HCP's consent rows that no later version supersedes, in any order.
    package var consents: [ConsentFact] = []
    /// Suppressions of the address or the HCP that are in force.
    package var suppressions: [SuppressionReach] = []
    /// Touches that count against caps and gaps: pushed; sent, delivered, uncertain, claimed or sending; and booked.
    package var touches: [CountedTouch] = []
    /// nil = no such version, or none asked for.
    package var content: ContentApproval?
    /// Kind of the rep who sends; nil for `system` and for unknown reps.
    package var senderKind: RepKind?
    /// Whether the rep is in charge of the HCP on the day of the touch.
    package var isAligned = false
    package var assignments: [ExperimentFact] = []
    /// Ends of the holds that cover the claim; `.max` = until someone releases it.
    package var holds: [Int64] = []
    /// The HCP's own inquiry that the claim answers; looked up, never believed.
    package var inquiry: Int64?

    package init(now: Int64, latestSeen: Int64? = nil, recipient: Recipient? = nil) {
        self.now = now
        self.latestSeen = latestSeen ?? now
        self.recipient = recipient
    }

    /// Whether the request is bound by neither promotional opt-outs nor caps nor hours: safety, service, and the medical
    /// answer to a question that was asked.
    func frees(_ request: ClaimRequest) -> Bool {
        request.purpose.skipsPromotionalPolicy || answered(by: request) != nil
    }

    func answered(by request: ClaimRequest) -> Int64? { request.purpose == .medical ? inquiry : nil }
}

/// An HCP as the claim needs it.
package struct Recipient: Sendable, Hashable {
    package var hcpID: String
    /// Code of the market; nil = the strategy's own rules.
    package var market: String?
    package var country: String?
    /// IANA time zone, such as `Europe/Berlin`.
    package var zone: String
    package var language: String?
    package var stakeholder: Stakeholder?
    package var specialty: String?
    package var access: Access?
    /// A data right (restriction, erasure) forbids every use.
    package var isRestricted: Bool
    /// The hours that the HCP set; nil = none.
    package var schedule: OwnSchedule?

    package init(
        hcpID: String, market: String? = nil, country: String? = nil, zone: String, language: String? = nil,
        stakeholder: Stakeholder? = nil, specialty: String? = nil, access: Access? = nil, isRestricted: Bool = false,
        schedule: OwnSchedule? = nil
    ) {
        self.hcpID = hcpID
        self.market = market
        self.country = country
        self.zone = zone
        self.language = language
        self.stakeholder = stakeholder
        self.specialty = specialty
        self.access = access
        self.isRestricted = isRestricted
        self.schedule = schedule
    }
}

/// When an HCP wants to be reached, in the HCP's own time: only inside of the windows (none = any hour), not in pauses.
package struct OwnSchedule: Sendable, Hashable, Codable {
    package struct Window: Sendable, Hashable, Codable {
        /// 0 Monday … 6 Sunday.
        package var weekday: Int
        /// Minutes of the day, `startMinute` < `endMinute` ≤ 1440; the end is outside.
        package var startMinute: Int
        package var endMinute: Int
        package init(weekday: Int, startMinute: Int, endMinute: Int) {
            self.weekday = weekday
            self.startMinute = startMinute
            self.endMinute = endMinute
        }
    }
    /// Days without contact, first and last included.
    package struct Pause: Sendable, Hashable, Codable {
        package var first: Day
        package var last: Day
        package init(first: Day, last: Day) {
            self.first = first
            self.last = last
        }
    }
    package var windows: [Window]
    package var pauses: [Pause]

    package init(windows: [Window] = [], pauses: [Pause] = []) {
        self.windows = windows
        self.pauses = pauses
    }

    package func admits(day: Day, minute: Int) -> Bool {
        if pauses.contains(where: { $0.first <= day && day <= $0.last }) { return false }
        let weekday = day.weekday
        return windows.isEmpty
            || windows.contains { $0.weekday == weekday && minute >= $0.startMinute && minute < $0.endMinute }
    }
}

/// One consent row as the claim weighs it.
package struct ConsentFact: Sendable, Hashable {
    /// Number of the row, in the order of commits.
    package var number: Int64
    package var consentID: String
    package var channel: Channel
    /// Normalised; nil = whatever address.
    package var address: String?
    package var purpose: Purpose
    /// nil = every product.
    package var productID: String?
    package var status: ConsentStatus
    package var basis: ConsentBasis?
    package var capturedAt: Int64
    package var expiresAt: Int64?
    package var origin: Origin
    /// An opt-in that was confirmed (double opt-in), signed, or came from another system that answers for it.
    package var isConfirmed: Bool

    package init(
        number: Int64, consentID: String? = nil, channel: Channel, address: String? = nil, purpose: Purpose,
        productID: String? = nil, status: ConsentStatus, basis: ConsentBasis? = nil, capturedAt: Int64,
        expiresAt: Int64? = nil, origin: Origin = .loaded, isConfirmed: Bool = true
    ) {
        self.number = number
        self.consentID = consentID ?? "\(number)"
        self.channel = channel
        self.address = address
        self.purpose = purpose
        self.productID = productID
        self.status = status
        self.basis = basis
        self.capturedAt = capturedAt
        self.expiresAt = expiresAt
        self.origin = origin
        self.isConfirmed = isConfirmed
    }
}

/// How far a suppression reaches.
package enum SuppressionReach: String, ClosedList, Codable {
    /// Everything but service and safety.
    case promotional
    /// Everything: a dead address, an erased person.
    case all
}

/// One touch that counts.
package struct CountedTouch: Sendable, Hashable {
    /// The recipient's day.
    package var day: Day
    /// Microseconds since 1970, UTC.
    package var at: Int64
    package var channel: Channel
    package var purpose: Purpose?
    package var productID: String?
    package var sender: String?
    package var contentID: String?
    /// An accepted visit or call that did not take place yet.
    package var isBooked: Bool

    package init(
        day: Day, at: Int64, channel: Channel, purpose: Purpose? = nil, productID: String? = nil,
        sender: String? = nil, contentID: String? = nil, isBooked: Bool = false
    ) {
        self.day = day
        self.at = at
        self.channel = channel
        self.purpose = purpose
        self.productID = productID
        self.sender = sender
        self.contentID = contentID
        self.isBooked = isBooked
    }
}

/// What review said about one version of a content. Empty sets and nil mean "all".
package struct ContentApproval: Sendable, Hashable {
    package var contentID: String
    package var version: String
    package var purpose: Purpose
    package var state: MLRState
    package var approvedOn: Day?
    /// The last day on which it may be used.
    package var expiresOn: Day?
    package var channels: Set<Channel>
    package var countries: Set<String>
    package var language: String?
    package var stakeholders: Set<Stakeholder>
    package var specialties: Set<String>

    package init(
        contentID: String, version: String, purpose: Purpose, state: MLRState, approvedOn: Day? = nil,
        expiresOn: Day? = nil, channels: Set<Channel> = [], countries: Set<String> = [], language: String? = nil,
        stakeholders: Set<Stakeholder> = [], specialties: Set<String> = []
    ) {
        self.contentID = contentID
        self.version = version
        self.purpose = purpose
        self.state = state
        self.approvedOn = approvedOn
        self.expiresOn = expiresOn
        self.channels = channels
        self.countries = countries
        self.language = language
        self.stakeholders = stakeholders
        self.specialties = specialties
    }
}

/// The arm of one experiment that covers the claim's campaign.
package struct ExperimentFact: Sendable, Hashable {
    package var experimentID: String
    package var arm: String
    /// The arm that gets nothing.
    package var isHoldout: Bool

    package init(experimentID: String, arm: String, isHoldout: Bool) {
        self.experimentID = experimentID
        self.arm = arm
        self.isHoldout = isHoldout
    }
}
