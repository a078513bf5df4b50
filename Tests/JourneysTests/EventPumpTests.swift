import EngagementModel
import Foundation
import GRDB
import Synchronization
import Testing

@testable import Journeys
@testable import Ledger

/// Events move journeys: each once, whatever stops the pump in between.
@Suite struct EventPumpTests {
    private static let definition = JourneyDefinition(
        id: "j", title: "J", purpose: .educational, productID: "P1",
        entry: JourneyEntry(door: .event(EventMatch("page_viewed", values: ["topic": "heart"]))), start: "answer",
        nodes: [
            "answer": .init(
                .waitEvent(EventMatch("email_clicked"), timeout: Span(seconds: 86_400), late: "out"), next: "call"),
            "call": .init(.task(kind: "follow_up", title: "Call", due: nil), next: "done"),
            "done": .init(.goal("informed")), "out": .init(.exit("late")),
        ])

    private static func event(_ id: String, _ name: String, _ hcp: String, _ attributes: [String: String] = [:])
        -> EngagementEvent
    {
        EngagementEvent(
            source: "portal", messageID: id, hcpID: hcp, name: name, occurredAt: morning, receivedAt: morning,
            attributes: attributes)
    }

    private static func runner(_ ledger: Ledger) async throws -> JourneyRunner {
        try await JourneyRunner.register(definition, in: ledger, by: .system)
        return try await JourneyRunner(ledger: ledger, policy: openPolicy(), world: PlainWorld())
    }

    @Test func anEventStartsAndMovesAJourney() async throws {
        let ledger = try await journeyLedger(Clock(), hcps: ["h1", "h2"])
        let runner = try await Self.runner(ledger)
        // What came before the first start of the pump starts nothing.
        try await ledger.record([Self.event("0", "page_viewed", "h2", ["topic": "heart"])])
        let pump = JourneyTriggers.pump(ledger: ledger, runner: { runner })
        try await pump.prepare()
        try await ledger.record([
            Self.event("1", "page_viewed", "h1", ["topic": "heart"]),
            Self.event("2", "page_viewed", "h2", ["topic": "lung"]),
            // A machine clicks nothing.
            Self.event("3", "email_clicked", "h1", ["machine": "true"]),
        ])
        #expect(try await pump.drain() == 3)
        #expect(try await ledger.journeyCounts("j").present == [1: ["answer": 1]])
        try await ledger.record([Self.event("4", "email_clicked", "h1", ["campaign": "c"])])
        #expect(try await pump.drain() == 1)
        #expect(try await ledger.journeyCounts("j").ended == [1: ["goal:informed": 1]])
        #expect(try await pump.drain() == 0)
        #expect(try await ledger.eventReader(JourneyTriggers.reader) == ledger.lastEvent())
    }

