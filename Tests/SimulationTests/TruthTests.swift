import EngagementModel
import Foundation
import Statistics
import Testing

@testable import Simulation

@Suite struct TruthTests {
    private let market: SimulatedMarket

    init() throws {
        market = try SimulatedMarket(MarketParameters(hcps: 3000, seed: 11, endDay: WrittenMarket.endDay))
    }

    private var clinicians: [Int] { (0..<market.hcps.count).filter { market.hcps.product[$0 * 2] >= 0 } }
    private var today: Day { market.parameters.endDay + 1 }

    @Test func preferencesEqualThePublishedSurvey() throws {
        let published: [(Channel, Double)] = [
            (.emailRep, 0.65), (.video, 0.38), (.inPerson, 0.49), (.phone, 0.33), (.sms, 0.11),
        ]
        for (channel, share) in published {
            let found = Double((0..<3000).count { market.hcps.prefers(channel, hcp: $0) }) / 3000
            #expect(abs(found - share) < 0.005, "\(channel.rawValue): \(found)")
        }
        // What a company asks a seventh of its HCPs says the same within sampling noise (three standard errors).
        let (folder, _) = try WrittenMarket.write(MarketParameters(hcps: 6000, seed: 5, endDay: WrittenMarket.endDay))
        defer { try? FileManager.default.removeItem(at: folder) }
        let survey = try CSVDocument(folder.appending(path: "survey.csv"))
        let answers = survey.rows.filter { $0[3] == "preferred_channels" }.map { Set($0[4].split(separator: ";")) }
        #expect(answers.count > 700)
        for (channel, share) in published {
            let found = Double(answers.count { $0.contains(channel.rawValue[...]) }) / Double(answers.count)
            #expect(abs(found - share) < 3 * (share * (1 - share) / Double(answers.count)).squareRoot() + 0.005)
        }
    }

