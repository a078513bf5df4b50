import Content
import EngagementModel
import Foundation
import HTTPTypes
import Ledger
import Testing

@testable import Server

/// The pages of content: what they show, who may do what, signatures, and that no text of anybody acts.
struct ContentPageTests {
    static func files(claim: String = "Fewer events", title: String = "Invitation", reference: String = "Trial, 2025.")
        -> [String: String]
    {
        func quoted(_ text: String) -> String {
            String(decoding: (try? JSONEncoder().encode(text)) ?? Data(), as: UTF8.self)
        }
        return [
            "claims/a.yaml": """
            claims:
              - id: CL1
                title: \(quoted(title))
                product: P1
                references: [{id: r1, text: \(quoted(reference))}]
                text: {en: \(quoted(claim)), de: Weniger}
            """,
            "modules/a.yaml": """
            modules:
              - id: B1
                title: Body
                variants:
                  - {language: en, blocks: [{text: "Dear {{salutation}}, {{claim CL1}}."}]}
                  - {language: de, blocks: [{text: "{{salutation}}: {{claim CL1}}."}]}
            """,
            "templates/letter.html": """
            <html><body><div style="color:#111">{{slot body}}</div>{{references}}
            <p><a href="{{unsubscribe_url}}">Unsubscribe</a></p></body></html>
            """,
            "messages/a.yaml": """
            messages:
              - content_id: M1
                title: \(quoted(title))
                product: P1
                purpose: educational
                channels: [email]
                template: letter
                slots: {body: [B1]}
                subject: {en: "For {{last_name}}", de: "Für {{last_name}}"}
            """,
            "review.yaml":
                "countries: [DE, US]\nfallback: {it: [en]}\nrestricted_words: [{words: [cure], countries: [DE]}]\n",
        ]
    }

    /// Names compliance as all three approvers is not enough: three people sign.
    static func approvers(_ site: Site) async throws -> [ReviewDiscipline: String] {
        var tokens: [ReviewDiscipline: String] = [:]
        for discipline in ReviewDiscipline.allCases {
            let user = try await site.ledger.createUser(
                login: "approver-\(discipline.rawValue)", name: "Dr \(discipline.title)", role: .compliance,
                password: Site.password)
            try await site.ledger.setApprover(discipline, user, granted: true, by: .system)
            tokens[discipline] = try await site.ledger.openSession(for: user)
        }
        return tokens
    }

    static func field(_ name: String, in page: String) -> String {
        let marker = "name=\"\(name)\" value=\""
        guard let start = page.range(of: marker)?.upperBound else { return "" }
        return String(page[start...].prefix { $0 != "\"" })
    }

    static func send(_ site: Site, _ client: Client, _ path: String, token: String, _ fields: [(String, String)])
        async throws -> Page
    {
        let all = fields + [("csrf", FormToken.derived(from: token))]
        return try await client.send(
            path, .post,
            [.cookie: "rapport_session=\(token)", .contentType: "application/x-www-form-urlencoded"],
            String(FormFields(all).query.dropFirst()))
    }

    @Test func theListShowsStatesEndsAndUses() async throws {
        try await Site.open(content: Self.files()) { site, client in
            let page = try await site.get(client, "/content", as: .marketer)
            #expect(page.status == 200 && HTMLCheck(page.text).problems.isEmpty, "\(HTMLCheck(page.text).problems)")
            for words in [
                "Invitation", "Draft", "Efficacy at a glance", "from the sources", "1 journey", "planned touch",
            ] {
                #expect(page.text.contains(words), "\(words)")
            }
            #expect(page.text.contains("20 Jan 2026") && page.text.contains("expire within 30 days"))
            let drafts = try await site.get(client, "/content?state=draft", as: .marketer)
            #expect(drafts.text.contains("Invitation") && !drafts.text.contains("Efficacy at a glance"))
            let soon = try await site.get(client, "/content?soon=1&product=P1&channel=email", as: .marketer)
            #expect(soon.text.contains("Efficacy at a glance") && !soon.text.contains("Invitation"))
            #expect(try await site.get(client, "/content?state=bogus&channel=x", as: .marketer).status == 200)
            #expect(try await site.get(client, "/content/nothing", as: .marketer).status == 404)
            #expect(try await site.get(client, "/content/M1?language=fr", as: .marketer).status == 404)
            let source = try await site.get(client, "/content/C1?hcp=H1", as: .marketer)
            #expect(source.text.contains("Plain words.") && HTMLCheck(source.text).problems.isEmpty)
        }
    }

