import EngagementModel
import Foundation
import Testing

@testable import Ledger

/// T8: events shuffled, a tenth repeated, 100,000 of them, three replays: the same state.
@Suite struct EventOrderTests {
    private static let count = 100_000

    private static func events() -> [InboundEvent] {
        var random = Seeded(8)
        return (0..<count).map { number in
            let person = Int.random(in: 0..<2000, using: &random)
            let at = EventStoreTests.now - Int64.random(in: 0...86_400_000_000, using: &random)
            let id = number % 2 == 0 ? uuid(&random) : "m\(number)"
            let payload = #"{"properties":{"content_id":"C\#(person % 40)","n":\#(number)}}"#
            switch number % 10 {
            case 0:
                // A tenth of the browsers have had two people.
                let user = person % 10 == 0 && Bool.random(using: &random) ? person + 1 : person
                return EventStoreTests.event(
                    id, .identify, name: "identified", user: "h\(user)", visitor: "v\(person)", at: at,
                    payload: payload)
            case 1...4: return EventStoreTests.event(id, user: "h\(person)", at: at, payload: payload)
            case 5: return EventStoreTests.event(id, .alias, user: "h\(person)", previous: "old\(person)", at: at)
            case 6: return EventStoreTests.event(id, user: "old\(person)", at: at, payload: payload)
            default: return EventStoreTests.event(id, visitor: "v\(person)", at: at, payload: payload)
            }
        }
    }

    private static func uuid(_ random: inout Seeded) -> String {
        let bytes = (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        return MessageID.unpacked(bytes)
    }

    @Test func anyOrderAndRepetitionGivesTheSameState() async throws {
        let events = Self.events()
        var hashes: Set<String> = []
        for replay in 0..<4 {
            var random = Seeded(UInt64(100 + replay))
            var order = events
            if replay > 0 {
                order += (0..<Self.count / 10).map { _ in events[Int.random(in: 0..<Self.count, using: &random)] }
                order.shuffle(using: &random)
            }
            let ledger = try memoryLedger()
            try await ledger.registerRecipients((0..<2001).map { Recipient(hcpID: "h\($0)", zone: "Europe/Berlin") })
            var stored = 0
            for start in stride(from: 0, to: order.count, by: 1000) {
                let batch = EventBatch(
                    source: EventStoreTests.site, events: Array(order[start..<min(start + 1000, order.count)]),
                    receivedAt: EventStoreTests.now)
                stored += try await ledger.store([batch])[0].stored
            }
            #expect(stored == Self.count)
            hashes.insert(try await ledger.eventStateHash())
        }
        #expect(hashes.count == 1)
    }
}
