import Cycle
import EngagementModel
import Foundation
import Ledger
import TestSupport
import Testing

/// `goals.csv`: mistakes with their places, floors and ceilings of the plan, attainment; and what leaders decide from it.
@Suite struct GoalsFileTests {
    static let asOf = Day(year: 2026, month: 6, day: 1)
    static let clock: @Sendable () -> Int64 = { 1_780_000_000_000_000 }

    private static func write(_ goals: String, at root: URL) throws -> WorkspaceReading {
        try goals.write(to: root.appending(path: "goals.csv"), atomically: true, encoding: .utf8)
        return Workspace.read(at: root)
    }

    @Test func `mistakes are told with line and column, and never with the value of a person`() throws {
        let folder = try TemporaryFolder()
        let root = folder.url.appending(path: "company")
        _ = try WorkspaceTemplate.create(.empty, at: root, hcps: 0, reps: nil, seed: 1, endingOn: Self.asOf)
        let head = "goal,hcp_id,segment,channel,min,max,start,end\n"
        let period = ",2026-05-01,2026-06-30"
        for (text, code, line, column) in [
            ("", "empty_file", 1, 1),
            ("goal,channel,min\n", "missing_column", 1, 1),
            ("goal,hcp_id,chanel,min\n", "unknown_column", 1, 13),
            ("hcp_id,hcp_id,channel,min\n", "duplicate_column", 1, 8),
            (head + "a,H1,,fax,2,\(period)\n", "unknown_channel", 2, 7),
            (head + "a,H1,,phone,many,\(period)\n", "bad_value", 2, 13),
            (head + "a,H1,,phone,-1,\(period)\n", "bad_value", 2, 13),
            (head + "a,H1,,phone,,\(period)\n", "missing_value", 2, 1),
            (head + "a,H1,,phone,3,1\(period)\n", "out_of_range", 2, 15),
            (head + "a,H1,,phone,3,,soon,2026-06-30\n", "bad_value", 2, 16),
            (head + "a,H1,,phone,3,,2026-07-01,2026-06-30\n", "out_of_range", 2, 1),
            (head + "a,H1,,phone,3,,,\n", "missing_period", 2, 1),
            (head + "a,H1,cardiology,phone,3,\(period)\n", "bad_line", 2, 3),
            (head + "a,,,phone,3,\(period)\n", "bad_line", 2, 1),
            (head + "a,H1,,phone,3\n", "bad_line", 2, 1),
            (head + "\n\"a\nb\",H1,,phone,3,\(period)\nc,H2,,phone,x,\(period)\n", "bad_value", 5, 13),
            (head + "a,H1,,phone,3,\(period)\na,H1,,phone,2,\(period)\n", "duplicate_row", 3, 1),
            (head + "a,H1,,phone,3,\(period)\na,H2,,video,2,\(period)\n", "goal_differs", 3, 1),
        ] {
            let found = try Self.write(text, at: root).diagnostics.filter { $0.file == "goals.csv" }
            #expect(
                found.contains { $0.code == code && $0.line == line && $0.column == column },
                "\(text.debugDescription): \(found.map(\.description))")
            #expect(!found.contains { $0.description.contains("H1") })
        }
        let many = (0..<41).map { "g\($0),H\($0),,phone,1,\(period)" }.joined(separator: "\n")
        #expect(try Self.write(head + many, at: root).diagnostics.contains { $0.code == "too_many_goals" })
        let good = try Self.write(
            "\u{feff}hcp_id,channel,min,start,end\r\n\"H,1\",in_person;video,2,2026-05-01,2026-06-30\r\n", at: root)
        let goal = try #require(good.workspace?.listedGoals.first)
        #expect(goal.channels == [.inPerson, .video] && goal.rows.map(\.hcpID) == ["H,1"])
        #expect(goal.name == "video call, visit" && goal.rows[0].line == 2)
    }

    @Test func `goals of a file bind the plan`() async throws {
        let folder = try TemporaryFolder()
        let root = folder.url.appending(path: "company")
        _ = try WorkspaceTemplate.create(.demo, at: root, hcps: 300, reps: 10, seed: 9, endingOn: Self.asOf)
        let file = try String(contentsOf: root.appending(path: "sources/canonical/hcp.csv"), encoding: .utf8)
        let ids = file.split(separator: "\n").dropFirst().compactMap {
            $0.split(separator: ",").first.map(String.init)
        }
        var goals = "goal,hcp_id,segment,channel,min,max,start,end\n"
        for (number, id) in ids.prefix(40).enumerated() {
            goals += "calls,\(id),,phone,\(2 + number % 2),\(number % 2 == 0 ? 4 : 6),2026-05-01,2026-06-12\n"
        }
        goals += "nobody,,no such segment,phone,1,,2026-05-01,2026-06-12\n"
        goals += "far too many,,cardiology,in_person,40,,2026-05-01,2026-06-12\n"
        let reading = try Self.write(goals, at: root)
        let workspace = try #require(reading.workspace, "\(reading.diagnostics)")
        func run(_ day: Day) async throws -> RunSummary {
            try await CycleRun(workspace: workspace, request: RunRequest(asOf: day), now: Self.clock).perform()
        }
        let summary = try await run(Self.asOf)
        let book = try DecisionBook(workspace: workspace, now: Self.clock)
        let report = try await book.cycleReport()
        // Goals of HCPs, each with the own count.
        let calls = try #require(report.goals.first { $0.goal == "calls" })
        #expect(calls.hcps == 40 && calls.target == 100 && calls.floor > 0)
        let people = report.hcps.filter { $0.goal == "calls" }
        #expect(Set(people.map(\.least)) == [2, 3] && Set(people.compactMap(\.most)) == [4, 6])
        // Who has had the maximum gets no more.
        #expect(people.allSatisfy { $0.done < ($0.most ?? 0) || $0.planned == 0 })
        #expect(
            calls.planned >= calls.floor
                || summary.diagnostics.contains { $0.code == "floor_out_of_reach" && $0.file == "goals.csv" })
        // What nobody is in, and what nobody can do, is said with its line.
        #expect(summary.diagnostics.contains { $0.code == "unknown_segment" && $0.line == 42 })
        let lack = try #require(
            summary.diagnostics.first { $0.code == "floor_out_of_reach" && $0.message.contains("far too many") })
        #expect(lack.file == "goals.csv" && lack.line == 43 && lack.remedy?.contains("lower the goal by") == true)
        let replay = try await book.replayRun(nil)
        #expect(replay.isExact, "\(replay.rendered())")

        // What an effect adds up from, for every planned touch of some HCPs.
        for decision in try await book.decisions(DecisionFilter()).prefix(5) {
            let parts = try #require(try await book.explain(decision.decisionID, contributions: true).contributions)
            #expect(parts.effect == decision.expectedEffect)
            let sum = parts.base.effect + parts.parts.reduce(0) { $0 + $1.effect }
            #expect(abs(sum - decision.expectedEffect) < 1e-12 * max(1, abs(sum)))
        }

        // Sizing: more minutes are worth more, and a minute less the more there are.
        let sizing = try await book.sizingReport()
        #expect(sizing.points.map(\.capacity) == SizingReport.capacities)
        for (less, more) in zip(sizing.points, sizing.points.dropFirst()) {
            #expect(more.bound >= less.bound - 1e-6 * abs(less.bound))
            #expect(less.value <= less.bound + 1e-6 * abs(less.bound))
        }
        #expect(sizing.minutePrices.values.contains { $0.now > 0 })
        let (now, left) = sizing.minutePrices.values.reduce((0, 0)) { ($0.0 + $1.now, $0.1 + $1.doubled) }
        #expect(left < now)
    }

    /// The account's HCPs have another rep from the next run on, and nobody else has.
    @Test func aLeadersWordTakesEffectWithTheNextRun() async throws {
        let folder = try TemporaryFolder()
        let root = folder.url.appending(path: "company")
        _ = try WorkspaceTemplate.create(.demo, at: root, hcps: 300, reps: 14, seed: 9, endingOn: Self.asOf)
        let workspace = try Workspace.open(at: root)
        func run(_ day: Day) async throws -> RunSummary {
            try await CycleRun(workspace: workspace, request: RunRequest(asOf: day), now: Self.clock).perform()
        }
        _ = try await run(Self.asOf)
        let book = try DecisionBook(workspace: workspace, now: Self.clock)
        let before = try await book.territoryReport()
        let ledger = try workspace.openLedger(now: Self.clock)
        let move = try #require(before.proposals.first)
        try await ledger.decideMoves(
            [(move.hcoID, move.from, move.to)], accept: true, runID: "r", by: Principal(id: "boss"))
        _ = try await run(Self.asOf + 1)
        let after = try await book.territoryReport()
        func hcps(_ report: TerritoryReport, _ rep: String) -> Int { report.reps.first { $0.repID == rep }?.hcps ?? 0 }
        let moved = hcps(before, move.from) - hcps(after, move.from)
        #expect(moved > 0 && moved == hcps(after, move.to) - hcps(before, move.to))
        #expect(
            before.reps.map(\.hcps).reduce(0, +) == after.reps.map(\.hcps).reduce(0, +))
        // Taken back: as it was.
        try await ledger.decideMoves(
            [(move.hcoID, move.from, move.to)], accept: false, runID: "r", by: Principal(id: "boss"))
        _ = try await run(Self.asOf + 2)
        #expect(try await book.territoryReport().reps.map(\.hcps) == before.reps.map(\.hcps))
    }

}
