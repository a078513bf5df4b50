internal import Dispatch
internal import Foundation

/// Work split over the processor's cores; the split never changes the result.
enum ParallelParts {
    static let cores = max(1, ProcessInfo.processInfo.activeProcessorCount)

    /// Results of `body` for 0..<parts, in order.
    static func map<Result: Sendable>(_ parts: Int, _ body: @Sendable (Int) -> Result) -> [Result] {
        guard parts > 1 else { return (0..<parts).map(body) }
        return [Result](unsafeUninitializedCapacity: parts) { buffer, initialized in
            guard let base = buffer.baseAddress else { return }
            let slots = SharedPointer(base)
            // Each part initialises its own slot.
            DispatchQueue.concurrentPerform(iterations: parts) { part in
                (slots.pointer + part).initialize(to: body(part))
            }
            initialized = parts
        }
    }
}

/// A pointer that the parts of one parallel call share.
///
/// Unchecked: each part touches a region of its own, and the call outlives all parts.
struct SharedPointer<Value>: @unchecked Sendable {
    let pointer: UnsafeMutablePointer<Value>
    init(_ pointer: UnsafeMutablePointer<Value>) { self.pointer = pointer }
}
