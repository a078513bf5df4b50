import EngagementModel
import Foundation
import GRDB
import Synchronization
import Testing

@testable import Ledger

/// Many batches, one commit; and a door that closes when too much waits.
@Suite struct EventDeskTests {
    private static func batch(_ number: Int, count: Int = 10) -> EventBatch {
        EventBatch(
            source: .key("site"), events: (0..<count).map { EventStoreTests.event("\(number)/\($0)") },
            receivedAt: EventStoreTests.now, bytes: 100 * count)
    }

    @Test func everyBatchIsAnsweredWithItsOwnReceipt() async throws {
        let ledger = try memoryLedger()
        let desk = EventDesk(ledger: ledger)
        let receipts = try await withThrowingTaskGroup(of: (Int, EventReceipt).self) { group in
            for number in 0..<300 {
                group.addTask { (number, try await desk.append(Self.batch(number % 200, count: 1 + number % 7))) }
            }
            return try await group.reduce(into: [Int: EventReceipt]()) { $0[$1.0] = $1.1 }
        }
        #expect(receipts.count == 300)
        for (number, receipt) in receipts { #expect(receipt.stored + receipt.duplicates == 1 + number % 7) }
        let stored = receipts.values.reduce(0) { $0 + $1.stored }
        #expect(try await ledger.events(after: 0, limit: 10_000).count == stored)
        #expect(desk.waiting == 0)
    }

    @Test func tooMuchIsRefusedAtOnceAndNothingOfItIsStored() async throws {
        let ledger = try memoryLedger()
        var capacity = EventDesk.Capacity()
        capacity.events = 25
        let desk = EventDesk(ledger: ledger, capacity: capacity)
        let held = Held()
        // The writer is busy until the test lets it go: what comes meanwhile must wait, or be refused.
        let writer = Task { try await ledger.write { _ in held.hold() } }
        await held.begun()
        async let first = desk.append(Self.batch(1))
        async let second = desk.append(Self.batch(2))
        async let third = desk.append(Self.batch(3))
        while desk.waiting < 30 { await Task.yield() }
        #expect(throws: Diagnostic.self) { try desk.checkRoom() }
        #expect(await code { _ = try await desk.append(Self.batch(4)) } == "events_busy")
        held.release()
        try await writer.value
        #expect(try await [first, second, third].map(\.stored) == [10, 10, 10])
        try desk.checkRoom()
        #expect(try await ledger.events(after: 0, limit: 100).count == 30)
        #expect(try await desk.append(Self.batch(4)).stored == 10)
    }

    @Test func aBatchThatTheStoreRefusesFailsNoNeighbour() async throws {
        let ledger = try memoryLedger()
        try await ledger.write { db in
            try db.execute(
                sql: """
                    CREATE TRIGGER no_bad BEFORE INSERT ON event WHEN new.name = 'bad'
                        BEGIN SELECT RAISE(ABORT, 'bad'); END
                    """)
        }
        let desk = EventDesk(ledger: ledger)
        let results = await withTaskGroup(of: (Int, Bool).self) { group in
            for number in 0..<40 {
                group.addTask {
                    var batch = Self.batch(number)
                    if number % 8 == 0 { batch.events[5].name = "bad" }
                    return (number, (try? await desk.append(batch)) != nil)
                }
            }
            return await group.reduce(into: [Int: Bool]()) { $0[$1.0] = $1.1 }
        }
        for (number, isStored) in results { #expect(isStored == (number % 8 != 0)) }
        #expect(try await ledger.events(after: 0, limit: 1000).count == 350)
    }

    /// Keeps the ledger's writer until it is released.
    private final class Held: Sendable {
        private let gate = DispatchSemaphore(value: 0)
        private let state = Mutex(false)
        func hold() {
            state.withLock { $0 = true }
            gate.wait()
        }
        func begun() async { while !state.withLock({ $0 }) { await Task.yield() } }
        func release() { gate.signal() }
    }
}
