import EngagementModel
import Synchronization

/// Takes in batches of events: many requests share one commit, and each is answered after it.
///
/// What waits is bounded. Beyond that a batch is refused at once, so that a client hears "later" instead of waiting in
/// a queue that only grows.
package final class EventDesk: Sendable {
    private typealias Answer = CheckedContinuation<EventReceipt, any Error>

    /// What may wait for the disk.
    package struct Capacity: Sendable {
        package var events = 50_000
        /// Of these, what one source may fill: the others still get in.
        package var perSource = 37_500
        package var bytes = 128 * 1024 * 1024
        /// Events of one commit.
        package var commit = 10_000
        package init() {}
    }

    private struct State {
        var waiting: [(EventBatch, Answer)] = []
        var events = 0
        var bytes = 0
        var isRunning = false
        var bySource: [EventSource: Int] = [:]
        var figures = Figures()
    }

    /// What became of events since the program began.
    package struct Figures: Sendable, Hashable {
        package var stored = 0
        package var duplicates = 0
        /// By code.
        package var rejected: [String: Int] = [:]
        /// Batches that were sent away because too much waited.
        package var busy = 0
    }

    package let ledger: Ledger
    private let capacity: Capacity
    private let state = Mutex(State())

    package init(ledger: Ledger, capacity: Capacity = Capacity()) {
        self.ledger = ledger
        self.capacity = capacity
    }

    /// Events that wait for a commit.
    package var waiting: Int { state.withLock { $0.events } }

    package var figures: Figures { state.withLock { $0.figures } }

    /// Throws unless a batch would be taken now: asked before a body is unpacked.
    package func checkRoom() throws {
        let isBusy = state.withLock { state in
            if !hasRoom(state) { state.figures.busy += 1 }
            return !hasRoom(state)
        }
        if isBusy { throw Self.busy }
    }

    /// Stores a batch; durable when it returns.
    ///
    /// - Throws: `events_busy` when the disk does not keep up, and what the ledger says.
    package func append(_ batch: EventBatch) async throws -> EventReceipt {
        if batch.events.isEmpty && batch.rejected.isEmpty { return EventReceipt() }
        return try await withCheckedThrowingContinuation { answer in
            enum Verdict { case busy, begins, waits }
            let verdict: Verdict = state.withLock { state in
                guard hasRoom(state), state.bySource[batch.source, default: 0] < capacity.perSource else {
                    state.figures.busy += 1
                    return .busy
                }
                state.bySource[batch.source, default: 0] += batch.events.count
                state.waiting.append((batch, answer))
                state.events += batch.events.count
                state.bytes += batch.bytes
                defer { state.isRunning = true }
                return state.isRunning ? .waits : .begins
            }
            switch verdict {
            case .busy: answer.resume(throwing: Self.busy)
            // The drain lives as long as batches wait; every batch waits for its answer, so none outlives it.
            case .begins: Task { await drain() }
            case .waits: break
            }
        }
    }

    private static let busy = Diagnostic(
        "events_busy", "Events come faster than they can be written down.", remedy: "send them again in a second")

    private func hasRoom(_ state: borrowing State) -> Bool {
        state.events < capacity.events && state.bytes < capacity.bytes
    }

    private func drain() async {
        while let taken = next() { await answer(taken) }
    }

    private func next() -> [(EventBatch, Answer)]? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.isRunning = false
                return nil
            }
            var count = 0
            var events = 0
            while count < state.waiting.count, count == 0 || events < capacity.commit {
                events += state.waiting[count].0.events.count
                count += 1
            }
            let taken = Array(state.waiting.prefix(count))
            state.waiting.removeFirst(count)
            return taken
        }
    }

    private func answer(_ taken: [(EventBatch, Answer)]) async {
        do {
            let receipts = try await ledger.store(taken.map(\.0))
            count(taken, receipts)
            release(taken)
            for (receipt, item) in zip(receipts, taken) { item.1.resume(returning: receipt) }
        } catch {
            guard taken.count > 1 else {
                release(taken)
                for item in taken { item.1.resume(throwing: error) }
                return
            }
            // One batch that the store cannot take must not fail its neighbours.
            for item in taken { await answer([item]) }
        }
    }

    private func count(_ taken: [(EventBatch, Answer)], _ receipts: [EventReceipt]) {
        state.withLock { state in
            for (receipt, item) in zip(receipts, taken) {
                state.figures.stored += receipt.stored
                state.figures.duplicates += receipt.duplicates
                for event in item.0.rejected { state.figures.rejected[event.code, default: 0] += 1 }
            }
        }
    }

    private func release(_ taken: [(EventBatch, Answer)]) {
        state.withLock { state in
            for (batch, _) in taken {
                state.events -= batch.events.count
                state.bytes -= batch.bytes
                let left = state.bySource[batch.source, default: 0] - batch.events.count
                state.bySource[batch.source] = left > 0 ? left : nil
            }
        }
    }
}
