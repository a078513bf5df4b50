/// The months of one objective, ready to be learnt from, and the regression that everything else starts from.
struct PreparedMonths: Sendable {
    let data: PanelData
    let stock: StockPanel
    let carryOver: Double
    let fit: PanelRegression
    let stride: Int

    /// nil when there is too little to learn from.
    init?(
        volumes: VolumeColumns, exposures: ExposurePanel, touches: ResponseInput, product: Int32?, lastMonth: Int32,
        options: OutcomeOptions
    ) {
        let count = touches.hcps.count
        data = PanelData(
            volumes: volumes, exposures: exposures, hcpCount: count, product: product, lastMonth: lastMonth)
        guard data.months >= 4, volumes.value.count(where: { $0 > 0 }) >= 50 else { return nil }
        carryOver = Self.bestCarryOver(data, options)
        stride = max(1, count / max(options.fitHCPs, 1))
        fit = PanelRegression(data, theta: carryOver, every: stride)
        stock = StockPanel(
            touches, product: product, channels: data.channels, firstMonth: data.firstMonth, months: data.months)
    }

    /// The shared stock of a sample of HCPs, as far as these months alone tell it.
    func curve() -> (curve: SharedStock, channels: [Int])? {
        guard !data.channels.isEmpty else { return nil }
        let sample = max(1, data.hcpCount / 10_000)
        return (SharedStock(stock, data, every: sample, start: fit, prior: .usual), data.channels)
    }

    /// The carry-over with the highest likelihood, on a sample of HCPs.
    private static func bestCarryOver(_ data: PanelData, _ options: OutcomeOptions) -> Double {
        guard !data.channels.isEmpty else { return 0 }
        let stride = max(1, data.hcpCount / 20_000)
        var best = (theta: 0.0, score: -Double.infinity)
        var start: PanelRegression?
        for theta in options.carryOvers {
            let fit = PanelRegression(data, theta: theta, every: stride, start: start)
            if fit.logLikelihood > best.score { best = (theta, fit.logLikelihood) }
            start = fit
        }
        return best.theta
    }
}

/// The months of one objective, as a caller has them.
package struct OutcomeMonths: Sendable {
    package var volumes: VolumeColumns
    /// Code of the objective's product in `TouchColumns.product`; nil = all touches count.
    package var product: Int32?
    /// The last complete month.
    package var last: Int32

    package init(volumes: VolumeColumns, product: Int32?, last: Int32) {
        (self.volumes, self.product, self.last) = (volumes, product, last)
    }
}

extension OutcomeModel {
    /// Learns all objectives of a strategy together: what touches of a kind leave is taken to be alike for all products,
    /// so that each objective begins with what the months of the others say.
    package static func learn(
        _ objectives: [OutcomeMonths], touches: ResponseInput, options: OutcomeOptions = OutcomeOptions()
    ) -> [OutcomeModel] {
        let panels = objectives.map { objective in
            PreparedMonths(
                volumes: objective.volumes, exposures: ExposurePanel(touches, lastMonth: objective.last),
                touches: touches, product: objective.product, lastMonth: objective.last, options: options)
        }
        let curves = panels.count > 1 ? panels.map { $0?.curve() } : [nil]
        return panels.indices.map { k in
            let others = curves.indices.compactMap { $0 == k ? nil : curves[$0] }
            return OutcomeModel(
                panels[k], hcps: touches.hcps, prior: StockPrior(others) ?? .usual, options: options)
        }
    }
}
