package import EngagementModel

/// One touch of the contact history.
package struct Contact: Sendable, Hashable {
    /// nil until another system has logged it.
    package var interactionID: String?
    package var hcpID: String
    package var channel: Channel
    package var direction: Direction
    package var purpose: Purpose?
    package var productID: String?
    package var contentID: String?
    package var campaignID: String?
    /// rep_id or `system`.
    package var sender: String?
    package var decisionID: String?
    /// Microseconds since 1970, UTC.
    package var occurredAt: Int64
    /// The recipient's day.
    package var day: Day
    package var status: TouchStatus
    package var origin: Origin

    package init(
        interactionID: String? = nil, hcpID: String, channel: Channel, direction: Direction = .push,
        purpose: Purpose? = nil, productID: String? = nil, contentID: String? = nil, campaignID: String? = nil,
        sender: String? = nil, decisionID: String? = nil, occurredAt: Int64, day: Day, status: TouchStatus,
        origin: Origin = .rapport
    ) {
        self.interactionID = interactionID
        self.hcpID = hcpID
        self.channel = channel
        self.direction = direction
        self.purpose = purpose
        self.productID = productID
        self.contentID = contentID
        self.campaignID = campaignID
        self.sender = sender
        self.decisionID = decisionID
        self.occurredAt = occurredAt
        self.day = day
        self.status = status
        self.origin = origin
    }
}

/// Loaded touches as columns of equal length, one row per interaction.
package struct ContactColumns: Sendable {
    package var interactionID: [String] = []
    package var hcpID: [String] = []
    package var channel: [Channel] = []
    package var direction: [Direction] = []
    package var purpose: [Purpose?] = []
    package var productID: [String?] = []
    package var contentID: [String?] = []
    package var campaignID: [String?] = []
    package var sender: [String?] = []
    package var decisionID: [String?] = []
    package var occurredAt: [Int64] = []
    package var day: [Day] = []
    package var status: [TouchStatus] = []

    package init() {}

    package var count: Int { interactionID.count }

    package mutating func reserveCapacity(_ count: Int) {
        interactionID.reserveCapacity(count)
        hcpID.reserveCapacity(count)
        channel.reserveCapacity(count)
        direction.reserveCapacity(count)
        purpose.reserveCapacity(count)
        productID.reserveCapacity(count)
        contentID.reserveCapacity(count)
        campaignID.reserveCapacity(count)
        sender.reserveCapacity(count)
        decisionID.reserveCapacity(count)
        occurredAt.reserveCapacity(count)
        day.reserveCapacity(count)
        status.reserveCapacity(count)
    }

    /// Adds a touch; its origin is `loaded` whatever it says, and it needs an interaction id.
    package mutating func append(_ contact: Contact, interactionID id: String) {
        interactionID.append(id)
        hcpID.append(contact.hcpID)
        channel.append(contact.channel)
        direction.append(contact.direction)
        purpose.append(contact.purpose)
        productID.append(contact.productID)
        contentID.append(contact.contentID)
        campaignID.append(contact.campaignID)
        sender.append(contact.sender)
        decisionID.append(contact.decisionID)
        occurredAt.append(contact.occurredAt)
        day.append(contact.day)
        status.append(contact.status)
    }

    var isRectangular: Bool {
        [
            hcpID.count, channel.count, direction.count, purpose.count, productID.count, contentID.count,
            campaignID.count, sender.count, decisionID.count, occurredAt.count, day.count, status.count,
        ].allSatisfy { $0 == count }
    }
}

/// What a load of touches changed.
package struct ContactLoad: Sendable, Hashable {
    package var inserted = 0
    package var updated = 0
    /// Loaded rows that lie outside of the window or that the sources no longer hold.
    package var removed = 0
    /// Rows given that lie outside of the window.
    package var outside = 0
    /// Rapport's own rows that another system has now logged.
    package var confirmed = 0
    /// Decisions that a loaded touch shows as carried out.
    package var executed = 0

    var changesAnything: Bool { inserted + updated + removed + confirmed + executed > 0 }
}

/// Touches that count against caps and gaps, as columns in the order of HCP and time.
package struct ContactWindow: Sendable {
    package var hcpID: [String] = []
    package var day: [Day] = []
    /// Microseconds since 1970, UTC.
    package var occurredAt: [Int64] = []
    package var channel: [Channel] = []
}
