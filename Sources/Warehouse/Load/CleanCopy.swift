import EngagementModel

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A record that is set aside before the engine sees the file.
struct SetAside: Sendable, Hashable {
    /// Number of the record in the file, the header being 1, blank lines not counted.
    var record: Int
    var line: Int
    var fault: StructuralFault
}

/// The file that the engine reads: the delivered one, or, where that holds what would break or mislead the engine's
/// reader (NUL bytes, unclosed quotation marks, endless lines, mixed line ends), a copy without those records.
struct ReadableFile: Sendable {
    var path: String
    var isCopy: Bool
    var setAside: [SetAside]
    /// The line end of `path`.
    var lineEnd: UInt8

    /// Checks `path` and copies it into `folder` when needed.
    init(path: String, facts: FileFacts, delimiter: UInt8, folder: String) throws {
        self.path = path
        isCopy = false
        setAside = []
        let onlyReturns = facts.hasLoneReturn && !facts.hasBareLineFeed && !facts.hasPair
        lineEnd = onlyReturns ? 13 : 10
        let suspicious = facts.hasNUL || facts.longestLine > RecordScanner.longestRecord || facts.mixesLineEnds
        guard suspicious || facts.hasQuote || onlyReturns else { return }
        if !onlyReturns, !facts.mixesLineEnds {
            setAside = try Self.faults(of: path, delimiter: delimiter, lineEnd: lineEnd)
            if setAside.isEmpty { return }
        }
        let copy = "\(folder)/rapport-load-\(getpid())-\(String(facts.hash, radix: 16)).csv"
        setAside = try Self.write(path, to: copy, delimiter: delimiter, lineEnd: lineEnd)
        self.path = copy
        isCopy = true
        lineEnd = 10
    }

    func remove() { if isCopy { unlink(path) } }

    private static func faults(of path: String, delimiter: UInt8, lineEnd: UInt8) throws -> [SetAside] {
        var scanner = try RecordScanner(path: path, delimiter: delimiter, lineEnd: lineEnd)
        var result: [SetAside] = []
        var number = 0
        while let record = scanner.next() {
            if record.isBlank { continue }
            number += 1
            if let fault = record.fault { result.append(SetAside(record: number, line: record.line, fault: fault)) }
        }
        return result
    }

    private static func write(_ path: String, to copy: String, delimiter: UInt8, lineEnd: UInt8) throws -> [SetAside] {
        var scanner = try RecordScanner(path: path, delimiter: delimiter, lineEnd: lineEnd)
        guard let output = fopen(copy, "w") else {
            throw Diagnostic(
                "disk", "cannot write a working copy: \(String(cString: strerror(errno)))", file: copy,
                remedy: "free space in the folder for temporary files")
        }
        var result: [SetAside] = []
        var number = 0
        var failed = false
        while let record = scanner.next() {
            if record.isBlank { continue }
            number += 1
            if let fault = record.fault {
                result.append(SetAside(record: number, line: record.line, fault: fault))
                continue
            }
            let content = scanner.content
            failed = failed || fwrite(content.baseAddress, 1, content.count, output) < content.count
            failed = failed || fputc(10, output) == EOF
        }
        failed = fclose(output) != 0 || failed
        if failed {
            unlink(copy)
            throw Diagnostic(
                "disk", "cannot write a working copy: the disk is full or failing", file: copy,
                remedy: "free space in the folder for temporary files")
        }
        return result
    }
}

/// Where rows of the engine lie in the delivered file.
struct RecordPlaces: Sendable {
    /// A record that the engine's reader refused.
    struct Refused: Sendable, Hashable {
        /// Of its first byte in the file that the engine read, from 0.
        var offset: Int
        var fault: StructuralFault
    }
    struct Place: Sendable, Hashable {
        var record: Int
        var line: Int
    }

    /// Every record set aside, before and by the engine, in order.
    private(set) var setAside: [SetAside] = []
    /// Row of the engine (from 1) → place, for the rows asked for.
    private(set) var rows: [Int: Place] = [:]

    /// Reads the delivered file again; only done when something was set aside.
    init(
        path: String, readable: ReadableFile, delimiter: UInt8, header: Bool, refused: [Refused], rows wanted: Set<Int>
    ) throws {
        let early = Dictionary(readable.setAside.map { ($0.record, $0) }, uniquingKeysWith: { a, _ in a })
        let late = try Self.indices(of: refused, in: readable, delimiter: delimiter)
        let onlyReturns = !readable.isCopy && readable.lineEnd == 13
        var scanner = try RecordScanner(
            path: path, delimiter: delimiter, lineEnd: onlyReturns || Self.usesReturns(path) ? 13 : 10)
        var number = 0
        var kept = 0
        var row = header ? -1 : 0
        while let record = scanner.next() {
            if record.isBlank { continue }
            number += 1
            if let fault = early[number] {
                setAside.append(fault)
                continue
            }
            kept += 1
            if let fault = late[kept] {
                setAside.append(SetAside(record: number, line: record.line, fault: fault))
                continue
            }
            row += 1
            if wanted.contains(row) { rows[row] = Place(record: number, line: record.line) }
        }
    }

    /// Rows of a file with one JSON object a line → lines; the engine skips blank ones.
    static func linesOfObjects(_ path: String, rows wanted: Set<Int>) throws -> [Int: Int] {
        // No byte separates cells here, so every line is a record.
        var scanner = try RecordScanner(path: path, delimiter: 0)
        var result: [Int: Int] = [:]
        var row = 0
        while result.count < wanted.count, let record = scanner.next() {
            if record.isBlank { continue }
            row += 1
            if wanted.contains(row) { result[row] = record.line }
        }
        return result
    }

    /// Number among the records of the file that the engine read, from 1 → fault.
    private static func indices(
        of refused: [Refused], in file: ReadableFile, delimiter: UInt8
    ) throws -> [Int: StructuralFault] {
        if refused.isEmpty { return [:] }
        let sorted = refused.sorted { $0.offset < $1.offset }
        var scanner = try RecordScanner(path: file.path, delimiter: delimiter, lineEnd: file.lineEnd)
        var result: [Int: StructuralFault] = [:]
        var number = 0
        var next = 0
        var last = 0
        while next < sorted.count, let record = scanner.next() {
            // A refused offset belongs to the last record that begins at or before it.
            while next < sorted.count, sorted[next].offset < record.offset, last > 0 {
                result[last] = sorted[next].fault
                next += 1
            }
            if record.isBlank { continue }
            number += 1
            last = number
        }
        while next < sorted.count, last > 0 {
            result[last] = sorted[next].fault
            next += 1
        }
        return result
    }

    /// Whether the file's lines end with carriage returns alone.
    private static func usesReturns(_ path: String) -> Bool {
        guard let file = fopen(path, "r") else { return false }
        defer { fclose(file) }
        while true {
            let byte = getc(file)
            if byte == EOF || byte == 10 { return false }
            if byte == 13 {
                let after = getc(file)
                return after != 10 && after != EOF
            }
        }
    }
}
