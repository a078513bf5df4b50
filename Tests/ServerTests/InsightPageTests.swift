import EngagementModel
import Foundation
import Ledger
import Testing

@testable import Server

/// The tables of the insight step beside the small published state.
enum InsightFixture {
    static let sql = """
        CREATE SCHEMA insight; CREATE SCHEMA catalogue;
        CREATE TABLE mart.hco AS SELECT 'O1' AS hco_id, 'Klinik Nord' AS name;
        CREATE TABLE mart.affiliation AS SELECT 0 AS hcp_no, 'O1' AS hco_id, 'employed' AS role, 'buyer' AS buying_role,
            1.0 AS strength;
        CREATE TABLE mart.hcp_record AS SELECT * FROM (VALUES
            (0, 1, 'crm', 'A-77', 'Anna', 'Keller', 'anna@example.org', 'cardiology'),
            (2, 1, 'registry', 'Z-1', 'A.', 'Keller', NULL, 'cardiology')
        ) v(hcp_no, place, source, source_hcp_id, first_name, last_name, email, specialty);
        ALTER TABLE mart.hcp_record ADD COLUMN phone VARCHAR; ALTER TABLE mart.hcp_record ADD COLUMN address_line VARCHAR;
        ALTER TABLE mart.hcp_record ADD COLUMN city VARCHAR DEFAULT 'Hamburg';
        ALTER TABLE mart.hcp_record ADD COLUMN postal_code VARCHAR; ALTER TABLE mart.hcp_record ADD COLUMN country VARCHAR;
        ALTER TABLE mart.hcp_record ADD COLUMN npi VARCHAR;
        CREATE TABLE insight.need AS SELECT * FROM (VALUES
            ('hco', NULL, 'O1', 'P1', DATE '2026-01-06', 0, 0.9, 'own', 0.98, 'Orders every 41 days; the next is due on 6 January (±6 days).'),
            ('hcp', 1, NULL, 'P1', DATE '2026-02-01', 0, 0.4, 'own', 0.9, 'Prescribes in 4 of 10 months.')
        ) v(subject_kind, hcp_no, hco_id, product_id, due_day, overdue_days, urgency, basis, p_active, evidence);
        CREATE TABLE insight.trigger AS SELECT * FROM (VALUES
            ('need_due', 'hco', 0, 'H1', 'O1', 'P1', 'Orders every 41 days.', 0.9, true, 'all', 1),
            ('prescribing_fall', 'hcp', 1, 'H2', NULL, 'P1', 'Prescriptions fell from 9 to 2.', 0.97, true, 'console', 1),
            ('safety_report', 'hcp', 2, 'H3', NULL, 'P1', 'May tell of adverse event, serious.', 1.0, true, 'safety', 1)
        ) v(kind, subject_kind, hcp_no, hcp_id, hco_id, product_id, evidence, score, alarm, audience, place);
        CREATE TABLE insight.segment AS SELECT * FROM (VALUES
            (1, 'High volume', 'yearly_volume > 80 and own_requests > 2', 2, 0.67, 'yearly volume 120 (all: 60)', 0.9, DATE '2025-12-01'),
            (2, 'Low volume', 'yearly_volume <= 80', 1, 0.33, 'yearly volume 20 (all: 60)', 0.9, DATE '2025-12-01')
        ) v(segment_no, name, rule, size, share, typical, stability, founded_as_of);
        CREATE TABLE insight.hcp_segment AS SELECT * FROM (VALUES (0, 1), (1, 1), (2, 2)) v(hcp_no, segment_no);
        CREATE TABLE insight.target AS SELECT * FROM (VALUES
            (0, 1, 0.4, 0.8, 0.1, 1.5, 40.0, 'persuade'), (1, 1, 0.3, 0.1, 0.0, 0.2, -2.0, 'spare'),
            (2, 2, NULL, NULL, NULL, NULL, NULL, 'unreachable')
        ) v(hcp_no, segment_no, propensity, uplift, uplift_low, uplift_high, best_value, advice);
        CREATE TABLE insight.tie AS SELECT * FROM (VALUES (0, 1, 5.0, 0.0, 1, 0, 6.0), (0, 2, 2.0, 0.0, 0, 0, 2.0))
            v(from_no, to_no, referred_patients, shared_patients, shared_places, shared_events, weight);
        CREATE TABLE insight.influence AS SELECT * FROM (VALUES (0, 0, 0.6, 3, 2, 0.1), (1, 0, 1.8, 1, 1, 0.4), (2, 1, 0.7, 2, 1, 0.2))
            v(hcp_no, community, centrality, centrality_rank, ties, influence);
        CREATE TABLE insight.influence_model AS SELECT 'P1' AS product_id, 'prescriptions' AS measure, 'exposure' AS name,
            false AS is_contact, 0.8 AS value, 0.2 AS low, 1.4 AS high, 40 AS adoptions;
        CREATE TABLE insight.workplace AS SELECT 0 AS hcp_no, 1 AS place, 'Klinik Nord' AS name, 'Hafenstr. 1' AS address_line,
            '20095' AS postal_code, 'Hamburg' AS city, 2 AS mentions;
        CREATE TABLE insight.part AS SELECT 'replenish' AS part, 0 AS "rows", 'switched off: needs stock' AS note;
        CREATE TABLE insight.inquiry AS SELECT 'dosing' AS kind, true AS medical, 'inquiry' AS message_kind, 'high' AS urgency,
            TIMESTAMP '2025-12-20' AS at;
        CREATE TABLE insight.identity_pair AS SELECT 'H1' AS left_hcp_id, 'H3' AS right_hcp_id, 'crm' AS left_source,
            'A-77' AS left_source_id, 'registry' AS right_source, 'Z-1' AS right_source_id, 0.71 AS probability, 1.3 AS bits,
            0.29 AS worth, 1 AS affected,
            'last_name' || chr(31) || 'equal' || chr(31) || '6.00' || chr(30) || 'first_name' || chr(31) || 'initial' || chr(31) || '-1.50' AS fields;
        CREATE TABLE report.trigger_precision AS SELECT 'need_due' AS kind, 12 AS triggers, 3 AS alarms, 8 AS judged,
            6 AS confirmed, 0.75 AS "precision", 0.8 AS expected;
        CREATE TABLE report.preference AS SELECT 'cardiology' AS specialty, 'email' AS channel,
            DATE '2024-10-01' + INTERVAL (3 * q) MONTH AS period, 400 AS contacts, 20 + 10 * q AS engaged FROM range(5) r(q);
        CREATE TABLE report.segment_preference AS SELECT 1 AS segment_no, channel, period, contacts, engaged FROM report.preference;
        CREATE TABLE report.topic_preference AS SELECT 'cardiology' AS specialty, 'efficacy' AS topic, 'infographic' AS format,
            100 AS views, 30 AS engaged, 0.3 AS rate;
        CREATE TABLE canon.survey AS SELECT 'preferred_channels' AS question, 'email;in_person' AS answer;
        CREATE TABLE catalogue.feature AS SELECT 'next need' AS name, 'feature' AS kind, 'need-1' AS version, 'insight' AS owner,
            'account × product' AS grain, 'order' AS inputs, 'InsightStepTests' AS tests, DATE '2025-12-31' AS fresh_as_of,
            2 AS "rows", 0.03 AS drift, 'stable' AS drift_word, '' AS note, 'insight.need.urgency' AS place;
        """
}

