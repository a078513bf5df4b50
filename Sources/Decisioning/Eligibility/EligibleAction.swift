package import EngagementModel

/// One action as the rules see it.
package struct EligibleAction: Sendable, Hashable {
    package var channel: Channel
    package var purpose: Purpose
    /// Code of the product; −1 = none.
    package var product: Int32
    /// Whether some objective of the strategy covers the product (or none is needed).
    package var hasObjective: Bool
    /// Slot of the HCP's senders; nil = the system sends.
    package var senderSlot: Int?
    /// A particular rep who must be in charge of the HCP (a speaker's host, a pilot); nil = whoever is.
    package var onlyRep: Int32?
    /// Minutes of the sender's day.
    package var minutes: Double
    /// Seats or volume left; nil = no limit.
    package var seats: Int?
    /// Stakeholders for whom the action is meant, as bits of `Stakeholder.code`; 0 = all.
    package var stakeholders: UInt8
    /// nil = an action without content, such as a plain call.
    package var content: Content?
    /// A content that is approved by language, each with its own dates and countries: of those in the HCP's language the
    /// first that may be used counts. Empty = `content` alone.
    package var editions: [Content]

    /// Approval and audience of a content; empty sets, 0 and −1 mean "all".
    package struct Content: Sendable, Hashable {
        package var state: MLRState
        package var approvedOn: Day?
        /// The last day on which it may be used.
        package var expiresOn: Day?
        package var channels: Set<Channel>
        package var countries: Set<Int32>
        package var language: Int32
        package var stakeholders: UInt8
        package var specialties: Set<Int32>

        package init(
            state: MLRState, approvedOn: Day? = nil, expiresOn: Day? = nil, channels: Set<Channel> = [],
            countries: Set<Int32> = [], language: Int32 = -1, stakeholders: UInt8 = 0, specialties: Set<Int32> = []
        ) {
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

    package init(
        channel: Channel, purpose: Purpose = .promotional, product: Int32 = -1, hasObjective: Bool = true,
        senderSlot: Int? = nil, onlyRep: Int32? = nil, minutes: Double = 0, seats: Int? = nil,
        stakeholders: UInt8 = 0, content: Content? = nil, editions: [Content] = []
    ) {
        self.channel = channel
        self.purpose = purpose
        self.product = product
        self.hasObjective = hasObjective
        self.senderSlot = senderSlot
        self.onlyRep = onlyRep
        self.minutes = minutes
        self.seats = seats
        self.stakeholders = stakeholders
        self.content = content
        self.editions = editions
    }
}
