import EngagementModel
import Foundation
import TestSupport
import Testing

/// One small demo company, run once, looked at from every command.
@Suite struct DemoTests {
    /// The demo of these tests: made once, never changed by a test.
    static let demo = Result { try DemoCompany() }

    private func company() throws -> DemoCompany { try Self.demo.get() }

    @Test func theSummarySaysWhatWasDone() throws {
        let run = try company().firstRun
        #expect(run.status == 0, "\(run.messages)")
        for words in ["Loaded", "People", "Plan", "can reach", "in_person", "email"] {
            #expect(run.output.contains(words), "\(run.output)")
        }
    }

    @Test func decisionsHaveTheColumnsOfTheContract() throws {
        let sheet = Sheet(try company().rapport("decisions", "--format", "csv").output)
        #expect(sheet.columns == Decision.columns)
        #expect(sheet.rows.count > 100)
        #expect(Set(sheet["decision_id"]).count == sheet.rows.count)
        for day in sheet["day"] { #expect(try #require(Day(day)) > DemoCompany.asOf) }
        for propensity in sheet["propensity"] {
            let value = try #require(Double(propensity))
            #expect(value > 0 && value <= 1)
        }
        for (low, pair) in zip(sheet["effect_low"], zip(sheet["expected_effect"], sheet["effect_high"])) {
            let (l, m, h) = (Double(low) ?? .nan, Double(pair.0) ?? .nan, Double(pair.1) ?? .nan)
            #expect(l <= m && m <= h)
        }
        #expect(Set(sheet["arm"]) == ["engine", "random", "rules"])
        #expect(sheet["reason_1"].allSatisfy { !$0.isEmpty })
    }

    @Test func everyConsideredHCPHasADecision() throws {
        let company = try company()
        let sheet = Sheet(try company.rapport("decisions", "--format", "csv", "--no-touch").output)
        let people = Sheet(try company.folder.read("demo/sources/canonical/hcp.csv"))
        // Duplicates in the file are merged, so there are at most as many golden HCPs as rows.
        let decided = Set(sheet["hcp_id"])
        #expect(decided.count <= people.rows.count && decided.count > people.rows.count * 95 / 100)
        #expect(decided.isSubset(of: Set(people["hcp_id"])))
    }

    @Test func noTouchBreaksACapAGapOrTheRepsDay() throws {
        let sheet = Sheet(try company().rapport("decisions", "--format", "csv").output)
        var touches: [String: [(day: Day, channel: String)]] = [:]
        var minutes: [String: Double] = [:]
        let lengths = ["in_person": 45.0, "video": 30, "phone": 15, "email_rep": 4]
        for i in sheet.rows.indices {
            let day = try #require(Day(sheet["day"][i]))
            touches[sheet["hcp_id"][i], default: []].append((day, sheet["channel"][i]))
            minutes["\(sheet["sender"][i]) \(day)", default: 0] += lengths[sheet["channel"][i]] ?? 0
        }
        let human: Set = ["in_person", "video", "phone"]
        let mail: Set = ["email", "email_rep"]
        for (_, plan) in touches {
            for (i, a) in plan.enumerated() {
                #expect(plan.count { $0.day >= a.day && $0.day - a.day < 7 } <= 3)
                for b in plan[(i + 1)...] {
                    let apart = abs(a.day - b.day)
                    #expect(apart >= 1)
                    if human.contains(a.channel) && human.contains(b.channel) { #expect(apart >= 4) }
                    if mail.contains(a.channel) && mail.contains(b.channel) { #expect(apart >= 2) }
                }
            }
        }
        for (repDay, used) in minutes where !repDay.hasPrefix("system") { #expect(used <= 480.01, "\(repDay)") }
    }

    @Test func aSecondRunWithoutNewsDoesNothing() throws {
        let run = try company().rapport("run", "--as-of", DemoCompany.asOf.description)
        #expect(run.status == 0)
        #expect(run.output.contains("Nothing has changed"))
    }

    @Test func explainAndWhyNotAnswerFromTheRecord() throws {
        let company = try company()
        let sheet = Sheet(try company.rapport("decisions", "--format", "csv").output)
        let place = try #require(sheet["channel"].firstIndex(of: "in_person"))
        let explained = try company.rapport("explain", sheet["decision_id"][place])
        #expect(explained.status == 0 && explained.output.contains(sheet["reason_1"][place]))
        let planned = try company.rapport("why-not", "--hcp", sheet["hcp_id"][place], "--channel", "in_person")
        #expect(planned.output.contains("Planned:"))
        let never = try company.rapport("why-not", "--hcp", sheet["hcp_id"][place], "--channel", "ad")
        #expect(never.status == 0 && never.output.contains("does not use this channel"))
        #expect(try company.rapport("explain", "none").status == 1)
        #expect(try company.rapport("why-not", "--hcp", "nobody", "--channel", "email").status == 1)
    }

    /// A rehearsal says the same however often it is asked, and nothing leaves, not even into the sandbox.
    @Test func aDryRunSaysWhatWouldBeDoneAndDoesNothing() throws {
        let company = try company()
        func rehearse() throws -> String {
            let result = try company.rapport(
                "engage", "--dry-run", "--as-of", (DemoCompany.asOf + 1).description, "--hour", "15", "--json")
            #expect(result.status == 0, "\(result.messages)")
            return result.output
        }
        let first = try rehearse()
        let report = try #require(JSONSerialization.jsonObject(with: Data(first.utf8)) as? [String: Any])
        let engagement = try #require(report["engagement"] as? [String: Any])
        #expect((engagement["entered"] as? Int ?? 0) + (engagement["claimed"] as? Int ?? 0) > 0, "\(first)")
        #expect(report["sent"] as? Int == 0 && report["messages"] is [Any])
        #expect(try rehearse() == first)
        let outbox = company.folder.url.appending(path: "demo/state/outbox").path
        #expect(((try? FileManager.default.contentsOfDirectory(atPath: outbox)) ?? []).isEmpty)
    }

    @Test func jsonIsOneDocumentOnStandardOutput() throws {
        let company = try company()
        for arguments in [
            ["decisions", "--json"], ["check", "--json"], ["user", "list", "--json"], ["report", "--json"],
        ] {
            let result = try company.rapport(arguments)
            #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(result.output.utf8)) }
        }
    }

    @Test func parquetHoldsTheSameRowsAsCSV() throws {
        let company = try company()
        let file = company.folder.url.appending(path: "plan.parquet").path
        #expect(try company.rapport("decisions", "--format", "parquet", "--out", file).status == 0)
        let bytes = try Data(contentsOf: URL(filePath: file))
        #expect(bytes.prefix(4) == Data("PAR1".utf8) && bytes.suffix(4) == Data("PAR1".utf8))
    }

    @Test func veevaSuggestionsGoOutAndFeedbackComesBack() throws {
        let company = try DemoCompany(copyOf: try company())
        let out = Sheet(try company.rapport("export", "veeva").output)
        #expect(out.columns.contains("Account_Priority_Score_vod__c") && out.rows.count > 20)
        let ids = out["Suggestion_External_Id_vod__c"]
        try company.folder.write(
            """
            Suggestion_External_Id_vod__c,Actioned_vod__c,Dismissed_vod__c,Marked_As_Complete_vod__c
            \(ids[0]),1,0,0
            \(ids[1]),0,1,0
            \(ids[2]),0,0,1
            unknown,1,0,0

            """, to: "feedback.csv")
        let file = company.folder.url.appending(path: "feedback.csv").path
        let result = try company.rapport("import", "veeva", file)
        #expect(result.status == 0 && result.output.contains("3 applied"), "\(result.output)\(result.messages)")
        let statuses = Sheet(try company.rapport("decisions", "--format", "csv").output)
        let byID = Dictionary(uniqueKeysWithValues: zip(statuses["decision_id"], statuses["status"]))
        #expect([byID[ids[0]], byID[ids[1]], byID[ids[2]]] == ["accepted", "dismissed", "executed"])
        #expect(try company.rapport("import", "veeva", file).output.contains("4 known already"))
    }

    @Test func aDismissedTouchDoesNotComeBackTheNextDay() throws {
        let company = try DemoCompany(copyOf: try company())
        let out = Sheet(try company.rapport("export", "veeva").output)
        let ids = Array(out["Suggestion_External_Id_vod__c"].prefix(12))
        let before = Sheet(try company.rapport("decisions", "--format", "csv").output)
        let unwanted = Set(
            ids.compactMap { id in
                before["decision_id"].firstIndex(of: id).map { "\(before["hcp_id"][$0]) \(before["channel"][$0])" }
            })
        #expect(unwanted.count > 2)
        let rows = ids.map { "\($0),0,1,0\n" }.joined()
        try company.folder.write(
            "Suggestion_External_Id_vod__c,Actioned_vod__c,Dismissed_vod__c,Marked_As_Complete_vod__c\n" + rows,
            to: "feedback.csv")
        let file = company.folder.url.appending(path: "feedback.csv").path
        #expect(try company.rapport("import", "veeva", file).status == 0)
        #expect(try company.rapport("run", "--as-of", (DemoCompany.asOf + 1).description).status == 0)
        let after = Sheet(try company.rapport("decisions", "--format", "csv").output)
        #expect(Set(after["as_of"]) == [(DemoCompany.asOf + 1).description])
        let planned = Set(zip(after["hcp_id"], after["channel"]).map { "\($0) \($1)" })
        #expect(planned.isDisjoint(with: unwanted))
        #expect(planned.count > 50)
    }

    @Test func rulesOnlyPlansWithoutModels() throws {
        let company = try DemoCompany(copyOf: try company())
        let run = try company.rapport("run", "--as-of", DemoCompany.asOf.description, "--rules-only")
        #expect(run.status == 0, "\(run.messages)")
        let sheet = Sheet(try company.rapport("decisions", "--format", "csv").output)
        #expect(Set(sheet["arm"]) == ["rules"] && Set(sheet["model_version"]) == ["rules"])
        #expect(sheet.rows.count > 50)
    }

    /// Words of the progress after which the run is killed: within and between all steps.
    @Test(arguments: [
        "load …", "interaction", "load done", "resolve …", "learn …", "insight …", "decide …", "decide done",
        "publish …",
        "publish done", "measure …", "measure done",
    ])
    func aRunThatIsKilledAnywhereEndsInTheSameState(_ words: String) throws {
        let whole = Sheet(try company().rapport("decisions", "--format", "csv", "--no-touch").output)
        let other = DemoCompany(folder: try TemporaryFolder())
        try other.make()
        try Command.kill(
            ["run", "--workspace", other.path, "--as-of", DemoCompany.asOf.description], afterMessage: words)
        let again = try other.rapport("run", "--as-of", DemoCompany.asOf.description)
        #expect(again.status == 0, "\(again.messages)")
        let sheet = Sheet(try other.rapport("decisions", "--format", "csv", "--no-touch").output)
        #expect(sheet.rows == whole.rows)
    }
}

/// A workspace of the template `demo`, small, with a fixed day.
struct DemoCompany {
    static let asOf = Day(year: 2026, month: 6, day: 1)
    let folder: TemporaryFolder
    var firstRun = Command.Result()
    var path: String { folder.url.appending(path: "demo").path }

    /// Where the twin lies that no command opens.
    private var untouched: String { folder.url.appending(path: "untouched").path }

    init() throws {
        folder = try TemporaryFolder()
        try make()
        firstRun = try rapport("run", "--as-of", Self.asOf.description)
        try FileManager.default.copyItem(atPath: path, toPath: untouched)
    }

    init(folder: TemporaryFolder) { self.folder = folder }

    /// A copy as it was after its first run: from the untouched twin, since another test may have the ledger open.
    init(copyOf other: DemoCompany) throws {
        folder = try TemporaryFolder()
        try FileManager.default.copyItem(atPath: other.untouched, toPath: path)
    }

    func make() throws {
        let made = try Command.run(
            "init", path, "--template", "demo", "--hcps", "300", "--reps", "3", "--seed", "5", "--as-of",
            Self.asOf.description)
        if made.status != 0 { throw Diagnostic("init_failed", made.messages) }
    }

    func rapport(_ arguments: String...) throws -> Command.Result { try rapport(arguments) }

    func rapport(_ arguments: [String]) throws -> Command.Result {
        try Command.run(arguments + ["--workspace", path])
    }
}
