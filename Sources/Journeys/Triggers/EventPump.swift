import EngagementModel
package import Ledger
import ServiceLifecycle

/// Reads events as they are committed and hands them on in their order, each once.
///
/// The store wakes it, so an event is handed on some milliseconds after its commit; what other processes wrote is looked
/// for every `interval`. It goes on from where the ledger says that it stopped: the receiver moves that place in the
/// transaction in which it acts, so that a crash neither skips an event nor repeats its effect.
package struct EventPump: Service {
    /// Acts on events and moves the reader's place to the last of them.
    package typealias Receive = @Sendable (_ events: [StoredEvent], _ reader: String) async throws -> Void

    private let ledger: Ledger
    private let reader: String
    private let batch: Int
    private let interval: Duration
    private let receive: Receive
    private let failed: @Sendable (String) -> Void

    /// - Parameters:
    ///   - reader: the name of its place in the ledger.
    ///   - batch: events of one call, and so of one transaction.
    ///   - failed: told once for each cause; the events are tried again.
    package init(
        ledger: Ledger, reader: String, batch: Int = 500, interval: Duration = .milliseconds(100),
        failed: @escaping @Sendable (String) -> Void = { _ in }, receive: @escaping Receive
    ) {
        self.ledger = ledger
        self.reader = reader
        self.batch = batch
        self.interval = interval
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
        var place = try await ledger.eventReader(reader) ?? 0
        while !Task.isCancelled {
            let events = try await ledger.events(after: place, limit: batch)
            guard let last = events.last else { return count }
            try await receive(events, reader)
            place = last.number
            count += events.count
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
