import EngagementModel
import Foundation
import Ledger
import Statistics
import Testing

@testable import Delivery

struct LinkTests {
    @Test func onlyLinksOfTheMessageAreTracked() async throws {
        let office = try await Office()
        let source = """
            <html><head><link href="https://x.example/style.css"><base href="https://evil.example"></head><body>
            <!-- <a href="https://example.com/comment"> --><A class='x' HREF='https://example.com/a?x=1&amp;y=2'>a</A>
            <a href="mailto:x@example.com">m</a><a href="http://plain.example">p</a><a href="javascript:alert(1)">j</a>
            <a data-href="https://example.com/data" title="a > b" href=https://example.com/bare>b</a>
            <a href="https://user@evil.example/">u</a><a name="top">t</a></body></html>
            """
        let html = try TrackedHTML(source, claim: 7, office.links).html
        let targets = html.matches(of: /\/t\/c\/([A-Za-z0-9_.-]+)/).map {
            office.links.read(String($0.output.1), for: .click)?.target
        }
        #expect(targets == ["https://example.com/a?x=1&y=2", "https://example.com/bare"])
        #expect(html.contains("/t/o/") && html.contains("https://example.com/comment"))
        #expect(html.contains("javascript:alert(1)") && html.contains("https://x.example/style.css"))
        #expect(html.hasSuffix("</html>"))
        // Everything else stays as it was approved.
        let stripped = html.replacing(/https:\/\/engage\.example\.com\/t\/c\/[A-Za-z0-9_.-]+/, with: "*")
            .replacing(/<img [^>]*>/, with: "")
        #expect(
            stripped
                == source.replacing("https://example.com/a?x=1&amp;y=2", with: "*")
                .replacing("https://example.com/bare", with: "*"))
    }

    @Test func aRedirectLeadsNowhereElse() async throws {
        let office = try await Office()
        let desk = TrackingDesk(links: office.links, ledger: office.ledger, sink: office.book)
        let good = try office.links.token(.click, 1, target: "https://example.com/a")
        #expect(desk.target(ofClick: good) == "https://example.com/a")
        let other = LinkMint(baseURL: "https://engage.example.com", keys: [[UInt8](repeating: 7, count: 32)])
        #expect(desk.target(ofClick: try other.token(.click, 1, target: "https://evil.example")) == nil)
        #expect(desk.target(ofClick: try office.links.token(.open, 1)) == nil)
        // Even signed, what is no https address is no target.
        for target in [
            "javascript:alert(1)", "http://example.com", "https://a@b.example", "https://x\r\nSet-Cookie: a", "//x",
        ] {
            #expect(desk.target(ofClick: try office.links.token(.click, 1, target: target)) == nil)
        }
        var random = SeededGenerator(seed: 3)
        let bytes = Array(good.utf8)
        for _ in 0..<1000 {
            var changed = bytes
            changed[random.below(bytes.count)] ^= UInt8(1 << random.below(7))
            let text = String(decoding: changed, as: UTF8.self)
            if text != good { #expect(desk.target(ofClick: text) == nil) }
        }
    }

    @Test func aReturnPathNamesItsClaimAndCannotBeMade() async throws {
        let office = try await Office()
        let path = office.links.returnPath(42, domain: "engage.example.com")
        #expect(office.links.claim(inReturnPath: path) == 42)
        #expect(office.links.claim(inReturnPath: path.uppercased()) == 42)
        #expect(try MailAddress(path).local.utf8.count <= 64)
        let seal = path.split(separator: "-")[2]
        #expect(office.links.claim(inReturnPath: "b-43-\(seal)") == nil)
        #expect(office.links.claim(inReturnPath: "b-042-\(seal)") == nil)
        for text in ["", "b-", "b-1-", "b--", "b-1-x@y", "x-42-\(seal)", "b-42-\(seal)x", "b-+42-\(seal)"] {
            #expect(office.links.claim(inReturnPath: text) == nil, "\(text)")
        }
    }

    @Test func machinesAreToldFromPeople() {
        let reader = MachineReader()
        let person =
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"
        func open(_ agent: String?, purpose: String? = nil, after seconds: Int64 = 3600, click: Bool = false) -> Bool {
            reader.isMachine(
                .init(userAgent: agent, purpose: purpose, at: 1_000_000_000 + seconds * 1_000_000), isClick: click,
                sentAt: 1_000_000_000)
        }
        #expect(!open(person))
        #expect(!open(person, after: 6, click: true))
        #expect(open(person, after: 2))
        #expect(open(person, after: 2, click: true))
        #expect(open(person, purpose: "prefetch;prerender"))
        for agent in [
            nil, "", "Mozilla/5.0",
            "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
            "YahooMailProxy; https://help.yahoo.com", "python-requests/2.32", "curl/8.5.0", "Barracuda Sentinel (EE)",
            "Mozilla/5.0 (compatible; bingbot/2.0)",
        ] { #expect(open(agent), "\(agent ?? "nil")") }
        #expect(reader.isMachine(.init(userAgent: person, at: 5), isClick: false, sentAt: nil))
    }

    @Test func opensAndClicksAreReportedOnceAMinute() async throws {
        let office = try await Office()
        let parcel = try await office.parcel()
        let number = parcel.ticket.claim.number
        try await office.desk.finish([(number, .sent)])
        let desk = TrackingDesk(links: office.links, ledger: office.ledger, sink: office.book)
        let agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
        let at = office.clock.now + 3_600_000_000
        for second in 0..<3 {
            #expect(
                try await desk.open(
                    office.links.token(.open, number), .init(userAgent: agent, at: at + Int64(second) * 1_000_000)))
        }
        _ = try await desk.open(office.links.token(.open, number), .init(userAgent: "Mozilla/5.0", at: at))
        try await desk.click(
            office.links.token(.click, number, target: "https://example.com/x?mail=secret"),
            .init(userAgent: agent, at: at))
        #expect(Set(office.book.names) == ["email_opened", "machine_open", "email_clicked"])
        #expect(Set(office.book.events.map(\.messageID)).count == 3)
        #expect(office.book.events.allSatisfy { $0.hcpID == "h0" && $0.attributes["campaign"] == "c1" })
        #expect(office.book.events.last?.attributes["link"] == "https://example.com/x")
        #expect(try await !desk.open("forged", .init(userAgent: agent, at: at)))
    }
}
