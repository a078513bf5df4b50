import EngagementModel
import Foundation
import HTTPTypes
import Ledger
import Logging
import ServiceLifecycle
import Testing

@testable import Server

/// HCP pages, the console, and the life of snapshots.
struct ConsoleTests {
    @Test func theHCPPageIsBuiltFromTheSnapshot() async throws {
        try await Site.open { site, client in
            let page = try await site.get(client, "/hcps/H1", as: .rep)
            for words in [
                "Anna Keller, MD", "1234567893", "Ruth Berger", "Efficacy at a glance", "31 %", "Tue 14:00",
                "opt-in until 31 Dec 2026", "objection", "Cardexa, prescriptions per month", "from HCP", "12 Dec 2025",
            ] { #expect(page.text.contains(words), "\(words) is missing") }
            #expect(HTMLCheck(page.text).problems.isEmpty, "\(HTMLCheck(page.text).problems)")
            #expect(!page.text.contains("A-77"), "sources are shown on demand")
            let sources = try await site.get(client, "/hcps/H1?sources=1", as: .rep)
            #expect(sources.text.contains("A-77") && sources.text.contains("3 Feb 2025"))
        }
    }

    @Test func theTimelineFiltersByChannelAndDirection() async throws {
        try await Site.open { site, client in
            let pull = try await site.get(client, "/hcps/H1?direction=pull", as: .rep)
            #expect(pull.text.contains("1 entry") && pull.text.contains("1 Dec 2025, 10:00"))
            let email = try await site.get(client, "/hcps/H1?channel=email&page=9", as: .rep)
            #expect(email.text.contains("12 Dec 2025, 10:00") && !email.text.contains("12 Nov 2025, 10:00"))
            #expect(try await site.get(client, "/hcps/H1?channel=sms", as: .rep).text.contains("Nothing matches"))
        }
    }

    @Test func whyNotAnswersWithTheRefusalOrTheValue() async throws {
        try await Site.open { site, client in
            let refused = try await site.get(client, "/hcps/H1?why=1&why_channel=phone", as: .rep)
            #expect(refused.text.contains(Refusal.capReached.sentence))
            let planned = try await site.get(client, "/hcps/H1?why=1&why_channel=in_person&why_content=C1", as: .rep)
            #expect(planned.text.contains("This is planned."))
            let none = try await site.get(client, "/hcps/H1?why=1&why_content=C404", as: .rep)
            #expect(none.text.contains("has no such action"))
        }
    }

    @Test func anHCPLeftAloneHasReasonsToo() async throws {
        try await Site.open { site, client in
            // H3 seen without its touch: dismissed touches stay listed, so take one that never had any.
            let page = try await site.get(client, "/hcps/H2", as: .rep)
            #expect(page.text.contains("Phone") && page.text.contains("Mon 5 Jan"))
            try await site.ledger.act(on: "D5", by: .system, .expire(.lapsed))
            try await site.ledger.act(on: "D6", by: .system, .expire(.lapsed))
            let alone = try await site.get(client, "/hcps/H2", as: .rep)
            #expect(
                alone.text.contains("No touch is planned") && alone.text.contains("Left in peace after a full month."))
        }
    }

