import Delivery
import EngagementModel
import Foundation
import HTTPTypes
import Hummingbird
import Ledger
import Testing

@testable import Server

/// What the links of messages do, asked as mail programs, scanners and strangers ask.
struct LinkRoutesTests {
    private static let person = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"

    /// A message that was sent to each of so many HCPs.
    private func sent(_ site: Site, _ count: Int, from first: Int = 0) async throws -> [Claim] {
        var strategy = Strategy()
        strategy.consent = [.email: .notOptedOut]
        strategy.quietHours = nil
        let hcps = (first..<first + count).map { "mail\($0)" }
        try await site.ledger.registerRecipients(hcps.map { Recipient(hcpID: $0, zone: "Europe/Berlin") })
        try await site.ledger.registerContent(
            [ContentApproval(contentID: "l", version: "1", purpose: .promotional, state: .approvedForDistribution)],
            by: .user(1))
        let desk = ClaimDesk(ledger: site.ledger, policy: ClaimPolicy(strategy: strategy, clockTolerance: 0))
        let outcomes = try await desk.claim(
            hcps.map {
                ClaimRequest(
                    key: ClaimKey(campaign: "c", step: "s"), hcpID: $0, channel: .email, address: "\($0)@example.org",
                    purpose: .promotional, contentID: "l", contentVersion: "1")
            })
        let claims = outcomes.compactMap(\.claim)
        _ = try await desk.beginSending(claims.map { ($0.number, "\($0.hcpID)@example.org") }, worker: "t")
        try await desk.finish(claims.map { ($0.number, .sent) })
        #expect(claims.count == count)
        return claims
    }

    private func path(_ link: String) -> String { String(link.dropFirst("https://engage.example.com".count)) }

    private func optOuts(_ site: Site, _ claim: Claim) async throws -> Int {
        try await site.ledger.consents(ofHCP: claim.hcpID).count { $0.status == .optOut }
    }

