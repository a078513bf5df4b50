import Foundation
import Insight
import Statistics
import Testing

@Suite struct HourOfWeekTests {
    /// Monday 2026-01-05, midnight UTC, µs.
    private static let monday: Int64 = 1_767_571_200_000_000

    private static func moment(_ hour: Int, week: Int = 0) -> Int64 {
        monday + Int64(week * 168 + hour) * 3_600_000_000
    }

    @Test func hoursAreCountedFromMondayMidnight() {
        let clock = ZoneClock()
        #expect(clock.hour(Self.monday) == 0)
        #expect(clock.hour(Self.monday - 1) == 167)
        #expect(clock.hour(Self.moment(100, week: 3) + 3_599_999_999) == 100)
        #expect(clock.hour(-1) == 71 && clock.hour(0) == 72)  // 1970-01-01 was a Thursday
    }

    @Test func localHoursFollowSummerTime() throws {
        let summer: Int64 = 1_783_296_000_000_000  // 2026-07-06 00:00 UTC, a Monday
        let clock = try ZoneClock(
            names: ["Europe/Paris", "+05:30", "", "-03"], span: Self.monday...summer + 1_000_000)
        #expect(clock.hour(Self.monday, zone: 0) == 1)
        #expect(clock.hour(summer, zone: 0) == 2)
        #expect(clock.hour(Self.monday, zone: 1) == 5)
        #expect(clock.hour(Self.monday, zone: 2) == 0)
        #expect(clock.hour(Self.monday, zone: 3) == 165)
        let problem = #expect(throws: HistoryProblem.self) {
            try ZoneClock(names: ["UTC", "Europe/Nowhere"], span: 0...1)
        }
        #expect(problem?.row == 1)
    }

    @Test func theFoldCountsEverySendOnce() throws {
        var generator = SeededGenerator(seed: 2)
        let n = 5000
        let hcps = (0..<n).map { _ in Int32(generator.below(37)) }
        let sent = (0..<n).map { _ in Self.monday + Int64(generator.below(700)) * 1_234_567_890 }
        let opened = (0..<n).map { _ in generator.chance(0.3) }
        var counts = HourCounts(hcpCount: 37)
        try counts.add(
            hcps: Array(hcps[..<2000]), sent: Array(sent[..<2000]), opened: Array(opened[..<2000]))
        try counts.add(
            hcps: Array(hcps[2000...]), sent: Array(sent[2000...]), opened: Array(opened[2000...]))
        var expected: [Int: (Int, Int)] = [:]
        for i in 0..<n {
            let key = Int(hcps[i]) * 168 + ZoneClock().hour(sent[i])
            expected[key, default: (0, 0)].0 += 1
            if opened[i] { expected[key, default: (0, 0)].1 += 1 }
        }
        for key in 0..<37 * 168 {
            let (cell, reference) = (counts.cell(key / 168, key % 168), expected[key] ?? (0, 0))
            #expect(cell.sends == reference.0 && cell.opens == reference.1)
        }
        #expect(counts.sends == n)
        let openings = opened.filter { $0 }.count
        #expect(counts.opens == openings)
    }

    /// HCPs whose evening is better than their morning, and a sender who tries evenings on lazy HCPs only.
    private struct Market {
        var counts = HourCounts(hcpCount: Market.size)
        var truth = [Double](repeating: 0, count: Market.size * 168)
        static let size = 3000

        init(seed: UInt64) throws {
            var generator = SeededGenerator(seed: seed)
            var (hcps, sent, opened) = ([Int32](), [Int64](), [Bool]())
            for hcp in 0..<Self.size {
                let level = generator.normal(mean: 0, deviation: 0.9)
                let lazy = level < 0
                for hour in 0..<168 {
                    let base = -1.2 + (hour % 24 >= 17 ? 0.7 : 0) + level
                    let mean = Special.sigmoid(base)
                    truth[hcp * 168 + hour] = generator.beta(25 * mean, 25 * (1 - mean))
                }
                for send in 0..<120 {
                    let hour = lazy && send % 3 > 0 ? 17 + generator.below(5) : 8 + generator.below(10)
                    let place = 24 * generator.below(5) + hour
                    hcps.append(Int32(hcp))
                    sent.append(HourOfWeekTests.moment(place, week: send))
                    opened.append(generator.chance(truth[hcp * 168 + place]))
                }
            }
            try counts.add(hcps: hcps, sent: sent, opened: opened)
        }
    }

    @Test func hoursAreCorrectedForWhomTheyWereTriedOn() throws {
        let market = try Market(seed: 8)
        let model = try HourModel(market.counts)
        // Among the raw rates evenings look no better, for they were tried on the lazy.
        func raw(_ hours: [Int]) -> Double {
            var (sends, opens) = (0, 0)
            for hcp in 0..<Market.size {
                for hour in hours {
                    sends += market.counts.cell(hcp, hour).sends
                    opens += market.counts.cell(hcp, hour).opens
                }
            }
            return Special.logit(Double(opens) / Double(sends))
        }
        let (mornings, evenings) = ((0..<5).map { $0 * 24 + 10 }, (0..<5).map { $0 * 24 + 20 })
        #expect(raw(evenings) - raw(mornings) < 0.3)
        func effect(_ hours: [Int]) -> Double {
            hours.reduce(0) { $0 + Special.logit(model.chance(segment: 0, hour: $1)) } / Double(hours.count)
        }
        let gain = effect(evenings) - effect(mornings)
        #expect(abs(gain - 0.7) < 0.15)
        #expect(abs(model.levelDeviation - 0.9) < 0.15)
        #expect(model.concentrationKnown)
        #expect(model.concentration > 18)
        #expect(model.concentration < 36)
    }

    @Test func intervalsHoldTheTruthAndTheUntriedIsUnknown() throws {
        let market = try Market(seed: 9)
        let model = try HourModel(market.counts)
        let scores = HourScores.make(
            model, market.counts, hcps: 0..<Market.size, quantiles: BetaQuantileTable(level: 0.9))
        var (inside, tried, width, untriedWidth, untried) = (0, 0, 0.0, 0.0, 0)
        var (error, flatError) = (0.0, 0.0)
        let average = Double(market.counts.opens) / Double(market.counts.sends)
        for place in 0..<Market.size * 168 {
            let (sends, _) = market.counts.cell(place / 168, place % 168)
            #expect(scores.low[place] <= scores.score[place] && scores.score[place] <= scores.high[place])
            let spread = Double(scores.high[place] - scores.low[place])
            guard sends > 0 else {
                untriedWidth += spread
                untried += 1
                continue
            }
            let truth = market.truth[place]
            tried += 1
            width += spread
            if Double(scores.low[place]) <= truth && truth <= Double(scores.high[place]) { inside += 1 }
            error += (Double(scores.score[place]) - truth) * (Double(scores.score[place]) - truth)
            flatError += (average - truth) * (average - truth)
        }
        let share = Double(inside) / Double(tried)
        #expect(share > 0.88)
        #expect(share < 0.925)
        #expect(error < 0.5 * flatError)
        let (unknown, known) = (untriedWidth / Double(untried), width / Double(tried))
        #expect(unknown > known)
    }

    @Test func segmentsDiffer() throws {
        var generator = SeededGenerator(seed: 12)
        var (hcps, sent, opened) = ([Int32](), [Int64](), [Bool]())
        for hcp in 0..<1000 {
            for send in 0..<60 {
                let early = send % 2 == 0
                let chance = early == (hcp % 2 == 0) ? 0.4 : 0.2
                hcps.append(Int32(hcp))
                sent.append(Self.moment(early ? 8 : 18, week: send))
                opened.append(generator.chance(chance))
            }
        }
        var counts = HourCounts(hcpCount: 1000)
        try counts.add(hcps: hcps, sent: sent, opened: opened)
        let model = try HourModel(counts, segmentOf: (0..<1000).map { Int32($0 % 2) }, segmentCount: 2)
        #expect(abs(model.chance(segment: 0, hour: 8) - 0.4) < 0.04)
        #expect(abs(model.chance(segment: 0, hour: 18) - 0.2) < 0.04)
        #expect(abs(model.chance(segment: 1, hour: 8) - 0.2) < 0.04)
        #expect(abs(model.chance(segment: 1, hour: 18) - 0.4) < 0.04)
    }

    @Test func extremesStayFinite() throws {
        for outcome in [false, true] {
            var counts = HourCounts(hcpCount: 2)
            try counts.add(hcps: [0, 0, 0], sent: [0, 1, 2], opened: [outcome, outcome, outcome])
            let model = try HourModel(counts)
            let scores = HourScores.make(model, counts, hcps: 0..<2, quantiles: BetaQuantileTable(level: 0.9))
            #expect(scores.score.allSatisfy { $0 > 0 && $0 < 1 })
            #expect(!model.concentrationKnown)
        }
    }

    @Test func badLogsAreRefused() {
        func problem(_ hcps: [Int32], _ sent: [Int64], _ opened: [Bool]) -> HistoryProblem? {
            #expect(throws: HistoryProblem.self) {
                var counts = HourCounts(hcpCount: 2)
                try counts.add(hcps: hcps, sent: sent, opened: opened)
                return try HourModel(counts)
            }
        }
        #expect(problem([], [], [])?.code == "empty")
        #expect(problem([0, -1], [1, 2], [true, false])?.row == 1)
        #expect(problem([0], [1, 2], [true])?.code == "ragged_columns")
        let many = 70_000
        let flood = problem(
            [Int32](repeating: 0, count: many), [Int64](repeating: 5, count: many),
            [Bool](repeating: false, count: many))
        #expect(flood?.code == "too_many_sends" && flood?.row == 65_535)
    }

    @Test func tabulatedQuantilesAreExact() {
        let table = BetaQuantileTable(level: 0.9)
        var generator = SeededGenerator(seed: 6)
        for _ in 0..<2000 {
            let (a, b) = (exp(-2.99 + 14 * generator.uniform()), exp(-2.99 + 14 * generator.uniform()))
            let interval = table.interval(a, b)
            #expect(abs(interval.low - Special.betaQuantile(0.05, a, b)) < 1e-4)
            #expect(abs(interval.high - Special.betaQuantile(0.95, a, b)) < 1e-4)
        }
    }
}
