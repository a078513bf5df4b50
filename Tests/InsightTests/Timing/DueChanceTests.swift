import EngagementModel
import Insight
import Statistics
import Testing

/// Markets whose truth is known: sites that order in days of their own, and one in which no moment tells anything.
@Suite struct DueChanceTests {
    private static let start = Day(year: 2023, month: 1, day: 1)
    private static let end = Day(year: 2026, month: 1, day: 1)

    private enum Habit { case days, cycle, none }

    /// Days of purchase of each site over three years.
    private static func market(_ habit: Habit, sites: Int = 400, seed: UInt64) -> [[Int32]] {
        var g = SeededGenerator(seed: seed, stream: 7)
        return (0..<sites).map { site in
            var days: [Int32] = []
            if habit == .days {
                // In five days of every month of its own, or, one site of three, at any time; some months go without.
                let own = site % 3 > 0 ? Int32(g.below(23)) : nil
                for month in 0..<36 {
                    let first = Day(year: 2023 + month / 12, month: month % 12 + 1, day: 1).number
                    let place = own.map { $0 + Int32(g.below(5)) } ?? Int32(g.below(27))
                    if g.uniform() > 0.15 { days.append(first + place) }
                }
            } else {
                // Cycles of a length of its own, or gaps that remember nothing.
                let gap = 20 + 40 * g.uniform()
                var day = Double(start.number) + gap * g.uniform()
                while day < Double(end.number) {
                    if days.last != Int32(day) { days.append(Int32(day)) }
                    day += habit == .cycle ? gap * (0.93 + 0.14 * g.uniform()) : max(1, gap * g.exponential())
                }
            }
            return days
        }
    }

    private struct Judgement {
        var alarms = 0
        var came = 0
        var promised = 0.0
        var events = 0
        var cases = 0
        var precision: Double { Double(came) / Double(max(1, alarms)) }
        var promise: Double { promised / Double(max(1, alarms)) }
        var lot: Double { Double(events) / Double(cases) }
    }

    /// The twentieth of the sites that stands out most from its own usual chance, on eight days, judged by what came after.
    private static func judge(_ market: [[Int32]]) -> Judgement {
        var result = Judgement()
        for back in 1...8 {
            let day = end.number - 14 - Int32(back * 23)
            let due = DueChance(market, end: day)
            func came(_ site: Int) -> Bool { market[site].contains { $0 > day && $0 <= day + 14 } }
            let standing = market.indices.compactMap { site -> (site: Int, excess: Double)? in
                guard let chance = due.chance[site], let usual = due.usual[site] else { return nil }
                result.cases += 1
                if came(site) { result.events += 1 }
                return (site, chance - usual)
            }
            for one in standing.sorted(by: { ($1.excess, $0.site) < ($0.excess, $1.site) }).prefix(market.count / 20) {
                result.alarms += 1
                result.promised += due.chance[one.site] ?? 0
                if came(one.site) { result.came += 1 }
            }
        }
        return result
    }

    @Test func habitsOfTheCalendarAreFound() {
        let found = Self.judge(Self.market(.days, seed: 1))
        #expect(found.lot > 0.3 && found.lot < 0.5)
        #expect(found.precision > found.lot + 0.25, "\(found)")
        #expect(abs(found.promise - found.precision) < 0.08, "\(found)")
    }

    @Test func cyclesOfAnyLengthAreFound() {
        let found = Self.judge(Self.market(.cycle, seed: 2))
        #expect(found.precision > found.lot + 0.35, "\(found)")
        #expect(abs(found.promise - found.precision) < 0.08, "\(found)")
    }

    /// Nothing tells when: no more is promised than by lot, and than comes.
    @Test func whereNoMomentTellsAnythingNothingIsPromised() {
        let found = Self.judge(Self.market(.none, seed: 3))
        #expect(found.promise < found.lot + 0.06, "\(found)")
        #expect(found.promise < found.precision + 0.1, "\(found)")
        let due = DueChance(Self.market(.none, seed: 4), end: Self.end.number - 14)
        let excess = zip(due.chance, due.usual).compactMap { chance, usual in
            chance.flatMap { chance in usual.map { chance - $0 } }
        }
        #expect(excess.count { $0 > 0.12 } < excess.count / 20)
    }

    @Test func nothingOfTheFutureIsKnown() {
        let market = Self.market(.days, sites: 60, seed: 5)
        let day = Self.end.number - 100
        let known = DueChance(market.map { $0.filter { $0 <= day } }, end: day)
        let all = DueChance(market, end: day)
        #expect(known.chance == all.chance && known.usual == all.usual)
    }

    /// Orders that are delivered two months late: what is known is the same on the past days, and a silence of all is none of theirs.
    @Test func lateDeliveriesAreNoSilence() {
        let market = Self.market(.days, seed: 6)
        let day = Self.end.number - 40
        let due = DueChance(market.map { $0.filter { $0 <= day - 60 } }, end: day)
        #expect(due.lag >= 60)
        let sure = market.indices.filter { (due.chance[$0] ?? 0) > 0.6 }
        let came = sure.count { site in market[site].contains { $0 > day && $0 <= day + 14 } }
        let promised = sure.reduce(0) { $0 + (due.chance[$1] ?? 0) } / Double(max(1, sure.count))
        #expect(sure.count > 20)
        #expect(abs(Double(came) / Double(max(1, sure.count)) - promised) < 0.12)
        #expect(DueChance(market, end: day).lag == 0)
    }

    @Test func thinHistoriesHaveTheUsualChanceOrNone() {
        let due = DueChance([[], [100], [100, 130], [500]], end: 200)
        #expect(due.chance[0] == nil && due.chance[3] == nil)
        #expect(due.chance[1] == due.usual[1] && due.cases < 50)
        for chance in due.chance.compactMap({ $0 }) { #expect(chance > 0 && chance < 1) }
        #expect(DueChance([], end: 0).chance.isEmpty)
    }
}
