import EngagementModel
import Ledger
package import Logging
import ServiceLifecycle
import Synchronization

/// Sends what is due for as long as the program runs.
///
/// At the start it recovers; when the ledger fails it stops sending and goes on by itself once the ledger is back; on
/// SIGTERM it begins nothing more, waits for what is on its way, and writes it down.
package struct DeliveryService: Service {
    package let worker: DeliveryWorker
    private let bell: Doorbell
    private let poll: Duration
    private let afterRound: @Sendable () async throws -> Void
    private let logger: Logger

    /// - Parameters:
    ///   - poll: how often it looks for due claims when nobody rings.
    ///   - afterRound: follows every round: closing batches of files, reading the mail drop.
    package init(
        _ worker: DeliveryWorker, poll: Duration = .seconds(1), logger: Logger,
        afterRound: @escaping @Sendable () async throws -> Void = {}
    ) {
        self.worker = worker
        self.poll = poll
        self.logger = logger
        self.afterRound = afterRound
        bell = Doorbell()
    }

    /// Something new is due: look at once.
    package func nudge() { bell.ring() }

    package func run() async throws {
        let (bell, worker) = (bell, worker)
        await withGracefulShutdownHandler {
            await loop()
        } onGracefulShutdown: {
            worker.end()
            bell.stop()
        }
        await worker.close()
    }

    private func loop() async {
        let bell = bell
        var isRecovered = false
        var failures = 0
        while !bell.isStopped && !Task.isCancelled {
            do {
                if !isRecovered {
                    let open = try await worker.recover()
                    if !open.isEmpty {
                        logger.warning(
                            "messages were on their way when the last run ended", metadata: ["count": "\(open.count)"])
                    }
                    isRecovered = true
                }
                try await worker.drain(stops: { bell.isStopped })
                try await afterRound()
                if failures > 0 { logger.notice("sending goes on") }
                failures = 0
            } catch {
                // Another part of the program has ended it: that one says why.
                if Task.isCancelled || error is CancellationError { break }
                if failures == 0 {
                    logger.error(
                        "sending stops", metadata: ["code": "\((error as? Diagnostic)?.code ?? "\(type(of: error))")"])
                }
                failures += 1
            }
            await bell.wait(upTo: failures == 0 ? poll : min(.seconds(30), poll * (1 << min(failures, 6))))
        }
    }
}

/// Wakes one waiter: by a ring, after a time, or because all is over.
final class Doorbell: Sendable {
    private struct State {
        var isRung = false
        var isStopped = false
        var waiter: CheckedContinuation<Void, Never>?
    }
    private let state = Mutex(State())

    var isStopped: Bool { state.withLock { $0.isStopped } }

    func ring() { wake { $0.isRung = true } }
    func stop() { wake { $0.isStopped = true } }

    private func wake(_ change: (inout State) -> Void) {
        let waiter = state.withLock { state in
            change(&state)
            defer { state.waiter = nil }
            if state.waiter != nil { state.isRung = false }
            return state.waiter
        }
        waiter?.resume()
    }

    func wait(upTo duration: Duration) async {
        let timer = Task {
            // Cancelled when somebody rang before: then there is nothing to wake.
            guard (try? await Task.sleep(for: duration)) != nil else { return }
            ring()
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if state.isRung || state.isStopped {
                        state.isRung = false
                        return true
                    }
                    state.waiter = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            ring()
        }
        timer.cancel()
    }
}
