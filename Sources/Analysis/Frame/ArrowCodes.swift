internal import Statistics
internal import Warehouse

/// Columns of a Parquet file as numbers of their values, without a String for each row.
enum ArrowCodes {
    /// Text by its bytes, which stay where the engine put them; -1 for null and for empty text.
    ///
    /// Each stretch of chunks numbers its own values; the numbers are then brought together in the order of the rows.
    static func ofText(_ column: ArrowColumn) -> (codes: [Int32], values: [String]) {
        let chunks = column.chunks
        let rowCount = column.count
        var firstRows = [0]
        for chunk in chunks { firstRows.append(firstRows[firstRows.count - 1] + chunk.count) }
        let parts = max(1, min(chunks.count, Cores.count * 4))
        let bounds = (0...parts).map { chunks.count * $0 / parts }
        var all = ByteDictionary()
        let codes = [Int32](unsafeUninitializedCapacity: rowCount) { buffer, initialized in
            initialized = rowCount
            guard let base = buffer.baseAddress else { return }
            let target = Shared(base)
            let locals = Cores.map(parts) { [firstRows] part in
                var local = ByteDictionary()
                for place in bounds[part]..<bounds[part + 1] {
                    let chunk = chunks[place]
                    let validity = chunk.validity
                    let out = target.value + firstRows[place]
                    for row in 0..<chunk.count {
                        guard validity[row] else {
                            out[row] = -1
                            continue
                        }
                        let bytes = chunk.bytes(at: row)
                        out[row] = bytes.baseAddress.map { local.insert(($0, bytes.count)) } ?? -1
                    }
                }
                return local
            }
            let renumbered = locals.map { local in
                local.keys.map { all.insert(($0.start, Int($0.count)), $0.hash) }
            }
            _ = Cores.map(parts) { [firstRows] part in
                renumbered[part].withUnsafeBufferPointer { numbers in
                    for row in firstRows[bounds[part]]..<firstRows[bounds[part + 1]] where target.value[row] >= 0 {
                        target.value[row] = numbers[Int(target.value[row])]
                    }
                }
            }
        }
        let values = (0..<all.keys.count).map { all.text($0) }
        withExtendedLifetime(column) {}
        return (codes, values)
    }

    /// Whole numbers, -1 for null; nil when the column holds something else.
    static func ofIntegers(_ column: ArrowColumn) -> (codes: [Int32], values: [String])? {
        switch column.type {
        case .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32: break
        default: return nil
        }
        guard let cells = try? column.ints() else { return nil }
        var numbers: [Int64: Int32] = [:]
        var values: [String] = []
        let codes = cells.map { cell -> Int32 in
            guard let cell else { return -1 }
            if let known = numbers[cell] { return known }
            let number = Int32(truncatingIfNeeded: values.count)
            numbers[cell] = number
            values.append("\(cell)")
            return number
        }
        return (codes, values)
    }
}
