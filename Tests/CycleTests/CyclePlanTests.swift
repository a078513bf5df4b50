import Cycle
import EngagementModel
import Foundation
import TestSupport
import Testing

/// Goals of a cycle are floors and ceilings of the plan, and their attainment is counted from the contact history.
@Suite struct CyclePlanTests {
    static let asOf = Day(year: 2026, month: 6, day: 1)
    static let clock: @Sendable () -> Int64 = { 1_780_000_000_000_000 }

    private static func company(_ folder: TemporaryFolder, _ cycle: String) async throws -> Workspace {
        let root = folder.url.appending(path: "company")
        _ = try WorkspaceTemplate.create(.demo, at: root, hcps: 300, reps: 3, seed: 9, endingOn: asOf)
        let file = root.appending(path: "strategy.yaml")
        try (try String(contentsOf: file, encoding: .utf8) + "\n" + cycle).write(
            to: file, atomically: true, encoding: .utf8)
        return try #require(Workspace.read(at: root).workspace)
    }

    @Test func goalsBindThePlanAndAreReported() async throws {
        let folder = try TemporaryFolder()
        let plain = try await Self.company(folder, "")
        _ = try await CycleRun(workspace: plain, request: RunRequest(asOf: Self.asOf), now: Self.clock).perform()
        func webinars(_ workspace: Workspace) async throws -> Int {
            try await DecisionBook(workspace: workspace, now: Self.clock).decisions(DecisionFilter()).count {
                $0.channel == .phone
            }
        }
        let free = try await webinars(plain)

        let other = try TemporaryFolder()
        let bound = try await Self.company(
            other,
            """
            cycle:
              name: spring
              start: 2026-05-01
              end: 2026-06-15
              goals:
                - {name: calls, channels: [phone], deciles: [0, 10], min: 2}
                - {name: few mails, channels: [email], deciles: [0, 10], min: 0, max: 1}
            """)
        let summary = try await CycleRun(
            workspace: bound, request: RunRequest(asOf: Self.asOf), now: Self.clock
        ).perform()
        let book = try DecisionBook(workspace: bound, now: Self.clock)
        let report = try await book.cycleReport()
        let calls = try #require(report.goals.first { $0.goal == "calls" })
        #expect(calls.hcps == 300 && calls.target == 600 && calls.floor > 0)
        // The floor pulls calls into the plan, or the run says how far it can be met.
        let after = try await webinars(bound)
        #expect(after > free, "\(free) free, \(after) with the goal")
        #expect(after >= calls.floor || summary.diagnostics.contains { $0.code == "floor_out_of_reach" })
        #expect(calls.planned == after)
        #expect(report.hcps.filter { $0.goal == "calls" }.reduce(0) { $0 + $1.done } == calls.done)
        #expect((0...1).contains(calls.attainment) && calls.onPace <= calls.hcps)
        // Whoever had a mail in the cycle gets no other.
        let mails = report.hcps.filter { $0.goal == "few mails" }
        let planned = Set(try await book.decisions(DecisionFilter()).filter { $0.channel == .email }.map(\.hcpID))
        #expect(mails.contains { $0.done >= 1 })
        #expect(mails.filter { $0.done >= 1 }.allSatisfy { !planned.contains($0.hcpID) })
        // Such a plan is replayed like any other.
        let replay = try await book.replayRun(nil)
        #expect(replay.isExact, "\(replay.rendered())")
    }

    @Test func theFieldForceIsSizedFromThePlansPrices() async throws {
        let folder = try TemporaryFolder()
        let workspace = try await Self.company(folder, "")
        _ = try await CycleRun(workspace: workspace, request: RunRequest(asOf: Self.asOf), now: Self.clock).perform()
        let book = try DecisionBook(workspace: workspace, now: Self.clock)
        let report = try await book.territoryReport()
        #expect(!report.reps.isEmpty && report.days == workspace.strategy.horizonDays)
        for rep in report.reps {
            #expect(rep.used <= rep.minutes + 1e-6 && rep.hourPrice >= 0)
            #expect(rep.anotherRepPerWeek >= 0 && rep.hcps > 0)
        }
        // A scarce minute has a price, and the price is what another rep is worth.
        #expect(report.reps.contains { $0.hourPrice > 0 })
        let now: Double = report.reps.reduce(0) { $0 + $1.load }
        let then: Double = report.reps.reduce(0) { $0 + $1.loadAfter }
        #expect(abs(now - then) < 1e-6 * max(1, now))
        #expect(report.after.imbalance <= report.before.imbalance + 1e-9 || report.proposals.isEmpty)
        #expect(report.rendered().contains("one more rep"))
        await #expect { try await book.cycleReport() } throws: { ($0 as? Diagnostic)?.code == "no_cycle" }
    }

    @Test func repsAreWeighedWithinTeamAndCountries() {
        // Two reps share country 0, the second and third country 1; the key-account manager is of another team.
        let teams = ["field", "field", "field", "kam", "field"]
        #expect(
            DecisionBook.groups(teams, present: [0, 1, 1, 2, 3], countries: [0, 0, 1, 1, 0]) == [[0, 1, 2], [3], [4]])
        #expect(DecisionBook.groups(teams, present: [2, 0, 1], countries: [0, 1, 0]) == [[0], [1, 2], [3], [4]])
    }

    @Test func mistakesInACycleAreNamed() throws {
        let folder = try TemporaryFolder()
        let root = folder.url.appending(path: "company")
        _ = try WorkspaceTemplate.create(.empty, at: root, hcps: 0, reps: nil, seed: 1, endingOn: Self.asOf)
        let file = root.appending(path: "strategy.yaml")
        let text = try String(contentsOf: file, encoding: .utf8)
        for (cycle, code) in [
            ("cycle: {start: 2026-07-01, end: 2026-06-01, goals: []}", "out_of_range"),
            ("cycle: {start: soon, end: 2026-06-01}", "bad_value"),
            (
                "cycle: {start: 2026-06-01, end: 2026-07-01, goals: [{name: a, channels: [fax], min: 1}]}",
                "unknown_channel"
            ),
            (
                "cycle: {start: 2026-06-01, end: 2026-07-01, goals: [{name: a, channels: [phone], min: 3, max: 1}]}",
                "out_of_range"
            ),
        ] {
            try (text + "\n" + cycle + "\n").write(to: file, atomically: true, encoding: .utf8)
            #expect(Workspace.read(at: root).diagnostics.contains { $0.code == code }, "\(cycle)")
        }
    }
}
