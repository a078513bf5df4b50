package import EngagementModel

/// A live decision as the ledger keeps it.
package struct LiveDecisionRecord: Sendable, Hashable {
    package var decisionID: String
    package var key: Int64
    package var hcpID: String
    /// Microseconds since 1970, UTC.
    package var at: Int64
    package var runID: String
    package var modelVersion: String
    package var strategyVersion: String
    package var arm: Arm
    /// Channels, purpose and limit that were asked for.
    package var asked: String
    /// Number of the last outcome that the decision knew.
    package var outcomesSeen: Int64
    package var temperature: Double
    package var noTouchPropensity: Double
    /// One action a line: offer, channel, product, content, value, price, propensity; tabs between.
    package var shown: String
    /// Candidates refused; counted only when nothing was allowed.
    package var refused: Int
    /// The allowed candidates as the policy saw them, in the encoding of the desk that decided.
    package var considered: [UInt8]
    package var explorationFloor: Double
    /// Number of the last outcome in the scores; 0 = the plan's own, −1 = not recorded.
    package var scoredThrough: Int64
    /// The strategy's seed, bit for bit.
    package var seed: Int64

    package init(
        decisionID: String, key: Int64, hcpID: String, at: Int64, runID: String, modelVersion: String,
        strategyVersion: String, arm: Arm, asked: String, outcomesSeen: Int64, temperature: Double,
        noTouchPropensity: Double, shown: String, refused: Int, considered: [UInt8] = [],
        explorationFloor: Double = 0, scoredThrough: Int64 = -1, seed: Int64 = 0
    ) {
        self.decisionID = decisionID
        self.key = key
        self.hcpID = hcpID
        self.at = at
        self.runID = runID
        self.modelVersion = modelVersion
        self.strategyVersion = strategyVersion
        self.arm = arm
        self.asked = asked
        self.outcomesSeen = outcomesSeen
        self.temperature = temperature
        self.noTouchPropensity = noTouchPropensity
        self.shown = shown
        self.refused = refused
        self.considered = considered
        self.explorationFloor = explorationFloor
        self.scoredThrough = scoredThrough
        self.seed = seed
    }
}

/// An outcome with the recipient's day and its place in the ledger.
package struct LiveOutcomeRecord: Sendable, Hashable {
    package var number: Int64
    package var outcome: LiveOutcome
    package var day: Day

    package init(number: Int64 = 0, outcome: LiveOutcome, day: Day) {
        self.number = number
        self.outcome = outcome
        self.day = day
    }
}

/// What became of one outcome of a batch.
package enum LiveStored: Sendable, Hashable {
    case stored(Int64)
    /// The same report again.
    case known(Int64)
    /// Another report under a name that is taken.
    case mismatch
}

/// The answer to a batch.
package struct LiveAppend: Sendable {
    /// In the order of the outcomes given.
    package var stored: [LiveStored] = []
    /// Every outcome after the one asked for, whoever wrote it, in the order of numbers.
    package var news: [LiveOutcomeRecord] = []
}

/// Touches of the contact history from one number on, as columns.
package struct LiveContacts: Sendable {
    package var number: [Int64] = []
    package var hcpID: [String] = []
    package var day: [Day] = []
    package var channel: [Channel] = []
    package var purpose: [Purpose?] = []
    package var productID: [String?] = []
    package var sender: [String?] = []
    package var contentID: [String?] = []
    package var last: Int64 = 0
}
