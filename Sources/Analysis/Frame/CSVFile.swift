internal import EngagementModel
internal import Statistics

/// A delimited file by RFC 4180: where every cell lies, found in one pass by all cores. Cells are read on request.
///
/// UTF-8 with or without a byte-order mark, line ends LF or CRLF, blank lines skipped. Unchecked: nothing changes
/// after `init`.
final class CSVFile: @unchecked Sendable {
    let path: String
    let names: [String]
    let rowCount: Int
    let bytes: FileBytes
    let parts: [CSVPart]
    /// Number of the first row of each part, and the row count at the end.
    let firstRows: [Int]

    /// - Throws: `empty_file`, `bad_encoding`, `nul_byte`, `duplicate_header`, `ragged_row`, `unclosed_quote`,
    ///   `stray_quote`, each with the line.
    init(path: String, delimiter: UInt8) throws {
        let file = try FileBytes(path: path)
        self.path = path
        bytes = file
        let header = try CSVHeader(file, path: path, delimiter: delimiter)
        names = header.names
        let (found, hasHighBit) = try Self.split(file, header, path: path, delimiter: delimiter)
        let slots = Cores.map(found.parts.count) { index in
            var part = found.parts[index]
            part.scan(file.base, hasQuotes: found.hasQuotes)
            if hasHighBit { part.checkEncoding(file.base) }
            return part
        }
        parts = slots
        var first = [0]
        for part in slots { first.append(first[first.count - 1] + part.rows) }
        firstRows = first
        rowCount = first[first.count - 1]
        // Swift runs `deinit` for an object whose properties are all set, so the parts are freed when this throws.
        if let fault = slots.lazy.compactMap(\.fault).first { throw diagnostic(fault) }
    }

    deinit { for part in parts { part.deallocate() } }

    private struct Split: Sendable {
        var parts: [CSVPart]
        var hasQuotes: Bool
    }

    /// Cuts the rows into ranges that begin with a row: the parity of the quotation marks before a place tells
    /// whether it lies inside a quoted cell.
    private static func split(
        _ file: FileBytes, _ header: CSVHeader, path: String, delimiter: UInt8
    ) throws -> (Split, hasHighBit: Bool) {
        let start = header.end
        let length = file.count - start
        let count = max(1, min(Cores.count * 4, length / 200_000), length / (1 << 30))
        let nominal = (0...count).map { start + length * $0 / count }
        let census = Cores.map(count) { part in
            ByteCensus(
                UnsafeBufferPointer(start: file.base + nominal[part], count: nominal[part + 1] - nominal[part]))
        }
        if census.contains(where: \.hasNUL) {
            let place = (start..<file.count).first { file.base[$0] == 0 } ?? start
            throw Diagnostic(
                "nul_byte", "the file holds a NUL byte", file: path, line: lineNumber(of: place, in: file),
                remedy: "write the file as UTF-8 text")
        }
        var cuts = [start]
        var inside = false
        for part in 1..<count + 1 where part < count {
            if census[part - 1].quotes % 2 == 1 { inside.toggle() }
            var open = inside
            var place = nominal[part]
            while place < file.count {
                let byte = file.base[place]
                place += 1
                if byte == 34 { open.toggle() }
                if byte == 10 && !open { break }
            }
            cuts.append(max(place, cuts[part - 1]))
        }
        cuts.append(file.count)
        let parts = (0..<count).map { part in
            // A part may reach past its nominal end; the line ends of both neighbours are enough for it.
            let lines = census[part].lineEnds + (part + 1 < count ? census[part + 1].lineEnds : 0)
            return CSVPart(
                offset: cuts[part], length: cuts[part + 1] - cuts[part], width: header.names.count,
                delimiter: delimiter,
                lineEnds: cuts[part + 1] <= nominal[min(part + 2, count)]
                    ? lines : cuts[part + 1] - cuts[part])
        }
        let hasQuotes = census.contains { $0.quotes > 0 }
        return (Split(parts: parts, hasQuotes: hasQuotes), census.contains(where: \.hasHighBit))
    }

    /// From 1.
    static func lineNumber(of offset: Int, in file: FileBytes) -> Int {
        ByteCensus(UnsafeBufferPointer(start: file.base, count: min(offset, file.count))).lineEnds + 1
    }

    /// The line, from 1, on which a row begins.
    func line(ofRow row: Int) -> Int {
        guard rowCount > 0 else { return 1 }
        let row = min(max(row, 0), rowCount - 1)
        let index = parts.indices.first { firstRows[$0 + 1] > row } ?? 0
        let cell = parts[index].cell(bytes.base, row - firstRows[index], 0)
        return Self.lineNumber(of: cell.start - bytes.base, in: bytes)
    }

