internal import EngagementModel

// Numbers out of a column: whole buffers at once where type and nulls allow, row by row with a check otherwise.
extension ArrowColumn {
    /// Whole numbers as `R`, 0 for null; an error when a value does not fit.
    package func integers<R: FixedWidthInteger>(_: R.Type) throws -> [R] { try integers(physical: false) }

    /// Whole numbers, nil for null.
    package func ints() throws -> [Int64?] { try ints(physical: false) }

    /// As `ints()`; `physical` also reads what is stored as a whole number but means something else.
    func ints(physical: Bool) throws -> [Int64?] { masked(try integers(physical: physical) as [Int64]) }

    package func doubles() throws -> [Double] {
        var result: [Double] = []
        result.reserveCapacity(count)
        for chunk in chunks { try append(chunk, to: &result, null: .nan) }
        return result
    }

    package func optionalDoubles() throws -> [Double?] { masked(try doubles()) }

    package func floats() throws -> [Float] {
        guard type == .float else { return try doubles().map(Float.init) }
        var result: [Float] = []
        result.reserveCapacity(count)
        for chunk in chunks { Self.append(chunk, chunk.rows(of: Float.self), to: &result, null: .nan) { $0 } }
        return result
    }

    /// Decimals exactly, with as many places as the type has.
    package func decimalTexts() throws -> [String?] {
        switch type {
        case .decimal(_, let scale, _): return optionals { decimalText($0.scaledNumber(at: $1), scale: scale) }
        case .null: return Array(repeating: nil, count: count)
        default: return try ints().map { $0.map(String.init) }
        }
    }

    // MARK: How

    func integers<R: FixedWidthInteger>(physical: Bool) throws -> [R] {
        var result: [R] = []
        result.reserveCapacity(count)
        for chunk in chunks {
            if chunk.field.dictionary != nil {
                let decoded = try chunk.dictionaryChunk.map {
                    try ArrowColumn(field: $0.field, chunks: [$0]).integers(R.self)
                }
                for code in chunk.codes() { result.append(code.flatMap { decoded?[$0] } ?? 0) }
                continue
            }
            switch chunk.field.type {
            case .null: result.append(contentsOf: repeatElement(0, count: chunk.count))
            case .bool:
                let validity = chunk.validity
                for row in 0..<chunk.count { result.append(validity[row] && chunk.bit(at: row) ? 1 : 0) }
            case .decimal(_, 0, _):
                let validity = chunk.validity
                for row in 0..<chunk.count {
                    guard validity[row] else {
                        result.append(0)
                        continue
                    }
                    guard let number = R(exactly: chunk.scaledNumber(at: row)) else { throw outOfRange("\(R.self)") }
                    result.append(number)
                }
            case .int8: try append(chunk, Int8.self, to: &result)
            case .int16: try append(chunk, Int16.self, to: &result)
            case .int32: try append(chunk, Int32.self, to: &result)
            case .int64: try append(chunk, Int64.self, to: &result)
            case .uint8: try append(chunk, UInt8.self, to: &result)
            case .uint16: try append(chunk, UInt16.self, to: &result)
            case .uint32: try append(chunk, UInt32.self, to: &result)
            case .uint64: try append(chunk, UInt64.self, to: &result)
            default:
                switch physical ? chunk.field.type.physical : nil {
                case .int32: try append(chunk, Int32.self, to: &result)
                case .int64: try append(chunk, Int64.self, to: &result)
                default: throw wrongType("a whole number")
                }
            }
        }
        return result
    }

    private func append<S: FixedWidthInteger, R: FixedWidthInteger>(
        _ chunk: ArrowChunk, _: S.Type, to result: inout [R]
    ) throws {
        let rows = chunk.rows(of: S.self)
        if S.self == R.self || (R.isSigned && R.bitWidth > S.bitWidth) {
            Self.append(chunk, rows, to: &result, null: 0) { R(truncatingIfNeeded: $0) }
            return
        }
        let validity = chunk.validity
        for row in 0..<chunk.count {
            guard validity[row] else {
                result.append(0)
                continue
            }
            guard let number = R(exactly: rows[row]) else { throw outOfRange("\(R.self)") }
            result.append(number)
        }
    }

