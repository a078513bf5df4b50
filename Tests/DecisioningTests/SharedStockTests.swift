import EngagementModel
import Foundation
import Statistics
import Testing

@testable import Decisioning

/// A panel whose touches of all channels fill one stock, and whose HCPs follow it to different degrees.
private struct StockMarket {
    static let visit = (reached: 0.02, engaged: 0.16)
    static let mail = (reached: 0.0, engaged: 0.05)
    static let limit = 0.3
    let volumes: VolumeColumns
    let input: ResponseInput
    var follows: [Double] = []
    let start = Month.index(of: Day(year: 2024, month: 1, day: 1))
    let months = 24
    var lastMonth: Int32 { start + Int32(months) - 1 }
    let halfLife: Double

    init(hcps: Int, seed: UInt64, halfLife: Double = 40, spread: Double = 0.5) throws {
        self.halfLife = halfLife
        var g = SeededGenerator(seed: seed)
        var touches = TouchColumns(hcp: [], time: [], channel: [], level: [])
        var volumes = VolumeColumns()
        let first = Month.firstDay(of: start)
        let last = Month.firstDay(of: start + Int32(months))
        for hcp in 0..<hcps {
            let level = 4 + g.gamma(shape: 1.5) * 10
            let follow = g.chance(0.25) ? 0.1 : exp(spread * g.normal())
            follows.append(follow)
            var stock = 0.0
            var sum = 0.0
            var month = start
            var days = 0.0
            for day in 0..<(last - first) {
                let date = first + day
                if Month.index(of: date) != month {
                    Self.close(hcp, month, level * exp(sum / days), &volumes, &g)
                    (month, sum, days) = (Month.index(of: date), 0, 0)
                }
                stock *= exp2(-1 / halfLife)
                // High writers are called on more, at times that do not depend on their months.
                for (channel, rate) in [(Channel.inPerson, 0.01 + 0.001 * level), (.email, 0.05)]
                where g.chance(rate) {
                    let isEngaged = g.chance(0.4)
                    let slope = channel == .inPerson ? Self.visit : Self.mail
                    stock += isEngaged ? slope.engaged : slope.reached
                    touches.hcp.append(Int32(hcp))
                    touches.time.append(Int64(date.number) * 86_400_000_000)
                    touches.channel.append(channel.code)
                    touches.level.append(isEngaged ? 2 : 1)
                }
                sum += Self.curve(stock, follow)
                days += 1
            }
            Self.close(hcp, month, level * exp(sum / days), &volumes, &g)
        }
        self.volumes = volumes
        input = try ResponseInput(
            touches: TouchColumns(hcp: touches.hcp, time: touches.time, channel: touches.channel, level: touches.level),
            hcps: HCPColumns(
                specialty: [Int32](repeating: 0, count: hcps), specialtyNames: ["cardiology"]),
            asOf: Int64(last.number) * 86_400_000_000 - 1)
    }

    private static func curve(_ stock: Double, _ follow: Double) -> Double {
        log1p(follow * limit * -expm1(-stock / limit))
    }

    private static func close(
        _ hcp: Int, _ month: Int32, _ mean: Double, _ volumes: inout VolumeColumns, _ g: inout SeededGenerator
    ) {
        volumes.hcp.append(Int32(hcp))
        volumes.month.append(month)
        // Overdispersed, as real counts are.
        volumes.value.append(Double(g.poisson(mean: mean * g.gamma(shape: 10) / 10)))
    }

    func model() -> OutcomeModel { OutcomeModel(volumes: volumes, touches: input, lastMonth: lastMonth) }
}

@Suite struct SharedStockTests {
    @Test func learnsWhatEachKindOfTouchLeavesAndHowLong() throws {
        let market = try StockMarket(hcps: 4000, seed: 1)
        let shared = try #require(market.model().shared)
        #expect(shared.channels == [Int(Channel.inPerson.code), Int(Channel.email.code)])
        #expect((25...60).contains(shared.halfLifeDays), "\(shared.halfLifeDays)")
        let slope = shared.curve.slope
        #expect(slope[0] < 0.35 * slope[1], "what only reached leaves far less: \(slope)")
        let ratio = StockMarket.mail.engaged / StockMarket.visit.engaged
        #expect(abs(slope[3] / slope[1] / ratio - 1) < 0.3, "\(slope)")
        // On the scale of the truth, a quarter of whose HCPs follow a tenth as much.
        let follows = market.follows.reduce(0, +) / Double(market.follows.count)
        #expect(abs(slope[1] / (follows * StockMarket.visit.engaged) - 1) < 0.25, "\(slope)")
        #expect(abs(slope[3] / (follows * StockMarket.mail.engaged) - 1) < 0.35, "\(slope)")
    }

    @Test func tellsWhoFollowsFromWhoDoesNot() throws {
        let market = try StockMarket(hcps: 4000, seed: 2)
        let shared = try #require(market.model().shared)
        let learnt = shared.multiplier.map(Double.init)
        #expect(Self.correlation(learnt, market.follows) > 0.2, "\(Self.correlation(learnt, market.follows))")
        #expect(shared.personSpread > 0.2)
        let alike = try StockMarket(hcps: 4000, seed: 3, spread: 0)
        // A quarter stays indifferent: the spread shrinks but does not vanish.
        #expect(try #require(alike.model().shared).personSpread < shared.personSpread + 0.1)
    }

