import EngagementModel
import HTTPTypes
import Ledger
import Testing

@testable import Server

/// The form for questions: for everybody, and behind a signed link; once each, in five languages, and no more than the
/// door lets in.
struct AskTests {
    private static func stamp(_ page: Page) throws -> String {
        String(try #require(page.text.firstMatch(of: /name="stamp" value="([^"]+)"/)).1)
    }

    private static func inquiries(_ site: Site) async throws -> [Inquiry] {
        var filter = InquiryFilter()
        filter.stage = .all
        return try await site.ledger.inquiries(filter, seenBy: .all).rows.sorted { $0.number < $1.number }
    }

    @Test func everybodyMayAskInFiveLanguages() async throws {
        try await Site.open(published: false) { site, client in
            for (language, word) in [
                ("en", "Ask us"), ("de", "Fragen Sie uns"), ("fr", "Posez-nous"), ("es", "Pregúntenos"),
                ("it", "Ci scriva"),
            ] {
                for path in ["/ask?lang=\(language)", "/ask"] {
                    let page = try await site.get(
                        client, path, as: nil, [.acceptLanguage: "xx,\(language)-XX;q=0.9,en;q=0.1"])
                    #expect(
                        page.status == 200 && page.text.contains(word) && page.text.contains("lang=\"\(language)\""))
                    #expect(HTMLCheck(page.text).problems.isEmpty, "\(HTMLCheck(page.text).problems)")
                }
            }
        }
    }

    @Test func aMessageArrivesOnceHoweverOftenItIsSent() async throws {
        try await Site.open(published: false) { site, client in
            let stamp = try Self.stamp(try await site.get(client, "/ask"))
            let fields = [
                ("stamp", stamp), ("text", "When will it arrive? [delivery]"), ("email", "a@b.example"),
                ("name", "Ann"), ("subject", "Delivery"), ("about", "order"), ("website", ""),
            ]
            for _ in 0..<3 {
                let sent = try await site.post(client, "/ask", fields, csrf: nil)
                #expect(sent.status == 303 && sent.location.hasPrefix("/ask?sent=yes"))
            }
            let rows = try await Self.inquiries(site)
            #expect(rows.count == 1 && rows[0].queue == .insideSales && rows[0].fromAddress == "a@b.example")
            #expect(rows[0].hcpID == nil && rows[0].asked == .order && rows[0].source == "form")
            #expect(try await site.get(client, "/ask?sent=yes").text.contains("Your message has arrived"))
            // The same form with other words is another message, and asks for a new form.
            let other = try await site.post(
                client, "/ask", fields.map { $0.0 == "text" ? ("text", "other words") : $0 }, csrf: nil)
            #expect(other.status == 409 && other.text.contains("other words"))
        }
    }

    @Test func whatIsNotCompleteComesBackWithItsWords() async throws {
        try await Site.open(published: false) { site, client in
            let stamp = try Self.stamp(try await site.get(client, "/ask"))
            let evil = "\"><script>alert(1)</script>"
            let cases: [([(String, String)], Int, String)] = [
                ([("stamp", stamp), ("email", "a@b.example")], 422, "Please write a message"),
                ([("stamp", stamp), ("text", "x" + evil)], 422, "Please give an e-mail address"),
                ([("stamp", stamp), ("text", "x"), ("email", "no address")], 422, "Please give an e-mail address"),
                ([("stamp", stamp), ("text", "x"), ("email", "a@b.example\r\nBcc: c@d.example")], 422, "Please give"),
                ([("text", "x"), ("email", "a@b.example")], 422, "open for too long"),
                ([("stamp", "forged"), ("text", "x"), ("email", "a@b.example")], 422, "open for too long"),
                (
                    [("stamp", stamp), ("text", String(repeating: "x", count: 5_001)), ("email", "a@b.example")], 422,
                    "too long"
                ),
            ]
            for (fields, status, words) in cases {
                let page = try await site.post(client, "/ask", fields, csrf: nil)
                #expect(page.status == status && page.text.contains(words), "\(words)")
                #expect(HTMLCheck(page.text).problems.isEmpty && !page.text.contains("<script>alert"))
            }
            // A link for something else is no stamp.
            let other = try LinkToken(action: .question, subject: "x", expiresAt: nil).signed(
                with: try await site.ledger.linkKey())
            let wrong = try await site.post(
                client, "/ask", [("stamp", other), ("text", "x"), ("email", "a@b.example")], csrf: nil)
            #expect(wrong.status == 422)
            site.clock.advance(seconds: 86_401)
            let late = try await site.post(
                client, "/ask", [("stamp", stamp), ("text", "x"), ("email", "a@b.example")], csrf: nil)
            #expect(late.status == 422 && late.text.contains("open for too long"))
            #expect(try await Self.inquiries(site).isEmpty)
        }
    }

