/// Reads JSON in one pass over its bytes, value by value, without building a tree.
///
/// RFC 8259. The caller asks for members and elements; what it does not want is skipped and still checked. At most
/// `maxDepth` levels, told at the first byte that is too deep, in constant memory. Bytes of texts are not checked to be
/// UTF-8 here: who makes a `String` of them does.
package struct JSONScanner: Sendable {
    package enum Kind: Sendable { case object, list, text, number, flag, null }

    package static let maxDepth = 48

    package let bytes: [UInt8]
    /// The next byte.
    package private(set) var place = 0
    private var depth = 0

    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// What the next value is.
    package mutating func kind() throws(JSONScanFault) -> Kind {
        skipSpace()
        guard place < bytes.count else { throw fault("the document ends too early") }
        switch bytes[place] {
        case UInt8(ascii: "{"): return .object
        case UInt8(ascii: "["): return .list
        case UInt8(ascii: "\""): return .text
        case UInt8(ascii: "t"), UInt8(ascii: "f"): return .flag
        case UInt8(ascii: "n"): return .null
        case UInt8(ascii: "-"), 48...57: return .number
        default: throw fault("not a JSON value")
        }
    }

    /// Reads an object; `body` must take each member's value, by `skip` at least.
    package mutating func object(
        _ body: (_ name: String, inout JSONScanner) throws(JSONScanFault) -> Void
    ) throws(JSONScanFault) {
        try open(UInt8(ascii: "{"))
        if take(UInt8(ascii: "}")) { return close() }
        repeat {
            guard try kind() == .text else { throw fault("a name is missing") }
            let name = try text()
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw fault("a colon is missing") }
            try body(name, &self)
            skipSpace()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")) else { throw fault("an object does not end") }
        close()
    }

    /// Reads a list; `body` must take each element.
    package mutating func list(
        _ body: (_ index: Int, inout JSONScanner) throws(JSONScanFault) -> Void
    ) throws(JSONScanFault) {
        try open(UInt8(ascii: "["))
        if take(UInt8(ascii: "]")) { return close() }
        var index = 0
        repeat {
            try body(index, &self)
            index += 1
            skipSpace()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "]")) else { throw fault("a list does not end") }
        close()
    }

    /// Reads a text; bytes that are no UTF-8 become U+FFFD.
    package mutating func text() throws(JSONScanFault) -> String {
        let (range, escaped) = try textRange()
        return escaped
            ? JSONText.unescaped(bytes[range]) : String(decoding: bytes[range], as: UTF8.self)
    }

    /// Reads a number and returns its digits as they stand there.
    package mutating func number() throws(JSONScanFault) -> String {
        let start = place
        try skipNumber()
        return String(decoding: bytes[start..<place], as: UTF8.self)
    }

    /// Reads any value and returns where it lay.
    @discardableResult
    package mutating func skip() throws(JSONScanFault) -> Range<Int> {
        skipSpace()
        let start = place
        // One bit a level: 1 = object, 0 = list.
        var levels: UInt64 = 0
        var open = 0
        while true {
            switch try kind() {
            case .object, .list:
                guard depth + open < Self.maxDepth else { throw fault("nested deeper than \(Self.maxDepth) levels") }
                let isObject = bytes[place] == UInt8(ascii: "{")
                levels = levels << 1 | (isObject ? 1 : 0)
                open += 1
                place += 1
                skipSpace()
                if isObject {
                    if take(UInt8(ascii: "}")) {
                        levels >>= 1
                        open -= 1
                    } else {
                        try memberName()
                        continue
                    }
                } else if take(UInt8(ascii: "]")) {
                    levels >>= 1
                    open -= 1
                } else {
                    continue
                }
            case .text: _ = try textRange()
            case .number: try skipNumber()
            case .flag: try word(bytes[place] == UInt8(ascii: "t") ? "true" : "false")
            case .null: try word("null")
            }
            // After a value: the next one of what is open, or its end.
            var goesOn = false
            while open > 0, !goesOn {
                skipSpace()
                if take(UInt8(ascii: ",")) {
                    skipSpace()
                    if levels & 1 == 1 { try memberName() }
                    goesOn = true
                } else if take(levels & 1 == 1 ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
                    levels >>= 1
                    open -= 1
                } else {
                    throw fault("an object or list does not end")
                }
            }
            if !goesOn { return start..<place }
        }
    }

    /// Nothing but space may follow the document.
    package mutating func end() throws(JSONScanFault) {
        skipSpace()
        guard place == bytes.count else { throw fault("more after the end of the document") }
    }

    // MARK: - Parts

    func fault(_ why: String) -> JSONScanFault { JSONScanFault(offset: place, why: why) }

    private mutating func open(_ byte: UInt8) throws(JSONScanFault) {
        guard depth < Self.maxDepth else { throw fault("nested deeper than \(Self.maxDepth) levels") }
        skipSpace()
        guard take(byte) else { throw fault("an object or list is expected") }
        depth += 1
        skipSpace()
    }

    private mutating func close() { depth -= 1 }

    private mutating func skipSpace() {
        while place < bytes.count {
            switch bytes[place] {
            case 0x20, 0x09, 0x0A, 0x0D: place += 1
            default: return
            }
        }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard place < bytes.count, bytes[place] == byte else { return false }
        place += 1
        return true
    }

    private mutating func memberName() throws(JSONScanFault) {
        guard place < bytes.count, bytes[place] == UInt8(ascii: "\"") else { throw fault("a name is missing") }
        _ = try textRange()
        skipSpace()
        guard take(UInt8(ascii: ":")) else { throw fault("a colon is missing") }
    }

    private mutating func word(_ word: StaticString) throws(JSONScanFault) {
        let isThere = word.withUTF8Buffer { expected in
            place + expected.count <= bytes.count
                && (0..<expected.count).allSatisfy { bytes[place + $0] == expected[$0] }
        }
        guard isThere else { throw fault("not a JSON value") }
        place += word.utf8CodeUnitCount
    }

    /// The bytes between the quotation marks, and whether there is an escape among them.
    private mutating func textRange() throws(JSONScanFault) -> (Range<Int>, Bool) {
        place += 1
        let start = place
        var escaped = false
        while place < bytes.count {
            switch bytes[place] {
            case UInt8(ascii: "\""):
                place += 1
                return (start..<place - 1, escaped)
            case UInt8(ascii: "\\"):
                escaped = true
                place += 1
                try checkEscape()
            case 0..<0x20: throw fault("a control character in a text")
            default: place += 1
            }
        }
        throw fault("a text does not end")
    }

    private mutating func checkEscape() throws(JSONScanFault) {
        guard place < bytes.count else { throw fault("a text does not end") }
        switch bytes[place] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            place += 1
        case UInt8(ascii: "u"):
            guard place + 4 < bytes.count, (1...4).allSatisfy({ JSONText.digit(bytes[place + $0]) != nil }) else {
                throw fault("an unknown escape")
            }
            place += 5
        default: throw fault("an unknown escape")
        }
    }

    private mutating func skipNumber() throws(JSONScanFault) {
        _ = take(UInt8(ascii: "-"))
        let first = place
        guard digits() > 0, place - first == 1 || bytes[first] != UInt8(ascii: "0") else {
            throw fault("not a JSON value")
        }
        if take(UInt8(ascii: ".")), digits() == 0 { throw fault("not a number") }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            guard digits() > 0 else { throw fault("not a number") }
        }
    }

    private mutating func digits() -> Int {
        let start = place
        while place < bytes.count, bytes[place] >= 48, bytes[place] <= 57 { place += 1 }
        return place - start
    }
}

