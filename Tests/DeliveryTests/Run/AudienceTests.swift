import Crypto
import EngagementModel
import Foundation
import Ledger
import NIOHTTP1
import Testing

@testable import Delivery

/// Audiences of advertisers: nothing but digests leaves, only of those who consented, and whoever may not be there any
/// more is taken out by the next sync.
@Suite struct AudienceTests {
    private static func digest(_ hcp: String) -> String {
        SHA256.hash(data: Data(Office.address(hcp).utf8)).map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }

    private static func optOut(_ office: Office, _ hcp: String, _ channel: EngagementModel.Channel) async throws {
        try await office.ledger.recordConsent(
            Consent(
                consentID: "out-\(hcp)-\(channel)", hcpID: hcp, channel: channel, purpose: .promotional,
                status: .optOut, capturedAt: office.clock.now), evidence: ConsentEvidence(means: .reply), by: .system)
    }

    @Test func theDigestIsThatOfTheNormalisedAddress() {
        // echo -n jane.doe@example.org | sha256sum
        let known = "7f73355bf032dcbb8e5a3f51f1e4a8ba92ef1344de2d95382634cf91da6d6181"
        let made = AudienceDigest.email(" Jane.Doe@Example.org\t")
        #expect(made == known)
        #expect(AudienceDigest.email("+49 30 123") == nil && AudienceDigest.email("") == nil)
    }

