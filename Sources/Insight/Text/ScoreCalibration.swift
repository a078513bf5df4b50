import Foundation

/// Scores of classes to probabilities: softmax of slope × score + pull × log share.
package struct ScoreCalibration: Sendable, Hashable {
    package var slope = 1.0
    package var pull = 0.0
    /// Mean negative log likelihood of the texts it was fitted to, with the weak prior.
    package private(set) var loss = Double.infinity
    private let logPrior: [Double]

    /// The classes' shares.
    var prior: [Double] { logPrior.map { exp($0) } }

    init(prior: [Double]) { logPrior = prior.map { log($0) } }

    /// Fits slope and pull by Newton's method on held-out scores.
    static func fit(_ scores: [Double], classes: [Int32], prior: [Double]) -> ScoreCalibration {
        var best = ScoreCalibration(prior: prior)
        best.loss = best.moments(scores, classes).loss
        for _ in 0..<50 {
            let at = best.moments(scores, classes)
            // A ridge keeps the step finite when all scores are equal.
            let (a, b, c) = (at.h[0] + 1e-9, at.h[1], at.h[2] + 1e-9)
            let determinant = a * c - b * b
            guard determinant > 0 else { break }
            let step = ((c * at.g[0] - b * at.g[1]) / determinant, (a * at.g[1] - b * at.g[0]) / determinant)
            var (length, improved) = (1.0, false)
            while length > 1e-4 {
                var trial = best
                trial.slope = max(0.01, best.slope - length * step.0)
                trial.pull = best.pull - length * step.1
                trial.loss = trial.moments(scores, classes).loss
                if trial.loss < best.loss - 1e-12 {
                    (best, improved) = (trial, true)
                    break
                }
                length /= 2
            }
            if !improved { break }
        }
        return best
    }

    /// Mean loss, gradient and Hessian (11, 12, 22) in slope and pull.
    private func moments(_ scores: [Double], _ classes: [Int32]) -> (loss: Double, g: [Double], h: [Double]) {
        let count = logPrior.count
        var (loss, g, h) = (0.0, [0.0, 0.0], [0.0, 0.0, 0.0])
        for (row, label) in classes.enumerated() {
            let base = row * count
            let p = softmax(scores[base..<(base + count)])
            var (ms, ml, ss, sl, ll) = (0.0, 0.0, 0.0, 0.0, 0.0)
            for c in 0..<count {
                let (s, l) = (scores[base + c], logPrior[c])
                ms += p[c] * s
                ml += p[c] * l
                ss += p[c] * s * s
                sl += p[c] * s * l
                ll += p[c] * l * l
            }
            loss -= log(max(p[Int(label)], 1e-300))
            g[0] += ms - scores[base + Int(label)]
            g[1] += ml - logPrior[Int(label)]
            h[0] += ss - ms * ms
            h[1] += sl - ms * ml
            h[2] += ll - ml * ml
        }
        // A weak pull to the scores as they are: a few texts that happen to be separable do not make anything certain.
        loss += 0.5 * ((slope - 1) * (slope - 1) + pull * pull)
        (g[0], g[1], h[0], h[2]) = (g[0] + slope - 1, g[1] + pull, h[0] + 1, h[2] + 1)
        let n = Double(max(1, classes.count))
        return (loss / n, g.map { $0 / n }, h.map { $0 / n })
    }

    private func softmax(_ scores: ArraySlice<Double>) -> [Double] {
        var z = zip(scores, logPrior).map { slope * $0 + pull * $1 }
        let top = z.max() ?? 0
        for i in z.indices { z[i] = exp(z[i] - top) }
        let sum = z.reduce(0, +)
        return z.map { $0 / sum }
    }

    /// Row after row.
    package func probabilities(_ scores: [Double]) -> [Double] {
        let count = logPrior.count
        var result: [Double] = []
        result.reserveCapacity(scores.count)
        for row in 0..<(scores.count / max(1, count)) {
            result.append(contentsOf: softmax(scores[(row * count)..<((row + 1) * count)]))
        }
        return result
    }
}
