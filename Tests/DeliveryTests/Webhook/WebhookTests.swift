import EngagementModel
import Foundation
import Ledger
import NIOCore
import NIOHTTP1
import NIOPosix
import Statistics
import Synchronization
import Testing

@testable import Delivery

/// Answers as a hostile DNS does: a list for each name, another one at each question.
final class StubResolver: AddressResolver {
    private let answers: [String: [[String]]]
    private let asked = Mutex<[String: Int]>([:])
    init(_ answers: [String: [[String]]]) { self.answers = answers }

    func addresses(of host: String, port: Int) async throws -> [SocketAddress] {
        if let address = try? SocketAddress(ipAddress: host, port: port) { return [address] }
        let count = asked.withLock { asked in
            asked[host, default: 0] += 1
            return asked[host]! - 1
        }
        if let lists = answers[host] {
            return try lists[min(count, lists.count - 1)].map { try SocketAddress(ipAddress: $0, port: port) }
        }
        // Odd spellings of numbers are read as the system's resolver reads them.
        return try await SystemResolver().addresses(of: host, port: port)
    }
}

/// Takes webhooks on the loopback; answers with what it is told.
final class WebhookReceiver: Sendable {
    struct Hit: Sendable {
        var head: HTTPRequestHead
        var body: [UInt8]
    }
    private let statuses: [Int]
    private let hitsMade = Mutex<[Hit]>([])
    private let channel = Mutex<(any NIOCore.Channel)?>(nil)

    var hits: [Hit] { hitsMade.withLock { $0 } }
    var port: Int { channel.withLock { $0?.localAddress?.port ?? 0 } }

    /// - Parameter statuses: in order; the last one again and again; 0 = closes without an answer.
    init(_ statuses: [Int]) async throws {
        self.statuses = statuses
        let made = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { [self] channel in
                channel.pipeline.configureHTTPServerPipeline().flatMapThrowing {
                    try channel.pipeline.syncOperations.addHandler(Answerer(self))
                }
            }.bind(host: "127.0.0.1", port: 0).get()
        channel.withLock { $0 = made }
    }

    func close() async throws { try await channel.withLock { $0 }?.close().get() }

    private func take(_ hit: Hit) -> Int {
        hitsMade.withLock { hits in
            hits.append(hit)
            return statuses[min(hits.count - 1, statuses.count - 1)]
        }
    }

    private final class Answerer: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart
        private let receiver: WebhookReceiver
        private var head: HTTPRequestHead?
        private var body: [UInt8] = []
        init(_ receiver: WebhookReceiver) { self.receiver = receiver }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let value): head = value
            case .body(let part): body += Array(part.readableBytesView)
            case .end:
                guard let head else { return }
                let status = receiver.take(Hit(head: head, body: body))
                guard status > 0 else { return context.close(promise: nil) }
                var fields = HTTPHeaders([("content-length", "0")])
                if (300..<400).contains(status) {
                    fields.add(name: "location", value: "http://127.0.0.1:\(receiver.port)/inside")
                }
                context.write(
                    wrapOutboundOut(
                        .head(HTTPResponseHead(version: .http1_1, status: .init(statusCode: status), headers: fields))),
                    promise: nil)
                context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            }
        }
    }
}

struct WebhookTests {
    static let secret = "whsec_" + Data((0..<32).map { UInt8($0) }).base64EncodedString()
    static let older = "whsec_" + Data((0..<24).map { UInt8($0 + 100) }).base64EncodedString()

    func client(_ resolver: any AddressResolver = StubResolver([:]), open: Bool = false) throws -> WebhookClient {
        var client = try WebhookClient(resolver: resolver)
        client.allowsPlain = true
        client.milliseconds = 10_000
        if open { client.admits = { _ in true } }
        return client
    }

    // MARK: - T14

