import Cycle
import EngagementModel
import Foundation
import TestSupport
import Testing

/// What-if from the fitted models: a change shows where it must, and no change shows nothing.
@Suite struct ScenarioTests {
    static let asOf = Day(year: 2026, month: 6, day: 1)
    static let clock: @Sendable () -> Int64 = { 1_780_000_000_000_000 }

    @Test func changesShowWhereTheyMust() async throws {
        let folder = try TemporaryFolder()
        let root = folder.url.appending(path: "company")
        _ = try WorkspaceTemplate.create(.demo, at: root, hcps: 300, reps: 3, seed: 9, endingOn: Self.asOf)
        let workspace = try #require(Workspace.read(at: root).workspace)
        let summary = try await CycleRun(
            workspace: workspace, request: RunRequest(asOf: Self.asOf), now: Self.clock
        ).perform()
        let planner = try ScenarioPlanner(workspace: workspace, now: Self.clock)
        func answer(_ text: String, draws: Int = 10) async throws -> ScenarioReport {
            let file = folder.url.appending(path: "scenario.yaml")
            try text.write(to: file, atomically: true, encoding: .utf8)
            return try await planner.answer(try Scenario.open(file), draws: draws)
        }
        func line(_ report: ScenarioReport, _ kind: String, _ name: String) -> ScenarioReport.Line? {
            report.lines.first { $0.kind == kind && $0.name == name }
        }

        // Nothing changes: the published plan on both sides, and no change in any draw.
        let same = try await answer("name: as it is")
        let all = try #require(line(same, "all", "all"))
        #expect(all.before.touches == summary.plan.touches)
        #expect(all.after.touches == all.before.touches)
        #expect(all.change == 0 && all.changeLow == 0 && all.changeHigh == 0)
        #expect(same.conflictsBefore == 0 && same.conflictsAfter == 0)
        #expect(all.before.valueLow < all.before.value && all.before.value < all.before.valueHigh)
        #expect(same.lines.filter { $0.kind == "channel" }.reduce(0) { $0 + $1.before.touches } == all.before.touches)
        #expect(same.lines.filter { $0.kind == "segment" }.reduce(0) { $0 + $1.before.touches } == all.before.touches)
        #expect(same.lines.filter { $0.kind == "product" }.reduce(0) { $0 + $1.before.touches } == all.before.touches)
        // The same seed gives the same intervals.
        let again = try await answer("name: as it is")
        #expect(line(again, "all", "all")?.before.valueHigh == all.before.valueHigh)

        // A channel that is off is not used; half the capacity allows fewer talks; both are worth less.
        let off = try await answer("channels: {in_person: off, video: off}")
        #expect(line(off, "channel", "in_person")?.after.touches == 0)
        #expect(line(off, "channel", "video")?.after.touches ?? 0 == 0)
        let half = try await answer("capacity: {minutes: 0.2}")
        let visits = try #require(line(half, "channel", "in_person"))
        #expect(visits.after.touches < visits.before.touches)
        #expect(try #require(line(half, "all", "all")).change < 0)

        // Looser caps let touches through that today's rules forbid: conflicts are counted against today's.
        let loose = try await answer("caps: [{channels: any, max: 20, window: 7d}]\ngaps: []")
        #expect(try #require(line(loose, "all", "all")).after.touches > all.before.touches)
        #expect(loose.conflictsAfter > 0)

        // Content that is withdrawn leaves the plan.
        let book = try DecisionBook(workspace: workspace, now: Self.clock)
        let contents = Set(
            try await book.decisions(DecisionFilter()).filter { $0.channel == .email }.compactMap(\.contentID))
        let withdrawn = try await answer("content: {withdraw: [\(contents.sorted().joined(separator: ", "))]}")
        #expect(try #require(line(withdrawn, "all", "all")).change < 0, "\(withdrawn.rendered())")
        #expect(withdrawn.refusedAfter != withdrawn.refusedBefore)

        // The demo's own example reads.
        _ = try Scenario.open(root.appending(path: "scenarios/more-digital.yaml"))

        // Mistakes are named.
        for (text, code) in [
            ("content: {withdraw: [nothing]}", "unknown_content"), ("levers: {P9: 2}", "unknown_product"),
            ("capacity: {reps: {nobody: 1}}", "unknown_rep"),
        ] {
            await #expect { try await answer(text) } throws: { ($0 as? Diagnostic)?.code == code }
        }
        await #expect { try await answer("chanels: {sms: off}") } throws: { error in
            (error as? ValidationFailure)?.diagnostics.first?.remedy == "did you mean `channels`?"
        }
    }
}
