import Foundation
import Insight
import Statistics
import Testing

@Suite struct SegmentedTimingTests {
    @Test func segmentsThatDifferKeepTheirOwnAndThinOnesFallBack() throws {
        // Segment 0 orders often, segment 1 rarely, segment 2 is five customers.
        var histories = PurchaseHistories(frequency: [], recency: [], age: [])
        var (segments, later) = ([Int32](), [Double]())
        for (segment, count, alpha) in [(0, 1500, 3.0), (1, 1500, 15.0), (2, 5, 6.0)] {
            let (part, ahead) = TimingFixtures.simulate(
                count: count, age: 52, ahead: 26, seed: UInt64(segment + 40)
            ) { generator, end in
                TimingFixtures.purchases(
                    r: 3, alpha: alpha, a: 0.8, b: 4, k: 1, dropoutAtZero: true, until: end, &generator)
            }
            histories.frequency += part.frequency
            histories.recency += part.recency
            histories.age += part.age
            segments += [Int32](repeating: Int32(segment), count: count)
            later += ahead
        }
        let market = try TimingFit.fit(.mbgnbd, histories)
        let model = try SegmentedTiming(market, histories, segmentOf: segments, segmentCount: 3)
        #expect(model.segments[0] != nil && model.segments[1] != nil && model.segments[2] == nil)
        let mean = try #require(model.segments[0]?.parameters)
        #expect(abs(mean[0] / mean[1] - 1) < 0.15)
        let own = model.outlook(histories, horizon: 26)
        let pooled = PurchaseOutlook.make(market, DistinctHistories(histories), horizon: 26)
        func error(_ outlook: PurchaseOutlook) -> Double {
            later.indices.reduce(0.0) { $0 + (outlook.expected[$1] - later[$1]).magnitude }
        }
        #expect(error(own) < error(pooled))
        #expect(own.expected[3002] == pooled.expected[3002])
    }

    @Test func equalSegmentsShareTheMarket() throws {
        let histories = try TimingFixtures.cdnow()
        let market = try TimingFit.fit(.bgnbd, histories)
        #expect(abs(market.logLikelihood(of: histories) - market.logLikelihood) < 1e-6)
        let halves = histories.frequency.indices.map { Int32($0 % 2) }
        let model = try SegmentedTiming(market, histories, segmentOf: halves, segmentCount: 2)
        #expect(model.segments.allSatisfy { $0 == nil })
        let problem = #expect(throws: HistoryProblem.self) {
            try SegmentedTiming(market, histories, segmentOf: halves.map { $0 - 1 }, segmentCount: 2)
        }
        #expect(problem?.row == 0)
    }
}
