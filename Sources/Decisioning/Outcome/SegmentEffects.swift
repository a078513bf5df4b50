import Foundation
import Statistics

/// How far each segment's effects differ from the common ones, shrunk by what the data can tell.
///
/// One Newton step from the common effects gives each segment's own estimate; the spread between segments is
/// estimated by the method of moments (DerSimonian and Laird 1986), and each segment keeps the share of its
/// difference that this spread and its own information support.
struct SegmentEffects: Sendable {
    /// Mean and standard deviation of the effect, index = segment × channels + column.
    let mean: [Double]
    let sd: [Double]
    /// Standard deviation between segments, by column.
    let spread: [Double]

    init(_ data: PanelData, _ fit: PanelRegression, theta: Double, every stride: Int, segment: [Int32], segments: Int) {
        let width = data.channels.count
        let (score, information, meat) = Self.sums(data, fit, theta, stride, segment, segments)
        var mean = [Double](repeating: 0, count: (segments + 1) * width)
        var sd = mean
        var spread = [Double](repeating: 0, count: width)
        for c in 0..<width {
            let common = fit.beta[c]
            let variance = max(fit.covariance[c * width + c], 1e-10)
            var (weights, weighted, squares, heterogeneity, used) = (0.0, 0.0, 0.0, 0.0, 0.0)
            var own: [(estimate: Double, variance: Double)?] = []
            for s in 0...segments {
                let i = information[s * width + c]
                guard i > 20 else {
                    own.append(nil)
                    continue
                }
                let estimate = score[s * width + c] / i
                let v = max(meat[s * width + c], i) / (i * i)
                own.append((estimate, v))
                weights += 1 / v
                weighted += estimate / v
                squares += 1 / (v * v)
                used += 1
            }
            if used > 1 {
                let center = weighted / weights
                for case .some(let (estimate, v)) in own { heterogeneity += pow(estimate - center, 2) / v }
                let scale = weights - squares / weights
                spread[c] = max(0, (heterogeneity - (used - 1)) / max(scale, 1e-9)).squareRoot()
            }
            let tau = spread[c] * spread[c]
            for s in 0...segments {
                let keep = own[s].map { tau / (tau + $0.variance) } ?? 0
                mean[s * width + c] = common + keep * (own[s]?.estimate ?? 0)
                // What is left of the spread after the segment's own data, on top of the common uncertainty.
                sd[s * width + c] = (variance + (1 - keep) * tau).squareRoot()
            }
        }
        self.mean = mean
        self.sd = sd
        self.spread = spread
    }

    /// Score, information and squared scores of each segment × channel at the common effects; the last segment is
    /// "unknown".
    private static func sums(
        _ data: PanelData, _ fit: PanelRegression, _ theta: Double, _ stride: Int, _ segment: [Int32], _ segments: Int
    ) -> ([Double], [Double], [Double]) {
        let width = data.channels.count
        let size = (segments + 1) * width
        var score = [Double](repeating: 0, count: size)
        var information = score
        var meat = score
        var row = PanelData.Row(months: data.months, channels: width)
        var eta = [Double](repeating: 0, count: data.months)
        for hcp in Swift.stride(from: 0, to: data.hcpCount, by: stride) {
            data.read(hcp, into: &row)
            guard row.total > 0 else { continue }
            data.adstock(theta, &row)
            var top = -Double.infinity
            for t in 0..<data.months {
                eta[t] = fit.month[t]
                for c in 0..<width { eta[t] += fit.beta[c] * row.exposure[t * width + c] }
                top = max(top, eta[t])
            }
            let normal = eta.reduce(0) { $0 + exp($1 - top) }
            let s = segment[hcp] < 0 || segment[hcp] >= segments ? segments : Int(segment[hcp])
            for c in 0..<width {
                var (g, first, second) = (0.0, 0.0, 0.0)
                for t in 0..<data.months {
                    let x = row.exposure[t * width + c]
                    guard x != 0 else { continue }
                    let p = exp(eta[t] - top) / normal
                    g += (row.outcome[t] - row.total * p) * x
                    first += p * x
                    second += p * x * x
                }
                score[s * width + c] += g
                information[s * width + c] += row.total * (second - first * first)
                meat[s * width + c] += g * g
            }
        }
        return (score, information, meat)
    }
}