    @Test func aTouchAddsLessOnTopOfOtherChannels() throws {
        let market = try StockMarket(hcps: 1500, seed: 4)
        var model = market.model()
        let shared = try #require(model.shared)
        let hcp = try #require((0..<1500).first { shared.standing[$0] > 0.05 && shared.base[$0] > 1 })
        let before = model.gain(hcp: hcp, channel: Int(Channel.email.code))
        // Visits since the last month of volumes: no volume has answered them, but they stand.
        var touches = market.input.touches
        let end = market.input.asOf
        let place = (touches.hcp.lastIndex(of: Int32(hcp)) ?? 0) + 1
        for k in 0..<4 {
            touches.hcp.insert(Int32(hcp), at: place + k)
            touches.time.insert(end + Int64(k + 1) * 86_400_000_000, at: place + k)
            touches.channel.insert(Channel.inPerson.code, at: place + k)
            touches.level.insert(2, at: place + k)
            touches.flags.insert(0, at: place + k)
            touches.content.insert(-1, at: place + k)
            touches.rep.insert(-1, at: place + k)
            touches.product.insert(-1, at: place + k)
        }
        let later = try ResponseInput(touches: touches, hcps: market.input.hcps, asOf: end + 6 * 86_400_000_000)
        model.refresh(touches: later, product: nil)
        let after = model.gain(hcp: hcp, channel: Int(Channel.email.code))
        #expect(after.engaged < 0.9 * before.engaged)
        #expect(after.engaged > 0)
    }

    @Test func theGainIsTheSumOfTheMonthsToCome() throws {
        let market = try StockMarket(hcps: 1500, seed: 5)
        let model = market.model()
        let shared = try #require(model.shared)
        let column = 1
        for hcp in stride(from: 0, to: 1500, by: 97) {
            let gain = model.gain(hcp: hcp, channel: Int(Channel.inPerson.code))
            let (m, most) = (Double(shared.multiplier[hcp]), shared.curve.limit)
            var sum = 0.0
            let step = 0.01
            for i in 0..<3000 {
                let left = exp(-shared.curve.fade * (Double(i) + 0.5) * step)
                let now = Double(shared.standing[hcp]) * left
                let with = now + shared.curve.slope[column] * left
                sum += step * m * most * (exp(-now / most) - exp(-with / most))
            }
            let expected = Double(shared.base[hcp]) * sum
            #expect(abs(Double(gain.engaged) - expected) < 1e-3 * expected + 1e-6, "HCP \(hcp)")
        }
    }

    @Test func aThinObjectiveLearnsFromTheOthers() throws {
        let market = try StockMarket(hcps: 3000, seed: 6)
        // The same touches, but the volumes of one HCP in twenty only.
        let kept = market.volumes.hcp.indices.filter { market.volumes.hcp[$0] % 20 == 0 }
        let thin = VolumeColumns(
            hcp: kept.map { market.volumes.hcp[$0] }, month: kept.map { market.volumes.month[$0] },
            value: kept.map { market.volumes.value[$0] })
        let months = [market.volumes, thin].map { OutcomeMonths(volumes: $0, product: nil, last: market.lastMonth) }
        let alone = OutcomeModel.learn([months[1]], touches: market.input)[0]
        #expect(
            alone.encoded()
                == OutcomeModel(volumes: thin, touches: market.input, lastMonth: market.lastMonth).encoded())
        let together = OutcomeModel.learn(months, touches: market.input)
        let follows = market.follows.reduce(0, +) / Double(market.follows.count)
        func miss(_ model: OutcomeModel) throws -> Double {
            let shared = try #require(model.shared)
            let slope = shared.curve.slope
            return abs(log(slope[1] / (follows * StockMarket.visit.engaged)))
                + abs(log(max(slope[3], 1e-4) / (follows * StockMarket.mail.engaged)))
        }
        let (helped, unaided) = (try miss(together[1]), try miss(alone))
        #expect(helped < unaided, "\(helped), alone \(unaided)")
        #expect(helped < 1)
        // What is plentiful keeps its own word.
        let own = OutcomeModel.learn([months[0]], touches: market.input)[0]
        let (with, without) = (try #require(together[0].shared), try #require(own.shared))
        let ratio = with.curve.slope[1] / without.curve.slope[1]
        #expect(abs(ratio - 1) < 0.1, "\(ratio)")
        let names = [months, [months[1], months[0]], [months[0]]].map {
            OutcomeModel.inputs($0, hcps: market.input.hcps)
        }
        #expect(Set(names).count == 3, "another set of objectives is another model")
    }

    private static func correlation(_ a: [Double], _ b: [Double]) -> Double {
        let n = Double(a.count)
        let (meanA, meanB) = (a.reduce(0, +) / n, b.reduce(0, +) / n)
        var (ab, aa, bb) = (0.0, 0.0, 0.0)
        for (x, y) in zip(a, b) {
            ab += (x - meanA) * (y - meanB)
            aa += (x - meanA) * (x - meanA)
            bb += (y - meanB) * (y - meanB)
        }
        return ab / (aa * bb).squareRoot()
    }
}
