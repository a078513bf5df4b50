internal import EngagementModel
internal import Statistics
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// Why a cell cannot be read as what was asked for.
enum CellFault: Error, Sendable {
    case missing, notANumber, notFinite, notWhole, notAFlag, notADay, notATime

    /// - Parameters:
    ///   - line, column: from 1.
    func diagnostic(_ name: String, file: String, line: Int, column: Int?) -> Diagnostic {
        let (code, message, remedy) =
            switch self {
            case .missing: ("missing_value", "`\(name)` is empty", "fill the cell or leave the row out")
            case .notANumber:
                (
                    "bad_number", "`\(name)` is not a number",
                    "write digits with a decimal point; leave it empty if unknown"
                )
            case .notFinite:
                ("bad_number", "`\(name)` is not a finite number", "write a finite one; leave it empty if unknown")
            case .notWhole: ("bad_number", "`\(name)` is not a whole number", "write it without a fraction")
            case .notAFlag: ("bad_flag", "`\(name)` is neither yes nor no", "write 0 or 1, true or false, yes or no")
            case .notADay: ("bad_date", "`\(name)` is no day of the calendar", "write YYYY-MM-DD")
            case .notATime: ("bad_date", "`\(name)` is no time", "write it as 2026-01-31T09:30:00Z")
            }
        return Diagnostic(code, message, file: file, line: line, column: column, remedy: remedy)
    }
}

extension CSVFile {
    /// One value for each row, read by all cores.
    ///
    /// - Parameters:
    ///   - filler: what stands in rows after a fault, before the fault is thrown.
    ///   - read: from the bytes of a cell, quotation marks resolved.
    @inline(__always) func map<Value: Sendable>(
        _ column: Int, filler: Value, _ read: @Sendable (UnsafePointer<UInt8>, Int) -> Result<Value, CellFault>
    ) throws -> [Value] {
        var fault: (row: Int, reason: CellFault)?
        let result = [Value](unsafeUninitializedCapacity: rowCount) { buffer, initialized in
            initialized = rowCount
            guard let base = buffer.baseAddress else { return }
            let target = Shared(base)
            let faults = Cores.map(parts.count) { index -> (row: Int, reason: CellFault)? in
                let part = parts[index]
                let out = target.value + firstRows[index]
                for row in 0..<part.rows {
                    let (start, count) = part.cell(bytes.base, row, column)
                    switch count > 0 && start[0] == 34 ? Self.quoted(start, count, read) : read(start, count) {
                    case .success(let value): (out + row).initialize(to: value)
                    case .failure(let reason):
                        for rest in row..<part.rows { (out + rest).initialize(to: filler) }
                        return (firstRows[index] + row, reason)
                    }
                }
                return nil
            }
            fault = faults.lazy.compactMap { $0 }.first
        }
        if let fault {
            throw fault.reason.diagnostic(names[column], file: path, line: line(ofRow: fault.row), column: column + 1)
        }
        return result
    }

    /// Reads a cell that begins with a quotation mark.
    @inline(never) private static func quoted<Value>(
        _ start: UnsafePointer<UInt8>, _ count: Int, _ read: (UnsafePointer<UInt8>, Int) -> Result<Value, CellFault>
    ) -> Result<Value, CellFault> {
        let inner = UnsafeBufferPointer(start: start + 1, count: max(0, count - 2))
        guard inner.contains(34) else { return read(start + 1, inner.count) }
        return unescaped(inner).withUnsafeBufferPointer { bytes in
            bytes.baseAddress.map { read($0, bytes.count) } ?? read(start, 0)
        }
    }

    static func unescaped(_ inner: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(inner.count)
        var at = 0
        while at < inner.count {
            text.append(inner[at])
            at += inner[at] == 34 ? 2 : 1
        }
        return text
    }

    func doubles(_ column: Int, missing: MissingRule) throws -> [Double] {
        let allowsMissing = missing == .nan
        return try map(column, filler: 0) { start, count in
            if count == 0 { return allowsMissing ? .success(.nan) : .failure(.missing) }
            return NumberText.double(start, count).mapError { $0 == .notFinite ? .notFinite : .notANumber }
        }
    }

    /// Numbers of single precision, NaN where empty; nil when a cell is no number at all.
    func floatsUnlessText(_ column: Int) throws -> [Float]? {
        let texts = SharedFlag()
        let values = try map(column, filler: 0 as Float) { start, count in
            if count == 0 { return .success(.nan) }
            switch NumberText.double(start, count) {
            case .success(let value) where abs(value) <= Double(Float.greatestFiniteMagnitude):
                return .success(Float(value))
            case .success, .failure(.notFinite): return .failure(.notFinite)
            case .failure(.notANumber):
                // `inf` and `nan` are broken numbers, not words.
                let word = String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
                if Double(word) != nil { return .failure(.notFinite) }
                texts.raise()
                return .success(.nan)
            }
        }
        return texts.isRaised ? nil : values
    }

