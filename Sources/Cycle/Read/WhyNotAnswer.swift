public import EngagementModel
internal import Warehouse

/// Why an HCP is not touched by a channel (or that it is), action by action.
public struct WhyNotAnswer: Sendable, Codable {
    public var hcpID: String
    public var channel: String
    public var planned: String?
    public var options: [Option]

    public struct Option: Sendable, Codable {
        public var product: String?
        public var content: String?
        /// Machine-readable reason; nil when the action is allowed.
        public var refusal: String?
        /// The rule of the contact policy that refuses it, or that takes some of its days, in words.
        public var rule: String?
        public var sentence: String
        public var value: Double?
        public var price: Double?
    }

    public func rendered() -> String {
        var text = "\(hcpID), \(channel)\n"
        if let planned { text += "  Planned: \(planned)\n" }
        for option in options {
            let what = [option.product, option.content].compactMap { $0 }.joined(separator: ", ")
            text += "  \(what.isEmpty ? channel : what): \(option.sentence)"
            if let refusal = option.refusal { text += " [\(refusal)]" }
            text += "\n"
        }
        return text
    }
}

extension DecisionBook {
    /// Answers from the record of the published plan.
    public func whyNot(hcp: String, channel: Channel, content: String?) async throws -> WhyNotAnswer {
        let connection = try snapshot()
        let person = try await connection.query("SELECT hcp_no FROM mart.hcp WHERE hcp_id = ?", [.text(hcp)]).int32s(
            "hcp_no")
        guard let number = person.first else {
            throw Diagnostic("unknown_hcp", "no HCP has that id", remedy: "`rapport decisions` prints the ids")
        }
        let table = try await connection.query(
            """
            SELECT a.product_id, c.*
            FROM plan.candidate AS c JOIN plan.action AS a ON a.action_no = c.action_no
            WHERE c.hcp_no = ? AND a.channel = ? AND (? = '' OR c.content_id = ? OR c.content_id IS NULL)
            ORDER BY c.refusal IS NOT NULL, c.value - c.price DESC, a.action_no
            """, [.int(Int64(number)), .text(channel.rawValue), .text(content ?? ""), .text(content ?? "")])
        let planned = try await connection.query(
            "SELECT day FROM plan.decision WHERE hcp_no = ? AND channel = ? ORDER BY day",
            [.int(Int64(number)), .text(channel.rawValue)]
        ).days("day").compactMap { $0?.description }
        let choice = try await connection.query(
            "SELECT channel, value, price FROM plan.decision WHERE hcp_no = ? AND day IS NOT NULL ORDER BY value - price DESC LIMIT 1",
            [.int(Int64(number))])
        let best =
            try choice.rowCount == 0
            ? nil
            : (name: choice.texts("channel")[0], net: choice.doubles("value")[0] - choice.doubles("price")[0])
        let products = try table.strings("product_id")
        let contents = try table.strings("content_id")
        let refusals = try table.strings("refusal")
        let values = try table.optionalDoubles("value")
        let prices = try table.optionalDoubles("price")
        // Plans of earlier versions name no rules.
        let rules = table.columns.contains("rule") ? try table.strings("rule") : products.map { _ in nil }
        let options = products.indices.map { i in
            WhyNotAnswer.Option(
                product: products[i], content: contents[i], refusal: refusals[i], rule: rules[i],
                sentence: refusals[i].flatMap(Refusal.init(rawValue:)).map { $0.sentence(rules[i]) }
                    ?? Verdict.sentence(value: values[i] ?? 0, price: prices[i] ?? 0, chosen: best)
                    + (rules[i].map { " Only on some of the days: the rule is \($0)." } ?? ""),
                value: values[i], price: prices[i])
        }
        let none = WhyNotAnswer.Option(
            sentence: "The strategy does not use this channel, or no objective has content for it.", value: nil,
            price: nil)
        return WhyNotAnswer(
            hcpID: hcp, channel: channel.rawValue, planned: planned.isEmpty ? nil : planned.joined(separator: ", "),
            options: options.isEmpty ? [none] : options)
    }
}

/// What stands between an allowed action and the plan.
enum Verdict {
    static func sentence(value: Double, price: Double, chosen: (name: String, net: Double)?) -> String {
        let net = value - price
        let cost = price > 0.005 ? " after a price of \(price.formatted3) for the limits that it uses" : ""
        guard let chosen else {
            return net > 0
                ? "Worth \(net.formatted3)\(cost), but those resources do more elsewhere."
                : "Worth \(net.formatted3)\(cost): less than no touch."
        }
        let gap = chosen.net - net
        let other = Channel(rawValue: chosen.name)?.title ?? chosen.name
        return gap >= 0
            ? "Worth \(gap.formatted3) less than the planned \(other.lowercased())\(cost)."
            : "Worth \((-gap).formatted3) more than the planned \(other.lowercased())\(cost), which was drawn to learn from or kept to hold a limit."
    }
}
