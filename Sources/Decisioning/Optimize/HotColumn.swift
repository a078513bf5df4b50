/// Numbers that a sweep reads millions of times: an array whose address is known, so that no access is checked or
/// counted.
///
/// Unchecked: filled before it is shared, then only read.
final class HotColumn<Element: BitwiseCopyable & Sendable>: @unchecked Sendable {
    let pointer: UnsafeMutablePointer<Element>
    let count: Int

    init(_ values: [Element]) {
        count = values.count
        pointer = .allocate(capacity: max(1, count))
        values.withUnsafeBufferPointer { source in
            if let base = source.baseAddress { pointer.initialize(from: base, count: count) }
        }
    }

    deinit { pointer.deallocate() }

    @inline(__always) subscript(_ index: Int) -> Element { pointer[index] }
}