/// Where and why bytes are no JSON.
package struct JSONScanFault: Error, Sendable, Equatable {
    package var offset: Int
    package var why: String
}

/// Texts of JSON.
package enum JSONText {
    /// Resolves escapes that were checked before; half a surrogate pair becomes U+FFFD.
    static func unescaped(_ bytes: ArraySlice<UInt8>) -> String {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var place = bytes.startIndex
        func unit(at place: Int) -> UInt32 {
            (0..<4).reduce(0) { $0 << 4 | UInt32(digit(bytes[place + $1]) ?? 0) }
        }
        while place < bytes.endIndex {
            guard bytes[place] == UInt8(ascii: "\\") else {
                result.append(bytes[place])
                place += 1
                continue
            }
            let byte = bytes[place + 1]
            place += 2
            switch byte {
            case UInt8(ascii: "b"): result.append(8)
            case UInt8(ascii: "f"): result.append(12)
            case UInt8(ascii: "n"): result.append(10)
            case UInt8(ascii: "r"): result.append(13)
            case UInt8(ascii: "t"): result.append(9)
            case UInt8(ascii: "u"):
                var code = unit(at: place)
                place += 4
                if (0xD800..<0xDC00).contains(code), place + 5 < bytes.endIndex, bytes[place] == UInt8(ascii: "\\"),
                    bytes[place + 1] == UInt8(ascii: "u"), (0xDC00..<0xE000).contains(unit(at: place + 2))
                {
                    code = 0x10000 + ((code - 0xD800) << 10) + (unit(at: place + 2) - 0xDC00)
                    place += 6
                }
                result += Array(String(Character(Unicode.Scalar(code) ?? "\u{FFFD}")).utf8)
            default: result.append(byte)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 48...57: byte - 48
        case 65...70: byte - 55
        case 97...102: byte - 87
        default: nil
        }
    }

    /// A text as JSON, with its quotation marks.
    package static func quoted(_ text: String) -> String {
        var result: [UInt8] = [UInt8(ascii: "\"")]
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): result += [UInt8(ascii: "\\"), byte]
            case 0..<0x20:
                let digits = Array("0123456789abcdef".utf8)
                result += Array("\\u00".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            default: result.append(byte)
            }
        }
        result.append(UInt8(ascii: "\""))
        return String(decoding: result, as: UTF8.self)
    }
}
