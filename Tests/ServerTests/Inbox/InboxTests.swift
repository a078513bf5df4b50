import EngagementModel
import Foundation
import HTTPTypes
import Ledger
import Testing

@testable import Server

/// The inbox in the browser's eyes: who sees what, what forms do, and that nothing that strangers write gets out of its
/// place.
struct InboxTests {
    private static func open(_ body: (Site, Client) async throws -> Void) async throws {
        try await Site.open { site, client in
            try await site.align()
            try await body(site, client)
        }
    }

    @Test func everyRoleSeesItsQueues() async throws {
        try await Self.open { site, client in
            try await site.ask("a", "dose-words [dosing]")
            try await site.ask("b", "price-words [price]")
            try await site.ask("c", "training-words [training]")
            try await site.ask("d", "fault-words [technical]", hcp: "H3")
            try await site.ask("e", "harm-words [adverse_event][serious]", hcp: nil, from: "x@y.example")
            try await site.ask("f", "near-words [technical]", hcp: "H2")
            let all = ["dose-words", "price-words", "training-words", "fault-words", "harm-words", "near-words"]
            let seen: [Role: Set<String>] = [
                .rep: ["price-words", "training-words", "near-words"],
                .manager: ["price-words", "training-words", "fault-words", "near-words"],
                .msl: ["dose-words"], .medical: ["dose-words", "harm-words"],
                .insideSales: ["price-words", "training-words"], .service: ["near-words"],
                .safety: ["dose-words", "harm-words"], .compliance: Set(all),
            ]
            for (role, words) in seen {
                let queue = role == .safety ? "?queue=medical" : ""
                let page = try await site.get(client, "/inbox" + queue, as: role)
                #expect(page.status == 200)
                #expect(Set(all.filter(page.text.contains)) == words, "\(role)")
                #expect(HTMLCheck(page.text).problems.isEmpty, "\(role): \(HTMLCheck(page.text).problems)")
                // The page of each is there or is not, as the list says.
                for (index, word) in all.enumerated() {
                    let one = try await site.get(client, "/inbox/\(index + 1)", as: role)
                    #expect(one.status == (words.contains(word) ? 200 : 404), "\(role) \(word)")
                }
            }
            let safety = try await site.get(client, "/inbox", as: .safety)
            #expect(safety.text.contains("harm-words") && !safety.text.contains("dose-words"))
            #expect(safety.text.contains("Adverse event, serious") && safety.text.contains("safety in 4 h"))
            site.clock.advance(seconds: 5 * 3600)
            #expect(try await site.get(client, "/inbox", as: .safety).text.contains("safety overdue by 1 h"))
        }
    }

    @Test func repsNeverReadWhatIsMedical() async throws {
        try await Self.open { site, client in
            let fault = try await site.ask("a", "plain fault [technical]")
            let dose = try await site.ask("b", "secret-dose [dosing]")
            let both = try await site.ask("c", "secret-both [dosing][device_complaint]")
            let caseNumber = try #require(both.caseNumber)
            for path in [
                "/inbox", "/inbox?stage=all", "/inbox?queue=medical", "/inbox?queue=safety", "/inbox/\(dose.number)",
                "/inbox/\(both.number)", "/cases", "/cases/\(caseNumber)", "/hcps/H1", "/inbox/\(fault.number)",
            ] {
                for role in [Role.rep, .manager, .insideSales, .service] {
                    let page = try await site.get(client, path, as: role)
                    #expect(!page.text.contains("secret"), "\(role) \(path)")
                }
            }
            let page = try await site.get(client, "/hcps/H1", as: .rep)
            #expect(page.text.contains("/cases/\(caseNumber)") && page.text.contains("3 open"))
            let medical = try await site.get(client, "/hcps/H1", as: .medical)
            #expect(medical.text.contains("/inbox/\(dose.number)") && medical.text.contains("Dosing"))
            // One timeline, latest first: the request stands in it, with its kind, and the filter finds it.
            for (query, inquiries, cases) in [
                ("", true, true), ("?kind=inquiry", true, false), ("?kind=case", false, true),
                ("?kind=contact", false, false), ("?channel=email", true, false), ("?channel=sms", false, false),
                ("?direction=push", false, false),
            ] {
                let page = try await site.get(client, "/hcps/H1\(query)", as: .medical).text
                let start = try #require(page.range(of: "id=\"timeline\"")?.upperBound)
                let list = page[start...]
                #expect(list.contains("href=\"/inbox/\(dose.number)\"") == inquiries, "\(query)")
                #expect(list.contains("href=\"/cases/\(caseNumber)\"") == cases, "\(query)")
            }
            let item = try await site.get(client, "/cases/\(caseNumber)", as: .medical)
            #expect(item.text.contains("secret-both"))
            // Another territory's case is not there.
            let answer = try await site.ask("d", "far [technical]", hcp: "H3")
            let far = try #require(answer.caseNumber)
            let page10 = try await site.get(client, "/cases/\(far)", as: .rep)
            #expect(page10.status == 404)
            let page11 = try await site.get(client, "/cases/\(far)", as: .compliance)
            #expect(page11.status == 200)
        }
    }

