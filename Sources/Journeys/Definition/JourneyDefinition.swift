package import EngagementModel

/// One version of a journey: who enters it, what happens step by step, when it is over. A value; `journeys/*.yaml` as
/// `JourneyReader` reads it.
package struct JourneyDefinition: Sendable, Hashable, Codable {
    package var id: String
    package var title: String
    package var purpose: Purpose
    package var productID: String?
    package var entry: JourneyEntry
    /// The event that the journey is for: it ends the instance with success, wherever that stands.
    package var goal: EventMatch?
    /// Events that end it otherwise.
    package var exits: [EventMatch]
    /// The node where instances begin.
    package var start: String
    package var nodes: [String: JourneyNode]

    package init(
        id: String, title: String = "", purpose: Purpose = .promotional, productID: String? = nil,
        entry: JourneyEntry, goal: EventMatch? = nil, exits: [EventMatch] = [], start: String,
        nodes: [String: JourneyNode]
    ) {
        self.id = id
        self.title = title
        self.purpose = purpose
        self.productID = productID
        self.entry = entry
        self.goal = goal
        self.exits = exits
        self.start = start
        self.nodes = nodes
    }

    /// What the ledger knows the journey's claims by.
    package var campaign: String { "journey:\(id)" }
}

/// How HCPs come into a journey.
package struct JourneyEntry: Sendable, Hashable, Codable {
    package enum Door: Sendable, Hashable, Codable {
        /// Members of a segment, at each run of the cycle.
        case segment(String)
        case event(EventMatch)
        /// Members of a segment, at fixed times: first at `first`, then every `every`.
        case schedule(first: Int64, every: Span, segment: String)
    }
    package var door: Door
    /// Only HCPs for whom this holds.
    package var condition: Condition?
    /// Time after which the same HCP may come again, from entry to entry; nil = once and never again.
    package var again: Span?

    package init(door: Door, condition: Condition? = nil, again: Span? = nil) {
        self.door = door
        self.condition = condition
        self.again = again
    }
}

/// One node of the graph.
package struct JourneyNode: Sendable, Hashable, Codable {
    package var action: Action
    /// The next node; nil = the end of the journey (`completed`).
    package var next: String?

    package init(_ action: Action, next: String? = nil) {
        self.action = action
        self.next = next
    }

    package enum Action: Sendable, Hashable, Codable {
        case wait(Span)
        /// Until the event comes; after `timeout` on to `late` instead (nil = the end).
        case waitEvent(EventMatch, timeout: Span, late: String?)
        /// Until the HCP's best hour within the span.
        case bestHour(within: Span)
        /// A branch at random, by weights; the same instance always draws the same at the same visit.
        case random([Branch])
        /// The first branch whose condition holds, else `next`.
        case choose([Choice])
        case message(Message)
        /// Whatever the decision engine holds best for the HCP now, on one of the channels.
        case nextBestAction(channels: Set<Channel>, patience: Span, refused: String?)
        case task(kind: String, title: String, due: Span?)
        case goal(String)
        case exit(String)
    }

    package struct Branch: Sendable, Hashable, Codable {
        package var weight: Double
        package var node: String
        package init(weight: Double, node: String) {
            self.weight = weight
            self.node = node
        }
    }

    package struct Choice: Sendable, Hashable, Codable {
        package var condition: Condition
        package var node: String
        package init(_ condition: Condition, node: String) {
            self.condition = condition
            self.node = node
        }
    }

    /// A message of approved content. It goes through the claim; when only time stands in the way it waits, at most
    /// `patience`; otherwise it goes on to `refused` (nil = to `next`).
    package struct Message: Sendable, Hashable, Codable {
        package var channel: Channel
        package var contentID: String
        package var patience: Span
        package var refused: String?
        package init(channel: Channel, contentID: String, patience: Span, refused: String? = nil) {
            self.channel = channel
            self.contentID = contentID
            self.patience = patience
            self.refused = refused
        }
    }
}

/// Which events are meant.
package struct EventMatch: Sendable, Hashable, Codable {
    package var name: String
    /// Attribute of the instance whose value the event's key must equal; nil = any key.
    package var key: String?
    /// Attributes that the event must carry.
    package var values: [String: String]

    package init(_ name: String, key: String? = nil, values: [String: String] = [:]) {
        self.name = name
        self.key = key
        self.values = values
    }

    package func holds(_ event: JourneyEvent, _ attributes: [String: String]) -> Bool {
        guard event.name == name, values.allSatisfy({ event.attributes[$0.key] == $0.value }) else { return false }
        guard let key else { return true }
        return event.key != nil && event.key == attributes[key]
    }
}

/// Something that happened to an HCP.
package struct JourneyEvent: Sendable, Hashable, Codable {
    /// Tells a repeated delivery.
    package var id: String
    package var name: String
    package var hcpID: String
    /// What it is about: an event id, a campaign, a product.
    package var key: String?
    package var attributes: [String: String]

    package init(id: String, name: String, hcpID: String, key: String? = nil, attributes: [String: String] = [:]) {
        self.id = id
        self.name = name
        self.hcpID = hcpID
        self.key = key
        self.attributes = attributes
    }
}

/// A question about attributes: those of the instance (from the events that it saw), then those of the HCP.
package indirect enum Condition: Sendable, Hashable, Codable {
    case `is`(String, String)
    case atLeast(String, Double)
    case below(String, Double)
    case exists(String)
    case not(Condition)
    case all([Condition])
    case any([Condition])

    /// A comparison with an attribute that is missing or is no number does not hold.
    package func holds(_ value: (String) -> String?) -> Bool {
        switch self {
        case .is(let name, let wanted): value(name) == wanted
        case .atLeast(let name, let bound): value(name).flatMap(Double.init).map { $0 >= bound } ?? false
        case .below(let name, let bound): value(name).flatMap(Double.init).map { $0 < bound } ?? false
        case .exists(let name): value(name) != nil
        case .not(let inner): !inner.holds(value)
        case .all(let parts): parts.allSatisfy { $0.holds(value) }
        case .any(let parts): parts.contains { $0.holds(value) }
        }
    }
}
