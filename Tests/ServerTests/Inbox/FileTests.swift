import EngagementModel
import HTTPTypes
import Ledger
import Testing

@testable import Server

/// Files that come with the form or with a mail, and who fetches them: nothing of them opens in our pages.
struct FileTests {
    private static let photo: [UInt8] = [0xFF, 0xD8, 0xFF, 0xE0, 0, 16] + Array("JFIF".utf8) + [0, 10, 13, 45, 45, 10]

    private struct Part {
        var name: String
        var file: String?
        var bytes: [UInt8]
        var type = "image/jpeg"
    }

    /// As browsers write it (RFC 7578).
    private static func body(_ parts: [Part]) -> [UInt8] {
        parts.flatMap { part in
            let file = part.file.map { "; filename=\"\($0)\"\r\nContent-Type: \(part.type)" } ?? ""
            return Array("--XyZ\r\nContent-Disposition: form-data; name=\"\(part.name)\"\(file)\r\n\r\n".utf8)
                + part.bytes + [13, 10]
        } + Array("--XyZ--\r\n".utf8)
    }

    private static func stamp(_ site: Site, _ client: Client) async throws -> Part {
        let page = try await site.get(client, "/ask", as: nil)
        let stamp = try #require(page.text.firstMatch(of: /name="stamp" value="([^"]+)"/)).1
        return Part(name: "stamp", bytes: Array(stamp.utf8))
    }

    private static func words(_ text: String, email: String = "a@b.example") -> [Part] {
        [Part(name: "text", bytes: Array(text.utf8)), Part(name: "email", bytes: Array(email.utf8))]
    }

    private static func send(_ client: Client, _ parts: [Part], length: Int? = nil) async throws -> Page {
        var headers: HTTPFields = [.contentType: "multipart/form-data; boundary=XyZ"]
        let body = Self.body(parts)
        headers[.contentLength] = String(length ?? body.count)
        return try await client.send("/ask", .post, headers, bytes: body)
    }

    private static func inquiries(_ site: Site) async throws -> [Inquiry] {
        try await site.ledger.inquiries(InquiryFilter(), seenBy: .all).rows.sorted { $0.number < $1.number }
    }

    @Test func aPhotoOfTheFormIsFetchedByWhomItConcernsAndNoOneElse() async throws {
        try await Site.open { site, client in
            try await site.align()
            let parts =
                try await [Self.stamp(site, client)]
                + Self.words("The pump broke, a burn. [dosing][adverse_event] – \u{E4}")
                + [
                    Part(name: "files", file: "burn.jpg", bytes: Self.photo),
                    Part(name: "files", file: "", bytes: [], type: "application/octet-stream"),
                ]
            let sent = try await Self.send(client, parts)
            #expect(sent.status == 303, "\(sent.text)")
            // Sent twice it is one.
            let again = try await Self.send(client, parts)
            #expect(again.status == 303)
            let inquiry = try #require(try await Self.inquiries(site).first)
            #expect(try await Self.inquiries(site).count == 1 && inquiry.body.hasSuffix("– \u{E4}"))
            let file = try #require(try await site.ledger.files(ofInquiry: inquiry.number, seenBy: .all).first)
            let path = "/inbox/\(inquiry.number)/files/\(file.number)"

            let page = try await site.get(client, "/inbox/\(inquiry.number)", as: .safety)
            #expect(page.text.contains("href=\"\(path)\"") && page.text.contains("JPEG picture, 16 bytes"))
            #expect(HTMLCheck(page.text).problems.isEmpty, "\(HTMLCheck(page.text).problems)")
            for role in Role.allCases {
                let answer = try await site.get(client, path, as: role)
                // What is medical is for medical eyes; the rest does not even learn that it exists.
                let may: Set<Role> = [.medical, .safety, .compliance]
                #expect((answer.status == 200) == may.contains(role), "\(role) \(answer.status)")
                if answer.status != 200 { #expect(answer.bytes.count < 4_000 && !answer.text.contains("JFIF")) }
            }
            let fetched = try await site.get(client, path, as: .safety)
            #expect(fetched.bytes == Self.photo && fetched.headers[.contentType] == "image/jpeg")
            #expect(
                fetched.headers[.contentDisposition] == "attachment; filename=\"burn.jpg\"; filename*=UTF-8''burn.jpg")
            #expect(fetched.headers[.contentTypeOptions] == "nosniff")
            #expect(fetched.headers[.contentSecurityPolicy]?.hasPrefix("sandbox; default-src 'none'") == true)
            let nobody = try await site.get(client, path, [.cookie: ""])
            #expect(nobody.status == 303)
            // Under another inquiry's number it is not there.
            let other = try await site.ask("x", "how much [price]")
            let elsewhere = try await site.get(client, "/inbox/\(other.number)/files/\(file.number)", as: .compliance)
            #expect(elsewhere.status == 404)
        }
    }

