internal import EngagementModel
internal import Statistics

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// Rows of one table by the text of a column that names each row once; finds the rows that another table speaks of.
///
/// Unchecked: filled by `init`, then only read; the tables keep their bytes.
struct KeyIndex: @unchecked Sendable {
    /// Unchecked: the bytes that it points to are only read.
    private struct Key: @unchecked Sendable {
        var start: UnsafePointer<UInt8>
        var count: Int32
        var hash: UInt32
    }

    private enum Storage {
        case bytes(keys: [Key], slots: [[Int32]], file: CSVFile, pools: [BytePool])
        case texts([String: Int32])
    }

    private let storage: Storage
    /// Each holds the keys of some hashes, so that it is filled by one core and fits its cache.
    private static let divisions = 4

    /// - Throws: `missing_value`, `duplicate_key` with the line of the second.
    init(_ table: AnalysisTable, _ name: String, duplicate: String) throws {
        guard case .csv(let file) = table.storage else {
            var rows: [String: Int32] = [:]
            for (row, text) in try table.texts(name).enumerated() {
                if text.isEmpty {
                    throw table.fault(
                        "missing_value", "`\(name)` is empty", row: row, column: name,
                        remedy: "fill the cell or leave the row out")
                }
                if rows.updateValue(Int32(row), forKey: text) != nil {
                    throw table.fault(
                        "duplicate_key", duplicate, row: row, column: name, remedy: "give every row a name of its own")
                }
            }
            storage = .texts(rows)
            return
        }
        let column = try table.place(name)
        let pools = (0..<file.parts.count).map { _ in BytePool() }
        let keys = Self.keys(file, column, pools)
        if let row = keys.firstIndex(where: { $0.count == 0 }) {
            throw table.fault(
                "missing_value", "`\(name)` is empty", row: row, column: name,
                remedy: "fill the cell or leave the row out")
        }
        let filled = Cores.map(Self.divisions) { Self.fill(keys, division: UInt32($0)) }
        if let row = filled.compactMap(\.duplicate).min() {
            throw table.fault(
                "duplicate_key", duplicate, row: row, column: name, remedy: "give every row a name of its own")
        }
        storage = .bytes(keys: keys, slots: filled.map(\.slots), file: file, pools: pools)
    }

    private static func keys(_ file: CSVFile, _ column: Int, _ pools: [BytePool]) -> [Key] {
        [Key](unsafeUninitializedCapacity: file.rowCount) { buffer, initialized in
            initialized = file.rowCount
            guard let base = buffer.baseAddress else { return }
            let target = Shared(base)
            _ = Cores.map(file.parts.count) { index in
                let out = target.value + file.firstRows[index]
                for row in 0..<file.parts[index].rows {
                    let key = file.key(file.parts[index], row, column, pools[index])
                    (out + row).initialize(
                        to: Key(
                            start: key.start, count: Int32(truncatingIfNeeded: key.count),
                            hash: ByteDictionary.hash(key)))
                }
            }
        }
    }

    @inline(__always) private static func division(_ hash: UInt32) -> UInt32 { hash >> 30 }

    private static func fill(_ keys: [Key], division: UInt32) -> (slots: [Int32], duplicate: Int?) {
        var size = 64
        while size < keys.count * 3 / divisions { size *= 2 }
        var count = 0
        var slots = [Int32](repeating: -1, count: size)
        var duplicate: Int?
        keys.withUnsafeBufferPointer { keys in
            for row in 0..<keys.count where Self.division(keys[row].hash) == division {
                var slot = Int(keys[row].hash) & (slots.count - 1)
                while slots[slot] >= 0 {
                    if equal(keys[Int(slots[slot])], keys[row]) {
                        duplicate = duplicate ?? row
                        break
                    }
                    slot = (slot + 1) & (slots.count - 1)
                }
                if slots[slot] >= 0 { continue }
                slots[slot] = Int32(truncatingIfNeeded: row)
                count += 1
                if count * 4 > slots.count * 3 { slots = regrown(slots, keys) }
            }
        }
        return (slots, duplicate)
    }

    private static func regrown(_ slots: [Int32], _ keys: UnsafeBufferPointer<Key>) -> [Int32] {
        var larger = [Int32](repeating: -1, count: slots.count * 2)
        for row in slots where row >= 0 {
            var slot = Int(keys[Int(row)].hash) & (larger.count - 1)
            while larger[slot] >= 0 { slot = (slot + 1) & (larger.count - 1) }
            larger[slot] = row
        }
        return larger
    }

    @inline(__always) private static func equal(_ a: Key, _ b: Key) -> Bool {
        a.hash == b.hash && a.count == b.count && memcmp(a.start, b.start, Int(a.count)) == 0
    }

    /// For each row of another table the row of this one that it names; -1 where it names none.
    func rows(_ table: AnalysisTable, _ name: String) throws -> [Int32] {
        let column = try table.place(name)
        guard case .bytes(let keys, let slots, _, let pools) = storage, case .csv(let file) = table.storage else {
            return try rowsByText(table, name)
        }
        return withExtendedLifetime(pools) {
            keys.withUnsafeBufferPointer { keys in
                let known = SharedKeys(keys: keys, slots: slots)
                return [Int32](unsafeUninitializedCapacity: file.rowCount) { buffer, initialized in
                    initialized = file.rowCount
                    guard let base = buffer.baseAddress else { return }
                    let target = Shared(base)
                    _ = Cores.map(file.parts.count) { index in
                        let pool = BytePool()
                        let out = target.value + file.firstRows[index]
                        var last = -1
                        for row in 0..<file.parts[index].rows {
                            last = known.find(file.key(file.parts[index], row, column, pool), after: last)
                            out[row] = Int32(truncatingIfNeeded: last)
                        }
                    }
                }
            }
        }
    }

    private func rowsByText(_ table: AnalysisTable, _ name: String) throws -> [Int32] {
        let texts = try table.texts(name)
        switch storage {
        case .texts(let rows): return texts.map { rows[$0] ?? -1 }
        case .bytes(let keys, _, _, _):
            var rows: [String: Int32] = [:]
            for (row, key) in keys.enumerated() {
                rows[String(decoding: UnsafeBufferPointer(start: key.start, count: Int(key.count)), as: UTF8.self)] =
                    Int32(row)
            }
            return texts.map { rows[$0] ?? -1 }
        }
    }

    /// The index as the parts of one parallel call see it.
    ///
    /// Unchecked: only read, while the keys are held.
    private struct SharedKeys: @unchecked Sendable {
        let keys: UnsafeBufferPointer<Key>
        let slots: [[Int32]]

        /// Files are mostly in the same order: the row found last and the one after it are tried first.
        @inline(__always) func find(_ key: ByteDictionary.Key, after last: Int) -> Int {
            if last >= 0 {
                if same(keys[last], key) { return last }
                if last + 1 < keys.count, same(keys[last + 1], key) { return last + 1 }
            }
            let hash = ByteDictionary.hash(key)
            let wanted = Key(start: key.start, count: Int32(truncatingIfNeeded: key.count), hash: hash)
            let table = slots[Int(KeyIndex.division(hash))]
            var slot = Int(hash) & (table.count - 1)
            while table[slot] >= 0 {
                if KeyIndex.equal(keys[Int(table[slot])], wanted) { return Int(table[slot]) }
                slot = (slot + 1) & (table.count - 1)
            }
            return -1
        }

        @inline(__always) private func same(_ a: Key, _ b: ByteDictionary.Key) -> Bool {
            Int(a.count) == b.count && memcmp(a.start, b.start, b.count) == 0
        }
    }
}