    @Test func formsActOnceAndSayWhyNot() async throws {
        try await Self.open { site, client in
            let number = try await site.ask("a", "how much [price]").number
            let path = "/inbox/\(number)"
            let form = try await site.get(client, path, as: .insideSales)
            #expect(form.text.contains("Assign to me") && form.text.contains("Record the answer"))
            #expect(HTMLCheck(form.text).problems.isEmpty, "\(HTMLCheck(form.text).problems)")
            let took = try await site.post(client, path + "/assign", as: .insideSales, [("version", "1")])
            #expect(took.status == 303 && took.location == path + "?done=assigned")
            #expect(try await site.get(client, path, as: .insideSales).text.contains("Assigned: Uma inside_sales"))
            // Who saw the old state is told; nothing happens without a reason.
            let stale = try await site.post(
                client, path + "/close", as: .insideSales, [("version", "1"), ("reason", "x")])
            #expect(stale.status == 409 && stale.text.contains("Somebody else has changed this"))
            let silent = try await site.post(
                client, path + "/hand-over", as: .insideSales, [("version", "2"), ("queue", "service")])
            #expect(silent.status == 422 && silent.text.contains("Say why"))
            let mark = String(repeating: "a", count: 32)
            for _ in 0..<2 {
                let noted = try await site.post(
                    client, path + "/note", as: .insideSales, [("text", "called back"), ("once", mark)])
                #expect(noted.status == 303)
            }
            for _ in 0..<2 {
                let answered = try await site.post(
                    client, path + "/answer", as: .insideSales,
                    [("version", "2"), ("once", mark), ("channel", "phone"), ("text", "ten euros")])
                #expect(answered.status == 303, "\(answered.text)")
            }
            let page = try await site.get(client, path, as: .insideSales)
            #expect(page.text.components(separatedBy: "called back").count == 2)
            #expect(page.text.components(separatedBy: "ten euros").count == 2)
            #expect(page.text.contains("Answered") && page.text.contains("Open again"))
            // Reading is not acting: the rep sees it and cannot close it.
            let rep = try await site.post(client, path + "/close", as: .rep, [("reason", "x")])
            #expect(rep.status == 403)
            let forged = try await site.post(client, path + "/close", as: .insideSales, [("reason", "x")], csrf: "no")
            #expect(forged.status == 403)
        }
    }