@Suite struct InsightPageTests {
    private func open(_ body: (Site, Client) async throws -> Void) async throws {
        try await Site.open { site, client in
            try await site.fixture.publish("run-2", sql: SnapshotFixture.sql + InsightFixture.sql)
            await site.store.refresh()
            try await body(site, client)
        }
    }

    @Test func theInsightPageShowsAlarmsSegmentsPreferencesAndWhatIsOff() async throws {
        try await open { site, client in
            let page = try await site.get(client, "/insight", as: .analyst)
            #expect(page.status == 200)
            for words in [
                "Need due", "Klinik Nord", "Orders every 41 days.", "75 %", "High volume",
                "yearly volume &gt; 80 and own requests &gt; 2", "Worth a touch", "Q4 2025", "Efficacy", "Dosing",
                "Medical",
                "switched off: needs stock", "Colleagues who began", "Prescriptions fell from 9 to 2.",
            ] { #expect(page.text.contains(words), "\(words) is missing") }
            #expect(!page.text.contains("May tell of adverse event"))
            #expect(HTMLCheck(page.text).problems.isEmpty, "\(HTMLCheck(page.text).problems)")
            // The rate rose from 5 % to 15 % in a year: beyond chance.
            #expect(page.text.contains("+10") && !page.text.contains("+10 points, within chance"))
        }
    }

    @Test func hiddenVolumesStayInTheConsoleAndSafetyReportsWithSafety() async throws {
        try await open { site, client in
            let marketer = try await site.get(client, "/insight", as: .marketer).text
            #expect(!marketer.contains("Prescriptions fell") && !marketer.contains("adverse event"))
            let safety = try await site.get(client, "/insight", as: .safety).text
            #expect(safety.contains("May tell of adverse event") && !safety.contains("fell from 9 to 2"))
            let manager = try await site.get(client, "/insight", as: .manager).text
            #expect(!manager.contains("Keller"))
        }
    }

    @Test func targetsAreListedByAdvice() async throws {
        try await open { site, client in
            let page = try await site.get(client, "/insight?advice=persuade&segment=1", as: .marketer)
            #expect(page.text.contains("Anna Keller") && !page.text.contains("Jonas Brandt"))
            let spared = try await site.get(client, "/insight?advice=spare", as: .marketer)
            #expect(spared.text.contains("Jonas Brandt"))
            let strange = try await site.get(client, "/insight?advice=%3Cb%3E&segment=99&specialty=%27", as: .marketer)
            #expect(strange.status == 200)
        }
    }

    @Test func theHCPPageShowsNeedsTheNetworkAndItsTable() async throws {
        try await open { site, client in
            let page = try await site.get(client, "/hcps/H1", as: .rep)
            for words in [
                "Orders every 41 days; the next is due on 6 January (±6 days).", "High volume", "Worth a touch",
                "0.6 times as central as the average", "Jonas Brandt", "A colleague", "Ties as a table",
                "Klinik Nord, Hafenstr. 1, 20095 Hamburg", "class=\"network\"",
            ] { #expect(page.text.contains(words), "\(words) is missing") }
            // H3 is another rep's HCP: no name.
            #expect(!page.text.contains("Maria Rossi"))
            #expect(HTMLCheck(page.text).problems.isEmpty, "\(HTMLCheck(page.text).problems)")
            let hidden = try await site.get(client, "/hcps/H2", as: .rep)
            #expect(
                !hidden.text.contains("Prescribes in 4 of 10 months") && !hidden.text.contains("fell from 9 to 2"))
            let analyst = try await site.get(client, "/hcps/H2", as: .analyst)
            #expect(
                analyst.text.contains("Prescribes in 4 of 10 months") && analyst.text.contains("fell from 9 to 2"))
        }
    }

