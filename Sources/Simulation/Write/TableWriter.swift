internal import EngagementModel
internal import Foundation

/// Writes one CSV file, field by field, into a byte buffer: RFC 4180 quoting, records ended by a line feed (as
/// Unix tools append them; the readers of RFC 4180 take both).
///
/// A field method writes its value and a comma; `end()` turns the last comma into the line's end. Fields never
/// throw: the first failure to write is kept and thrown by `end()`, so that the hot loop stays free of branches.
final class TableWriter {
    let url: URL
    private(set) var rows = 0
    private(set) var bytes = 0
    private let handle: FileHandle
    // Constant pointers: the optimiser then checks no exclusive access per field.
    private let base: UnsafeMutablePointer<UInt8>
    private let cursor: UnsafeMutablePointer<Int>
    private var failure: (any Error)?

    private static let capacity = 1 << 18
    /// Room for one row: the simulator's longest is below 1 KiB, so that fields need not ask.
    private static let slack = 1 << 13

    convenience init(_ url: URL, columns: [String]) throws {
        guard FileManager.default.createFile(atPath: url.path, contents: nil) else {
            throw Diagnostic(
                "file_not_writable", "the file cannot be created", file: url.path,
                remedy: "check that the folder exists and may be written to")
        }
        try self.init(url, handle: FileHandle(forWritingTo: url), columns: columns)
    }

    /// Writes to a handle that is already open; `url` only names it in errors.
    init(_ url: URL, handle: FileHandle, columns: [String]) throws {
        self.url = url
        self.handle = handle
        base = .allocate(capacity: TableWriter.capacity + TableWriter.slack)
        cursor = .allocate(capacity: 1)
        cursor.initialize(to: 0)
        for column in columns { text(column) }
        try end()
        rows = 0
    }

    deinit {
        base.deallocate()
        cursor.deallocate()
    }

    // MARK: Fields

    @inline(__always) func empty() { put(UInt8(ascii: ",")) }

    /// Text that needs no quotes: identifiers, codes of closed lists, numbers already spelled.
    @inline(__always) func plain(_ text: StaticString) {
        (base + cursor.pointee).update(from: text.utf8Start, count: text.utf8CodeUnitCount)
        cursor.pointee += text.utf8CodeUnitCount
        put(UInt8(ascii: ","))
    }

    func plain(_ bytes: [UInt8]) {
        append(bytes)
        put(UInt8(ascii: ","))
    }

    /// Any text; quoted when it holds a comma, a quote or a line's end.
    func text(_ value: String) {
        var value = value
        value.withUTF8 { bytes in
            let special = bytes.contains { $0 == 0x2C || $0 == 0x22 || $0 == 0x0A || $0 == 0x0D }
            if special { put(UInt8(ascii: "\"")) }
            for byte in bytes {
                if byte == 0x22 { put(0x22) }
                put(byte)
            }
            if special { put(UInt8(ascii: "\"")) }
        }
        put(UInt8(ascii: ","))
    }

    @inline(__always) func integer(_ value: Int) {
        digits(value)
        put(UInt8(ascii: ","))
    }

    /// A number with a fixed count of decimals (0...6), rounded half away from zero.
    func decimal(_ value: Double, _ places: Int) {
        var scale = 1
        for _ in 0..<places { scale *= 10 }
        let scaled = Int((abs(value) * Double(scale)).rounded())
        if value < 0 && scaled != 0 { put(UInt8(ascii: "-")) }
        digits(scaled / scale)
        if places > 0 {
            put(UInt8(ascii: "."))
            padded(scaled % scale, places)
        }
        put(UInt8(ascii: ","))
    }

    @inline(__always) func bool(_ value: Bool) { value ? plain("true") : plain("false") }

    /// A letter and a number with leading zeros.
    @inline(__always) func identifier(_ prefix: UInt8, _ number: Int, _ width: Int) {
        put(prefix)
        padded(number, width)
        put(UInt8(ascii: ","))
    }

