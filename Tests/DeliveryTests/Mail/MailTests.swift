import EngagementModel
import Foundation
import Statistics
import Testing

@testable import Delivery
@testable import Ledger

struct MailTests {
    private static let at: Int64 = 1_767_603_600_000_000

    private func lines(_ bytes: [UInt8]) -> [String] {
        String(decoding: bytes, as: UTF8.self).components(separatedBy: "\r\n")
    }

    @Test func theSameParcelGivesTheSameBytesAndEveryLineIsSound() async throws {
        let office = try await Office()
        let signers = try [TestKeys.rsa, TestKeys.ed25519].map {
            try DKIMSigner(domain: "engage.example.com", selector: "s1", key: DKIMSigner.key($0))
        }
        let writer = try office.writer(signers: signers)
        let parcel = try await office.parcel()
        let mail = try writer.mail(parcel, at: Self.at)
        #expect(try writer.mail(parcel, at: Self.at) == mail)
        let text = String(decoding: mail.bytes, as: UTF8.self)
        #expect(text.utf8.allSatisfy { $0 < 127 && ($0 >= 32 || $0 == 13 || $0 == 10) })
        #expect(!text.replacing("\r\n", with: "").contains(where: { $0 == "\r" || $0 == "\n" }))
        #expect(lines(mail.bytes).allSatisfy { $0.utf8.count <= 78 })
        #expect(text.hasSuffix("--\r\n"))
        let read = MIMEPart(mail.bytes)
        #expect(read["message-id"] == parcel.ticket.messageID(domain: "engage.example.com"))
        #expect(read["date"] == "Mon, 05 Jan 2026 09:00:00 +0000")
        #expect(EncodedWords.decoded(read["subject"] ?? "") == "Neue Daten für Ihre Praxis")
        #expect(read["list-unsubscribe-post"] == "List-Unsubscribe=One-Click")
        #expect(read["list-unsubscribe"]?.hasPrefix("<https://engage.example.com/u/") == true)
        #expect(read.type == "multipart/alternative")
        #expect(read.parts.map(\.type) == ["text/plain", "text/html"])
        #expect(read.parts[0].text.contains("Rapport Pharma GmbH, Musterweg 1, 10115 Berlin"))
        #expect(read.parts[0].text.contains("Abmelden: https://engage.example.com/u/"))
        #expect(read.parts[1].text.contains("Musterweg 1"))
        #expect(read.fields.filter { $0.name == "dkim-signature" }.count == 2)
        for field in read.fields where field.name == "dkim-signature" {
            let names =
                MIMEPart.parameters(of: "x; " + field.value).parameters["h"]?.replacing(" ", with: "")
                .split(separator: ":").map(String.init) ?? []
            #expect(names.contains("list-unsubscribe") && names.contains("list-unsubscribe-post"))
            #expect(names.count { $0 == "subject" } == 2)
        }
        #expect(mail.returnPath.hasPrefix("b-\(parcel.ticket.claim.number)-"))
    }

    @Test func aServiceMessageCarriesNoListHeader() async throws {
        let office = try await Office()
        let claim = try await office.claim(purpose: .service)
        let permits = try await office.desk.beginSending([(claim.number, Office.address("h0"))], worker: "t")
        guard case .send(let ticket)? = permits.first else {
            Issue.record("no ticket")
            return
        }
        let parcel = Parcel(ticket: ticket, content: .init(address: Office.address("h0"), message: Office.letter))
        let read = MIMEPart(try office.writer().mail(parcel, at: Self.at).bytes)
        #expect(read["list-unsubscribe"] == nil)
    }