    private func append(_ chunk: ArrowChunk, to result: inout [Double], null: Double) throws {
        if chunk.field.dictionary != nil {
            let decoded = try chunk.dictionaryChunk.map { try ArrowColumn(field: $0.field, chunks: [$0]).doubles() }
            for code in chunk.codes() { result.append(code.flatMap { decoded?[$0] } ?? null) }
            return
        }
        switch chunk.field.type {
        case .double: Self.append(chunk, chunk.rows(of: Double.self), to: &result, null: null) { $0 }
        case .float: Self.append(chunk, chunk.rows(of: Float.self), to: &result, null: null) { Double($0) }
        case .int8: Self.append(chunk, chunk.rows(of: Int8.self), to: &result, null: null) { Double($0) }
        case .int16: Self.append(chunk, chunk.rows(of: Int16.self), to: &result, null: null) { Double($0) }
        case .int32: Self.append(chunk, chunk.rows(of: Int32.self), to: &result, null: null) { Double($0) }
        case .int64: Self.append(chunk, chunk.rows(of: Int64.self), to: &result, null: null) { Double($0) }
        case .uint8: Self.append(chunk, chunk.rows(of: UInt8.self), to: &result, null: null) { Double($0) }
        case .uint16: Self.append(chunk, chunk.rows(of: UInt16.self), to: &result, null: null) { Double($0) }
        case .uint32: Self.append(chunk, chunk.rows(of: UInt32.self), to: &result, null: null) { Double($0) }
        case .uint64: Self.append(chunk, chunk.rows(of: UInt64.self), to: &result, null: null) { Double($0) }
        case .null: result.append(contentsOf: repeatElement(null, count: chunk.count))
        case .decimal(_, let scale, _):
            let validity = chunk.validity
            for row in 0..<chunk.count {
                result.append(validity[row] ? decimalDouble(chunk.scaledNumber(at: row), scale: scale) : null)
            }
        default: throw wrongType("a number")
        }
    }

    private static func append<S, R>(
        _ chunk: ArrowChunk, _ rows: UnsafeBufferPointer<S>, to result: inout [R], null: R, _ convert: (S) -> R
    ) {
        let validity = chunk.validity
        if validity.isComplete {
            if S.self == R.self, let base = rows.baseAddress {
                // The same type on both sides: one copy of memory instead of a loop.
                base.withMemoryRebound(to: R.self, capacity: rows.count) {
                    result.append(contentsOf: UnsafeBufferPointer(start: $0, count: rows.count))
                }
            } else {
                for value in rows { result.append(convert(value)) }
            }
        } else {
            for row in 0..<chunk.count { result.append(validity[row] ? convert(rows[row]) : null) }
        }
    }

    /// Values with nil where the column has null; codes of dictionaries are looked up.
    private func masked<T>(_ values: [T]) -> [T?] {
        var result = values.map(Optional.some)
        var row = 0
        for chunk in chunks {
            if let dictionary = chunk.dictionaryChunk {
                for code in chunk.codes() {
                    if code.map({ !dictionary.isValid($0) }) ?? true { result[row] = nil }
                    row += 1
                }
                continue
            }
            let validity = chunk.validity
            let allNull = chunk.field.type == .null
            if allNull || !validity.isComplete {
                for i in 0..<chunk.count where allNull || !validity[i] { result[row + i] = nil }
            }
            row += chunk.count
        }
        return result
    }
}

extension ArrowChunk {
    /// A decimal's whole number before its scale is applied.
    func scaledNumber(at row: Int) -> Int128 {
        guard let base = buffer(1) else { return 0 }
        let at = offset + row
        switch field.type {
        // Engines align buffers to 8 bytes, Int128 wants 16.
        case .decimal(_, _, 128): return base.loadUnaligned(fromByteOffset: at * 16, as: Int128.self)
        case .decimal(_, _, 64): return Int128(base.loadUnaligned(fromByteOffset: at * 8, as: Int64.self))
        case .decimal(_, _, 32): return Int128(base.loadUnaligned(fromByteOffset: at * 4, as: Int32.self))
        default: return 0
        }
    }
}

/// `-12345` at scale 2 is `-123.45`; a negative scale appends zeros.
func decimalText(_ number: Int128, scale: Int) -> String {
    let digits = String(number.magnitude)
    let sign = number < 0 ? "-" : ""
    if scale <= 0 { return sign + digits + (number == 0 ? "" : String(repeating: "0", count: -scale)) }
    let padded = String(repeating: "0", count: max(0, scale + 1 - digits.count)) + digits
    return sign + padded.dropLast(scale) + "." + padded.suffix(scale)
}

/// The double nearest to a decimal.
func decimalDouble(_ number: Int128, scale: Int) -> Double {
    // Both operands exact and one division: correctly rounded. Beyond that the decimal text is read, which is too.
    if scale >= 0, scale < powersOfTen.count, number.magnitude < 1 << 53 { return Double(number) / powersOfTen[scale] }
    return Double(decimalText(number, scale: scale)) ?? .nan
}

/// The powers of ten that a double holds exactly.
private let powersOfTen: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
    1e20, 1e21, 1e22,
]
