import EngagementModel
import Foundation
import Statistics

/// What one more touch adds under a shared stock: the curve, each HCP's multiplier of it, and what stands today.
package struct SharedEffect: Sendable, Equatable {
    var curve: SharedStock
    /// Channel codes; kinds are (reached, engaged) of each in turn.
    let channels: [Int]
    let firstMonth: Int32
    /// Share of engaged touches that advanced, by channel: they leave half as much again.
    private var advanced: [Double]
    private var columnOfChannel: [Int]
    var multiplier: [Float]
    var multiplierSD: [Float]
    package private(set) var segmentSpread: Double
    package private(set) var personSpread: Double
    /// Next month's outcome without any touch ever, and U today.
    var base: [Float] = []
    var standing: [Float] = []

    /// Days until half of a touch's effect is gone.
    package var halfLifeDays: Double { log(2) * StockPanel.daysPerMonth / curve.fade }

    /// nil when a stock for each channel foretells the months better.
    init?(
        _ panel: StockPanel, _ data: PanelData, _ fit: PanelRegression, theta: Double, every stride: Int,
        _ segment: [Int32], _ segments: Int, prior: StockPrior
    ) {
        guard Self.foretells(panel, data, theta: theta, prior) else { return nil }
        let curve = SharedStock(
            panel, data, every: max(stride, data.hcpCount / 50_000), start: fit, prior: prior)
        self.curve = curve
        channels = data.channels
        firstMonth = data.firstMonth
        columnOfChannel = (0..<FeatureLayout.channels).map { data.channels.firstIndex(of: $0) ?? -1 }
        advanced = panel.advancedShares()
        let people = Responsiveness(curve, panel, data, segment: segment, segments: segments)
        (multiplier, multiplierSD) = (people.mean, people.sd)
        (segmentSpread, personSpread) = (people.segmentSpread, people.personSpread)
    }

    /// Whether one stock for all channels, learnt from every second HCP of a sample, says as much of the others' months as
    /// a stock for each channel learnt from the same, within one standard error of the difference: a doubt is decided for
    /// the one that knows that channels share an HCP's attention and what came since the last month.
    private static func foretells(
        _ panel: StockPanel, _ data: PanelData, theta: Double, _ prior: StockPrior
    ) -> Bool {
        let step = max(1, data.hcpCount / 10_000)
        let separate = PanelRegression(data, theta: theta, every: 2 * step)
        let shared = SharedStock(panel, data, every: 2 * step, start: separate, prior: prior)
        let ahead = zip(
            shared.explained(panel, data, every: 2 * step, from: step),
            shared.explained(by: separate, theta: theta, data, every: 2 * step, from: step)
        ).map { $0 - $1 }
        let sum = ahead.reduce(0, +)
        return sum >= -ahead.reduce(0) { $0 + $1 * $1 }.squareRoot()
    }

    /// What one touch adds to an HCP's outcome, over all the time until nothing of it is left.
    ///
    /// While U fades evenly, Σ over time of the rise m L (g(U + u) − g(U)) is base ÷ fade × ∫ m L g(v) ÷ v dv from U to
    /// U + u.
    @inline(__always) func gain(hcp: Int, channel code: Int, shape: Float) -> TouchGain {
        let column = columnOfChannel[code]
        let unit = Double(base[hcp]) / curve.fade
        let m = Double(multiplier[hcp])
        let now = Double(standing[hcp])
        var (reached, engaged, relative) = (0.35 * PanelRegression.priorMean, PanelRegression.priorMean, 16.0)
        if column >= 0 {
            reached = curve.slope[2 * column]
            engaged = curve.slope[2 * column + 1]
            relative = pow(curve.sd[2 * column + 1] / max(engaged, 1e-6), 2)
            engaged *= 1 + 0.5 * advanced[column]
        }
        let own = Double(multiplierSD[hcp]) / m
        return TouchGain(
            reached: Float(unit * growth(now, reached, m)), engaged: Float(unit * growth(now, engaged, m)),
            relativeVariance: Float(min(relative + own * own, 100)) + 1 / max(shape, 0.1))
    }

    /// ∫ m L g(v) ÷ v dv from `from` to `from + width`, by Gauss and Legendre's three points.
    @inline(__always) private func growth(_ from: Double, _ width: Double, _ m: Double) -> Double {
        func slope(_ share: Double) -> Double {
            let v = from + share * width
            return v < 1e-9 ? 1 : curve.rise(v) / v
        }
        return m * width * (5 * slope(0.112_701_665_379_258) + 8 * slope(0.5) + 5 * slope(0.887_298_334_620_742)) / 18
    }

    // MARK: Coding

    func encode(_ out: inout ByteWriter) {
        for column in [curve.slope, curve.sd, curve.month, advanced] { out.put(array: column) }
        for number in [curve.fade, curve.limit, curve.size, segmentSpread, personSpread] { out.put(number) }
        out.put(Int64(firstMonth))
        out.put(array: channels.map { Int64($0) })
        for column in [multiplier, multiplierSD, base, standing] { out.put(array: column) }
    }

    init(decoding input: inout ByteReader, hcpCount: Int) throws(Diagnostic) {
        let slope = try input.getArray(0.0)
        let sd = try input.getArray(0.0)
        let month = try input.getArray(0.0)
        advanced = try input.getArray(0.0)
        let (fade, limit) = (try input.getDouble(), try input.getDouble())
        curve = SharedStock(
            slope: slope, sd: sd, fade: fade, limit: limit, month: month, size: try input.getDouble())
        segmentSpread = try input.getDouble()
        personSpread = try input.getDouble()
        firstMonth = Int32(truncatingIfNeeded: try input.get(Int64.self))
        let codes = try input.getArray(0 as Int64).map { Int($0) }
        channels = codes
        columnOfChannel = (0..<FeatureLayout.channels).map { codes.firstIndex(of: $0) ?? -1 }
        multiplier = try input.getArray(0)
        multiplierSD = try input.getArray(0)
        base = try input.getArray(0)
        standing = try input.getArray(0)
        guard [multiplier, multiplierSD, base, standing].allSatisfy({ $0.count == hcpCount }),
            slope.count == 2 * codes.count, sd.count == slope.count, advanced.count == codes.count,
            fade > 0, limit > 0
        else { throw ByteReader.damaged }
    }
}

