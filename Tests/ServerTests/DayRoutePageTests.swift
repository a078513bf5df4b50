import Decisioning
import EngagementModel
import HTTPTypes
import Ledger
import Testing

@testable import Server

/// The way of the day on the rep's list.
struct DayRoutePageTests {
    private static let swap: HTTPFields = [HTTPField.Name("HX-Request")!: "true"]

    @Test func `the way follows what is accepted, moved and dismissed`() async throws {
        try await Site.open { site, client in
            let before = try await site.get(client, "/today?day=2026-01-05", as: .rep)
            #expect(before.text.contains("id=\"route\"") && before.text.contains("Accept a visit"))
            #expect(!before.text.contains("day.ics"))
            let row = try await site.post(
                client, "/decisions/D1/accept", as: .rep, [("back", "/today?day=2026-01-05")], csrf: nil, Self.swap)
            #expect(row.text.contains("hx-swap-oob=\"outerHTML\"") && row.text.contains("id=\"route\""))
            #expect(row.text.contains("svg class=\"route\"") && row.text.contains("Keller"))
            #expect(HTMLCheck(row.text).problems.isEmpty)
            let page = try await site.get(client, "/today?day=2026-01-05&status=accepted", as: .rep)
            // 5.6 km as the crow flies, a detour of 1.3, 50 km an hour; the best hour is 14:00, half an hour early at most.
            #expect(page.text.contains("1 visit, 15 km, 17 min on the road: leave at 13:21, back at 14:24"))
            #expect(page.text.contains("1 · 13:30") && page.text.contains("best hour"))
            #expect(HTMLCheck(page.text).problems.isEmpty)
            // Moved: the day is without it, the other day has it, at the hour that the rep has set.
            let moved = try await site.post(
                client, "/decisions/D1/edit", as: .rep, [("day", "2026-01-06"), ("hour", "16")])
            #expect(moved.status == 303)
            #expect(
                try await site.get(client, "/today?day=2026-01-06", as: .rep).text.contains("1 · 16:00"))
            _ = try await site.post(client, "/decisions/D1/dismiss", as: .rep, [("cause", "no_capacity")])
            #expect(
                try await site.get(client, "/today?day=2026-01-06", as: .rep).text.contains("Accept a visit"))
        }
    }

    @Test func `hours of the HCP bind, and what does not fit is named with what would do`() async throws {
        try await Site.open { site, client in
            let owner = Principal(id: "test")
            try await site.ledger.setSchedule(
                OwnSchedule(windows: [.init(weekday: 0, startMinute: 17 * 60 + 30, endMinute: 18 * 60)]), ofHCP: "H1",
                by: owner)
            _ = try await site.post(client, "/decisions/D1/accept", as: .rep)
            let late = try await site.get(client, "/today?day=2026-01-05", as: .rep)
            #expect(late.text.contains("What does not fit"))
            #expect(late.text.contains("between 17:30 and 17:59"))
            // 17:30, 45 minutes and the way home: 24 minutes after six.
            #expect(late.text.contains("if the day ended 24 min later"))
            try await site.ledger.setSchedule(
                OwnSchedule(pauses: [.init(first: Day("2026-01-01")!, last: Day("2026-01-31")!)]), ofHCP: "H1",
                by: owner)
            let paused = try await site.get(client, "/today?day=2026-01-05", as: .rep)
            #expect(paused.text.contains("Wants no contact on this day"))
        }
    }

    @Test func `the day goes along as a calendar file`() async throws {
        try await Site.open { site, client in
            #expect(try await site.get(client, "/today/day.ics?day=2026-01-05", as: .rep).status == 404)
            _ = try await site.post(client, "/decisions/D1/accept", as: .rep)
            let file = try await site.get(client, "/today/day.ics?day=2026-01-05", as: .rep)
            #expect(file.status == 200)
            #expect(file.headers[.contentType]?.hasPrefix("text/calendar") == true)
            #expect(file.headers[.contentDisposition] == "attachment; filename=\"day-2026-01-05.ics\"")
            #expect(file.text.contains("BEGIN:VTIMEZONE") && file.text.contains("METHOD:PUBLISH"))
            #expect(file.text.contains("DTSTART;TZID=Europe/Berlin:20260105T133000\r\n"))
            #expect(file.text.contains("UID:D1@rapport\r\n") && file.text.contains("GEO:53.600000;10.000000"))
            // Another rep's day is not this one's, a manager's team is.
            let other = try await site.get(client, "/today/day.ics?day=2026-01-05&rep=R1", as: .manager)
            #expect(other.status == 200 && other.text == file.text)
            #expect(try await site.get(client, "/today/day.ics?day=2026-01-05&rep=R77", as: .manager).status == 404)
        }
    }

    /// Sources say moments in UTC: half past ten is half past eleven in Hamburg.
    @Test func `appointments stand at their hour in the HCP's zone`() async throws {
        try await Site.open { site, client in
            _ = try await site.post(client, "/decisions/D1/edit", as: .rep, [("day", "2026-01-12"), ("hour", "9")])
            let page = try await site.get(client, "/today?day=2026-01-12", as: .rep)
            // Of the same HCP: the appointment is the visit.
            #expect(page.text.contains("1 · 11:30") && page.text.contains("no slack, booked"))
            #expect(!page.text.contains("2 · "))
        }
    }

    @Test func `places that nobody knows are said, and another day is offered where there is room`() async throws {
        var page = RoutePage(day: Day("2026-01-05")!)
        page.unplaced = [HCPLabel(hcpID: "H2", name: "Jonas Brandt")]
        page.missed = [
            .init(
                label: HCPLabel(hcpID: "H3", name: SnapshotFixture.hostile), window: 600...600, change: .otherDay,
                place: .init(latitude: 1, longitude: 1), otherDay: Day("2026-01-06")),
            .init(
                label: HCPLabel(hcpID: "H4", name: "B"), window: 480...600, change: .begin(at: 610),
                place: .init(latitude: 1, longitude: 1)),
        ]
        let text = try PageRenderer(nativeDirectory: nil).fragment("today-route", page.view(swaps: false))
        #expect(text.contains("No place on record") && text.contains("It would fit on Tue 6 Jan."))
        #expect(text.contains("between 08:00 and 10:00") && text.contains("It would fit at 10:10."))
        #expect(!text.contains("<script>alert"))
        #expect(HTMLCheck(text).problems.isEmpty)
    }

    @Test func `own hours of an HCP become a window of the day`() {
        let day = Day("2026-01-05")!
        #expect(RouteReads.window(nil, on: day, near: nil) == RouteReads.usualHours)
        let two = OwnSchedule(windows: [
            .init(weekday: 0, startMinute: 480, endMinute: 600), .init(weekday: 0, startMinute: 840, endMinute: 900),
            .init(weekday: 1, startMinute: 0, endMinute: 1440),
        ])
        #expect(RouteReads.window(two, on: day, near: 860) == 840...899)
        #expect(RouteReads.window(two, on: day, near: nil) == 480...599)
        #expect(RouteReads.window(two, on: day + 2, near: nil) == nil)
    }
}
