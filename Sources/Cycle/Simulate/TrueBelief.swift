internal import Decisioning
internal import EngagementModel
internal import Foundation
internal import Simulation
internal import Statistics

/// The best guess of each HCP's responsiveness that volumes allow: Bayes' rule under the market's own law, all else known.
///
/// Known are the law from which responsiveness is drawn, what every touch leaves and how it fades, seasons and trends; not
/// known are the HCP's level and its responsiveness. No model can learn more from the same months, so that a plan on these
/// means says how much of an oracle's value is within reach.
struct TrueBelief: Sendable {
    /// Posterior mean of the greatest relative rise, by HCP × slot; 0 where the slot is empty.
    let mean: [Float]

    /// Responsiveness relative to the market's coefficient: quantiles of a lognormal law, and a tenth of it for the one
    /// HCP in five who hardly responds.
    private static let nodes: [Double] = (0..<15).map { k in
        exp(0.5 * Special.normalQuantile((Double(k) + 0.5) / 15) - 0.125)
    }
    private static let indifferent = (share: 0.2, factor: 0.1)
    private static let levels = 17

    init(_ world: MarketWorld, _ company: LoopCompany, _ log: LoopLog) {
        let market = world.market
        let shapes = TrueShapes(market, company, log)
        let count = market.hcps.count
        let parts = 8
        mean = Cores.map(parts) { part in
            ((part * count / parts)..<((part + 1) * count / parts)).flatMap { hcp in
                Self.means(hcp, market, shapes)
            }
        }.flatMap { $0 }
    }

    private static func means(_ hcp: Int, _ market: SimulatedMarket, _ shapes: TrueShapes) -> [Float] {
        let common = market.coefficients.responsiveness
        var own: [(mean: (Double, Double), evidence: (Double, Double))?] = [nil, nil]
        for slot in 0..<2 {
            guard market.hcps.product[hcp * 2 + slot] >= 0 else { continue }
            let months = shapes.months(hcp, slot)
            func side(_ factor: Double) -> (mean: Double, log: Double) {
                let limits = nodes.map { min(common * $0 * factor, 1.2) }
                let scores = limits.map { evidence(months, limit: $0) }
                let top = scores.max() ?? 0
                let weights = scores.map { exp($0 - top) }
                let sum = weights.reduce(0, +)
                return (zip(limits, weights).reduce(0) { $0 + $1.0 * $1.1 } / sum, top + log(sum / Double(nodes.count)))
            }
            let (yes, no) = (side(1), side(indifferent.factor))
            own[slot] = ((yes.mean, no.mean), (yes.log, no.log))
        }
        // Who is indifferent to one product is to the other.
        var odds = log(indifferent.share / (1 - indifferent.share))
        for case .some(let slot) in own { odds += slot.evidence.1 - slot.evidence.0 }
        let share = Special.sigmoid(odds)
        return own.map { slot in slot.map { Float((1 - share) * $0.mean.0 + share * $0.mean.1) } ?? 0 }
    }

    /// log ∫ Π negative binomial d log level, up to a constant.
    private static func evidence(_ months: [TrueShapes.Point], limit: Double) -> Double {
        // The month-to-month noise of the HCP's own widens the negative binomial.
        let size = 1 / (1 / SimulatedMarket.dispersion + 0.0145)
        let means = months.map { $0.base * (1 + limit * $0.rise) }
        let total = months.reduce(0) { $0 + $1.volume }
        let center = log((total + 0.5) / max(means.reduce(0, +), 1e-9))
        let n = Double(max(months.count, 1))
        let sd = ((1 / size) / n + 1 / (total + 1)).squareRoot()
        var scores: [Double] = []
        for k in 0..<levels {
            let level = exp(center + sd * 4.5 * (2 * Double(k) / Double(levels - 1) - 1))
            var score = 0.0
            for (month, mean) in zip(months, means) {
                let m = level * mean
                score += month.volume * log(m) - (month.volume + size) * log(m + size)
            }
            scores.append(score)
        }
        let top = scores.max() ?? 0
        return top + log(scores.reduce(0) { $0 + exp($1 - top) })
    }
}