    @Test func aFormWithHostileFilesComesBackWithItsWords() async throws {
        try await Site.open(published: false) { site, client in
            let page = Array("<html><script>alert(1)</script></html>".utf8)
            let big = [UInt8](repeating: 0, count: AttachedFile.longest + 1)
            let cases: [([Part], Int, String)] = [
                ([Part(name: "files", file: "photo.jpg", bytes: page)], 422, "neither picture"),
                ([Part(name: "files", file: "x.exe", bytes: Array("MZ\u{90}\0".utf8))], 422, "neither picture"),
                ([Part(name: "files", file: "big.jpg", bytes: Self.photo + big)], 422, "too large or too many"),
                (
                    (0..<6).map { Part(name: "files", file: "\($0).jpg", bytes: Self.photo) }, 422,
                    "too large or too many"
                ),
            ]
            for (files, status, said) in cases {
                let sent = try await Self.send(
                    client, [Self.stamp(site, client)] + Self.words("words that come back") + files)
                #expect(sent.status == status && sent.text.contains(said), "\(said)")
                #expect(sent.text.contains("words that come back") && sent.text.contains("aria-invalid=\"true\""))
                #expect(HTMLCheck(sent.text).problems.isEmpty)
            }
            // Thirty megabytes: refused by what is announced, and by what comes when nothing true is announced.
            let huge = [UInt8](repeating: 65, count: 30_000_000)
            let parts =
                try await [Self.stamp(site, client)] + Self.words("x") + [
                    Part(name: "files", file: "h.jpg", bytes: huge)
                ]
            for length in [nil, 100] {
                let sent = try await Self.send(client, parts, length: length)
                #expect(sent.status == 413 && sent.text.contains("too large or too many"))
            }
            // No form at all, no boundary, a form within a form.
            for (type, body) in [
                ("multipart/form-data", "x"), ("multipart/form-data; boundary=", "x"),
                ("multipart/form-data; boundary=XyZ", "no part"),
                (
                    "multipart/form-data; boundary=XyZ",
                    "--XyZ\r\nContent-Disposition: form-data; name=\"text\"\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n--XyZ--\r\n"
                ),
            ] {
                let sent = try await client.send("/ask", .post, [.contentType: type], body)
                #expect(sent.status == 422)
            }
            #expect(try await Self.inquiries(site).isEmpty)
        }
    }

