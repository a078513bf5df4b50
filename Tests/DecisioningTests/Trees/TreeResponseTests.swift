import Decisioning
import EngagementModel
import Foundation
import Statistics
import Testing

/// The batch challenger on a market whose truth is known.
@Suite struct TreeResponseTests {
    @Test func treesPredictTheNextPeriodAndExplainThemselves() throws {
        let market = try ResponseBenchmark(hcps: 800, touchesPerHCP: 60, seed: 11).market()
        let library = try TreeModelTests.library()
        var options = TreeOptions()
        options.rounds = 60
        options.leaves = 15
        let (model, rows) = try TreeResponse.learn(market.input, options: options, library: library)
        // Judged on the last four weeks, which the trees had not seen.
        for channel in [Channel.inPerson, .email] {
            let row = try #require(rows.first { $0.step == .reached && $0.channel == channel })
            #expect(row.score.auc > 0.58, "\(channel) \(row.score.auc)")
            #expect(row.score.logLoss < row.score.baseLogLoss, "\(channel)")
            #expect(row.score.ece < 0.08, "\(channel) \(row.score.ece)")
        }

        let actions = [ResponseAction(channel: .phone), ResponseAction(channel: .email)]
        let scorer = TreeScorer(model: model, input: market.input, actions: actions)
        let scores = try scorer.score(0..<800)
        #expect(scores.reach.count == 1600 && scores.reach.allSatisfy { $0 > 0 && $0 < 1 })
        // Near what the online model says of the same people: both saw the same facts.
        var online = ResponseModel()
        _ = online.learn(market.input)
        let other = ResponseScorer(model: online, input: market.input, actions: actions).score(0..<800)
        let mine = scores.reach.map { Special.logit(Double($0)) }
        let theirs = other.reach.map { Special.logit(Double($0)) }
        #expect(Self.correlation(mine, theirs) > 0.5)

        // Stored and read, the same bits; a range at a time, the same bits.
        let again = TreeScorer(
            model: try TreeResponse(decoding: model.encoded(), library: library), input: market.input, actions: actions)
        #expect(try again.score(0..<800).engage == scores.engage)
        #expect(try scorer.score(300..<310).reach == Array(scores.reach[600..<620]))

        #expect { try TreeResponse(decoding: [1, 2, 3], library: library) } throws: { error in
            (error as? Diagnostic)?.code == "model_damaged"
        }
    }

    private static func correlation(_ x: [Double], _ y: [Double]) -> Double {
        let n = Double(x.count)
        let (a, b) = (x.reduce(0, +) / n, y.reduce(0, +) / n)
        let top = zip(x, y).reduce(0) { $0 + ($1.0 - a) * ($1.1 - b) }
        let left = x.reduce(0) { $0 + ($1 - a) * ($1 - a) }
        let right = y.reduce(0) { $0 + ($1 - b) * ($1 - b) }
        return top / (left * right).squareRoot()
    }
}
