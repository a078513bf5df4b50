internal import EngagementModel
internal import Foundation
internal import Statistics

/// The chance that an account buys within the days ahead, and how much of it is the moment's: what it would be in any
/// other such window.
///
/// A renewal model has one regularity for all accounts and knows no calendar; an account that orders in the same days of
/// every month, or one that let a month pass, is nothing to it. Here each account is read by its own past, each reading
/// shrunk to the one before: how many windows of this length held a purchase (`usual`), how many that began on this day
/// of earlier months, and how many of its own gaps that lasted so long ended within the window. What these readings are
/// worth together is learnt on past days of the same market, each with what was known then and what came after
/// (discrete-time hazard; Allison, "Discrete-time methods for the analysis of event histories", 1982): where none of
/// them tells anything, the chance is the usual one. Purchases that are delivered late are late on the past days too.
package struct DueChance: Sendable {
    /// Chance of a purchase within the window, of every account; nil for one that never bought.
    package private(set) var chance: [Double?] = []
    /// The same in a window at any time.
    package private(set) var usual: [Double?] = []
    /// Past cases that the weights were learnt from.
    package private(set) var cases = 0
    /// Days ahead.
    package let window: Int32
    /// Days before the end up to which purchases are known: 0, or more than a window since anybody's last one.
    package let lag: Int32

    /// Windows that the reading before counts for.
    private static let strength = 2.0
    /// Past days that are learnt from, a window apart, and cases at most.
    private static let (pastDays, enough) = (13, 40_000)
    /// Months and gaps that are looked back on.
    private static let (months, gaps) = (12, 24)

    /// - Parameters:
    ///   - histories: days since 1970-01-01 on which each account bought, ascending; those after `end` are not looked at.
    ///   - end: the last day known.
    package init(_ histories: [[Int32]], end: Int32, window: Int32 = 14) {
        self.window = window
        let last = histories.reduce(Int32.min) { latest, history in
            max(latest, history[..<Reading.count(history, through: end)].last ?? .min)
        }
        // All accounts silent for longer than a window: the files end there, not the buying.
        let lag = last > .min && end - last > window ? end - last : 0
        self.lag = lag
        var past: [(reading: Reading, came: Bool)] = []
        let step = max(1, histories.count * Self.pastDays / Self.enough)
        for back in 1...Int32(Self.pastDays) {
            let day = end - lag - back * window
            let market = Self.market(histories, day - lag, window)
            for account in stride(from: Int(back) % step, to: histories.count, by: step) {
                guard let reading = Reading(histories[account], day, lag, window, market) else { continue }
                past.append((reading, histories[account].contains { $0 > day && $0 <= day + window }))
            }
        }
        cases = past.count
        let weights = Self.fit(past)
        let market = Self.market(histories, end - lag, window)
        for history in histories {
            let reading = Reading(history, end, lag, window, market)
            usual.append(reading.map { Special.sigmoid($0.usual) })
            chance.append(
                reading.map { one in
                    Special.sigmoid(
                        one.usual + zip(weights, one.features).reduce(0) { $0 + $1.0 * $1.1 })
                })
        }
    }

    /// Share of the windows of all accounts since their first purchase that held one.
    private static func market(_ histories: [[Int32]], _ day: Int32, _ window: Int32) -> Double {
        var (hits, all) = (1.0, 3.0)
        for history in histories {
            let known = Reading.windows(history[..<Reading.count(history, through: day)], day, window)
            hits += known.hits
            all += known.all
        }
        return hits / all
    }

    /// One account on one day, as logits.
    struct Reading: Sendable {
        /// Share of windows with a purchase.
        var usual: Double
        /// What the calendar, the own gaps and a long wait add to it; constant, and its own deviation from 0.
        var features: [Double]

        /// - Parameters:
        ///   - day: the window follows it.
        ///   - lag: what was bought in so many days before it is not known.
        init?(_ history: [Int32], _ day: Int32, _ lag: Int32, _ window: Int32, _ market: Double) {
            let end = day - lag
            let known = history[..<Self.count(history, through: end)]
            guard let first = known.first, let last = known.last else { return nil }
            let all = Self.windows(known, end, window)
            let share = (all.hits + DueChance.strength * market) / (all.all + DueChance.strength)
            usual = Self.logit(share)
            var (hits, tries) = (0.0, 0.0)
            for back in 1...DueChance.months {
                let start = Self.earlier(day, months: back)
                guard start >= first, start + window <= end else { continue }
                tries += 1
                if Self.count(history, through: start) < Self.count(history, through: start + window) { hits += 1 }
            }
            let calendar = (hits + DueChance.strength * share) / (tries + DueChance.strength)
            let wait = end - last
            let recent = known.suffix(DueChance.gaps + 1)
            let gaps = zip(recent.dropFirst(), recent).map { $0 - $1 }
            let longer = gaps.filter { $0 > wait }
            let ended = Double(longer.count { $0 > wait + lag && $0 <= wait + lag + window })
            let hazard = (ended + DueChance.strength * share) / (Double(longer.count) + DueChance.strength)
            let mean = gaps.isEmpty ? Double(wait + 1) : Double(gaps.reduce(0, +)) / Double(gaps.count)
            let late = log(max(1, Double(wait) / max(mean, 1)))
            features = [
                Self.logit(calendar) - usual, Self.logit(hazard) - usual, late,
                !gaps.isEmpty && longer.isEmpty ? 1 : 0, usual, 1,
            ]
        }

        private static func logit(_ p: Double) -> Double { log(p / (1 - p)) }

        /// How many purchases lie on a day or before.
        static func count(_ history: [Int32], through day: Int32) -> Int {
            var (low, high) = (0, history.count)
            while low < high {
                let middle = (low + high) / 2
                if history[middle] <= day { low = middle + 1 } else { high = middle }
            }
            return low
        }

        /// Windows back from a day that begin after the first purchase, a year's at most, and those with a purchase.
        static func windows(_ known: ArraySlice<Int32>, _ day: Int32, _ window: Int32) -> (hits: Double, all: Double) {
            guard let first = known.first else { return (0, 0) }
            let all = min((day - first) / window, 365 / window)
            var (hits, seen) = (0, Int32(-1))
            for purchase in known.reversed() {
                let place = (day - purchase) / window
                if place >= all { break }
                if place != seen { (hits, seen) = (hits + 1, place) }
            }
            return (Double(hits), Double(all))
        }

        /// The same day of an earlier month; of a shorter one its last.
        static func earlier(_ day: Int32, months: Int) -> Int32 {
            let date = Day(number: day).civil
            let month = date.year * 12 + date.month - 1 - months
            func start(_ month: Int) -> Int32 { Day(year: month / 12, month: month % 12 + 1, day: 1).number }
            return min(start(month) + Int32(date.day) - 1, start(month + 1) - 1)
        }
    }

    /// Weights of the readings by logistic regression with a weak prior on "the usual chance holds".
    private static func fit(_ past: [(reading: Reading, came: Bool)]) -> [Double] {
        let width = 6
        var weights = [Double](repeating: 0, count: width)
        guard past.count >= 50 else { return weights }
        for _ in 0..<30 {
            var gradient = weights.map { -$0 }
            var hessian = (0..<(width * width)).map { $0 % (width + 1) == 0 ? 1.0 : 0 }
            for (reading, came) in past {
                let x = reading.features
                var z = reading.usual
                for i in 0..<width { z += weights[i] * x[i] }
                let p = Special.sigmoid(z)
                let w = p * (1 - p)
                for i in 0..<width {
                    gradient[i] += ((came ? 1 : 0) - p) * x[i]
                    for j in 0...i { hessian[i * width + j] += w * x[i] * x[j] }
                }
            }
            guard let step = Cholesky(hessian, size: width)?.solve(gradient) else { break }
            var size = 0.0
            for i in 0..<width {
                weights[i] += min(max(step[i], -1), 1)
                size = max(size, abs(step[i]))
            }
            if size < 1e-8 { break }
        }
        return weights
    }
}
