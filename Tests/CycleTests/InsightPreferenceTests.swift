import EngagementModel
import Foundation
import Testing

@testable import Cycle

/// Hours, channels and topics: shrunk, with their uncertainty, corrected for what was tried.
@Suite struct InsightPreferenceTests {
    @Test func bestHoursCarryTheirUncertainty() async throws {
        let company = try await InsightCompany.shared.value
        let wrong = try await company.number(
            """
            SELECT CAST(count(*) AS DOUBLE) AS v FROM insight.channel_hour WHERE lift_low > lift OR lift > lift_high OR lift_low <= 0
              OR belief NOT BETWEEN 0 AND 1 OR (kind = 'personal' AND hour NOT BETWEEN 8 AND 17) OR weekday NOT BETWEEN 0 AND 4
            """)
        #expect(wrong == 0)
        let kinds = try await company.texts("SELECT DISTINCT kind AS v FROM insight.channel_hour ORDER BY v")
        #expect(kinds == ["message", "personal"])
        // The maps count every contact once, but for channels that have no hour of ours.
        let timed = "feature.contact WHERE direction = 'push' AND age < 365 AND channel NOT IN ('mail', 'ad')"
        let apart = try await company.number(
            """
            SELECT CAST(abs((SELECT sum(sends) FROM insight.hour_rate) - (SELECT count(*) FROM \(timed)))
              + abs((SELECT sum(responses) FROM insight.hour_rate) - (SELECT count(*) FROM \(timed)
                  AND level >= CASE WHEN channel IN ('in_person', 'video', 'phone') THEN 2 ELSE 1 END))
              + (SELECT count(*) FROM insight.hour_rate WHERE channel IN ('mail', 'ad'))
              + (SELECT count(*) FROM insight.hour_rate WHERE responses > sends)
              + (SELECT count(*) FROM (SELECT hcp_no, channel FROM insight.channel_hour GROUP BY ALL HAVING count(*) > 1)) AS DOUBLE) AS v
            """)
        #expect(apart == 0)
        #expect(try await company.texts("SELECT DISTINCT channel AS v FROM insight.channel_hour ORDER BY v").count > 2)
        let narrower = try await company.number(
            """
            SELECT corr(CAST(answered AS DOUBLE), ln(lift_high / lift_low)) AS v FROM insight.channel_hour WHERE kind = 'message'
            """)
        #expect(narrower < 0)
    }