    @Test func reviewGoesFromDraftToDistributionWithFourSignatures() async throws {
        try await Site.open(content: Self.files()) { site, client in
            let tokens = try await Self.approvers(site)
            var page = try await site.get(client, "/content/M1?language=en&hcp=H1", as: .marketer)
            #expect(page.text.contains("4 parts to hand to review"), "\(page.text)")
            #expect(page.text.contains("is not approved for distribution"))
            #expect(HTMLCheck(page.text).problems.isEmpty, "\(HTMLCheck(page.text).problems)")
            let digest = Self.field("digest", in: page.text)
            let form = [("language", "en"), ("digest", digest)]
            #expect(try await site.post(client, "/content/M1/submit", as: .marketer, form).status == 303)
            #expect(try await site.post(client, "/content/M1/submit", as: .marketer, form).status == 409)
            // Compliance without a name as approver sees no form and cannot sign.
            page = try await site.get(client, "/content/M1?language=en", as: .compliance)
            #expect(!page.text.contains("name=\"password\""))
            let fields =
                form + [
                    ("discipline", "medical"), ("meaning", "approve"), ("login", "compliance"),
                    ("password", Site.password),
                ]
            #expect(try await site.post(client, "/content/M1/sign", as: .compliance, fields).status == 403)
            for discipline in ReviewDiscipline.allCases {
                let token = tokens[discipline]!
                let seen = try await client.send(
                    "/content/M1?language=en", .get, [.cookie: "rapport_session=\(token)"], "")
                #expect(seen.text.contains("name=\"login\"") && seen.text.contains("Dr \(discipline.title)"))
                let sign = form + [("discipline", discipline.rawValue), ("meaning", "approve")]
                let early = try await Self.send(
                    site, client, "/content/M1/sign", token: token, sign + [("password", Site.password)])
                #expect(early.status == 422, "the first signature needs both components")
                let wrong = try await Self.send(
                    site, client, "/content/M1/sign", token: token,
                    sign + [("login", "approver-\(discipline.rawValue)"), ("password", "wrong password")])
                #expect(wrong.status == 403 && wrong.text.contains("nothing was signed"))
                let done = try await Self.send(
                    site, client, "/content/M1/sign", token: token,
                    sign + [("login", "approver-\(discipline.rawValue)"), ("password", Site.password)])
                #expect(done.status == 303, "\(done.text)")
            }
            let release =
                form + [
                    ("discipline", "legal"), ("meaning", "release"), ("password", Site.password),
                    ("expires", "2026-06-30"),
                ]
            let past = try await Self.send(
                site, client, "/content/M1/sign", token: tokens[.legal]!,
                form + [
                    ("discipline", "legal"), ("meaning", "release"), ("password", Site.password),
                    ("expires", "2020-01-01"),
                ])
            #expect(past.status == 422)
            let released = try await Self.send(site, client, "/content/M1/sign", token: tokens[.legal]!, release)
            #expect(released.status == 303, "in the same session the password alone is enough")
            page = try await site.get(client, "/content/M1?language=en&hcp=H1", as: .compliance)
            #expect(HTMLCheck(page.text).problems.isEmpty, "\(HTMLCheck(page.text).problems)")
            for words in [
                "Approved for distribution", "Dr Medical", "Dr Legal", "Dr Regulatory", "2 Jan 2026, 09:00 UTC",
                "Approved for production (medical review)", "Final form checked", "30 Jun 2026",
                String(digest.prefix(12)),
                "login and password", "Today it could go out to Anna Keller, MD",
            ] { #expect(page.text.contains(words), "\(words)") }
            let version = try #require(
                try await site.ledger.partStandings().keys.first { $0.key == PartKey(.message, "M1", "en") })
            let gate = try #require(try await site.ledger.contentApproval("M1", version: version.version))
            #expect(gate.state == .approvedForDistribution && gate.expiresOn == Day("2026-06-30"))
            // Withdrawing the claim shuts the message at once.
            let bad = try await site.post(
                client, "/content/M1/withdraw", as: .owner, form + [("part", "claim/CL1/en"), ("cause", "")])
            #expect(bad.status == 422)
            let gone = try await site.post(
                client, "/content/M1/withdraw", as: .owner, form + [("part", "claim/CL1/en"), ("cause", "New signal.")])
            #expect(gone.status == 303)
            #expect(try await site.ledger.contentApproval("M1", version: version.version)?.state == .withdrawn)
            page = try await site.get(client, gone.location + "&hcp=H1", as: .owner)
            #expect(page.text.contains("could not go out") && page.text.contains("New signal."))
        }
    }