    @Test func aMedicalColleagueHandsOneBack() async throws {
        try await Self.open { site, client in
            let number = try await site.ask("a", "nothing to recognise").number
            let page12 = try await site.get(client, "/inbox/\(number)", as: .insideSales)
            #expect(page12.status == 404)
            let page = try await site.get(client, "/inbox/\(number)", as: .medical)
            #expect(page.text.contains("Nothing was recognised") && page.text.contains("no medical question"))
            let over = try await site.post(
                client, "/inbox/\(number)/hand-over", as: .medical, [("queue", "inside_sales"), ("reason", "an order")])
            #expect(over.location == "/inbox?done=handed_over")
            let sales = try await site.get(client, "/inbox/\(number)", as: .insideSales)
            #expect(sales.text.contains("from Medical to Inside sales; not medical") && sales.text.contains("an order"))
        }
    }

    @Test func safetyHasItsWay() async throws {
        try await Self.open { site, client in
            let number = try await site.ask("a", "[adverse_event]").number
            let path = "/inbox/\(number)/safety"
            let page = try await site.get(client, "/inbox/\(number)", as: .safety)
            #expect(page.text.contains("Safety must have it in 24 h") && page.text.contains("Take it"))
            let medical = try await site.get(client, "/inbox/\(number)", as: .medical)
            #expect(medical.text.contains("Safety must have it") && !medical.text.contains("Take it"))
            let bare = try await site.post(client, path, as: .safety, [("flag", "1"), ("state", "reported")])
            #expect(bare.status == 422 && bare.text.contains("needs its reference"))
            let done = try await site.post(
                client, path, as: .safety, [("flag", "1"), ("state", "reported"), ("words", "ARG-1")])
            #expect(done.status == 303)
            #expect(try await site.get(client, "/inbox/\(number)", as: .safety).text.contains("Reported as ARG-1."))
            let again = try await site.post(
                client, path, as: .safety, [("flag", "1"), ("state", "dismissed"), ("words", "x")])
            #expect(again.status == 409)
            let other = try await site.post(client, path, as: .safety, [("flag", "99"), ("state", "reported")])
            #expect(other.status == 400)
        }
    }

    @Test func callCentreTechnicianAndRepShareOneTimeline() async throws {
        try await Self.open { site, client in
            let opened = try await site.ask("a", "it is stuck [technical]", subject: "Pump 7 is stuck")
            let path = "/cases/\(try #require(opened.caseNumber))"
            #expect(try await site.get(client, "/cases", as: .rep).text.contains("Pump 7 is stuck"))
            for (role, kind, text) in [
                (Role.service, "call", "asked for the number"), (.rep, "note", "they are short of pumps"),
                (.service, "visit", "looked at it"), (.insideSales, "note", "sent a spare"),
            ] {
                let noted = try await site.post(client, path + "/note", as: role, [("kind", kind), ("text", text)])
                #expect(noted.status == 303, "\(role)")
            }
            let part = try await site.post(
                client, path + "/note", as: .service, [("kind", "part_used"), ("part", "valve 12")])
            #expect(part.status == 303)
            for kind in ["message_out", "safety", "state", "x"] {
                let wrong = try await site.post(client, path + "/note", as: .service, [("kind", kind), ("text", "x")])
                #expect(wrong.status == 422, "\(kind)")
            }
            for role in [Role.service, .rep, .insideSales] {
                let page = try await site.get(client, path, as: role)
                for word in ["it is stuck", "asked for the number", "short of pumps", "looked at it", "valve 12"] {
                    #expect(page.text.contains(word), "\(role) \(word)")
                }
                #expect(HTMLCheck(page.text).problems.isEmpty, "\(HTMLCheck(page.text).problems)")
            }
            let moved = try await site.post(
                client, path + "/move", as: .service, [("version", "1"), ("state", "resolved"), ("text", "new valve")])
            #expect(moved.status == 303)
            let back = try await site.post(
                client, path + "/move", as: .service, [("version", "2"), ("state", "waiting"), ("text", "x")])
            #expect(back.status == 409 && back.text.contains("the case is resolved"))
            #expect(try await site.get(client, "/cases", as: .service).text.contains("There is no case here"))
        }
    }

