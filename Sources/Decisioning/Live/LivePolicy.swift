import Foundation
package import Statistics

/// The plan's policy for one HCP at one moment: soft, priced, with known propensities.
///
/// Over {no touch} ∪ allowed candidates the chance of a choice is
/// `(1 − ε) · exp(net / τ) / Σ exp(net / τ) + ε / n`, with net = value − price, and 0 for no touch: the soft policy of
/// a plan (docs/decisioning.md, one day of it) with its exploration floor. A ranking draws again without what was drawn
/// before, until nothing is drawn or the list is full; each place carries its exact conditional probability.
package struct LivePolicy: Sendable, Hashable {
    /// Currency per nat; 0 = the best, ties by position.
    package var temperature: Double
    /// Share of choices that are drawn evenly.
    package var floor: Double

    package init(temperature: Double, floor: Double) {
        self.temperature = max(0, temperature)
        self.floor = min(1, max(0, floor))
    }

    /// One place of a ranking.
    package struct Pick: Sendable, Hashable {
        /// Position among the candidates.
        package var candidate: Int
        /// Probability of this candidate at this place, given the places before it.
        package var propensity: Double

        package init(candidate: Int, propensity: Double) {
            self.candidate = candidate
            self.propensity = propensity
        }
    }

    package struct Ranking: Sendable, Hashable {
        package var picks: [Pick]
        /// Probability that nothing at all is proposed.
        package var noTouch: Double

        package init(picks: [Pick] = [], noTouch: Double = 1) {
            self.picks = picks
            self.noTouch = noTouch
        }
    }

    /// Draws a ranking of at most `limit` candidates.
    ///
    /// - Parameter nets: value − price of the allowed candidates, finite.
    package func rank(nets: [Double], limit: Int, using generator: inout SeededGenerator) -> Ranking {
        var result = Ranking()
        var open = Array(nets.indices)
        var chances: [Double] = []
        chances.reserveCapacity(nets.count + 1)
        repeat {
            probabilities(nets, open, into: &chances)
            if result.picks.isEmpty { result.noTouch = chances[open.count] }
            guard result.picks.count < limit else { break }
            let drawn = Self.draw(chances, generator.uniform())
            guard drawn < open.count else { break }
            result.picks.append(Pick(candidate: open[drawn], propensity: chances[drawn]))
            open.remove(at: drawn)
        } while true
        return result
    }

    /// Probabilities of the candidates in `open`, then of no touch.
    package func probabilities(nets: [Double]) -> [Double] {
        var chances: [Double] = []
        probabilities(nets, Array(nets.indices), into: &chances)
        return chances
    }

    private func probabilities(_ nets: [Double], _ open: [Int], into chances: inout [Double]) {
        chances.removeAll(keepingCapacity: true)
        var top = 0.0
        for k in open { top = max(top, nets[k]) }
        let even = floor / Double(open.count + 1)
        guard temperature > 0 else {
            // The first of equals; no touch only when nothing is worth its price.
            let best = top > 0 ? open.firstIndex { nets[$0] == top } ?? open.count : open.count
            for position in 0...open.count { chances.append(even + (position == best ? 1 - floor : 0)) }
            return
        }
        var sum = Self.power(-top, temperature)
        for k in open {
            let weight = Self.power(nets[k] - top, temperature)
            chances.append(weight)
            sum += weight
        }
        chances.append(Self.power(-top, temperature))
        for position in chances.indices { chances[position] = even + (1 - floor) * chances[position] / sum }
    }

    private static func power(_ difference: Double, _ temperature: Double) -> Double {
        exp(difference / temperature)
    }

    /// The position whose share of [0, 1) holds `u`; rounding leaves the last one the rest.
    private static func draw(_ chances: [Double], _ u: Double) -> Int {
        var sum = 0.0
        for (position, chance) in chances.enumerated() {
            sum += chance
            if u < sum { return position }
        }
        return chances.count - 1
    }
}
