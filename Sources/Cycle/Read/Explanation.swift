public import EngagementModel
internal import Ledger
internal import Warehouse

/// Why a decision was made: everything from its record.
public struct Explanation: Sendable, Codable {
    public var decision: Decision
    public var reasons: [String]
    public var alternatives: [Alternative]
    public var refusals: [String: Int]
    public var events: [Event]
    /// What the expected effect adds up from; only when asked for.
    public var contributions: Contributions?

    /// Parts that add up to the score, recomputed from the record and equal to it.
    public struct Contributions: Sendable, Codable {
        public struct Part: Sendable, Codable {
            public var name: String
            public var reachLogOdds: Double
            public var engageLogOdds: Double
            /// Units of the outcome, and currency.
            public var effect: Double
            public var value: Double
        }

        /// Where everybody starts on the channel.
        public var base: Part
        public var parts: [Part]
        public var cost: Double
        public var effect: Double
        public var value: Double

        func rendered() -> String {
            var rows = [["What adds up", "log odds reached", "log odds engaged", "effect", "value"]]
            for part in [base] + parts {
                let name = part.name == "base" ? "where everybody starts" : part.name
                rows.append(
                    [name] + [part.reachLogOdds, part.engageLogOdds, part.effect, part.value].map(\.formatted3))
            }
            rows.append(["cost", "", "", "", cost.formatted3])
            rows.append(["together", "", "", effect.formatted3, value.formatted3])
            return TextColumns.rendered(rows)
                + "Effect and value are Shapley values over the groups; log odds are sums of the model's terms, or "
                + "the Shapley values of released trees.\n"
        }
    }

    /// Another action for the same HCP and what stood between.
    public struct Alternative: Sendable, Codable {
        public var channel: String
        public var product: String?
        public var content: String?
        public var value: Double
        public var price: Double
        public var sentence: String
    }

    public struct Event: Sendable, Codable {
        public var kind: String
        public var actor: String
        /// Microseconds since 1970, UTC.
        public var at: Int64
        public var cause: String?
    }

    public func rendered() -> String {
        let d = decision
        var text = "Decision \(d.decisionID) of run \(d.runID), as of \(d.asOf)\n"
        if let day = d.day, let channel = d.channel {
            text += "  \(channel.title) to \(d.hcpID) on \(day)"
            if let hour = d.hour { text += " at \(hour):00" }
            text += " by \(d.sender ?? "–")\n"
        } else {
            text += "  No touch for \(d.hcpID)\n"
        }
        text +=
            "  Expected effect \(d.expectedEffect.formatted3) (\(d.effectLow.formatted3) to \(d.effectHigh.formatted3))"
            + " on \(d.objective ?? "–"); value \(d.value.formatted3), price of what it uses \(d.price.formatted3)\n"
        text += "  Arm \(d.arm.rawValue), propensity \(d.propensity.formatted3), status \(d.status.rawValue)\n"
        if !reasons.isEmpty {
            text += "Because\n"
            for reason in reasons { text += "  - \(reason)\n" }
        }
        if let contributions { text += contributions.rendered() }
        if !alternatives.isEmpty {
            text += "Instead of\n"
            for other in alternatives {
                let what = [other.product, other.content].compactMap { $0 }.joined(separator: ", ")
                text += "  - \(other.channel)\(what.isEmpty ? "" : " (\(what))"): \(other.sentence)\n"
            }
        }
        if !refusals.isEmpty {
            text += "Refused actions: "
            text +=
                refusals.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.key) \($0.value)" }
                .joined(separator: ", ") + "\n"
        }
        return text
    }
}

extension DecisionBook {
    /// - Parameter contributions: also what the score adds up from; reads the whole record of the run.
    public func explain(_ decisionID: String, contributions: Bool = false) async throws -> Explanation {
        guard let found = try await ledger.decision(decisionID)?.decision else {
            throw Diagnostic(
                "unknown_decision", "no decision has that id", remedy: "`rapport decisions` prints the ids")
        }
        let events = try await ledger.events(of: decisionID).map {
            Explanation.Event(kind: $0.kind.rawValue, actor: $0.actor, at: $0.at, cause: $0.cause)
        }
        var result = Explanation(
            decision: found, reasons: [found.reason1, found.reason2, found.reason3].compactMap { $0 }, alternatives: [],
            refusals: [:], events: events)
        if contributions { result.contributions = try await self.contributions(found) }
        let connection = try snapshot()
        let run = try await connection.query("SELECT run_id FROM plan.run").texts("run_id")
        // The candidate table is the newest run's; older decisions keep the reasons in their own record.
        guard run.first == found.runID else { return result }
        let table = try await connection.query(
            """
            SELECT a.channel, a.product_id, c.content_id, c.refusal, c.value, c.price
            FROM plan.candidate AS c JOIN plan.action AS a ON a.action_no = c.action_no
            JOIN mart.hcp AS h ON h.hcp_no = c.hcp_no
            WHERE h.hcp_id = ? ORDER BY c.value - c.price DESC, a.action_no
            """, [.text(found.hcpID)])
        let channels = try table.texts("channel")
        let products = try table.strings("product_id")
        let contents = try table.strings("content_id")
        let refusals = try table.strings("refusal")
        let values = try table.doubles("value")
        let prices = try table.doubles("price")
        for i in channels.indices {
            if let refusal = refusals[i] {
                result.refusals[refusal, default: 0] += 1
            } else if channels[i] != found.channel?.rawValue || products[i] != found.productID {
                guard result.alternatives.count < 3 else { continue }
                result.alternatives.append(
                    Explanation.Alternative(
                        channel: channels[i], product: products[i], content: contents[i], value: values[i],
                        price: prices[i],
                        sentence: Verdict.sentence(
                            value: values[i], price: prices[i],
                            chosen: found.channel.map { ($0.rawValue, found.value - found.price) })))
            }
        }
        return result
    }
}