extension OutcomeModel {
    mutating func refresh(_ panel: StockPanel) {
        guard var shared else { return }
        let parts = 8
        let n = hcpCount
        let curve = shared.curve
        shared.standing = Cores.map(parts) { part in
            var now = [Double](repeating: 0, count: panel.kinds.count)
            return ((part * n / parts)..<((part + 1) * n / parts)).map { hcp in
                panel.now(hcp, fade: curve.fade, into: &now)
                return Float(now.withUnsafeBufferPointer { $0.baseAddress.map(curve.stock) ?? 0 })
            }
        }.flatMap { $0 }
        self.shared = shared
    }
}

/// The months of an HCP as a model expects them, apart from the HCP's level: by the shared stock where there is one.
struct MonthEffects: Sendable {
    private let data: PanelData
    private let fit: PanelRegression
    private let theta: Double
    private let shared: SharedEffect?
    private let panel: StockPanel
    private(set) var row: PanelData.Row
    private var stock: StockPanel.Row
    /// exp(month effect + effects of touches) of each month.
    private(set) var expected: [Double]
    private var hcp = 0
    private var usual: [Double] = []

    var month: [Double] { shared?.curve.month ?? fit.month }

    init(_ data: PanelData, _ fit: PanelRegression, _ theta: Double, _ shared: SharedEffect?, _ panel: StockPanel) {
        (self.data, self.fit, self.theta, self.shared, self.panel) = (data, fit, theta, shared, panel)
        row = PanelData.Row(months: data.months, channels: data.channels.count)
        stock = StockPanel.Row(panel)
        expected = Array(repeating: 0, count: data.months)
    }

    mutating func read(_ hcp: Int) {
        self.hcp = hcp
        data.read(hcp, into: &row)
        usual = data.usualExposure(row)
        data.adstock(theta, &row)
        guard let shared else {
            let width = data.channels.count
            for t in expected.indices {
                var eta = fit.month[t]
                for c in 0..<width { eta += fit.beta[c] * row.exposure[t * width + c] }
                expected[t] = exp(eta)
            }
            return
        }
        panel.read(hcp, fade: shared.curve.fade, into: &stock)
        let width = panel.kinds.count
        let m = Double(shared.multiplier[hcp])
        for t in expected.indices {
            var u = 0.0
            for c in 0..<width { u += shared.curve.slope[c] * stock.stock[t * width + c] }
            expected[t] = exp(shared.curve.month[t]) * (1 + m * shared.curve.rise(u))
        }
    }

    /// Log effects of the next month: what is left of touches, and with the usual effort on top.
    func nextMonth() -> (rest: Double, effort: Double) {
        var (rest, effort) = (0.0, 0.0)
        guard let shared else {
            for c in fit.beta.indices {
                let carried = theta * row.carry[c]
                rest += fit.beta[c] * log1p(carried)
                effort += fit.beta[c] * log1p(carried + usual[c])
            }
            return (rest, effort)
        }
        let fade = shared.curve.fade
        let mean = -expm1(-fade) / fade
        for c in shared.curve.slope.indices {
            rest += shared.curve.slope[c] * stock.end[c] * mean
            effort += shared.curve.slope[c] * stock.usual[c] * (1 - mean) / fade
        }
        let m = Double(shared.multiplier[hcp])
        return (log1p(m * shared.curve.rise(rest)), log1p(m * shared.curve.rise(rest + effort)))
    }
}