    @Test func aTextThatChangedIsNotSigned() async throws {
        try await Site.open(content: Self.files()) { site, client in
            let page = try await site.get(client, "/content/M1?language=en", as: .marketer)
            let digest = Self.field("digest", in: page.text)
            let file = site.fixture.folder.appending(path: "content/claims/a.yaml")
            try Data((Self.files(claim: "Many fewer events")["claims/a.yaml"] ?? "").utf8).write(to: file)
            let late = try await site.post(
                client, "/content/M1/submit", as: .marketer, [("language", "en"), ("digest", digest)])
            #expect(late.status == 409 && late.text.contains("The text has changed"))
            let rejected = try await site.post(
                client, "/content/M1/reject", as: .compliance, [("language", "en"), ("digest", digest), ("cause", "x")])
            #expect(rejected.status == 409)
        }
    }

    @Test func theFrameHoldsTheMessageAndNothingThatActs() async throws {
        try await Site.open(content: Self.files()) { site, client in
            let page = try await site.get(client, "/content/M1?language=en&hcp=H1", as: .compliance)
            let policy = page.headers[.contentSecurityPolicy] ?? ""
            #expect(
                policy.contains("frame-src 'self'") && policy.contains("script-src 'self'")
                    && !policy.contains("unsafe"))
            #expect(page.text.contains("<iframe class=\"letter\" sandbox=\"\""))
            let frame = try await site.get(client, "/content/M1/preview?language=en&hcp=H1", as: .compliance)
            #expect(frame.status == 200 && frame.text.contains("Dear Dr. Keller, Fewer events<sup>1</sup>."))
            let own = frame.headers[.contentSecurityPolicy] ?? ""
            #expect(own.hasPrefix("sandbox; default-src 'none'") && own.contains("frame-ancestors 'self'"))
            #expect(!own.contains("script-src"))
            #expect(frame.headers[HTTPField.Name("X-Frame-Options")!] == "SAMEORIGIN")
            #expect(try await site.get(client, "/content/M1/preview?language=en&hcp=H9", as: .compliance).status == 404)
            #expect(try await site.get(client, "/content/M1/preview?language=en&hcp=H1", as: .rep).status == 403)
        }
    }

    @Test func mistakesShowAndNothingIsSubmitted() async throws {
        var files = Self.files(claim: "A cure")
        files["modules/b.yaml"] =
            "modules:\n  - id: B2\n    variants:\n      - {language: en, blocks: [{text: \"{{nme}}\"}]}\n"
        try await Site.open(content: files) { site, client in
            let list = try await site.get(client, "/content", as: .marketer)
            #expect(list.text.contains("content/modules/b.yaml:4:") && list.text.contains("is no field"))
            let page = try await site.get(client, "/content/M1?language=en", as: .marketer)
            #expect(
                page.text.contains("“cure” in claim/CL1/en, restricted DE") && !page.text.contains("Submit for review"))
            #expect(HTMLCheck(page.text).problems.isEmpty)
        }
    }

    /// T19 through the pages: 300 strings as title, claim, reference, query and cause.
    @Test func injectionsAreInert() async throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Fixtures/injections.json")
        let payloads = try JSONDecoder().decode([String].self, from: try Data(contentsOf: file))
        #expect(payloads.count == 300)
        try await Site.open(content: Self.files()) { site, client in
            func shape(_ text: String) -> [String] {
                HTMLCheck(text).tags.map { tag in ([tag.name] + tag.attributes.keys.sorted()).joined(separator: " ") }
            }
            let path = site.fixture.folder.appending(path: "content").path
            // As the message's words: many at a time, each a claim of its own.
            for chunk in stride(from: 0, to: payloads.count, by: 50).map({
                Array(payloads[$0..<min($0 + 50, payloads.count)])
            }) {
                func quoted(_ text: String) -> String {
                    String(decoding: (try? JSONEncoder().encode(text)) ?? Data(), as: UTF8.self)
                }
                let inert = chunk.map { $0.replacing("{{", with: "{ {").replacing("{{", with: "{ {") }
                let claims = inert.indices.map { index in
                    "  - {id: X\(index), title: \(quoted(inert[index])), references: [{id: r, text: \(quoted(inert[index]))}], text: {en: \(quoted(inert[index]))}}"
                }
                try Data(("claims:\n" + claims.joined(separator: "\n") + "\n").utf8)
                    .write(to: URL(fileURLWithPath: path + "/claims/x.yaml"))
                let blocks = inert.indices.map { "{text: \"{{claim X\($0)}}\"}" }.joined(separator: ", ")
                try Data("modules:\n  - {id: B9, variants: [{language: en, blocks: [\(blocks)]}]}\n".utf8)
                    .write(to: URL(fileURLWithPath: path + "/modules/x.yaml"))
                try Data(
                    """
                    messages:
                      - {content_id: M9, title: \(quoted(inert[0])), purpose: service, channels: [email], template: letter, slots: {body: [B9]}, subject: {en: "{{claim X1}}"}}
                    """.utf8
                ).write(to: URL(fileURLWithPath: path + "/messages/x.yaml"))
                let page = try await site.get(client, "/content/M9?language=en&hcp=H1", as: .marketer)
                #expect(page.status == 200 && !page.text.contains("It cannot be shown"), "\(page.text.prefix(4000))")
                let problems = HTMLCheck(page.text).problems
                #expect(problems.isEmpty, "\(problems)")
                let allowed: Set<String> = [
                    "html", "head", "meta", "title", "link", "script", "body", "a", "header", "p", "nav", "ul", "li",
                    "div",
                    "span", "form", "input", "button", "main", "h1", "h2", "ol", "dl", "dt", "dd", "section", "details",
                    "summary", "label", "iframe", "pre", "table", "caption", "thead", "tbody", "tr", "th", "td", "code",
                    "strong", "footer", "fieldset", "legend", "select", "option",
                ]
                let tags = HTMLCheck(page.text).tags
                #expect(tags.allSatisfy { allowed.contains($0.name) })
                #expect(tags.count { $0.name == "script" } <= 2 && tags.count { $0.name == "iframe" } == 1)
                let frame = try await site.get(client, "/content/M9/preview?language=en&hcp=H1", as: .marketer)
                #expect(frame.status == 200)
                let words = HTMLCheck(frame.text)
                #expect(!words.tags.contains { $0.name == "script" || $0.name == "img" || $0.name == "svg" })
                #expect(!words.tags.contains { $0.attributes.keys.contains { $0.hasPrefix("on") } })
                #expect(try await site.get(client, "/content", as: .marketer).status == 200)
            }
            // As what people send.
            let plain = shape(try await site.get(client, "/content/M1?language=en&hcp=none", as: .marketer).text)
            for payload in payloads {
                let query = FormFields([("language", "en"), ("hcp", payload)]).query
                let page = try await site.get(client, "/content/M1" + query, as: .marketer)
                #expect(page.status == 200)
                if !FormFields([("hcp", payload)]).query.isEmpty, FormFields(query.dropFirst())["hcp"] != nil {
                    #expect(shape(page.text) == plain, "\(payload.debugDescription)")
                }
                let cause = try await site.post(
                    client, "/content/M1/withdraw", as: .owner,
                    [("language", payload), ("digest", payload), ("part", payload), ("cause", payload)])
                #expect(cause.status == 404 || cause.status == 409)
            }
        }
    }
}
