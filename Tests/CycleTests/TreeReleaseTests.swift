import Cycle
import EngagementModel
import Foundation
import Ledger
import TestSupport
import Testing
import Warehouse

/// Trees from their release to the way back, in a company whose HCPs answer by a law that the online model cannot express:
/// half of the specialties talk to reps who come often, the other half to those who come seldom.
@Suite struct TreeReleaseTests {
    static let first = Day(year: 2026, month: 6, day: 1)
    static let clock: @Sendable () -> Int64 = { 1_780_000_000_000_000 }
    private static let columns = "interaction_id,hcp_id,occurred_at,channel,direction,status,response,decision_id\n"

    private struct Company {
        let folder: TemporaryFolder
        var workspace: Workspace
        var lastVisit: [String: Day] = [:]
        let likesSoon: [String: Bool]

        init() throws {
            folder = try TemporaryFolder()
            let root = folder.url.appending(path: "company")
            _ = try WorkspaceTemplate.create(.demo, at: root, hcps: 300, reps: 3, seed: 9, endingOn: first)
            try "challengers:\n  - {name: trees, kind: lightgbm, rounds: 60, leaves: 15, learning_rate: 0.1}\n"
                .write(to: root.appending(path: "models.yaml"), atomically: true, encoding: .utf8)
            workspace = try #require(Workspace.read(at: root).workspace)
            let sources = root.appending(path: "sources/canonical")
            let people = try String(contentsOf: sources.appending(path: "hcp.csv"), encoding: .utf8)
                .split(separator: "\n").dropFirst().map { $0.split(separator: ",", omittingEmptySubsequences: false) }
            likesSoon = Dictionary(
                people.map { (String($0[0]), $0[7].utf8.count % 2 == 0) }, uniquingKeysWith: { a, _ in a })
            var random = SystemlessRandom(state: 77)
            var rows = columns
            for hcp in likesSoon.keys.sorted() {
                var day = first + -330
                var number = 0
                while true {
                    day = day + (random.next() % 2 == 0 ? 4 + Int(random.next() % 9) : 22 + Int(random.next() % 20))
                    guard day < first + -3 else { break }
                    rows += "h-\(hcp)-\(number),\(hcp),\(day)T10:00:00Z,in_person,push,delivered,"
                    rows += "\(visit(hcp, on: day, chance: random.next())),\n"
                    if number % 4 == 0 {
                        let channel = number % 8 == 0 ? "phone" : "email"
                        rows += "o-\(hcp)-\(number),\(hcp),\(day + 1)T10:00:00Z,\(channel),push,delivered,reached,\n"
                    }
                    number += 1
                }
            }
            try rows.write(to: sources.appending(path: "interaction.csv"), atomically: true, encoding: .utf8)
        }

        /// What comes of a visit.
        mutating func visit(_ hcp: String, on day: Day, chance: UInt64) -> String {
            let gap = lastVisit[hcp].map { day - $0 } ?? 30
            lastVisit[hcp] = day
            let suits = (gap < 18) == (likesSoon[hcp] ?? false)
            if chance % 100 >= 90 { return "none" }
            return chance % 100 < (suits ? 80 : 5) ? "engaged" : "reached"
        }

        @discardableResult
        func run(_ day: Day) async throws -> RunSummary {
            try await CycleRun(workspace: workspace, request: RunRequest(asOf: day), now: clock).perform()
        }

        var book: DecisionBook { get throws { try DecisionBook(workspace: workspace, now: clock) } }
        var desk: ModelDesk { get throws { try ModelDesk(workspace: workspace, now: clock) } }

        /// Mean P(engaged) of a visit in the published plan, for those whom a visit now suits and for the others.
        func visitChances(_ day: Day) async throws -> (suited: Double, other: Double) {
            let file = try #require(SnapshotStore(directory: workspace.snapshotDirectory).current)
            let warehouse = try Warehouse.open(
                WarehouseOptions(engine: .duckdb, path: file.path, readOnly: true))
            defer { warehouse.close() }
            let table = try await warehouse.connect().query(
                """
                SELECT h.hcp_id, CAST(avg(c.probability) AS DOUBLE) AS p FROM plan.candidate AS c
                JOIN plan.action AS a USING (action_no) JOIN mart.hcp AS h USING (hcp_no)
                WHERE a.channel = 'in_person' AND c.refusal IS NULL GROUP BY h.hcp_id
                """)
            var sums = [SIMD2<Double>.zero, .zero]
            for (id, p) in zip(try table.texts("hcp_id"), try table.doubles("p")) {
                guard let likes = likesSoon[id], let last = lastVisit[id] else { continue }
                sums[((day - last) < 18) == likes ? 0 : 1] += SIMD2(p, 1)
            }
            return (sums[0].x / max(sums[0].y, 1), sums[1].x / max(sums[1].y, 1))
        }

