import EngagementModel
import HTTPTypes
import Ledger
import Testing

@testable import Server

/// The preference centre: opening it changes nothing, saving takes effect at once, and nobody gets in with a wrong link.
struct PreferenceTests {
    private static func link(
        _ site: Site, _ hcp: String = "H1", days: Int64? = 30, _ action: LinkToken.Action = .preferences
    )
        async throws -> String
    {
        let token = LinkToken(
            action: action, subject: hcp, expiresAt: days.map { site.clock.now + $0 * 86_400_000_000 })
        return "/p/" + (try token.signed(with: try await site.ledger.linkKey()))
    }

    private static func register(_ site: Site, language: String = "de") async throws {
        try await site.ledger.registerRecipients(
            [Recipient(hcpID: "H1", country: "DE", zone: "Europe/Berlin", language: language)])
    }

    private static func allowed(_ page: Page) -> Set<String> {
        Set(page.text.matches(of: /name="(allow\.[a-z_.]+)"[^>]*checked/).map { String($0.1) })
    }

    @Test func openingItChangesNothing() async throws {
        try await Site.open { site, client in
            try await Self.register(site)
            let before = try await site.ledger.consents(ofHCP: "H1")
            let path = try await Self.link(site)
            for method in [HTTPRequest.Method.get, .head] {
                let page = try await client.send(path, method, [:], "")
                #expect(page.status == 200)
            }
            let page = try await site.get(client, path)
            #expect(page.text.contains("Ihre Einstellungen") && page.text.contains("lang=\"de\""))
            #expect(HTMLCheck(page.text).problems.isEmpty, "\(HTMLCheck(page.text).problems)")
            // Whoever finds the link learns no name.
            #expect(!page.text.contains("Keller"))
            #expect(try await site.ledger.consents(ofHCP: "H1") == before)
        }
    }

    @Test func savingTakesEffectAtOnceAndOnlyForWhatWasTurned() async throws {
        try await Site.open { site, client in
            try await Self.register(site)
            let path = try await Self.link(site)
            let start = Self.allowed(try await site.get(client, path))
            var fields = start.map { ($0, "yes") }
            fields.append(("allow.email.promotional", "yes"))
            let saved = try await site.post(client, path, as: nil, fields, csrf: nil)
            #expect(saved.status == 303 && saved.location.hasSuffix("?saved=yes"))
            let now = try await site.ledger.consents(ofHCP: "H1")
            #expect(now.allSatisfy { $0.channel == .email && $0.purpose == .promotional && $0.status == .optIn })
            #expect(now.count == (start.contains("allow.email.promotional") ? 0 : 1))
            let proof = try await site.ledger.evidence(ofConsent: now[0].consentID)
            #expect(proof?.means == .preferenceCentre && proof?.language == "de" && proof?.textHash?.count == 32)
            #expect(Self.allowed(try await site.get(client, path)) == start.union(["allow.email.promotional"]))
            // The same form again adds nothing.
            _ = try await site.post(client, path, as: nil, fields, csrf: nil)
            #expect(try await site.ledger.consents(ofHCP: "H1").count == now.count)
            // And back: an opt-out, no deletion.
            _ = try await site.post(client, path, as: nil, start.map { ($0, "yes") }, csrf: nil)
            #expect(try await site.ledger.consents(ofHCP: "H1").count == now.count + 1)
            #expect(Self.allowed(try await site.get(client, path)) == start)
        }
    }

    @Test func anObjectionStandsAboveEverythingUntilItIsTakenBack() async throws {
        try await Site.open { site, client in
            try await Self.register(site, language: "en")
            let path = try await Self.link(site)
            _ = try await site.post(
                client, path, as: nil, [("allow.email.promotional", "yes"), ("object", "yes")], csrf: nil)
            let page = try await site.get(client, path)
            #expect(page.text.contains("name=\"object\" value=\"yes\" checked"))
            #expect(!Self.allowed(page).contains { $0.hasSuffix(".promotional") })
            let consents = try await site.ledger.currentConsents(ofHCP: "H1").filter { $0.purpose == .promotional }
            #expect(!consents.isEmpty && consents.allSatisfy { $0.status == .objection })
            _ = try await site.post(client, path, as: nil, [("allow.email.promotional", "yes")], csrf: nil)
            #expect(Self.allowed(try await site.get(client, path)).contains("allow.email.promotional"))
        }
    }

    @Test func theOwnScheduleIsKept() async throws {
        try await Site.open { site, client in
            try await Self.register(site)
            let path = try await Self.link(site)
            _ = try await site.post(
                client, path, as: nil,
                [("day.1", "yes"), ("day.3", "yes"), ("from", "14:00"), ("until", "16:30"), ("pause", "2026-02-01")],
                csrf: nil)
            let schedule = try await site.ledger.schedule(ofHCP: "H1")
            #expect(schedule?.windows.map(\.weekday) == [1, 3])
            #expect(schedule?.windows.first?.startMinute == 840 && schedule?.windows.first?.endMinute == 990)
            #expect(schedule?.pauses.first?.last == Day(year: 2026, month: 2, day: 1))
            let wrong = try await site.post(client, path, as: nil, [("from", "16:00"), ("until", "14:00")], csrf: nil)
            #expect(wrong.status == 422)
            #expect(try await site.ledger.schedule(ofHCP: "H1") == schedule)
        }
    }

    @Test func wrongLinksOpenNothing() async throws {
        try await Site.open { site, client in
            try await Self.register(site)
            let good = try await Self.link(site)
            var forged = [good + "x", String(good.dropLast()), "/p/nothing", "/p/a.b"]
            forged.append(try await Self.link(site, "H1", days: nil, .unsubscribe))
            forged.append(try await Self.link(site, "H404"))
            for path in forged {
                for page in [
                    try await site.get(client, path),
                    try await site.post(client, path, as: nil, [("object", "yes")], csrf: nil),
                ] {
                    #expect(page.status == 404, "\(path)")
                }
            }
            let short = try await Self.link(site, "H1", days: 1)
            site.clock.advance(seconds: 2 * 86_400)
            let late = try await site.get(client, short)
            #expect(late.status == 410 && late.text.contains("abgelaufen"))
            #expect(try await site.ledger.consents(ofHCP: "H1").isEmpty)
        }
    }
}
