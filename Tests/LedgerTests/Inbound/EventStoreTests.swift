import EngagementModel
import Foundation
import GRDB
import Testing

@testable import Ledger

/// Events in the ledger: once each, append-only, whoever they turn out to be about.
@Suite struct EventStoreTests {
    static let now: Int64 = 1_767_225_600_000_000
    static let site = EventSource.key("site")

    static func event(
        _ id: String, _ kind: EventKind = .track, name: String = "viewed", user: String? = nil, visitor: String? = nil,
        previous: String? = nil, at: Int64 = now, payload: String = "{}"
    ) -> InboundEvent {
        InboundEvent(
            kind: kind, messageID: id, name: name, userID: user, anonymousID: visitor, previousID: previous,
            times: EventTimes(original: at, sent: now, received: now), payload: payload)
    }

    static func store(_ ledger: Ledger, _ events: [InboundEvent], from source: EventSource = site) async throws
        -> EventReceipt
    {
        try await ledger.store([EventBatch(source: source, events: events, receivedAt: now)])[0]
    }

    @Test func anEventIsOneByItsSourceAndMessageID() async throws {
        let ledger = try memoryLedger()
        let ids = [
            "2f1e4c7a-0d5b-4c1e-9a77-00ff00ff00ff", "2F1E4C7A-0D5B-4C1E-9A77-00FF00FF00FF", "plain", "1", "",
        ]
        let first = try await Self.store(ledger, ids.map { Self.event($0, user: "h1") })
        #expect(first == EventReceipt(stored: 5, duplicates: 0))
        let again = try await Self.store(ledger, (ids + ids).map { Self.event($0, user: "other") })
        #expect(again == EventReceipt(stored: 0, duplicates: 10))
        // Another source may use the same names; a part of Rapport of the same name is another source too.
        let others = try await ledger.store([
            EventBatch(source: .key("other"), events: [Self.event("1")], receivedAt: Self.now),
            EventBatch(source: .own("site"), events: [Self.event("1")], receivedAt: Self.now),
        ])
        #expect(others.map(\.stored) == [1, 1])
        let read = try await ledger.events(after: 0, limit: 100)
        #expect(read.prefix(5).map(\.event.messageID) == ids)
        #expect(read.allSatisfy { $0.userID != "other" })
        #expect(try await ledger.events(after: read[2].number, limit: 1).first?.number == read[3].number)
    }

