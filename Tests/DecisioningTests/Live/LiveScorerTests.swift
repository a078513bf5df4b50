import Decisioning
import EngagementModel
import Testing

@Suite struct LiveScorerTests {
    static let day: Int64 = 86_400_000_000
    static let actions =
        (0..<8).map { ResponseAction(channel: .email, content: $0) }
        + (0..<8).map { ResponseAction(channel: .emailRep, content: $0) } + [ResponseAction(channel: .phone)]

    private struct Case {
        let input: ResponseInput
        let model: ResponseModel
        let outcome: OutcomeModel
        let terms: [ValueTerms]
        var scorer: LiveScorer {
            LiveScorer(
                model: model, outcomes: [outcome], actions: LiveScorerTests.actions, terms: terms,
                contents: input.contents, reps: input.reps, hcps: input.hcps)
        }

        init() throws {
            let market = try ResponseBenchmark(hcps: 200, touchesPerHCP: 60, seed: 21).market()
            input = market.input
            var learnt = ResponseModel()
            _ = learnt.learn(market.input)
            model = learnt
            outcome = OutcomeModel(volumes: VolumeColumns(), touches: market.input, lastMonth: 600)
            terms = LiveScorerTests.actions.map { _ in ValueTerms(objective: 0, valuePerUnit: 40, cost: 2) }
        }

        func history(_ hcp: Int) -> TouchColumns {
            let rows = input.touches.hcp.indices.filter { input.touches.hcp[$0] == Int32(hcp) }
            let t = input.touches
            return TouchColumns(
                hcp: rows.map { t.hcp[$0] }, time: rows.map { t.time[$0] }, channel: rows.map { t.channel[$0] },
                level: rows.map { t.level[$0] }, flags: rows.map { t.flags[$0] }, content: rows.map { t.content[$0] },
                rep: rows.map { t.rep[$0] }, product: rows.map { t.product[$0] })
        }
    }

    @Test func withoutNewsTheScoresAreThoseOfTheRunBitForBit() throws {
        let example = try Case()
        let whole = CandidateScorer(
            response: ResponseScorer(model: example.model, input: example.input, actions: Self.actions),
            outcomes: [example.outcome], terms: example.terms
        ).score(0..<200)
        for hcp in [0, 17, 199] {
            let alone = try example.scorer.score(
                hcp: hcp, history: example.history(hcp), live: [], now: example.input.asOf, planned: example.input.asOf)
            for a in Self.actions.indices { #expect(alone[a] == whole.score(hcp: hcp, action: a)) }
        }
    }

    @Test func anEngagementRaisesTheTopicAndATouchTires() throws {
        let example = try Case()
        let now = example.input.asOf + Self.day
        var raised = 0
        for hcp in 0..<40 {
            let history = example.history(hcp)
            let before = try example.scorer.score(hcp: hcp, history: history, live: [], now: now, planned: now)
            func after(_ level: ResponseLevel) throws -> [CandidateScore] {
                let touch = LiveTouch(
                    time: now - 3_600_000_000, channel: .emailRep, level: level, isPull: false, content: 3)
                return try example.scorer.score(hcp: hcp, history: history, live: [touch], now: now, planned: now)
            }
            let (engaged, silent) = (try after(.engaged), try after(.none))
            #expect(engaged != before && silent != before && engaged != silent)
            // The same touch, answered or not: the topic of content 3 gains against another topic on the same channel.
            let gain = engaged[8 + 3].engage / engaged[8 + 4].engage
            let rest = silent[8 + 3].engage / silent[8 + 4].engage
            if gain > rest { raised += 1 }
        }
        #expect(raised >= 36, "\(raised) of 40")
    }

    @Test func anAnswerToATouchOnFileIsNoSecondTouch() throws {
        let example = try Case()
        let now = example.input.asOf + 1
        var history = example.history(5)
        let last = try #require(history.time.indices.last)
        history.level[last] = 0
        history.flags[last] = 0
        let touch = LiveTouch(
            time: history.time[last] + 60_000_000, channel: try #require(Channel(code: history.channel[last])),
            level: .engaged, isPull: false, content: history.content[last])
        let merged = try example.scorer.score(hcp: 5, history: history, live: [touch], now: now, planned: now)
        var known = history
        known.level[last] = ResponseLevel.engaged.code
        known.flags[last] = TouchFlag.known
        let counted = try example.scorer.score(hcp: 5, history: known, live: [], now: now, planned: now)
        #expect(merged == counted)
    }
}
