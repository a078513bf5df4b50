internal import CADBC
internal import EngagementModel

// The way into the driver: column values become Arrow arrays that the driver releases when it is done.

/// Memory of one exported structure, freed as a whole by the structure's own release callback.
///
/// Drivers may move a child out of its parent before releasing it, so every structure owns only its own memory.
private final class ExportMemory {
    private var blocks: [UnsafeMutableRawPointer] = []

    /// At least one byte, so that an empty buffer still has an address; 64-byte aligned as Arrow recommends.
    func allocate(bytes: Int) -> UnsafeMutableRawPointer {
        let block = UnsafeMutableRawPointer.allocate(byteCount: max(bytes, 1), alignment: 64)
        blocks.append(block)
        return block
    }

    func allocate<T>(_ count: Int, of type: T.Type) -> UnsafeMutablePointer<T> {
        allocate(bytes: count * MemoryLayout<T>.stride).bindMemory(to: T.self, capacity: count)
    }

    func text(_ string: String) -> UnsafePointer<CChar> {
        let utf8 = Array(string.utf8CString)
        let block = allocate(utf8.count, of: CChar.self)
        block.initialize(from: utf8, count: utf8.count)
        return UnsafePointer(block)
    }

    deinit { for block in blocks { block.deallocate() } }
}

// MARK: - Schemas

/// The schema of a struct with one child a column.
func exportSchema(of columns: [(name: String, format: String)]) -> CADBC.ArrowSchema {
    exportSchema(
        name: "", format: "+s", flags: 0,
        children: columns.map {
            exportSchema(name: $0.name, format: $0.format, flags: 2, children: [])
        })
}

private func exportSchema(
    name: String, format: String, flags: Int64, children: [CADBC.ArrowSchema]
) -> CADBC.ArrowSchema {
    let memory = ExportMemory()
    var schema = CADBC.ArrowSchema()
    schema.format = memory.text(format)
    schema.name = memory.text(name)
    schema.flags = flags
    schema.n_children = Int64(children.count)
    if !children.isEmpty {
        let pointers = memory.allocate(children.count, of: UnsafeMutablePointer<CADBC.ArrowSchema>?.self)
        for (index, child) in children.enumerated() {
            let place = memory.allocate(1, of: CADBC.ArrowSchema.self)
            place.initialize(to: child)
            (pointers + index).initialize(to: place)
        }
        schema.children = pointers
    }
    schema.private_data = Unmanaged.passRetained(memory).toOpaque()
    schema.release = { schema in
        guard let schema, let memory = schema.pointee.private_data else { return }
        for index in 0..<Int(schema.pointee.n_children) {
            if let child = schema.pointee.children[index], let release = child.pointee.release { release(child) }
        }
        schema.pointee.release = nil
        Unmanaged<ExportMemory>.fromOpaque(memory).release()
    }
    return schema
}

// MARK: - Arrays

/// Rows `range` of the columns as one struct array.
func exportArray(of columns: [ColumnData], rows range: Range<Int>) throws -> CADBC.ArrowArray {
    var children: [CADBC.ArrowArray] = []
    do {
        for column in columns { children.append(try exportArray(of: column, rows: range)) }
    } catch {
        for var child in children { child.release?(&child) }
        throw error
    }
    let memory = ExportMemory()
    return finish(memory, length: range.count, nulls: 0, buffers: [nil], children: children)
}

private func finish(
    _ memory: ExportMemory, length: Int, nulls: Int, buffers: [UnsafeRawPointer?], children: [CADBC.ArrowArray] = []
) -> CADBC.ArrowArray {
    var array = CADBC.ArrowArray()
    array.length = Int64(length)
    array.null_count = Int64(nulls)
    array.n_buffers = Int64(buffers.count)
    let places = memory.allocate(max(buffers.count, 1), of: UnsafeRawPointer?.self)
    for (index, buffer) in buffers.enumerated() { (places + index).initialize(to: buffer) }
    array.buffers = places
    array.n_children = Int64(children.count)
    if !children.isEmpty {
        let pointers = memory.allocate(children.count, of: UnsafeMutablePointer<CADBC.ArrowArray>?.self)
        for (index, child) in children.enumerated() {
            let place = memory.allocate(1, of: CADBC.ArrowArray.self)
            place.initialize(to: child)
            (pointers + index).initialize(to: place)
        }
        array.children = pointers
    }
    array.private_data = Unmanaged.passRetained(memory).toOpaque()
    array.release = { array in
        guard let array, let memory = array.pointee.private_data else { return }
        for index in 0..<Int(array.pointee.n_children) {
            if let child = array.pointee.children[index], let release = child.pointee.release { release(child) }
        }
        array.pointee.release = nil
        Unmanaged<ExportMemory>.fromOpaque(memory).release()
    }
    return array
}