/// What months of one HCP would be under any responsiveness.
private struct TrueShapes: Sendable {
    struct Point: Sendable {
        var volume: Double
        /// Volume without promotion, up to the HCP's level.
        var base: Double
        /// Lift for a responsiveness of one.
        var rise: Double
    }

    let market: SimulatedMarket
    let log: LoopLog
    let objective: [Int]
    let productOfTouch: [Int]
    let starts: [Int]
    let volumeStarts: [[Int]]

    init(_ market: SimulatedMarket, _ company: LoopCompany, _ log: LoopLog) {
        self.market = market
        self.log = log
        objective = Product.all.map { product in
            company.strategy.objectives.firstIndex { $0.product == product.id } ?? -1
        }
        var products = [Int](repeating: -1, count: company.products.names.count)
        for (k, product) in Product.all.enumerated() {
            let number = Int(company.products.known(product.id))
            if products.indices.contains(number) { products[number] = k }
        }
        productOfTouch = products
        func starts(_ column: [Int32]) -> [Int] {
            var result = [Int](repeating: 0, count: log.hcps + 1)
            for hcp in column { result[Int(hcp) + 1] += 1 }
            for k in 0..<log.hcps { result[k + 1] += result[k] }
            return result
        }
        self.starts = starts(log.touches.hcp)
        volumeStarts = log.volumes.map { starts($0.hcp) }
    }

    func months(_ hcp: Int, _ slot: Int) -> [Point] {
        let product = Int(market.hcps.product[hcp * 2 + slot])
        guard product >= 0, objective[product] >= 0 else { return [] }
        let volumes = log.volumes[objective[product]]
        let rows = volumeStarts[objective[product]][hcp]..<volumeStarts[objective[product]][hcp + 1]
        let first = Int(Month.index(of: market.startDay))
        let limit = Double(market.hcps.responsiveness[hcp * 2 + slot])
        var state = ContactState(day: market.startDay, stock: SIMD2(repeating: opening(hcp, slot, product)))
        var next = starts[hcp]
        var result: [Point] = []
        for row in rows {
            let month = Int(volumes.month[row]) - first
            var rise = 0.0
            for day in [4, 11, 19, 27] {
                let point = market.firstDay(ofMonth: month) + day
                while next < starts[hcp + 1] {
                    let at = Day(number: Int32(log.touches.time[next] / 86_400_000_000))
                    guard at <= point else { break }
                    record(next, at, slot, product, &state)
                    next += 1
                }
                state.advance(to: point.number, decay: market.decay)
                rise += market.lift(hcp: hcp, slot: slot, stock: state.stock[slot]) / limit / 4
            }
            result.append(
                Point(
                    volume: volumes.value[row], base: market.baseVolume(hcp: hcp, slot: slot, month: month), rise: rise)
            )
        }
        return result
    }

    private func record(_ row: Int, _ day: Day, _ slot: Int, _ product: Int, _ state: inout ContactState) {
        let number = Int(log.touches.product[row])
        guard productOfTouch.indices.contains(number), productOfTouch[number] == product else { return }
        state.advance(to: day.number, decay: market.decay)
        state.record(
            Channel.allCases[Int(log.touches.channel[row])],
            level: ResponseLevel.allCases[Int(log.touches.level[row])], slot: slot, direction: .pull,
            market.coefficients)
    }

    /// What stood when the history began: as if the first year had gone before.
    private func opening(_ hcp: Int, _ slot: Int, _ product: Int) -> Double {
        var sum = 0.0
        for row in starts[hcp]..<starts[hcp + 1] {
            let day = Day(number: Int32(log.touches.time[row] / 86_400_000_000))
            guard day < market.startDay + 365 else { break }
            let number = Int(log.touches.product[row])
            let level = Int(log.touches.level[row])
            guard level > 0, productOfTouch.indices.contains(number), productOfTouch[number] == product else {
                continue
            }
            sum += market.coefficients.weight[Int(log.touches.channel[row])][level - 1]
        }
        return sum / 365 * market.coefficients.memoryDays
    }
}
