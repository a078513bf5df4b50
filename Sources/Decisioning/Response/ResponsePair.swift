import Foundation

/// P(reached) and P(engaged | reached) of one candidate.
package struct ResponsePair: Sendable, Hashable {
    package var reach: Float
    package var engage: Float

    package init(reach: Float, engage: Float) {
        self.reach = reach
        self.engage = engage
    }

    /// These chances, their log odds moved by as much as another model's moved.
    ///
    /// Released trees know no doubt of their own; a draw from the online model's posterior moves them as it moves the
    /// online model's word on the same candidate, so that what draws share across candidates stays shared.
    package func moved(from start: ResponsePair, to end: ResponsePair) -> ResponsePair {
        func moved(_ p: Float, _ a: Float, _ b: Float) -> Float {
            LogitParts.sigmoid(Self.logit(p) + Self.logit(b) - Self.logit(a))
        }
        return ResponsePair(
            reach: moved(reach, start.reach, end.reach), engage: moved(engage, start.engage, end.engage))
    }

    private static func logit(_ p: Float) -> Float {
        let inside = min(max(p, 1e-7), 1 - 1e-7)
        return log(inside / (1 - inside))
    }
}

extension ResponseScores {
    package func pair(hcp: Int, action: Int) -> ResponsePair {
        let place = (hcp - hcps.lowerBound) * actions + action
        return ResponsePair(reach: reach[place], engage: engage[place])
    }

    package mutating func set(_ pair: ResponsePair, hcp: Int, action: Int) {
        let place = (hcp - hcps.lowerBound) * actions + action
        (reach[place], engage[place]) = (pair.reach, pair.engage)
    }
}