    @Test func longWordsAndEveryScriptComeBackAsTheyWere() async throws {
        let office = try await Office()
        let writer = try office.writer()
        var random = SeededGenerator(seed: 5)
        let pool = Array("abc äöüß 中文 עברית 🙂 = . ?_=-<>\"'\\ Ж é \t").map(String.init)
        for round in 0..<200 {
            var message = Office.letter
            message.html = nil
            message.subject = (0..<(1 + random.below(120))).map { _ in pool[random.below(pool.count)] }.joined()
                .replacing("\t", with: " ").trimmingCharacters(in: .whitespaces)
            message.text =
                (0..<random.below(400)).map { _ in
                    random.chance(0.05)
                        ? "\n"
                        : random.chance(0.02) ? String(repeating: "x", count: 1200) : pool[random.below(pool.count)]
                }.joined() + "\n.\nFrom here\n"
            let parcel = try await office.parcel(
                "h0", step: "s\(round)", content: .init(address: Office.address("h0"), message: message))
            let mail = try writer.mail(parcel, at: Self.at)
            #expect(lines(mail.bytes).allSatisfy { $0.utf8.count <= 78 })
            let read = MIMEPart(mail.bytes)
            #expect(EncodedWords.decoded(read["subject"] ?? "") == message.subject)
            let body = read.text.replacing("\r\n", with: "\n")
            #expect(
                body.hasPrefix(message.text.trimmingCharacters(in: CharacterSet(charactersIn: "\n")))
                    || message.text.hasPrefix("\n"))
            #expect(body.contains("\n.\nFrom here\n"))
        }
    }

    @Test(arguments: [
        "Hello\r\nBcc: everyone@example.org", "a\nb", "a\rb", "nul\u{0}", "\u{7F}",
        "x\r\n\r\n<script>alert(1)</script>",
        "{{secret}}\r\nX-Injected: 1", "\u{B}",
    ])
    func aLineBreakInAHeaderIsRefused(_ text: String) async throws {
        let office = try await Office()
        let writer = try office.writer()
        var message = Office.letter
        message.subject = text
        let subject = try await office.parcel("h0", content: .init(address: Office.address("h0"), message: message))
        #expect { try writer.mail(subject, at: Self.at) } throws: { ($0 as? Diagnostic)?.code == "header_injection" }
        let name = try await office.parcel(
            "h1", content: .init(address: Office.address("h1"), message: Office.letter, senderName: "Dr. \(text) X"))
        #expect { try writer.mail(name, at: Self.at) } throws: { ($0 as? Diagnostic)?.code == "header_injection" }
        let reply = try await office.parcel(
            "h2", content: .init(address: Office.address("h2"), message: Office.letter, replyTo: "a@example.org\(text)")
        )
        #expect(throws: Diagnostic.self) { try writer.mail(reply, at: Self.at) }
    }

    @Test(arguments: [
        ("ada@example.org", "ada@example.org"), ("Ada.Lovelace+x@EXAMPLE.org", "Ada.Lovelace+x@example.org"),
        ("info@bücher.example", "info@xn--bcher-kva.example"), ("x@MÜNCHEN.de", "x@xn--mnchen-3ya.de"),
        ("x@例え.jp", "x@xn--r8jz45g.jp"), ("o'neil@example.org", "o'neil@example.org"),
        ("x@faß.de", "x@xn--fa-hia.de"),
    ])
    func anAddressBecomesWhatServersTake(_ text: String, _ expected: String) throws {
        #expect(try MailAddress(text).description == expected)
    }

    @Test(arguments: [
        "", "ada", "@example.org", "ada@", "a b@example.org", "ada@example", "\"a b\"@example.org", "a..b@example.org",
        ".a@example.org", "a@-x.org", "a@x-.org", "a@exa mple.org", "a@x.org\r\nRCPT TO:<b@x.org>", "a>@x.org",
        "<a@x.org>",
        "a@[127.0.0.1]", "a@x..org", "ä@example.org", "a@\u{200B}x.org", "a@x.org,b@x.org",
        "a@\(String(repeating: "a", count: 64)).org", "\(String(repeating: "a", count: 65))@example.org",
    ])
    func whatIsNoAddressIsRefusedWithoutRepeatingIt(_ text: String) {
        #expect {
            try MailAddress(text)
        } throws: { error in
            guard let error = error as? Diagnostic else { return false }
            return ["bad_address", "address_needs_smtputf8"].contains(error.code)
                && (text.count < 4 || !error.description.contains(text))
        }
    }

    @Test func dotsAreStuffed() {
        let text = Array(".a\r\n..b\r\nc.\r\n".utf8)
        #expect(String(decoding: SMTPSession.stuffed(text), as: UTF8.self) == "..a\r\n...b\r\nc.\r\n.\r\n")
        #expect(String(decoding: SMTPSession.stuffed(Array("x".utf8)), as: UTF8.self) == "x\r\n.\r\n")
    }

    @Test func aBodyIsRelaxedAsTheStandardShows() {
        // RFC 6376, section 3.4.5.
        let body = DKIMSigner.relaxed(body: Array(" C \r\nD \t E\r\n\r\n\r\n".utf8))
        #expect(String(decoding: body, as: UTF8.self) == " C\r\nD E\r\n")
        #expect(DKIMSigner.relaxed(body: Array("\r\n\r\n".utf8)).isEmpty)
    }

    @Test func keysThatAreNoneAreRefused() throws {
        for text in [
            "", "abc", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", TestKeys.certificateKey,
        ] {
            #expect { try DKIMSigner.key(text) } throws: { ($0 as? Diagnostic)?.code == "bad_dkim_key" }
        }
    }
}
