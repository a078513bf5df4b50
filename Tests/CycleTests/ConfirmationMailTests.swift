import Cycle
import Delivery
import EngagementModel
import Foundation
import Ledger
import Logging
import TestSupport
import Testing

/// The second yes of a double opt-in is asked for once, by mail, and never where nobody may write.
@Suite struct ConfirmationMailTests {
    private static let asOf = Day(year: 2026, month: 6, day: 1)
    private static let day: Int64 = 86_400_000_000
    /// 2026-06-02 14:00 UTC.
    private static let start = Int64(Day(year: 2026, month: 6, day: 2).number) * day + 50_400_000_000

    /// The demo's company with a sandbox, and what lies in it.
    private struct Office {
        let workspace: Workspace
        let ledger: Ledger
        let folder: TemporaryFolder

        var sandbox: URL { folder.url.appending(path: "sent") }

        func engagement() -> Engagement {
            Engagement(workspace: workspace, ledger: ledger, desk: nil, now: now)
        }
        var now: @Sendable () -> Int64 { { start } }

        func worker(_ engagement: Engagement) async throws -> DeliveryWorker {
            let profile = try MailProfile(
                from: MailAddress("hello@engage.example.com"), returnDomain: "engage.example.com",
                postalAddress: "Musterweg 1, 10115 Berlin", baseURL: "https://rapport-demo.example")
            let links = try await LinkMint(baseURL: "https://rapport-demo.example", ledger: ledger)
            let adapter = try SandboxAdapter(
                folder: sandbox.path, writer: MailWriter(profile: profile, links: links), channels: [.email], now: now)
            return DeliveryWorker(
                desk: ClaimDesk(ledger: ledger, policy: workspace.claimPolicy), adapters: [adapter],
                composer: engagement, name: "test", now: now,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        }

        /// Mails that ask, of everything that was written.
        func asking() async throws -> [MIMEPart] {
            let names = try FileManager.default.contentsOfDirectory(atPath: sandbox.path).sorted()
            var found: [MIMEPart] = []
            for name in names where name.hasSuffix(".eml") {
                let number = Int64(name.prefix { $0 != "." }) ?? 0
                guard try await ledger.claim(number)?.key.campaign == ClaimKey.confirmations else { continue }
                found.append(MIMEPart(Array(try Data(contentsOf: sandbox.appending(path: name)))))
            }
            return found
        }

        func claims() async throws -> [String: ClaimState] {
            var states: [String: ClaimState] = [:]
            for state in ClaimState.allCases {
                for claim in try await ledger.claims(in: state, limit: 10_000)
                where claim.key.campaign == ClaimKey.confirmations { states[claim.key.step] = state }
            }
            return states
        }

        func wait(_ id: String, _ hcp: String, channel: Channel = .email, address: String?, days: Int64 = 1)
            async throws
        {
            try await ledger.recordConsent(
                Consent(
                    consentID: id, hcpID: hcp, channel: channel, address: address, purpose: .educational,
                    status: .pending, basis: .consent, capturedAt: start - days * day),
                evidence: ConsentEvidence(means: .webForm, language: "de"), by: .system)
        }

        /// The consent of the link in a mail.
        func consent(_ mail: MIMEPart) async throws -> String? {
            let text = mail.all.first { $0.type == "text/plain" }?.text ?? ""
            let links = text.matches(of: /https:\/\/[^\s]+/).map { String($0.0) }
            // One way to go: the page that asks.
            guard links.count == 1, let token = links[0].firstMatch(of: /\/c\/([A-Za-z0-9_.-]+)$/)?.1,
                case .valid(let link) = LinkToken.read(
                    String(token), keys: [try await ledger.linkKey()], now: start + 29 * day),
                link.action == .confirm
            else { return nil }
            return link.subject
        }
    }

    private static func with(_ body: (Office, [String]) async throws -> Void) async throws {
        let folder = try TemporaryFolder()
        let root = folder.url.appending(path: "company")
        _ = try WorkspaceTemplate.create(.demo, at: root, hcps: 300, reps: 3, seed: 9, endingOn: asOf)
        let workspace = try #require(Workspace.read(at: root).workspace)
        _ = try await CycleRun(workspace: workspace, request: RunRequest(asOf: asOf), now: { start }).perform()
        let ledger = try workspace.openLedger(now: { start })
        defer { try? ledger.close() }
        // Who has nothing on record: the demo's own consents must not decide.
        var people: [String] = []
        let everybody = try await DecisionBook(workspace: workspace, now: { start }).decisions(
            DecisionFilter(includesNoTouch: true))
        for hcp in Set(everybody.map(\.hcpID)).sorted() where people.count < 9 {
            if try await ledger.consents(ofHCP: hcp).allSatisfy({ $0.channel != .email }) { people.append(hcp) }
        }
        try #require(people.count == 9)
        try await body(Office(workspace: workspace, ledger: ledger, folder: folder), people)
    }

