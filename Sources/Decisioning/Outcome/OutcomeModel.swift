package import EngagementModel
import Foundation
import Statistics

/// Choices of an outcome fit.
package struct OutcomeOptions: Sendable {
    /// HCPs that the effects are learnt from; levels are always learnt for all.
    package var fitHCPs = 200_000
    /// Carry-overs that are tried.
    package var carryOvers = [0.0, 0.2, 0.4, 0.6, 0.8]
    /// Months over which a touch's effect is counted: until nothing of it is left, since what it adds later is worth
    /// as much. At a carry-over of 0.6 three months would hold only 78% of it.
    package var horizonMonths = 12
    /// Units of outcome of one engaged touch, when there are no volumes: an assumption, shown as such.
    package var assumedConversion = 0.05
    package init() {}
}

/// Expected outcome of each HCP next month, and what one more touch adds to it.
package struct OutcomeModel: Sendable {
    /// One learnt effect.
    package struct Effect: Sendable, Hashable, Codable {
        package var channel: Channel
        /// Change of the log outcome for one unit of log(1 + adstock).
        package var beta: Double
        package var sd: Double
        /// Standard deviation of the effect between segments.
        package var spread: Double
    }

    package let hcpCount: Int
    /// Whether effects rest on an assumed conversion because there are no volumes to learn from.
    package internal(set) var isAssumption: Bool
    package internal(set) var effects: [Effect] = []
    package internal(set) var carryOver = 0.0
    package internal(set) var dispersion = 1.0
    package internal(set) var keep = 1.0
    /// Next month's expected outcome with the usual effort and with no touch at all, and the shape of its negative
    /// binomial in units of `dispersion`.
    package internal(set) var expected: [Float]
    package internal(set) var untouched: [Float]
    package internal(set) var shape: [Float]
    /// Change of the last three months against the three before, as a ratio − 1; nan when too little.
    package internal(set) var trend: [Float]
    /// Mean outcome of the last three months.
    package internal(set) var recent: [Float]
    /// Mean of `recent` over HCPs with any outcome.
    package internal(set) var meanRecent = 0.0

    let options: OutcomeOptions
    /// Position of each channel code among the fitted ones, −1 = not fitted.
    var columnOfChannel = [Int](repeating: -1, count: FeatureLayout.channels)
    /// Adstock after the last month, index = HCP × columns + column.
    var carry: [Float] = []
    var segment: [Int32] = []
    /// Positive-part mean and standard deviation of the effect, index = segment × columns + column.
    var gain: [Double] = []
    var gainSD: [Double] = []
    /// All channels' touches as one stock, where that explains the months better than a stock for each channel.
    package internal(set) var shared: SharedEffect?

    /// Nothing to learn from: every effect is P(engaged) × an assumed conversion.
    package init(assumedFor hcpCount: Int, options: OutcomeOptions = OutcomeOptions()) {
        self.hcpCount = hcpCount
        self.options = options
        isAssumption = true
        expected = [Float](repeating: 0, count: hcpCount)
        untouched = expected
        recent = expected
        shape = [Float](repeating: 1, count: hcpCount)
        trend = [Float](repeating: .nan, count: hcpCount)
    }

    /// Learns from the months up to `lastMonth`, the last complete one.
    ///
    /// - Parameter product: code of the objective's product in `TouchColumns.product`; nil = all touches count.
    package init(
        volumes: VolumeColumns, touches: ResponseInput, product: Int32? = nil, lastMonth: Int32,
        options: OutcomeOptions = OutcomeOptions()
    ) {
        self.init(
            volumes: volumes, exposures: ExposurePanel(touches, lastMonth: lastMonth), hcps: touches.hcps,
            touches: touches, product: product, lastMonth: lastMonth, options: options)
    }

    init(
        volumes: VolumeColumns, exposures: ExposurePanel, hcps: HCPColumns, touches: ResponseInput, product: Int32?,
        lastMonth: Int32, options: OutcomeOptions
    ) {
        let months = PreparedMonths(
            volumes: volumes, exposures: exposures, touches: touches, product: product, lastMonth: lastMonth,
            options: options)
        self.init(months, hcps: hcps, prior: .usual, options: options)
    }

    init(_ panel: PreparedMonths?, hcps: HCPColumns, prior: StockPrior, options: OutcomeOptions) {
        self.init(assumedFor: hcps.count, options: options)
        guard let panel else { return }
        let (data, fit, stride) = (panel.data, panel.fit, panel.stride)
        isAssumption = false
        segment = hcps.specialty
        for (k, code) in data.channels.enumerated() { columnOfChannel[code] = k }
        carryOver = panel.carryOver
        dispersion = fit.dispersion
        let segments = hcps.specialtyNames.count
        let bySegment = SegmentEffects(
            data, fit, theta: carryOver, every: stride, segment: segment, segments: segments)
        effects = data.channels.enumerated().map { k, code in
            Effect(
                channel: Channel.allCases[code], beta: fit.beta[k],
                sd: max(fit.covariance[k * data.channels.count + k], 0).squareRoot(), spread: bySegment.spread[k])
        }
        let positive = zip(bySegment.mean, bySegment.sd).map { Distributions.positiveNormal(mean: $0, sd: $1) }
        gain = positive.map(\.mean)
        gainSD = positive.map(\.sd)
        shared =
            data.channels.isEmpty
            ? nil
            : SharedEffect(
                panel.stock, data, fit, theta: carryOver, every: stride, segment, segments, prior: prior)
        learnLevels(data, fit, segments, panel.stock)
        refresh(panel.stock)
    }

    /// Brings what touches have left in each HCP up to as-of: touches since the last month of volumes count, though no
    /// volume has answered them yet.
    package mutating func refresh(touches: ResponseInput, product: Int32?) {
        guard let shared else { return }
        refresh(
            StockPanel(
                touches, product: product, channels: shared.channels, firstMonth: shared.firstMonth,
                months: shared.curve.month.count))
    }
}
