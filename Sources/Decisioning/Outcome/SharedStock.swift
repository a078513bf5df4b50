import EngagementModel
import Foundation
import Statistics

/// One stock of goodwill for each HCP and product, to which touches of all channels add, with diminishing returns.
///
/// log outcome = level + month + log(1 + L g(U)), g(U) = 1 − e^(−U ÷ L), U = Σ slope × what each kind of touch has left.
/// The slope of a kind is what one touch adds, relatively, to a month where nothing is left of others; L is the most
/// that touches can add, whichever channel they come by (Nerlove and Arrow 1962; Broadbent 1979). Fitted like
/// `PanelRegression`, within HCPs, with weights for overdispersion.
struct SharedStock: Sendable, Equatable {
    /// By kind of `StockPanel`.
    var slope: [Double]
    var sd: [Double]
    /// Loss of the logarithm in a month, and the greatest relative rise.
    var fade: Double
    var limit: Double
    var month: [Double]
    /// Size of the negative binomial of one HCP's month.
    var size: Double
    private(set) var objective = -Double.infinity
    private var prior = StockPrior.usual

    static let halfLives: [Double] = [15, 25, 40, 60, 90]
    static let limits: [Double] = [0.12, 0.2, 0.33, 0.55, 0.9]

    /// Relative rise of the outcome at a stock.
    @inline(__always) func rise(_ stock: Double) -> Double { -limit * expm1(-stock / limit) }

    @inline(__always) func curve(_ stock: Double) -> Double { log1p(rise(stock)) }

    /// Derivative of the curve.
    @inline(__always) func slant(_ stock: Double) -> Double { exp(-stock / limit) / (1 + rise(stock)) }

    @inline(__always) func stock(_ kinds: UnsafePointer<Double>) -> Double {
        var sum = 0.0
        for c in slope.indices { sum += slope[c] * kinds[c] }
        return sum
    }

    /// Chooses half-life and curvature on a sample, then fits on `every`-th HCP.
    init(_ panel: StockPanel, _ data: PanelData, every stride: Int, start: PanelRegression, prior: StockPrior) {
        self.prior = prior
        slope = panel.kinds.map { kind in
            let engaged = prior.engaged[kind.channel].mean
            return kind.isEngaged ? engaged : prior.reachedShare[kind.channel].mean * engaged
        }
        sd = slope
        fade = log(2) * StockPanel.daysPerMonth / 40
        limit = 0.33
        month = start.month
        size = Self.size(data, every: max(1, data.hcpCount / 20_000))
        let sample = max(stride, data.hcpCount / 10_000)
        var best = fitted(panel, data, every: sample, steps: 6)
        func look(_ trials: [SharedStock]) {
            for trial in trials {
                let fit = trial.fitted(panel, data, every: sample, steps: 3)
                if fit.objective > best.objective { best = fit }
            }
        }
        look(
            Self.halfLives.filter { $0 != 40 }.map { days in
                var trial = best
                trial.fade = log(2) * StockPanel.daysPerMonth / days
                return trial
            })
        look(
            Self.limits.filter { $0 != best.limit }.map { limit in
                var trial = best
                trial.limit = limit
                return trial
            })
        self = best.fitted(panel, data, every: stride, steps: 8, wantsSD: true)
    }

    init(slope: [Double], sd: [Double], fade: Double, limit: Double, month: [Double], size: Double) {
        (self.slope, self.sd, self.fade, self.limit) = (slope, sd, fade, limit)
        (self.month, self.size) = (month, size)
    }

