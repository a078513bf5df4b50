import Synchronization

/// Collects requests while a transaction runs and hands the next transaction all of them.
///
/// A transaction that fails is tried again one request at a time, so that one bad request does not fail its neighbours.
final class ClaimQueue: Sendable {
    typealias Work = @Sendable ([ClaimRequest]) async throws -> [ClaimOutcome]
    private typealias Answer = CheckedContinuation<ClaimOutcome, any Error>

    private struct State {
        var waiting: [(ClaimRequest, Answer)] = []
        var isRunning = false
    }

    private let state = Mutex(State())
    private let limit: Int
    private let work: Work

    init(limit: Int, _ work: @escaping Work) {
        self.limit = max(1, limit)
        self.work = work
    }

    func add(_ request: ClaimRequest) async throws -> ClaimOutcome {
        try await withCheckedThrowingContinuation { answer in
            let begins = state.withLock { state in
                state.waiting.append((request, answer))
                defer { state.isRunning = true }
                return !state.isRunning
            }
            // The drain lives as long as there are requests; every request waits for its answer, so none outlives it.
            if begins { Task { await drain() } }
        }
    }

    private func drain() async {
        while let batch = next() { await answer(batch) }
    }

    private func next() -> [(ClaimRequest, Answer)]? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.isRunning = false
                return nil
            }
            let batch = Array(state.waiting.prefix(limit))
            state.waiting.removeFirst(batch.count)
            return batch
        }
    }

    private func answer(_ batch: [(ClaimRequest, Answer)]) async {
        do {
            let outcomes = try await work(batch.map(\.0))
            for (outcome, item) in zip(outcomes, batch) { item.1.resume(returning: outcome) }
        } catch {
            guard batch.count > 1 else {
                for item in batch { item.1.resume(throwing: error) }
                return
            }
            for item in batch { await answer([item]) }
        }
    }
}