    @Test func preferencesGoWithAgeAndAccess() {
        func share(_ channel: Channel, _ holds: (Int) -> Bool) -> Double {
            let group = (0..<3000).filter(holds)
            return Double(group.count { market.hcps.prefers(channel, hcp: $0) }) / Double(group.count)
        }
        #expect(share(.inPerson) { market.hcps.age[$0] > 55 } > share(.inPerson) { market.hcps.age[$0] < 40 } + 0.1)
        #expect(share(.video) { market.hcps.age[$0] < 40 } > share(.video) { market.hcps.age[$0] > 55 } + 0.05)
        #expect(
            share(.inPerson) { market.hcps.access[$0] == .noSee } < share(.inPerson) { market.hcps.access[$0] == .open }
                - 0.15)
    }

    @Test func aTouchHelpsOnAverageAndTiredHCPsLess() {
        let rested = ContactState(day: today)
        var tired = rested
        for _ in 0..<6 { tired.record(.email, level: .none, slot: nil, direction: .push, market.coefficients) }
        for channel in Channel.allCases {
            var sums = (0.0, 0.0)
            for hcp in clinicians {
                sums.0 += market.expectedIncrement(hcp: hcp, channel: channel, content: nil, day: today, state: rested)
                sums.1 += market.expectedIncrement(hcp: hcp, channel: channel, content: nil, day: today, state: tired)
            }
            #expect(sums.0 > 0, "\(channel.rawValue)")
            #expect(sums.1 < sums.0, "\(channel.rawValue)")
        }
    }

    @Test func fatigueIsForgottenAfterTwoWeeks() {
        let hcp = clinicians[0]
        func increment(_ daysAgo: Int) -> Double {
            let touches = (0..<4).map { _ in RecentTouch(day: today + -daysAgo, channel: .email) }
            return market.expectedIncrement(
                hcp: hcp, channel: .emailRep, content: nil, day: today, recentTouches: touches)
        }
        #expect(increment(1) < increment(20))
        #expect(increment(13) < increment(14))
        #expect(increment(14) == increment(400))
    }

    @Test func anEmailAfterAConversationWorksBetter() {
        let hcp = clinicians[1]
        func reached(_ touches: [RecentTouch]) -> Double {
            market.chances(
                hcp: hcp, channel: .email, content: nil, state: market.state(of: hcp, on: today, after: touches)
            ).reached
        }
        let talk = RecentTouch(day: today + -3, channel: .inPerson, level: .engaged)
        let closedDoor = RecentTouch(day: today + -3, channel: .inPerson, level: .none)
        #expect(reached([talk]) > reached([closedDoor]))
        #expect(reached([RecentTouch(day: today + -20, channel: .inPerson, level: .engaged)]) == reached([]))
    }

    @Test func returnsDiminishAndCarryOver() {
        let hcp = clinicians[2]
        let fresh = ContactState(day: today)
        let full = ContactState(day: today, stock: SIMD2(3, 3))
        func increment(_ state: ContactState, _ days: Int?) -> Double {
            market.expectedIncrement(hcp: hcp, channel: .inPerson, content: nil, day: today, state: state, within: days)
        }
        #expect(increment(full, nil) < 0.6 * increment(fresh, nil))
        // Adstock: after one half-life more than a third and less than two thirds has come in.
        let half = increment(fresh, Int(market.coefficients.halfLife)) / increment(fresh, nil)
        #expect(half > 0.33 && half < 0.66)
        #expect(increment(fresh, 900) > 0.999 * increment(fresh, nil))
    }

    @Test func theClosedFormIsTheSumOverDays() {
        // Brute force: the three outcomes, day by day, with and without the touch.
        let hcp = clinicians.first { market.hcps.responsiveness[$0 * 2] > 0.2 } ?? 0
        let state = ContactState(day: today, stock: SIMD2(0.7, 0))
        let p = market.chances(hcp: hcp, channel: .inPerson, content: nil, state: state)
        let outcomes = [
            p.reached * (1 - p.engaged), p.reached * p.engaged * (1 - p.advanced), p.reached * p.engaged * p.advanced,
        ]
        let daily = market.baseVolume(hcp: hcp, slot: 0, month: market.monthIndex(today)) * 12 / 365.25
        var sum = 0.0
        for (probability, weight) in zip(outcomes, market.coefficients.weight[0]) {
            for step in 0..<40_000 {
                // Midpoints of a twentieth of a day.
                let left = pow(market.coefficients.dailyDecay, (Double(step) + 0.5) / 20)
                let more = market.lift(hcp: hcp, slot: 0, stock: (0.7 + weight) * left)
                sum += probability * daily * (more - market.lift(hcp: hcp, slot: 0, stock: 0.7 * left)) / 20
            }
        }
        let closed = market.expectedIncrement(hcp: hcp, channel: .inPerson, content: nil, day: today, state: state)
        #expect(abs(sum / closed - 1) < 1e-5, "\(sum) against \(closed)")
    }

    @Test func einIsTheIntegral() {
        for x in [0.01, 0.5, 1.99, 2.01, 7, 19.9, 20.1, 40] {
            let n = 200_000
            var sum = 0.0
            for i in 0..<n {
                let t = (Double(i) + 0.5) * x / Double(n)
                sum += -expm1(-t) / t
            }
            #expect(abs(ExponentialIntegral.ein(x) - sum * x / Double(n)) < 1e-8 * max(1, x), "Ein(\(x))")
        }
        #expect(ExponentialIntegral.ein(0) == 0)
    }

    @Test func sampledResponsesHaveTheStatedChances() {
        let hcp = clinicians[3]
        let state = ContactState(day: today)
        var g = SeededGenerator(seed: 1)
        for channel in [Channel.inPerson, .email, .webinar] {
            let p = market.chances(hcp: hcp, channel: channel, content: 0, minute: 600, weekday: 1, state: state)
            var counts = [0, 0, 0, 0]
            for _ in 0..<40_000 {
                let r = market.respond(
                    hcp: hcp, channel: channel, content: 0, minute: 600, weekday: 1, state: state, using: &g)
                counts[r.level.ordinal] += 1
            }
            let n = 40_000.0
            let reached = Double(counts[1] + counts[2] + counts[3]) / n
            #expect(abs(reached - p.reached) < 0.012)
            #expect(abs(Double(counts[2] + counts[3]) / n - p.reached * p.engaged) < 0.012)
            #expect(abs(Double(counts[3]) / n - p.reached * p.engaged * p.advanced) < 0.012)
        }
    }

    @Test func sampledVolumesHaveTheStatedMean() {
        let hcp = clinicians.max { market.hcps.baseline[$0 * 2] < market.hcps.baseline[$1 * 2] } ?? 0
        var g = SeededGenerator(seed: 2)
        let mean = (0..<20_000).reduce(0.0) { sum, _ in
            sum + Double(market.volume(hcp: hcp, slot: 0, month: 3, lift: 0.25, using: &g))
        }
        #expect(abs(mean / 20_000 / (1.25 * market.baseVolume(hcp: hcp, slot: 0, month: 3)) - 1) < 0.02)
    }

    @Test func contentThatIsLikedEngages() throws {
        let k = market.coefficients
        var better = 0
        var tried = 0
        for hcp in clinicians.prefix(200) {
            let items = market.content.candidates(Int(market.hcps.product[hcp * 2]), .email, market.country(of: hcp))
            func liking(_ item: Int16) -> Float {
                let content = market.content.items[Int(item)]
                return market.hcps.topic[hcp * 5 + content.topic] + market.hcps.format[hcp * 5 + content.format]
            }
            let sorted = items.sorted { liking($0) < liking($1) }
            guard let worst = sorted.first, let best = sorted.last, liking(best) > liking(worst) else { continue }
            func engaged(_ item: Int16) -> Double {
                market.chances(hcp: hcp, channel: .email, content: Int(item), state: ContactState(day: today)).engaged
            }
            tried += 1
            if engaged(best) > engaged(worst) { better += 1 }
        }
        #expect(k.contentSlope > 0 && tried > 150 && better == tried)
    }

    /// A day's visits are a day's drive: in small markets each rep has one city, in large ones all cities have sites.
    @Test func repsOfSmallMarketsStayInOneCity() throws {
        for hcps in [300, 800, 2000] {
            let market = try SimulatedMarket(MarketParameters(hcps: hcps, seed: 42, endDay: WrittenMarket.endDay))
            let (o, territories) = (market.organisations, market.territories)
            var places = [Set<String>](repeating: [], count: territories.fieldCount)
            var people = [Int](repeating: 0, count: territories.fieldCount)
            for site in 0..<o.sites {
                places[Int(territories.fieldOf[site])].insert(o.place(site).name)
                people[Int(territories.fieldOf[site])] += Int(o.size[site])
            }
            #expect(places.allSatisfy { $0.count == 1 }, "\(hcps): \(places)")
            #expect(Set(places).count == territories.fieldCount)
            // Reps of one country have about as many HCPs each.
            for country in Set(territories.all.prefix(territories.fieldCount).map(\.country)) {
                let loads = people.indices.filter { territories.all[$0].country == country }.map { people[$0] }
                #expect((loads.max() ?? 0) < 2 * (loads.min() ?? 0), "\(hcps) \(country): \(loads)")
            }
        }
        let large = try SimulatedMarket(MarketParameters(hcps: 20_000, seed: 42, endDay: WrittenMarket.endDay))
        let cities = Set((0..<large.organisations.sites).map { large.organisations.place($0).name })
        #expect(cities.count == Country.allCases.reduce(0) { $0 + City.of($1).count })
    }
}
