import EngagementModel
import Foundation
import Testing

@testable import Cycle

/// One small market, played once for all tests of the loop.
private enum SmallLoop {
    static func settings(seed: UInt64 = 3, weeks: Int = 8, policies: [LoopPolicy] = LoopPolicy.allCases) -> LoopSettings
    {
        var settings = LoopSettings()
        settings.hcps = 600
        settings.weeks = weeks
        settings.seeds = [seed]
        settings.policies = policies
        return settings
    }

    static let report: Result<LoopReport, any Error> = Result {
        LoopReport(settings(), try ClosedLoop(settings()).run())
    }
}

@Suite struct ClosedLoopTests {
    private func line(_ policy: LoopPolicy) throws -> LoopReport.Line {
        try #require(SmallLoop.report.get().lines.first { $0.policy == policy })
    }

    @Test func noPolicyBreaksARule() throws {
        let report = try SmallLoop.report.get()
        for line in report.lines { #expect(line.violations == 0, "\(line.policy)") }
        #expect(report.results.count == LoopPolicy.allCases.count * 8)
        #expect(try line(.rapport).touches > 50)
    }

    @Test func theOracleBeatsEveryone() throws {
        let oracle = try line(.oracle).net
        for policy in LoopPolicy.allCases where policy != .oracle {
            #expect(try line(policy).net < oracle, "\(policy)")
        }
    }

    @Test func rapportBeatsChanceAndLists() throws {
        let rapport = try line(.rapport)
        #expect(rapport.net > 1.1 * (try line(.rules).net))
        #expect(rapport.net > 1.1 * (try line(.random).net))
        #expect(rapport.net > 0)
    }

    @Test func onlySilosCollide() throws {
        #expect(try line(.siloed).conflicts > 0)
        for policy in [LoopPolicy.rapport, .frugal, .oracle, .rules, .random, .none] {
            #expect(try line(policy).conflicts == 0, "\(policy)")
        }
    }

    @Test func noContactIsZero() throws {
        let none = try line(.none)
        #expect(none.net == 0 && none.cost == 0 && none.touches == 0)
    }

    @Test func sameSeedSameWeeks() throws {
        let settings = SmallLoop.settings(seed: 5, weeks: 2, policies: [.rapport, .random])
        let first = try ClosedLoop(settings).run()
        let second = try ClosedLoop(settings).run()
        #expect(first == second)
        let other = try ClosedLoop(SmallLoop.settings(seed: 6, weeks: 2, policies: [.random])).run()
        #expect(other.map(\.net) != first.filter { $0.policy == .random }.map(\.net))
    }

    @Test func aPolicyDoesNotDependOnItsRivals() throws {
        let report = try SmallLoop.report.get()
        let alone = try ClosedLoop(SmallLoop.settings(weeks: 2, policies: [.rules])).run()
        #expect(alone == report.results.filter { $0.policy == .rules && $0.week <= 2 })
    }

    @Test func frugalSpendsNoMoreThanTheSilosInAnyWeek() throws {
        let results = try SmallLoop.report.get().results
        for week in 1...8 {
            let silos = try #require(results.first { $0.policy == .siloed && $0.week == week })
            let frugal = try #require(results.first { $0.policy == .frugal && $0.week == week })
            #expect(frugal.cost <= silos.cost * (1 + 1e-6), "week \(week)")
        }
        let settings = SmallLoop.settings(policies: [.frugal, .siloed])
        #expect(throws: Diagnostic.self) { try ClosedLoop(settings) }
    }

    @Test func givenTheWholeTruthRapportIsNearTheOracle() throws {
        var settings = SmallLoop.settings(weeks: 2, policies: [.rapport, .oracle])
        settings.given = Set(LoopTruth.allCases)
        settings.exploration = Strategy.Exploration(temperature: 0, floor: 0)
        let report = LoopReport(settings, try ClosedLoop(settings).run())
        let share = try #require(report.lines.first { $0.policy == .rapport }?.oracleShare)
        #expect(share > 0.9 && share < 1.1, "\(share)")
    }

    @Test func sizesOutsideTheRangeAreRefused() {
        var settings = SmallLoop.settings()
        settings.weeks = 0
        #expect(throws: Diagnostic.self) { try ClosedLoop(settings) }
        settings.weeks = 4
        settings.seeds = []
        #expect(throws: Diagnostic.self) { try ClosedLoop(settings) }
    }
}

@Suite struct LoopReportTests {
    private func report() -> LoopReport {
        var settings = LoopSettings()
        settings.weeks = 6
        settings.seeds = [1, 2]
        settings.policies = [.rapport, .oracle, .rules]
        var results: [LoopWeek] = []
        for seed in settings.seeds {
            for week in 1...6 {
                for (policy, net) in [(LoopPolicy.rapport, 80.0), (.oracle, 100), (.rules, seed == 1 ? 60 : 90)] {
                    var row = LoopWeek(seed: seed, policy: policy, week: week)
                    row.net = week < 3 && policy == .rapport ? 10 : net
                    row.cost = 50
                    row.value = row.net + 50
                    row.gapConflicts = policy == .rules ? 2 : 0
                    results.append(row)
                }
            }
        }
        return LoopReport(settings, results)
    }

    @Test func sharesAndDuelsComeFromTheLastFourWeeks() throws {
        let report = report()
        let rapport = try #require(report.lines.first { $0.policy == .rapport })
        #expect(rapport.netLate == 80)
        #expect(rapport.oracleShare == 0.8)
        #expect(report.oracleShareByWeek == [0.1, 0.1, 0.8, 0.8, 0.8, 0.8])
        #expect(report.duels.map(\.isAhead) == [true, false])
        #expect(report.lines.first { $0.policy == .rules }?.conflicts == 2)
    }

    @Test func tablesHoldEveryWeek() {
        let lines = report().csv.split(separator: "\n")
        #expect(lines.count == 1 + 2 * 6 * 3)
        #expect(lines[1] == "1,rapport,1,0,60.00,50.00,10.00,0.00,0,0,0,0")
    }

    @Test func chartsAreWellFormed() throws {
        let svg = LoopChart(report()).svg()
        let tags = svg.matches(of: /<(\/?)([a-z]+)[^>]*?(\/?)>/)
        var open: [Substring] = []
        for tag in tags where tag.output.3.isEmpty {
            if tag.output.1.isEmpty { open.append(tag.output.2) } else { #expect(open.popLast() == tag.output.2) }
        }
        #expect(open.isEmpty)
        #expect(svg.matches(of: /<polyline/).count == 6)
        #expect(!svg.contains("nan"))
        #expect(LoopChart.roundUp(0) == 1)
        #expect(LoopChart.roundUp(3) == 5)
        #expect(LoopChart.roundUp(1000) == 1000)
    }
}