    /// Size of a negative binomial from the months of each HCP: changes that have causes count as noise too.
    private static func size(_ data: PanelData, every stride: Int) -> Double {
        var row = PanelData.Row(months: data.months, channels: data.channels.count)
        var (excess, squares) = (0.0, 0.0)
        for hcp in Swift.stride(from: 0, to: data.hcpCount, by: stride) {
            data.read(hcp, into: &row)
            let mean = row.total / Double(data.months)
            guard mean > 1 else { continue }
            let variance =
                row.outcome.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(data.months - 1, 1))
            excess += (variance - mean) / mean
            squares += mean
        }
        return min(max(squares / max(excess, 1e-9), 0.5), 1e6)
    }

    // MARK: Fit

    /// Damped Gauss–Newton steps from this point; slopes stay at or above 0.
    private func fitted(
        _ panel: StockPanel, _ data: PanelData, every stride: Int, steps: Int, wantsSD: Bool = false
    ) -> SharedStock {
        var fit = self
        var sums = fit.penalised(panel, data, stride)
        fit.objective = sums.objective
        let size = month.count + slope.count
        for _ in 0..<steps {
            guard let factor = Cholesky(sums.hessian, size: size) else { break }
            let step = factor.solve(sums.gradient)
            var scale = 1.0
            var trial = fit
            var next = sums
            while scale > 0.05 {
                for t in month.indices { trial.month[t] = fit.month[t] + scale * step[t] }
                for c in slope.indices { trial.slope[c] = max(0, fit.slope[c] + scale * step[month.count + c]) }
                next = trial.penalised(panel, data, stride)
                if next.objective >= sums.objective { break }
                scale /= 4
            }
            guard next.objective > sums.objective else { break }
            let gain = next.objective - sums.objective
            fit = trial
            fit.objective = next.objective
            sums = next
            if gain < 0.02 { break }
        }
        if wantsSD, let inverse = Cholesky(sums.hessian, size: size)?.inverse() {
            fit.sd = slope.indices.map { c in
                let k = month.count + c
                return max(inverse[k * size + k], 0).squareRoot()
            }
        }
        return fit
    }

    /// Log likelihood of each HCP's months, without priors, by its overdispersion: of every `stride`-th HCP from `first` on.
    func explained(_ panel: StockPanel, _ data: PanelData, every stride: Int, from first: Int) -> [Double] {
        var work = StockWork(self, panel, data)
        return Swift.stride(from: first, to: data.hcpCount, by: stride).map { hcp in
            guard work.read(hcp, self, panel, data) else { return 0 }
            return work.logShare.indices.reduce(0) { $0 + work.weight * work.row.outcome[$1] * work.logShare[$1] }
        }
    }

    /// The same of a fit with a stock for each channel.
    func explained(
        by fit: PanelRegression, theta: Double, _ data: PanelData, every stride: Int, from first: Int
    ) -> [Double] {
        let width = data.channels.count
        var row = PanelData.Row(months: data.months, channels: width)
        var eta = [Double](repeating: 0, count: data.months)
        return Swift.stride(from: first, to: data.hcpCount, by: stride).map { hcp in
            data.read(hcp, into: &row)
            guard row.total > 0 else { return 0 }
            data.adstock(theta, &row)
            for t in eta.indices {
                eta[t] = fit.month[t]
                for c in 0..<width { eta[t] += fit.beta[c] * row.exposure[t * width + c] }
            }
            let top = eta.max() ?? 0
            let normal = top + log(eta.reduce(0) { $0 + exp($1 - top) })
            let weight = 1 / (1 + row.total / Double(data.months) / size)
            return eta.indices.reduce(0) { $0 + weight * row.outcome[$1] * (eta[$1] - normal) }
        }
    }

    private struct Sums: Sendable {
        var objective = 0.0
        var gradient: [Double]
        var hessian: [Double]

        init(_ size: Int) {
            gradient = Array(repeating: 0, count: size)
            hessian = Array(repeating: 0, count: size * size)
        }
    }

    private func penalised(_ panel: StockPanel, _ data: PanelData, _ stride: Int) -> Sums {
        var sums = accumulate(panel, data, stride)
        let size = month.count + slope.count
        let known = (
            log(log(2) * StockPanel.daysPerMonth / fade / prior.halfLife) / prior.spread,
            log(limit / prior.limit) / prior.spread
        )
        sums.objective -= 0.5 * (known.0 * known.0 + known.1 * known.1)
        func pull(_ j: Int, _ value: Double, _ mean: Double, _ sd: Double) {
            let off = value - mean
            sums.objective -= 0.5 * off * off / (sd * sd)
            sums.gradient[j] -= off / (sd * sd)
            sums.hessian[j * size + j] += 1 / (sd * sd)
        }
        for t in month.indices { pull(t, month[t], 0, 1) }
        for (c, kind) in panel.kinds.enumerated() {
            let engaged = prior.engaged[kind.channel]
            if kind.isEngaged {
                pull(month.count + c, slope[c], engaged.mean, engaged.sd)
            } else {
                // The engaged kind of the channel follows.
                let whole = max(slope[c + 1], engaged.mean / 4)
                let share = prior.reachedShare[kind.channel]
                pull(month.count + c, slope[c], share.mean * whole, share.sd * whole)
            }
        }
        return sums
    }

    private func accumulate(_ panel: StockPanel, _ data: PanelData, _ stride: Int) -> Sums {
        let n = (data.hcpCount + stride - 1) / stride
        let parts = 8  // a fixed number, so that sums do not depend on the machine's cores
        let size = month.count + slope.count
        let partial = Cores.map(parts) { part in
            var sums = Sums(size)
            var work = StockWork(self, panel, data)
            for k in (part * n / parts)..<((part + 1) * n / parts) where work.read(k * stride, self, panel, data) {
                add(&work, &sums)
            }
            return sums
        }
        var total = Sums(size)
        for sums in partial {
            total.objective += sums.objective
            for i in total.gradient.indices { total.gradient[i] += sums.gradient[i] }
            for i in total.hessian.indices { total.hessian[i] += sums.hessian[i] }
        }
        for i in 0..<size { for j in 0..<i { total.hessian[i * size + j] = total.hessian[j * size + i] } }
        return total
    }

    /// One HCP: multinomial log likelihood given the total, weighted; upper half of the information.
    private func add(_ work: inout StockWork, _ sums: inout Sums) {
        let months = month.count
        let width = slope.count
        let size = months + width
        let weight = work.weight
        for j in 0..<size {
            work.mean[j] = 0
            work.score[j] = 0
        }
        for t in 0..<months {
            let p = work.share[t]
            let y = work.row.outcome[t]
            if y > 0 { sums.objective += weight * y * work.logShare[t] }
            let residual = weight * (y - work.row.total * p)
            work.mean[t] = p
            work.score[t] = residual
            let information = weight * work.row.total * p
            sums.hessian[t * size + t] += information
            let slant = slant(work.level[t])
            work.used = 0
            for c in 0..<width {
                let x = work.stock.stock[t * width + c] * slant
                guard x > 1e-9 else { continue }
                work.active[work.used] = c
                work.x[work.used] = x
                work.used += 1
                work.mean[months + c] += p * x
                work.score[months + c] += residual * x
                sums.hessian[t * size + months + c] += information * x
            }
            for a in 0..<work.used {
                let line = (months + work.active[a]) * size + months
                let scaled = information * work.x[a]
                for b in a..<work.used { sums.hessian[line + work.active[b]] += scaled * work.x[b] }
            }
        }
        for i in 0..<size {
            sums.gradient[i] += work.score[i]
            let scaled = weight * work.row.total * work.mean[i]
            if scaled != 0 { for j in i..<size { sums.hessian[i * size + j] -= scaled * work.mean[j] } }
        }
    }
}

