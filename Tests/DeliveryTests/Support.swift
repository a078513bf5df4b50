import EngagementModel
import Foundation
import Ledger
import Logging
import Statistics
import Synchronization

@testable import Delivery

/// A clock that moves only when a test says so.
final class Clock: Sendable {
    private let value: Atomic<Int64>
    /// Monday, 5 January 2026, 09:00 UTC.
    init(_ at: Int64 = 1_767_603_600_000_000) { value = Atomic(at) }
    var now: Int64 { value.load(ordering: .sequentiallyConsistent) }
    func advance(seconds: Int64) { value.add(seconds * 1_000_000, ordering: .sequentiallyConsistent) }
}

final class TemporaryFolder: Sendable {
    let path: String
    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("delivery-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
    deinit { try? FileManager.default.removeItem(atPath: path) }
    func files(_ sub: String = "") -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: sub.isEmpty ? path : "\(path)/\(sub)")) ?? []).sorted()
    }
    func text(_ name: String) -> String {
        FileManager.default.contents(atPath: "\(path)/\(name)").map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}

let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// What was reported.
final class EventBook: EventSink {
    private let all = Mutex<[EngagementEvent]>([])
    func record(_ events: [EngagementEvent]) async throws { all.withLock { $0 += events } }
    var names: [String] { all.withLock { $0.map(\.name) } }
    var events: [EngagementEvent] { all.withLock { $0 } }
}

/// Says the same words to everybody.
struct PlainComposer: MessageComposer {
    var change: @Sendable (inout ComposedMessage, Claim) -> Void = { _, _ in }
    func compose(_ claim: Claim) async throws -> ComposedMessage? {
        var content = ComposedMessage(address: Office.address(claim.hcpID), message: Office.letter)
        change(&content, claim)
        return content
    }
}

/// A ledger in which everybody may be written to, and the rest that sending needs.
struct Office: Sendable {
    let clock: Clock
    let ledger: Ledger
    let desk: ClaimDesk
    let links: LinkMint
    let book = EventBook()

    static func address(_ hcp: String) -> String { "\(hcp)@hospital.example" }

    static let letter = AssembledMessage(
        contentID: "letter", contentVersion: "1", language: "de", subject: "Neue Daten für Ihre Praxis",
        text: "Sehr geehrte Frau Doktor,\n\nhier sind die Daten: https://example.com/daten?a=1\n",
        html: """
            <html><body><p>Guten Tag,</p><p><a href="https://example.com/daten?a=1&amp;b=2">Daten</a></p></body></html>
            """)

    init(path: String? = nil, clock: Clock = Clock(), hcps: Int = 3) async throws {
        self.clock = clock
        ledger =
            try path.map { try Ledger.open(path: $0, now: { clock.now }) } ?? Ledger.inMemory(now: { clock.now })
        var strategy = Strategy()
        strategy.consent = Dictionary(uniqueKeysWithValues: Channel.allCases.map { ($0, .notOptedOut) })
        strategy.quietHours = nil
        desk = ClaimDesk(ledger: ledger, policy: ClaimPolicy(strategy: strategy, clockTolerance: 0))
        try await ledger.registerRecipients((0..<hcps).map { Recipient(hcpID: "h\($0)", zone: "Europe/Berlin") })
        try await ledger.registerContent(
            [
                ContentApproval(
                    contentID: "letter", version: "1", purpose: .promotional, state: .approvedForDistribution)
            ],
            by: .user(1))
        links = try await LinkMint(baseURL: "https://engage.example.com", ledger: ledger)
    }

    @discardableResult
    func claim(
        _ hcp: String = "h0", channel: Channel = .email, step: String = "s1", purpose: Purpose = .promotional
    ) async throws -> Claim {
        let content = purpose == .promotional ? "letter" : nil
        let outcome = try await desk.claim(
            ClaimRequest(
                key: ClaimKey(campaign: "c1", step: step), hcpID: hcp, channel: channel, address: Self.address(hcp),
                purpose: purpose, contentID: content, contentVersion: content.map { _ in "1" }))
        guard let claim = outcome.claim else { throw Diagnostic("refused", "\(outcome)") }
        return claim
    }

    func parcel(_ hcp: String = "h0", step: String = "s1", content: ComposedMessage? = nil) async throws -> Parcel {
        let claim = try await claim(hcp, step: step)
        let permits = try await desk.beginSending([(claim.number, Self.address(hcp))], worker: "test")
        guard case .send(let ticket)? = permits.first else { throw Diagnostic("no_ticket", "\(permits)") }
        return Parcel(
            ticket: ticket, content: content ?? ComposedMessage(address: Self.address(hcp), message: Self.letter))
    }

    func profile(signers: [DKIMSigner] = []) throws -> MailProfile {
        try MailProfile(
            from: MailAddress("hello@engage.example.com"), fromName: "Rapport Pharma",
            returnDomain: "engage.example.com",
            postalAddress: "Rapport Pharma GmbH, Musterweg 1, 10115 Berlin", baseURL: "https://engage.example.com",
            signers: signers)
    }

    func writer(signers: [DKIMSigner] = []) throws -> MailWriter {
        MailWriter(profile: try profile(signers: signers), links: links)
    }

    func worker(
        _ adapters: [any ChannelAdapter], composer: any MessageComposer = PlainComposer(),
        rest: @escaping @Sendable (Duration) async throws -> Void = { _ in }
    ) -> DeliveryWorker {
        DeliveryWorker(
            desk: desk, adapters: adapters, composer: composer, name: "test", now: { clock.now }, logger: quiet,
            rest: rest)
    }

    func state(_ claim: Claim) async throws -> ClaimState? { try await ledger.claim(claim.number)?.state }
}
