internal import EngagementModel
internal import Foundation
internal import Statistics
internal import Warehouse

/// The table that a method writes with `--out`: named columns of equal length.
package struct AnalysisColumns: Sendable {
    enum Values: Sendable {
        case doubles([Double]), optionalDoubles([Double?]), integers([Int]), texts([String]), flags([Bool])
        case days([Int32])

        var count: Int {
            switch self {
            case .doubles(let values): values.count
            case .optionalDoubles(let values): values.count
            case .integers(let values): values.count
            case .texts(let values): values.count
            case .flags(let values): values.count
            case .days(let values): values.count
            }
        }
    }

    private(set) var columns: [(name: String, values: Values)] = []

    package init() {}

    /// Numbers; NaN is written as an empty cell.
    package mutating func add(_ name: String, _ values: [Double]) { columns.append((name, .doubles(values))) }
    package mutating func add(_ name: String, _ values: [Double?]) { columns.append((name, .optionalDoubles(values))) }
    package mutating func add(_ name: String, _ values: [Int]) { columns.append((name, .integers(values))) }
    package mutating func add(_ name: String, _ values: [String]) { columns.append((name, .texts(values))) }
    package mutating func add(_ name: String, _ values: [Bool]) { columns.append((name, .flags(values))) }
    /// Days since 1970-01-01, written as dates.
    package mutating func add(days name: String, _ values: [Int32]) { columns.append((name, .days(values))) }

    package var names: [String] { columns.map(\.name) }
    package var rowCount: Int { columns.first?.values.count ?? 0 }

    /// Writes the table beside its place and then moves it there, so that no reader sees half of it.
    ///
    /// - Throws: `ragged_columns`, `duplicate_column`, `file_unwritable`.
    package func write(to path: String) async throws {
        let partial = path + ".partial"
        do {
            // Before the work of writing: a place that cannot be written is refused in our words, not the engine's.
            let probe = open(partial, O_WRONLY | O_CREAT | O_TRUNC, 0o666)
            guard probe >= 0 else { throw Self.unwritable(partial) }
            close(probe)
            let lower = path.lowercased()
            if lower.hasSuffix(".parquet") || lower.hasSuffix(".pq") {
                try await writeParquet(partial)
            } else {
                try writeCSV(partial, delimiter: lower.hasSuffix(".tsv") ? 9 : 44)
            }
            guard rename(partial, path) == 0 else {
                throw Self.unwritable(path)
            }
        } catch {
            unlink(partial)
            throw error
        }
    }

    private static func unwritable(_ path: String) -> Diagnostic {
        Diagnostic(
            "file_unwritable", "cannot write: \(String(cString: strerror(errno)))",
            file: path.hasSuffix(".partial") ? String(path.dropLast(8)) : path,
            remedy: "check that the folder is there, may be written and has room")
    }

    private func columnSet() throws -> ColumnSet {
        var set = ColumnSet()
        for (name, values) in columns {
            switch values {
            case .doubles(let values) where values.contains(where: { !$0.isFinite }):
                set.append(name, .optionalDouble(values.map { $0.isFinite ? $0 : nil }))
            case .doubles(let values): set.append(name, .double(values))
            case .optionalDoubles(let values):
                set.append(name, .optionalDouble(values.map { $0.flatMap { $0.isFinite ? $0 : nil } }))
            case .integers(let values): set.append(name, .int64(values.map(Int64.init)))
            case .texts(let values): set.append(name, .text(values))
            case .flags(let values): set.append(name, .bool(values))
            case .days(let values): set.append(name, .day(values.map { Day(number: $0) }))
            }
        }
        _ = try set.checkedRowCount()
        return set
    }

    private func writeParquet(_ path: String) async throws {
        let set = try columnSet()
        let warehouse = try Warehouse.open(WarehouseOptions())
        defer { warehouse.close() }
        let connection = try warehouse.connect()
        try await connection.ingest(set, into: "main.result", mode: .create)
        // COPY takes no bound path; a quotation mark in it is doubled.
        let literal = path.replacing("'", with: "''")
        try await connection.execute("COPY main.result TO '\(literal)' (FORMAT parquet)")
    }

    private func writeCSV(_ path: String, delimiter: UInt8) throws {
        _ = try columnSet().checkedRowCount()
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o666)
        guard descriptor >= 0 else {
            throw Self.unwritable(path)
        }
        defer { close(descriptor) }
        var header: [UInt8] = []
        for (index, name) in names.enumerated() {
            if index > 0 { header.append(delimiter) }
            CSVText.append(name, delimiter, &header)
        }
        header.append(10)
        try Self.write(header, descriptor, path)
        let step = 50_000
        let blocks = (rowCount + step - 1) / step
        // A few blocks at a time are made by all cores and written in their order.
        var first = 0
        while first < blocks {
            let count = min(Cores.count * 2, blocks - first)
            let texts = Cores.map(count) { [first] index in
                let start = (first + index) * step
                return lines(start..<min(rowCount, start + step), delimiter)
            }
            for text in texts { try Self.write(text, descriptor, path) }
            first += count
        }
    }

    private func lines(_ rows: Range<Int>, _ delimiter: UInt8) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(rows.count * columns.count * 12)
        for row in rows {
            for (index, column) in columns.enumerated() {
                if index > 0 { out.append(delimiter) }
                switch column.values {
                case .doubles(let values): CSVText.append(values[row], &out)
                case .optionalDoubles(let values): if let value = values[row] { CSVText.append(value, &out) }
                case .integers(let values): CSVText.append(values[row], &out)
                case .texts(let values): CSVText.append(values[row], delimiter, &out)
                case .flags(let values): out.append(values[row] ? 49 : 48)
                case .days(let values): out.append(contentsOf: Day(number: values[row]).description.utf8)
                }
            }
            out.append(10)
        }
        return out
    }

    private static func write(_ bytes: [UInt8], _ descriptor: Int32, _ path: String) throws {
        var done = 0
        while done < bytes.count {
            let written = bytes.withUnsafeBytes {
                Foundation.write(descriptor, $0.baseAddress! + done, bytes.count - done)
            }
            guard written > 0 else {
                throw Self.unwritable(path)
            }
            done += written
        }
    }
}

/// Cells of a CSV file, as RFC 4180 writes them.
enum CSVText {
    static func append(_ text: String, _ delimiter: UInt8, _ out: inout [UInt8]) {
        var text = text
        text.withUTF8 { bytes in
            guard bytes.contains(where: { $0 == delimiter || $0 == 34 || $0 == 10 || $0 == 13 }) else {
                out.append(contentsOf: bytes)
                return
            }
            out.append(34)
            for byte in bytes {
                if byte == 34 { out.append(34) }
                out.append(byte)
            }
            out.append(34)
        }
    }

    /// The shortest text that reads back as the same number; nothing for NaN and infinities.
    static func append(_ value: Double, _ out: inout [UInt8]) {
        guard value.isFinite else { return }
        if value == value.rounded(), abs(value) < 1e15 { return append(Int(value), &out) }
        out.append(contentsOf: value.description.utf8)
    }

    static func append(_ value: Int, _ out: inout [UInt8]) {
        if value >= 0 && value < 10 {
            out.append(UInt8(48 + value))
        } else {
            out.append(contentsOf: value.description.utf8)
        }
    }
}
