import EngagementModel

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Why a record cannot be read at all.
enum StructuralFault: String, Sendable, Hashable {
    case nulByte = "nul_byte"
    case lineTooLong = "line_too_long"
    case unclosedQuote = "unclosed_quote"
    case strayReturn = "stray_return"
    case raggedRow = "ragged_row"
    case badEncoding = "bad_encoding"

    var message: String {
        switch self {
        case .nulByte: "the row holds a NUL byte"
        case .lineTooLong: "the row is longer than \(RecordScanner.longestRecord / 1_000_000) MB"
        case .unclosedQuote: "a quotation mark is not closed, or text follows its end"
        case .strayReturn: "a carriage return stands in a cell without quotation marks"
        case .raggedRow: "the row has more or fewer cells than the header"
        case .badEncoding: "the row is not valid UTF-8"
        }
    }
}

/// Splits a delimited file into records by RFC 4180, and recovers after what breaks it: a record with an unclosed
/// quotation mark costs its first line only, so that it never swallows its neighbours.
struct RecordScanner: ~Copyable {
    /// Bytes of a record; the engine's own limit for a line.
    static let longestRecord = 2_000_000

    struct Record {
        /// Of the first byte, from the beginning of the file.
        var offset: Int
        /// Of the first line, from 1.
        var line: Int
        var isBlank: Bool
        var fault: StructuralFault?
    }

    private let descriptor: Int32
    private let delimiter: UInt8
    private let lineEnd: UInt8
    private var buffer: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    /// Window of the buffer not yet consumed, and where it lies in the file.
    private var start = 0
    private var end = 0
    private var fileOffset = 0
    private var atEnd = false
    private var nextLine = 1
    /// The bytes of the last record without its line end; empty when it was too long.
    private(set) var content: UnsafeBufferPointer<UInt8> = UnsafeBufferPointer(start: nil, count: 0)

    init(path: String, delimiter: UInt8, lineEnd: UInt8 = 10) throws {
        descriptor = open(path, O_RDONLY)
        guard descriptor >= 0 else {
            throw Diagnostic(
                "file_unreadable", "cannot open the file: \(String(cString: strerror(errno)))", file: path)
        }
        self.delimiter = delimiter
        self.lineEnd = lineEnd
        capacity = 1 << 20
        buffer = .allocate(capacity: capacity)
        _ = fill()
        if end >= 3, buffer[0] == 0xEF, buffer[1] == 0xBB, buffer[2] == 0xBF { consume(3) }
    }

    deinit {
        buffer.deallocate()
        close(descriptor)
    }

    private mutating func consume(_ count: Int) {
        start += count
        fileOffset += count
    }

    /// Reads more behind the window; false at the end of the file.
    private mutating func fill() -> Bool {
        if atEnd { return false }
        if start > 0 {
            memmove(buffer, buffer + start, end - start)
            end -= start
            start = 0
        }
        if end == capacity {
            let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity * 2)
            memcpy(larger, buffer, end)
            buffer.deallocate()
            buffer = larger
            capacity *= 2
        }
        let got = read(descriptor, buffer + end, capacity - end)
        if got <= 0 {
            atEnd = true
            return false
        }
        end += got
        return true
    }

    /// Place of the next `byte` at or after `from` (relative to the window), reading more up to the limit.
    private mutating func find(_ byte: UInt8, from: Int) -> Int? {
        var from = from
        while true {
            if from < end - start, let found = memchr(buffer + start + from, Int32(byte), end - start - from) {
                return UnsafePointer(found.assumingMemoryBound(to: UInt8.self)) - UnsafePointer(buffer + start)
            }
            from = max(from, end - start)
            if from > Self.longestRecord || !fill() { return nil }
        }
    }

    /// The next record, or nil at the end.
    mutating func next() -> Record? {
        if start == end && !fill() { return nil }
        let offset = fileOffset
        let line = nextLine
        guard let firstEnd = find(lineEnd, from: 0) ?? (end - start <= Self.longestRecord ? end - start : nil),
            firstEnd <= Self.longestRecord
        else { return tooLong(offset, line) }
        var recordEnd = firstEnd
        var fault: StructuralFault?
        if memchr(buffer + start, 34, firstEnd) != nil {
            if let closed = quotedEnd() { recordEnd = closed } else { fault = .unclosedQuote }
        }
        var length = recordEnd
        if lineEnd == 10, length > 0, buffer[start + length - 1] == 13 { length -= 1 }
        if fault == nil, memchr(buffer + start, 0, length) != nil { fault = .nulByte }
        if fault == nil, lineEnd == 10, hasStrayReturn(length) { fault = .strayReturn }
        content = UnsafeBufferPointer(start: buffer + start, count: length)
        nextLine += 1
        if recordEnd > firstEnd { nextLine += content.count { $0 == lineEnd } }
        consume(min(recordEnd + 1, end - start))
        return Record(offset: offset, line: line, isBlank: length == 0, fault: fault)
    }

    /// Skips a line without keeping it.
    private mutating func tooLong(_ offset: Int, _ line: Int) -> Record {
        while true {
            if let found = memchr(buffer + start, Int32(lineEnd), end - start) {
                consume(UnsafePointer(found.assumingMemoryBound(to: UInt8.self)) - UnsafePointer(buffer + start) + 1)
                break
            }
            consume(end - start)
            if !fill() { break }
        }
        content = UnsafeBufferPointer(start: nil, count: 0)
        nextLine += 1
        return Record(offset: offset, line: line, isBlank: false, fault: .lineTooLong)
    }

    /// Where the record that begins here ends, its quoted cells observed; nil when a quotation mark is not closed
    /// properly.
    private mutating func quotedEnd() -> Int? {
        var place = 0
        while true {
            if place < end - start || fill(), buffer[start + place] == 34 {
                // Inside: two marks are one, a single one ends the cell.
                var search = place + 1
                while true {
                    guard let mark = find(34, from: search) else { return nil }
                    if mark + 1 >= end - start { _ = fill() }
                    if mark + 1 < end - start, buffer[start + mark + 1] == 34 {
                        search = mark + 2
                    } else {
                        place = mark + 1
                        break
                    }
                }
                if place >= end - start { return place }
                if buffer[start + place] == 13, lineEnd == 10 {
                    if place + 1 >= end - start { _ = fill() }
                    if place + 1 >= end - start { return place + 1 }
                    place += 1
                }
                if buffer[start + place] == lineEnd { return place }
                guard buffer[start + place] == delimiter else { return nil }
                place += 1
            } else {
                // A plain cell: up to the delimiter or the end of the line.
                while true {
                    if place >= end - start, !fill() { return end - start }
                    let byte = buffer[start + place]
                    if byte == lineEnd { return place }
                    place += 1
                    if byte == delimiter { break }
                }
            }
            if place > Self.longestRecord { return nil }
        }
    }

    /// Whether a carriage return stands outside quotation marks.
    private func hasStrayReturn(_ length: Int) -> Bool {
        guard memchr(buffer + start, 13, length) != nil else { return false }
        var quoted = false
        for place in 0..<length {
            let byte = buffer[start + place]
            if byte == 34 { quoted.toggle() }
            if byte == 13 && !quoted { return true }
        }
        return false
    }
}