    @Test func theCatalogueListsWhatCanBeUsedAgain() async throws {
        try await open { site, client in
            let page = try await site.get(client, "/data", as: .analyst)
            for words in ["Next need", "insight.need.urgency", "need-1", "InsightStepTests", "0.030, stable"] {
                #expect(page.text.contains(words), "\(words) is missing")
            }
            #expect(HTMLCheck(page.text).problems.isEmpty)
        }
    }

    @Test func withoutTheTablesThePagesSayWhatIsMissing() async throws {
        try await Site.open { site, client in
            let page = try await site.get(client, "/insight", as: .analyst)
            #expect(
                page.status == 200 && page.text.contains("No segments yet") && page.text.contains("Nothing stands out"))
            let identity = try await site.get(client, "/identity", as: .analyst)
            #expect(identity.text.contains("Nothing to settle"))
            let hcp = try await site.get(client, "/hcps/H1", as: .rep)
            #expect(hcp.text.contains("No need is foreseen") && hcp.text.contains("No tie to a colleague is known."))
        }
    }
}

@Suite struct IdentityPageTests {
    private static let answer = [
        ("left_source", "crm"), ("left_id", "A-77"), ("right_source", "registry"), ("right_id", "Z-1"),
    ]

    private func open(_ body: (Site, Client) async throws -> Void) async throws {
        try await Site.open { site, client in
            try await site.fixture.publish("run-2", sql: SnapshotFixture.sql + InsightFixture.sql)
            await site.store.refresh()
            try await body(site, client)
        }
    }

