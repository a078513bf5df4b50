import Statistics

/// Nuisance functions of an effect, each predicted for rows that its model has not seen: the chance of treatment and
/// the expected outcome with and without it.
///
/// Source: Chernozhukov and others, "Double/debiased machine learning" (Econometrics Journal, 2018). Folds keep the
/// share of treated rows; regressions have main effects, squares of numbers, and penalty 1.
package struct CrossFit: Sendable {
    package var folds: [[Int]]
    package var propensity: [Double]
    package var treatedMean: [Double]
    package var controlMean: [Double]
    package let isBinary: Bool

    package init(_ design: DesignColumns, treated: [Bool], outcomes: [Double], folds count: Int, seed: UInt64) {
        let n = treated.count
        isBinary = outcomes.allSatisfy { $0 == 0 || $0 == 1 }
        folds = Self.folds(treated, count: count, seed: seed)
        propensity = Array(repeating: 0, count: n)
        (treatedMean, controlMean) = (propensity, propensity)
        let assignment = treated.map { $0 ? 1.0 : 0 }
        let family: PenalisedRegression.Family = isBinary ? .logistic : .linear
        let results = Cores.map(folds.count) { [folds] number -> [(Int, Double, Double, Double)] in
            let own = Set(folds[number])
            let others = folds.count == 1 ? folds[0] : (0..<n).filter { !own.contains($0) }
            let e = PenalisedRegression(.logistic, design, outcomes: assignment, rows: others)
            let one = PenalisedRegression(family, design, outcomes: outcomes, rows: others.filter { treated[$0] })
            let none = PenalisedRegression(family, design, outcomes: outcomes, rows: others.filter { !treated[$0] })
            return folds[number].map { row in
                (row, e.predict(design, row), one.predict(design, row), none.predict(design, row))
            }
        }
        for (row, e, one, none) in results.joined() {
            propensity[row] = e
            treatedMean[row] = one
            controlMean[row] = none
        }
    }

    static func folds(_ treated: [Bool], count: Int, seed: UInt64) -> [[Int]] {
        var generator = SeededGenerator(seed: seed, stream: 0xC405)
        var result = [[Int]](repeating: [], count: max(count, 1))
        for side in [true, false] {
            var rows = treated.indices.filter { treated[$0] == side }
            rows.shuffle(using: &generator)
            for (place, row) in rows.enumerated() { result[place % result.count].append(row) }
        }
        return result.map { $0.sorted() }
    }

    /// The doubly robust score of each row, whose mean is the average effect: right when either the chance of
    /// treatment or the expected outcomes are.
    ///
    /// - Parameter clip: chances are kept this far from 0 and 1.
    package func scores(treated: [Bool], outcomes: [Double], clip: Double) -> [Double] {
        treated.indices.map { row in
            let e = min(max(propensity[row], clip), 1 - clip)
            let difference = treatedMean[row] - controlMean[row]
            return treated[row]
                ? difference + (outcomes[row] - treatedMean[row]) / e
                : difference - (outcomes[row] - controlMean[row]) / (1 - e)
        }
    }
}