    /// The filled cells of every `step`-th row.
    func sample(_ column: Int, step: Int) -> [String] {
        let pool = BytePool()
        var cells: [String] = []
        for part in parts {
            for row in stride(from: 0, to: part.rows, by: step) {
                let (start, count) = key(part, row, column, pool)
                guard count > 0 else { continue }
                cells.append(String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self))
            }
        }
        return cells
    }

    /// A hash of each cell's text; the same for the same text in every column and run.
    func hashes(_ column: Int) throws -> [UInt32] {
        try map(column, filler: 0) { start, count in .success(ByteDictionary.hash((start, count))) }
    }

    func integers(_ column: Int) throws -> [Int] {
        try map(column, filler: 0) { start, count in
            if count == 0 { return .failure(.missing) }
            return NumberText.integer(start, count).mapError { _ in .notWhole }
        }
    }

    func flags(_ column: Int) throws -> [Bool] {
        try map(column, filler: false) { start, count in
            if count == 0 { return .failure(.missing) }
            return NumberText.flag(start, count).map { .success($0) } ?? .failure(.notAFlag)
        }
    }

    func texts(_ column: Int) throws -> [String] {
        try map(column, filler: "") { start, count in
            .success(String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self))
        }
    }

    func days(_ column: Int) throws -> [Int32] {
        try map(column, filler: 0) { start, count in
            if count == 0 { return .failure(.missing) }
            return CalendarText.day(start, count).map { .success($0) } ?? .failure(.notADay)
        }
    }

    func timestamps(_ column: Int) throws -> [Int64] {
        try map(column, filler: 0) { start, count in
            if count == 0 { return .failure(.missing) }
            return CalendarText.timestamp(start, count).map { .success($0) } ?? .failure(.notATime)
        }
    }

    /// Each part numbers its own values; the parts' numbers are then brought together in their order.
    func codes(_ column: Int) -> (codes: [Int32], values: [String]) {
        let pools = (0..<parts.count).map { _ in BytePool() }
        var all = ByteDictionary()
        let codes = [Int32](unsafeUninitializedCapacity: rowCount) { buffer, initialized in
            initialized = rowCount
            guard let base = buffer.baseAddress else { return }
            let target = Shared(base)
            let locals = Cores.map(parts.count) { index in
                var local = ByteDictionary()
                let out = target.value + firstRows[index]
                var last: ByteDictionary.Key = (bytes.base, 0)
                var number: Int32 = -1
                for row in 0..<parts[index].rows {
                    let key = key(parts[index], row, column, pools[index])
                    // Rows of one group often lie together.
                    if key.count != last.count || memcmp(key.start, last.start, key.count) != 0 {
                        number = key.count == 0 ? -1 : local.insert(key)
                        last = key
                    }
                    out[row] = number
                }
                return local
            }
            let renumbered = locals.map { local in
                local.keys.map { all.insert(($0.start, Int($0.count)), $0.hash) }
            }
            _ = Cores.map(parts.count) { index in
                let out = target.value + firstRows[index]
                renumbered[index].withUnsafeBufferPointer { numbers in
                    for row in 0..<parts[index].rows where out[row] >= 0 { out[row] = numbers[Int(out[row])] }
                }
            }
        }
        let values = (0..<all.keys.count).map { all.text($0) }
        withExtendedLifetime(pools) {}
        return (codes, values)
    }

    /// The bytes of a cell, quotation marks resolved.
    @inline(__always) func key(_ part: CSVPart, _ row: Int, _ column: Int, _ pool: BytePool) -> ByteDictionary.Key {
        let (start, count) = part.cell(bytes.base, row, column)
        guard count > 0 && start[0] == 34 else { return (start, count) }
        let inner = UnsafeBufferPointer(start: start + 1, count: max(0, count - 2))
        return inner.contains(34) ? pool.keep(Self.unescaped(inner)) : (start + 1, inner.count)
    }
}

/// A flag that any part of a parallel read may raise.
private final class SharedFlag: Sendable {
    private let flag = Atomic<Bool>(false)
    var isRaised: Bool { flag.load(ordering: .relaxed) }
    func raise() { flag.store(true, ordering: .relaxed) }
}
