internal import EngagementModel
internal import Ledger
internal import Synchronization

/// Writes outcomes and decisions to the ledger, many in one commit.
///
/// An outcome is acknowledged when its commit is on disk. Decisions wait for the next commit: an outcome's, the one of
/// every refresh (a second), or one of their own when many wait. What waits is written by `finish`; a process that is
/// killed loses the decisions of the last second, never an outcome.
final class LiveLog: Sendable {
    typealias Waiting = CheckedContinuation<LiveStored, any Error>

    private struct State {
        var outcomes: [(LiveOutcomeRecord, Waiting)] = []
        var decisions: [LiveDecisionRecord] = []
        var isWriting = false
        var isClosed = false
    }

    /// Decisions that start a commit of their own, and those beyond which `decide` refuses.
    static let batch = 2000
    static let capacity = 100_000

    private let state = Mutex(State())
    private let ledger: Ledger
    /// The last outcome that is known, and what to do with new ones.
    private let seen: @Sendable () -> Int64
    private let take: @Sendable ([LiveOutcomeRecord]) -> Void

    init(
        ledger: Ledger, seen: @escaping @Sendable () -> Int64, take: @escaping @Sendable ([LiveOutcomeRecord]) -> Void
    ) {
        self.ledger = ledger
        self.seen = seen
        self.take = take
    }

    /// - Throws: `log_full` when the disk does not keep up, `stopping` after `finish`.
    func add(_ decision: LiveDecisionRecord) throws {
        let mustWrite = try state.withLock { state in
            guard !state.isClosed else { throw Self.stopping }
            guard state.decisions.count < Self.capacity else {
                throw Diagnostic(
                    "log_full", "Decisions come faster than they can be written down.", remedy: "try again in a second")
            }
            state.decisions.append(decision)
            return state.decisions.count >= Self.batch && !state.isWriting
        }
        if mustWrite { Task { await self.write() } }
    }

    /// Returns when the outcome is on disk.
    func add(_ outcome: LiveOutcomeRecord) async throws -> LiveStored {
        try await withCheckedThrowingContinuation { continuation in
            let isClosed = state.withLock { state in
                if !state.isClosed { state.outcomes.append((outcome, continuation)) }
                return state.isClosed
            }
            if isClosed { return continuation.resume(throwing: Self.stopping) }
            Task { await self.write() }
        }
    }

    /// Writes everything that waits; nothing is taken afterwards.
    ///
    /// - Throws: what the ledger says when it cannot be written.
    func finish() async throws {
        state.withLock { $0.isClosed = true }
        try await flush()
        // Another task may hold the last batch.
        while state.withLock({ $0.isWriting }) { await Task.yield() }
        try await flush()
    }

    /// Writes what waits now, unless another task is at it.
    func flush() async throws {
        if let failure = await write() { throw failure }
    }

    private static let stopping = Diagnostic("stopping", "The server is stopping.", remedy: "ask another one")

    /// One writer at a time: it goes on until nothing waits. Answers with the error that made it stop.
    @discardableResult
    private func write() async -> (any Error)? {
        let mayWrite = state.withLock { state in
            defer { state.isWriting = true }
            return !state.isWriting
        }
        guard mayWrite else { return nil }
        while true {
            let (outcomes, decisions) = state.withLock { state in
                let batch = (state.outcomes, state.decisions)
                (state.outcomes, state.decisions) = ([], [])
                if batch.0.isEmpty && batch.1.isEmpty { state.isWriting = false }
                return batch
            }
            if outcomes.isEmpty && decisions.isEmpty { return nil }
            do {
                let answer = try await ledger.appendLive(
                    outcomes: outcomes.map(\.0), decisions: decisions, after: seen())
                take(answer.news)
                for (waiting, stored) in zip(outcomes, answer.stored) { waiting.1.resume(returning: stored) }
            } catch {
                // Outcomes are refused, so that the caller sends them again; decisions wait for a better moment.
                for waiting in outcomes { waiting.1.resume(throwing: error) }
                state.withLock { state in
                    state.decisions = decisions + state.decisions
                    state.isWriting = false
                }
                return error
            }
        }
    }
}
