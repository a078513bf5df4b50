import EngagementModel
import HTTPTypes
import Ledger
import Testing

@testable import Server

/// The rep's day against a real snapshot and ledger.
struct TodayTests {
    private static let swap: HTTPFields = [HTTPField.Name("HX-Request")!: "true"]

    @Test func theListHoldsTheOwnDecisionsOfTheNextDayBestFirst() async throws {
        try await Site.open { site, client in
            let page = try await site.get(client, "/today", as: .rep)
            #expect(page.status == 200)
            for words in ["Mon 5 Jan", "Anna Keller, MD", "Jonas Brandt", "Efficacy at a glance", "Cardexa", "60 min"] {
                #expect(
                    page.text.contains(words) || words == "60 min" && page.text.contains("1 h of 7 h planned"),
                    "\(words)")
            }
            #expect(!page.text.contains("Rossi"))
            // The system's own touch is told, not offered.
            #expect(page.text.contains("E-mail “Efficacy at a glance” on Thu 8 Jan, 09:00"))
            #expect(!page.text.contains("/decisions/D2/"))
            // The last contact is the promotional one, not the later medical call.
            #expect(page.text.contains("E-mail 19 days ago, opened"))
            #expect(HTMLCheck(page.text).problems.isEmpty)
        }
    }

    @Test func seeingTheListMarksItAsShownForTheRepOnly() async throws {
        try await Site.open { site, client in
            _ = try await site.get(client, "/today?rep=R1", as: .manager)
            #expect(try await site.ledger.decision("D1")?.decision.status == .planned)
            _ = try await site.get(client, "/today", as: .rep)
            #expect(try await site.ledger.decision("D1")?.decision.status == .shown)
            #expect(try await site.ledger.decision("D6")?.decision.status == .planned, "another day was not shown")
        }
    }

    @Test func filtersNarrowAndNothingFoundSaysSo() async throws {
        try await Site.open { site, client in
            let phone = try await site.get(client, "/today?channel=phone", as: .rep)
            #expect(phone.text.contains("Brandt") && !phone.text.contains("/decisions/D1/"))
            let text = try await site.get(client, "/today?q=HAMBURG", as: .rep)
            #expect(text.text.contains("/decisions/D1/") && !text.text.contains("/decisions/D5/"))
            let none = try await site.get(
                client, "/today?q=zzz&status=accepted&channel=bogus&day=never&page=x", as: .rep)
            #expect(none.status == 200 && none.text.contains("Nothing matches the filter"))
            let day = try await site.get(client, "/today?day=2026-01-07", as: .rep)
            #expect(day.text.contains("/decisions/D6/") && !day.text.contains("/decisions/D1/"))
        }
    }

    @Test func acceptingRedirectsAndSaysWhatWasDone() async throws {
        try await Site.open { site, client in
            let done = try await site.post(
                client, "/decisions/D1/accept", as: .rep, [("back", "/today?day=2026-01-05")])
            #expect(done.status == 303 && done.location == "/today?day=2026-01-05&done=D1")
            let page = try await site.get(client, done.location, as: .rep)
            #expect(page.text.contains("Accepted: visit with Anna Keller, MD on Mon 5 Jan."))
            #expect(!page.text.contains("id=\"d-D1\""), "it is no longer to do")
            #expect(try await site.get(client, "/today?status=accepted", as: .rep).text.contains("id=\"d-D1\""))
            let event = try #require(try await site.ledger.events(of: "D1").last)
            let user = try #require(try await site.ledger.user(login: "rep"))
            #expect(event.actor == user.principal.id)
        }
    }

    @Test func aRowSwapsInPlace() async throws {
        try await Site.open { site, client in
            let row = try await site.post(
                client, "/decisions/D1/accept", as: .rep, [("back", "/today?day=2026-01-05")], csrf: nil, Self.swap)
            #expect(row.status == 200)
            #expect(row.text.contains("id=\"d-D1\"") && row.text.contains("is-accepted"))
            #expect(row.text.contains("hx-swap-oob") && row.text.contains("Accepted: visit"))
            #expect(!row.text.contains("<html"))
            #expect(HTMLCheck(row.text).problems.isEmpty)
        }
    }

    @Test func dismissalsKeepTheirCauseAndCanBeTakenBack() async throws {
        try await Site.open { site, client in
            let answer1 = try await site.post(client, "/decisions/D1/dismiss", as: .rep)
            #expect(answer1.status == 422)
            #expect(
                (try await site.post(client, "/decisions/D1/dismiss", as: .rep, [("cause", "unstated")])).status == 422)
            let silent = try await site.post(client, "/decisions/D1/dismiss", as: .rep, [("cause", "know_better")])
            #expect(silent.status == 422 && silent.text.contains("teaches the model"))
            let note = SnapshotFixture.hostile
            let done = try await site.post(
                client, "/decisions/D1/dismiss", as: .rep, [("cause", "know_better"), ("note", note)])
            #expect(done.status == 303)
            #expect(try await site.ledger.events(of: "D1").last?.note == note)
            let page = try await site.get(client, "/today?status=dismissed", as: .rep)
            #expect(page.text.contains("i know better") && page.text.contains("Accept after all"))
            #expect(!page.text.contains("<script>alert"))
            let answer2 = try await site.post(client, "/decisions/D1/accept", as: .rep)
            #expect(answer2.status == 303)
            #expect(try await site.ledger.decision("D1")?.decision.status == .accepted)
        }
    }

    @Test func editsAndSnoozesMoveTheTouch() async throws {
        try await Site.open { site, client in
            let edit = try await site.post(
                client, "/decisions/D1/edit", as: .rep, [("day", "2026-01-06"), ("hour", "16"), ("content", "C1")])
            #expect(edit.status == 303)
            let edited = try #require(try await site.ledger.decision("D1"))
            #expect(edited.dueDay == Day("2026-01-06") && edited.dueHour == 16 && edited.decision.status == .edited)
            let snooze = try await site.post(client, "/decisions/D5/snooze", as: .rep, [("until", "2026-01-06")])
            #expect(snooze.status == 303)
            #expect(try await site.ledger.decision("D5")?.dueDay == Day("2026-01-06"))
            for bad in [("day", "soon"), ("hour", "noon"), ("hour", "99"), ("day", "2025-01-01")] {
                let page = try await site.post(client, "/decisions/D6/edit", as: .rep, [bad])
                #expect(page.status == 422, "\(bad)")
            }
            let answer3 = try await site.post(client, "/decisions/D6/snooze", as: .rep, [("until", "later")])
            #expect(answer3.status == 422)
        }
    }

    @Test func onlyDaysOnWhichNobodyElseComesAreOffered() async throws {
        try await Site.open { site, client in
            let page = try await site.get(client, "/today", as: .rep)
            func item(_ id: String) throws -> Substring {
                try #require(page.text.split(separator: "<li class=\"item").first { $0.contains("id=\"d-\(id)\"") })
            }
            // H2 has a call on the 7th; for H1 that day is free.
            #expect(try item("D1").contains("value=\"2026-01-07\""))
            #expect(try !item("D5").contains("value=\"2026-01-07\""))
        }
    }

    @Test func aTakenDayIsRefusedInWords() async throws {
        try await Site.open { site, client in
            // H2 has a call on the 7th already.
            let page = try await site.post(client, "/decisions/D5/edit", as: .rep, [("day", "2026-01-07")])
            #expect(page.status == 409 && page.text.contains("choose another day"))
            #expect(page.text.contains("id=\"d-D5\""), "the list is there for another choice")
            let row = try await site.post(
                client, "/decisions/D5/edit", as: .rep, [("day", "2026-01-07")], csrf: nil, Self.swap)
            #expect(row.status == 200 && row.text.contains("said failed") && row.text.contains("choose another day"))
            #expect(try await site.ledger.decision("D5")?.dueDay == Day("2026-01-05"))
        }
    }

    @Test func aManagerReadsTheTeamsListsAndNobodyElses() async throws {
        try await Site.open { site, client in
            let page = try await site.get(client, "/today?rep=R2", as: .manager)
            #expect(page.text.contains("Rossi") && page.text.contains("Otto Lang") && !page.text.contains("/accept"))
            let answer4 = try await site.get(client, "/today?rep=R77", as: .manager)
            #expect(answer4.status == 404)
            // A rep's own list, whatever the query says.
            #expect(!(try await site.get(client, "/today?rep=R2", as: .rep)).text.contains("Rossi"))
        }
    }

    @Test func beforeTheFirstRunThePagesSayWhatIsMissing() async throws {
        try await Site.open(published: false) { site, client in
            let answer5 = try await site.get(client, "/readyz")
            #expect(answer5.status == 200)
            #expect(try await site.get(client, "/today", as: .rep).text.contains("There is no plan yet"))
            #expect(try await site.get(client, "/owner", as: .owner).text.contains("rapport run"))
            #expect(try await site.get(client, "/data", as: .analyst).text.contains("No source has been loaded"))
            let answer6 = try await site.get(client, "/hcps", as: .owner)
            #expect(answer6.status == 200)
            let answer7 = try await site.get(client, "/hcps/H1", as: .owner)
            #expect(answer7.status == 404)
        }
    }

    @Test func todayIsTheClocksDayOnlyWhileThePlanIsForNow() {
        let asOf = Day("2025-12-31")!
        let day: Int64 = 86_400_000_000
        #expect(TodayReads.today(clock: Int64((asOf + 3).number) * day, asOf: asOf) == asOf + 3)
        #expect(TodayReads.today(clock: Int64((asOf + 300).number) * day, asOf: asOf) == asOf)
        #expect(TodayReads.today(clock: Int64((asOf + -300).number) * day, asOf: asOf) == asOf)
    }
}
