import Cycle
import EngagementModel
import Foundation
import Ledger
import TestSupport
import Testing

/// A company that ran for three weeks, with outcomes of its decisions by a law that the test knows: e-mails engage,
/// nothing else does.
@Suite struct EvaluateTests {
    static let first = Day(year: 2026, month: 6, day: 1)
    static let clock: @Sendable () -> Int64 = { 1_780_000_000_000_000 }

    private static func company(_ folder: TemporaryFolder) async throws -> Workspace {
        let root = folder.url.appending(path: "company")
        _ = try WorkspaceTemplate.create(.demo, at: root, hcps: 400, reps: 4, seed: 9, endingOn: first)
        try """
        challengers:
          - {name: quick, kind: online, drift_per_day: 0.02}
          - {name: trees, kind: lightgbm, rounds: 30, leaves: 7}
        """.write(to: root.appending(path: "models.yaml"), atomically: true, encoding: .utf8)
        let workspace = try #require(Workspace.read(at: root).workspace)
        for week in 0..<4 {
            let day = first + 7 * week
            _ = try await CycleRun(workspace: workspace, request: RunRequest(asOf: day), now: clock).perform()
            let planned = try await DecisionBook(workspace: workspace, now: clock).decisions(DecisionFilter())
            // What comes of the week's plan is delivered before the next run.
            var rows = "interaction_id,hcp_id,occurred_at,channel,direction,status,response,decision_id\n"
            for decision in planned {
                guard let on = decision.day, on <= day + 7, let channel = decision.channel else { continue }
                let isMail = channel == .email || channel == .emailRep
                rows += "\(decision.decisionID),\(decision.hcpID),\(on)T10:00:00Z,\(channel.rawValue),push,delivered,"
                rows += "\(isMail ? "engaged" : "reached"),\(decision.decisionID)\n"
            }
            try rows.write(
                to: root.appending(path: "sources/canonical/interaction-\(day + 7).csv"), atomically: true,
                encoding: .utf8)
        }
        return workspace
    }

    @Test func strategiesAndModelsAreJudgedByWhatCameOfThePlans() async throws {
        let folder = try TemporaryFolder()
        let workspace = try await Self.company(folder)
        let book = try DecisionBook(workspace: workspace, now: Self.clock)
        var options = EvaluationOptions()
        options.reward = .engaged
        options.seeds = 24

        // The strategy that planned: its value is that of the log, and it leads over itself by nothing.
        let same = try await book.evaluate(
            strategyFile: workspace.root.appending(path: "strategy.yaml"), options: options)
        #expect(same.refusal == nil && same.runs >= 1 && same.touches > 20, "\(same.rendered())")
        #expect(same.executed == same.touches)
        #expect(same.estimates.count == 6)
        for line in same.estimates {
            // The run counted its propensities over more roundings than are asked for here: the counts' noise is left.
            #expect(abs(line.lead) < 0.005, "\(line.estimator)")
            #expect(line.low <= same.logged + 0.03 && line.high >= same.logged - 0.03, "\(same.rendered())")
        }

        // Mails twice as dear a lever: nothing engages but mail, so a strategy without mail engages nobody.
        let text = try String(contentsOf: workspace.root.appending(path: "strategy.yaml"), encoding: .utf8)
        let silent = folder.url.appending(path: "silent.yaml")
        try text.replacing("cost: 0.05, sender: system", with: "cost: 900000, sender: system")
            .replacing("minutes: 4, cost: 3", with: "minutes: 4, cost: 900000")
            .write(to: silent, atomically: true, encoding: .utf8)
        let without = try await book.evaluate(strategyFile: silent, options: options)
        if without.refusal == nil {
            let decisive = try #require(without.decisive)
            #expect(decisive.lead < 0 && decisive.leadHigh < 0, "\(without.rendered())")
        }

        // A challenger is judged by the same log, and its release goes through the evaluation.
        let desk = try ModelDesk(workspace: workspace, now: Self.clock)
        let models = try await desk.models()
        #expect(models.map(\.name) == ["standard", "quick", "trees"])
        #expect(models.map(\.role) == ["champion", "challenger", "challenger"])
        #expect(models.allSatisfy { $0.judged > 0 && $0.version.count == 12 && ($0.logLoss ?? 0) > 0 })
        let judged = try await book.evaluate(model: "quick", options: options)
        #expect(judged.refusal == nil && judged.estimates.count == 6, "\(judged.rendered())")

        // Trees are judged alike.
        let trees = try await book.evaluate(model: "trees", options: options)
        #expect(trees.refusal != nil || trees.estimates.count == 6)

        options.minimumEffectiveSize = 1e9
        await #expect { try await desk.promote("quick", by: "test", options: options) } throws: { error in
            (error as? Diagnostic)?.code == "release_refused"
        }
        let ledger = try workspace.openLedger(now: Self.clock)
        #expect(try await ledger.setting("model.champion") == nil)
        options.minimumEffectiveSize = 30
        do {
            let released = try await desk.promote("quick", by: "test", options: options)
            #expect((released?.decisive?.lead ?? -1) >= 0)
            let trail = try await ledger.auditTrail(subject: "quick")
            #expect(trail.contains { $0.action == "model.released" })
            // The next run plans with it, and keeps the old one as its challenger.
            _ = try await CycleRun(
                workspace: workspace, request: RunRequest(asOf: Self.first + 28), now: Self.clock
            ).perform()
            let after = try await desk.models()
            #expect(after.map(\.role) == ["challenger", "champion", "challenger"])
            #expect(try await book.replayRun(nil).isExact)
        } catch let refusal as Diagnostic {
            // Worse than the champion on this log: then nothing may have changed.
            #expect(refusal.code == "release_refused" && (judged.decisive?.lead ?? 0) < 0)
            #expect(try await ledger.setting("model.champion") == nil)
        }
        try ledger.close()
        await #expect { try await book.evaluate(model: "nobody", options: options) } throws: { error in
            (error as? Diagnostic)?.code == "unknown_model"
        }
        // A run whose snapshot is gone is replayed from its record: all but what the histories alone give.
        let runs = try FileManager.default.contentsOfDirectory(
            atPath: workspace.root.appending(path: "state/records").path
        ).sorted()
        let oldest = try #require(runs.first).dropFirst(11).dropLast(7)
        let replay = try await book.replayRun(String(oldest))
        #expect(replay.isExact, "\(replay.rendered())")
    }

    @Test func withoutFinalDecisionsThereIsNothingToJudge() async throws {
        let folder = try TemporaryFolder()
        let root = folder.url.appending(path: "company")
        _ = try WorkspaceTemplate.create(.demo, at: root, hcps: 200, reps: 2, seed: 9, endingOn: Self.first)
        let workspace = try #require(Workspace.read(at: root).workspace)
        _ = try await CycleRun(workspace: workspace, request: RunRequest(asOf: Self.first), now: Self.clock).perform()
        let book = try DecisionBook(workspace: workspace, now: Self.clock)
        await #expect {
            try await book.evaluate(
                strategyFile: root.appending(path: "strategy.yaml"), options: EvaluationOptions())
        } throws: { error in (error as? Diagnostic)?.code == "no_log" }
    }
}
