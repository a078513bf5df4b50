/// One published decision: a row of `rapport decisions`, column for column.
public struct Decision: Sendable, Hashable, Codable {
    public var decisionID: String
    public var runID: String
    public var asOf: Day
    public var hcpID: String
    public var hcoID: String?
    /// Day of the touch; nil for the logged choice *no touch*.
    public var day: Day?
    /// Local hour of the recipient, 0...23.
    public var hour: Int?
    /// nil for *no touch*.
    public var channel: Channel?
    public var contentID: String?
    public var productID: String?
    public var purpose: Purpose
    /// rep_id or `system`.
    public var sender: String?
    public var objective: String?
    /// Expected incremental outcome, in units of the objective's measure, and its 90% interval.
    public var expectedEffect: Double
    public var effectLow: Double
    public var effectHigh: Double
    /// Currency: effect × value × lever − cost.
    public var value: Double
    public var cost: Double
    /// Shadow price of the shared limits that the touch uses, currency.
    public var price: Double
    /// Probability of the published action under the whole procedure.
    public var propensity: Double
    public var arm: Arm
    public var reason1: String?
    public var reason2: String?
    public var reason3: String?
    public var strategyVersion: String
    public var modelVersion: String
    public var status: DecisionStatus

    public init(
        decisionID: String, runID: String, asOf: Day, hcpID: String, hcoID: String? = nil, day: Day? = nil,
        hour: Int? = nil, channel: Channel? = nil, contentID: String? = nil, productID: String? = nil,
        purpose: Purpose = .promotional, sender: String? = nil, objective: String? = nil,
        expectedEffect: Double = 0, effectLow: Double = 0, effectHigh: Double = 0, value: Double = 0,
        cost: Double = 0, price: Double = 0, propensity: Double = 1, arm: Arm = .engine, reason1: String? = nil,
        reason2: String? = nil, reason3: String? = nil, strategyVersion: String = "", modelVersion: String = "",
        status: DecisionStatus = .planned
    ) {
        self.decisionID = decisionID
        self.runID = runID
        self.asOf = asOf
        self.hcpID = hcpID
        self.hcoID = hcoID
        self.day = day
        self.hour = hour
        self.channel = channel
        self.contentID = contentID
        self.productID = productID
        self.purpose = purpose
        self.sender = sender
        self.objective = objective
        self.expectedEffect = expectedEffect
        self.effectLow = effectLow
        self.effectHigh = effectHigh
        self.value = value
        self.cost = cost
        self.price = price
        self.propensity = propensity
        self.arm = arm
        self.reason1 = reason1
        self.reason2 = reason2
        self.reason3 = reason3
        self.strategyVersion = strategyVersion
        self.modelVersion = modelVersion
        self.status = status
    }

    /// The columns of the contract, in order (`docs/data-model.md`).
    public static let columns = [
        "decision_id", "run_id", "as_of", "hcp_id", "hco_id", "day", "hour", "channel", "content_id", "product_id",
        "purpose", "sender", "objective", "expected_effect", "effect_low", "effect_high", "value", "cost", "price",
        "propensity", "arm", "reason_1", "reason_2", "reason_3", "strategy_version", "model_version", "status",
    ]
}
