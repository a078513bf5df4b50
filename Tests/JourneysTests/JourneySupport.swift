import EngagementModel
import Foundation
import Synchronization

@testable import Journeys
@testable import Ledger

let day: Int64 = 86_400_000_000
let hour: Int64 = 3_600_000_000
/// A Monday, ten in the morning in Berlin.
let morning: Int64 = (Int64(Day(year: 2026, month: 1, day: 5).number) * 86_400 + 9 * 3600) * 1_000_000

/// A clock that moves only when a test says so.
final class Clock: Sendable {
    private let value: Atomic<Int64>
    init(_ at: Int64 = morning) { value = Atomic(at) }
    var now: Int64 {
        get { value.load(ordering: .sequentiallyConsistent) }
        set { value.store(newValue, ordering: .sequentiallyConsistent) }
    }
    var read: @Sendable () -> Int64 { { self.now } }
}

/// A world that answers from the HCP's number.
struct PlainWorld: JourneyWorld {
    var traits: [String: String] = [:]
    var offer: JourneyOffer?
    func trait(_ name: String, ofHCP hcpID: String) -> String? {
        name == "number" ? String(hcpID.dropFirst()) : traits[name]
    }
    func bestMoment(ofHCP hcpID: String, within span: ClosedRange<Int64>) -> Int64? {
        min(span.upperBound, span.lowerBound + 5 * hour)
    }
    func address(ofHCP hcpID: String, channel: Channel) -> String? { "\(hcpID)@example.org" }
    func version(ofContent contentID: String, channel: Channel, hcpID: String, sender: String) -> String? { "1" }
    func nextBestAction(ofHCP hcpID: String, channels: Set<Channel>, now: Int64) -> JourneyOffer? { offer }
}

/// No caps, no hours: what is tested is the journey.
func openPolicy() -> ClaimPolicy {
    var strategy = Strategy()
    strategy.consent = [.email: .optIn, .phone: .notOptedOut, .inPerson: .notOptedOut]
    strategy.quietHours = nil
    return ClaimPolicy(strategy: strategy, clockTolerance: 0)
}

func journeyLedger(_ clock: Clock, path: String? = nil, hcps: [String], consenting: [String]? = nil) async throws
    -> Ledger
{
    let ledger =
        try path.map { try Ledger.open(path: $0, now: clock.read) } ?? Ledger.inMemory(now: clock.read)
    try await ledger.registerRecipients(hcps.map { Recipient(hcpID: $0, country: "DE", zone: "Europe/Berlin") })
    try await ledger.registerContent(
        ["invitation", "reminder", "paper"].map {
            ContentApproval(contentID: $0, version: "1", purpose: .educational, state: .approvedForDistribution)
        }, by: .user(1))
    var consents = ConsentColumns()
    for hcp in consenting ?? hcps {
        consents.append(
            Consent(
                consentID: "in-\(hcp)", hcpID: hcp, channel: .email, purpose: .educational, status: .optIn,
                basis: .consent, capturedAt: 1))
    }
    _ = try await ledger.recordConsents(consents)
    return ledger
}

/// The field's example: a webinar series, reminders, rep follow-up for those with questions.
func webinar(entry: JourneyEntry = .init(door: .segment("cardiologists"), again: Span(seconds: 100 * 86_400)))
    -> JourneyDefinition
{
    JourneyDefinition(
        id: "webinar", title: "Heart failure webinars", purpose: .educational, productID: "P1", entry: entry,
        goal: EventMatch("demo_requested"), exits: [EventMatch("unsubscribe")], start: "invite",
        nodes: [
            "invite": .init(
                .message(
                    .init(
                        channel: .email, contentID: "invitation", patience: Span(seconds: 5 * 86_400), refused: "call")),
                next: "answer"),
            "answer": .init(
                .waitEvent(EventMatch("registered"), timeout: Span(seconds: 7 * 86_400), late: "remind"),
                next: "attend"),
            "remind": .init(
                .message(.init(channel: .email, contentID: "reminder", patience: Span(seconds: 86_400))), next: "attend"
            ),
            "attend": .init(
                .waitEvent(
                    EventMatch("attended", key: "webinar"), timeout: Span(seconds: 10 * 86_400), late: "missed"),
                next: "asked"),
            "asked": .init(.choose([.init(.atLeast("questions", 1), node: "call")]), next: "hour"),
            "hour": .init(.bestHour(within: Span(seconds: 86_400)), next: "done"),
            "call": .init(
                .task(kind: "follow_up", title: "Answer the questions", due: Span(seconds: 2 * 86_400)), next: "done"),
            "done": .init(.goal("informed")),
            "missed": .init(.exit("missed")),
        ])
}

func event(_ id: String, _ name: String, _ hcp: String, key: String? = nil, _ attributes: [String: String] = [:])
    -> JourneyEvent
{
    JourneyEvent(id: id, name: name, hcpID: hcp, key: key, attributes: attributes)
}

/// SplitMix64: the same seed, the same numbers.
struct Seeded: RandomNumberGenerator {
    var state: UInt64
    init(_ seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
    mutating func pick<T>(_ list: [T]) -> T { list[Int.random(in: 0..<list.count, using: &self)] }
}
