import EngagementModel
import HTTPTypes
import Ledger
import Testing

@testable import Server

/// An HCP's messages on the portal: behind a signed link, seen by a person and once, and the same for a company's portal.
struct NoteTests {
    private static let browser: HTTPFields = [.userAgent: "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"]
    private static let day: Int64 = 86_400_000_000

    private static func link(_ site: Site, _ hcp: String = "H1", _ action: LinkToken.Action = .notes) async throws
        -> String
    {
        let token = LinkToken(action: action, subject: hcp, expiresAt: site.clock.now + 30 * day)
        return "/n/" + (try token.signed(with: try await site.ledger.linkKey()))
    }

    /// Puts a note there as delivery does.
    @discardableResult
    private static func post(
        _ site: Site, _ hcp: String, step: String = "s", subject: String = "Neue Daten", text: String = "Guten Tag"
    ) async throws -> Int64 {
        try await site.ledger.registerContent(
            [ContentApproval(contentID: "C1", version: "1", purpose: .promotional, state: .approvedForDistribution)],
            by: .system)
        var strategy = Strategy()
        strategy.consent = [.portal: .notOptedOut]
        let desk = ClaimDesk(ledger: site.ledger, policy: ClaimPolicy(strategy: strategy, unheardChannels: [.portal]))
        let claim = try #require(
            try await desk.claim(
                ClaimRequest(
                    key: ClaimKey(campaign: "c", step: step), hcpID: hcp, channel: .portal, purpose: .promotional,
                    contentID: "C1", contentVersion: "1")
            ).claim)
        let permits = try await desk.beginSending([(claim.number, nil)], worker: "test")
        guard case .send(let ticket)? = permits.first else { throw Diagnostic("no_ticket", "\(permits)") }
        try await desk.post(
            ticket,
            AssembledMessage(contentID: "C1", contentVersion: "1", language: "de", subject: subject, text: text))
        return claim.number
    }

    @Test func theListOpensNothingAndANoteIsSeenOnce() async throws {
        try await Site.open { site, client in
            try await site.align()
            let path = try await Self.link(site)
            #expect(try await site.get(client, path).text.contains("Es liegt keine Nachricht"))
            let number = try await Self.post(site, "H1", text: "Mehr: https://example.com/a?b=1&c=2.\nGruß")
            let list = try await site.get(client, path, as: nil, Self.browser)
            #expect(list.status == 200 && list.text.contains("Neue Daten") && list.text.contains(">neu<"))
            #expect(list.text.contains("lang=\"de\"") && !list.text.contains("Keller"))
            #expect(HTMLCheck(list.text).problems.isEmpty, "\(HTMLCheck(list.text).problems)")
            func seen() async throws -> Int64? { try await site.ledger.portalNotes(ofHCP: "H1").first?.seenAt }
            // Programs that follow links: seen by nobody.
            for (method, fields) in [
                (HTTPRequest.Method.head, Self.browser), (.get, [.userAgent: "curl/8.5"]), (.get, [:]),
                (.get, [.userAgent: "Mozilla/5.0 (X11) Firefox/140.0", HTTPField.Name("Sec-Purpose")!: "prefetch"]),
            ] as [(HTTPRequest.Method, HTTPFields)] {
                #expect(try await client.send("\(path)/\(number)", method, fields, "").status == 200)
                #expect(try await seen() == nil)
            }
            let note = try await site.get(client, "\(path)/\(number)", as: nil, Self.browser)
            #expect(note.status == 200 && HTMLCheck(note.text).problems.isEmpty)
            #expect(
                note.text.contains(
                    "Mehr: <a href=\"https://example.com/a?b=1&amp;c=2\" rel=\"noreferrer\">"
                        + "https://example.com/a?b=1&amp;c=2</a>.<br>Gruß"), "\(note.text)")
            let first = try #require(try await seen())
            site.clock.advance(seconds: 600)
            _ = try await site.get(client, "\(path)/\(number)", as: nil, Self.browser)
            #expect(try await seen() == first)
            #expect(!(try await site.get(client, path)).text.contains(">neu<"))
            let (rows, _) = try await site.ledger.interactions(after: InteractionPlace())
            #expect(rows.filter { $0.kind == "view" }.map(\.parentID) == ["contact:\(number)"])
            // The preference centre leads there, and back.
            let choices = try #require(note.text.firstMatch(of: /href="(\/p\/[^"]+)"/)).1
            let centre = try await site.get(client, String(choices))
            #expect(centre.status == 200 && centre.text.contains("href=\"/n/"))
        }
    }

    @Test func wordsOfANoteStayWords() async throws {
        try await Site.open { site, client in
            try await site.align()
            let number = try await Self.post(
                site, "H1", subject: SnapshotFixture.hostile,
                text: SnapshotFixture.hostile + "\n\nhttps://a\"b.example/")
            let path = try await Self.link(site)
            for page in [path, "\(path)/\(number)"] {
                let text = try await site.get(client, page).text
                #expect(!text.contains("<script>alert") && !text.contains("<img src=x"))
                #expect(HTMLCheck(text).problems.isEmpty, "\(HTMLCheck(text).problems)")
            }
        }
    }

    @Test func wrongLinksAndOtherPeoplesNotesOpenNothing() async throws {
        try await Site.open { site, client in
            try await site.align()
            let (own, foreign) = (try await Self.post(site, "H1"), try await Self.post(site, "H2"))
            let path = try await Self.link(site)
            for wrong in [
                path + "x", "/n/nothing", "\(path)/\(foreign)", "\(path)/0", "\(path)/x",
                try await Self.link(site, "H1", .preferences), try await Self.link(site, "nobody"),
            ] {
                #expect(try await site.get(client, wrong, as: nil, Self.browser).status == 404)
            }
            #expect(try await site.ledger.portalNotes(ofHCP: "H2").first?.seenAt == nil)
            // Withdrawn: its title stays in the list, its words do not.
            try await site.ledger.registerContent(
                [ContentApproval(contentID: "C1", version: "1", purpose: .promotional, state: .withdrawn)], by: .system)
            let gone = try await site.get(client, "\(path)/\(own)", as: nil, Self.browser)
            #expect(
                gone.status == 410 && gone.text.contains("nicht mehr verfügbar") && !gone.text.contains("Guten Tag"))
            #expect(!(try await site.get(client, path)).text.contains("\(path)/\(own)"))
            // Gone with the person; and over with its time.
            _ = try await site.ledger.eraseSubject("H2", by: .system)
            #expect(try await site.get(client, try await Self.link(site, "H2")).status == 404)
            site.clock.advance(seconds: 31 * 86_400)
            #expect(try await site.get(client, path).status == 410)
        }
    }

    @Test func aPortalOfTheCompanysOwnReadsThemByKey() async throws {
        try await Site.open { site, client in
            try await site.align()
            let number = try await Self.post(site, "H1")
            let key = try await site.ledger.createKey(name: "own", scopes: [.portalNotes], by: .system)
            let other = try await site.ledger.createKey(name: "other", scopes: [.writeInquiries], by: .system)
            try await site.ring.refresh()
            let fields: HTTPFields = [.authorization: "Bearer \(key.text)"]
            let list = try await site.get(client, "/v1/portal/notes?hcp=H1", as: nil, fields)
            #expect(list.status == 200 && list.text.contains("\"note_id\":\"\(number)\""))
            #expect(list.text.contains("\"seen_at\":null") && list.text.contains("\"text\":\"Guten Tag\""))
            let page = try #require(list.text.firstMatch(of: /"page":"(\/n\/[^"]+)","notes"/)).1
            #expect(try await site.get(client, String(page)).text.contains("Neue Daten"))
            for _ in 0..<2 {
                let seen = try await client.send("/v1/portal/notes/\(number)/seen?hcp=H1", .post, fields, "")
                #expect(seen.status == 200 && seen.text.contains("\"seen_at\":\"2"), "\(seen.text)")
                site.clock.advance(seconds: 60)
            }
            let (rows, _) = try await site.ledger.interactions(after: InteractionPlace())
            #expect(rows.filter { $0.kind == "view" }.count == 1)
            for (path, status) in [
                ("/v1/portal/notes", 422), ("/v1/portal/notes?hcp=nobody", 404), ("/v1/portal/notes?hcp=H2", 200),
            ] { #expect(try await site.get(client, path, as: nil, fields).status == status) }
            for (path, status) in [
                ("/v1/portal/notes/\(number)/seen?hcp=H2", 404), ("/v1/portal/notes/x/seen?hcp=H1", 404),
                ("/v1/portal/notes/\(number)/seen", 422),
            ] { #expect(try await client.send(path, .post, fields, "").status == status) }
            #expect(try await site.get(client, "/v1/portal/notes?hcp=H1").status == 401)
            let wrong: HTTPFields = [.authorization: "Bearer \(other.text)"]
            #expect(try await site.get(client, "/v1/portal/notes?hcp=H1", as: nil, wrong).status == 403)
        }
    }
}
