import EngagementModel
import Foundation
import Statistics

/// One linear model of texts with calibrated probabilities.
///
/// The regularisation is chosen, and the probabilities are calibrated, on texts that the fit did not see (inner
/// stratified cross-validation). Scores become probabilities by a softmax with one slope and a pull towards the
/// classes' shares (Guo and others 2017, "On calibration of modern neural networks", with a prior term).
package struct TextScorer: Sendable {
    package let cost: Double
    package let calibration: ScoreCalibration
    let features: TextFeatures
    let machine: LinearMachine

    package static let costs: [Double] = [0.1, 0.3, 1, 3]

    init(
        texts: [String], classes: [Int32], classCount: Int, kinds: [TextFeatures.Kind], meanings: TextMeanings?,
        innerFolds: Int, seed: UInt64
    ) throws {
        features = TextFeatures(texts, kinds: kinds, dimensions: meanings?.dimensions ?? 0)
        guard features.width > 0 else {
            throw Diagnostic(
                "empty_texts", "no text holds a letter or a digit", remedy: "name the column with the text")
        }
        let folds = StratifiedFolds.assign(classes, folds: innerFolds, seed: seed)
        let inner = Self.heldOut(texts, classes, classCount, kinds, meanings, folds, innerFolds, seed)
        let prior = Self.shares(classes, classCount)
        var best: (cost: Double, calibration: ScoreCalibration)?
        for (cost, scores) in zip(Self.costs, inner) {
            let fitted = ScoreCalibration.fit(scores, classes: classes, prior: prior)
            if fitted.loss < best?.calibration.loss ?? .infinity { best = (cost, fitted) }
        }
        (cost, calibration) = best ?? (1, ScoreCalibration(prior: prior))
        machine = LinearMachine(
            features.rows(texts, meanings), labels: classes, classes: classCount, cost: cost, seed: seed)
    }

    init(cost: Double, calibration: ScoreCalibration, features: TextFeatures, machine: LinearMachine) {
        (self.cost, self.calibration, self.features, self.machine) = (cost, calibration, features, machine)
    }

    /// Scores on the left-out part, for each cost. The terms are learned anew without it: a text with unknown terms has
    /// other scores than one whose terms are all known, and the calibration must see that.
    private static func heldOut(
        _ texts: [String], _ classes: [Int32], _ count: Int, _ kinds: [TextFeatures.Kind],
        _ meanings: TextMeanings?, _ folds: [Int], _ foldCount: Int, _ seed: UInt64
    ) -> [[Double]] {
        let parts = Cores.map(foldCount) { fold -> (rows: [Int], scores: [[Double]]) in
            let train = folds.indices.filter { folds[$0] != fold }
            let test = folds.indices.filter { folds[$0] == fold }
            let trainTexts = train.map { texts[$0] }
            let features = TextFeatures(trainTexts, kinds: kinds, dimensions: meanings?.dimensions ?? 0)
            let trainRows = features.rows(trainTexts, meanings)
            let testRows = features.rows(test.map { texts[$0] }, meanings)
            let trainClasses = train.map { classes[$0] }
            var machine: LinearMachine?
            let scores = costs.map { cost in
                let next = LinearMachine(
                    trainRows, labels: trainClasses, classes: count, cost: cost, seed: seed, start: machine)
                machine = next
                return next.scores(testRows)
            }
            return (test, scores)
        }
        return costs.indices.map { index in
            var all = [Double](repeating: 0, count: texts.count * count)
            for part in parts {
                for (i, row) in part.rows.enumerated() {
                    for c in 0..<count { all[row * count + c] = part.scores[index][i * count + c] }
                }
            }
            return all
        }
    }

    private static func shares(_ classes: [Int32], _ count: Int) -> [Double] {
        var result = [Double](repeating: 0.5, count: count)
        for c in classes { result[Int(c)] += 1 }
        let sum = result.reduce(0, +)
        return result.map { $0 / sum }
    }

    /// Probabilities of every class for every text, text after text; each text's sum to 1.
    func probabilities(_ texts: [String], _ meanings: TextMeanings?) -> [Double] {
        calibration.probabilities(machine.scores(features.rows(texts, meanings)))
    }
}
