import Decisioning
import EngagementModel
import Testing

@Suite struct ResponseScoringTests {
    @Test func aTraceReplaysTheScoreBitForBit() throws {
        let market = try ResponseBenchmark(hcps: 300, touchesPerHCP: 40, seed: 3).market()
        var model = ResponseModel()
        _ = model.learn(market.input)
        let actions = (0..<12).map {
            ResponseAction(channel: ResponseBenchmark.channels[$0 % 6], content: $0 % 4 == 0 ? nil : $0)
        }
        let scorer = ResponseScorer(model: model, input: market.input, actions: actions)
        let scores = scorer.score(100..<200)
        for hcp in stride(from: 100, to: 200, by: 7) {
            for a in actions.indices {
                let k = (hcp - 100) * actions.count + a
                let trace = scorer.trace(hcp: hcp, action: a)
                let (reach, engage) = (trace.reach.replay(), trace.engage.replay())
                #expect(reach.probability == scores.reach[k] && reach.sd == scores.reachSD[k])
                #expect(engage.probability == scores.engage[k] && engage.sd == scores.engageSD[k])
            }
        }
    }

    @Test func scoresDoNotDependOnTheRangeInWhichTheyAreAsked() throws {
        let market = try ResponseBenchmark(hcps: 100, touchesPerHCP: 20, seed: 4).market()
        var model = ResponseModel()
        _ = model.learn(market.input)
        let scorer = ResponseScorer(
            model: model, input: market.input, actions: [ResponseAction(channel: .email, content: 2)])
        let whole = scorer.score(0..<100).reach
        let parts = scorer.score(0..<37).reach + scorer.score(37..<100).reach
        #expect(whole == parts)
    }

    @Test func aLikedTopicScoresHigherThanOthers() throws {
        let market = try ResponseBenchmark(hcps: 2000, touchesPerHCP: 150, seed: 5).market()
        var model = ResponseModel()
        _ = model.learn(market.input)
        let actions = (0..<8).map { ResponseAction(channel: .emailRep, content: $0) }
        let scores = ResponseScorer(model: model, input: market.input, actions: actions).score(0..<2000)
        // The truth: each HCP likes one of eight topics; find it by its own probabilities in the market.
        var hits = 0
        for hcp in 0..<2000 {
            let best = (0..<8).max { scores.engage[hcp * 8 + $0] < scores.engage[hcp * 8 + $1] }
            let rows = market.input.touches.hcp.indices[(hcp * 150)..<((hcp + 1) * 150)]
            let same = rows.filter { market.input.touches.channel[$0] == Channel.email.code }
            let liked = same.max { market.engage[$0] < market.engage[$1] }.map { market.input.touches.content[$0] % 8 }
            if let best, let liked, Int32(best) == liked { hits += 1 }
        }
        #expect(hits > 550, "found the taste of \(hits) of 2,000; chance would be 250")
    }

    @Test func benchmarkReportsRowsASecond() throws {
        let figures = try ResponseBenchmark(hcps: 2000, touchesPerHCP: 50, seed: 6).run()
        #expect(figures.rows == 100_000)
        #expect(figures.learnRowsPerSecond > 0 && figures.candidatesPerSecond > 0)
        print("response:", figures)
    }
}
