import Foundation
import Statistics

/// How far each HCP's volume follows touches, relative to all: segment, then HCP, each shrunk by what its own months
/// can tell.
///
/// One Newton step from the common curve gives each HCP's own multiplier and its information; the spread between HCPs is
/// estimated by moments, and the posterior keeps the share of the difference that this spread supports (Efron and Morris
/// 1975). An HCP who was never touched, or hardly prescribes, stays at its segment's.
struct Responsiveness: Sendable {
    /// Multiplier of the curve, and its standard deviation, by HCP.
    let mean: [Float]
    let sd: [Float]
    /// Standard deviations between segments, and between HCPs of a segment.
    let segmentSpread: Double
    let personSpread: Double

    init(_ fit: SharedStock, _ panel: StockPanel, _ data: PanelData, segment: [Int32], segments: Int) {
        let n = data.hcpCount
        let parts = 8
        let sums = Cores.map(parts) { part in
            var out: [SIMD2<Float>] = []
            var work = StockWork(fit, panel, data)
            for hcp in (part * n / parts)..<((part + 1) * n / parts) {
                guard work.read(hcp, fit, panel, data) else {
                    out.append(.zero)
                    continue
                }
                var (score, first, second) = (0.0, 0.0, 0.0)
                for t in 0..<data.months {
                    // How the logarithm of 1 + m L g moves with m, at m = 1.
                    let rise = fit.rise(work.level[t])
                    let f = rise / (1 + rise)
                    score += (work.row.outcome[t] - work.row.total * work.share[t]) * f
                    first += work.share[t] * f
                    second += work.share[t] * f * f
                }
                out.append(
                    SIMD2(
                        Float(work.weight * score),
                        Float(work.weight * work.row.total * max(0, second - first * first))))
            }
            return out
        }.flatMap { $0 }
        func place(_ hcp: Int) -> Int {
            segment[hcp] < 0 || Int(segment[hcp]) >= segments ? segments : Int(segment[hcp])
        }
        var group = [SIMD2<Double>](repeating: .zero, count: segments + 1)
        for hcp in 0..<n { group[place(hcp)] += SIMD2(Double(sums[hcp].x), Double(sums[hcp].y)) }
        let between = Self.spread(group)
        let center = group.map { 1 + between * $0.x / (1 + between * $0.y) }
        let rest = (0..<n).map { hcp in
            SIMD2(Double(sums[hcp].x) - Double(sums[hcp].y) * (center[place(hcp)] - 1), Double(sums[hcp].y))
        }
        let own = Self.spread(rest)
        segmentSpread = between.squareRoot()
        personSpread = own.squareRoot()
        mean = (0..<n).map { hcp in
            let shift = own * rest[hcp].x / (1 + own * rest[hcp].y)
            return Float(min(max(center[place(hcp)] + shift, 0.1), 4))
        }
        sd = (0..<n).map { hcp in
            let s = group[place(hcp)]
            return Float((own / (1 + own * rest[hcp].y) + between / (1 + between * s.y)).squareRoot())
        }
    }

    /// Variance of the true differences: (score, information) of each has E score² = h + τ² h².
    private static func spread(_ sums: [SIMD2<Double>]) -> Double {
        var (excess, squares) = (0.0, 0.0)
        for sum in sums where sum.y > 0 {
            excess += sum.x * sum.x - sum.y
            squares += sum.y * sum.y
        }
        return squares > 0 ? max(0, excess / squares) : 0
    }
}