    /// Joined by file; one opts out of advertisements, one of e-mail only, one is erased, one was never allowed.
    @Test func whoOptsOutLeavesWithTheNextSync() async throws {
        let office = try await Office(hcps: 5)
        try await Self.optOut(office, "h4", .ad)
        for hcp in ["h0", "h1", "h2", "h3"] { try await office.claim(hcp, channel: .ad) }
        await #expect(throws: Diagnostic.self) { try await office.claim("h4", channel: .ad) }
        let folder = try TemporaryFolder()
        let clock = office.clock
        let adapter = try FileAdapter(folder: folder.path, now: { clock.now })
        let worker = office.worker([adapter])
        try await worker.drain()
        #expect(try await worker.syncAudiences() == 0)
        let first = try #require(try adapter.endBatch().first)
        let text = try String(contentsOfFile: first, encoding: .utf8)
        #expect(!text.contains("@") && text.hasPrefix("message_key,email_sha256,"))
        for hcp in ["h0", "h1", "h2", "h3"] { #expect(text.contains(Self.digest(hcp))) }
        #expect(text.components(separatedBy: ",add\r\n").count == 5)

        try await Self.optOut(office, "h0", .ad)
        try await Self.optOut(office, "h1", .email)
        _ = try await office.ledger.eraseSubject("h2", addresses: [(.ad, Office.address("h2"))], by: .system)
        clock.advance(seconds: 60)
        #expect(try await worker.syncAudiences() == 2)
        let second = try String(contentsOfFile: #require(try adapter.endBatch().first), encoding: .utf8)
        #expect(second.contains(Self.digest("h0")) && second.contains(Self.digest("h2")))
        #expect(!second.contains(Self.digest("h1")) && !second.contains(Self.digest("h3")))
        #expect(second.components(separatedBy: ",remove\r\n").count == 3)
        // Once is enough; nothing of those who left stays behind.
        #expect(try await worker.syncAudiences() == 0)
        #expect(try await office.ledger.audienceSizes().map(\.members) == [2])
        // A content that is withdrawn takes everybody out.
        try await office.ledger.registerContent(
            [ContentApproval(contentID: "letter", version: "1", purpose: .promotional, state: .withdrawn)], by: .system)
        #expect(try await worker.syncAudiences() == 2)
    }

    @Test func aRemovalByWebhookIsTriedUntilTheOtherSideKnows() async throws {
        let office = try await Office()
        let receiver = try await WebhookReceiver([200, 500, 0, 200])
        let clock = office.clock
        let adapter = try await WebhookAdapter(
            WebhookEndpoint(
                name: "ads", url: try WebhookURL("http://127.0.0.1:\(receiver.port)/audience"),
                signature: try WebhookSignature(secrets: [WebhookTests.secret]), channels: [.ad]),
            client: try WebhookTests().client(open: true), ledger: office.ledger, seed: 1, now: { clock.now })
        let worker = office.worker([adapter])
        let claim = try await office.claim(channel: .ad)
        try await worker.drain()
        #expect(try await office.state(claim) == .sent)
        try await Self.optOut(office, "h0", .ad)
        var removed: [Int] = []
        for _ in 0..<4 {
            clock.advance(seconds: 300)
            removed.append(try await worker.syncAudiences())
        }
        #expect(removed == [0, 0, 1, 0])
        let bodies = receiver.hits.map { String(decoding: $0.body, as: UTF8.self) }
        #expect(bodies.count == 4 && bodies[0].contains("audience.add") && bodies.allSatisfy { !$0.contains("@") })
        #expect(Set(bodies.dropFirst()).count == 1 && bodies[1].contains("audience.remove"))
        #expect(bodies.allSatisfy { $0.contains(Self.digest("h0")) })
        let ids = receiver.hits.dropFirst().map { $0.head.headers["webhook-id"].first ?? "" }
        #expect(Set(ids).count == 1)
    }
}

/// Callbacks of providers.
@Suite struct StatusDeskTests {
    private func setting() async throws -> (Office, StatusDesk, WebhookSignature) {
        let office = try await Office(hcps: 4)
        let clock = office.clock
        let signature = try WebhookSignature(secrets: [WebhookTests.secret])
        let desk = StatusDesk(
            endpoints: ["texts": signature], ledger: office.ledger, sink: office.book, now: { clock.now })
        return (office, desk, signature)
    }

    private func say(
        _ desk: StatusDesk, _ office: Office, _ signature: WebhookSignature, _ json: String, id: String = "c1",
        at: Int64 = 0, endpoint: String = "texts"
    ) async throws -> String? {
        let (body, time) = (Array(json.utf8), office.clock.now / 1_000_000 + at)
        return try await desk.take(
            endpoint: endpoint, id: id, timestamp: String(time),
            signature: signature.header(id: id, timestamp: time, body: body), body: body)
    }

    /// Claims a text message and hands it over; its key as the provider knows it.
    private func sent(_ office: Office, _ hcp: String, _ result: SendResult = .sent) async throws -> (Claim, String) {
        let claim = try await office.claim(hcp, channel: .sms)
        let permits = try await office.desk.beginSending([(claim.number, Office.address(hcp))], worker: "test")
        guard case .send(let ticket)? = permits.first else { throw Diagnostic("no_ticket", "\(permits)") }
        try await office.desk.finish([(claim.number, result)])
        return (claim, ticket.messageKey)
    }

    @Test func whatTheProviderSaysHasItsEffectOnce() async throws {
        let (office, desk, signature) = try await setting()
        let (first, key) = try await sent(office, "h0", .uncertain(code: "lost"))
        let delivered = "{\"type\":\"message.delivered\",\"data\":{\"message_key\":\"\(key)\"}}"
        for _ in 0..<2 { #expect(try await say(desk, office, signature, delivered) == "sms_delivered") }
        // What nobody knew the end of has arrived.
        #expect(try await office.state(first) == .sent)
        let (second, other) = try await sent(office, "h1")
        let underscored = other.replacing(".", with: "_")
        let failed =
            "{\"type\":\"message.failed\",\"data\":{\"message_key\":\"\(underscored)\",\"code\":\"no such <number>\",\"dead\":true}}"
        #expect(try await say(desk, office, signature, failed) == "sms_bounced")
        #expect(try await office.ledger.claim(second.number)?.failure == "provider_nosuchnumber")
        #expect(
            try await office.ledger.suppressions(ofAddress: Office.address("h1"), channel: .sms) == [.all])
        let (_, third) = try await sent(office, "h2")
        func reply(_ text: String) -> String {
            "{\"type\":\"message.reply\",\"data\":{\"message_key\":\"\(third)\",\"text\":\"\(text)\"}}"
        }
        #expect(try await say(desk, office, signature, reply("When do I stop the drug?")) == "sms_replied")
        #expect(try await say(desk, office, signature, reply(" STOP! ")) == "sms_unsubscribed")
        await #expect(throws: Diagnostic.self) { try await office.claim("h2", channel: .sms, step: "s2") }
        #expect(try await say(desk, office, signature, delivered.replacing("delivered", with: "seen")) == nil)
        #expect(Set(office.book.names) == ["sms_delivered", "sms_bounced", "sms_replied", "sms_unsubscribed"])
    }

    @Test func onlyTheProviderIsHeard() async throws {
        let (office, desk, signature) = try await setting()
        let (claim, key) = try await sent(office, "h0")
        let body = "{\"type\":\"message.opt_out\",\"data\":{\"message_key\":\"\(key)\"}}"
        let foreign = try WebhookSignature(secrets: [
            "whsec_" + Data((100..<132).map { UInt8($0) }).base64EncodedString()
        ])
        await #expect(throws: StatusDesk.Fault.badSignature) { try await say(desk, office, foreign, body) }
        for offset in [-301, 301] as [Int64] {
            await #expect(throws: StatusDesk.Fault.badSignature) {
                try await say(desk, office, signature, body, at: offset)
            }
        }
        await #expect(throws: StatusDesk.Fault.unknownEndpoint) {
            try await say(desk, office, signature, body, endpoint: "others")
        }
        for text in ["", "[]", "{\"type\":\"message.opt_out\"}", body + "x"] {
            await #expect(throws: StatusDesk.Fault.malformed) { try await say(desk, office, signature, text) }
        }
        // A key of another ledger, a number alone, a number that nobody has.
        for wrong in ["\(claim.number).0000000000000000", "\(claim.number)", "999" + key] {
            await #expect(throws: StatusDesk.Fault.unknownMessage) {
                try await say(desk, office, signature, body.replacing(key, with: wrong))
            }
        }
        #expect(office.book.names.isEmpty)
        _ = try await office.claim("h0", channel: .sms, step: "s2")
    }
}
