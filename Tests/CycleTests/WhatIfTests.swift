import Cycle
import EngagementModel
import Foundation
import Ledger
import TestSupport
import Testing

/// The question "what would this change?" is answered against the plan that people see.
@Suite struct WhatIfTests {
    @Test func withoutAChangeTheAnswerIsThePublishedPlan() async throws {
        let folder = try TemporaryFolder()
        let asOf = Day(year: 2026, month: 6, day: 1)
        let root = folder.url.appending(path: "company")
        _ = try WorkspaceTemplate.create(.demo, at: root, hcps: 300, reps: 3, seed: 9, endingOn: asOf)
        let workspace = try #require(Workspace.read(at: root).workspace)
        let clock: @Sendable () -> Int64 = { 1_780_000_000_000_000 }
        let run = CycleRun(workspace: workspace, request: RunRequest(asOf: asOf), now: clock)
        let summary = try await run.perform()
        let ledger = try workspace.openLedger(now: clock)
        defer { try? ledger.close() }
        let planner = WhatIfPlanner(workspace: workspace, ledger: ledger, now: clock)

        let same = try await planner.compare(workspace.strategy)
        // The question is answered before touches fall away whose content ends.
        let answered = same.before.touches.values.reduce(0, +)
        #expect(answered >= summary.plan.touches && answered <= summary.plan.touches + (summary.plan.lapsed ?? 0))
        #expect(abs(same.before.value - summary.plan.value) < 0.02 * abs(summary.plan.value))
        #expect(same.after.touches == same.before.touches && same.after.value == same.before.value)

        // A cap that forbids nearly everything leaves nearly nothing.
        var strict = workspace.strategy
        strict.caps = [
            Strategy.Cap(channels: Set(Channel.allCases), max: 1, window: Span(seconds: 30 * 86_400), name: "strict")
        ]
        let (before, after) = try await planner.compare(strict)
        #expect(before.value == same.before.value)
        #expect(after.touches.values.reduce(0, +) < before.touches.values.reduce(0, +))
        #expect(after.value < before.value)
    }
}
