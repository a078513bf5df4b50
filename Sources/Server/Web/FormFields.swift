/// Fields of a query or of a form body (`application/x-www-form-urlencoded`), in order.
///
/// Hummingbird's query reader leaves `+` as it is; HTML forms mean a space by it.
package struct FormFields: Sendable, Hashable {
    package private(set) var pairs: [(name: String, value: String)] = []

    package init(_ text: some StringProtocol) {
        for part in text.split(separator: "&").prefix(200) {
            let halves = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = halves.count > 1 ? Self.decode(halves[1]) : ""
            pairs.append((Self.decode(halves[0]), value))
        }
    }

    package init(_ pairs: [(String, String)] = []) { self.pairs = pairs.map { ($0.0, $0.1) } }

    /// The first value of a name, trimmed; nil when absent or blank.
    package subscript(_ name: String) -> String? {
        guard let found = pairs.first(where: { $0.name == name })?.value else { return nil }
        let text = Self.trim(found)
        return text.isEmpty ? nil : text
    }

    /// All values whose name begins with `prefix`, by the rest of the name.
    package func group(_ prefix: String) -> [(name: String, value: String)] {
        pairs.compactMap { pair in
            pair.name.hasPrefix(prefix) ? (String(pair.name.dropFirst(prefix.count)), Self.trim(pair.value)) : nil
        }
    }

    /// A copy in which `name` has `value`; nil removes it.
    package func setting(_ name: String, _ value: String?) -> FormFields {
        var copy = self
        copy.pairs.removeAll { $0.name == name }
        if let value { copy.pairs.append((name, value)) }
        return copy
    }

    /// `?a=b&c=d`, or an empty text when there is no field with a value.
    package var query: String {
        let text = pairs.filter { !$0.value.isEmpty }
            .map { Self.encode($0.name) + "=" + Self.encode($0.value) }.joined(separator: "&")
        return text.isEmpty ? "" : "?" + text
    }

    package static func == (a: FormFields, b: FormFields) -> Bool {
        a.pairs.elementsEqual(b.pairs, by: { $0.name == $1.name && $0.value == $1.value })
    }

    package func hash(into hasher: inout Hasher) {
        for pair in pairs {
            hasher.combine(pair.name)
            hasher.combine(pair.value)
        }
    }

    /// Percent-encodes everything but the unreserved characters of RFC 3986.
    package static func encode(_ text: String) -> String {
        let hex = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case 48...57, 65...90, 97...122, 45, 46, 95, 126: bytes.append(byte)
            default: bytes += [37, hex[Int(byte >> 4)], hex[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Undoes percent-encoding and `+`; a broken escape stays as it is, bytes that are not UTF-8 become U+FFFD.
    package static func decode(_ text: some StringProtocol) -> String {
        let source = Array(text.utf8)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(source.count)
        var i = 0
        while i < source.count {
            if source[i] == 37, i + 2 < source.count, let high = nibble(source[i + 1]), let low = nibble(source[i + 2])
            {
                bytes.append(high << 4 | low)
                i += 3
            } else {
                bytes.append(source[i] == 43 ? 32 : source[i])
                i += 1
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func nibble(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 48...57: byte - 48
        case 65...70: byte - 55
        case 97...102: byte - 87
        default: nil
        }
    }

    private static func trim(_ text: String) -> String {
        guard let first = text.firstIndex(where: { !$0.isWhitespace }),
            let last = text.lastIndex(where: { !$0.isWhitespace })
        else { return "" }
        return String(text[first...last])
    }
}
