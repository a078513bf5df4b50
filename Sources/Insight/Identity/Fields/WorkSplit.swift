import Dispatch
import Foundation

/// Work split over the processor's cores; the split never changes the result.
enum WorkSplit {
    /// Results of `body` for 0..<parts, in order.
    static func map<Result: Sendable>(_ parts: Int, _ body: @Sendable (Int) -> Result) -> [Result] {
        guard parts > 1 else { return (0..<parts).map(body) }
        return [Result](unsafeUninitializedCapacity: parts) { buffer, initialized in
            guard let base = buffer.baseAddress else { return }
            let slots = Slots(base: base)
            // Each part initialises its own slot, and the call outlives all parts.
            DispatchQueue.concurrentPerform(iterations: parts) { part in
                (slots.base + part).initialize(to: body(part))
            }
            initialized = parts
        }
    }

    /// Unchecked: pointers are not `Sendable`, but each part touches a slot of its own.
    private struct Slots<Value>: @unchecked Sendable {
        let base: UnsafeMutablePointer<Value>
    }
}
