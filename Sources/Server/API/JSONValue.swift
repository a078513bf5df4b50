import NIOCore

/// A small JSON document, read by hand: a request has some hundred bytes, and a general decoder costs more than the
/// decision that it asks for.
///
/// RFC 8259, UTF-8 only. Refused: more than `maxDepth` levels, a name twice in one object, numbers that are not finite,
/// unpaired surrogates, anything after the value.
enum JSONValue: Sendable, Equatable {
    case null
    case flag(Bool)
    case number(Double)
    case text(String)
    case list([JSONValue])
    case object([JSONMember])

    static let maxDepth = 16

    /// - Throws: `JSONFault` with the byte where reading stopped.
    static func read(_ buffer: ByteBuffer) throws(JSONFault) -> JSONValue {
        var reader = JSONReader(bytes: Array(buffer.readableBytesView))
        return try reader.document()
    }
}

struct JSONMember: Sendable, Equatable {
    var name: String
    var value: JSONValue
}

/// Where and why a text is no JSON.
struct JSONFault: Error, Equatable {
    var offset: Int
    var why: String
}

/// Reads one document.
private struct JSONReader {
    let bytes: [UInt8]
    var place = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func document() throws(JSONFault) -> JSONValue {
        let result = try value(depth: 0)
        skip()
        guard place == bytes.count else { throw fault("more after the end of the document") }
        return result
    }

    private func fault(_ why: String) -> JSONFault { JSONFault(offset: place, why: why) }

    private mutating func skip() {
        while place < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[place]) { place += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard place < bytes.count, bytes[place] == byte else { return false }
        place += 1
        return true
    }

    private mutating func value(depth: Int) throws(JSONFault) -> JSONValue {
        guard depth < JSONValue.maxDepth else { throw fault("nested deeper than \(JSONValue.maxDepth) levels") }
        skip()
        guard place < bytes.count else { throw fault("the document ends too early") }
        switch bytes[place] {
        case UInt8(ascii: "{"): return try object(depth)
        case UInt8(ascii: "["): return try list(depth)
        case UInt8(ascii: "\""): return .text(try text())
        case UInt8(ascii: "t"): return try word("true", .flag(true))
        case UInt8(ascii: "f"): return try word("false", .flag(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return .number(try number())
        }
    }

    private mutating func word(_ word: String, _ value: JSONValue) throws(JSONFault) -> JSONValue {
        for byte in word.utf8 where !take(byte) { throw fault("not a JSON value") }
        return value
    }

    private mutating func object(_ depth: Int) throws(JSONFault) -> JSONValue {
        place += 1
        var members: [JSONMember] = []
        skip()
        if take(UInt8(ascii: "}")) { return .object([]) }
        repeat {
            skip()
            guard place < bytes.count, bytes[place] == UInt8(ascii: "\"") else { throw fault("a name is missing") }
            let name = try text()
            guard !members.contains(where: { $0.name == name }) else { throw fault("a name comes twice") }
            skip()
            guard take(UInt8(ascii: ":")) else { throw fault("a colon is missing") }
            members.append(JSONMember(name: name, value: try value(depth: depth + 1)))
            skip()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")) else { throw fault("an object does not end") }
        return .object(members)
    }

    private mutating func list(_ depth: Int) throws(JSONFault) -> JSONValue {
        place += 1
        var values: [JSONValue] = []
        skip()
        if take(UInt8(ascii: "]")) { return .list([]) }
        repeat {
            values.append(try value(depth: depth + 1))
            skip()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "]")) else { throw fault("a list does not end") }
        return .list(values)
    }

    private mutating func number() throws(JSONFault) -> Double {
        let start = place
        _ = take(UInt8(ascii: "-"))
        let whole = digits()
        guard whole > 0, whole == 1 || bytes[place - whole] != UInt8(ascii: "0") else {
            throw fault("not a JSON value")
        }
        if take(UInt8(ascii: ".")), digits() == 0 { throw fault("not a number") }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            guard digits() > 0 else { throw fault("not a number") }
        }
        guard let value = Double(String(decoding: bytes[start..<place], as: UTF8.self)), value.isFinite else {
            throw fault("a number is too large")
        }
        return value
    }

    private mutating func digits() -> Int {
        let start = place
        while place < bytes.count, bytes[place] >= 48, bytes[place] <= 57 { place += 1 }
        return place - start
    }

    private mutating func text() throws(JSONFault) -> String {
        place += 1
        let start = place
        while place < bytes.count, bytes[place] != UInt8(ascii: "\""), bytes[place] != UInt8(ascii: "\\"),
            bytes[place] >= 0x20
        { place += 1 }
        guard place < bytes.count else { throw fault("a text does not end") }
        if bytes[place] == UInt8(ascii: "\"") {
            guard let text = String(validating: bytes[start..<place], as: UTF8.self) else {
                throw fault("a text is not UTF-8")
            }
            place += 1
            return text
        }
        return try escapedText(Array(bytes[start..<place]))
    }

    private mutating func escapedText(_ head: [UInt8]) throws(JSONFault) -> String {
        var result = head
        while place < bytes.count {
            let byte = bytes[place]
            place += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: result, as: UTF8.self) else { throw fault("a text is not UTF-8") }
                return text
            case UInt8(ascii: "\\"): result += try escape()
            case 0..<0x20: throw fault("a control character in a text")
            default: result.append(byte)
            }
        }
        throw fault("a text does not end")
    }

    private mutating func escape() throws(JSONFault) -> [UInt8] {
        guard place < bytes.count else { throw fault("a text does not end") }
        let byte = bytes[place]
        place += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "b"): return [8]
        case UInt8(ascii: "f"): return [12]
        case UInt8(ascii: "n"): return [10]
        case UInt8(ascii: "r"): return [13]
        case UInt8(ascii: "t"): return [9]
        case UInt8(ascii: "u"): break
        default: throw fault("an unknown escape")
        }
        var code = try hexadecimal()
        if (0xD800..<0xDC00).contains(code) {
            guard take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else { throw fault("half a surrogate pair") }
            let low = try hexadecimal()
            guard (0xDC00..<0xE000).contains(low) else { throw fault("half a surrogate pair") }
            code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(code) else { throw fault("half a surrogate pair") }
        return Array(String(Character(scalar)).utf8)
    }

    private mutating func hexadecimal() throws(JSONFault) -> UInt32 {
        var result: UInt32 = 0
        for _ in 0..<4 {
            guard place < bytes.count, let digit = Character(Unicode.Scalar(bytes[place])).hexDigitValue else {
                throw fault("an unknown escape")
            }
            result = result << 4 | UInt32(digit)
            place += 1
        }
        return result
    }
}