private func exportArray(of column: ColumnData, rows range: Range<Int>) throws -> CADBC.ArrowArray {
    switch column {
    case .int64(let values), .timestamp(let values): numbers(values, range)
    case .int32(let values): numbers(values, range)
    case .int16(let values): numbers(values, range)
    case .uint8(let values): numbers(values, range)
    case .double(let values): numbers(values, range)
    case .float(let values): numbers(values, range)
    case .day(let values): optionalNumbers(range, 0 as Int32) { values[$0].number }
    case .optionalInt64(let values), .optionalTimestamp(let values): optionalNumbers(range, 0) { values[$0] }
    case .optionalInt32(let values): optionalNumbers(range, 0) { values[$0] }
    case .optionalDouble(let values): optionalNumbers(range, 0) { values[$0] }
    case .optionalDay(let values): optionalNumbers(range, 0 as Int32) { values[$0]?.number }
    case .bool(let values): bits(range) { values[$0] }
    case .optionalBool(let values): bits(range) { values[$0] }
    case .text(let values): try bytes(range) { row, write in values[row].withUTF8Bytes(write) }
    case .optionalText(let values): try bytes(range) { row, write in values[row]?.withUTF8Bytes(write) }
    case .bytes(let values): try bytes(range) { row, write in values[row].withUnsafeBufferPointer(write) }
    case .nulls: finish(ExportMemory(), length: range.count, nulls: range.count, buffers: [])
    case .textDictionary(let codes, let values):
        try bytes(range) { row, write in
            let code = Int(codes[row])
            if values.indices.contains(code) { values[code].withUTF8Bytes(write) }
        }
    }
}

private func numbers<T>(_ values: [T], _ range: Range<Int>) -> CADBC.ArrowArray {
    let memory = ExportMemory()
    let place = memory.allocate(range.count, of: T.self)
    values.withUnsafeBufferPointer {
        if let base = $0.baseAddress { place.initialize(from: base + range.lowerBound, count: range.count) }
    }
    return finish(memory, length: range.count, nulls: 0, buffers: [nil, UnsafeRawPointer(place)])
}

private func optionalNumbers<T>(_ range: Range<Int>, _ zero: T, _ value: (Int) -> T?) -> CADBC.ArrowArray {
    let memory = ExportMemory()
    let place = memory.allocate(range.count, of: T.self)
    var validity = ValidityWriter(memory, range.count)
    for (row, index) in range.enumerated() {
        let value = value(index)
        (place + row).initialize(to: value ?? zero)
        if value == nil { validity.clear(row) }
    }
    return finish(
        memory, length: range.count, nulls: validity.nulls, buffers: [validity.buffer, UnsafeRawPointer(place)])
}

private func bits(_ range: Range<Int>, _ value: (Int) -> Bool?) -> CADBC.ArrowArray {
    let memory = ExportMemory()
    let place = memory.allocate((range.count + 7) / 8, of: UInt8.self)
    place.initialize(repeating: 0, count: (range.count + 7) / 8)
    var validity = ValidityWriter(memory, range.count)
    for (row, index) in range.enumerated() {
        switch value(index) {
        case true: place[row >> 3] |= 1 << UInt8(row & 7)
        case false: break
        case nil: validity.clear(row)
        }
    }
    return finish(
        memory, length: range.count, nulls: validity.nulls, buffers: [validity.buffer, UnsafeRawPointer(place)])
}

/// Text and bytes: `each` hands the row's bytes to `write`, or does not call it for null.
private func bytes(
    _ range: Range<Int>, _ each: (Int, (UnsafeBufferPointer<UInt8>) -> Void) -> Void
) throws -> CADBC.ArrowArray {
    let memory = ExportMemory()
    let starts = memory.allocate(range.count + 1, of: Int32.self)
    starts.initialize(repeating: 0, count: range.count + 1)
    var validity = ValidityWriter(memory, range.count)
    var data: [UInt8] = []
    for (row, index) in range.enumerated() {
        var written = false
        each(index) {
            data.append(contentsOf: $0)
            written = true
        }
        if !written { validity.clear(row) }
        guard let end = Int32(exactly: data.count) else {
            throw Diagnostic(
                "too_large", "\(range.count) rows hold more than 2 GiB of text",
                remedy: "load fewer rows at a time")
        }
        starts[row + 1] = end
    }
    let place = memory.allocate(data.count, of: UInt8.self)
    place.initialize(from: data, count: data.count)
    return finish(
        memory, length: range.count, nulls: validity.nulls,
        buffers: [validity.buffer, UnsafeRawPointer(starts), UnsafeRawPointer(place)])
}

/// A map of nulls that is only made when there is one.
private struct ValidityWriter {
    private let memory: ExportMemory
    private let count: Int
    private var bits: UnsafeMutablePointer<UInt8>?
    private(set) var nulls = 0

    init(_ memory: ExportMemory, _ count: Int) {
        self.memory = memory
        self.count = count
    }

    var buffer: UnsafeRawPointer? { bits.map { UnsafeRawPointer($0) } }

    mutating func clear(_ row: Int) {
        if bits == nil {
            let size = (count + 7) / 8
            let fresh = memory.allocate(size, of: UInt8.self)
            fresh.initialize(repeating: 0xFF, count: size)
            bits = fresh
        }
        bits?[row >> 3] &= ~(1 << UInt8(row & 7))
        nulls += 1
    }
}

extension String {
    /// The UTF-8 of the text in place where it is stored so, as native strings are.
    fileprivate func withUTF8Bytes(_ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        var copy = self
        copy.withUTF8(body)
    }
}
