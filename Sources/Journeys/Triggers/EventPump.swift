import EngagementModel
package import Ledger
import ServiceLifecycle
import Synchronization

/// Reads events as they are committed and hands them on in their order, each once.
///
/// The store wakes it, so an event is handed on some milliseconds after its commit; what other processes wrote is looked
/// for every `interval`. It goes on from where the ledger says that it stopped: the receiver moves that place in the
/// transaction in which it acts, so that a crash neither skips an event nor repeats its effect.
package struct EventPump: Service {
    /// Acts on events and moves the reader's place: to the last of the stretch that they come from.
    package typealias Receive =
        @Sendable (_ events: [StoredEvent], _ reader: String, _ through: Int64) async throws ->
        Void
    /// Whether events of this kind and name are of any use to the receiver.
    package typealias Wants = @Sendable (EventKind, String) -> Bool

    private let ledger: Ledger
    private let reader: String
    private let batch: Int
    private let interval: Duration
    private let wants: Wants
    private let receive: Receive
    private let failed: @Sendable (String) -> Void
    private let memory = PumpMemory()

    /// - Parameters:
    ///   - reader: the name of its place in the ledger.
    ///   - batch: events of one call, and so of one transaction.
    ///   - wants: the others are passed over unread, as are events of nobody whom the ledger knows.
    ///   - failed: told once for each cause; the events are tried again.
    package init(
        ledger: Ledger, reader: String, batch: Int = 500, interval: Duration = .milliseconds(100),
        wants: @escaping Wants = { _, _ in true }, failed: @escaping @Sendable (String) -> Void = { _ in },
        receive: @escaping Receive
    ) {
        self.ledger = ledger
        self.reader = reader
        self.batch = batch
        self.interval = interval
        self.wants = wants
        self.failed = failed
        self.receive = receive
    }

    /// A new reader begins with what comes from now on: events of the past start nothing. Call it before the door opens.
    package func prepare() async throws {
        if try await ledger.eventReader(reader) == nil {
            try await ledger.moveEventReader(reader, to: try await ledger.lastEvent())
        }
    }

    /// Hands on everything that waits now.
    /// - Returns: events handed on.
    @discardableResult
    package func drain() async throws -> Int {
        var count = 0
        var place = max(try await ledger.eventReader(reader) ?? 0, memory.place)
        while !Task.isCancelled {
            let stretch = try await ledger.stretch(after: place, limit: batch, scan: batch * 10, wants: wants)
            guard let last = stretch.last else { break }
            place = last
            if stretch.events.isEmpty {
                memory.pass(last)
            } else {
                try await receive(stretch.events, reader, last)
                memory.save(last)
            }
            count += stretch.events.count
        }
        if let place = memory.due() {
            try await ledger.moveEventReader(reader, to: place)
            memory.save(place)
        }
        return count
    }

    /// Runs until the task is cancelled or the service is asked to stop.
    package func run() async throws { await cancelWhenGracefulShutdown { await loop() } }

    private func loop() async {
        let (wake, caller) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let calls = ledger.bell.calls()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { for await _ in calls { caller.yield() } }
            group.addTask { [interval] in
                while !Task.isCancelled {
                    try? await Task.sleep(for: interval)
                    caller.yield()
                }
            }
            var known = ""
            for await _ in wake {
                if Task.isCancelled { break }
                do {
                    try await drain()
                    known = ""
                } catch is CancellationError { break } catch {
                    let said = (error as? Diagnostic)?.code ?? "\(type(of: error))"
                    if said != known { failed(said) }
                    known = said
                }
            }
            caller.finish()
            group.cancelAll()
        }
    }
}

/// How far a pump has come past events that concern nobody: looked at again after a crash, they are passed over again, so
/// their place is written down once a second and not with every commit of events.
private final class PumpMemory: Sendable {
    private struct State {
        var place: Int64 = 0
        var isSaved = true
        var savedAt = ContinuousClock.now
    }
    private let state = Mutex(State())

    var place: Int64 { state.withLock { $0.place } }

    func pass(_ place: Int64) {
        state.withLock { state in
            state.place = place
            state.isSaved = false
        }
    }

    func save(_ place: Int64) {
        state.withLock { $0 = State(place: place, isSaved: true, savedAt: .now) }
    }

    /// The place, if it is to be written down now.
    func due() -> Int64? {
        state.withLock { state in
            let waits = ContinuousClock.now - state.savedAt
            return state.isSaved || waits < .seconds(1) ? nil : state.place
        }
    }
}
