import Cycle
import EngagementModel
import Foundation
import TestSupport
import Testing
import Warehouse

/// Every decision of a run can be made again from its record, bit for bit, and a change of the record is seen.
@Suite struct ReplayTests {
    static let asOf = Day(year: 2026, month: 6, day: 1)
    static let clock: @Sendable () -> Int64 = { 1_780_000_000_000_000 }

    private static func company(_ folder: TemporaryFolder, rulesOnly: Bool = false) async throws -> Workspace {
        let root = folder.url.appending(path: "company")
        _ = try WorkspaceTemplate.create(.demo, at: root, hcps: 300, reps: 3, seed: 9, endingOn: asOf)
        let workspace = try #require(Workspace.read(at: root).workspace)
        var request = RunRequest(asOf: asOf)
        request.rulesOnly = rulesOnly
        _ = try await CycleRun(workspace: workspace, request: request, now: clock).perform()
        return workspace
    }

    @Test func everyDecisionOfARunAndOfTheNextDaysRunIsReproduced() async throws {
        let folder = try TemporaryFolder()
        let workspace = try await Self.company(folder)
        let book = try DecisionBook(workspace: workspace, now: Self.clock)
        let first = try await book.replayRun(nil)
        #expect(first.isExact && first.decisions >= 300, "\(first.rendered())")

        // What was drawn at random says so, and argues neither for nor against.
        let drawn = try await book.decisions(DecisionFilter(includesNoTouch: true)).filter { $0.arm == .random }
        #expect(drawn.contains { $0.day != nil })
        for decision in drawn where decision.day != nil {
            #expect(decision.reason1?.hasPrefix("Drawn at random among") == true)
            #expect([decision.reason2, decision.reason3].allSatisfy { $0?.hasPrefix("May be contacted") != false })
        }

        // So does what the plain rule chose.
        let listed = try await book.decisions(DecisionFilter(includesNoTouch: true)).filter { $0.arm == .rules }
        #expect(listed.contains { $0.day != nil })
        for decision in listed {
            let isRule = decision.reason1?.contains("the plain rule that the engine is measured against") == true
            #expect(isRule || decision.day == nil, "\(decision)")
        }

        // The next day's plan knows yesterday's choices and prices; it is as exact, and so is the older one still.
        let next = RunRequest(asOf: Self.asOf + 1)
        _ = try await CycleRun(workspace: workspace, request: next, now: Self.clock).perform()
        let second = try await book.replayRun(nil)
        #expect(second.runID != first.runID && second.isExact, "\(second.rendered())")
        let again = try await book.replayRun(first.runID)
        #expect(again.isExact && again.decisions == first.decisions, "\(again.rendered())")

        // What the files of the workspace say now is of no account: the record holds what they said then.
        var changed = workspace
        changed.strategy.caps = []
        changed.strategy.seed = 7
        #expect(try await DecisionBook(workspace: changed, now: Self.clock).replayRun(nil).isExact)

        let touches = try await book.decisions(DecisionFilter())
        let report = try await book.replay(try #require(touches.first).decisionID)
        #expect(report.isExact, "\(report.rendered())")
        #expect(Set(report.parts.map(\.name)) == Set(ReplayReport.Name.allCases))
    }

    @Test func aPlanByRulesIsReproduced() async throws {
        let folder = try TemporaryFolder()
        let workspace = try await Self.company(folder, rulesOnly: true)
        let report = try await DecisionBook(workspace: workspace, now: Self.clock).replayRun(nil)
        #expect(report.isExact && report.decisions >= 300, "\(report.rendered())")
    }

    /// Each part of the record is altered by the least bit in turn, and the replay names the part.
    @Test func aFlippedValueIsDetectedAndNamed() async throws {
        let folder = try TemporaryFolder()
        let workspace = try await Self.company(folder)
        let book = try DecisionBook(workspace: workspace, now: Self.clock)
        let decision = try #require(try await book.decisions(DecisionFilter()).first { $0.propensity < 1 })
        let snapshot = try #require(SnapshotStore(directory: workspace.snapshotDirectory).current)
        let person = "(SELECT hcp_no FROM mart.hcp WHERE hcp_id = '\(decision.hcpID)')"
        let cell = """
            hcp_no = \(person) AND action_no = (SELECT action_no FROM plan.decision
            WHERE decision_id = '\(decision.decisionID)')
            """
        let up = { (column: String) in "\(column) = CAST(\(column) * 1.000001 + 1e-7 AS FLOAT)" }
        let alterations: [(String, ReplayReport.Name)] = [
            ("UPDATE plan.candidate SET \(up("probability")) WHERE \(cell)", .response),
            ("UPDATE plan.candidate SET \(up("effect_high")) WHERE \(cell)", .effect),
            ("UPDATE plan.candidate SET \(up("value")) WHERE \(cell)", .value),
            ("UPDATE plan.price SET price = price + 1e-12 WHERE kind = 'limit'", .price),
            ("UPDATE plan.decision SET features_hash = reverse(features_hash)", .features),
            ("UPDATE plan.run SET strategy_version = 'another'", .versions),
            ("UPDATE plan.run SET temperature = temperature * 1.0000001", .price),
        ]
        for (sql, part) in alterations {
            let original = try Data(contentsOf: snapshot)
            defer { try? original.write(to: snapshot) }
            let warehouse = try Warehouse.open(WarehouseOptions(engine: .duckdb, path: snapshot.path, readOnly: false))
            let connection = try warehouse.connect()
            try await connection.execute(sql)
            try await connection.execute("CHECKPOINT")
            await connection.close()
            warehouse.close()
            let report = try await book.replay(decision.decisionID)
            let differing = report.parts.filter { $0.difference != nil }.map(\.name)
            #expect(!report.isExact && differing.contains(part), "\(sql)\n\(report.rendered())")
        }
        #expect(try await book.replay(decision.decisionID).isExact)
    }

    @Test func aRunWhoseSnapshotIsGoneIsRefusedInWords() async throws {
        let folder = try TemporaryFolder()
        let workspace = try await Self.company(folder)
        let book = try DecisionBook(workspace: workspace, now: Self.clock)
        let decision = try #require(try await book.decisions(DecisionFilter()).first)
        for file in SnapshotStore(directory: workspace.snapshotDirectory).kept {
            try FileManager.default.removeItem(at: file)
        }
        // The record kept beside says all but what the histories alone give.
        let report = try await book.replay(decision.decisionID)
        #expect(report.isExact && Set(report.parts.map(\.name)).isSuperset(of: [.value, .price, .choice, .propensity]))
        try FileManager.default.removeItem(at: workspace.stateDirectory.appending(path: "records"))
        await #expect { _ = try await book.replay(decision.decisionID) } throws: { error in
            (error as? Diagnostic)?.code == "record_gone"
        }
        await #expect { _ = try await book.replay("nothing") } throws: { error in
            (error as? Diagnostic)?.code == "unknown_decision"
        }
    }
}
