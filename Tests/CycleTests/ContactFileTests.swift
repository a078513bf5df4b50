import Cycle
import EngagementModel
import Foundation
import Ledger
import TestSupport
import Testing

/// `contact.yaml`: caps and gaps by product, purpose and sender, double opt-in and legal bases, as the claim holds them.
@Suite struct ContactFileTests {
    private static func read(_ text: String) throws -> WorkspaceReading {
        let folder = try TemporaryFolder()
        try folder.write("name: Test\n", to: "rapport.yaml")
        try folder.write(
            "horizon_days: 5\nconsent: {email: opt_in}\nquiet_hours: {start: \"03:00\", end: \"03:01\"}\n",
            to: "strategy.yaml")
        try folder.write("consent: {email: opt_in}\n", to: "markets/DE.yaml")
        try folder.write(text, to: "contact.yaml")
        return Workspace.read(at: folder.url)
    }

    private static let file = """
        rules:
          - {max: 1, window: 30d, each: product}
          - {min: 7d, purpose: promotional, sender: [R1, R2], each: sender, channels: [email_rep]}
          - {max: 2, window: 7d, product: [P3]}
        double_opt_in: {all: [sms], DE: [email]}
        bases: {all: {promotional: [consent]}, DE: {educational: [consent, contract]}}
        """

    @Test func everyKeyHasItsPlace() throws {
        let policy = try #require(try Self.read(Self.file).workspace).claimPolicy
        for market in ["", "DE"] {
            let terms = try #require(policy.markets[market])
            let rules = Array(terms.rules.suffix(3))
            #expect(rules[0].sameProduct && rules[0].limit == .cap(max: 1, window: Span(seconds: 30 * 86_400)))
            #expect(rules[1].sameSender && rules[1].senders == ["R1", "R2"] && rules[1].purposes == [.promotional])
            #expect(rules[1].limit == .gap(Span(seconds: 7 * 86_400)) && rules[1].channels == [.emailRep])
            #expect(rules[2].products == ["P3"] && !rules[2].sameProduct)
            #expect(terms.doubleOptIn == (market == "DE" ? [.sms, .email] : [.sms]))
            #expect(terms.bases[.promotional] == [.consent])
            #expect(terms.bases[.educational] == (market == "DE" ? [.consent, .contract] : nil))
        }
        #expect(policy.reachDays == 30)
        let plain = try #require(try Self.read("").workspace)
        #expect(plain.contact == ContactTerms() && plain.contact.asksByMail)
        #expect(try Self.read("confirmation_mail: false\n").workspace?.contact.asksByMail == false)
        #expect(try Self.read("confirmation_mail: perhaps\n").diagnostics.contains { $0.severity == .error })
    }

    /// What the file says is what the claim does.
    @Test func theClaimHoldsIt() async throws {
        let policy = try #require(try Self.read(Self.file).workspace).claimPolicy
        let now: Int64 = 1_780_300_800_000_000
        let ledger = try Ledger.inMemory(now: { now })
        try await ledger.registerRecipients([
            Recipient(hcpID: "h1", zone: "UTC"), Recipient(hcpID: "h2", market: "DE", zone: "UTC"),
        ])
        try await ledger.registerContent(
            ["a", "b"].map {
                ContentApproval(contentID: $0, version: "1", purpose: .promotional, state: .approvedForDistribution)
            }, by: .system)
        func optIn(_ hcp: String) -> Consent {
            Consent(
                consentID: hcp, hcpID: hcp, channel: .email, purpose: .promotional, status: .optIn, basis: .consent,
                capturedAt: 1)
        }
        var consents = ConsentColumns()
        consents.append(optIn("h1"))
        _ = try await ledger.recordConsents(consents)
        try await ledger.recordConsent(optIn("h2"), evidence: ConsentEvidence(means: .verbal), by: .user(1))
        let desk = ClaimDesk(ledger: ledger, policy: policy)
        func ask(_ step: String, _ content: String, _ product: String, hcp: String = "h1") async throws -> ClaimOutcome
        {
            try await desk.claim(
                ClaimRequest(
                    key: ClaimKey(campaign: "c", step: step), hcpID: hcp, channel: .email,
                    address: "\(hcp)@example.org", purpose: .promotional, productID: product, contentID: content,
                    contentVersion: "1"))
        }
        func granted(_ outcome: ClaimOutcome) -> Bool { if case .claimed = outcome { true } else { false } }
        func reason(_ outcome: ClaimOutcome) -> ClaimRefusal? {
            if case .refused(let reason, _) = outcome { reason } else { nil }
        }
        #expect(granted(try await ask("1", "a", "P1")))
        // Another content of the same product: one in thirty days. Of another product: free.
        #expect(reason(try await ask("2", "b", "P1")) == .capReached)
        #expect(granted(try await ask("3", "b", "P2")))
        // An opt-in that Rapport took down and nobody confirmed is none in Germany.
        #expect(reason(try await ask("4", "a", "P1", hcp: "h2")) == .optInUnconfirmed)
    }

    @Test(arguments: [
        ("rules: [{max: 3}]", "missing_key"), ("rules: [{min: 3d, max: 1}]", "missing_key"),
        ("rules: [{min: 3d, each: week}]", "unknown_value"), ("rules: [{min: 3d, purpose: fun}]", "unknown_value"),
        ("double_opt_in: {FR: [email]}", "unknown_value"), ("double_opt_in: {all: [emial]}", "unknown_channel"),
        ("bases: {all: {promotional: [hope]}}", "unknown_value"), ("bases: {all: {fun: [consent]}}", "unknown_value"),
        ("ruls: []", "unknown_key"),
    ])
    func aMistakeIsSaid(_ text: String, _ code: String) throws {
        let reading = try Self.read(text)
        #expect(reading.diagnostics.contains { $0.code == code && $0.file == "contact.yaml" && $0.line == 1 })
        #expect(reading.workspace == nil)
    }
}
