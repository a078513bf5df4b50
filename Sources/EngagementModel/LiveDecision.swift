/// A question in a live moment: one HCP, now.
public struct LiveRequest: Sendable, Hashable {
    /// How the caller names the HCP.
    public enum Identifier: Sendable, Hashable {
        case hcp(String)
        case npi(String)
        case email(String)
    }

    public var identifier: Identifier
    /// Microseconds since 1970, UTC.
    public var now: Int64
    /// Channels that the moment leaves open; nil = every one.
    public var channels: Set<Channel>?
    public var purpose: Purpose?
    /// Actions to answer with, at the most.
    public var limit: Int
    /// The key that asks, for the record; 0 = none.
    public var key: Int64

    public init(
        identifier: Identifier, now: Int64, channels: Set<Channel>? = nil, purpose: Purpose? = nil, limit: Int = 3,
        key: Int64 = 0
    ) {
        self.identifier = identifier
        self.now = now
        self.channels = channels
        self.purpose = purpose
        self.limit = limit
        self.key = key
    }
}

/// The answer to a `LiveRequest`.
public struct LiveAnswer: Sendable, Hashable {
    public var decisionID: String
    public var runID: String
    public var modelVersion: String
    public var strategyVersion: String
    /// The day whose data the plan knew.
    public var asOf: Day
    public var hcpID: String
    public var arm: Arm
    /// Microseconds since 1970, UTC.
    public var decidedAt: Int64
    /// Outcomes of this HCP that came after the plan and are counted in, and whether they moved the scores.
    public var liveEvents: Int
    public var isRescored: Bool
    /// Currency per nat for this HCP.
    public var temperature: Double
    public var explorationFloor: Double
    /// Probability that nothing at all is proposed.
    public var noTouchPropensity: Double
    /// In the order in which they were drawn; the first is the choice. Empty: nothing is proposed.
    public var actions: [LiveAction]
    /// Why there is nothing to choose from; empty when something is allowed.
    public var refusals: [LiveRefusal]

    public init(
        decisionID: String, runID: String, modelVersion: String, strategyVersion: String, asOf: Day, hcpID: String,
        arm: Arm, decidedAt: Int64, liveEvents: Int, isRescored: Bool, temperature: Double, explorationFloor: Double,
        noTouchPropensity: Double, actions: [LiveAction], refusals: [LiveRefusal]
    ) {
        self.decisionID = decisionID
        self.runID = runID
        self.modelVersion = modelVersion
        self.strategyVersion = strategyVersion
        self.asOf = asOf
        self.hcpID = hcpID
        self.arm = arm
        self.decidedAt = decidedAt
        self.liveEvents = liveEvents
        self.isRescored = isRescored
        self.temperature = temperature
        self.explorationFloor = explorationFloor
        self.noTouchPropensity = noTouchPropensity
        self.actions = actions
        self.refusals = refusals
    }
}

/// One proposed touch with what it is worth and how likely it was to be proposed.
public struct LiveAction: Sendable, Hashable {
    /// Number of the offer in the plan (`plan.action`).
    public var offer: Int
    public var channel: Channel
    public var contentID: String?
    public var productID: String
    public var purpose: Purpose
    public var objective: String
    /// rep_id or `system`.
    public var sender: String
    /// Currency: before prices, the price of the capacity that it uses, and what is left.
    public var value: Double
    public var price: Double
    public var net: Double
    /// Probability of engagement.
    public var probability: Double
    public var effect: Double
    public var effectLow: Double
    public var effectHigh: Double
    /// Exact probability of being drawn at its place, given the places before it.
    public var propensity: Double
    public var reasons: [String]

    public init(
        offer: Int, channel: Channel, contentID: String?, productID: String, purpose: Purpose, objective: String,
        sender: String, value: Double, price: Double, net: Double, probability: Double, effect: Double,
        effectLow: Double, effectHigh: Double, propensity: Double, reasons: [String]
    ) {
        self.offer = offer
        self.channel = channel
        self.contentID = contentID
        self.productID = productID
        self.purpose = purpose
        self.objective = objective
        self.sender = sender
        self.value = value
        self.price = price
        self.net = net
        self.probability = probability
        self.effect = effect
        self.effectLow = effectLow
        self.effectHigh = effectHigh
        self.propensity = propensity
        self.reasons = reasons
    }
}

/// A candidate that may not be proposed, with the first rule that forbids it.
public struct LiveRefusal: Sendable, Hashable {
    public var channel: Channel
    public var productID: String
    public var contentID: String?
    public var refusal: Refusal
    /// The rule of the contact policy that refuses, in words, where it looks at more than the channel.
    public var rule: String?

    public init(channel: Channel, productID: String, contentID: String?, refusal: Refusal, rule: String? = nil) {
        self.rule = rule
        self.channel = channel
        self.productID = productID
        self.contentID = contentID
        self.refusal = refusal
    }
}

/// What became of a touch, as another system reports it.
public struct LiveOutcome: Sendable, Hashable {
    /// The caller's own name for this report: the same one twice is one outcome.
    public var outcomeID: String
    public var decisionID: String?
    public var hcpID: String
    public var channel: Channel
    public var contentID: String?
    public var productID: String?
    /// When the touch took place; microseconds since 1970, UTC.
    public var occurredAt: Int64
    public var response: ResponseLevel
    public var direction: Direction
    public var key: Int64

    public init(
        outcomeID: String, decisionID: String? = nil, hcpID: String, channel: Channel, contentID: String? = nil,
        productID: String? = nil, occurredAt: Int64, response: ResponseLevel, direction: Direction = .push,
        key: Int64 = 0
    ) {
        self.outcomeID = outcomeID
        self.decisionID = decisionID
        self.hcpID = hcpID
        self.channel = channel
        self.contentID = contentID
        self.productID = productID
        self.occurredAt = occurredAt
        self.response = response
        self.direction = direction
        self.key = key
    }
}

/// What was done with a reported outcome; in every case it is durable.
public struct LiveReceipt: Sendable, Hashable {
    /// Number of the outcome in the ledger.
    public var number: Int64
    /// It was known already: nothing was counted twice.
    public var isDuplicate: Bool
    /// The scores of the HCP were computed anew with it.
    public var isRescored: Bool

    public init(number: Int64, isDuplicate: Bool, isRescored: Bool) {
        self.number = number
        self.isDuplicate = isDuplicate
        self.isRescored = isRescored
    }
}

/// Decides in live moments, and learns at once what became of touches.
public protocol LiveDesk: Sendable {
    /// Throws `Diagnostic`: `no_plan`, `plan_out_of_date`, `unknown_hcp`, `ambiguous_identifier`, `log_full`.
    func decide(_ request: LiveRequest) throws -> LiveAnswer
    /// Returns when the outcome is on disk and the next decision sees it. Throws `Diagnostic`: `no_plan`,
    /// `unknown_hcp`, `unknown_content`, `unknown_product`, `idempotency_mismatch`, and those of the ledger.
    func record(_ outcome: LiveOutcome) async throws -> LiveReceipt
    /// Takes up a newer plan, and what others wrote to the ledger.
    func refresh() async throws
    /// Writes what is still waiting; afterwards `decide` refuses.
    func finish() async throws
}
