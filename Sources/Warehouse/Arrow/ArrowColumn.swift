internal import CADBC
package import EngagementModel

/// One column of a result: its chunks, one a batch.
package struct ArrowColumn: Sendable {
    package let field: ArrowField
    package let chunks: [ArrowChunk]

    package var count: Int { chunks.reduce(0) { $0 + $1.count } }
    package var name: String { field.name }
    package var type: ArrowType { field.logicalType }
    /// Whether no chunk has a map of nulls.
    package var isComplete: Bool { field.type != .null && chunks.allSatisfy(\.validity.isComplete) }

    func wrongType(_ wanted: String) -> Diagnostic {
        Diagnostic("wrong_type", "column `\(name)` is \(type), not \(wanted)")
    }

    /// Copies every row through `transform`, nil for null; codes of a dictionary are followed once a value.
    func optionals<R>(_ transform: (ArrowChunk, Int) throws -> R) rethrows -> [R?] {
        var result: [R?] = []
        result.reserveCapacity(count)
        for chunk in chunks {
            if let values = chunk.dictionaryChunk {
                let decoded = try (0..<values.count).map { values.isValid($0) ? try transform(values, $0) : nil }
                let codes = chunk.codes()
                for row in 0..<chunk.count { result.append(codes[row].flatMap { decoded[$0] }) }
                continue
            }
            guard chunk.field.type != .null else {
                result.append(contentsOf: repeatElement(nil, count: chunk.count))
                continue
            }
            let validity = chunk.validity
            for row in 0..<chunk.count { result.append(validity[row] ? try transform(chunk, row) : nil) }
        }
        return result
    }

    // MARK: Text and bytes

    package func strings() throws -> [String?] {
        switch type {
        case .text, .null: return optionals { String(decoding: $0.bytes(at: $1), as: UTF8.self) }
        default: throw wrongType("text")
        }
    }

    package func texts() throws -> [String] { try strings().map { $0 ?? "" } }

    package func binaries() throws -> [[UInt8]?] {
        switch type {
        case .binary, .fixedBinary, .text, .null: return optionals { Array($0.bytes(at: $1)) }
        default: throw wrongType("binary")
        }
    }

    package func textLists() throws -> [[String]?] {
        guard case .list = type, let element = field.children.first, case .text = element.logicalType else {
            if type == .null { return Array(repeating: nil, count: count) }
            throw wrongType("a list of text")
        }
        return try chunks.flatMap { chunk -> [[String]?] in
            guard let child = chunk.child(0) else { return Array(repeating: nil, count: chunk.count) }
            let texts = try ArrowColumn(field: child.field, chunks: [child]).texts()
            return (0..<chunk.count).map { chunk.isValid($0) ? Array(texts[chunk.elements(of: $0)]) : nil }
        }
    }

    // MARK: Truth

    package func optionalBools() throws -> [Bool?] {
        switch type {
        case .bool, .null: return optionals { $0.bit(at: $1) }
        default: throw wrongType("bool")
        }
    }

    // MARK: Calendar and clock

    package func days() throws -> [Day?] {
        switch type {
        case .day: return optionals { Day(number: $0.rows(of: Int32.self)[$1]) }
        case .null: return Array(repeating: nil, count: count)
        case .dayMilliseconds, .timestamp:
            return try timestamps().map { $0.map { Day(number: Int32($0.floorDivided(by: 86_400_000_000))) } }
        default: throw wrongType("day")
        }
    }

    package func timestamps() throws -> [Int64?] {
        switch type {
        case .timestamp(let unit, _): return try microseconds(unit)
        case .dayMilliseconds: return try microseconds(.milliseconds)
        case .day: return optionals { Int64($0.rows(of: Int32.self)[$1]) * 86_400_000_000 }
        case .null: return Array(repeating: nil, count: count)
        default: throw wrongType("timestamp")
        }
    }

    /// As `timestamps()` where microseconds are stored and no row is null, without a copy of optionals; nil otherwise.
    package func completeTimestamps() throws -> [Int64]? {
        guard case .timestamp(.microseconds, _) = type, isComplete else { return nil }
        return try integers(physical: true)
    }

    package func times() throws -> [Int64?] {
        switch type {
        case .time(let unit): return try microseconds(unit)
        case .null: return Array(repeating: nil, count: count)
        default: throw wrongType("time")
        }
    }

    private func microseconds(_ unit: ArrowType.Unit) throws -> [Int64?] {
        let values = try ints(physical: true)
        if unit == .microseconds { return values }
        return try values.map { value in
            guard let value else { return nil }
            if unit == .nanoseconds { return value.floorDivided(by: 1000) }
            let (product, overflow) = value.multipliedReportingOverflow(by: 1_000_000 / unit.perSecond)
            if overflow { throw outOfRange("microseconds of 64 bits") }
            return product
        }
    }

    func outOfRange(_ wanted: String) -> Diagnostic {
        Diagnostic("out_of_range", "column `\(name)` (\(type)) holds a value that does not fit \(wanted)")
    }
}

extension ArrowChunk {
    /// One bit a row, as Arrow packs truth values.
    func bit(at row: Int) -> Bool {
        guard let bits = buffer(1)?.assumingMemoryBound(to: UInt8.self) else { return false }
        let at = offset + row
        return bits[at >> 3] & (1 << UInt8(at & 7)) != 0
    }

    /// The codes of a dictionary column, nil for null or for a code outside the dictionary.
    func codes() -> [Int?] {
        let size = Int(array.pointee.dictionary?.pointee.length ?? 0)
        func read<C: FixedWidthInteger>(_ type: C.Type) -> [Int?] {
            let codes = rows(of: C.self)
            let validity = validity
            return (0..<count).map { row in
                guard validity[row], let code = Int(exactly: codes[row]), (0..<size).contains(code) else {
                    return nil
                }
                return code
            }
        }
        switch field.type.physical {
        case .int8: return read(Int8.self)
        case .int16: return read(Int16.self)
        case .int32: return read(Int32.self)
        case .int64: return read(Int64.self)
        case .uint8: return read(UInt8.self)
        case .uint16: return read(UInt16.self)
        case .uint32: return read(UInt32.self)
        case .uint64: return read(UInt64.self)
        default: return Array(repeating: nil, count: count)
        }
    }
}

extension Int64 {
    /// Division towards minus infinity, so that a moment before 1970 falls on its own day.
    func floorDivided(by divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}
