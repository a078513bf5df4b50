internal import Foundation

/// Runs work that computes for seconds on a thread of its own: it must not sit on the cooperative pool.
enum OwnThread {
    static func run<R: Sendable>(
        _ name: String, _ body: @escaping @Sendable () throws -> R
    ) async throws -> R {
        try await withCheckedThrowingContinuation { continuation in
            let thread = Thread { continuation.resume(with: Result { try body() }) }
            // The trellis recursions keep their buffers on the heap; threads of a crew are the planner's own.
            thread.stackSize = 8 << 20
            thread.name = name
            thread.start()
        }
    }
}