    @Test func twoRecordsStandSideBySideWithWhatEachFieldSays() async throws {
        try await open { site, client in
            let page = try await site.get(client, "/identity", as: .analyst)
            for words in [
                "crm A-77", "registry Z-1", "Anna", "anna@example.org", "64× for one", "for two", "71 %", "1 pair open",
            ] {
                #expect(page.text.contains(words), "\(words) is missing")
            }
            #expect(HTMLCheck(page.text).problems.isEmpty, "\(HTMLCheck(page.text).problems)")
        }
    }

    @Test func anAnswerIsKeptAndTheQuestionIsGone() async throws {
        try await open { site, client in
            let answered = try await site.post(
                client, "/identity/answers", as: .analyst, Self.answer + [("answer", "same")])
            #expect(answered.status == 303 && answered.location == "/identity?done=same")
            let kept = try await site.ledger.identityAnswers()
            #expect(kept.map(\.isSame) == [true] && kept[0].leftID == "A-77" && kept[0].rightID == "Z-1")
            let after = try await site.get(client, "/identity?done=same", as: .analyst)
            #expect(after.text.contains("Nothing to settle") && after.text.contains("Noted: one person."))
            // Sent twice, it is one answer.
            _ = try await site.post(client, "/identity/answers", as: .analyst, Self.answer + [("answer", "same")])
            #expect(try await site.ledger.identityAnswers().count == 1)
        }
    }

    @Test func onlyWhatWasAskedCanBeAnswered() async throws {
        try await open { site, client in
            var other = Self.answer
            other[1].1 = "A-78"
            let strange = try await site.post(client, "/identity/answers", as: .analyst, other + [("answer", "same")])
            #expect(strange.status == 404)
            let empty = try await site.post(client, "/identity/answers", as: .analyst, Self.answer)
            #expect(empty.status == 400)
            let forged = try await site.post(
                client, "/identity/answers", as: .analyst, Self.answer + [("answer", "same")], csrf: "x")
            #expect(forged.status == 403)
            #expect(try await site.ledger.identityAnswers().isEmpty)
        }
    }
}

@Suite struct NetworkChartTests {
    @Test func theDrawingHasItsTableAndNoNumberThatBreaksIt() {
        let ties = (0..<12).map { (number: Int) -> NetworkChart.Tie in
            let centrality: Double = number == 3 ? .infinity : 1
            return NetworkChart.Tie(
                name: "Colleague <\(number)>", weight: Double(12 - number), centrality: centrality, isNear: number < 3,
                cells: ["x"])
        }
        let chart = NetworkChart.draw(
            title: "Ties", centre: "Anna", ties: ties, columns: [.init("Colleague"), .init("X")])
        #expect(chart.table.rows.count == 12 && chart.table.rows[0][0] == "1 Colleague <0>")
        #expect(!chart.svg.html.contains("nan") && !chart.svg.html.contains("inf") && !chart.svg.html.contains("<0>"))
        #expect(chart.summary.contains("12 ties"))
        let none = NetworkChart.draw(title: "Ties", centre: "Anna", ties: [], columns: [])
        #expect(none.summary.contains("no ties"))
    }
}