    @Test func programsAreThankedAndDropped() async throws {
        try await Site.open(published: false) { site, client in
            let stamp = try Self.stamp(try await site.get(client, "/ask"))
            let sent = try await site.post(
                client, "/ask",
                [("stamp", stamp), ("text", "buy"), ("email", "a@b.example"), ("website", "http://spam.example")],
                csrf: nil)
            #expect(sent.status == 303)
            #expect(try await Self.inquiries(site).isEmpty)
        }
    }

    @Test func theDoorHasItsLimitsAndFillsAgain() async throws {
        var rules = InquiryRules()
        rules.form.perAddressHour = 2
        try await Site.open(published: false, rules: rules) { site, client in
            func send(_ text: String) async throws -> Page {
                let stamp = try Self.stamp(try await site.get(client, "/ask"))
                return try await site.post(
                    client, "/ask", [("stamp", stamp), ("text", text), ("email", "a@b.example")], csrf: nil)
            }
            let page1 = try await send("one")
            #expect(page1.status == 303)
            let page2 = try await send("two")
            #expect(page2.status == 303)
            let third = try await send("three words that come back")
            #expect(third.status == 429 && third.text.contains("three words that come back"))
            let wait = try #require(third.headers[.retryAfter].flatMap { Int64($0) })
            #expect((1...1_800).contains(wait))
            site.clock.advance(seconds: wait + 1)
            let page3 = try await send("three")
            #expect(page3.status == 303)
            let rows4 = try await Self.inquiries(site)
            #expect(rows4.count == 3)
        }
        var closed = InquiryRules()
        closed.form.isOpen = false
        try await Site.open(published: false, rules: closed) { site, client in
            let page5 = try await site.get(client, "/ask")
            #expect(page5.status == 404)
        }
    }

    @Test func allTogetherAreBounded() {
        var rules = InquiryRules.Form()
        rules.perMinute = 5
        let door = AskGuard()
        let taken = (0..<100).count { door.take("10.0.0.\($0)", now: 0, rules: rules) == nil }
        #expect(taken == 5)
        #expect(door.take("10.0.1.1", now: 12_000_000, rules: rules) == nil)
        #expect(door.take("10.0.1.2", now: 12_000_000, rules: rules) == 60)
    }

    @Test func aSignedLinkKnowsWhoAsks() async throws {
        try await Site.open(published: false) { site, client in
            try await site.align()
            func link(_ action: LinkToken.Action, _ hcp: String, days: Int64 = 30) async throws -> String {
                let token = LinkToken(action: action, subject: hcp, expiresAt: site.clock.now + days * 86_400_000_000)
                return "/q/" + (try token.signed(with: try await site.ledger.linkKey()))
            }
            let path = try await link(.question, "H3")
            let page = try await site.get(client, path)
            #expect(page.status == 200 && page.text.contains("Ci scriva") && !page.text.contains("name=\"email\""))
            // Whoever finds the link learns no name.
            #expect(!page.text.contains("Rossi") && !page.text.contains("H3"))
            let sent = try await site.post(
                client, path, [("stamp", try Self.stamp(page)), ("text", "Quale dose? [dosing]")], csrf: nil)
            #expect(sent.status == 303)
            let rows = try await Self.inquiries(site)
            #expect(rows.count == 1 && rows[0].hcpID == "H3" && rows[0].identifiedBy == .link && rows[0].isMedical)
            let page6 = try await site.get(client, try await link(.preferences, "H3"))
            #expect(page6.status == 404)
            let page7 = try await site.get(client, try await link(.question, "H99"))
            #expect(page7.status == 404)
            let page8 = try await site.get(client, "/q/forged")
            #expect(page8.status == 404)
            let old = try await link(.question, "H1", days: -1)
            let page9 = try await site.get(client, old)
            #expect(page9.status == 410)
        }
    }
}
