import Foundation
import Testing

@testable import Warehouse

@Suite struct MartHeaderTests {
    static var files: [String] {
        ["resolve", "features", "insight", "measure"].flatMap { part in
            ((try? FileManager.default.contentsOfDirectory(atPath: "\(MartStage.folder ?? "")/\(part)")) ?? [])
                .filter { $0.hasSuffix(".sql") }.map { "\(part)/\($0.dropLast(4))" }
        }.sorted()
    }

    @Test func everyStageSaysGrainKeysAndInputs() throws {
        #expect(Self.files.count > 40)
        for file in Self.files {
            let stage = try MartStage.load(file)
            #expect(!stage.grain.isEmpty && !stage.keys.isEmpty && !stage.inputs.isEmpty, "\(file)")
        }
    }

    @Test func everyInputIsMadeBySomeStageOrLoaded() throws {
        let stages = try Self.files.map(MartStage.load)
        let kept = [
            "history.clock", "history.source", "history.delivery", "history.market", "history.code",
            "history.objective",
            "history.golden", "history.golden_member", "history.golden_merge", "history.specialty",
            "history.mart_state",
            "history.touch_xref", "history.hcp_number", "history.match_link", "history.account_move", "history.trigger",
            "plan.rule",
            "plan.candidate", "plan.action",
        ]
        let made = Set(
            stages.flatMap(\.products) + kept + InsightTables.tables.map(\.qualified)
                + CanonicalSchema.tables.flatMap { ["canon.\($0.name)", "history.\($0.name)"] })
        for stage in stages {
            for input in stage.inputs { #expect(made.contains(input), "\(stage.file) reads \(input)") }
        }
    }

    @Test func headersNameEveryTableThatTheStatementReads() throws {
        for stage in try Self.files.map(MartStage.load) {
            let code = stage.sql.split(separator: "\n").filter { !$0.hasPrefix("--") }.joined(separator: "\n")
            for match in code.matches(
                of: /(?:FROM|JOIN|,)\s+((?:canon|mart|feature|resolve|history|plan|insight)\.[a-z_]+)/)
            {
                let table = String(match.1)
                let writes = code.contains("INSERT INTO \(table)") || code.contains("DELETE FROM \(table)")
                #expect(
                    stage.inputs.contains(table) || stage.products.contains(table) || writes,
                    "\(stage.file) reads \(table) and does not say so")
            }
        }
    }

    @Test func everyListedStageIsInstalledAndEveryInstalledOneIsUsed() throws {
        let listed =
            Marts.resolveStages + Marts.featureStages + Marts.insightStages + Marts.lateInsightStages
            + Marts.measureStages
        let parts = [
            "touch_change", "touch_child_row", "touch_child", "touch_child_delta", "touch_input", "touch_input_delta",
            "touch_row", "touch_delta", "touch_xref",
        ].map { "features/\($0)" }
        #expect(Set(Self.files) == Set(listed + parts))
    }
}
