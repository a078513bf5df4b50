import EngagementModel
import Foundation

/// What touches of each kind leave in an HCP, month by month, fading evenly from the day of the touch.
///
/// A kind is a channel and how far the touch got: one that was only reached may leave next to nothing where another
/// leaves much, and how much is left to be learnt. One unit is one touch; advanced ones count one and a half.
struct StockPanel: Sendable {
    struct Kind: Sendable, Hashable {
        var channel: Int
        /// Engaged or more; else reached and no further.
        var isEngaged: Bool
    }

    let kinds: [Kind]
    let firstMonth: Int32
    let months: Int
    private let input: ResponseInput
    private let product: Int32?
    /// By channel code and level 0 … 3: kind, −1 = leaves nothing.
    private let kindOf: [Int]
    private let table = MonthTable()
    /// Months from the first one to as-of, or to the last touch where as-of lies far behind it.
    private let today: Double

    static let daysPerMonth = 30.4375

    init(_ input: ResponseInput, product: Int32?, channels: [Int], firstMonth: Int32, months: Int) {
        self.input = input
        self.product = product
        self.firstMonth = firstMonth
        self.months = months
        var kinds: [Kind] = []
        var kindOf = [Int](repeating: -1, count: FeatureLayout.channels * 4)
        for channel in channels {
            kindOf[channel * 4 + 1] = kinds.count
            kinds.append(Kind(channel: channel, isEngaged: false))
            kindOf[channel * 4 + 2] = kinds.count
            kindOf[channel * 4 + 3] = kinds.count
            kinds.append(Kind(channel: channel, isEngaged: true))
        }
        self.kinds = kinds
        self.kindOf = kindOf
        let day = Microseconds.floor(min(input.asOf, input.touches.time.max() ?? 0), Microseconds.day)
        today = max(Double(months), Double(table[day] - firstMonth) + 1 - Double(table.shareLeft(day)))
    }

    /// Mean stock of every month, month-major, what stands at the end of the last one, and the touches a month lately.
    struct Row {
        var stock: [Double]
        var end: [Double]
        var usual: [Double]

        init(_ panel: StockPanel) {
            stock = Array(repeating: 0, count: panel.months * panel.kinds.count)
            end = Array(repeating: 0, count: panel.kinds.count)
            usual = end
        }
    }

    private struct Event {
        var kind: Int
        var weight: Double
        var month: Int
        /// Share of its month that is left.
        var left: Double
    }

    @inline(__always) private func event(_ row: Int) -> Event? {
        let touches = input.touches
        let level = Int(min(touches.level[row], 3))
        let kind = kindOf[Int(touches.channel[row]) * 4 + level]
        guard kind >= 0, touches.flags[row] & TouchFlag.pull == 0 else { return nil }
        if let product, touches.product[row] >= 0, touches.product[row] != product { return nil }
        let day = Microseconds.floor(touches.time[row], Microseconds.day)
        return Event(
            kind: kind, weight: level == 3 ? 1.5 : 1, month: Int(table[day] - firstMonth),
            left: Double(table.shareLeft(day)))
    }

    /// - Parameter fade: share of the logarithm that is lost in a month, ln 2 ÷ half-life in months.
    func read(_ hcp: Int, fade: Double, into row: inout Row) {
        let width = kinds.count
        for c in 0..<width {
            row.end[c] = 0
            row.usual[c] = 0
        }
        let lately = min(6, months)
        let whole = exp(-fade)
        let mean = -expm1(-fade) / fade
        var k = input.starts[hcp]
        let end = input.starts[hcp + 1]
        // What was left before the first month: of touches that are known, else as if the first year had gone before.
        if k < end, month(k) < 0 {
            while k < end, month(k) < 0 {
                if let e = event(k) { row.end[e.kind] += e.weight * exp(-fade * (Double(-1 - e.month) + e.left)) }
                k += 1
            }
        } else {
            let year = min(12, months)
            var ahead = k
            while ahead < end, month(ahead) < year {
                if let e = event(ahead) { row.end[e.kind] += e.weight / Double(year) / fade }
                ahead += 1
            }
        }
        for t in 0..<months {
            for c in 0..<width {
                row.stock[t * width + c] = row.end[c] * mean
                row.end[c] *= whole
            }
            while k < end, month(k) == t {
                if let e = event(k) {
                    let rest = exp(-fade * e.left)
                    row.stock[t * width + e.kind] += e.weight * (1 - rest) / fade
                    row.end[e.kind] += e.weight * rest
                    if t >= months - lately { row.usual[e.kind] += e.weight / Double(lately) }
                }
                k += 1
            }
        }
    }

    /// What stands today, touches after the last month included.
    func now(_ hcp: Int, fade: Double, into now: inout [Double]) {
        for c in now.indices { now[c] = 0 }
        for k in input.starts[hcp]..<input.starts[hcp + 1] where input.touches.time[k] <= input.asOf {
            guard let e = event(k) else { continue }
            now[e.kind] += e.weight * exp(-fade * max(0, today - (Double(e.month) + 1 - e.left)))
        }
    }

    /// Share of engaged touches that advanced, by channel in the order of the kinds.
    func advancedShares() -> [Double] {
        var counts = [(engaged: Double, advanced: Double)](repeating: (1, 0), count: kinds.count / 2)
        let touches = input.touches
        for row in 0..<touches.count where touches.level[row] >= 2 && touches.flags[row] & TouchFlag.pull == 0 {
            let kind = kindOf[Int(touches.channel[row]) * 4 + 2]
            guard kind >= 0, touches.time[row] <= input.asOf else { continue }
            counts[kind / 2].engaged += 1
            if touches.level[row] >= 3 { counts[kind / 2].advanced += 1 }
        }
        return counts.map { $0.advanced / $0.engaged }
    }

    @inline(__always) private func month(_ row: Int) -> Int {
        Int(table[Microseconds.floor(input.touches.time[row], Microseconds.day)] - firstMonth)
    }
}
