import Foundation
import Statistics

/// Maximum likelihood of the discrete-time hazard by Newton's method.
struct HazardFit {
    var coefficients: [Double]
    var standardErrors: [Double]
    var logLikelihood: Double

    /// - Throws: `separated` when a coefficient runs away: a column (almost) tells adopters apart, so that no finite
    ///   estimate exists.
    static func maximise(_ design: ExposureDesign) throws(NetworkRefusal) -> HazardFit {
        let width = design.width
        var beta = [Double](repeating: 0, count: width)
        for bin in 0..<design.bins { beta[bin] = Special.logit(Double(design.adoptions) / Double(design.rows)) }
        var state = Moments(design, beta)
        for _ in 0..<60 {
            guard let factor = Cholesky(state.information, size: width) else { throw runaway(design, beta) }
            let step = factor.solve(state.gradient)
            var (length, accepted) = (1.0, false)
            while length > 1e-6 {
                let trial = zip(beta, step).map { $0 + length * $1 }
                let next = Moments(design, trial)
                if next.logLikelihood >= state.logLikelihood - 1e-12 * abs(state.logLikelihood) {
                    (beta, state, accepted) = (trial, next, true)
                    break
                }
                length /= 2
            }
            if beta.contains(where: { abs($0) > 40 }) { throw runaway(design, beta) }
            if !accepted || zip(state.gradient, step).allSatisfy({ abs($0) < 1e-9 || abs($1) < 1e-12 }) { break }
        }
        guard let inverse = Cholesky(state.information, size: width)?.inverse() else { throw runaway(design, beta) }
        let errors = (0..<width).map { inverse[$0 * width + $0].squareRoot() }
        // A flat direction shows as an error far beyond that of any estimable standardised column.
        if let j = (design.bins..<width).first(where: { errors[$0] > 1000 }) {
            throw NetworkRefusal(.separated(design.names[j - design.bins]))
        }
        return HazardFit(coefficients: beta, standardErrors: errors, logLikelihood: state.logLikelihood)
    }

    private static func runaway(_ design: ExposureDesign, _ beta: [Double]) -> NetworkRefusal {
        let columns = beta[design.bins...]
        let worst = columns.indices.max { abs(columns[$0]) < abs(columns[$1]) } ?? design.bins
        return NetworkRefusal(.separated(design.names[worst - design.bins]))
    }

    /// Log likelihood, gradient and information at a point; summed over ranges in order.
    private struct Moments: Sendable {
        var logLikelihood = 0.0
        var gradient: [Double]
        var information: [Double]

        init(width: Int) {
            gradient = [Double](repeating: 0, count: width)
            information = [Double](repeating: 0, count: width * width)
        }

        init(_ design: ExposureDesign, _ beta: [Double]) {
            let ranges = NetworkParts.ranges(design.nodes.count)
            let partial = Cores.map(ranges.count) { part in
                var moments = Moments(width: design.width)
                for node in design.nodes[ranges[part]] { moments.add(node, design, beta) }
                return moments
            }
            self.init(width: design.width)
            for moments in partial {
                logLikelihood += moments.logLikelihood
                for i in gradient.indices { gradient[i] += moments.gradient[i] }
                for i in information.indices { information[i] += moments.information[i] }
            }
            for i in 0..<design.width {
                for j in 0..<i { information[j * design.width + i] = information[i * design.width + j] }
            }
        }

        mutating func add(_ node: Int, _ design: ExposureDesign, _ beta: [Double]) {
            let (bins, width, columns) = (design.bins, design.width, design.names.count)
            var (sum, gradient, information) = (0.0, self.gradient, self.information)
            design.forEachRow(of: node) { row, bin, adopts in
                var eta = beta[bin]
                for j in 0..<columns { eta += row[j] * beta[bins + j] }
                let p = Special.sigmoid(eta)
                sum -= adopts ? Special.softplus(-eta) : Special.softplus(eta)
                let residual = (adopts ? 1 : 0) - p
                let weight = p * (1 - p)
                gradient[bin] += residual
                information[bin * width + bin] += weight
                for j in 0..<columns {
                    gradient[bins + j] += residual * row[j]
                    information[(bins + j) * width + bin] += weight * row[j]
                    for k in 0...j { information[(bins + j) * width + bins + k] += weight * row[j] * row[k] }
                }
            }
            logLikelihood += sum
            self.gradient = gradient
            self.information = information
        }
    }
}