        /// P(engaged) of each `channel product` of one HCP in the published plan.
        func chances(of hcp: String) async throws -> [String: Float] {
            let file = try #require(SnapshotStore(directory: workspace.snapshotDirectory).current)
            let warehouse = try Warehouse.open(WarehouseOptions(engine: .duckdb, path: file.path, readOnly: true))
            defer { warehouse.close() }
            let table = try await warehouse.connect().query(
                """
                SELECT a.channel || ' ' || a.product_id AS action, c.probability FROM plan.candidate AS c
                JOIN plan.action AS a USING (action_no) JOIN mart.hcp AS h USING (hcp_no) WHERE h.hcp_id = ?
                """, [.text(hcp)])
            return Dictionary(
                zip(try table.texts("action"), try table.floats("probability")), uniquingKeysWith: { a, _ in a })
        }

        /// Runs a week, and delivers what came of its plan.
        mutating func week(from day: Day) async throws {
            try await run(day)
            var random = SystemlessRandom(state: UInt64(day.number))
            var rows = columns
            let planned = try await book.decisions(DecisionFilter()).filter { ($0.day ?? day + 99) <= day + 7 }
            for decision in planned.sorted(by: { ($0.day?.number ?? 0, $0.hcpID) < ($1.day?.number ?? 0, $1.hcpID) }) {
                guard let on = decision.day, let channel = decision.channel else { continue }
                let answer = channel == .inPerson ? visit(decision.hcpID, on: on, chance: random.next()) : "reached"
                rows += "\(decision.decisionID),\(decision.hcpID),\(on)T10:00:00Z,\(channel.rawValue),push,delivered,"
                rows += "\(answer),\(decision.decisionID)\n"
            }
            try rows.write(
                to: workspace.root.appending(path: "sources/canonical/interaction-\(day + 7).csv"), atomically: true,
                encoding: .utf8)
        }
    }

    @Test func treesAreReleasedPlanAnswerAndGiveWay() async throws {
        var company = try Company()
        for week in 0..<4 { try await company.week(from: Self.first + 7 * week) }
        let release = Self.first + 28
        let (book, desk) = (try company.book, try company.desk)

        // The trees know the law, the online model does not; both are judged on what they had not learnt, by channel.
        let judged = try await desk.models()
        #expect(judged.map(\.role) == ["champion", "challenger"])
        func visits(_ line: ModelDesk.Line) throws -> ModelDesk.ChannelLine {
            try #require(line.channels.first { $0.channel == "in_person" })
        }
        let (own, trees) = (try visits(judged[0]), try visits(judged[1]))
        #expect(trees.logLoss < own.logLoss - 0.05 && trees.logLoss < trees.baseLogLoss, "\(trees) \(own)")

        // Released by its evaluation.
        var options = EvaluationOptions()
        options.reward = .engaged
        options.seeds = 24
        let report = try #require(try await desk.promote("trees", by: "test", options: options))
        #expect((report.decisive?.lead ?? -1) > 0, "\(report.rendered())")

        let summary = try await company.run(release)
        #expect(summary.plan.violations == 0 && !summary.calibration.isEmpty)
        let after = try await desk.models()
        #expect(after.map(\.role) == ["challenger", "champion"])
        let decisions = try await book.decisions(DecisionFilter(includesNoTouch: true))
        #expect(decisions.allSatisfy { $0.modelVersion.hasPrefix(after[1].version) })
        let visited = decisions.filter { $0.channel == .inPerson && $0.arm == .engine }
        // What is planned is what the trees know: visits are promising where the moment suits, and only there.
        let promise = try await company.visitChances(release)
        #expect(promise.suited > 2 * promise.other && promise.suited > 0.4, "\(promise)")

        // Bit for bit; the parts add up; what was not chosen has its reason.
        let replay = try await book.replayRun(nil)
        #expect(replay.isExact && replay.decisions >= 300, "\(replay.rendered())")
        let one = try #require(visited.first)
        let single = try await book.replay(one.decisionID)
        #expect(single.isExact && Set(single.parts.map(\.name)) == Set(ReplayReport.Name.allCases))
        let explanation = try await book.explain(one.decisionID, contributions: true)
        let parts = try #require(explanation.contributions)
        #expect(parts.effect == one.expectedEffect && explanation.reasons.count == 3)
        #expect(abs(parts.parts.reduce(parts.base.effect) { $0 + $1.effect } - parts.effect) < 1e-9)
        #expect(!parts.parts.contains { $0.name == "person" || $0.name == "timing" }, "\(parts)")
        #expect(one.effectLow < one.expectedEffect && one.expectedEffect < one.effectHigh)
        let refused = try await book.whyNot(hcp: one.hcpID, channel: .phone, content: nil)
        #expect(!refused.options.isEmpty && refused.options.allSatisfy { !$0.sentence.isEmpty })

        try await live(company, release)
        try await Self.scenario(company)
        // The control arm by rules says that it is, whoever gives the scores.
        let listed = decisions.filter { $0.arm == .rules && $0.day != nil }
        #expect(!listed.isEmpty)
        for decision in listed {
            #expect(decision.reason1?.hasPrefix("Chosen by the plain rule that the engine is measured") == true)
            #expect(
                [decision.reason2, decision.reason3].allSatisfy { $0?.hasPrefix("May be contacted") != false },
                "\(decision)")
        }

