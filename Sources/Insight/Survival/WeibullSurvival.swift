internal import Foundation
internal import Statistics

/// Weibull lives, S(t) = exp(−(t / scale)^shape), with censoring and late entry, by maximum likelihood.
///
/// Shape above 1: the older, the sooner to lapse. Source: Kalbfleisch and Prentice, "The statistical analysis of
/// failure time data" (2002), section 3.6.
package struct WeibullSurvival: Sendable {
    package let shape: Double
    package let scale: Double
    /// Standard errors of shape and scale; nil where the likelihood is flat.
    package let standardErrors: [Double?]
    package let logLikelihood: Double

    package init(_ lives: ObservedLives) throws {
        try lives.validate()
        let ends = (0..<lives.count).filter { lives.ended[$0] }
        if let row = ends.first(where: { lives.duration[$0] == 0 }) {
            throw HistoryProblem(
                "ended_at_start", "something ended at age 0", row: row,
                remedy: "leave out what never began, or count in a shorter unit")
        }
        guard ends.count >= 5 else {
            throw HistoryProblem(
                "too_few", "fewer than five have ended: the law of their lives cannot be told",
                remedy: "use the curve of a larger segment")
        }
        guard Set(ends.map { lives.duration[$0] }).count > 1 else {
            throw HistoryProblem(
                "all_equal", "all ended at the same age: the spread cannot be estimated",
                remedy: "use the curve instead of a law")
        }
        let total = zip(
            lives.duration, lives.entered + [Double](repeating: 0, count: lives.count - lives.entered.count)
        )
        .reduce(0) { $0 + $1.0 - $1.1 }
        let start = [0.0, log(max(total, 1e-300) / Double(ends.count))]
        @Sendable func objective(_ p: [Double]) -> (value: Double, gradient: [Double]) {
            guard p[0].magnitude < 12 else { return (.infinity, p) }
            let shape = exp(p[0])
            let parts = ParallelRanges.map(lives.count, piece: 16_384) { range in
                range.reduce(SIMD4<Double>(repeating: 0)) { sum, row in
                    var term = SIMD4<Double>(repeating: 0)
                    let age = lives.duration[row]
                    if age > 0 {
                        // z = shape · log(t / scale); hazard eᶻ · shape / t, cumulative hazard eᶻ.
                        let z = shape * (log(age) - p[1])
                        let hazard = exp(z)
                        term += SIMD4(-hazard, -hazard * z, hazard * shape, 0)
                        if lives.ended[row] { term += SIMD4(p[0] + z - log(age), 1 + z, -shape, 0) }
                    }
                    let entry = lives.entered.isEmpty ? 0 : lives.entered[row]
                    if entry > 0 {
                        let z = shape * (log(entry) - p[1])
                        let hazard = exp(z)
                        term += SIMD4(hazard, hazard * z, -hazard * shape, 0)
                    }
                    return sum + term
                }
            }
            let sum = parts.reduce(SIMD4<Double>(repeating: 0), +)
            return (-sum[0], [-sum[1], -sum[2]])
        }
        let minimum = QuasiNewton.minimize(from: start, objective)
        let hessian = QuasiNewton.hessian(at: minimum.point) { objective($0).gradient }
        (shape, scale) = (exp(minimum.point[0]), exp(minimum.point[1]))
        let (shape, scale) = (shape, scale)
        if let inverse = Cholesky(hessian, size: 2)?.inverse() {
            standardErrors = [inverse[0].squareRoot() * shape, inverse[3].squareRoot() * scale]
        } else {
            standardErrors = [nil, nil]
        }
        logLikelihood = -minimum.value
    }

    /// Share that lasts beyond an age.
    package func share(beyond age: Double) -> Double { exp(-pow(max(age, 0) / scale, shape)) }

    /// Chance that what has lasted to an age ends within the time ahead.
    package func chanceToEnd(within ahead: Double, age: Double) -> Double {
        -expm1(pow(max(age, 0) / scale, shape) - pow((max(age, 0) + max(ahead, 0)) / scale, shape))
    }

    /// Time after an age within which it ends with chance `tail`.
    package func timeToEnd(_ tail: Double, age: Double) -> Double {
        scale * pow(pow(max(age, 0) / scale, shape) - log1p(-tail), 1 / shape) - max(age, 0)
    }
}