    /// One truth: what the page shows of an HCP's hour on a channel is when the plan goes there.
    @Test func thePlanTakesTheHoursThatThePageShows() async throws {
        let company = try await InsightCompany.shared.value
        let touches = "plan.decision AS d JOIN mart.hcp AS h ON h.hcp_id = d.hcp_id WHERE d.channel IS NOT NULL"
        let other = try await company.number(
            """
            SELECT CAST(count(*) AS DOUBLE) AS v FROM plan.decision AS d JOIN mart.hcp AS h ON h.hcp_id = d.hcp_id
            JOIN insight.channel_hour AS c ON c.hcp_no = h.hcp_no AND c.channel = d.channel WHERE d.hour IS DISTINCT FROM c.hour
            """)
        #expect(other == 0)
        let known = try await company.number(
            """
            SELECT count(c.hour) / count(*) AS v FROM plan.decision AS d JOIN mart.hcp AS h ON h.hcp_id = d.hcp_id
            LEFT JOIN insight.channel_hour AS c ON c.hcp_no = h.hcp_no AND c.channel = d.channel WHERE d.channel IS NOT NULL
            """)
        #expect(known > 0.5)
        #expect(
            try await company.number("SELECT CAST(count(*) AS DOUBLE) AS v FROM \(touches) AND d.hour IS NULL") == 0)
        // No hour that the page shows is quiet.
        let quiet = company.workspace.strategy.quietHours
        let shown = try await company.texts("SELECT DISTINCT CAST(hour AS VARCHAR) AS v FROM insight.channel_hour")
        if let quiet, company.workspace.markets.allSatisfy({ $0.quietHours == nil }) {
            #expect(shown.allSatisfy { !quiet.contains(minute: (Int($0) ?? 0) * 60) })
        }
        #expect(shown.count > 3)
    }

    /// What the page of preferences shows by period, specialty and segment adds up to the contacts there were.
    @Test func preferencesBySpecialtySegmentAndPeriodAddUp() async throws {
        let company = try await InsightCompany.shared.value
        for (table, contacts) in [
            ("report.preference", "feature.contact AS t JOIN mart.hcp AS h ON h.hcp_no = t.hcp_no"),
            ("report.segment_preference", "feature.contact AS t JOIN insight.hcp_segment AS h ON h.hcp_no = t.hcp_no"),
        ] {
            let apart = try await company.number(
                """
                SELECT CAST(abs((SELECT sum(contacts) FROM \(table)) - (SELECT count(*) FROM \(contacts)))
                  + abs((SELECT sum(engaged) FROM \(table)) - (SELECT count(*) FROM \(contacts) WHERE t.level >= 2)) AS DOUBLE) AS v
                """)
            #expect(apart == 0, "\(table)")
            let shares = try await company.number(
                """
                SELECT CAST(count(*) AS DOUBLE) AS v FROM (
                  SELECT sum(share) AS whole, sum(engaged) AS n
                  FROM \(table) GROUP BY period, \(table == "report.preference" ? "specialty" : "segment_no"))
                WHERE abs(whole - CASE WHEN n > 0 THEN 1 ELSE 0 END) > 1e-9
                """)
            #expect(shares == 0, "\(table)")
            #expect(try await company.texts("SELECT DISTINCT CAST(period AS VARCHAR) AS v FROM \(table)").count > 3)
        }
        let topics = try await company.number(
            """
            SELECT CAST(abs((SELECT sum(reached) FROM report.topic_change) - (
              SELECT count(*) FROM feature.contact AS t JOIN mart.content AS c ON c.content_id = t.content_id
              JOIN mart.hcp AS h ON h.hcp_no = t.hcp_no
              WHERE t.level >= 1 AND t.age < 460 AND c.topic IS NOT NULL AND c.format IS NOT NULL)) AS DOUBLE) AS v
            """)
        #expect(topics == 0)
    }

    @Test func preferencesAreAnswersPerTryWithTheirUncertainty() async throws {
        let company = try await InsightCompany.shared.value
        let wrong = try await company.number(
            """
            SELECT CAST(count(*) AS DOUBLE) AS v FROM insight.preference
            WHERE NOT (0 <= low AND low <= rate AND rate <= high AND high <= 1) OR tried < 1 OR answered > tried OR lift <= 0
            """)
        #expect(wrong == 0)
        #expect(
            try await company.texts("SELECT DISTINCT kind AS v FROM insight.preference ORDER BY v") == [
                "channel", "topic",
            ])
        // More was tried, the interval is narrower; what is known of one HCP and channel stands there once.
        let narrower = try await company.number(
            "SELECT corr(tried, (high - low) / sqrt(rate * (1 - rate))) AS v FROM insight.preference WHERE kind = 'channel' AND name = 'email'"
        )
        #expect(narrower < -0.7)
        let twice = try await company.number(
            """
            SELECT CAST(count(*) AS DOUBLE) AS v
            FROM (SELECT hcp_no, kind, name, format FROM insight.preference GROUP BY ALL HAVING count(*) > 1)
            """)
        #expect(twice == 0)
    }
}

/// What the catalogue says of its own lines.
@Suite struct CatalogueTests {
    /// A test that is named there can be opened; a suite that was renamed must not stay as a promise.
    @Test func everySuiteThatTheCatalogueNamesIsThere() async throws {
        let company = try await InsightCompany.shared.value
        let named = try await company.texts("SELECT DISTINCT tests AS v FROM catalogue.feature ORDER BY v")
        let suites = Set(named.flatMap { $0.matches(of: /[A-Z][A-Za-z]*Tests/).map { String($0.0) } })
        #expect(suites.count > 10)
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let files = try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
        var found = Set<String>()
        while let file = files.nextObject() as? URL {
            guard file.pathExtension == "swift", let text = try? String(contentsOf: file, encoding: .utf8) else {
                continue
            }
            for match in text.matches(of: /(?:struct|class|enum) ([A-Z][A-Za-z]*Tests)\b/) {
                found.insert(String(match.1))
            }
        }
        #expect(suites.subtracting(found).isEmpty, "\(suites.subtracting(found).sorted())")
    }
}
