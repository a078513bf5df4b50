package import EngagementModel

/// One cell of any type, for exports and messages; hot paths read whole columns instead.
package indirect enum ArrowValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case int(Int64)
    /// Only for values above `Int64.max`.
    case uint(UInt64)
    case double(Double)
    /// Exactly as written.
    case decimal(String)
    case text(String)
    case bytes([UInt8])
    case day(Day)
    /// Microseconds since midnight.
    case time(Int64)
    /// Microseconds since 1970-01-01 UTC.
    case timestamp(Int64)
    case list([ArrowValue])
    /// Members in the order of the type.
    case structure([Member])

    package struct Member: Sendable, Hashable {
        package var name: String
        package var value: ArrowValue

        package init(name: String, value: ArrowValue) {
            self.name = name
            self.value = value
        }
    }

    package subscript(member: String) -> ArrowValue? {
        guard case .structure(let members) = self else { return nil }
        return members.first { $0.name == member }?.value
    }
}

extension ArrowColumn {
    /// Every cell; `wrong_type` for what Rapport does not read, such as intervals.
    package func values() throws -> [ArrowValue] {
        if field.dictionary != nil {
            return try chunks.flatMap { chunk in
                let decoded = try chunk.dictionaryChunk.map {
                    try ArrowColumn(field: $0.field, chunks: [$0]).values()
                }
                return chunk.codes().map { code in code.flatMap { decoded?[$0] } ?? .null }
            }
        }
        switch type {
        case .null: return Array(repeating: .null, count: count)
        case .bool: return try cells(optionalBools()) { .bool($0) }
        case .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32: return try cells(ints()) { .int($0) }
        case .uint64:
            return optionals { $0.rows(of: UInt64.self)[$1] }.map { number in
                number.map { Int64(exactly: $0).map(ArrowValue.int) ?? .uint($0) } ?? .null
            }
        case .float, .double: return try cells(optionalDoubles()) { .double($0) }
        case .decimal: return try cells(decimalTexts()) { .decimal($0) }
        case .text: return try cells(strings()) { .text($0) }
        case .binary, .fixedBinary: return try cells(binaries()) { .bytes($0) }
        case .day: return try cells(days()) { .day($0) }
        case .dayMilliseconds, .timestamp: return try cells(timestamps()) { .timestamp($0) }
        case .time: return try cells(times()) { .time($0) }
        case .list, .structure, .map: return try chunks.flatMap(nested)
        case .duration, .unsupported: throw wrongType("a type that can be read")
        }
    }

    private func cells<T>(_ values: [T?], _ make: (T) -> ArrowValue) -> [ArrowValue] {
        values.map { $0.map(make) ?? .null }
    }

    private func nested(_ chunk: ArrowChunk) throws -> [ArrowValue] {
        if case .structure = chunk.field.type {
            let members = try chunk.field.children.indices.compactMap { index in
                try chunk.member(index).map { try ArrowColumn(field: $0.field, chunks: [$0]).values() }
            }
            return (0..<chunk.count).map { row in
                guard chunk.isValid(row) else { return .null }
                return .structure(
                    zip(chunk.field.children, members).map { .init(name: $0.name, value: $1[row]) })
            }
        }
        guard let child = chunk.child(0) else { return Array(repeating: .null, count: chunk.count) }
        let elements = try ArrowColumn(field: child.field, chunks: [child]).values()
        return (0..<chunk.count).map { row in
            chunk.isValid(row) ? .list(Array(elements[chunk.elements(of: row)])) : .null
        }
    }
}
