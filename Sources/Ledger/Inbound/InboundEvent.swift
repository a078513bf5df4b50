package import EngagementModel

/// What an event is, as its client calls it.
package enum EventKind: Int, Sendable, Hashable, CaseIterable {
    case track, identify, page, screen, group, alias
    /// A CloudEvent.
    case cloud
    /// Reported by a part of Rapport.
    case own
}

/// Who reports events; message ids are unique within one.
package enum EventSource: Sendable, Hashable {
    /// A program, by the name of its key.
    case key(String)
    /// A part of Rapport: `delivery`, `portal`.
    case own(String)

    package var name: String {
        switch self {
        case .key(let name), .own(let name): name
        }
    }

    var kind: String {
        switch self {
        case .key: "key"
        case .own: "own"
        }
    }
}

/// One event on its way into the ledger, checked and with its times settled.
package struct InboundEvent: Sendable, Hashable {
    package var kind: EventKind
    package var messageID: String
    /// `page_viewed` and the like where the client gave none of its own.
    package var name: String
    package var userID: String?
    package var anonymousID: String?
    /// `alias`: the id that was used before.
    package var previousID: String?
    package var times: EventTimes
    /// The event's own JSON, an object.
    package var payload: String

    package init(
        kind: EventKind, messageID: String, name: String, userID: String? = nil, anonymousID: String? = nil,
        previousID: String? = nil, times: EventTimes, payload: String
    ) {
        self.kind = kind
        self.messageID = messageID
        self.name = name
        self.userID = userID
        self.anonymousID = anonymousID
        self.previousID = previousID
        self.times = times
        self.payload = payload
    }
}

/// The four times of an event, microseconds since 1970 (UTC), and what was made of them.
package struct EventTimes: Sendable, Hashable {
    /// When it happened, corrected for the client's clock.
    package var occurred: Int64
    /// When it happened by the client's clock; nil = not said.
    package var original: Int64?
    /// When it was sent by the client's clock; nil = not said.
    package var sent: Int64?
    package var received: Int64
    /// The time would have lain in the future, or before 1970.
    package var isClamped: Bool

    /// How far into the future a corrected time may lie.
    package static let tolerance: Int64 = 300_000_000

    /// Source: Segment, "Spec: Common Fields": timestamp = receivedAt − (sentAt − originalTimestamp). Both times of the
    /// difference are by the client's clock, so its error cancels.
    package init(original: Int64?, sent: Int64?, received: Int64) {
        self.original = original
        self.sent = sent
        self.received = received
        var time = original ?? received
        if let original, let sent {
            let (difference, overflow) = sent.subtractingReportingOverflow(original)
            time = overflow ? .max : received - min(max(difference, -(1 << 60)), 1 << 60)
        }
        isClamped = time > received + Self.tolerance || time < 0
        occurred = isClamped ? (time < 0 ? 0 : received) : time
    }
}

/// An event that could not be taken, for the dead letters.
package struct RejectedEvent: Sendable, Hashable {
    /// Place in its batch, from 0.
    package var index: Int
    package var code: String
    package var message: String
    /// Whom it names, where that could be read: so that an erasure finds it.
    package var userID: String?
    /// As much of it as is kept.
    package var payload: String

    /// Bytes of a rejected event that are kept.
    package static let kept = 32 * 1024

    package init(index: Int, code: String, message: String, userID: String? = nil, payload: String) {
        self.index = index
        self.code = code
        self.message = message
        self.userID = userID
        self.payload = payload
    }
}

/// What one source sends at once.
package struct EventBatch: Sendable, Hashable {
    package var source: EventSource
    package var events: [InboundEvent]
    package var rejected: [RejectedEvent]
    package var receivedAt: Int64
    /// What the batch holds in memory, roughly.
    package var bytes: Int

    package init(
        source: EventSource, events: [InboundEvent], rejected: [RejectedEvent] = [], receivedAt: Int64, bytes: Int = 0
    ) {
        self.source = source
        self.events = events
        self.rejected = rejected
        self.receivedAt = receivedAt
        self.bytes = bytes
    }
}

/// What became of a batch; everything in it is durable.
package struct EventReceipt: Sendable, Hashable {
    /// Events that are new.
    package var stored = 0
    /// Events that were there already.
    package var duplicates = 0
    package init(stored: Int = 0, duplicates: Int = 0) {
        self.stored = stored
        self.duplicates = duplicates
    }
}

/// An event as it is read.
package struct StoredEvent: Sendable, Hashable {
    /// Its place in the ledger: readers move on by it.
    package var number: Int64
    package var kind: EventKind
    /// With the HCP as far as the ledger knows them now, and flat attributes.
    package var event: EngagementEvent
    /// The id that the source gave, known or not.
    package var userID: String?
    package var anonymousID: String?
    package var isClamped: Bool
    /// When the statement was received that says whom it concerns, where it does not say so itself.
    package var knownSince: Int64?
}