    /// The pump dies between reading and moving its place: the events come again and change nothing twice.
    @Test func whatIsDeliveredAgainChangesNothing() async throws {
        let ledger = try await journeyLedger(Clock(), hcps: ["h1"])
        let runner = try await Self.runner(ledger)
        try await ledger.record([
            Self.event("1", "page_viewed", "h1", ["topic": "heart"]), Self.event("2", "email_clicked", "h1"),
        ])
        let events = try await ledger.events(after: 0, limit: 10).compactMap(JourneyTriggers.event)
        // One enters; the click moves the instance on to the task, past it, and to its goal.
        #expect(try await runner.deliver(events) == 4)
        #expect(try await runner.deliver(events, reader: "journeys", through: 2) == 0)
        #expect(try await ledger.openTasks(ofHCPs: ["h1"]).count == 1)
        // A step that fails moves neither journeys nor the place.
        try await ledger.write { db in
            try db.execute(
                sql: """
                    CREATE TRIGGER no_tasks BEFORE INSERT ON journey_step
                        BEGIN SELECT RAISE(ABORT, 'no'); END
                    """)
        }
        let fresh = Self.event("3", "page_viewed", "h9", ["topic": "heart"])
        try await ledger.record([fresh, Self.event("4", "email_clicked", "h9")])
        let later = try await ledger.events(after: 2, limit: 10).compactMap(JourneyTriggers.event)
        await #expect(throws: (any Error).self) {
            try await runner.deliver(later, reader: "journeys", through: 4)
        }
        #expect(try await ledger.eventReader("journeys") == 2)
        try await ledger.write { try $0.execute(sql: "DROP TRIGGER no_tasks") }
        #expect(try await runner.deliver(later, reader: "journeys", through: 4) == 4)
        #expect(try await ledger.eventReader("journeys") == 4)
    }

    /// Events of nobody whom the ledger knows, and of kinds that are not wanted, are passed over; none is handed on twice.
    @Test func whatConcernsNobodyIsPassedOver() async throws {
        let ledger = try await journeyLedger(Clock(), hcps: ["h1", "h2"])
        try await ledger.replaceCrosswalk([("crm-2", "h2")])
        var events: [EngagementEvent] = []
        for n in 0..<60 { events.append(Self.event("n\(n)", "page_viewed", "nobody\(n)")) }
        events += [Self.event("k1", "page_viewed", "h1"), Self.event("k2", "noise", "h1")]
        for event in events where event.hcpID?.hasPrefix("nobody") == true {
            _ = try await ledger.store([
                EventBatch(
                    source: .key("site"),
                    events: [
                        InboundEvent(
                            kind: .track, messageID: event.messageID, name: event.name, userID: event.hcpID,
                            times: EventTimes(original: 1, sent: nil, received: 1), payload: "{}")
                    ], receivedAt: 1)
            ])
        }
        try await ledger.record(Array(events.suffix(2)))
        _ = try await ledger.store([
            EventBatch(
                source: .key("site"),
                events: [
                    InboundEvent(
                        kind: .track, messageID: "k3", name: "page_viewed", userID: "crm-2",
                        times: EventTimes(original: 1, sent: nil, received: 1), payload: "{}"),
                    InboundEvent(
                        kind: .identify, messageID: "k4", name: "page_viewed", userID: "crm-2", anonymousID: "v1",
                        times: EventTimes(original: 1, sent: nil, received: 1), payload: "{}"),
                    InboundEvent(
                        kind: .page, messageID: "k5", name: "page_viewed", anonymousID: "v1",
                        times: EventTimes(original: 1, sent: nil, received: 1), payload: "{}"),
                ], receivedAt: 1)
        ])
        let seen = Mutex<[String]>([])
        let pump = EventPump(ledger: ledger, reader: "r", batch: 2, wants: { _, name in name == "page_viewed" }) {
            events, reader, last in
            seen.withLock { $0 += events.map { "\($0.event.messageID) \($0.event.hcpID ?? "-")" } }
            try await ledger.moveEventReader(reader, to: last)
        }
        #expect(try await pump.drain() == 4)
        #expect(seen.withLock { $0 } == ["k1 h1", "k3 h2", "k4 h2", "k5 h2"])
        #expect(try await pump.drain() == 0)
        #expect(try await ledger.eventReader("r") == 65)
    }

    /// The running pump is woken by commits; every event is acted on once. Prints how long it took.
    @Test func aRunningPumpKeepsUp() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("pump-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let people = (0..<2000).map { "h\($0)" }
        let ledger = try await journeyLedger(Clock(), path: folder + "/ledger.sqlite", hcps: people)
        let runner = try await Self.runner(ledger)
        let begun = Mutex<[Int64: ContinuousClock.Instant]>([:])
        let delays = Mutex<[Duration]>([])
        let pump = EventPump(ledger: ledger, reader: JourneyTriggers.reader) { events, reader, last in
            let triggers = events.compactMap(JourneyTriggers.event)
            try await runner.deliver(triggers, reader: reader, through: last)
            let now = ContinuousClock.now
            let starts = begun.withLock { $0 }
            delays.withLock { $0 += events.compactMap { event in starts[event.number].map { now - $0 } } }
        }
        try await pump.prepare()
        let running = Task { try await pump.run() }
        var number: Int64 = 0
        for round in 0..<200 {
            let batch = (0..<20).map { place in
                let hcp = people[(round % 100) * 20 + place]
                return round < 100
                    ? Self.event("\(round)/\(place)", "page_viewed", hcp, ["topic": "heart"])
                    : Self.event("\(round)/\(place)", "email_clicked", hcp)
            }
            let now = ContinuousClock.now
            begun.withLock { begun in for place in 1...20 { begun[number + Int64(place)] = now } }
            number += 20
            try await ledger.record(batch)
        }
        while try await ledger.eventReader(JourneyTriggers.reader) != number { await Task.yield() }
        running.cancel()
        _ = try? await running.value
        #expect(try await ledger.journeyCounts("j").ended == [1: ["goal:informed": 2000]])
        let sorted = delays.withLock { $0.sorted() }
        #expect(sorted.count == 4000)
        print("event to journey step, p99: \(sorted[sorted.count * 99 / 100]) of \(sorted.count) events")
    }
}