    /// T13: a thousand messages, each prefetched, forged at, unsubscribed from in one of five forms, and again.
    @Test func oneClickUnsubscribesAndNothingElseDoes() async throws {
        try await Site.open(published: false) { site, client in
            let claims = try await sent(site, 1000)
            let bodies: [(type: String?, body: String)] = [
                ("application/x-www-form-urlencoded", "List-Unsubscribe=One-Click"),
                (
                    "multipart/form-data; boundary=X",
                    "--X\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--X--\r\n"
                ),
                ("application/x-www-form-urlencoded; charset=UTF-8", "List-Unsubscribe=One-Click&x=%00"),
                ("text/plain", ""), (nil, ""),
            ]
            var (changedByLooking, forged, notDone, notRepeated) = (0, 0, 0, 0)
            for (index, claim) in claims.enumerated() {
                let link = path(try site.links.unsubscribe(claim.number))
                let get = try await client.send(link, .get, [.userAgent: Self.person], "")
                let head = try await client.send(link, .head, [:], "")
                #expect(get.status == 200 && head.status == 200)
                if index < 3 { #expect(get.text.contains("<button type=\"submit\"") && head.text.isEmpty) }
                if try await optOuts(site, claim) != 0 { changedByLooking += 1 }
                // The token of a neighbour's claim under this one's signature, a cut one, and another link's.
                let token = link.dropFirst(3)
                let other = path(try site.links.unsubscribe(claim.number + 1)).dropFirst(3)
                let mixed = other.split(separator: ".")[0] + "." + token.split(separator: ".")[1]
                for bad in [String(mixed), String(token.dropLast()), try site.links.token(.open, claim.number), "x"] {
                    let answer = try await client.send("/u/\(bad)", .post, [:], "List-Unsubscribe=One-Click")
                    if answer.status != 404 { forged += 1 }
                }
                if try await optOuts(site, claim) != 0 { forged += 1 }
                let (type, body) = bodies[index % bodies.count]
                var headers: HTTPFields = [:]
                headers[.contentType] = type
                let done = try await client.send(link, .post, headers, body)
                let isOut = try await optOuts(site, claim) == 1
                let isSuppressed =
                    try await site.ledger.suppressions(
                        ofAddress: "\(claim.hcpID)@example.org", channel: .email) == [.promotional]
                if done.status != 200 || !isOut || !isSuppressed || !done.location.isEmpty { notDone += 1 }
                let again = try await client.send(link, .post, headers, body)
                let outs = try await optOuts(site, claim)
                if again.status != 200 || outs != 1 { notRepeated += 1 }
            }
            #expect((changedByLooking, forged, notDone, notRepeated) == (0, 0, 0, 0))
            #expect(site.book.events.count { $0.name == "email_unsubscribed" } == 2000)
            #expect(Set(site.book.events.map(\.messageID)).count == 1000)
        }
    }

    @Test func theWayOutIsSaidInTheReadersLanguage() async throws {
        try await Site.open(published: false) { site, client in
            let claim = try await sent(site, 1)[0]
            let link = path(try site.links.unsubscribe(claim.number))
            for (language, word) in [("de-CH, en;q=0.5", "Abmelden"), ("fr", "désabonner"), ("xx", "Unsubscribe")] {
                let page = try await client.send(link, .get, [.acceptLanguage: language], "")
                #expect(page.text.contains(word))
                #expect(!page.text.contains(claim.hcpID))
            }
        }
    }

    @Test func aPixelIsAnOpenAndAHeadIsNone() async throws {
        try await Site.open(published: false) { site, client in
            let claim = try await sent(site, 1)[0]
            site.clock.advance(seconds: 3600)
            let link = path(try site.links.open(claim.number))
            let head = try await client.send(link, .head, [.userAgent: Self.person], "")
            #expect(head.status == 200 && site.book.events.isEmpty)
            let open = try await client.send(link, .get, [.userAgent: Self.person], "")
            #expect(open.status == 200 && open.headers[.contentType] == "image/gif")
            #expect(open.headers[HTTPField.Name("Cross-Origin-Resource-Policy")!] == "cross-origin")
            #expect(open.headers[.cacheControl]?.contains("no-store") == true)
            _ = try await client.send(
                link, .get, [HTTPField.Name("Sec-Purpose")!: "prefetch", .userAgent: Self.person], "")
            _ = try await client.send(link, .get, [.userAgent: "Mozilla/5.0"], "")
            #expect(site.book.events.map(\.name) == ["email_opened", "machine_open", "machine_open"])
            let forged = try await client.send("/t/o/abc.def", .get, [.userAgent: Self.person], "")
            #expect(forged.status == 404)
        }
    }

    @Test func aClickLeadsToTheMessagesOwnAddressAndNowhereElse() async throws {
        try await Site.open(published: false) { site, client in
            let claim = try await sent(site, 1)[0]
            site.clock.advance(seconds: 3600)
            let link = path(try #require(try site.links.click(claim.number, to: "https://example.com/a?b=1&c=2")))
            let head = try await client.send(link, .head, [.userAgent: Self.person], "")
            #expect(head.status == 302 && site.book.events.isEmpty)
            let click = try await client.send(link, .get, [.userAgent: Self.person], "")
            #expect(click.status == 302 && click.location == "https://example.com/a?b=1&c=2")
            #expect(site.book.events.map(\.name) == ["email_clicked"])
            for path in [
                "/t/c/https://evil.example", "/t/c/x.y?u=https://evil.example", "/t/c/" + link.dropFirst(5).dropLast(),
            ] {
                let answer = try await client.send(path, .get, [.userAgent: Self.person], "")
                #expect(answer.status == 404 && answer.location.isEmpty)
            }
        }
    }

    @Test func returnedMailNeedsAKeyOfItsScope() async throws {
        try await Site.open(published: false) { site, client in
            let claim = try await sent(site, 1)[0]
            let (_, text) = try await site.ledger.createKey(name: "mx", scopes: [.writeMail], by: .user(1))
            let (_, other) = try await site.ledger.createKey(name: "x", scopes: [.readDecisions], by: .user(1))
            try await site.ring.refresh()
            let to = site.links.returnPath(claim.number, domain: "engage.example.com")
            let mail = """
                From: MAILER-DAEMON@mx.example
                Content-Type: multipart/report; report-type=delivery-status; boundary=B

                --B
                Content-Type: message/delivery-status

                Reporting-MTA: dns; mx.example

                Action: failed
                Status: 5.1.1
                --B--

                """
            func post(_ key: String?, _ type: String = "message/rfc822", _ body: String = mail) async throws -> Page {
                var headers: HTTPFields = [.contentType: type]
                headers[HTTPField.Name("Envelope-To")!] = to
                if let key { headers[.authorization] = "Bearer \(key)" }
                return try await client.send("/v1/mail/inbound", .post, headers, body)
            }
            #expect(try await post(nil).status == 401)
            #expect(try await post(other).status == 403)
            #expect(try await post(text, "application/json").status == 415)
            #expect(try await post(text, "message/rfc822", "").status == 400)
            #expect(try await post(text, "message/rfc822", String(repeating: "x", count: 30_000_001)).status == 413)
            #expect(try await site.ledger.suppressions(ofAddress: "mail0@example.org", channel: .email).isEmpty)
            let answer = try await post(text)
            #expect(answer.status == 200 && answer.text == #"{"kind":"bounce","matched":true}"#)
            #expect(try await site.ledger.suppressions(ofAddress: "mail0@example.org", channel: .email) == [.all])
        }
    }
}
