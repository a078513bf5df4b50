import Foundation
import Statistics

/// Poisson regression of monthly outcomes on exposures with a free level for every HCP.
///
/// Conditional on each HCP's total the levels drop out and the months are multinomial, so the effects come from
/// what changed within an HCP, never from the fact that high writers are called on more (Hausman, Hall and Griliches
/// 1984). Gaussian prior on the effects; intervals from the sandwich over HCPs, which holds under overdispersion and
/// serial correlation. Touches that follow expected demand within an HCP still bias it: the assumption is stated.
struct PanelRegression: Sendable {
    /// Prior of an effect: the elasticity-like coefficient of log(1 + adstock).
    static let priorMean = 0.03
    static let priorSD = 0.12

    var month: [Double]
    var beta: [Double]
    /// Covariance of `beta`, row-major.
    var covariance: [Double]
    /// Penalised log likelihood, comparable between carry-overs on the same HCPs.
    var logLikelihood: Double
    /// Pearson dispersion within HCPs, at least 1.
    var dispersion: Double

    struct Sums: Sendable {
        var logLikelihood = 0.0
        var gradient: [Double]
        var hessian: [Double]
        var meat: [Double]
        var pearson = 0.0
        var freedom = 0.0

        init(_ size: Int) {
            gradient = Array(repeating: 0, count: size)
            hessian = Array(repeating: 0, count: size * size)
            meat = hessian
        }
    }

    /// Fits by Newton's method with step halving.
    init(_ data: PanelData, theta: Double, every stride: Int, start: PanelRegression? = nil) {
        let size = data.months + data.channels.count
        var point = start.map { $0.month + $0.beta } ?? [Double](repeating: 0, count: size)
        if start == nil { for c in data.months..<size { point[c] = Self.priorMean } }
        var sums = Self.penalised(data, theta, stride, point, wantsMeat: false)
        for _ in 0..<20 {
            guard let factor = Cholesky(sums.hessian, size: size) else { break }
            let step = factor.solve(sums.gradient)
            var scale = 1.0
            var next = sums
            var trial = point
            while scale > 1e-3 {
                for j in 0..<size { trial[j] = point[j] + scale * step[j] }
                next = Self.penalised(data, theta, stride, trial, wantsMeat: false)
                if next.logLikelihood >= sums.logLikelihood - 1e-9 * abs(sums.logLikelihood) { break }
                scale /= 2
            }
            let gain = next.logLikelihood - sums.logLikelihood
            point = trial
            sums = next
            if gain < 1e-7 * abs(sums.logLikelihood) { break }
        }
        let last = Self.penalised(data, theta, stride, point, wantsMeat: true)
        let c = data.channels.count
        month = Array(point[..<data.months])
        beta = Array(point[data.months...])
        logLikelihood = last.logLikelihood
        dispersion = max(1, last.pearson / max(last.freedom, 1))
        covariance = [Double](repeating: 0, count: c * c)
        if let inverse = Cholesky(last.hessian, size: size)?.inverse() {
            for i in 0..<c {
                for j in 0..<c {
                    var sum = 0.0
                    for a in 0..<size {
                        var inner = 0.0
                        for b in 0..<size { inner += last.meat[a * size + b] * inverse[b * size + data.months + j] }
                        sum += inverse[(data.months + i) * size + a] * inner
                    }
                    covariance[i * c + j] = sum
                }
            }
        }
    }

    /// Sums with the prior and a soft constraint on the month effects (their mean is the HCPs' level).
    private static func penalised(
        _ data: PanelData, _ theta: Double, _ stride: Int, _ point: [Double], wantsMeat: Bool
    ) -> Sums {
        var sums = accumulate(data, theta, stride, point, wantsMeat)
        let size = point.count
        for t in 0..<data.months {
            // One imagined count a month: keeps months without any outcome finite and fixes the mean.
            sums.logLikelihood -= 0.5 * point[t] * point[t]
            sums.gradient[t] -= point[t]
            sums.hessian[t * size + t] += 1
            sums.meat[t * size + t] += 1
        }
        let precision = 1 / (priorSD * priorSD)
        for j in data.months..<size {
            let off = point[j] - priorMean
            sums.logLikelihood -= 0.5 * precision * off * off
            sums.gradient[j] -= precision * off
            sums.hessian[j * size + j] += precision
            sums.meat[j * size + j] += precision
        }
        return sums
    }