    @Test func nobodyChangesOrRemovesAnEvent() async throws {
        let ledger = try memoryLedger()
        _ = try await Self.store(ledger, [Self.event("a", user: "h1", payload: #"{"properties":{"x":1}}"#)])
        for sql in [
            "DELETE FROM event", "UPDATE event SET name = 'other'", "UPDATE event SET payload = '{}'",
            "UPDATE event SET user_id = 'h2'", "UPDATE event SET user_id = 'erased:1', payload = '{}', name = 'x'",
            "DELETE FROM event_source",
        ] {
            let refused = await code { try await ledger.write { try $0.execute(sql: sql) } }
            #expect(refused == "ledger_conflict", "\(sql)")
        }
    }

    @Test func allFourTimesAreKept() async throws {
        let ledger = try memoryLedger()
        let times = EventTimes(original: 5_000_000, sent: 9_000_000, received: Self.now)
        _ = try await Self.store(
            ledger, [InboundEvent(kind: .track, messageID: "a", name: "n", userID: "h", times: times, payload: "{}")])
        let row = try await ledger.read { db in
            try Row.fetchOne(db, sql: "SELECT occurred_at, original_at, sent_at, received_at, clamped FROM event")
                .map { [$0[0] as Int64, $0[1], $0[2], $0[3], $0[4]] }
        }
        #expect(row == [Self.now - 4_000_000, 5_000_000, 9_000_000, Self.now, 0])
    }

    /// T7: clocks wrong by up to ten years, 10,000 events: corrected to a second; the way to us takes up to half of it.
    @Test func wrongClocksOfClientsAreCorrected() {
        var random = Seeded(7)
        let tenYears: Int64 = 3653 * 86_400_000_000
        for _ in 0..<10_000 {
            let error = Int64.random(in: -tenYears...tenYears, using: &random)
            let happened = Self.now - Int64.random(in: 0...30 * 86_400_000_000, using: &random)
            let way = Int64.random(in: 0...500_000, using: &random)
            let times = EventTimes(original: happened + error, sent: Self.now + error, received: Self.now + way)
            #expect(abs(times.occurred - happened) <= 1_000_000 && !times.isClamped)
        }
        // Without the time of sending there is nothing to correct by.
        #expect(EventTimes(original: 77, sent: nil, received: Self.now).occurred == 77)
        #expect(EventTimes(original: nil, sent: 77, received: Self.now).occurred == Self.now)
        // The future is cut off, five minutes are forgiven, and the extremes do not overflow.
        let late = EventTimes(original: Self.now + 300_000_001, sent: nil, received: Self.now)
        #expect(late.occurred == Self.now && late.isClamped)
        let soon = EventTimes(original: Self.now + 300_000_000, sent: nil, received: Self.now)
        #expect(soon.occurred == Self.now + 300_000_000 && !soon.isClamped)
        #expect(EventTimes(original: .min, sent: .max, received: Self.now).isClamped)
        #expect(EventTimes(original: .max, sent: .min, received: Self.now).occurred == Self.now)
    }

    @Test func identifyAliasAndTheCrosswalkSayWhoItWas() async throws {
        let ledger = try memoryLedger()
        try await ledger.registerRecipients([
            Recipient(hcpID: "h1", zone: "Europe/Berlin"), Recipient(hcpID: "h2", zone: "Europe/Berlin"),
        ])
        try await ledger.replaceCrosswalk([("crm-7", "h2"), ("crm-8", "h1")])
        let minute: Int64 = 60_000_000
        _ = try await Self.store(
            ledger,
            [
                Self.event("1", visitor: "v1", at: Self.now - 9 * minute),
                Self.event("2", .identify, user: "h1", visitor: "v1", at: Self.now - 8 * minute),
                Self.event("3", visitor: "v1", at: Self.now - 7 * minute),
                // The browser changes hands.
                Self.event("4", .identify, user: "crm-7", visitor: "v1", at: Self.now - 6 * minute),
                Self.event("5", visitor: "v1", at: Self.now - 5 * minute),
                Self.event("6", visitor: "v2"), Self.event("7", user: "unknown"), Self.event("8", user: "crm-8"),
                Self.event("9", .alias, user: "h2", previous: "old"), Self.event("10", user: "old"),
                Self.event("11", user: "Jane.Roe@example.org"),
            ])
        let known = Dictionary(
            uniqueKeysWithValues: try await ledger.events(after: 0, limit: 100).map {
                ($0.event.messageID, $0.event.hcpID ?? "-")
            })
        #expect(
            known == [
                "1": "h1", "2": "h1", "3": "h1", "4": "h2", "5": "h2", "6": "-", "7": "-", "8": "h1", "9": "h2",
                "10": "h2", "11": "-",
            ])
        // An address is no id: it stays in the payload.
        let address = try await ledger.events(after: 10, limit: 1)[0].userID
        #expect(address?.hasPrefix("mail:") == true && address?.contains("@") == false)
        // Another source's visitor of the same name is another visitor.
        _ = try await Self.store(ledger, [Self.event("12", visitor: "v1")], from: .key("app"))
        #expect(try await ledger.events(after: 11, limit: 1)[0].event.hcpID == nil)
        let ofFirst = try await ledger.events(ofHCP: "h1").map(\.event.messageID)
        #expect(Set(ofFirst) == ["1", "2", "3", "8"])
    }

    @Test func attributesAreFlatAndNameNobody() {
        let payload = #"""
            {"type":"track","userId":"x","traits":{"email":"a@b.c"},"context":{"ip":"1.2.3.4"},
             "properties":{"content_id":"C1","count":3,"machine":true,"first_name":"Jane","to":"jane@example.org",
             "nested":{"a":1},"list":[1],"none":null,"topic":"heart \u00e9"}}
            """#
        #expect(
            EventAttributes.read(payload)
                == ["content_id": "C1", "count": "3", "machine": "true", "topic": "heart é"])
        #expect(EventAttributes.read("{}") == [:] && EventAttributes.read("no JSON") == [:])
        let written = EventAttributes.payload(["a\"b": "line\nbreak", "z": "1"])
        #expect(EventAttributes.read(written) == ["a\"b": "line\nbreak", "z": "1"])
    }

    @Test func partsOfRapportReportEvents() async throws {
        let ledger = try memoryLedger()
        let event = EngagementEvent(
            source: "delivery", messageID: "m1/open/1", hcpID: "h1", name: "email_opened", occurredAt: Self.now - 5,
            receivedAt: Self.now, attributes: ["content_id": "C1", "machine": "true"])
        #expect(try await ledger.record([event, event]) == EventReceipt(stored: 1, duplicates: 1))
        #expect(try await ledger.events(after: 0, limit: 9).map(\.event) == [event])
    }

    @Test func readersAreCalledAndNeverGoBack() async throws {
        let ledger = try memoryLedger()
        var calls = ledger.bell.calls().makeAsyncIterator()
        _ = try await Self.store(ledger, [Self.event("1")])
        _ = try await Self.store(ledger, [Self.event("2")])
        #expect(await calls.next() != nil)
        try await ledger.moveEventReader("journeys", to: 2)
        try await ledger.moveEventReader("journeys", to: 1)
        #expect(try await ledger.eventReader("journeys") == 2)
        #expect(try await ledger.eventReader("other") == nil)
    }

    @Test func aDeadLetterIsKeptOnce() async throws {
        let ledger = try memoryLedger()
        let reject = RejectedEvent(index: 3, code: "bad_type", message: "m", userID: "h1", payload: "{\"a\":1}")
        for _ in 0..<2 {
            _ = try await ledger.store([
                EventBatch(source: Self.site, events: [], rejected: [reject], receivedAt: Self.now)
            ])
        }
        let kept = try await ledger.rejectedEvents(of: Self.site)
        #expect(kept.map(\.event) == [reject] && kept.map(\.receivedAt) == [Self.now])
        #expect(try await ledger.rejectedEvents(of: .key("other")).isEmpty)
    }

    @Test func anErasureEmptiesTheEvents() async throws {
        let ledger = try memoryLedger()
        try await ledger.registerRecipients([
            Recipient(hcpID: "h1", zone: "Europe/Berlin"), Recipient(hcpID: "h2", zone: "Europe/Berlin"),
        ])
        try await ledger.replaceCrosswalk([("crm-1", "h1")])
        let payload = #"{"traits":{"email":"jane@example.org"}}"#
        _ = try await Self.store(
            ledger,
            [
                Self.event("1", visitor: "v1", payload: payload),
                Self.event("2", .identify, user: "h1", visitor: "v1", payload: payload),
                Self.event("3", user: "crm-1", payload: payload),
                Self.event("4", user: "jane@example.org", payload: payload),
                Self.event("5", user: "h2", payload: "{\"keep\":1}"), Self.event("6", visitor: "v9"),
            ])
        let reject = RejectedEvent(index: 0, code: "c", message: "m", userID: "h1", payload: payload)
        _ = try await ledger.store([EventBatch(source: Self.site, events: [], rejected: [reject], receivedAt: 1)])
        let report = try await ledger.eraseSubject("h1", addresses: [(.email, "Jane@example.org")], by: .user(1))
        #expect(report.events == 4)
        let (left, others, rows) = try await ledger.read { db in
            (
                try Int.fetchOne(
                    db,
                    sql: """
                        SELECT (SELECT count(*) FROM event WHERE payload LIKE '%jane%' OR user_id IN ('h1', 'crm-1'))
                            + (SELECT count(*) FROM event_link) + (SELECT count(*) FROM event_crosswalk)
                            + (SELECT count(*) FROM event_reject) + (SELECT count(*) FROM event WHERE anonymous_id = 'v1')
                        """),
                try String.fetchAll(db, sql: "SELECT payload FROM event WHERE user_id = 'h2'"),
                try Int.fetchOne(db, sql: "SELECT count(*) FROM event")
            )
        }
        #expect(left == 0 && others == ["{\"keep\":1}"] && rows == 6)
        // What was sent once stays sent once.
        #expect(try await Self.store(ledger, [Self.event("2", user: "h1")]).duplicates == 1)
        // What comes later, under any name that was theirs, is kept without them; others are as they were.
        let later = [
            Self.event("7", user: "h1", visitor: "v1", payload: payload),
            Self.event("8", user: "crm-1", payload: payload),
            Self.event("9", .identify, user: "JANE@example.org", visitor: "v2", payload: payload),
            Self.event("10", user: "h2", payload: "{\"keep\":2}"),
        ]
        #expect(try await Self.store(ledger, later).stored == 4)
        let dead = RejectedEvent(index: 1, code: "c", message: "m", userID: "crm-1", payload: payload)
        _ = try await ledger.store([EventBatch(source: Self.site, events: [], rejected: [dead], receivedAt: 2)])
        try await ledger.replaceCrosswalk([("crm-1", "h1")])
        let (bare, traces) = try await ledger.read { db in
            (
                try Int.fetchOne(
                    db,
                    sql: """
                        SELECT count(*) FROM event WHERE user_id = 'erased:later' AND anonymous_id IS NULL AND payload = '{}'
                        """),
                try Int.fetchOne(
                    db,
                    sql: """
                        SELECT (SELECT count(*) FROM event WHERE payload LIKE '%jane%') + (SELECT count(*) FROM event_link)
                            + (SELECT count(*) FROM event_reject)
                        """)
            )
        }
        #expect(bare == 3 && traces == 0)
        #expect(try await ledger.events(after: 6, limit: 9).map(\.event.hcpID) == [nil, nil, nil, "h2"])
    }
}
