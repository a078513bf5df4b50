import EngagementModel
import Foundation
import Insight
import Ledger
import TestSupport
import Testing
import Warehouse

@testable import Cycle

/// A small simulated market with what the demo leaves out, and with changes that the test itself planted: the truth is
/// known.
struct InsightCompany: Sendable {
    static let asOf = Day(year: 2026, month: 6, day: 1)
    static let clock: @Sendable () -> Int64 = { 1_780_000_000_000_000 }
    static let shared = Task { try await InsightCompany() }

    let folder: TemporaryFolder
    let workspace: Workspace
    let summary: RunSummary
    /// HCPs whose prescriptions fell to a seventh three months before the end.
    let planted: Set<String>

    init() async throws {
        folder = try TemporaryFolder()
        let root = folder.url.appending(path: "company")
        _ = try WorkspaceTemplate.create(.demo, at: root, hcps: 500, reps: 4, seed: 11, endingOn: Self.asOf)
        planted = try Self.plantFalls(in: folder)
        try Self.addFiles(to: folder)
        workspace = try #require(Workspace.read(at: root).workspace)
        summary = try await CycleRun(
            workspace: workspace, request: RunRequest(asOf: Self.asOf), now: Self.clock
        ).perform()
    }

    /// Divides the last three months of every twentieth HCP with a fair volume by seven.
    private static func plantFalls(in folder: TemporaryFolder) throws -> Set<String> {
        let path = "company/sources/canonical/volume.csv"
        var lines = try folder.read(path).split(separator: "\n", omittingEmptySubsequences: true).map(String.init)
        var totals: [String: Int] = [:]
        for line in lines.dropFirst() {
            let cells = line.split(separator: ",", omittingEmptySubsequences: false)
            totals["\(cells[2]) \(cells[3])", default: 0] += Int(cells[5]) ?? 0
        }
        let fair = totals.filter { $0.value >= 24 * 12 }.keys.sorted()
        let chosen = Set(fair.enumerated().filter { $0.offset % 20 == 0 }.map(\.element))
        for index in lines.indices.dropFirst() {
            var cells = lines[index].split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            guard chosen.contains("\(cells[2]) \(cells[3])"), cells[0] >= "2026-02-01", let value = Int(cells[5])
            else { continue }
            cells[5] = String(value / 7)
            lines[index] = cells.joined(separator: ",")
        }
        try folder.write(lines.joined(separator: "\n") + "\n", to: path)
        return Set(chosen.map { String($0.prefix { $0 != " " }) })
    }

    /// Stock, procedures, devices, referrals, and messages of the kinds that matter.
    private static func addFiles(to folder: TemporaryFolder) throws {
        let canonical = "company/sources/canonical/"
        try folder.write(
            "hco_id,product_id,day,stock\nO000001,P4,2026-05-31,3\nO000002,P4,2026-05-31,900\n",
            to: canonical + "inventory.csv")
        try folder.write(
            "code_system,code,product_id,units_per_procedure\ncpt,27447,P4,2\n", to: canonical + "procedure_product.csv"
        )
        var claims = "claim_id,hcp_id,hco_id,patient_token,service_date,code_system,code,units\n"
        for month in 1...12 {
            let year = month <= 5 ? 2026 : 2025
            for n in 0..<10 {
                for site in 1...2 {
                    claims +=
                        "C\(month)-\(n)-\(site),H000000\(site),O00000\(site),tk\(month)x\(n)x\(site),"
                        + "\(year)-\(month < 10 ? "0" : "")\(month)-1\(n % 9),cpt,27447,1\n"
                }
            }
        }
        try folder.write(claims, to: canonical + "claim.csv")
        try folder.write(
            "from_hcp_id,to_hcp_id,period_start,patients\nH0000005,H0000009,2026-01-01,30\nH0000006,H0000009,2026-01-01,25\n",
            to: canonical + "referral.csv")
        try folder.write(
            """
            asset_id,hco_id,product_id,installed_at,warranty_until,last_service_at
            A1,O000001,P3,2024-06-20T08:00:00Z,2026-06-20,2025-06-01T08:00:00Z

            """, to: canonical + "asset.csv")
        try folder.write(
            """
            interview_id,hcp_id,held_at,interviewer,text
            V1,H0000003,2026-05-30T10:00:00Z,Uma,"My patient developed a rash after the second dose and went to the hospital."

            """, to: canonical + "interview.csv")
    }

