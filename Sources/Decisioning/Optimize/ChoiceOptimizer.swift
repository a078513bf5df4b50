import Foundation
import Statistics

package struct ChoiceOptions: Sendable {
    /// Of the soft policy from which choices are drawn, in units of value; 0 takes the best.
    package var temperature: Double
    package var seed: UInt64

    package init(temperature: Double = 0, seed: UInt64 = 1) {
        self.temperature = temperature
        self.seed = seed
    }
}

/// Chooses at most one candidate a group within shared limits and floors: entropic dual for the prices, rounding,
/// repair, and for small problems a search that proves the optimum.
package enum ChoiceOptimizer {
    /// Problems up to so many candidates are searched to the end, if so many nodes will do.
    private static let exactCandidates = 2_000
    private static let exactNodes = 200_000
    /// Draws of the whole procedure with which propensities are corrected for repair, in candidates.
    private static let drawBudget = 4_000_000

    package static func solve(_ given: ChoiceProblem, _ options: ChoiceOptions = ChoiceOptions()) -> ChoiceResult {
        let scaled = ScaledChoice(given)
        let sweep = ChoiceSweep(scaled)
        let temperature = options.temperature / scaled.valueScale
        let found = LimitPrices(sweep, temperature: temperature)
        let rounding = ChoiceRounding(scaled: scaled, sweep: sweep, prices: found.prices)
        var bound = found.bound
        var choice: [Int32]
        var isOptimal = false
        if temperature > 0 {
            choice = draw(scaled, sweep, found.softPrices, temperature, seed: options.seed, rounding).final
        } else {
            choice = rounding.finished(rounding.best())
            let isValid = scaled.problem.violations(choice).isEmpty
            if scaled.problem.candidateCount <= exactCandidates {
                let search = ExactChoice(
                    scaled, sweep, prices: found.prices, bound: bound, incumbent: isValid ? choice : nil,
                    nodes: exactNodes)
                if let better = search.best { choice = better }
                isOptimal = search.isComplete && (isValid || search.best != nil)
            }
        }
        let original = choice.map { $0 < 0 ? -1 : scaled.original[Int($0)] }
        let objective = given.value(original)
        // Rounded outwards: sums of many terms lose digits.
        bound = bound * scaled.valueScale
        bound += 1e-11 * abs(bound)
        if isOptimal { bound = min(bound, objective) }
        return ChoiceResult(
            choice: original,
            propensities: temperature > 0
                ? propensities(given, scaled, sweep, found.softPrices, temperature, options.seed, rounding)
                : certain(given, original),
            objective: objective, upperBound: max(bound, objective),
            prices: found.prices.indices.map { found.prices[$0] * scaled.valueScale / scaled.useScales[$0] },
            iterations: found.iterations, violations: given.violations(original), isOptimal: isOptimal)
    }

    /// The choice alone, without propensities.
    static func choice(_ given: ChoiceProblem, _ options: ChoiceOptions) -> [Int32] {
        let scaled = ScaledChoice(given)
        let sweep = ChoiceSweep(scaled)
        let temperature = options.temperature / scaled.valueScale
        let found = LimitPrices(sweep, temperature: temperature)
        let rounding = ChoiceRounding(scaled: scaled, sweep: sweep, prices: found.prices)
        let final =
            temperature > 0
            ? draw(scaled, sweep, found.softPrices, temperature, seed: options.seed, rounding).final
            : rounding.finished(rounding.best())
        return final.map { $0 < 0 ? -1 : scaled.original[Int($0)] }
    }

    private static func certain(_ given: ChoiceProblem, _ choice: [Int32]) -> [Double] {
        var result = [Double](repeating: 0, count: given.candidateCount)
        for candidate in choice where candidate >= 0 { result[Int(candidate)] = 1 }
        return result
    }

    /// Probabilities of a group's candidates under the soft policy; what is missing to one is the chance of none.
    private static func soft(
        _ scaled: ScaledChoice, _ sweep: ChoiceSweep, _ prices: [Double], _ temperature: Double, _ group: Int
    ) -> [Double] {
        let scores = scaled.problem.candidates(group).map { sweep.score($0, prices) / temperature }
        let top = scores.reduce(0, max)
        let weights = scores.map { exp($0 - top) }
        let sum = weights.reduce(exp(-top), +)
        return weights.map { $0 / sum }
    }

    /// One draw of the soft policy and what repair makes of it. Every group has a stream of random numbers of its own.
    private static func draw(
        _ scaled: ScaledChoice, _ sweep: ChoiceSweep, _ prices: [Double], _ temperature: Double, seed: UInt64,
        _ rounding: ChoiceRounding
    ) -> (drawn: [Int32], final: [Int32]) {
        let drawn = (0..<scaled.problem.groupCount).map { group -> Int32 in
            var generator = SeededGenerator(seed: seed, stream: UInt64(group))
            var u = generator.uniform()
            for (place, p) in soft(scaled, sweep, prices, temperature, group).enumerated() {
                u -= p
                if u < 0 { return scaled.problem.groupStarts[group] + Int32(place) }
            }
            return -1
        }
        return (drawn, rounding.repaired(drawn))
    }

    /// The soft probability plus what repair adds on average, estimated over seeds: where repair never acts, the
    /// formula alone; in small problems, where it acts often, over many seeds.
    private static func propensities(
        _ given: ChoiceProblem, _ scaled: ScaledChoice, _ sweep: ChoiceSweep, _ prices: [Double],
        _ temperature: Double, _ seed: UInt64, _ rounding: ChoiceRounding
    ) -> [Double] {
        let problem = scaled.problem
        let draws = max(8, min(20_000, drawBudget / max(problem.candidateCount, 1)))
        let parts = min(16, draws)
        let shifts = Cores.map(parts) { part in
            var shift = [Int32](repeating: 0, count: problem.candidateCount)
            for number in (draws * part / parts)..<(draws * (part + 1) / parts) {
                let other = SeededGenerator.mix(seed &+ UInt64(number) &* 0x9E37_79B9_7F4A_7C15)
                let (drawn, final) = draw(scaled, sweep, prices, temperature, seed: other, rounding)
                for group in 0..<problem.groupCount where drawn[group] != final[group] {
                    if drawn[group] >= 0 { shift[Int(drawn[group])] -= 1 }
                    if final[group] >= 0 { shift[Int(final[group])] += 1 }
                }
            }
            return shift
        }
        var result = [Double](repeating: 0, count: given.candidateCount)
        for group in 0..<problem.groupCount {
            let probabilities = soft(scaled, sweep, prices, temperature, group)
            for (place, candidate) in problem.candidates(group).enumerated() {
                let shift = shifts.reduce(0) { $0 + Int($1[candidate]) }
                let p = probabilities[place] + Double(shift) / Double(draws)
                result[Int(scaled.original[candidate])] = min(max(p, 0), 1)
            }
        }
        return result
    }
}
