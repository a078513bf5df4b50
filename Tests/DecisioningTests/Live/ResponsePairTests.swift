import Foundation
import Testing

@testable import Decisioning

/// What a draw from one model's posterior does to another model's word.
@Suite struct ResponsePairTests {
    private func logit(_ p: Float) -> Float { log(p / (1 - p)) }

    @Test func logOddsMoveByAsMuch() {
        let trees = ResponsePair(reach: 0.9, engage: 0.05)
        let (start, end) = (ResponsePair(reach: 0.6, engage: 0.3), ResponsePair(reach: 0.7, engage: 0.1))
        let moved = trees.moved(from: start, to: end)
        #expect(abs(logit(moved.reach) - logit(0.9) - (logit(0.7) - logit(0.6))) < 1e-4)
        #expect(abs(logit(moved.engage) - logit(0.05) - (logit(0.1) - logit(0.3))) < 1e-4)
        // Without a move they stay, and the way back leads back.
        let same = trees.moved(from: start, to: start)
        #expect(abs(same.reach - 0.9) < 1e-6 && abs(same.engage - 0.05) < 1e-6)
        let back = moved.moved(from: end, to: start)
        #expect(abs(back.reach - 0.9) < 1e-5 && abs(back.engage - 0.05) < 1e-5)
        // Certainties stay probabilities.
        let sure = ResponsePair(reach: 1, engage: 0).moved(from: start, to: end)
        #expect(sure.reach > 0.999 && sure.reach <= 1 && sure.engage >= 0 && sure.engage < 1e-3)
    }
}
