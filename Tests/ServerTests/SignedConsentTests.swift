import EngagementModel
import Foundation
import HTTPTypes
import Ledger
import Testing
import Words

@testable import Server

/// Consent that is given in front of a rep: who may take it, what it is worth, who sees the signature, and its end.
struct SignedConsentTests {
    /// A PNG of one pixel.
    private static let signature = Array(
        Data(
            base64Encoded:
                "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=")!)
    private static let path = "/hcps/H1/consents"

    private static func open(
        secondYes: [String: Set<Channel>] = [:], _ body: (Site, Client) async throws -> Void
    ) async throws {
        try await Site.open(change: {
            $0.company = "Acme Pharma"
            $0.doubleOptIn = secondYes
        }) { site, client in
            try await site.align()
            try await body(site, client)
        }
    }

    private static func stamp(_ site: Site, _ client: Client, _ role: Role = .rep, _ path: String = path) async throws
        -> String
    {
        let page = try await site.get(client, path, as: role)
        return String(try #require(page.text.firstMatch(of: /name="stamp" value="([^"]+)"/)).1)
    }

    private static func send(
        _ site: Site, _ client: Client, _ fields: [(String, String)], image: [UInt8]? = signature, as role: Role = .rep,
        path: String = path, csrf: String? = nil
    ) async throws -> Page {
        var body: [UInt8] = []
        for (name, value) in fields + [("csrf", csrf ?? site.csrf(role))] {
            body += "--XyZ\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n".utf8
        }
        let name = image == nil ? "" : "signature.png"
        body += "--XyZ\r\nContent-Disposition: form-data; name=\"signature\"; filename=\"\(name)\"\r\n\r\n".utf8
        body += (image ?? []) + Array("\r\n--XyZ--\r\n".utf8)
        return try await client.send(
            path, .post, [.contentType: "multipart/form-data; boundary=XyZ", .cookie: site.cookie(role)], bytes: body)
    }

    @Test func whatIsSignedIsRecordedOnceWithItsEvidence() async throws {
        try await Self.open { site, client in
            let page = try await site.get(client, Self.path, as: .rep)
            #expect(page.text.contains("dass Acme Pharma mich") && page.text.contains("Unterschrift"))
            #expect(HTMLCheck(page.text).problems.isEmpty, "\(HTMLCheck(page.text).problems)")
            let french = try await site.get(client, Self.path + "?lang=fr", as: .rep)
            #expect(french.text.contains("Acme Pharma me contacte") && french.text.contains("lang=\"fr\""))
            let fields = [
                ("stamp", try await Self.stamp(site, client)), ("lang", "de"), ("means", "signature"),
                ("allow.email.promotional", "yes"), ("allow.phone.educational", "yes"), ("product", "P1"),
            ]
            for _ in 0..<2 {
                let saved = try await Self.send(site, client, fields)
                #expect(saved.status == 303 && saved.location == Self.path + "?saved=yes", "\(saved.text)")
                site.clock.advance(seconds: 60)
            }
            let consents = try await site.ledger.consents(ofHCP: "H1").sorted { $0.consentID < $1.consentID }
            #expect(consents.count == 2 && consents.allSatisfy { $0.status == .optIn && $0.productID == "P1" })
            #expect(consents.allSatisfy { $0.textVersion == "signed-1-de" && $0.basis == .consent })
            for (place, consent) in consents.enumerated() {
                let proof = try #require(try await site.ledger.evidence(ofConsent: consent.consentID))
                #expect(proof.means == .signature && proof.language == "de" && proof.textHash?.count == 32)
                // One picture, under every choice.
                #expect((proof.signature == Self.signature) == (place == 0) && proof.signatureHash?.count == 32)
            }
            // Shown back, from every row, and the trail says to whom.
            let history = try await site.get(client, Self.path, as: .compliance)
            #expect(history.status == 200 && !history.text.contains("<canvas"))
            let pictures = history.text.matches(of: /src="([^"]+\/signature)"/).map { String($0.1) }
            #expect(pictures.count == 2 && history.text.contains("Uma rep") && history.text.contains("Cardexa"))
            for picture in pictures {
                let image = try await client.send(picture, .get, [.cookie: site.cookie(.compliance)], "")
                #expect(image.status == 200 && image.headers[.contentType] == "image/png")
                #expect(image.headers[.contentSecurityPolicy]?.hasPrefix("sandbox") == true)
            }
            #expect(try await site.get(client, "/hcps/H1", as: .rep).text.contains("href=\"\(Self.path)\""))
            // Gone with the person.
            let number = pictures[0].split(separator: "/").dropLast().last.flatMap { Int64($0) } ?? 0
            let viewer = Principal(id: "test")
            #expect(try await site.ledger.signature(ofConsent: number, hcpID: "H1", by: viewer) == Self.signature)
            #expect(try await site.ledger.signature(ofConsent: number, hcpID: "H2", by: viewer) == nil)
            let pseudonym = try await site.ledger.eraseSubject("H1", by: .system).pseudonym
            for name in ["H1", pseudonym] {
                #expect(try await site.ledger.signature(ofConsent: number, hcpID: name, by: viewer) == nil)
            }
            #expect(try await site.get(client, Self.path, as: .rep).status == 404)
        }
    }

