import Statistics

/// Predictions of one month against what happened, beside those of simple rules.
package struct OutcomeReport: Sendable, Hashable, Codable {
    package var month: Int32
    package var hcps: Int
    package var observed: Double
    package var predicted: Double
    /// Mean Poisson deviance of the model, of the last month, of the mean of the last three months, and of the mean of
    /// all months. Simple rules are kept at 0.25 or above, since a forecast of zero can be infinitely wrong.
    package var deviance: Double
    package var devianceLastMonth: Double
    package var devianceThreeMonths: Double
    package var devianceAllMonths: Double
    /// Slope of the outcome on the log prediction; 1 = calibrated.
    package var calibrationSlope: Double
    /// Outcome of the tenth with the highest predictions over their share of HCPs.
    package var topDecileLift: Double
    /// Touches were not assigned at random: figures of effects rest on within-HCP changes.
    package var note = "Touches were not assigned at random; effects are estimated from changes within each HCP."

    /// Learns from the months before `month` and judges the predictions for it.
    package static func backtest(
        volumes: VolumeColumns, touches: ResponseInput, product: Int32? = nil, month: Int32,
        options: OutcomeOptions = OutcomeOptions()
    ) -> OutcomeReport? {
        let model = OutcomeModel(
            volumes: volumes, touches: touches, product: product, lastMonth: month - 1, options: options)
        guard !model.isAssumption else { return nil }
        return OutcomeReport(
            month: month, predictions: model.expected.map(Double.init), volumes: volumes,
            hcpCount: touches.hcps.count)
    }

    /// Judges predictions that were made before the month.
    package init(month: Int32, predictions: [Double], volumes: VolumeColumns, hcpCount n: Int) {
        var actual = [Double](repeating: 0, count: n)
        var last = actual
        var three = actual
        var all = actual
        let first = volumes.month.min() ?? month
        let span = Double(max(1, month - max(first, month - 36)))
        for k in volumes.hcp.indices {
            let hcp = Int(volumes.hcp[k])
            let age = month - volumes.month[k]
            if age == 0 { actual[hcp] += volumes.value[k] }
            if age == 1 { last[hcp] += volumes.value[k] }
            if age >= 1 && age <= 3 { three[hcp] += volumes.value[k] / min(3, span) }
            if age >= 1 && age <= 36 { all[hcp] += volumes.value[k] / span }
        }
        func deviance(_ rule: [Double]) -> Double { CountScore.deviance(actual, rule.map { max($0, 0.25) }) }
        self.month = month
        hcps = n
        observed = actual.reduce(0, +)
        predicted = predictions.reduce(0, +)
        self.deviance = CountScore.deviance(actual, predictions)
        devianceLastMonth = deviance(last)
        devianceThreeMonths = deviance(three)
        devianceAllMonths = deviance(all)
        calibrationSlope = CountScore.calibrationSlope(actual, predictions)
        topDecileLift = CountScore.topDecileLift(actual, predictions)
    }
}