/// Buffers of one HCP's months under a shared stock.
struct StockWork {
    var row: PanelData.Row
    var stock: StockPanel.Row
    /// U by month, and the month's share of the total with its logarithm.
    var level: [Double]
    var share: [Double]
    var logShare: [Double]
    /// One over the overdispersion of the HCP's months.
    var weight = 1.0
    fileprivate var mean: [Double]
    fileprivate var score: [Double]
    fileprivate var active: [Int]
    fileprivate var x: [Double]
    fileprivate var used = 0

    init(_ fit: SharedStock, _ panel: StockPanel, _ data: PanelData) {
        row = PanelData.Row(months: data.months, channels: data.channels.count)
        stock = StockPanel.Row(panel)
        level = Array(repeating: 0, count: data.months)
        share = level
        logShare = level
        mean = Array(repeating: 0, count: data.months + fit.slope.count)
        score = mean
        active = Array(repeating: 0, count: fit.slope.count)
        x = Array(repeating: 0, count: fit.slope.count)
    }

    /// Reads an HCP; false when there is no outcome to learn from.
    mutating func read(_ hcp: Int, _ fit: SharedStock, _ panel: StockPanel, _ data: PanelData) -> Bool {
        guard hcp < data.hcpCount, data.volumeStarts[hcp] < data.volumeStarts[hcp + 1] else { return false }
        data.read(hcp, into: &row)
        guard row.total > 0 else { return false }
        weight = 1 / (1 + row.total / Double(data.months) / fit.size)
        readLevels(hcp, fit, panel)
        var top = -Double.infinity
        for t in level.indices {
            logShare[t] = fit.month[t] + fit.curve(level[t])
            top = max(top, logShare[t])
        }
        var normal = 0.0
        for t in level.indices { normal += exp(logShare[t] - top) }
        let logNormal = top + log(normal)
        for t in level.indices {
            logShare[t] -= logNormal
            share[t] = exp(logShare[t])
        }
        return true
    }

    /// U of every month.
    mutating func readLevels(_ hcp: Int, _ fit: SharedStock, _ panel: StockPanel) {
        panel.read(hcp, fade: fit.fade, into: &stock)
        let width = fit.slope.count
        stock.stock.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            for t in level.indices { level[t] = fit.stock(base + t * width) }
        }
    }
}