    /// Forty ways inside. `rebind` is public when it is looked up first and private ever after.
    static let forbidden = [
        "https://127.0.0.1/", "https://127.1/", "https://2130706433/", "https://0x7f000001/", "https://0177.0.0.1/",
        "https://0/", "https://0.0.0.0/", "https://localhost/", "https://localhost./", "https://10.0.0.1/",
        "https://10.255.255.255:8443/", "https://172.16.0.1/", "https://172.31.255.254/", "https://192.168.1.1/",
        "https://169.254.169.254/latest/meta-data/", "https://100.64.0.1/", "https://198.18.0.1/", "https://192.0.0.8/",
        "https://192.0.2.1/", "https://198.51.100.7/", "https://203.0.113.9/", "https://224.0.0.1/",
        "https://255.255.255.255/", "https://240.0.0.1/", "https://[::1]/", "https://[::]/", "https://[fe80::1]/",
        "https://[fc00::1]/", "https://[fd12:3456::1]/", "https://[ff02::1]/", "https://[::ffff:127.0.0.1]/",
        "https://[::ffff:10.0.0.1]/", "https://[64:ff9b::7f00:1]/", "https://[2002:7f00:1::]/",
        "https://[2001:db8::1]/",
        "https://[2001::1]/", "https://[3fff::1]/", "https://inside.example/", "https://mixed.example/",
        "https://metadata.example/", "https://six.example/", "https://[::127.0.0.1]/", "https://[100::1]/",
    ]

