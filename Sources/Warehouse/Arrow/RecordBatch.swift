internal import CADBC
internal import EngagementModel

/// Some rows of a result, exactly as the driver laid them out: nothing is copied until a copy is asked for.
///
/// The buffers belong to the driver and are released with the last reference to the batch. An
/// `UnsafeBufferPointer` from a batch is therefore valid only while the batch is referenced: inside the body of
/// `stream`, or inside `withExtendedLifetime(batch)`.
// Unchecked: the C array is written once, before the initialiser returns, and only read until deinit.
package final class RecordBatch: @unchecked Sendable {
    package let schema: RecordSchema
    package let rowCount: Int
    private let array: CADBC.ArrowArray

    /// Takes over the array: a bitwise move, which the C data interface allows.
    init(schema: RecordSchema, taking array: CADBC.ArrowArray) {
        self.schema = schema
        self.array = array
        self.rowCount = Int(array.length)
    }

    deinit {
        var array = array
        if let release = array.release { release(&array) }
    }

    /// The column at `place` (from 0) of this batch.
    package func chunk(at place: Int) -> ArrowChunk {
        let child = array.children[place]!
        return ArrowChunk(
            field: schema.fields[place], owner: self, array: child,
            offset: Int(array.offset) + Int(child.pointee.offset), count: rowCount)
    }

    package func chunk(_ name: String) throws -> ArrowChunk { chunk(at: try schema.place(of: name)) }
}

// MARK: - Views of numbers, without a copy

extension RecordBatch {
    /// Straight to the buffer: this runs once a column and batch.
    private func view<T>(_ name: String, _ physical: ArrowType.Physical) throws -> UnsafeBufferPointer<T> {
        let place = try schema.place(of: name)
        guard schema.fields[place].physical == physical else { throw chunk(at: place).wrongType("\(physical)") }
        guard let child = array.children[place], rowCount > 0, let base = child.pointee.buffers[1] else {
            return UnsafeBufferPointer(start: nil, count: 0)
        }
        let start = base.assumingMemoryBound(to: T.self) + Int(array.offset + child.pointee.offset)
        return UnsafeBufferPointer(start: start, count: rowCount)
    }

    package func int8(_ name: String) throws -> UnsafeBufferPointer<Int8> { try view(name, .int8) }
    package func int16(_ name: String) throws -> UnsafeBufferPointer<Int16> { try view(name, .int16) }
    /// `INTEGER`, and days as their number since 1970-01-01.
    package func int32(_ name: String) throws -> UnsafeBufferPointer<Int32> { try view(name, .int32) }
    /// `BIGINT`, and time stamps in their own unit.
    package func int64(_ name: String) throws -> UnsafeBufferPointer<Int64> { try view(name, .int64) }
    package func uint8(_ name: String) throws -> UnsafeBufferPointer<UInt8> { try view(name, .uint8) }
    package func uint16(_ name: String) throws -> UnsafeBufferPointer<UInt16> { try view(name, .uint16) }
    package func uint32(_ name: String) throws -> UnsafeBufferPointer<UInt32> { try view(name, .uint32) }
    package func uint64(_ name: String) throws -> UnsafeBufferPointer<UInt64> { try view(name, .uint64) }
    package func float(_ name: String) throws -> UnsafeBufferPointer<Float> { try view(name, .float) }
    package func double(_ name: String) throws -> UnsafeBufferPointer<Double> { try view(name, .double) }

    /// Which rows of the column hold a value. What lies under a null is undefined.
    package func validity(_ name: String) throws -> ArrowValidity { try chunk(name).validity }
}

extension RecordBatch: ColumnReading {
    package subscript(name: String) -> ArrowColumn {
        get throws {
            let place = try schema.place(of: name)
            return ArrowColumn(field: schema.fields[place], chunks: [chunk(at: place)])
        }
    }
}