    @Test func whoWaitsIsAskedOnceAndAnswersOnce() async throws {
        try await Self.with { office, people in
            let ledger = office.ledger
            try await office.wait("waits", people[0], address: "dr.a@praxis.example")
            // Nobody is asked who may not be written to, who has said no since, or of long ago; or about another way.
            try await office.wait("suppressed", people[1], address: "dr.b@praxis.example")
            try await ledger.suppress(
                address: "DR.B@praxis.example", channel: .email, .promotional, cause: .complaint, by: .system)
            try await office.wait("refused", people[2], address: "dr.c@praxis.example", days: 2)
            try await ledger.recordConsent(
                Consent(
                    consentID: "no", hcpID: people[2], channel: .email, purpose: .educational, status: .optOut,
                    capturedAt: Self.start - Self.day), evidence: ConsentEvidence(means: .verbal), by: .system)
            try await office.wait("old", people[3], address: "dr.d@praxis.example", days: 31)
            try await office.wait("texts", people[4], channel: .sms, address: "+49 30 1234567")
            let engagement = office.engagement()
            let worker = try await office.worker(engagement)
            let first = try #require(try await engagement.round())
            // The demo has pending consents of its own.
            let own = first.confirmations - 1
            try await worker.drain()
            let mails = try await office.asking()
            var asked: [String] = []
            for mail in mails { asked.append(try #require(try await office.consent(mail))) }
            #expect(mails.count == own + 1 && Set(asked).count == asked.count)
            #expect(Set(asked).intersection(["waits", "suppressed", "refused", "old", "texts"]) == ["waits"])
            let mail = try #require(zip(asked, mails).first { $0.0 == "waits" }?.1)
            #expect(mail["to"]?.contains("dr.a@praxis.example") == true && mail["list-unsubscribe"] == nil)
            let text = mail.all.first { $0.type == "text/plain" }?.text ?? ""
            #expect(text.contains(office.workspace.settings.name) && mail.all.allSatisfy { $0.type != "text/html" })
            // Not by another round, not by another process.
            for again in [engagement, office.engagement()] {
                #expect(try await again.round()?.confirmations == 0)
                try await worker.drain()
            }
            #expect(try await office.asking().count == mails.count)
            // The page's button, and nothing after it.
            let proof = ConsentEvidence(means: .link, language: "de")
            #expect(try await ledger.confirmConsent(pending: "waits", evidence: proof, by: Principal(id: "hcp:x")))
            #expect(try await ledger.currentConsents(ofHCP: people[0]).contains { $0.status == .optIn })
            #expect(try await office.engagement().round()?.confirmations == 0)
            try await worker.drain()
            #expect(try await office.asking().count == mails.count)
        }
    }

    @Test func aKillInBetweenSendsNoSecondAndAnAnswerEndsTheQuestion() async throws {
        try await Self.with { office, people in
            for (id, hcp) in zip(["killed", "answered", "blocked"], people) {
                try await office.wait(id, hcp, address: "\(id)@praxis.example")
            }
            let engagement = office.engagement()
            _ = try await engagement.round()
            let claims = try await office.ledger.claims(in: .claimed, limit: 10_000)
                .filter { $0.key.campaign == ClaimKey.confirmations }
            let killed = try #require(claims.first { $0.key.step == "killed" })
            // The process dies with the mail in its hands: whether it went out is known to nobody.
            let desk = ClaimDesk(ledger: office.ledger, policy: office.workspace.claimPolicy)
            _ = try await desk.beginSending([(killed.number, "killed@praxis.example")], worker: "dead")
            // Meanwhile one has answered by another way, and one has complained.
            try await office.ledger.confirmConsent(
                pending: "answered", evidence: ConsentEvidence(means: .link), by: .system)
            try await office.ledger.suppress(
                address: "blocked@praxis.example", channel: .email, .promotional, cause: .optOut, by: .system)
            let worker = try await office.worker(office.engagement())
            try await worker.recover()
            try await worker.drain()
            #expect(try await office.engagement().round()?.confirmations == 0)
            try await worker.drain()
            let states = try await office.claims()
            #expect(states["killed"] == .uncertain && states["answered"] == .failed && states["blocked"] == .failed)
            for mail in try await office.asking() {
                let about = try await office.consent(mail) ?? ""
                #expect(!["killed", "answered", "blocked"].contains(about))
            }
        }
    }
}