    func read<R: Sendable>(_ body: (WarehouseConnection) async throws -> R) async throws -> R {
        let current = try #require(SnapshotStore(directory: workspace.snapshotDirectory).current)
        let warehouse = try Warehouse.open(workspace.warehouseOptions(path: current.path, readOnly: true))
        defer { warehouse.close() }
        return try await body(try warehouse.connect())
    }

    func texts(_ sql: String) async throws -> [String] {
        try await read { try await $0.query(sql).strings("v").map { $0 ?? "-" } }
    }

    func number(_ sql: String) async throws -> Double {
        try await read { try await $0.query(sql).doubles("v").first ?? .nan }
    }
}

@Suite struct InsightStepTests {
    @Test func theRunWritesEveryTableAndSaysSo() async throws {
        let company = try await InsightCompany.shared.value
        #expect(company.summary.insight.needs > 100)
        #expect((2...8).contains(company.summary.insight.segments))
        #expect(company.summary.insight.triggers > company.summary.insight.alarms)
        #expect(company.summary.insight.alarms > 0 && company.summary.insight.safetyReports == 1)
        #expect(company.summary.rendered(currency: "EUR").contains("  Insight   "))
        let parts = try await company.texts(
            """
            SELECT part AS v FROM insight.part WHERE "rows" > 0 AND part <> 'match' ORDER BY part
            """)
        #expect(
            parts == [
                "change", "hour", "influence", "lapse", "need", "need_prescriber", "preference", "reading", "replenish",
                "segment",
            ])
        #expect(company.summary.insight.parts.contains { $0.name == "need" && $0.seconds > 0 })
    }

    @Test func accountsHaveADueDayThatTheirOwnIntervalExplains() async throws {
        let company = try await InsightCompany.shared.value
        let wrong = try await company.number(
            """
            SELECT CAST(count(*) AS DOUBLE) AS v FROM insight.need, history.clock
            WHERE due_low > due_day OR due_day > due_high OR (subject_kind = 'hco' AND due_low < as_of) OR p_active NOT BETWEEN 0 AND 1
              OR interval_days <= 0 OR evidence = ''
            """)
        #expect(wrong == 0)
        // The market orders once a month: so says the median of the accounts with a history of their own.
        let interval = try await company.number(
            "SELECT median(interval_days) AS v FROM insight.need WHERE subject_kind = 'hco' AND purchases >= 12")
        #expect((26...36).contains(interval))
        let words = try await company.texts(
            """
            SELECT evidence AS v FROM insight.need
            WHERE subject_kind = 'hco' AND basis = 'own' AND overdue_days = 0 ORDER BY purchases DESC, subject_id LIMIT 1
            """)
        #expect(words[0].hasPrefix("Orders every ") && words[0].contains("the next is due on "), "\(words)")
    }

    @Test func plantedFallsAreFoundFirst() async throws {
        let company = try await InsightCompany.shared.value
        let ranked = try await company.texts(
            "SELECT subject_id AS v FROM insight.trigger WHERE kind = 'prescribing_fall' ORDER BY score DESC, place")
        try #require(company.planted.count >= 8)
        let found = ranked.prefix(company.planted.count).filter(company.planted.contains)
        // Precision at an alarm rate that equals the share of planted falls.
        #expect(
            Double(found.count) >= 0.8 * Double(company.planted.count), "\(found.count) of \(company.planted.count)")
        let alarms = try await company.texts(
            "SELECT subject_id AS v FROM insight.trigger WHERE kind = 'prescribing_fall' AND alarm")
        #expect(!alarms.isEmpty && alarms.allSatisfy(company.planted.contains))
        let months = try await company.texts(
            """
            SELECT DISTINCT CAST(c.changed_month AS VARCHAR) AS v FROM insight.change AS c
            JOIN insight.trigger AS t ON t.subject_id = c.subject_id AND t.product_id = c.product_id AND t.kind = 'prescribing_fall'
            WHERE t.alarm ORDER BY v
            """)
        #expect(months.allSatisfy { ("2026-01-01"..."2026-03-01").contains($0) }, "\(months)")
    }

    @Test func ordersAreProposedWhereTheStockDoesNotLast() async throws {
        let company = try await InsightCompany.shared.value
        let rows = try await company.texts(
            """
            SELECT hco_id || ' ' || (quantity > 0) || ' ' || round(demand_per_month) || ' ' || (order_by - as_of) AS v
            FROM insight.replenish, history.clock ORDER BY hco_id
            """)
        // Ten procedures a month at two units each.
        #expect(rows == ["O000001 true 20.0 0", "O000002 false 20.0 90"])
    }

    @Test func whatEndsSoonIsToldWithItsDay() async throws {
        let company = try await InsightCompany.shared.value
        #expect(
            try await company.texts(
                "SELECT days_left || ' ' || evidence AS v FROM insight.lapse WHERE kind = 'warranty'")
                == ["19 The warranty ends on 20 June, in 19 days."])
        let early = try await company.number(
            """
            SELECT CAST(count(*) AS DOUBLE) AS v FROM insight.trigger AS t JOIN insight.lapse AS l ON l.item_id = split_part(t.trigger_id, ':', 4)
            WHERE t.kind = 'contract_lapse' AND l.days_left NOT BETWEEN 0 AND 90
            """)
        #expect(early == 0)
    }

    @Test func whoIsAskedByManyIsCentral() async throws {
        let company = try await InsightCompany.shared.value
        let rank = try await company.number(
            """
            SELECT CAST(i.centrality AS DOUBLE) AS v FROM insight.influence AS i JOIN mart.hcp AS h ON h.hcp_no = i.hcp_no
            WHERE h.hcp_id = 'H0000009'
            """)
        #expect(rank > 2)
        let contact = try await company.texts("SELECT name AS v FROM insight.influence_model WHERE is_contact")
        #expect(contact.allSatisfy { $0 == "contacts" })
    }

    @Test func safetyReportsHaveADeadlineAndReachNobodyElse() async throws {
        let company = try await InsightCompany.shared.value
        let rows = try await company.texts(
            "SELECT audience || ' ' || alarm || ' ' || subject_id AS v FROM insight.trigger WHERE kind = 'safety_report'"
        )
        #expect(rows == ["safety true H0000003"])
        #expect(
            try await company.texts(
                "SELECT CAST(deadline_at AS VARCHAR) AS v FROM insight.inquiry WHERE safety IS NOT NULL")
                == ["2026-05-30 14:00:00"])
        let promotional = try await company.number(
            """
            SELECT CAST(count(*) AS DOUBLE) AS v FROM insight.trigger AS t JOIN insight.inquiry AS i
              ON i.message_id = split_part(t.trigger_id, ':', 4) AND i.message_kind = 'inquiry'
            WHERE t.kind = 'inquiry_open' AND i.medical
            """)
        #expect(promotional == 0)
        let events = try await TriggerBook(workspace: company.workspace).alarms()
        #expect(!events.isEmpty)
        #expect(!events.contains { $0.name == "insight.safety_report" })
        #expect(Set(events.map(\.id)).count == events.count)
    }

    @Test func triggersOfPastDaysAreJudgedByWhatCameAfter() async throws {
        let company = try await InsightCompany.shared.value
        // On 20 February the prescriptions of December are known; the planted falls begin with those of February.
        var options = TriggerBacktestOptions()
        (options.days, options.gap) = (1, 101)
        let report = try await TriggerBacktest(
            workspace: company.workspace, options: options, now: InsightCompany.clock
        ).perform()
        #expect(report.days == [Day(year: 2026, month: 2, day: 20)] && report.asOf == InsightCompany.asOf)
        #expect(report.lines.allSatisfy { $0.confirmed <= $0.alarms && $0.events <= $0.cases })
        let fall = report.lines.filter { $0.kind == "prescribing_fall" }
        let widest = try #require(fall.first { $0.rate == 0.05 })
        // What came is counted, and nobody knew of it: a look ahead would find nearly all of them.
        #expect(2 * widest.events >= company.planted.count, "\(widest)")
        #expect(2 * widest.confirmed < company.planted.count, "\(widest)")
        // A larger alarm rate finds more; what was found is never less.
        for kind in Set(report.lines.map(\.kind)) {
            let found = report.lines.filter { $0.kind == kind && $0.rate != nil }
                .sorted { ($0.rate ?? 0) < ($1.rate ?? 0) }.map(\.confirmed)
            #expect(found == found.sorted(), "\(kind)")
        }
        // The published snapshot stands where it stood, and the report waits for the next run.
        #expect(try await company.texts("SELECT CAST(as_of AS VARCHAR) AS v FROM history.clock") == ["2026-06-01"])
        #expect(TriggerReportFile.read(company.workspace) == report)
    }

    @Test func reasonsAreTheWordsOfTheTrigger() async throws {
        let company = try await InsightCompany.shared.value
        let without = try await company.number(
            """
            SELECT CAST(count(*) AS DOUBLE) AS v FROM plan.decision AS d
            JOIN insight.trigger AS t ON t.hcp_no = d.hcp_no AND t.product_id = d.product_id AND t.alarm AND t.audience = 'all'
              AND t.kind = 'prescribing_fall'
            WHERE d.channel IS NOT NULL AND d.arm <> 'rules' AND d.reason_1 NOT LIKE '%a month%'
              AND d.reason_1 NOT LIKE '%Looked at%' AND d.reason_1 NOT LIKE '%rders every%'
            """)
        #expect(without == 0)
    }

    @Test func theCatalogueNamesVersionGrainInputsTestsAndFreshness() async throws {
        let company = try await InsightCompany.shared.value
        let empty = try await company.number(
            """
            SELECT CAST(count(*) AS DOUBLE) AS v FROM catalogue.feature
            WHERE coalesce(version, '') = '' OR coalesce(owner, '') = '' OR coalesce(grain, '') = ''
              OR coalesce(inputs, '') = '' OR coalesce(tests, '') = '' OR fresh_as_of IS NULL
            """)
        #expect(empty == 0)
        #expect(try await company.number("SELECT CAST(count(*) AS DOUBLE) AS v FROM catalogue.feature") >= 20)
        let folder = company.folder.url.appending(path: "features")
        let files = try await FeatureBook(workspace: company.workspace).export(to: folder)
        #expect(files.contains { $0.file == "insight.need.parquet" && $0.rows > 0 })
        let bytes = try Data(contentsOf: folder.appending(path: "insight.need.parquet"))
        #expect(bytes.prefix(4) == Data("PAR1".utf8))
    }
}

