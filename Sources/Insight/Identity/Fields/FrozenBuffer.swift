/// A block of plain values that is written once and then only read, from any thread, without bounds or
/// exclusivity checks: what the pair loop walks over.
///
/// Unchecked: the memory never changes after `init`, and lives as long as the object.
package final class FrozenBuffer<Element: BitwiseCopyable>: @unchecked Sendable {
    package let base: UnsafePointer<Element>
    package let count: Int
    private let storage: UnsafeMutablePointer<Element>

    package init(_ values: [Element]) {
        let memory = UnsafeMutablePointer<Element>.allocate(capacity: max(1, values.count))
        values.withUnsafeBufferPointer { source in
            if let start = source.baseAddress { memory.initialize(from: start, count: source.count) }
        }
        storage = memory
        count = values.count
        base = UnsafePointer(storage)
    }

    deinit { storage.deallocate() }

    @inline(__always) package subscript(index: Int) -> Element { base[index] }
}