    @Test func theOwnersPageIsBuiltFromTheSnapshot() async throws {
        try await Site.open { site, client in
            let page = try await site.get(client, "/owner", as: .owner)
            for words in [
                "1 of 3 HCPs (33 %)", "No opt-in", "€30.00", "Too close together", "E-mail and visit 6 hours apart",
                "/hcps/H1", "CRM team", "0.4 %", "Random",
            ] { #expect(page.text.contains(words), "\(words) is missing") }
            #expect(!page.text.contains("id=\"what-if\""), "nothing can be recomputed here")
            for role in [Role.manager, .admin] {
                let page = try await site.get(client, "/owner", as: role)
                #expect(!page.text.contains("/hcps/H1") && page.text.contains("Too close together"), "\(role)")
            }
            let data = try await site.get(client, "/data", as: .analyst)
            for words in ["not a date", "33 %", "0.4000"] { #expect(data.text.contains(words), "\(words) is missing") }
        }
    }

    @Test func whatIfRecomputesOnTheSpotAndStoresNothing() async throws {
        let whatIf: WhatIf = { change in
            WhatIfResult(
                before: WhatIfPlan(touches: [.email: 10], value: 100),
                after: WhatIfPlan(touches: [.email: 10], value: 100 * (change.levers["P1 prescriptions"] ?? 1)),
                seconds: 0.1)
        }
        try await Site.open(whatIf: whatIf) { site, client in
            let page = try await site.get(client, "/owner/what-if?lever0=1.5&cap0=3", as: .owner)
            #expect(
                page.text.contains("Gains €50.00 (50 %), with the same number of touches.")
                    && page.text.contains("<html"))
            let part = try await site.get(
                client, "/owner/what-if?lever0=1.5", as: .owner, [HTTPField.Name("HX-Request")!: "true"])
            #expect(part.text.hasPrefix("<section id=\"what-if\"") && !part.text.contains("<html"))
            let wrong = try await site.get(client, "/owner/what-if?lever0=much", as: .owner)
            #expect(wrong.text.contains("a number from 0.00 to 5.00 is needed"))
            #expect(try await site.get(client, "/owner", as: .owner).text.contains("id=\"what-if\""))
        }
    }

    @Test func aNewerSnapshotIsShownWithoutARestart() async throws {
        try await Site.open { site, client in
            let before = try #require(site.store.snapshot?.id)
            try await site.fixture.publish(
                "run-2", sql: SnapshotFixture.sql + "UPDATE mart.hcp SET last_name = 'Kellermann' WHERE hcp_no = 0;")
            await site.store.refresh()
            #expect(site.store.snapshot?.id != before)
            #expect(try await site.get(client, "/hcps/H1", as: .rep).text.contains("Anna Kellermann"))
        }
    }

    @Test func aBrokenSnapshotLeavesTheOldOneInPlace() async throws {
        try await Site.open { site, client in
            try Data("not a database".utf8).write(to: URL(filePath: site.fixture.path + "/warehouse/run-3.duckdb"))
            try FileManager.default.removeItem(atPath: site.fixture.path + "/warehouse/current")
            try FileManager.default.createSymbolicLink(
                atPath: site.fixture.path + "/warehouse/current", withDestinationPath: "run-3.duckdb")
            await site.store.refresh()
            #expect(site.store.problem != nil)
            let answer1 = try await site.get(client, "/hcps/H1", as: .rep)
            #expect(answer1.status == 200)
            let answer2 = try await site.get(client, "/readyz")
            #expect(answer2.status == 200)
        }
    }

    @Test func everyQueryNamesItsTables() throws {
        let book = try QueryBook()
        #expect(book.names.count > 30)
        for name in book.names { #expect(book[name]?.tables.isEmpty == false, "\(name)") }
    }

    @Test func aSnapshotOfAnEarlyRunAnswersNothingInsteadOfFailing() async throws {
        try await Site.open(published: false) { site, client in
            try await site.fixture.publish(
                "early",
                sql:
                    "CREATE SCHEMA mart; CREATE TABLE mart.hcp AS SELECT 0 AS hcp_no, 'H1' AS hcp_id, NULL::VARCHAR AS npi, "
                    + "'Anna' AS first_name, 'Keller' AS last_name, NULL::VARCHAR AS credential, NULL::VARCHAR AS specialty, "
                    + "NULL::VARCHAR AS hco_name, NULL::VARCHAR AS city, NULL::VARCHAR AS country")
            await site.store.refresh()
            #expect(site.store.problem == nil)
            let answer3 = try await site.get(client, "/hcps/H1", as: .owner)
            #expect(answer3.status == 200)
            let answer4 = try await site.get(client, "/owner", as: .owner)
            #expect(answer4.status == 200)
            #expect(try await site.get(client, "/today", as: .rep).text.contains("There is no plan yet"))
        }
    }
}
