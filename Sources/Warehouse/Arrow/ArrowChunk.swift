internal import CADBC
internal import EngagementModel

/// Which rows hold a value: one bit a row, as Arrow stores it.
package struct ArrowValidity: @unchecked Sendable {
    // Unchecked: read-only memory of the batch that `owner` keeps alive.
    @usableFromInline package let bits: UnsafePointer<UInt8>?
    @usableFromInline package let offset: Int
    package let count: Int
    private let owner: RecordBatch

    init(bits: UnsafePointer<UInt8>?, offset: Int, count: Int, owner: RecordBatch) {
        self.bits = bits
        self.offset = offset
        self.count = count
        self.owner = owner
    }

    /// True when the column has no map of nulls at all; the test that lets a loop skip the bits.
    @inlinable package var isComplete: Bool { bits == nil }

    @inlinable package subscript(row: Int) -> Bool {
        guard let bits else { return true }
        let bit = offset + row
        return bits[bit >> 3] & (1 << UInt8(bit & 7)) != 0
    }
}

/// One column of one batch.
// Unchecked: read-only memory of the batch that `owner` keeps alive.
package struct ArrowChunk: @unchecked Sendable {
    package let field: ArrowField
    package let count: Int
    let owner: RecordBatch
    let array: UnsafePointer<CADBC.ArrowArray>
    /// First row, counted in the array's own buffers.
    let offset: Int

    init(
        field: ArrowField, owner: RecordBatch, array: UnsafePointer<CADBC.ArrowArray>, offset: Int, count: Int
    ) {
        self.field = field
        self.owner = owner
        self.array = array
        self.offset = offset
        self.count = count
    }

    package var validity: ArrowValidity {
        // A null array has no buffers: nothing in it is valid. Unions have no map either, but are not read.
        guard array.pointee.null_count != 0, array.pointee.n_buffers > 0,
            let bits = array.pointee.buffers?[0]
        else { return ArrowValidity(bits: nil, offset: offset, count: count, owner: owner) }
        return ArrowValidity(
            bits: bits.assumingMemoryBound(to: UInt8.self), offset: offset, count: count, owner: owner)
    }

    package func isValid(_ row: Int) -> Bool { field.type != .null && validity[row] }

    /// Buffer `index` from its first byte; nil when the driver left it out, as it may for no rows.
    func buffer(_ index: Int) -> UnsafeRawPointer? {
        index < Int(array.pointee.n_buffers) ? array.pointee.buffers?[index] : nil
    }

    /// The rows of this chunk as they lie in the driver's buffer; unchecked, so only after a look at the type.
    func rows<T>(of type: T.Type) -> UnsafeBufferPointer<T> {
        guard count > 0, let base = buffer(1) else { return UnsafeBufferPointer(start: nil, count: 0) }
        return UnsafeBufferPointer(start: base.assumingMemoryBound(to: T.self) + offset, count: count)
    }

    /// The numbers of this chunk without a copy; an error when they lie in memory as something else.
    package func view<T>(_ physical: ArrowType.Physical) throws -> UnsafeBufferPointer<T> {
        guard field.physical == physical else {
            throw wrongType("\(physical)")
        }
        return rows(of: T.self)
    }

    func wrongType(_ wanted: String) -> Diagnostic {
        Diagnostic("wrong_type", "column `\(field.name)` is \(field.logicalType), not \(wanted)")
    }

    // MARK: Nested

    /// The values of a dictionary column, which its codes point into.
    var dictionaryChunk: ArrowChunk? {
        guard let values = field.dictionary, let array = array.pointee.dictionary else { return nil }
        return ArrowChunk(
            field: values, owner: owner, array: array, offset: Int(array.pointee.offset),
            count: Int(array.pointee.length))
    }

    /// Child `index` whole, as offsets of lists count in it.
    func child(_ index: Int) -> ArrowChunk? {
        guard index < field.children.count, let array = array.pointee.children?[index] else { return nil }
        return ArrowChunk(
            field: field.children[index], owner: owner, array: array, offset: Int(array.pointee.offset),
            count: Int(array.pointee.length))
    }

    /// Member `index` of a struct, row by row with the struct.
    func member(_ index: Int) -> ArrowChunk? {
        guard let whole = child(index) else { return nil }
        return ArrowChunk(
            field: whole.field, owner: owner, array: whole.array, offset: whole.offset + offset, count: count)
    }

    /// Where the elements of the list in `row` lie in `child(0)`.
    func elements(of row: Int) -> Range<Int> {
        let at = offset + row
        switch field.type {
        case .list(.small), .map:
            guard let starts = buffer(1)?.assumingMemoryBound(to: Int32.self) else { return 0..<0 }
            return Int(starts[at])..<Int(starts[at + 1])
        case .list(.large):
            guard let starts = buffer(1)?.assumingMemoryBound(to: Int64.self) else { return 0..<0 }
            return Int(starts[at])..<Int(starts[at + 1])
        case .list(.view):
            guard let starts = buffer(1)?.assumingMemoryBound(to: Int32.self),
                let sizes = buffer(2)?.assumingMemoryBound(to: Int32.self)
            else { return 0..<0 }
            return Int(starts[at])..<Int(starts[at]) + Int(sizes[at])
        case .list(.largeView):
            guard let starts = buffer(1)?.assumingMemoryBound(to: Int64.self),
                let sizes = buffer(2)?.assumingMemoryBound(to: Int64.self)
            else { return 0..<0 }
            return Int(starts[at])..<Int(starts[at]) + Int(sizes[at])
        case .list(.fixed(let width)):
            return at * width..<(at + 1) * width
        default:
            return 0..<0
        }
    }

    // MARK: Text and binary

    /// The bytes of a text or binary value, in place. Undefined under a null.
    package func bytes(at row: Int) -> UnsafeBufferPointer<UInt8> {
        let at = offset + row
        switch field.type {
        case .text(.small), .binary(.small):
            guard let starts = buffer(1)?.assumingMemoryBound(to: Int32.self) else { return Self.noBytes }
            return slice(buffer(2), Int(starts[at]), Int(starts[at + 1] - starts[at]))
        case .text(.large), .binary(.large):
            guard let starts = buffer(1)?.assumingMemoryBound(to: Int64.self) else { return Self.noBytes }
            return slice(buffer(2), Int(starts[at]), Int(starts[at + 1] - starts[at]))
        case .text(.view), .binary(.view):
            // 16 bytes a row: the length; then up to 12 bytes in place, or 4 of prefix, buffer and offset.
            guard let view = buffer(1).map({ $0 + at * 16 }) else { return Self.noBytes }
            let length = Int(view.loadUnaligned(as: Int32.self))
            if length <= 12 { return slice(view, 4, length) }
            let part = Int(view.loadUnaligned(fromByteOffset: 8, as: Int32.self))
            return slice(buffer(2 + part), Int(view.loadUnaligned(fromByteOffset: 12, as: Int32.self)), length)
        case .fixedBinary(let width):
            return slice(buffer(1), at * width, width)
        default:
            return Self.noBytes
        }
    }

    private static var noBytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: nil, count: 0) }

    private func slice(_ base: UnsafeRawPointer?, _ start: Int, _ length: Int) -> UnsafeBufferPointer<UInt8> {
        guard let base, length > 0 else { return Self.noBytes }
        return UnsafeBufferPointer(start: base.assumingMemoryBound(to: UInt8.self) + start, count: length)
    }
}