        // The next day's run learns new trees and plans by them; the older plan is as exact as before.
        let runID = replay.runID
        try await company.run(release + 1)
        let newer = try await desk.models()
        #expect(newer[1].version != after[1].version && newer[1].role == "champion")
        #expect(try await book.replayRun(nil).isExact)
        let again = try await book.replayRun(runID)
        #expect(again.isExact && again.decisions == replay.decisions, "\(again.rendered())")

        // Back to the online model, where LightGBM is gone: neither it nor the log is asked.
        try await withoutTheLibrary(company, release + 2)
        try await company.run(release + 2)
        #expect(try await desk.models().map(\.role) == ["champion", "challenger"])
        let back = try await book.decisions(DecisionFilter())
        let standard = try #require(try await desk.models().first)
        #expect(back.allSatisfy { $0.modelVersion.hasPrefix(standard.version) })
        #expect(try await book.replayRun(nil).isExact)
        #expect(try await book.replayRun(runID).isExact)
        let ledger = try company.workspace.openLedger(now: Self.clock)
        #expect(try await ledger.auditTrail(subject: "standard").contains { $0.action == "model.released" })
        try ledger.close()
    }

    /// A scenario says whose word its values are, and has intervals.
    private static func scenario(_ company: Company) async throws {
        let file = company.folder.url.appending(path: "scenario.yaml")
        try "name: as it is".write(to: file, atomically: true, encoding: .utf8)
        let report = try await ScenarioPlanner(workspace: company.workspace, now: clock)
            .answer(try Scenario.open(file), draws: 12)
        #expect(report.model.contains("The released model is trees") && report.rendered().contains(report.model))
        let all = try #require(report.lines.first { $0.kind == "all" })
        #expect(all.before.valueLow < all.before.value && all.before.value < all.before.valueHigh)
        #expect(all.change == 0)
    }

    /// A reported visit moves the trees' score at once, and the live decision replays.
    private func live(_ company: Company, _ day: Day) async throws {
        let noon = Int64((day + 1).number) * 86_400_000_000 + 57_600_000_000
        let ledger = try company.workspace.openLedger(now: { noon })
        defer { try? ledger.close() }
        let desk = PlanDesk(workspace: company.workspace, ledger: ledger, now: { noon })
        try await desk.refresh()
        func ask(_ hcp: String, at time: Int64) throws -> LiveAnswer {
            try desk.decide(LiveRequest(identifier: .hcp(hcp), now: time, channels: [.inPerson], limit: 25))
        }
        let later = noon + 6 * 86_400_000_000
        let hcp = try #require(
            company.likesSoon.keys.sorted().first { id in
                (try? ask(id, at: later))?.actions.isEmpty == false
            })
        func chance() throws -> [Double] {
            var found: [Double] = []
            for _ in 0..<40 { found += try ask(hcp, at: later).actions.map(\.probability) }
            return found
        }
        let before = try chance()
        let answer = try ask(hcp, at: later)
        #expect(!answer.isRescored && answer.modelVersion.count == 32)
        _ = try await desk.record(
            LiveOutcome(
                outcomeID: "visit-1", hcpID: hcp, channel: .inPerson, occurredAt: noon - 3_600_000_000,
                response: .engaged))
        let next = try ask(hcp, at: later)
        #expect(next.isRescored && next.liveEvents == 1)
        let after = try chance()
        #expect(Set(before).isDisjoint(with: after), "\(before.prefix(3)) \(after.prefix(3))")
        try await desk.finish()
        for id in [answer.decisionID, next.decisionID] {
            let replayed = try await company.book.replay(id)
            #expect(replayed.isExact && replayed.parts.contains { $0.name == .response }, "\(replayed.rendered())")
        }
    }

    /// Where LightGBM is gone a run says so before it changes anything, the published plan stands and can be read, and the
    /// way back is open. In processes of its own: this one has the library in memory.
    private func withoutTheLibrary(_ company: Company, _ day: Day) async throws {
        let files = FileManager.default
        let bare = company.folder.url.appending(path: "native")
        let native = URL(filePath: Self.native)
        try files.createDirectory(at: bare, withIntermediateDirectories: true)
        for name in try files.contentsOfDirectory(atPath: native.path) where name != "lightgbm" {
            try files.createSymbolicLink(
                at: bare.appending(path: name), withDestinationURL: native.appending(path: name))
        }
        let root = company.workspace.root
        let settings = root.appending(path: "rapport.yaml")
        let text = try String(contentsOf: settings, encoding: .utf8)
        try text.replacing("  engine: duckdb", with: "  engine: duckdb\n  native: \(bare.path)")
            .write(to: settings, atomically: true, encoding: .utf8)
        defer { try? text.write(to: settings, atomically: true, encoding: .utf8) }
        func rapport(_ words: String...) throws -> Command.Result {
            try Command.run(words + ["--workspace", root.path])
        }
        let store = SnapshotStore(directory: company.workspace.snapshotDirectory)
        let standing = store.current
        let refused = try rapport("run", "--as-of", "\(day)")
        #expect(refused.status != 0 && refused.messages.contains("library_missing"), "\(refused.messages)")
        #expect(refused.messages.contains("`trees` cannot plan"), "\(refused.messages)")
        #expect(refused.messages.contains("rapport model promote standard"), "\(refused.messages)")
        #expect(store.current == standing && standing != nil && !files.fileExists(atPath: store.next.path))
        let one = try #require(try await company.book.decisions(DecisionFilter()).first)
        let explained = try rapport("explain", one.decisionID)
        #expect(explained.status == 0 && explained.output.contains("Because"), "\(explained.messages)")
        let replayed = try rapport("replay", one.decisionID)
        #expect(replayed.status != 0 && replayed.messages.contains("library_missing"), "\(replayed.messages)")
        try await Self.answers(root, day) { try await company.chances(of: $0) }
        let back = try rapport("model", "promote", "standard")
        #expect(back.status == 0 && back.output.contains("plans with standard"), "\(back.messages)")
    }

    /// A server there answers with the scores that the trees gave the plan, whatever is reported: nothing can be scored
    /// anew.
    private static func answers(
        _ root: URL, _ day: Day, chances: (String) async throws -> [String: Float]
    ) async throws {
        let key = try Command.run(
            "user", "key", "add", "live", "--scope", "decisions:read", "--scope", "outcomes:write", "--workspace",
            root.path
        ).output.trimmingCharacters(in: .whitespacesAndNewlines)
        let people = Sheet(
            try Command.run("decisions", "--format", "csv", "--no-touch", "--workspace", root.path).output)["hcp_id"]
        let server = try ServingCommand(root.path)
        defer { server.stop() }
        func ask(_ hcp: String) async throws -> [String: Any] {
            try await server.post(
                "/v1/decisions",
                "{\"hcp_id\":\"\(hcp)\",\"context\":{\"now\":\"\(day + 5)T16:00:00Z\"},\"limit\":25}", key: key)
        }
        var (compared, touched) = (0, "")
        for id in Set(people).sorted().prefix(60) {
            let answer = try await ask(id)
            #expect((answer["model_version"] as? String)?.count == 32 && answer["rescored"] as? Bool == false)
            let stored = try await chances(id)
            for action in answer["actions"] as? [[String: Any]] ?? [] {
                let channel = try #require(action["channel"] as? String)
                let product = try #require(action["product_id"] as? String)
                let chance = try #require((action["probability"] as? NSNumber)?.floatValue)
                #expect(stored["\(channel) \(product)"] == chance, "\(id) \(channel) \(product)")
                compared += 1
                if channel == "in_person" { touched = id }
            }
        }
        #expect(compared > 60 && !touched.isEmpty, "\(compared)")
        let report = """
            {"outcome_id":"late-1","hcp_id":"\(touched)","channel":"in_person","occurred_at":"\(day)T10:00:00Z",
            "response":"engaged"}
            """
        #expect(try await server.post("/v1/outcomes", report, key: key)["rescored"] as? Bool == false)
        let next = try await ask(touched)
        #expect(next["live_events"] as? Int == 1 && next["rescored"] as? Bool == false, "\(next)")
    }

    private static var native: String {
        let environment = ProcessInfo.processInfo.environment
        let home = FileManager.default.homeDirectoryForCurrentUser.path
        return environment["RAPPORT_NATIVE"] ?? (environment["XDG_DATA_HOME"] ?? home + "/.local/share")
            + "/rapport/native"
    }
}

/// The same numbers everywhere.
private struct SystemlessRandom {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state >> 33
    }
}
