internal import CADBC

/// Columns as an Arrow stream: a driver asks for batch after batch, and only one batch is laid out at a time.
final class ExportStream {
    private let columns: [(name: String, data: ColumnData)]
    private let rowCount: Int
    private let batchRows: Int
    private var next = 0
    private var handedOut: [HandedOutArray] = []
    /// What went wrong while a batch was laid out. DuckDB 2.0 takes a failed batch for the end of the stream, so
    /// whoever runs the ingest looks here afterwards.
    private(set) var failure: (any Error)?

    init(_ columns: ColumnSet, batchRows: Int) throws {
        self.columns = columns.columns
        self.rowCount = try columns.checkedRowCount()
        self.batchRows = batchRows
    }

    /// The C stream; it holds this object until the driver releases it.
    func cStream() -> ArrowArrayStream {
        var stream = ArrowArrayStream()
        stream.private_data = Unmanaged.passRetained(self).toOpaque()
        stream.get_schema = { stream, out in
            guard let source = ExportStream.from(stream), let out else { return ExportStream.failed }
            out.initialize(to: exportSchema(of: source.columns.map { ($0.name, $0.data.format) }))
            return 0
        }
        stream.get_next = { stream, out in
            guard let source = ExportStream.from(stream), let out else { return ExportStream.failed }
            return source.writeNext(to: out)
        }
        stream.get_last_error = { _ in nil }
        stream.release = { stream in
            guard let stream, let data = stream.pointee.private_data else { return }
            stream.pointee.release = nil
            stream.pointee.private_data = nil
            Unmanaged<ExportStream>.fromOpaque(data).release()
        }
        return stream
    }

    /// The errno of an input or output error, EIO.
    private static let failed: Int32 = 5

    private static func from(_ stream: UnsafeMutablePointer<ArrowArrayStream>?) -> ExportStream? {
        stream?.pointee.private_data.map { Unmanaged<ExportStream>.fromOpaque($0).takeUnretainedValue() }
    }

    private func writeNext(to out: UnsafeMutablePointer<CADBC.ArrowArray>) -> Int32 {
        handedOut.removeAll { $0.isReleased }
        out.initialize(to: CADBC.ArrowArray())
        guard next < rowCount else { return 0 }
        let end = min(next + batchRows, rowCount)
        do {
            // The driver calls back on the connection's thread, so this is the task that waits for the ingest.
            try Task.checkCancellation()
            let array = HandedOutArray(try exportArray(of: columns.map(\.data), rows: next..<end))
            handedOut.append(array)
            out.initialize(to: array.cArray())
            next = end
            return 0
        } catch {
            failure = error
            return Self.failed
        }
    }
}

/// An array whose memory outlives its release until the driver asks for the next one.
///
/// DuckDB 2.0 gives a batch back after it has read the first column, if that column was copied (truth values,
/// nulls), and then reads the other columns: with a prompt release it would read freed memory.
private final class HandedOutArray {
    private var array: CADBC.ArrowArray
    private(set) var isReleased = false

    init(_ array: CADBC.ArrowArray) { self.array = array }

    deinit { array.release?(&array) }

    func cArray() -> CADBC.ArrowArray {
        var copy = array
        copy.private_data = Unmanaged.passRetained(self).toOpaque()
        copy.release = { copy in
            guard let copy, let owner = copy.pointee.private_data else { return }
            copy.pointee.release = nil
            let array = Unmanaged<HandedOutArray>.fromOpaque(owner)
            array.takeUnretainedValue().isReleased = true
            array.release()
        }
        return copy
    }
}