/// What a second day does to what the first day found.
@Suite struct InsightTomorrowTests {
    @Test func theNextDayKeepsSegmentsAndMakesOnlyWhatTheClockMoves() async throws {
        let folder = try TemporaryFolder()
        let root = folder.url.appending(path: "company")
        let asOf = InsightCompany.asOf
        _ = try WorkspaceTemplate.create(.demo, at: root, hcps: 300, reps: 3, seed: 4, endingOn: asOf)
        let workspace = try #require(Workspace.read(at: root).workspace)
        let company = InsightTwin(workspace: workspace)
        let (rules, before) = try await company.run(asOf)
        let (later, after) = try await company.run(asOf + 1)
        #expect(rules == later)
        #expect(before["need"] != after["need"])
        // Habits change over months, months of prescribing with the month.
        #expect(before["need_prescriber"] == after["need_prescriber"])
        #expect(before["hour"] == after["hour"])
        // Whole months: another day of the same month changes nothing.
        #expect(before["change"] == after["change"])
        #expect(before["influence"] == after["influence"])
    }
}

/// A classifier that the company trained reads beside the rules.
@Suite struct InsightTextModelTests {
    @Test func anInstalledClassifierReadsAndStandsInTheCatalogue() async throws {
        let folder = try TemporaryFolder()
        let root = folder.url.appending(path: "company")
        _ = try WorkspaceTemplate.create(.demo, at: root, hcps: 200, reps: 2, seed: 4, endingOn: InsightCompany.asOf)
        try folder.write(
            """
            inquiry_id,hcp_id,received_at,channel,product_id,text
            Q1,H0000001,2026-05-30T10:00:00Z,email,P1,"zibble the quorum 77"
            Q2,H0000002,2026-05-30T10:00:00Z,email,P1,"zibble again: my patient developed a rash and went to the hospital"

            """, to: "company/sources/canonical/inquiry.csv")
        let workspace = try #require(Workspace.read(at: root).workspace)
        let company = InsightTwin(workspace: workspace)
        _ = try await company.run(InsightCompany.asOf)
        let sql =
            "SELECT kind || ' ' || coalesce(safety, '-') AS v FROM insight.reading WHERE message_kind = 'inquiry' ORDER BY message_id"
        let ruled = try await company.texts(sql)
        #expect(ruled[0] == "other -", "\(ruled)")
        let texts = (0..<12).flatMap { ["zibble the quorum \($0)", "frandle my vintage \($0)"] }
        let trained = TrainedText(
            try TextClassifier(
                texts: texts, classes: texts.indices.map { Int32($0 % 2) }, labels: ["price", "other"], seed: 1),
            proof: .init(texts: 24, foldAccuracy: [1, 0.9], accuracy: 0.95, macroF1: 0.95, calibrationError: 0.02))
        try FileManager.default.createDirectory(
            at: root.appending(path: "models"), withIntermediateDirectories: true)
        try trained.encoded().write(to: root.appending(path: TextModelFile.path))
        _ = try await company.run(InsightCompany.asOf)
        let read = try await company.texts(sql)
        #expect(read[0] == "price -")
        // Safety stays with the rules, whatever a training says.
        #expect(read[1].hasSuffix("adverse_event"))
        let line = try await company.texts(
            "SELECT version || ' ' || note AS v FROM catalogue.feature WHERE name = 'inquiry kinds'")
        #expect(line.count == 1 && line[0].hasPrefix(trained.version) && line[0].contains("accuracy 0.950"))
        try folder.write("{}", to: "company/models/inquiries.json")
        let report = await WorkspaceCheck.run(at: root, variables: [:])
        #expect(report.diagnostics.contains { $0.code == "text_model_damaged" })
    }
}

