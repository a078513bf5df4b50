import EngagementModel
import Ledger
import Logging
import Synchronization

/// Writes down what became of messages: results that come in while a transaction is made durable share the next one.
///
/// What was handed over must not be forgotten: when the ledger fails, the results wait here and are tried again until
/// they are written; meanwhile nothing new is begun. If the process ends before, the claims are found `sending` at the
/// next start, and become uncertain.
actor ResultDesk {
    private struct Entry {
        var number: Int64
        var handover: Handover
        var done: CheckedContinuation<Void, Never>
    }

    private let desk: ClaimDesk
    private let logger: Logger
    private let rest: @Sendable (Duration) async throws -> Void
    private var waiting: [Entry] = []
    private var isWriting = false
    /// Whether the last attempt to write failed.
    private(set) var isFailing = false
    /// How often a ledger that fails is still tried; nil = for ever. Set when the program ends.
    private nonisolated let triesLeft = Mutex<Int?>(nil)

    init(desk: ClaimDesk, logger: Logger, rest: @escaping @Sendable (Duration) async throws -> Void) {
        self.desk = desk
        self.logger = logger
        self.rest = rest
    }

    /// The program ends: a ledger that fails is tried a few times more, and then left.
    nonisolated func end() { triesLeft.withLock { $0 = $0 ?? 5 } }

    /// Returns when the result is durable, or the process gives up.
    func note(_ number: Int64, _ handover: Handover) async {
        await withCheckedContinuation { continuation in
            waiting.append(Entry(number: number, handover: handover, done: continuation))
            guard !isWriting else { return }
            isWriting = true
            // Inherits the actor; ends when nothing waits.
            Task { await write() }
        }
    }

    private func write() async {
        while !waiting.isEmpty {
            let batch = waiting
            waiting = []
            await store(batch)
            for entry in batch { entry.done.resume() }
        }
        isWriting = false
    }

    private func store(_ batch: [Entry]) async {
        var delay = Duration.milliseconds(200)
        while true {
            do {
                try await commit(batch)
                if isFailing { logger.notice("the ledger takes results again") }
                isFailing = false
                return
            } catch {
                if !isFailing {
                    logger.error(
                        "results wait for the ledger",
                        metadata: ["code": "\((error as? Diagnostic)?.code ?? "unknown")"])
                }
                isFailing = true
                let isOver = triesLeft.withLock { left in
                    guard let count = left else { return false }
                    left = count - 1
                    return count <= 0
                }
                if isOver { return }
                do { try await rest(delay) } catch { return }
                delay = min(delay * 2, .seconds(30))
            }
        }
    }

    private func commit(_ batch: [Entry]) async throws {
        do {
            try await desk.finish(batch.map { ($0.number, $0.handover.result) })
        } catch let error as Diagnostic where error.code == "not_sending" || error.code == "unknown_claim" {
            // One row that a person settled meanwhile must not hold up the others.
            for entry in batch {
                do { try await desk.finish([(entry.number, entry.handover.result)]) } catch let error as Diagnostic
                    where error.code == "not_sending" || error.code == "unknown_claim"
                { logger.warning("a result came too late", metadata: ["claim": "\(entry.number)"]) }
            }
        }
        for entry in batch where entry.handover.suppresses {
            if case .failed(let code) = entry.handover.result {
                try await desk.ledger.recordBounce(ofClaim: entry.number, code: code, suppresses: true)
            }
        }
    }
}
