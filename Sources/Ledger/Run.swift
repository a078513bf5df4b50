package import EngagementModel

/// What a run says about itself when it publishes.
package struct RunRecord: Sendable, Hashable, Codable {
    package enum Mode: String, ClosedList, Codable {
        case full
        /// Descriptive analytics and business rules without models.
        case rulesOnly = "rules_only"
    }
    package var runID: String
    package var asOf: Day
    package var mode: Mode
    package var strategyVersion: String
    package var modelVersion: String
    /// JSON for pages and for `rapport run --json`.
    package var summary: String?

    package init(
        runID: String, asOf: Day, mode: Mode = .full, strategyVersion: String = "", modelVersion: String = "",
        summary: String? = nil
    ) {
        self.runID = runID
        self.asOf = asOf
        self.mode = mode
        self.strategyVersion = strategyVersion
        self.modelVersion = modelVersion
        self.summary = summary
    }
}

/// A run as the ledger holds it.
package struct PublishedRun: Sendable, Hashable {
    package var record: RunRecord
    /// From 1, in the order of publishing.
    package var number: Int64
    /// Microseconds since 1970, UTC.
    package var publishedAt: Int64
    package var touches: Int
    /// HCPs left alone.
    package var idle: Int
    /// Decisions of earlier runs that this one replaced.
    package var expired: Int
}

package struct PublishOutcome: Sendable, Hashable {
    package var run: PublishedRun
    /// The very same plan was there already: nothing was written.
    package var wasAlreadyPublished: Bool
}

/// A decision with what became of it.
package struct LedgerDecision: Sendable, Hashable {
    /// As published, but for `status`, which is the current one.
    package var decision: Decision
    /// Position in the sender's list, from the plan.
    package var rank: Int
    /// Day, hour and content after edits and snoozes.
    package var dueDay: Day?
    package var dueHour: Int?
    package var dueContentID: String?
    /// Last change of status, microseconds since 1970, UTC.
    package var changedAt: Int64
    let number: Int64
}

/// One thing that happened to a decision.
package struct DecisionEvent: Sendable, Hashable {
    package var kind: DecisionStatus
    package var actor: String
    package var at: Int64
    /// A dismissal's or an expiry's cause, `logged` or `feedback` for facts from other systems.
    package var cause: String?
    package var note: String?
    /// JSON: the changed fields, and under `…_before` what they were.
    package var edits: String?
}

/// Where the next page of a list begins; opaque to callers.
package struct DecisionCursor: Sendable, Hashable {
    let day: Int64
    let rank: Int64
    let number: Int64

    init(day: Int64, rank: Int64, number: Int64) {
        self.day = day
        self.rank = rank
        self.number = number
    }

    /// Reads a token of `token`; nil for any other text.
    package init?(_ token: String) {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false).map { Int64($0) }
        guard parts.count == 3, let day = parts[0], let rank = parts[1], let number = parts[2] else { return nil }
        self.init(day: day, rank: rank, number: number)
    }

    package var token: String { "\(day).\(rank).\(number)" }
}

package struct DecisionPage: Sendable {
    package var decisions: [LedgerDecision]
    /// nil on the last page.
    package var next: DecisionCursor?
}

/// What people have taken in hand, as columns: the planner leaves these HCPs and days alone.
package struct Commitments: Sendable {
    package var decisionID: [String] = []
    package var hcpID: [String] = []
    package var day: [Day] = []
    package var channel: [Channel] = []
    package var sender: [String] = []
    package var status: [DecisionStatus] = []
}
