import Foundation
import Statistics

/// The average effect of a treatment that was not assigned at random, from rows on which both choices were possible.
package struct TreatmentEffect: Sendable {
    package var value: Double
    package var standardError: Double
    /// Mean outcome if all were treated, and if none were.
    package var treatedMean: Double
    package var controlMean: Double
    /// Rows left out because one of the choices was all but certain.
    package var trimmed: Int
    package var overlap: Overlap
    /// How strongly a hidden confounder would have to be tied to both treatment and outcome, as a risk ratio, to explain
    /// the effect away; and its interval's end nearer to no effect (1: the interval holds no effect).
    package var eValue: Double
    package var eValueOfInterval: Double
    /// Rows on which the estimate rests.
    package var rows: [Int]
    /// Doubly robust scores of these rows.
    package var scores: [Double]
    /// Chances of treatment of all rows.
    package var propensity: [Double]

    /// How alike treated and untreated rows are.
    package struct Overlap: Sendable {
        package var lowest: Double
        package var highest: Double
        /// Share of rows whose chance of treatment lies between 0.1 and 0.9.
        package var inCommonRange: Double
        /// How well the chance of treatment tells the treated from the untreated: 0.5 not at all, 1 completely.
        package var separation: Double
        /// Kish's effective sizes of the two weighted groups.
        package var effectiveTreated: Double
        package var effectiveControl: Double
    }

    /// - Parameter trim: rows with a chance of treatment below it or above one minus it are left out.
    package init(
        _ design: DesignColumns, treated: [Bool], outcomes: [Double], folds: Int = 5, trim: Double = 0.01,
        seed: UInt64
    ) {
        let cross = CrossFit(design, treated: treated, outcomes: outcomes, folds: folds, seed: seed)
        let kept = treated.indices.filter { cross.propensity[$0] >= trim && cross.propensity[$0] <= 1 - trim }
        let all = cross.scores(treated: treated, outcomes: outcomes, clip: max(trim, 1e-6))
        rows = kept
        scores = kept.map { all[$0] }
        propensity = cross.propensity
        trimmed = treated.count - kept.count
        (value, standardError) = kept.isEmpty ? (.nan, .nan) : UpliftPredictions.mean(scores)
        var (one, none) = (0.0, 0.0)
        var weights = ((0.0, 0.0), (0.0, 0.0))
        for row in kept {
            let e = cross.propensity[row]
            one += cross.treatedMean[row] + (treated[row] ? (outcomes[row] - cross.treatedMean[row]) / e : 0)
            none += cross.controlMean[row] + (treated[row] ? 0 : (outcomes[row] - cross.controlMean[row]) / (1 - e))
            if treated[row] {
                weights.0.0 += 1 / e
                weights.0.1 += 1 / (e * e)
            } else {
                weights.1.0 += 1 / (1 - e)
                weights.1.1 += 1 / ((1 - e) * (1 - e))
            }
        }
        let n = Double(max(kept.count, 1))
        (treatedMean, controlMean) = (one / n, none / n)
        let score = ProbabilityScore(probabilities: cross.propensity, outcomes: treated)
        overlap = Overlap(
            lowest: cross.propensity.min() ?? 0, highest: cross.propensity.max() ?? 0,
            inCommonRange: Double(cross.propensity.count { $0 >= 0.1 && $0 <= 0.9 })
                / Double(max(cross.propensity.count, 1)),
            separation: score.auc,
            effectiveTreated: weights.0.1 > 0 ? weights.0.0 * weights.0.0 / weights.0.1 : 0,
            effectiveControl: weights.1.1 > 0 ? weights.1.0 * weights.1.0 / weights.1.1 : 0)
        let z = Special.normalQuantile(0.975)
        let mean = outcomes.reduce(0) { $0 + $1 / Double(outcomes.count) }
        let deviation = outcomes.reduce(0) { $0 + ($1 - mean) * ($1 - mean) / Double(outcomes.count) }.squareRoot()
        let base = controlMean
        let isBinary = cross.isBinary
        /// VanderWeele and Ding (2017): for means by the approximation exp(0.91 d).
        func ratio(_ effect: Double) -> Double {
            isBinary && base > 0 ? max((base + effect) / base, 1e-9) : exp(0.91 * effect / max(deviation, 1e-300))
        }
        eValue = Self.eValue(ratio(value))
        let near = value >= 0 ? value - z * standardError : value + z * standardError
        eValueOfInterval = near * value <= 0 ? 1 : Self.eValue(ratio(near))
    }

    /// RR + √(RR·(RR − 1)) for a risk ratio above one, of its inverse for one below.
    ///
    /// Source: VanderWeele and Ding, "Sensitivity analysis in observational research: introducing the E-value" (Annals
    /// of Internal Medicine, 2017).
    package static func eValue(_ riskRatio: Double) -> Double {
        let ratio = riskRatio < 1 ? 1 / riskRatio : riskRatio
        return ratio + (ratio * (ratio - 1)).squareRoot()
    }
}
