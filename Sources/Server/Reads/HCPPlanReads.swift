import EngagementModel
import Ledger
import Warehouse

extension HCPReads {
    /// What is planned for the HCP by any team, from the ledger; the reasons for leaving the HCP alone when nothing is.
    func plan(_ hcpID: String, _ no: SQLValue) async throws -> [PlannedTouch] {
        let facts = snapshot.facts
        guard facts.stamp != nil else { return [] }
        let today = TodayReads.today(clock: context.now(), asOf: facts.asOf)
        let found = try await context.ledger.decisions(ofHCP: hcpID, from: min(today, facts.asOf + 1))
        let touches = found.compactMap { entry -> PlannedTouch? in
            let decision = entry.decision
            // The firewall: what medical plans stays with medical.
            guard decision.channel != nil, decision.purpose != .medical || identity.role.seesMedicalContacts
            else { return nil }
            let content = entry.dueContentID ?? decision.contentID
            let sender = decision.sender ?? "system"
            return PlannedTouch(
                decisionID: decision.decisionID, day: entry.dueDay ?? decision.day,
                hour: entry.dueHour ?? decision.hour, channel: decision.channel,
                title: content.map { facts.contents[$0]?.title ?? $0 },
                sender: sender == "system" ? sender : facts.reps[sender]?.name ?? sender,
                effect: EffectEstimate(decision), value: decision.value, reasons: decision.reasons,
                status: decision.status)
        }
        if !touches.isEmpty { return touches }
        guard let table = try await snapshot.rows("hcp-no-touch", [no]), table.rowCount > 0 else { return [] }
        let reasons = try ["reason_1", "reason_2", "reason_3"].compactMap { try table.strings($0)[0] }
        return [
            PlannedTouch(
                decisionID: "", day: nil, channel: nil, sender: "system",
                effect: EffectEstimate(expected: 0, low: 0, high: 0, measure: ""), value: 0, reasons: reasons)
        ]
    }

    /// Answers "why not this channel, this content?" from the candidates of the plan.
    func whyNot(_ no: SQLValue, _ question: FormFields, _ plan: [PlannedTouch]) async throws -> WhyNot {
        let facts = snapshot.facts
        var answer = WhyNot()
        answer.channels = Channel.allCases.filter { channel in facts.actions.values.contains { $0.channel == channel } }
        answer.contents = facts.contents(on: nil)
        answer.channel = question["why_channel"].flatMap(Channel.init(rawValue:))
        answer.contentID = question["why_content"].map { String($0.prefix(200)) }
        answer.wasAsked = question["why"] != nil
        guard answer.wasAsked, let table = try await snapshot.rows("hcp-candidates", [no]) else { return answer }
        let planned = Set(plan.compactMap { touch in touch.channel.map { "\($0.rawValue) \(touch.title ?? "")" } })
        if let best = plan.filter({ $0.channel != nil }).max(by: { $0.value < $1.value }), let channel = best.channel {
            answer.chosen = .init(
                title: [channel.title, best.title].compactMap { $0 }.joined(separator: ", "), value: best.value)
        }
        let (numbers, contents) = (try table.int32s("action_no"), try table.strings("content_id"))
        let refusals = try table.strings("refusal")
        let (effects, lows) = (try table.doubles("effect"), try table.doubles("effect_low"))
        let (highs, values) = (try table.doubles("effect_high"), try table.doubles("value"))
        let prices = try table.doubles("price")
        answer.answers = numbers.indices.compactMap { row -> WhyNot.Answer? in
            // An action without a content that fits answers for every content.
            guard let action = facts.actions[numbers[row]],
                answer.channel == nil || action.channel == answer.channel,
                answer.contentID == nil || contents[row] == nil || contents[row] == answer.contentID
            else { return nil }
            let title = contents[row].map { facts.contents[$0]?.title ?? $0 } ?? facts.brand(action.productID)
            let measure = action.objective?.split(separator: " ").last.map { Format.label(String($0)).lowercased() }
            return WhyNot.Answer(
                channel: action.channel, title: title ?? "conversation",
                refusal: refusals[row].flatMap(Refusal.init(rawValue:)),
                value: values[row].isFinite ? values[row] : 0, price: prices[row].isFinite ? prices[row] : 0,
                effect: EffectEstimate(
                    expected: effects[row], low: lows[row], high: highs[row], measure: measure ?? "units"),
                isPlanned: planned.contains("\(action.channel.rawValue) \(title ?? "")"))
        }
        // Best first, refused last: the first line is the answer, the others its context.
        answer.answers.sort { a, b in
            if (a.refusal == nil) != (b.refusal == nil) { return a.refusal == nil }
            return a.value - a.price > b.value - b.price
        }
        answer.answers = Array(answer.answers.prefix(12))
        return answer
    }
}
