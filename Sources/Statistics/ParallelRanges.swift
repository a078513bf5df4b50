internal import Dispatch
internal import Foundation

/// Work over a range of rows, cut into pieces of fixed size and spread over the cores.
///
/// The cut depends on the number of rows alone and results come back in order, so that sums are the same on every
/// machine, whatever its number of cores.
package enum ParallelRanges {
    /// Results of `body` for consecutive pieces of 0..<count, in order.
    package static func map<Result: Sendable>(
        _ count: Int, piece: Int, _ body: @Sendable (Range<Int>) -> Result
    ) -> [Result] {
        let parts = (count + piece - 1) / max(piece, 1)
        guard parts > 1 else { return count > 0 ? [body(0..<count)] : [] }
        return [Result](unsafeUninitializedCapacity: parts) { buffer, initialized in
            guard let base = buffer.baseAddress else { return }
            let slots = Slots(base: base)
            DispatchQueue.concurrentPerform(iterations: parts) { part in
                let rows = part * piece..<min((part + 1) * piece, count)
                (slots.base + part).initialize(to: body(rows))
            }
            initialized = parts
        }
    }

    /// Unchecked: each part initialises its own slot, and the call outlives all parts.
    private struct Slots<Value>: @unchecked Sendable { let base: UnsafeMutablePointer<Value> }
}

/// A region of memory that the parts of one parallel call write, each its own rows.
///
/// Unchecked: a pointer is not `Sendable`; whoever makes one promises that parts do not overlap and that the memory
/// outlives the call.
package struct DisjointRows<Value>: @unchecked Sendable {
    package let base: UnsafeMutablePointer<Value>
    package init(_ base: UnsafeMutablePointer<Value>) { self.base = base }
}
