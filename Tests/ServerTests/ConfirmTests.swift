import EngagementModel
import HTTPTypes
import Ledger
import Testing

@testable import Server

/// The second yes of a double opt-in: opening the link changes nothing, the button confirms once, a later no stands.
struct ConfirmTests {
    private static let pending = Consent(
        consentID: "web-1", hcpID: "H1", channel: .email, address: "keller@example.org", purpose: .promotional,
        status: .pending, capturedAt: 1_700_000_000_000_000)

    private static func path(_ site: Site, _ id: String = "web-1", _ action: LinkToken.Action = .confirm) async throws
        -> String
    {
        let token = LinkToken(action: action, subject: id, expiresAt: site.clock.now + 86_400_000_000)
        return "/c/" + (try token.signed(with: try await site.ledger.linkKey()))
    }

    private static func open(_ body: (Site, Client) async throws -> Void) async throws {
        try await Site.open { site, client in
            try await site.ledger.registerRecipients(
                [Recipient(hcpID: "H1", country: "DE", zone: "Europe/Berlin", language: "de")])
            try await site.ledger.recordConsent(
                pending, evidence: ConsentEvidence(means: .webForm, language: "de"), by: Principal(id: "test"))
            try await body(site, client)
        }
    }

    @Test func openingItChangesNothingAndTheButtonConfirmsOnce() async throws {
        try await Self.open { site, client in
            let path = try await Self.path(site)
            #expect(try await site.ledger.pendingConsents().map(\.consentID) == ["web-1"])
            for method in [HTTPRequest.Method.get, .head, .get] {
                #expect(try await client.send(path, method, [:], "").status == 200)
            }
            let page = try await site.get(client, path)
            #expect(page.text.contains("Bitte bestätigen Sie") && page.text.contains("Produktinformation"))
            #expect(!page.text.contains("keller@") && HTMLCheck(page.text).problems.isEmpty)
            #expect(try await site.ledger.consents(ofHCP: "H1").map(\.status) == [.pending])
            for _ in 0..<2 {
                let done = try await site.post(client, path, as: nil, [], csrf: nil)
                #expect(done.status == 200 && done.text.contains("bestätigt") && !done.text.contains("<form"))
            }
            let consents = try await site.ledger.consents(ofHCP: "H1")
            #expect(Set(consents.map(\.status)) == [.pending, .optIn] && consents.count == 2)
            #expect(consents.allSatisfy { $0.address == "keller@example.org" })
            let proof = try await site.ledger.evidence(ofConsent: "web-1/confirmed")
            #expect(proof?.means == .link && proof?.confirms == "web-1" && proof?.textHash?.count == 32)
            #expect(try await site.ledger.pendingConsents().isEmpty)
            #expect(try await site.get(client, path).text.contains("bestätigt"))
            // Taken back later, the link no longer says that it holds.
            var no = Self.pending
            (no.consentID, no.status, no.capturedAt) = ("no-2", .optOut, site.clock.now + 1)
            try await site.ledger.recordConsent(no, evidence: ConsentEvidence(means: .link), by: Principal(id: "test"))
            #expect(try await site.get(client, path).text.contains("spätere Entscheidung"))
        }
    }

    @Test func aLaterNoStands() async throws {
        try await Self.open { site, client in
            var no = Self.pending
            (no.consentID, no.status, no.capturedAt) = ("no-1", .optOut, Self.pending.capturedAt + 1)
            try await site.ledger.recordConsent(
                no, evidence: ConsentEvidence(means: .verbal), by: Principal(id: "test"))
            for answer in [
                try await site.get(client, try await Self.path(site)),
                try await site.post(client, try await Self.path(site), as: nil, [], csrf: nil),
            ] {
                #expect(answer.text.contains("spätere Entscheidung") && !answer.text.contains("<form"))
            }
            #expect(try await site.ledger.consents(ofHCP: "H1").count == 2)
            #expect(try await site.ledger.pendingConsents().isEmpty)
        }
    }

    @Test func wrongLinksOpenNothing() async throws {
        try await Self.open { site, client in
            let good = try await Self.path(site)
            let others = [
                good + "x", "/c/nothing", try await Self.path(site, "web-2"),
                try await Self.path(site, "web-1", .preferences),
            ]
            for path in others {
                #expect(try await site.get(client, path).status == 404)
                #expect(try await site.post(client, path, as: nil, [], csrf: nil).status == 404)
            }
            site.clock.advance(seconds: 2 * 86_400)
            #expect(try await site.get(client, good).status == 410)
            #expect(try await site.post(client, good, as: nil, [], csrf: nil).status == 410)
            #expect(try await site.ledger.consents(ofHCP: "H1").map(\.status) == [.pending])
        }
    }
}
