import EngagementModel
import NIOCore

/// Where a live moment takes place, and what it leaves open.
enum Placement: String, ClosedList {
    case inboundCall = "inbound_call"
    case portalPage = "portal_page"
    case openedEmail = "opened_email"
    case repDevice = "rep_device"
    case anywhere

    var channels: Set<EngagementModel.Channel>? {
        switch self {
        case .inboundCall: [.phone]
        case .portalPage: [.portal]
        case .openedEmail: [.email, .emailRep]
        case .repDevice: [.inPerson, .video, .phone, .emailRep, .messaging]
        case .anywhere: nil
        }
    }
}

/// `POST /v1/decisions`: what is asked and answered.
enum DecisionMessage {
    static let limits = 1...25
    /// How far a given moment may lie from the clock: replays and tests ask for other days, never for other years.
    static let maxDistance: Int64 = 400 * 86_400_000_000

    static func read(_ value: JSONValue, now: Int64, key: Int64) throws(Problem) -> LiveRequest {
        var fields = try RequestFields(value)
        let identifier = identifier(&fields)
        let limit = fields.integer("limit", in: limits) ?? 3
        var request = LiveRequest(identifier: identifier ?? .hcp(""), now: now, limit: limit, key: key)
        if var context = try fields.object("context") {
            if let moment = context.time("now") {
                if abs(moment - now) > maxDistance { context.fault("now", "the moment lies too far from the present") }
                request.now = moment
            }
            let placement = context.word("placement", Placement.self)
            let channel = context.word("channel", EngagementModel.Channel.self)
            if placement != nil && channel != nil {
                context.fault("channel", "give a placement or a channel, not both")
            }
            request.channels = channel.map { [$0] } ?? placement?.channels
            request.purpose = context.word("purpose")
            context.finish()
            fields.take(faultsOf: context)
        }
        fields.finish()
        try fields.check()
        return request
    }

    private static func identifier(_ fields: inout RequestFields) -> LiveRequest.Identifier? {
        let given: [LiveRequest.Identifier] = [
            fields.text("hcp_id").map { .hcp($0) }, fields.text("npi", max: 10).map { .npi($0) },
            fields.text("email", max: 254).map { .email($0) },
        ].compactMap { $0 }
        if given.count != 1 && fields.details.isEmpty { fields.fault("hcp_id", "give one of hcp_id, npi and email") }
        return given.first
    }

    static func write(_ answer: LiveAnswer) -> ByteBuffer {
        var json = JSONBytes(capacity: 2048)
        json.object { json in
            json.set("decision_id", answer.decisionID)
            json.set(
                "decision", answer.actions.isEmpty ? (answer.refusals.isEmpty ? "no_touch" : "refused") : "touch")
            json.set("hcp_id", answer.hcpID)
            json.set("decided_at", Timestamp.text(answer.decidedAt))
            json.set("run_id", answer.runID)
            json.set("as_of", answer.asOf.description)
            json.set("model_version", answer.modelVersion)
            json.set("strategy_version", answer.strategyVersion)
            json.set("arm", answer.arm.rawValue)
            json.set("live_events", answer.liveEvents)
            json.set("rescored", answer.isRescored)
            json.object("policy") { json in
                json.set("temperature", answer.temperature)
                json.set("exploration_floor", answer.explorationFloor)
                json.set("no_touch_propensity", answer.noTouchPropensity)
            }
            json.list("actions") { json in
                for (place, action) in answer.actions.enumerated() { write(action, rank: place + 1, &json) }
            }
            json.list("refusals") { json in
                for refusal in answer.refusals {
                    json.object { json in
                        json.set("channel", refusal.channel.rawValue)
                        json.set("product_id", refusal.productID)
                        json.set("content_id", refusal.contentID)
                        json.set("code", refusal.refusal.rawValue)
                        json.set("message", refusal.refusal.sentence(refusal.rule))
                    }
                }
            }
        }
        return json.buffer
    }

    private static func write(_ action: LiveAction, rank: Int, _ json: inout JSONBytes) {
        json.object { json in
            json.set("rank", rank)
            json.set("channel", action.channel.rawValue)
            json.set("content_id", action.contentID)
            json.set("product_id", action.productID)
            json.set("purpose", action.purpose.rawValue)
            json.set("objective", action.objective)
            json.set("sender", action.sender)
            json.set(single: "value", action.value)
            json.set(single: "price", action.price)
            json.set(single: "net", action.net)
            json.set(single: "probability", action.probability)
            json.object("expected_effect") { json in
                json.set(single: "mean", action.effect)
                json.set(single: "low", action.effectLow)
                json.set(single: "high", action.effectHigh)
            }
            json.set("propensity", action.propensity)
            json.list("reasons") { json in
                for reason in action.reasons { json.set(nil, reason) }
            }
        }
    }
}

/// `POST /v1/outcomes`: what is reported and answered.
enum OutcomeMessage {
    /// Clocks of callers may run ahead by this much.
    static let maxAhead: Int64 = 300_000_000
    /// What lies further back is for a load, not for a live report.
    static let maxAge: Int64 = 400 * 86_400_000_000

    /// - Parameter idempotencyKey: of the header; stands for `outcome_id` when that is left out.
    static func read(_ value: JSONValue, idempotencyKey: String?, now: Int64, key: Int64) throws(Problem) -> LiveOutcome
    {
        var fields = try RequestFields(value)
        let name = fields.text("outcome_id") ?? idempotencyKey
        let hcp = fields.text("hcp_id")
        let channel = fields.word("channel", EngagementModel.Channel.self)
        let occurred = fields.time("occurred_at")
        let response = fields.word("response", ResponseLevel.self)
        let direction = fields.word("direction", Direction.self) ?? .push
        let decision = fields.text("decision_id", max: 64)
        let content = fields.text("content_id")
        let product = fields.text("product_id")
        fields.finish()
        if fields.details.isEmpty {
            for (member, isMissing) in [
                ("outcome_id", name == nil), ("hcp_id", hcp == nil), ("channel", channel == nil),
                ("occurred_at", occurred == nil), ("response", response == nil),
            ] where isMissing { fields.fault(member, "this member is required") }
            if let occurred, occurred > now + maxAhead { fields.fault("occurred_at", "the moment lies in the future") }
            if let occurred, occurred < now - maxAge { fields.fault("occurred_at", "the moment lies too far back") }
        }
        try fields.check()
        guard let name, let hcp, let channel, let occurred, let response else {
            throw .unprocessable("", "a required member is missing")
        }
        return LiveOutcome(
            outcomeID: name, decisionID: decision, hcpID: hcp, channel: channel, contentID: content,
            productID: product, occurredAt: occurred, response: response, direction: direction, key: key)
    }

    static func write(_ receipt: LiveReceipt, _ outcome: LiveOutcome) -> ByteBuffer {
        var json = JSONBytes(capacity: 256)
        json.object { json in
            json.set("outcome_id", outcome.outcomeID)
            json.set("number", Int(receipt.number))
            json.set("duplicate", receipt.isDuplicate)
            json.set("rescored", receipt.isRescored)
        }
        return json.buffer
    }
}
