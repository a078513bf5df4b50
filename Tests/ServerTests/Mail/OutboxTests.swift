import Delivery
import EngagementModel
import Foundation
import HTTPTypes
import Ledger
import Testing

@testable import Server

struct OutboxTests {
    private static let attack =
        "<script>document.title='x'</script>{{#csrf}}{{csrf}}{{/csrf}}\"'><img src=x onerror=alert(1)>"

    private func mail(_ subject: String, _ html: String) -> String {
        "To: h@example.org\r\nSubject: \(subject)\r\nDate: x\r\nContent-Type: multipart/alternative; boundary=B\r\n\r\n"
            + "--B\r\nContent-Type: text/plain\r\n\r\n\(subject)\r\n--B\r\nContent-Type: text/html\r\n\r\n\(html)\r\n--B--\r\n"
    }

    private func write(_ site: Site, _ name: String, _ text: String) throws {
        try FileManager.default.createDirectory(atPath: site.outbox, withIntermediateDirectories: true)
        try text.write(toFile: "\(site.outbox)/\(name)", atomically: true, encoding: .utf8)
    }

    /// T19: whatever a message holds is text on our pages, and its HTML stands in a sandbox.
    @Test func whatAMessageHoldsIsNeverRun() async throws {
        try await Site.open(published: false) { site, client in
            try write(site, "7.abc.eml", mail(Self.attack, "<p>Hi</p>\(Self.attack)"))
            for path in ["/outbox", "/outbox/7.abc.eml"] {
                let page = try await site.get(client, path, as: .owner)
                #expect(page.status == 200)
                #expect(page.text.contains("&lt;script&gt;document.title"))
                #expect(!page.text.contains("<script>document") && !page.text.contains("<img src=x"))
                #expect(page.text.contains("{{#csrf}}"))
            }
            let page = try await site.get(client, "/outbox/7.abc.eml", as: .owner)
            #expect(
                page.text.contains(
                    "<iframe class=\"mail\" title=\"The message\" sandbox src=\"/outbox/7.abc.eml/body\">"))
            #expect(page.headers[.contentSecurityPolicy]?.contains("frame-src 'self'") == true)
            let body = try await site.get(client, "/outbox/7.abc.eml/body", as: .owner)
            let policy = body.headers[.contentSecurityPolicy] ?? ""
            #expect(policy.hasPrefix("sandbox; default-src 'none'") && !policy.contains("script-src"))
            #expect(body.headers[HTTPField.Name("X-Frame-Options")!] == "SAMEORIGIN")
            let elsewhere = try await site.get(client, "/outbox", as: .owner)
            #expect(elsewhere.headers[HTTPField.Name("X-Frame-Options")!] == "DENY")
        }
    }

    @Test func noNameLeadsOutOfTheFolder() async throws {
        try await Site.open(published: false) { site, client in
            try write(site, "1.a.eml", mail("x", "y"))
            for name in [
                "..%2F..%2Fetc%2Fpasswd", "%2Fetc%2Fpasswd", ".", "..", "1.a.eml%00", "2.b.eml", ".hidden.eml",
            ] {
                let page = try await site.get(client, "/outbox/\(name)", as: .owner)
                #expect(page.status == 404 || page.status == 200 && name == ".", "\(name): \(page.status)")
            }
        }
    }

    @Test func aPersonSettlesWhatNobodyKnows() async throws {
        try await Site.open(published: false) { site, client in
            var strategy = Strategy()
            strategy.consent = [.email: .notOptedOut]
            strategy.quietHours = nil
            let desk = ClaimDesk(ledger: site.ledger, policy: ClaimPolicy(strategy: strategy, clockTolerance: 0))
            try await site.ledger.registerRecipients((0..<3).map { Recipient(hcpID: "u\($0)", zone: "UTC") })
            try await site.ledger.registerContent(
                [ContentApproval(contentID: "l", version: "1", purpose: .promotional, state: .approvedForDistribution)],
                by: .user(1))
            let claims = try await desk.claim(
                (0..<3).map {
                    ClaimRequest(
                        key: ClaimKey(campaign: "c", step: "s"), hcpID: "u\($0)", channel: .email,
                        address: "u\($0)@example.org", purpose: .promotional, contentID: "l", contentVersion: "1")
                }
            ).compactMap(\.claim)
            _ = try await desk.beginSending(claims.map { ($0.number, "\($0.hcpID)@example.org") }, worker: "t")
            try await desk.recover()
            let page = try await site.get(client, "/outbox", as: .compliance)
            for claim in claims { #expect(page.text.contains("/outbox/\(claim.number)/settle")) }
            // A marketer sees, and settles nothing.
            let seen = try await site.get(client, "/outbox", as: .marketer)
            #expect(seen.status == 200 && !seen.text.contains("/settle"))
            let refused = try await site.post(
                client, "/outbox/\(claims[0].number)/settle", as: .marketer, [("as", "again")])
            #expect(refused.status == 403)
            for (claim, word) in zip(claims, ["sent", "not_sent", "again"]) {
                let done = try await site.post(
                    client, "/outbox/\(claim.number)/settle", as: .compliance, [("as", word)])
                #expect(done.status == 303 && done.location == "/outbox")
            }
            var states: [ClaimState?] = []
            for claim in claims { states.append(try await site.ledger.claim(claim.number)?.state) }
            #expect(states == [.sent, .failed, .claimed])
            let late = try await site.post(
                client, "/outbox/\(claims[0].number)/settle", as: .compliance, [("as", "again")])
            #expect(late.status == 409)
            let odd = try await site.post(client, "/outbox/\(claims[2].number)/settle", as: .compliance, [("as", "x")])
            #expect(odd.status == 422)
            let none = try await site.post(client, "/outbox/999999/settle", as: .compliance, [("as", "sent")])
            #expect(none.status == 404)
        }
    }

    @Test func aReceiverIsSwitchedOnAgain() async throws {
        try await Site.open(published: false) { site, client in
            try await site.ledger.disableEndpoint("texts", code: "http_410")
            let page = try await site.get(client, "/outbox", as: .owner)
            #expect(page.text.contains("/outbox/texts/enable"))
            let done = try await site.post(client, "/outbox/texts/enable", as: .owner)
            #expect(done.status == 303)
            #expect(try await site.ledger.disabledEndpoints().isEmpty)
        }
    }
}
