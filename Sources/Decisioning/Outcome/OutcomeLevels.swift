import Foundation
import Statistics

extension OutcomeModel {
    /// What an HCP's months look like to the filter.
    private struct History {
        var outcome: [Double] = []
        var expected: [Double] = []
        var segment = 0
    }

    /// Learns each HCP's own level and predicts the next month.
    mutating func learnLevels(_ data: PanelData, _ fit: PanelRegression, _ segments: Int, _ panel: StockPanel) {
        var filter = BaselineFilter(keep: 0.9, shape: 1, unit: dispersion, levels: [])
        let months = MonthEffects(data, fit, carryOver, shared, panel)
        filter.levels = Self.levels(data, months, segment, segments)
        choose(&filter, data, months, segments)
        keep = filter.keep
        // The market's next month is taken to be like the last three: seasons are not modelled.
        let lately = months.month.suffix(3)
        let month = exp(lately.reduce(0, +) / Double(lately.count))
        let parts = 8
        let n = data.hcpCount
        let chosen = filter
        let (segment, count) = (self.segment, segments)
        let results = Cores.map(parts) { part in
            var out = Predictions()
            var reader = months
            for hcp in (part * n / parts)..<((part + 1) * n / parts) {
                reader.read(hcp)
                let s = segment[hcp] < 0 || segment[hcp] >= count ? count : Int(segment[hcp])
                let (belief, _) = chosen.run(reader.row.outcome, reader.expected, segment: s)
                let (rest, effort) = reader.nextMonth()
                for carried in reader.row.carry { out.carry.append(Float(carried)) }
                let level = belief.level * chosen.unit * month
                out.base.append(Float(level))
                out.untouched.append(Float(level * exp(rest)))
                out.expected.append(Float(level * exp(effort)))
                out.shape.append(Float(belief.shape))
                let (recent, trend) = Self.trend(reader.row.outcome)
                out.recent.append(recent)
                out.trend.append(trend)
            }
            return out
        }
        untouched = results.flatMap(\.untouched)
        expected = results.flatMap(\.expected)
        shape = results.flatMap(\.shape)
        recent = results.flatMap(\.recent)
        trend = results.flatMap(\.trend)
        let active = recent.filter { $0 > 0 }
        meanRecent = active.isEmpty ? 0 : Double(active.reduce(0, +)) / Double(active.count)
        carry = results.flatMap(\.carry)
        shared?.base = results.flatMap(\.base)
    }

    private struct Predictions: Sendable {
        var untouched: [Float] = []
        var expected: [Float] = []
        var shape: [Float] = []
        var recent: [Float] = []
        var trend: [Float] = []
        var carry: [Float] = []
        var base: [Float] = []
    }

    /// Mean of the last three months, and its change against the three before when those hold at least 6 units.
    private static func trend(_ outcome: [Double]) -> (recent: Float, change: Float) {
        let last = outcome.suffix(3).reduce(0, +)
        guard outcome.count >= 6 else { return (Float(last / Double(max(1, min(3, outcome.count)))), .nan) }
        let before = outcome.dropLast(3).suffix(3).reduce(0, +)
        return (Float(last / 3), before >= 6 ? Float(last / before - 1) : .nan)
    }

    /// Mean level of each segment, shrunk to that of all by fifty units of outcome.
    private static func levels(
        _ data: PanelData, _ months: MonthEffects, _ segment: [Int32], _ segments: Int
    ) -> [Double] {
        var total = [Double](repeating: 0, count: segments + 1)
        var exposure = total
        var reader = months
        let stride = max(1, data.hcpCount / 50_000)
        for hcp in Swift.stride(from: 0, to: data.hcpCount, by: stride) {
            reader.read(hcp)
            let s = segment[hcp] < 0 || segment[hcp] >= segments ? segments : Int(segment[hcp])
            total[s] += reader.row.total
            exposure[s] += reader.expected.reduce(0, +)
        }
        let all = total.reduce(0, +) / max(exposure.reduce(0, +), 1e-9)
        return zip(total, exposure).map { ($0 + 50) / ($1 + 50 / max(all, 1e-9)) }
    }

    /// The discount and the prior's strength that predicted best one month ahead, on a sample.
    private func choose(
        _ filter: inout BaselineFilter, _ data: PanelData, _ months: MonthEffects, _ segments: Int
    ) {
        var sample: [History] = []
        var reader = months
        for hcp in stride(from: 0, to: data.hcpCount, by: max(1, data.hcpCount / 4000)) {
            reader.read(hcp)
            sample.append(
                History(
                    outcome: reader.row.outcome, expected: reader.expected,
                    segment: segment[hcp] < 0 || segment[hcp] >= segments ? segments : Int(segment[hcp])))
        }
        var grid: [(keep: Double, shape: Double)] = []
        for keep in [0.4, 0.6, 0.75, 0.85, 0.93, 0.98, 1] {
            for shape in [0.3, 0.7, 1.5, 3, 8] { grid.append((keep, shape)) }
        }
        let candidates = grid
        let base = filter
        let scores = Cores.map(grid.count) { [sample] k in
            var trial = base
            (trial.keep, trial.shape) = candidates[k]
            return sample.reduce(0.0) {
                $0 + trial.run($1.outcome, $1.expected, segment: $1.segment, scores: true).1
            }
        }
        if let best = scores.indices.max(by: { scores[$0] < scores[$1] }) {
            (filter.keep, filter.shape) = grid[best]
        }
    }
}