    @Test func whatLeadsInsideIsNeverReached() async throws {
        let receiver = try await WebhookReceiver([200])
        let resolver = StubResolver([
            "inside.example": [["10.1.2.3"]], "mixed.example": [["93.184.216.34", "127.0.0.1"]],
            "metadata.example": [["169.254.169.254"]], "six.example": [["2606:4700::1", "::1"]],
        ])
        #expect(Self.forbidden.count >= 40)
        for text in Self.forbidden {
            for port in ["", ":\(receiver.port)"] {
                // The same address at the port where somebody would answer.
                let place = text.replacing("https://", with: "http://")
                let slash = place.dropFirst(7).firstIndex(of: "/") ?? place.endIndex
                let target = port.isEmpty || place.contains(":8443") ? place : place[..<slash] + port + place[slash...]
                let url = try WebhookURL(String(target))
                let answer = try await client(resolver).post(url, headers: [], body: [1])
                #expect(
                    answer == .notSent(code: "webhook_address_refused")
                        || answer == .notSent(code: "webhook_no_address"),
                    "\(target): \(answer)")
            }
        }
        #expect(receiver.hits.isEmpty)
        try await receiver.close()
    }

    @Test func aNameThatIsBoundAnewHasNoSecondSay() async throws {
        let receiver = try await WebhookReceiver([200])
        // The first answer is admitted (as a public one would be), the second would lead inside.
        let resolver = StubResolver(["rebind.example": [["127.0.0.1"], ["127.0.0.2"]]])
        let seen = Mutex<[String]>([])
        var client = try client(resolver)
        client.admits = { address in
            seen.withLock { $0.append(address.ipAddress ?? "") }
            return address.ipAddress == "127.0.0.1"
        }
        let url = try WebhookURL("http://rebind.example:\(receiver.port)/hook")
        #expect(await client.post(url, headers: [], body: [1]) == .status(200))
        // One question, one check, one connection to what was checked; the name stays in the request.
        #expect(seen.withLock { $0 } == ["127.0.0.1"])
        #expect(receiver.hits.first?.head.headers["host"] == ["rebind.example:\(receiver.port)"])
        #expect(await client.post(url, headers: [], body: [1]) == .notSent(code: "webhook_address_refused"))
        #expect(receiver.hits.count == 1)
        try await receiver.close()
    }

    @Test(arguments: [
        "", "x", "ftp://example.com/", "https://", "https://user@example.com/", "https://a:b@example.com/",
        "https://example.com/#f", "javascript:alert(1)", "file:///etc/passwd", "https://example.com:0/",
        "https://exa mple.com/", "https://example.com/\r\nX: 1", "https://[fe80::1%25eth0]/", "//example.com",
        "https:\\\\example.com",
    ])
    func whatIsNoWebhookAddressIsRefused(_ text: String) {
        #expect(throws: Diagnostic.self) { try WebhookURL(text) }
    }

    @Test func withoutTLSNothingIsSentOutsideOfTests() async throws {
        let client = try WebhookClient(resolver: StubResolver(["a.example": [["93.184.216.34"]]]))
        #expect(
            await client.post(try WebhookURL("http://a.example/"), headers: [], body: [])
                == .notSent(code: "webhook_not_https"))
    }

    // MARK: - T15

    @Test func noChangedBitIsAccepted() throws {
        let signature = try WebhookSignature(secrets: [Self.secret, Self.older])
        let now: Int64 = 1_767_603_600
        var random = SeededGenerator(seed: 15)
        var accepted = 0
        for round in 0..<10_000 {
            let body = (0..<(1 + random.below(200))).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            let id = "msg_\(round)"
            let header = signature.header(id: id, timestamp: now, body: body)
            #expect(signature.accepts(id: id, timestamp: "\(now)", signature: header, body: body, now: now + 299))
            switch round % 5 {
            case 0:
                var changed = body
                changed[random.below(body.count)] ^= UInt8(1 << random.below(8))
                if signature.accepts(id: id, timestamp: "\(now)", signature: header, body: changed, now: now) {
                    accepted += 1
                }
            case 1:
                var changed = Array(header.utf8)
                let place = random.below(changed.count)
                changed[place] ^= UInt8(1 << random.below(7))
                // One of the two signatures stays whole: only both changed must fail.
                let both = String(decoding: changed, as: UTF8.self).split(separator: " ")
                let text = both.filter { !header.split(separator: " ").contains($0) }.joined(separator: " ")
                if signature.accepts(id: id, timestamp: "\(now)", signature: text, body: body, now: now) {
                    accepted += 1
                }
            case 2:
                for shift in [-1, 1, 60] {
                    if signature.accepts(
                        id: id, timestamp: "\(now + Int64(shift))", signature: header, body: body, now: now)
                    {
                        accepted += 1
                    }
                }
            case 3:
                if signature.accepts(id: id + "x", timestamp: "\(now)", signature: header, body: body, now: now) {
                    accepted += 1
                }
            default:
                for late in [301, -301, Int64.max / 2, Int64.min / 2] {
                    if signature.accepts(id: id, timestamp: "\(now)", signature: header, body: body, now: now &+ late) {
                        accepted += 1
                    }
                }
            }
        }
        #expect(accepted == 0)
    }

    @Test func secretsAreRotatedByAList() throws {
        let old = try WebhookSignature(secrets: [Self.older])
        let both = try WebhookSignature(secrets: [Self.secret, Self.older])
        let header = both.header(id: "m", timestamp: 100, body: [1])
        #expect(header.split(separator: " ").count == 2)
        #expect(old.accepts(id: "m", timestamp: "100", signature: header, body: [1], now: 100))
        #expect(
            try WebhookSignature(secrets: [Self.secret]).accepts(
                id: "m", timestamp: "100", signature: header, body: [1], now: 100))
        for text in ["", "whsec_", "whsec_AAAA", "secret", Self.secret + "!"] {
            #expect(throws: Diagnostic.self) { try WebhookSignature(secrets: [text]) }
        }
        // The example of the standard's own reference implementation.
        let known = try WebhookSignature(secrets: ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])
        #expect(
            known.header(
                id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: 1_614_265_330, body: Array("{\"test\": 2432232314}".utf8)
            )
                == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    }

    // MARK: - Through the ledger

    private func send(_ statuses: [Int], deduplicates: Bool = false, rounds: Int = 1) async throws
        -> (office: Office, claim: Claim, receiver: WebhookReceiver, worker: DeliveryWorker)
    {
        let receiver = try await WebhookReceiver(statuses)
        let office = try await Office()
        let claim = try await office.claim(channel: .sms)
        let clock = office.clock
        let adapter = try await WebhookAdapter(
            WebhookEndpoint(
                name: "texts", url: try WebhookURL("http://127.0.0.1:\(receiver.port)/hook?x=1"),
                signature: try WebhookSignature(secrets: [Self.secret]), channels: [.sms], deduplicates: deduplicates),
            client: try client(open: true), ledger: office.ledger, seed: 1, now: { clock.now })
        let worker = office.worker([adapter])
        try await worker.drain()
        return (office, claim, receiver, worker)
    }

    @Test func aMessageIsSignedAndSent() async throws {
        let (office, claim, receiver, _) = try await send([204])
        #expect(try await office.state(claim) == .sent)
        let hit = try #require(receiver.hits.first)
        #expect(hit.head.uri == "/hook?x=1")
        let signature = try WebhookSignature(secrets: [Self.secret])
        #expect(
            signature.accepts(
                id: hit.head.headers["webhook-id"].first ?? "",
                timestamp: hit.head.headers["webhook-timestamp"].first ?? "",
                signature: hit.head.headers["webhook-signature"].first ?? "", body: hit.body,
                now: office.clock.now / 1_000_000))
        try await receiver.close()
    }

    @Test func failuresFollowTheScheduleUnderOneIdentifier() async throws {
        let (office, claim, receiver, worker) = try await send([500, 302, 429, 404, 503, 500, 500, 500, 500, 200])
        let waits: [Int64] = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400]
        for (index, wait) in waits.enumerated() {
            #expect(try await office.state(claim) == .claimed)
            #expect(receiver.hits.count == index + 1)
            office.clock.advance(seconds: wait - 1)
            try await worker.drain()
            #expect(receiver.hits.count == index + 1, "too early after attempt \(index + 1)")
            office.clock.advance(seconds: wait / 10 + 2)
            try await worker.drain()
            #expect(receiver.hits.count == index + 2, "not in time after attempt \(index + 1)")
        }
        #expect(try await office.state(claim) == .sent)
        #expect(Set(receiver.hits.flatMap { $0.head.headers["webhook-id"] }).count == 1)
        #expect(Set(receiver.hits.map(\.body)).count == 1)
        #expect(Set(receiver.hits.flatMap { $0.head.headers["webhook-timestamp"] }).count == 10)
        #expect(!receiver.hits.contains { $0.head.uri == "/inside" }, "a redirect was followed")
        try await receiver.close()
    }

    @Test func theTenthFailureIsTheLast() async throws {
        let (office, claim, receiver, worker) = try await send([500])
        for _ in 0..<20 {
            office.clock.advance(seconds: 100_000)
            try await worker.drain()
        }
        #expect(receiver.hits.count == 10)
        let after = try await office.ledger.claim(claim.number)
        #expect(after?.state == .failed && after?.failure == "expired_http_500")
        try await receiver.close()
    }

    @Test func goneSwitchesTheReceiverOffUntilAPersonSwitchesItOn() async throws {
        let (office, claim, receiver, worker) = try await send([410, 200])
        #expect(try await office.ledger.disabledEndpoints() == ["texts": "http_410"])
        try await office.claim("h1", channel: .sms)
        for _ in 0..<48 {
            office.clock.advance(seconds: 3600)
            try await worker.drain()
        }
        #expect(receiver.hits.count == 1)
        #expect(try await office.state(claim) == .claimed)
        try await office.ledger.enableEndpoint("texts", by: .user(1))
        office.clock.advance(seconds: 3601)
        try await worker.drain()
        #expect(receiver.hits.count == 3)
        #expect(try await office.state(claim) == .sent)
        try await receiver.close()
    }

    @Test func anAnswerThatWasLostIsUncertain() async throws {
        let (office, claim, receiver, worker) = try await send([0, 200])
        #expect(try await office.state(claim) == .uncertain)
        office.clock.advance(seconds: 864_000)
        try await worker.drain()
        #expect(receiver.hits.count == 1)
        // The replay of a person goes out under the same identifier.
        try await office.desk.settle(claim.number, .sendAgain, by: .user(1))
        try await worker.drain()
        #expect(try await office.state(claim) == .sent)
        #expect(Set(receiver.hits.flatMap { $0.head.headers["webhook-id"] }).count == 1)
        try await receiver.close()
        let (second, other, again, secondWorker) = try await send([0, 200], deduplicates: true)
        #expect(try await second.state(other) == .claimed)
        second.clock.advance(seconds: 6)
        try await secondWorker.drain()
        #expect(try await second.state(other) == .sent)
        try await again.close()
    }
}
