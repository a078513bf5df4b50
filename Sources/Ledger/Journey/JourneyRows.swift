import EngagementModel

/// One HCP on the way through one version of a journey, as the ledger keeps it.
package struct JourneyRow: Sendable, Hashable {
    package enum Phase: String, ClosedList, Codable { case waiting, paused, ended }

    package var number: Int64
    package var journeyID: String
    package var version: Int
    package var hcpID: String
    package var node: String
    package var phase: Phase
    /// The timer, microseconds since 1970; nil = only an event moves it on.
    package var dueAt: Int64?
    /// The event that it waits for, and the key that the event must carry.
    package var waitEvent: String?
    package var waitKey: String?
    /// Steps taken; names the next step of the instance.
    package var visit: Int
    /// When it came to the node.
    package var since: Int64
    package var enteredAt: Int64
    package var endedAt: Int64?
    /// How it ended.
    package var outcome: String?
    package var attributes: [String: String]

    package init(
        number: Int64, journeyID: String, version: Int, hcpID: String, node: String, phase: Phase = .waiting,
        dueAt: Int64? = nil, waitEvent: String? = nil, waitKey: String? = nil, visit: Int = 0, since: Int64,
        enteredAt: Int64, endedAt: Int64? = nil, outcome: String? = nil, attributes: [String: String] = [:]
    ) {
        self.number = number
        self.journeyID = journeyID
        self.version = version
        self.hcpID = hcpID
        self.node = node
        self.phase = phase
        self.dueAt = dueAt
        self.waitEvent = waitEvent
        self.waitKey = waitKey
        self.visit = visit
        self.since = since
        self.enteredAt = enteredAt
        self.endedAt = endedAt
        self.outcome = outcome
        self.attributes = attributes
    }
}

/// One step that was taken.
package struct JourneyStepRow: Sendable, Hashable {
    package var visit: Int
    package var node: String
    package var at: Int64
    /// What came of it: `claimed`, `refused:no_consent`, `branch:b`, `task`, `timer`, `event:clicked`, …
    package var result: String
    /// The claim that the step made.
    package var contactNumber: Int64?

    package init(visit: Int, node: String, at: Int64, result: String, contactNumber: Int64? = nil) {
        self.visit = visit
        self.node = node
        self.at = at
        self.result = result
        self.contactNumber = contactNumber
    }
}

/// Something that a journey asks a rep to do.
package struct RepTask: Sendable, Hashable {
    package var number: Int64
    package var hcpID: String
    package var journeyID: String
    package var kind: String
    package var title: String
    package var productID: String?
    package var dueAt: Int64?
    package var createdAt: Int64
    package var doneAt: Int64?
}

/// Where the instances of a journey stand, for its drawn graph.
package struct JourneyCounts: Sendable, Hashable {
    /// By version and node: instances that are there now.
    package var present: [Int: [String: Int]] = [:]
    /// By version and outcome: instances that ended.
    package var ended: [Int: [String: Int]] = [:]
    /// Instances that stand still because the journey was paused; they are among `present`.
    package var paused = 0
}
