import Foundation

/// HCP × month outcomes and exposures of one objective, read HCP by HCP.
struct PanelData: Sendable {
    let hcpCount: Int
    /// First month, and the number of months.
    let firstMonth: Int32
    let months: Int
    /// Channel codes with enough exposure to learn from.
    let channels: [Int]
    private let columnOfChannel: [Int]
    let volumes: VolumeColumns
    let volumeStarts: [Int]
    let exposures: ExposurePanel
    let product: Int32?

    /// - Parameter product: touches of other products do not count; touches without a product do.
    init(volumes: VolumeColumns, exposures: ExposurePanel, hcpCount: Int, product: Int32?, lastMonth: Int32) {
        self.hcpCount = hcpCount
        self.volumes = volumes
        self.exposures = exposures
        self.product = product
        let known = volumes.month.filter { $0 <= lastMonth }
        // Three years are enough to learn from, and older habits mislead.
        firstMonth = max(known.min() ?? lastMonth, lastMonth - 35)
        months = Int(lastMonth - firstMonth) + 1
        var starts = [Int](repeating: volumes.hcp.count, count: hcpCount + 1)
        var filled = 0
        for row in volumes.hcp.indices {
            while filled <= Int(volumes.hcp[row]), filled <= hcpCount {
                starts[filled] = row
                filled += 1
            }
        }
        volumeStarts = starts
        var cells = [Int](repeating: 0, count: FeatureLayout.channels)
        for k in exposures.month.indices
        where exposures.month[k] >= firstMonth && exposures.month[k] <= lastMonth
            && Self.counts(exposures.product[k], product)
        {
            cells[Int(exposures.channel[k])] += 1
        }
        let used = (0..<FeatureLayout.channels).filter { cells[$0] >= 100 }
        channels = used
        columnOfChannel = (0..<FeatureLayout.channels).map { used.firstIndex(of: $0) ?? -1 }
    }

    @inline(__always) private static func counts(_ touch: Int32, _ objective: Int32?) -> Bool {
        guard let objective else { return true }
        return touch < 0 || touch == objective
    }

    /// Buffers for one HCP at a time.
    struct Row {
        /// Outcome by month.
        var outcome: [Double]
        /// Weighted touches and, after `adstock`, log(1 + adstock), month-major: index = month × channels + channel.
        var exposure: [Double]
        /// Adstock after the last month, by channel.
        var carry: [Double]
        var total = 0.0

        init(months: Int, channels: Int) {
            outcome = Array(repeating: 0, count: months)
            exposure = Array(repeating: 0, count: months * channels)
            carry = Array(repeating: 0, count: channels)
        }
    }

    /// Fills the row with an HCP's outcomes and touches.
    func read(_ hcp: Int, into row: inout Row) {
        for t in 0..<months { row.outcome[t] = 0 }
        row.total = 0
        for k in volumeStarts[hcp]..<volumeStarts[hcp + 1] {
            let t = Int(volumes.month[k] - firstMonth)
            if t >= 0, t < months {
                row.outcome[t] += max(0, volumes.value[k])
                row.total += max(0, volumes.value[k])
            }
        }
        for k in row.exposure.indices { row.exposure[k] = 0 }
        let width = channels.count
        for k in exposures.starts[hcp]..<exposures.starts[hcp + 1] {
            let t = Int(exposures.month[k] - firstMonth)
            let column = columnOfChannel[Int(exposures.channel[k])]
            if t >= 0, t < months, column >= 0, Self.counts(exposures.product[k], product) {
                row.exposure[t * width + column] += Double(exposures.weight[k])
            }
        }
    }

    /// Mean monthly exposure of the last six months, by channel: the effort that the HCP is used to.
    func usualExposure(_ row: Row) -> [Double] {
        let width = channels.count
        let span = min(6, months)
        return (0..<width).map { c in
            ((months - span)..<months).reduce(0) { $0 + row.exposure[$1 * width + c] } / Double(max(span, 1))
        }
    }

    /// Turns touches into log(1 + adstock): A_t = x_t + θ A_{t−1}.
    func adstock(_ theta: Double, _ row: inout Row) {
        let width = channels.count
        for c in 0..<width {
            var stock = 0.0
            for t in 0..<months {
                stock = row.exposure[t * width + c] + theta * stock
                row.exposure[t * width + c] = stock > 1e-6 ? log1p(stock) : 0
            }
            row.carry[c] = stock
        }
    }
}