    @Test func whatStrangersWriteStaysInItsPlace() async throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Fixtures/injections.json")
        let payloads = try #require(
            JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [Any]
        ).compactMap { $0 as? String ?? ($0 as? [String: Any])?["text"] as? String }
        #expect(payloads.count >= 100)
        try await Self.open { site, client in
            for (index, payload) in payloads.prefix(60).enumerated() {
                let number: Int64
                do {
                    number = try await site.ask(
                        "p\(index)", payload + " [technical]", hcp: nil, subject: String(payload.prefix(200)),
                        from: String(payload.prefix(80))
                    ).number
                } catch let refusal as Diagnostic where refusal.code == "inquiry_too_long" { continue }
                for path in ["/inbox/\(number)", "/cases/\(number)"] {
                    let page = try await site.get(client, path, as: .compliance)
                    #expect(page.status == 200, "\(index)")
                    let check = HTMLCheck(page.text)
                    #expect(check.problems.isEmpty, "\(index): \(check.problems)")
                    #expect(!page.text.contains("<script>alert") && !page.text.contains("<img src"), "\(index)")
                }
            }
            for stage in ["open", "all", "'\"><x", "closed"] {
                let page = try await site.get(
                    client, "/inbox?stage=\(FormFields.encode(stage))&queue=\(FormFields.encode(stage))",
                    as: .compliance)
                #expect(page.status == 200 && HTMLCheck(page.text).problems.isEmpty)
            }
        }
    }

    /// An answer of approved content leaves through the claim, once, or says why the policy holds it.
    @Test func answersGoThroughTheClaim() async throws {
        struct Answers: AnswerDesk {
            let claims: ClaimDesk
            func answers(to inquiry: Inquiry) async throws -> [ApprovedAnswer] {
                [
                    .init(
                        contentID: "A1", title: "Answer one", purpose: .service, subject: "Subject <b>",
                        text: "Text & more")
                ]
            }
            func send(_ contentID: String, to inquiry: Inquiry) async throws -> ClaimOutcome {
                try await claims.claim(
                    ClaimRequest(
                        key: ClaimKey(campaign: InquiryReply.campaign, step: "\(inquiry.number):\(inquiry.version)"),
                        hcpID: inquiry.hcpID ?? "", channel: .email, address: "k@x.example", purpose: .service))
            }
        }
        var strategy = Strategy()
        strategy.consent[.email] = .optIn
        let policy = ClaimPolicy(strategy: strategy)
        try await Site.open(answers: { Answers(claims: ClaimDesk(ledger: $0, policy: policy)) }) { site, client in
            try await site.align()
            let number = try await site.ask("a", "[technical]").number
            let path = "/inbox/\(number)"
            // The service role of the site is a technician of R1's territory; the HCP is theirs.
            let page = try await site.get(client, path, as: .service)
            #expect(page.text.contains("Answer one") && page.text.contains("Text &amp; more"))
            for _ in 0..<2 {
                let sent = try await site.post(
                    client, path + "/answer", as: .service,
                    [("version", "1"), ("content_id", "A1"), ("once", String(repeating: "b", count: 32))])
                #expect(sent.location == path + "?done=sent", "\(sent.text)")
            }
            let claims = try await site.ledger.contacts(ofHCP: "H1").filter { $0.campaignID == "inquiry" }
            #expect(claims.count == 1)
            let after = try await site.get(client, path, as: .service)
            #expect(after.text.contains("approved content A1") && after.text.contains("Answered"))
            // Somebody whom nobody may write to: the page says why, and nothing is recorded as sent.
            let other = try await site.ask("b", "[technical]", hcp: "H2")
            _ = try await site.ledger.eraseSubject("H2", by: .system)
            let second = try await site.ask("c", "[technical]", hcp: "H9").number
            let refused = try await site.post(
                client, "/inbox/\(second)/answer", as: .compliance, [("version", "1"), ("content_id", "A1")])
            #expect(refused.status == 403)
            let page13 = try await site.get(client, "/inbox/\(other.number)", as: .service)
            #expect(page13.status == 404)
        }
    }
}