    private static func accumulate(
        _ data: PanelData, _ theta: Double, _ stride: Int, _ point: [Double], _ wantsMeat: Bool
    ) -> Sums {
        let n = (data.hcpCount + stride - 1) / stride
        let parts = 8  // a fixed number, so that sums do not depend on the machine's cores
        let partial = Cores.map(parts) { part in
            var sums = Sums(point.count)
            var row = PanelData.Row(months: data.months, channels: data.channels.count)
            var work = Work(months: data.months, size: point.count)
            for k in (part * n / parts)..<((part + 1) * n / parts) {
                let hcp = k * stride
                guard hcp < data.hcpCount, data.volumeStarts[hcp] < data.volumeStarts[hcp + 1] else { continue }
                data.read(hcp, into: &row)
                guard row.total > 0 else { continue }
                data.adstock(theta, &row)
                add(row, data, point, wantsMeat, &work, &sums)
            }
            return sums
        }
        var total = Sums(point.count)
        for sums in partial {
            total.logLikelihood += sums.logLikelihood
            total.pearson += sums.pearson
            total.freedom += sums.freedom
            for i in total.gradient.indices { total.gradient[i] += sums.gradient[i] }
            for i in total.hessian.indices {
                total.hessian[i] += sums.hessian[i]
                total.meat[i] += sums.meat[i]
            }
        }
        return total
    }

    private struct Work {
        var share: [Double]
        var mean: [Double]
        var score: [Double]
        init(months: Int, size: Int) {
            share = Array(repeating: 0, count: months)
            mean = Array(repeating: 0, count: size)
            score = mean
        }
    }

    /// One HCP: multinomial log likelihood, its gradient and its information.
    private static func add(
        _ row: PanelData.Row, _ data: PanelData, _ point: [Double], _ wantsMeat: Bool, _ work: inout Work,
        _ sums: inout Sums
    ) {
        let months = data.months
        let width = data.channels.count
        let size = months + width
        var top = -Double.infinity
        for t in 0..<months {
            var eta = point[t]
            for c in 0..<width { eta += point[months + c] * row.exposure[t * width + c] }
            work.share[t] = eta
            top = max(top, eta)
        }
        var normal = 0.0
        for t in 0..<months { normal += exp(work.share[t] - top) }
        let logNormal = top + log(normal)
        for j in 0..<size {
            work.mean[j] = 0
            work.score[j] = 0
        }
        for t in 0..<months {
            let logShare = work.share[t] - logNormal
            let p = exp(logShare)
            let y = row.outcome[t]
            if y > 0 { sums.logLikelihood += y * logShare }
            let residual = y - row.total * p
            sums.pearson += residual * residual / max(row.total * p, 1e-9)
            work.share[t] = p
            work.mean[t] = p
            work.score[t] = residual
            let weight = row.total * p
            sums.hessian[t * size + t] += weight
            for c in 0..<width {
                let x = row.exposure[t * width + c]
                guard x != 0 else { continue }
                work.mean[months + c] += p * x
                work.score[months + c] += residual * x
                sums.hessian[t * size + months + c] += weight * x
                sums.hessian[(months + c) * size + t] += weight * x
                for d in 0..<width {
                    sums.hessian[(months + c) * size + months + d] += weight * x * row.exposure[t * width + d]
                }
            }
        }
        sums.freedom += Double(months - 1)
        for i in 0..<size {
            sums.gradient[i] += work.score[i]
            let scaled = row.total * work.mean[i]
            if scaled != 0 { for j in 0..<size { sums.hessian[i * size + j] -= scaled * work.mean[j] } }
            if wantsMeat, work.score[i] != 0 {
                for j in 0..<size { sums.meat[i * size + j] += work.score[i] * work.score[j] }
            }
        }
    }
}
