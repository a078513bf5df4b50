import EngagementModel
import Foundation

@testable import Ledger

/// A Monday, ten in the morning in Berlin.
let mondayMorning: Int64 = (Int64(monday.number) * 86_400 + 9 * 3600) * 1_000_000
let hour: Int64 = 3_600_000_000

/// A clock that a test sets.
final class Wrist: Sendable {
    private let clock = TestClock()
    init(_ at: Int64 = mondayMorning) { set(at) }
    var now: Int64 { clock.now }
    func set(_ at: Int64) { clock.advance(seconds: (at - clock.now) / 1_000_000) }
    var read: @Sendable () -> Int64 { clock.read }
}

/// An opt-in market where e-mail, rep e-mail and visits are allowed, at most two touches a week, a day between e-mails.
func strategy(_ change: (inout Strategy) -> Void = { _ in }) -> Strategy {
    var strategy = Strategy()
    strategy.consent = [.email: .optIn, .sms: .optIn, .emailRep: .notOptedOut, .inPerson: .notOptedOut]
    strategy.caps = [
        .init(channels: Set(Channel.allCases), max: 2, window: Span(seconds: 7 * 86_400), name: "two a week")
    ]
    strategy.gaps = [.init(channels: [.email, .emailRep], min: Span(seconds: 86_400), name: "a day")]
    change(&strategy)
    return strategy
}

func policy(tolerance: Int = 0, _ change: (inout Strategy) -> Void = { _ in }) -> ClaimPolicy {
    ClaimPolicy(strategy: strategy(change), clockTolerance: tolerance)
}

/// A ledger with HCPs in Berlin, one approved content, one rep, and opt-ins for e-mail.
func claimLedger(_ clock: Wrist, path: String? = nil, hcps: [String] = ["h1", "h2"]) async throws -> Ledger {
    let ledger =
        try path.map { try Ledger.open(path: $0, options: options(), now: clock.read) }
        ?? Ledger.inMemory(options: options(), now: clock.read)
    try await prepare(ledger, hcps: hcps)
    return ledger
}

func prepare(_ ledger: Ledger, hcps: [String]) async throws {
    try await ledger.registerRecipients(
        hcps.map { Recipient(hcpID: $0, country: "DE", zone: "Europe/Berlin", language: "de") })
    try await ledger.registerContent([letter()], by: .user(1))
    try await ledger.replaceAlignments(
        senders: [("rep-1", .field), ("msl-1", .msl)],
        alignments: hcps.map { ("rep-1", $0, monday + -100, nil) })
    var consents = ConsentColumns()
    for hcp in hcps { consents.append(optIn(hcp)) }
    _ = try await ledger.recordConsents(consents)
}

func letter(_ state: MLRState = .approvedForDistribution, version: String = "1") -> ContentApproval {
    ContentApproval(
        contentID: "letter", version: version, purpose: .promotional, state: state, approvedOn: monday + -30,
        expiresOn: monday + 60, channels: [.email, .emailRep, .inPerson], countries: ["DE", "FR"])
}

func optIn(_ hcp: String, id: String? = nil, _ status: ConsentStatus = .optIn, at: Int64 = 1) -> Consent {
    Consent(
        consentID: id ?? "in-\(hcp)", hcpID: hcp, channel: .email, purpose: .promotional, status: status,
        basis: .consent, textVersion: "t1", capturedAt: at)
}

func email(_ hcp: String, step: String = "s1", campaign: String = "c1") -> ClaimRequest {
    ClaimRequest(
        key: ClaimKey(campaign: campaign, step: step), hcpID: hcp, channel: .email, address: "\(hcp)@example.org",
        purpose: .promotional, productID: "P1", contentID: "letter", contentVersion: "1")
}