    @Test func onlyWhoIsInChargeMayTakeIt() async throws {
        try await Self.open { site, client in
            let fields = [
                ("stamp", try await Self.stamp(site, client)), ("means", "verbal"), ("allow.email.medical", "yes"),
            ]
            // Somebody else's HCP does not exist; roles without the right are told so; a forged form is none.
            #expect(try await site.get(client, "/hcps/H3/consents", as: .rep).status == 404)
            #expect(try await Self.send(site, client, fields, path: "/hcps/H3/consents").status == 404)
            for role in Role.allCases where role != .rep && role != .msl {
                #expect(try await Self.send(site, client, fields, as: role).status == 403, "\(role)")
            }
            for role in [Role.owner, .marketer, .analyst, .admin, .service] {
                #expect(try await site.get(client, Self.path, as: role).status == 403, "\(role)")
            }
            #expect(try await Self.send(site, client, fields, csrf: "x").status == 403)
            #expect(try await site.get(client, Self.path).status == 303)
            // A manager looks, and has no form.
            let manager = try await site.get(client, Self.path, as: .manager)
            #expect(manager.status == 200 && !manager.text.contains("name=\"stamp\""))
            // Another HCP's form counts for nobody else.
            let other = try await Self.stamp(site, client, .rep, "/hcps/H2/consents")
            #expect(
                try await Self.send(site, client, [("stamp", other)] + fields.dropFirst()).status == 422)
            // Medical people take no consent to advertising.
            let medical = try await Self.stamp(site, client, .msl)
            let page = try await Self.send(
                site, client, [("stamp", medical), ("means", "verbal"), ("allow.email.promotional", "yes")], as: .msl)
            #expect(page.status == 422 && !page.text.contains("allow.email.promotional"))
            #expect(try await site.ledger.consents(ofHCP: "H1").isEmpty)
        }
    }

    @Test func whatIsIncompleteComesBackWithItsReason() async throws {
        try await Self.open { site, client in
            let stamp = ("stamp", try await Self.stamp(site, client))
            let choice = ("allow.email.promotional", "yes")
            let large = Self.signature + [UInt8](repeating: 0, count: Ledger.longestSignature)
            for (fields, image, words) in [
                ([stamp, ("means", "signature")], Self.signature, "at least one"),
                ([stamp, choice], Self.signature, "how the consent was given"),
                ([stamp, choice, ("means", "signature")], nil, "signature is missing"),
                ([stamp, choice, ("means", "signature")], Array("<svg onload=alert(1)>".utf8), "PNG or JPEG"),
                ([stamp, choice, ("means", "signature")], large, "larger than 256 kB"),
                ([stamp, choice, ("means", "verbal"), ("product", "P9")], nil, "no such product"),
                ([choice, ("means", "verbal")], nil, "open for too long"),
            ] as [([(String, String)], [UInt8]?, String)] {
                let page = try await Self.send(site, client, fields, image: image)
                #expect(page.status == 422 && page.text.contains(words), "\(words): \(page.status)")
                #expect(HTMLCheck(page.text).problems.isEmpty, "\(HTMLCheck(page.text).problems)")
            }
            // What was marked is still marked.
            let back = try await Self.send(site, client, [stamp, choice, ("means", "signature")], image: nil)
            #expect(
                back.text.contains("name=\"allow.email.promotional\" value=\"yes\"") && back.text.contains(" checked"))
            #expect(try await Self.send(site, client, [], image: .init(repeating: 0, count: 2_000_000)).status == 413)
            #expect(try await site.ledger.consents(ofHCP: "H1").isEmpty)
        }
    }

    /// Where the market asks for a second yes, a signature is one; what was only said waits for it.
    @Test func whatWasOnlySaidWaitsForTheSecondYes() async throws {
        try await Self.open(secondYes: ["": [.email]]) { site, client in
            func send(_ means: String) async throws {
                let sent = try await Self.send(
                    site, client,
                    [
                        ("stamp", try await Self.stamp(site, client)), ("means", means),
                        ("allow.email.educational", "yes"), ("allow.phone.educational", "yes"),
                    ])
                #expect(sent.status == 303)
            }
            try await send("verbal")
            let said = try await site.ledger.consents(ofHCP: "H1")
            #expect(
                Set(said.map { "\($0.channel.rawValue) \($0.status.rawValue)" }) == ["email pending", "phone opt_in"])
            #expect(try await site.ledger.pendingConsents().map(\.address) == ["a@example.org"])
            site.clock.advance(seconds: 60)
            try await send("signature")
            #expect(
                try await site.ledger.currentConsents(ofHCP: "H1").contains {
                    $0.channel == .email && $0.address == nil && $0.status == .optIn
                })
        }
    }

    /// A choice takes back by name what was refused more narrowly; another product's refusal stands.
    @Test func aSignedYesTakesBackWhatItCovers() {
        let now: Int64 = 1_780_000_000_000_000
        func no(_ id: String, address: String? = nil, product: String? = nil) -> Consent {
            Consent(
                consentID: id, hcpID: "H1", channel: .email, address: address, purpose: .promotional,
                productID: product, status: .optOut, capturedAt: now)
        }
        var draft = SignedConsent(language: "en")
        draft.cells = [.init(channel: .email, purpose: .promotional)]
        draft.means = .signature
        let held = [no("a", address: "x@y.example"), no("b", product: "P1"), no("c", product: "P2")]
        func subjects(_ product: String?) -> Set<String> {
            draft.productID = product
            let made = draft.consents(
                hcpID: "H1", stamp: "s", held: held, secondYes: [.email], address: { _ in nil }, now: now - 5)
            #expect(Set(made.map(\.consentID)).count == made.count && made.allSatisfy { $0.capturedAt == now + 1 })
            return Set(made.map { "\($0.address ?? "-") \($0.productID ?? "-")" })
        }
        #expect(subjects(nil) == ["- -", "x@y.example -", "- P1", "- P2"])
        #expect(subjects("P1") == ["- P1"])
    }
}
