internal import Dispatch
internal import Foundation

/// Work split over the processor's cores; the split never changes the result.
package enum Cores {
    package static let count = max(1, ProcessInfo.processInfo.activeProcessorCount)

    /// Results of `body` for 0..<parts, in order.
    package static func map<Result: Sendable>(_ parts: Int, _ body: @Sendable (Int) -> Result) -> [Result] {
        guard parts > 1 else { return (0..<parts).map(body) }
        return [Result](unsafeUninitializedCapacity: parts) { buffer, initialized in
            guard let base = buffer.baseAddress else { return }
            let slots = Shared(base)
            // Each part initialises its own slot.
            DispatchQueue.concurrentPerform(iterations: parts) { part in
                (slots.value + part).initialize(to: body(part))
            }
            initialized = parts
        }
    }
}

/// A value that is shared between the parts of one parallel call.
///
/// Unchecked: pointers are not `Sendable`, but each part touches a region of its own, and the call outlives all parts.
package struct Shared<Value>: @unchecked Sendable {
    package let value: Value
    package init(_ value: Value) { self.value = value }
}