    /// `I0000001-17`, and `I0000001-17o` for a child.
    @inline(__always) func compound(_ prefix: UInt8, _ subject: Int, _ number: Int, suffix: UInt8 = 0) {
        put(prefix)
        padded(subject, 7)
        put(UInt8(ascii: "-"))
        digits(number)
        if suffix != 0 { put(suffix) }
        put(UInt8(ascii: ","))
    }

    func day(_ day: Day) {
        rawDay(day.number)
        put(UInt8(ascii: ","))
    }

    func day(_ day: Day?) {
        if let day { self.day(day) } else { empty() }
    }

    /// RFC 3339 in UTC: `2025-03-04T14:05:09Z`.
    @inline(__always) func instant(_ seconds: Int64) {
        let number = Int32(truncatingIfNeeded: seconds / 86_400)
        let rest = Int(seconds % 86_400)
        rawDay(number)
        put(UInt8(ascii: "T"))
        padded(rest / 3600, 2)
        put(UInt8(ascii: ":"))
        padded(rest / 60 % 60, 2)
        put(UInt8(ascii: ":"))
        padded(rest % 60, 2)
        put(UInt8(ascii: "Z"))
        put(UInt8(ascii: ","))
    }

    // MARK: Rows

    func end() throws {
        base[cursor.pointee - 1] = 0x0A
        rows += 1
        if cursor.pointee >= TableWriter.capacity { flush() }
        if let failure { throw failure }
    }

    /// The bytes of the row under way, for deliveries that come twice.
    func repeatRow(from start: Int) throws {
        let count = cursor.pointee - start
        (base + cursor.pointee).update(from: base + start, count: count)
        cursor.pointee += count
        rows += 1
        if cursor.pointee >= TableWriter.capacity { flush() }
        if let failure { throw failure }
    }

    /// Where the next row begins in the buffer.
    var mark: Int { cursor.pointee }

    func close() throws {
        flush()
        if let failure { throw failure }
        do { try handle.close() } catch { throw diagnostic(error) }
    }

    private func flush() {
        guard cursor.pointee > 0 else { return }
        if failure == nil {
            do {
                try handle.write(
                    contentsOf: Data(bytesNoCopy: base, count: cursor.pointee, deallocator: .none))
            } catch { failure = diagnostic(error) }
        }
        bytes += cursor.pointee
        cursor.pointee = 0
    }

    private func diagnostic(_ error: any Error) -> Diagnostic {
        Diagnostic(
            "file_not_written", "the file could not be written: \(error.localizedDescription)", file: url.path,
            remedy: "check the free space of the disk")
    }

    // MARK: Bytes

    @inline(__always) private func put(_ byte: UInt8) {
        base[cursor.pointee] = byte
        cursor.pointee &+= 1
    }

    private func append(_ bytes: [UInt8]) {
        bytes.withUnsafeBufferPointer { source in
            guard let start = source.baseAddress else { return }
            (base + cursor.pointee).update(from: start, count: source.count)
        }
        cursor.pointee += bytes.count
    }

    @inline(__always) private func digits(_ value: Int) {
        if value < 0 {
            put(UInt8(ascii: "-"))
            digits(-value)
            return
        }
        var width = 1
        var limit = 10
        while value >= limit {
            width += 1
            limit *= 10
        }
        padded(value, width)
    }

    @inline(__always) private func padded(_ value: Int, _ width: Int) {
        var rest = value
        var i = cursor.pointee + width - 1
        while i >= cursor.pointee {
            base[i] = UInt8(truncatingIfNeeded: 48 + rest % 10)
            rest /= 10
            i -= 1
        }
        cursor.pointee += width
    }

    @inline(__always) private func rawDay(_ number: Int32) {
        let c = Day(number: number).civil
        padded(c.year, 4)
        put(UInt8(ascii: "-"))
        padded(c.month, 2)
        put(UInt8(ascii: "-"))
        padded(c.day, 2)
    }
}