    @Test func theNameOfAFileIsWordsOnThePageAndInTheHeader() async throws {
        try await Site.open { site, client in
            try await site.align()
            let names = [
                "../../etc/<script>alert(1)</script>.jpg", "a%0D%0ASet-Cookie: x.jpg", "Gr\u{FC}\u{DF}e 1.jpg",
            ]
            let files = names.map { Part(name: "files", file: $0, bytes: Self.photo) }
            let sent = try await Self.send(client, [Self.stamp(site, client)] + Self.words("[order]") + files)
            #expect(sent.status == 303, "\(sent.text)")
            let inquiry = try #require(try await Self.inquiries(site).first)
            let page = try await site.get(client, "/inbox/\(inquiry.number)", as: .insideSales)
            #expect(!page.text.contains("<script>alert") && HTMLCheck(page.text).problems.isEmpty)
            let kept = try await site.ledger.files(ofInquiry: inquiry.number, seenBy: .all)
            #expect(kept.map(\.name) == ["script.jpg", "aSet-Cookie x.jpg", "Gr\u{FC}\u{DF}e 1.jpg"])
            for file in kept {
                let answer = try await site.get(
                    client, "/inbox/\(inquiry.number)/files/\(file.number)", as: .insideSales)
                let header = answer.headers[.contentDisposition] ?? ""
                #expect(
                    answer.status == 200 && header.hasPrefix("attachment; filename=\"")
                        && header.utf8.allSatisfy { $0 >= 32 && $0 < 127 })
                #expect(answer.headers[.setCookie] == nil)
            }
        }
    }

    /// A mail brings what a form would refuse: it is kept as evidence, and leaves as what it is.
    @Test func whatAMailBringsIsKeptAndLeavesAsBytes() async throws {
        try await Site.open { site, client in
            try await site.align()
            let mail = """
                From: a@b.example
                Message-ID: <m1@b.example>
                Subject: [order]
                Content-Type: multipart/mixed; boundary=b1

                --b1
                Content-Type: text/plain

                See the list.
                --b1
                Content-Type: image/jpeg; name="photo.jpg"
                Content-Disposition: attachment

                <html><script>alert(1)</script></html>
                --b1--
                """
            let (_, secret) = try await site.ledger.createKey(name: "mail", scopes: [.writeMail], by: .system)
            try await site.ring.refresh()
            let taken = try await client.send(
                "/v1/mail/inbound", .post,
                [.authorization: "Bearer \(secret)", .contentType: "message/rfc822"],
                mail.replacing("\n", with: "\r\n"))
            #expect(taken.status == 200, "\(taken.text)")
            let inquiry = try #require(try await Self.inquiries(site).first)
            let file = try #require(try await site.ledger.files(ofInquiry: inquiry.number, seenBy: .all).first)
            let page = try await site.get(client, "/inbox/\(inquiry.number)", as: .insideSales)
            #expect(page.text.contains("not what its name says"))
            let answer = try await site.get(client, "/inbox/\(inquiry.number)/files/\(file.number)", as: .insideSales)
            #expect(answer.headers[.contentType] == "application/octet-stream")
            #expect(answer.headers[.contentDisposition]?.contains("filename=\"photo.jpg.bin\"") == true)
        }
    }

    @Test func theHCPsTimelineLinksToWhatThePersonMayFetch() async throws {
        try await Site.open { site, client in
            try await site.align()
            var draft = InquiryDraft(
                source: "mail", sourceID: "f", channel: .email, receivedAt: site.clock.now, body: "a burn [dosing]")
            (draft.hcpID, draft.identifiedBy) = ("H1", .reply)
            draft.files = [
                AttachedFile(name: "burn.jpg", bytes: Self.photo),
                AttachedFile(name: "cut.jpg", bytes: Self.photo, isCut: true),
            ]
            let number = try await InquiryDesk(
                ledger: site.ledger, rules: InquiryRules(), reader: InquiryMarks.read
            ).take(draft).number
            let medical = try await site.get(client, "/hcps/H1", as: .medical)
            #expect(medical.text.contains("href=\"/inbox/\(number)/files/") && medical.text.contains("burn.jpg"))
            #expect(!medical.text.contains("cut.jpg") && HTMLCheck(medical.text).problems.isEmpty)
            let rep = try await site.get(client, "/hcps/H1", as: .rep)
            #expect(!rep.text.contains("burn.jpg") && !rep.text.contains("/files/"))
        }
    }

    @Test func filesOfAllTogetherAreBounded() {
        let door = AskGuard()
        var rules = InquiryRules.Form()
        (rules.perMinute, rules.perAddressHour) = (10_000, 10_000)
        let full = (0..<100).count {
            door.take("10.0.0.\($0)", bytes: AttachedFile.longestTogether, now: 0, rules: rules) == nil
        }
        #expect(full == Int(AskGuard.filesAnHour) / AttachedFile.longestTogether)
        // Words without files still come through, and room fills again.
        #expect(door.take("10.0.1.1", now: 0, rules: rules) == nil)
        let wait = door.take("10.0.1.2", bytes: AttachedFile.longestTogether, now: 0, rules: rules)
        #expect(wait.map { (1...3_600).contains($0) } == true)
        let later = Int64(wait ?? 0) * 1_000_000 + 1_000_000
        #expect(door.take("10.0.1.2", bytes: AttachedFile.longestTogether, now: later, rules: rules) == nil)
        #expect((0..<20).count { _ in door.beginUpload() } == AskGuard.mostUploads)
        door.endUpload()
        #expect(door.beginUpload() && !door.beginUpload())
    }
}
