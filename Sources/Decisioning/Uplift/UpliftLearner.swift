import Statistics

/// Ways to learn each person's effect of a treatment.
package enum UpliftLearner: String, Sendable, CaseIterable {
    /// Regression of the doubly robust score: Kennedy, "Towards optimal doubly robust estimation of heterogeneous
    /// causal effects" (Electronic Journal of Statistics, 2023).
    case dr
    /// Difference of two regressions.
    case t
    /// Regressions of imputed effects, mixed by the chance of treatment: Künzel and others, "Metalearners for
    /// estimating heterogeneous treatment effects" (PNAS, 2019).
    case x
}

/// Effects of a treatment person by person, each from models that have not seen the person.
package struct UpliftPredictions: Sendable {
    package var uplift: [Double]
    package var standardError: [Double]
    package var propensity: [Double]
    /// Mean of the doubly robust scores, and its standard error.
    package var average: (value: Double, standardError: Double)

    package init(
        _ learner: UpliftLearner, _ design: DesignColumns, treated: [Bool], outcomes: [Double], folds: Int,
        clip: Double = 0.02, seed: UInt64
    ) {
        let n = treated.count
        let cross = CrossFit(design, treated: treated, outcomes: outcomes, folds: folds, seed: seed)
        let scores = cross.scores(treated: treated, outcomes: outcomes, clip: clip)
        average = Self.mean(scores)
        propensity = cross.propensity
        let family: PenalisedRegression.Family = cross.isBinary ? .logistic : .linear
        let results = Cores.map(cross.folds.count) { number -> [(Int, Double, Double)] in
            let own = Set(cross.folds[number])
            let others = (0..<n).filter { !own.contains($0) }
            func fit(_ family: PenalisedRegression.Family, _ y: [Double], _ rows: [Int]) -> (
                PenalisedRegression, [Double]
            ) {
                let model = PenalisedRegression(family, design, outcomes: y, rows: rows)
                return (model, model.covariance(design, outcomes: y, rows: rows))
            }
            let (on, off) = (others.filter { treated[$0] }, others.filter { !treated[$0] })
            switch learner {
            case .dr:
                let (model, covariance) = fit(.linear, scores, others)
                return cross.folds[number].map { row in
                    (row, model.predict(design, row), PenalisedRegression.variance(covariance, design, row))
                }
            case .t:
                let (one, oneCovariance) = fit(family, outcomes, on)
                let (none, noneCovariance) = fit(family, outcomes, off)
                return cross.folds[number].map { row in
                    let (p, q) = (one.predict(design, row), none.predict(design, row))
                    let a = cross.isBinary ? p * (1 - p) : 1
                    let b = cross.isBinary ? q * (1 - q) : 1
                    let variance =
                        a * a * PenalisedRegression.variance(oneCovariance, design, row)
                        + b * b * PenalisedRegression.variance(noneCovariance, design, row)
                    return (row, p - q, variance)
                }
            case .x:
                let imputed = treated.indices.map { row in
                    treated[row] ? outcomes[row] - cross.controlMean[row] : cross.treatedMean[row] - outcomes[row]
                }
                let (one, oneCovariance) = fit(.linear, imputed, on)
                let (none, noneCovariance) = fit(.linear, imputed, off)
                return cross.folds[number].map { row in
                    let e = cross.propensity[row]
                    let variance =
                        (1 - e) * (1 - e) * PenalisedRegression.variance(oneCovariance, design, row)
                        + e * e * PenalisedRegression.variance(noneCovariance, design, row)
                    return (row, e * none.predict(design, row) + (1 - e) * one.predict(design, row), variance)
                }
            }
        }
        uplift = Array(repeating: 0, count: n)
        standardError = uplift
        for (row, value, variance) in results.joined() {
            uplift[row] = value
            standardError[row] = variance.squareRoot()
        }
    }

    package static func mean(_ values: [Double]) -> (value: Double, standardError: Double) {
        let n = Double(values.count)
        let mean = values.reduce(0, +) / n
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / max(n - 1, 1)
        return (mean, (variance / n).squareRoot())
    }
}
