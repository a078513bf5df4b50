import EngagementModel
import Ledger
import Testing

@testable import Server

/// The page of those who lead the field.
struct FieldForceTests {
    private static func figures() -> FieldForceFigures {
        var figures = FieldForceFigures(days: 10)
        figures.reps = [
            .init(
                repID: "R1", territoryID: "T1", team: "cardio", hcps: 40, minutes: 4200, used: 4100, hourPrice: 30,
                hourPriceLow: 10, hourPriceHigh: 60, anotherRepPerWeek: 1050, load: 2400, loadAfter: 2000),
            .init(
                repID: "R2", territoryID: "T2", team: "cardio", hcps: 20, minutes: 4200, used: 2100, hourPrice: 0,
                hourPriceLow: 0, hourPriceHigh: 0, anotherRepPerWeek: 0, load: 1600, loadAfter: 2000),
            .init(
                repID: "R7", territoryID: nil, team: "onco", hcps: 20, minutes: 0, used: 0, hourPrice: 0,
                hourPriceLow: 0, hourPriceHigh: 0, anotherRepPerWeek: 0, load: 0, loadAfter: 0),
        ]
        figures.moves = [
            .init(hcoID: "O1", name: SnapshotFixture.hostile, hcps: 3, load: 300, from: "R1", to: "R2"),
            .init(hcoID: "O2", name: "Praxis", hcps: 1, load: 100, from: "R1", to: "R2"),
            .init(hcoID: "O3", name: "Elsewhere", hcps: 1, load: 100, from: "R7", to: "R2"),
        ]
        figures.before = .init(imbalance: 0.2, kilometres: 30)
        figures.after = .init(imbalance: 0, kilometres: 28)
        figures.cycle = "winter, half over."
        figures.goals = [
            .init(
                name: "launch visits", channels: ["in_person"], period: "2025-12-01 to 2026-01-31", hcps: 2, target: 6,
                due: 3, done: 2, planned: 1, attainment: 0.33, onPace: 1, price: 12)
        ]
        figures.people = [
            .init(hcpID: "H1", repID: "R1", goal: "launch visits", least: 4, done: 1, planned: 1, isOnPace: false),
            .init(hcpID: "H3", repID: "R7", goal: "launch visits", least: 2, done: 0, planned: 0, isOnPace: false),
        ]
        return figures
    }

    private static func source() -> FieldForceSource {
        FieldForceSource(
            figures: { figures() },
            sizing: {
                SizingFigures(
                    points: [
                        .init(capacity: 0.5, reps: 1.5, value: 600, bound: 610, visits: 10),
                        .init(capacity: 1, reps: 3, value: 1000, bound: 1010, visits: 18),
                        .init(capacity: 2, reps: 6, value: 1200, bound: 1215, visits: 25),
                    ], priceLeft: ["R1": 0.25])
            })
    }

    @Test func `the page says what one more rep is worth, and the curve gives the range`() async throws {
        try await Site.open(fieldForce: Self.source()) { site, client in
            let page = try await site.get(client, "/field-force", as: .owner)
            #expect(page.status == 200 && HTMLCheck(page.text).problems.isEmpty)
            #expect(page.text.contains("at most €1,050") && page.text.contains("Draw the curve"))
            #expect(page.text.contains("one more rep pays most beside Ruth Berger"))
            #expect(page.text.contains("Keller") && page.text.contains("1 of 4"))
            #expect(!page.text.contains("<script>alert"))
            let drawn = try await site.get(client, "/field-force?curve=1", as: .owner)
            #expect(HTMLCheck(drawn.text).problems.isEmpty)
            // A rep more from 3 to 6: 200 for three; the range from what is left of the price.
            #expect(drawn.text.contains("€66.67") && drawn.text.contains("€263 to €1,050"))
            #expect(drawn.text.contains("3, as it is"))
            // What was computed is kept for the snapshot.
            #expect(try await site.get(client, "/field-force", as: .analyst).text.contains("€263 to €1,050"))
        }
    }

    @Test func `an accepted proposal is recorded, audited, and can be taken back`() async throws {
        try await Site.open(fieldForce: Self.source()) { site, client in
            let path = "/field-force/moves"
            let one: [(String, String)] = [("answer", "accept"), ("account", "O2"), ("from", "R1"), ("to", "R2")]
            let done = try await site.post(client, path, as: .owner, one)
            #expect(done.status == 303 && done.location.contains("done=1"))
            #expect(try await site.ledger.accountMoves().map(\.hcoID) == ["O2"])
            let trail = try await site.ledger.auditTrail(subject: "O2")
            #expect(trail.map(\.action) == ["alignment.accepted"])
            // Said twice, it is one word.
            #expect(try await site.post(client, path, as: .owner, one).location.contains("done=0"))
            let page = try await site.get(client, "/field-force", as: .marketer)
            #expect(page.text.contains("from the next run on") && !page.text.contains("Take back"))
            // Nothing of one's own can be named.
            let forged = try await site.post(
                client, path, as: .owner, [("answer", "accept"), ("account", "O9"), ("from", "R1"), ("to", "R2")])
            #expect(forged.status == 404)
            #expect(try await site.post(client, path, as: .owner, [("answer", "perhaps")]).status == 400)
            let back = try await site.post(
                client, path, as: .owner,
                [("answer", "take_back"), ("account", "O2"), ("from", "R1"), ("to", "R2")])
            #expect(back.status == 303)
            #expect(try await site.ledger.accountMoves().isEmpty)
            #expect(try await site.ledger.auditTrail(subject: "O2").count == 2)
        }
    }

    @Test func `a leader sees and decides about the own team only`() async throws {
        try await Site.open(fieldForce: Self.source()) { site, client in
            let page = try await site.get(client, "/field-force", as: .manager)
            #expect(page.text.contains("Ruth Berger") && page.text.contains("Praxis"))
            #expect(!page.text.contains("Elsewhere") && !page.text.contains("Rossi"))
            let other = try await site.post(
                client, "/field-force/moves", as: .manager,
                [("answer", "accept"), ("account", "O3"), ("from", "R7"), ("to", "R2")])
            #expect(other.status == 404)
            _ = try await site.post(
                client, "/field-force/moves", as: .manager, [("answer", "accept"), ("all", "1")])
            #expect(try await site.ledger.accountMoves().map(\.hcoID) == ["O1", "O2"])
        }
    }

    @Test func `before the first run, and without figures, the page says so`() async throws {
        try await Site.open(published: false, fieldForce: Self.source()) { site, client in
            let page = try await site.get(client, "/field-force", as: .owner)
            #expect(page.text.contains("no plan yet"))
        }
        try await Site.open { site, client in
            let page = try await site.get(client, "/field-force", as: .owner)
            #expect(page.text.contains("no plan yet"))
        }
    }

    @Test func `goals stand on the rep's list and on the HCP's page`() async throws {
        try await Site.open { site, client in
            let today = try await site.get(client, "/today", as: .rep)
            #expect(today.text.contains("Launch visits: 1 of 4, 2 due"))
            let hcp = try await site.get(client, "/hcps/H1", as: .rep)
            #expect(
                hcp.text.contains(
                    "Launch visits: 1 of 4 by visit until 31 Jan 2026, 1 behind the pace, 1 planned, at most 6."))
        }
    }
}