/// Runs of one workspace, with what the insight step remembers.
private struct InsightTwin {
    let workspace: Workspace

    func texts(_ sql: String) async throws -> [String] {
        let current = try #require(SnapshotStore(directory: workspace.snapshotDirectory).current)
        let warehouse = try Warehouse.open(workspace.warehouseOptions(path: current.path, readOnly: true))
        defer { warehouse.close() }
        return try await warehouse.connect().query(sql).texts("v")
    }

    func run(_ asOf: Day) async throws -> (rules: [String], parts: [String: String]) {
        _ = try await CycleRun(
            workspace: workspace, request: RunRequest(asOf: asOf), now: InsightCompany.clock
        ).perform()
        let current = try #require(SnapshotStore(directory: workspace.snapshotDirectory).current)
        let warehouse = try Warehouse.open(workspace.warehouseOptions(path: current.path, readOnly: true))
        defer { warehouse.close() }
        let connection = try warehouse.connect()
        let rules = try await connection.query(
            "SELECT name || ': ' || rule || founded_as_of AS v FROM insight.segment ORDER BY segment_no"
        ).texts("v")
        let parts = try await connection.query("SELECT part, inputs || ' ' || run_id AS v FROM insight.part")
        return (
            rules,
            Dictionary(
                zip(try parts.texts("part"), try parts.texts("v")), uniquingKeysWith: { first, _ in first })
        )
    }
}