    private func diagnostic(_ fault: CSVFault) -> Diagnostic {
        let line = Self.lineNumber(of: fault.offset, in: bytes)
        func make(_ code: String, _ message: String, _ remedy: String) -> Diagnostic {
            Diagnostic(code, message, file: path, line: line, remedy: remedy)
        }
        switch fault.kind {
        case .tooManyCells:
            return make(
                "ragged_row", "the row has more cells than the header, \(names.count)",
                "enclose a cell that holds the delimiter in quotation marks")
        case .tooFewCells:
            return make(
                "ragged_row", "the row has fewer cells than the header, \(names.count)",
                "write every cell, also those that are empty")
        case .strayQuote:
            return make(
                "stray_quote", "a quotation mark stands inside a cell",
                "enclose the cell in quotation marks and double those inside it")
        case .unclosedQuote:
            return make(
                "unclosed_quote", "a quotation mark is not closed in the row that begins here",
                "close it, or double it where it stands for itself")
        case .badEncoding: return make("bad_encoding", "the row is not UTF-8 text", "write the file as UTF-8")
        case .tooLong:
            return make("line_too_long", "a row is longer than 4 GB", "look for a quotation mark that is not closed")
        }
    }
}

extension CSVPart {
    /// The bytes of a cell as they stand in the file, quotation marks included.
    @inline(__always) func cell(
        _ file: UnsafePointer<UInt8>, _ row: Int, _ column: Int
    ) -> (start: UnsafePointer<UInt8>, count: Int) {
        let base = file + offset
        let index = row &* width &+ column
        let end = Int(ends[index])
        var start = index == 0 ? 0 : Int(ends[index &- 1]) &+ 1
        if column == 0 {
            // Blank lines before the row.
            while start < end, base[start] == 10 || (base[start] == 13 && base[start &+ 1] == 10) { start &+= 1 }
        }
        var count = end &- start
        if column == width &- 1 && count > 0 && base[end &- 1] == 13 { count &-= 1 }
        return (base + start, count)
    }
}

/// The first row: names of the columns.
struct CSVHeader: Sendable {
    var names: [String] = []
    /// Place of the first byte after it.
    var end = 0

    init(_ file: FileBytes, path: String, delimiter: UInt8) throws {
        func fail(_ code: String, _ message: String, line: Int? = nil, column: Int? = nil, _ remedy: String?)
            -> Diagnostic
        {
            Diagnostic(code, message, file: path, line: line, column: column, remedy: remedy)
        }
        let bytes = UnsafeBufferPointer(start: file.base, count: file.count)
        let isUTF16 =
            bytes.count >= 2 && (bytes[0], bytes[1]) == (0xFF, 0xFE)
            || bytes.count >= 2 && (bytes[0], bytes[1]) == (0xFE, 0xFF)
        if isUTF16 { throw fail("bad_encoding", "the file is UTF-16", "write the file as UTF-8") }
        var at = bytes.count >= 3 && (bytes[0], bytes[1], bytes[2]) == (0xEF, 0xBB, 0xBF) ? 3 : 0
        var line = 1
        while at < bytes.count, bytes[at] == 10 || bytes[at] == 13 {
            line += bytes[at] == 10 ? 1 : 0
            at += 1
        }
        if at == bytes.count { throw FileBytes.empty(path) }
        var cell: [UInt8] = []
        var (inside, wasQuoted, ended) = (false, false, false)
        func close() throws {
            guard let name = String(validating: cell, as: UTF8.self) else {
                throw fail("bad_encoding", "the header is not UTF-8 text", line: line, "write the file as UTF-8")
            }
            let place = names.count + 1
            if name.contains("\0") {
                throw fail("nul_byte", "the header holds a NUL byte", line: line, "write the file as UTF-8 text")
            }
            if name.contains("\r") && !wasQuoted {
                throw fail(
                    "stray_return", "the lines end with a carriage return alone", line: line,
                    "end lines with LF or CRLF")
            }
            // Columns without a name (a spreadsheet's row numbers) may stand there but cannot be asked for.
            if !name.isEmpty && names.contains(name) {
                throw fail(
                    "duplicate_header", "the header names `\(name)` twice", line: line, column: place,
                    "rename one of the columns")
            }
            names.append(name)
            cell = []
            wasQuoted = false
        }
        while at < bytes.count && !ended {
            let byte = bytes[at]
            let next = at + 1 < bytes.count ? bytes[at + 1] : 10
            switch byte {
            case 34 where inside && next == 34:
                cell.append(34)
                at += 1
            case 34:
                inside.toggle()
                wasQuoted = true
            case delimiter where !inside: try close()
            case 13 where !inside && next == 10: break
            case 10 where !inside: ended = true
            default: cell.append(byte)
            }
            at += 1
        }
        if inside {
            throw fail(
                "unclosed_quote", "a quotation mark is not closed in the header", line: line,
                "close it, or double it where it stands for itself")
        }
        try close()
        end = at
    }
}
