import Foundation

/// One part of a received message: header fields and either a body or further parts.
///
/// Reads what strangers send: bounded in size, depth and number of parts, lenient about line ends, never failing. What is
/// beyond a bound is left out, and `isCut` says so.
package struct MIMEPart: Sendable, Hashable {
    package struct Field: Sendable, Hashable {
        /// Lower case.
        package var name: String
        /// Unfolded, encoded words as they stand.
        package var value: String
    }

    package struct Limits: Sendable {
        package var bytes = 2_000_000
        package var depth = 8
        package var parts = 64
        package var fields = 400
        package var fieldBytes = 8_000
        package init() {}

        /// Of a mail with files: what a mailbox takes, with the encoding of files around them.
        package static let withFiles: Limits = {
            var limits = Limits()
            limits.bytes = longestMail
            return limits
        }()
        package static let longestMail = 30_000_000
    }

    package var fields: [Field] = []
    /// Lower case, `text/plain` when the message says nothing that can be read.
    package var type = "text/plain"
    package var parameters: [String: String] = [:]
    /// The body as it stands, still encoded.
    package var body: [UInt8] = []
    package var parts: [MIMEPart] = []
    package var isCut = false
    /// The message was longer than what is read of one.
    package var isLong = false

    package init(_ bytes: [UInt8], limits: Limits = Limits()) {
        var left = limits.parts
        self.init(bytes.prefix(limits.bytes), limits, depth: 0, inherited: "text/plain", &left)
        isLong = bytes.count > limits.bytes
        isCut = isCut || isLong
    }

    private init(
        _ bytes: ArraySlice<UInt8>, _ limits: Limits, depth: Int, inherited: String, _ left: inout Int
    ) {
        left -= 1
        type = inherited
        let bodyStart = readFields(bytes, limits)
        body = Array(bytes[bodyStart...])
        if let text = self["content-type"] { readType(text) }
        guard depth < limits.depth else {
            isCut = isCut || type.hasPrefix("multipart/")
            return
        }
        if type.hasPrefix("multipart/"), let boundary = parameters["boundary"], (1...200).contains(boundary.utf8.count)
        {
            let inner = type == "multipart/digest" ? "message/rfc822" : "text/plain"
            for slice in Self.split(bytes[bodyStart...], boundary) {
                guard left > 0 else {
                    isCut = true
                    break
                }
                parts.append(MIMEPart(slice, limits, depth: depth + 1, inherited: inner, &left))
            }
            body = []
        } else if type == "message/rfc822" || type == "message/global", left > 0 {
            let inner = decoded
            parts = [MIMEPart(inner[...], limits, depth: depth + 1, inherited: "text/plain", &left)]
        }
    }

    /// The first field of a name (lower case).
    package subscript(_ name: String) -> String? { fields.first { $0.name == name }?.value }

    /// This part and everything in it, in order.
    package var all: [MIMEPart] { [self] + parts.flatMap(\.all) }

    /// The body without its transfer encoding.
    package var decoded: [UInt8] {
        switch self["content-transfer-encoding"]?.lowercased().trimmingCharacters(in: .whitespaces) {
        case "quoted-printable": QuotedPrintable.decoded(body)
        case "base64":
            Array(Data(base64Encoded: Data(body), options: .ignoreUnknownCharacters) ?? Data())
        default: body
        }
    }

    /// The body as text, in UTF-8 or Latin 1.
    package var text: String {
        let bytes = decoded
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        return String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
    }

    // MARK: - Reading

    /// - Returns: where the body begins.
    private mutating func readFields(_ bytes: ArraySlice<UInt8>, _ limits: Limits) -> Int {
        var index = bytes.startIndex
        while index < bytes.endIndex {
            let end = bytes[index...].firstIndex(of: 10) ?? bytes.endIndex
            var line = bytes[index..<end]
            if line.last == 13 { line.removeLast() }
            let next = min(end + 1, bytes.endIndex)
            if line.isEmpty { return next }
            let piece = String(decoding: line.prefix(limits.fieldBytes), as: UTF8.self)
            if line.first == 32 || line.first == 9, !fields.isEmpty {
                if fields[fields.count - 1].value.utf8.count + piece.utf8.count <= limits.fieldBytes {
                    fields[fields.count - 1].value += " " + piece.trimmingCharacters(in: .whitespaces)
                } else {
                    isCut = true
                }
            } else if let colon = piece.firstIndex(of: ":"), colon != piece.startIndex {
                if fields.count < limits.fields {
                    fields.append(
                        Field(
                            name: piece[..<colon].trimmingCharacters(in: .whitespaces).lowercased(),
                            value: piece[piece.index(after: colon)...].trimmingCharacters(in: .whitespaces)))
                } else {
                    isCut = true
                }
            } else if !piece.hasPrefix("From ") && !piece.hasPrefix(">From ") {
                // No header line: the body begins without an empty line, as broken programs write it.
                return index
            }
            index = next
        }
        return bytes.endIndex
    }

    private mutating func readType(_ text: String) {
        let (value, parameters) = Self.parameters(of: text)
        guard value.contains("/") else { return }
        type = value.lowercased()
        self.parameters = parameters
    }

    /// `text/plain; charset="utf-8"` as its value and parameters; comments are left out.
    package static func parameters(of text: String) -> (value: String, parameters: [String: String]) {
        var pieces: [String] = [""]
        var (isQuoted, isEscaped, comment) = (false, false, 0)
        for character in text.unicodeScalars {
            if isEscaped {
                if comment == 0 { pieces[pieces.count - 1].unicodeScalars.append(character) }
                isEscaped = false
                continue
            }
            switch character {
            case "\\" where isQuoted || comment > 0: isEscaped = true
            case "\"" where comment == 0: isQuoted.toggle()
            case "(" where !isQuoted: comment += 1
            case ")" where !isQuoted && comment > 0: comment -= 1
            case ";" where !isQuoted && comment == 0: pieces.append("")
            default: if comment == 0 { pieces[pieces.count - 1].unicodeScalars.append(character) }
            }
        }
        var result: [String: String] = [:]
        for piece in pieces.dropFirst().prefix(32) {
            guard let equals = piece.firstIndex(of: "=") else { continue }
            let name = piece[..<equals].trimmingCharacters(in: .whitespaces).lowercased()
            if result[name] == nil {
                result[name] = piece[piece.index(after: equals)...].trimmingCharacters(in: .whitespaces)
            }
        }
        return (pieces[0].trimmingCharacters(in: .whitespaces), result)
    }

    private static func split(_ bytes: ArraySlice<UInt8>, _ boundary: String) -> [ArraySlice<UInt8>] {
        let mark = Array("--\(boundary)".utf8)
        var slices: [ArraySlice<UInt8>] = []
        var start: Int?
        var index = bytes.startIndex
        while index < bytes.endIndex {
            let end = bytes[index...].firstIndex(of: 10) ?? bytes.endIndex
            let line = bytes[index..<end]
            if line.starts(with: mark) {
                var rest = line.dropFirst(mark.count)
                while let last = rest.last, last == 13 || last == 32 || last == 9 { rest.removeLast() }
                let isEnd = rest.elementsEqual([45, 45])
                if rest.isEmpty || isEnd {
                    if let start { slices.append(trimmed(bytes[start..<index])) }
                    start = isEnd ? nil : min(end + 1, bytes.endIndex)
                    if isEnd { return slices }
                }
            }
            index = end + 1
        }
        // A message that was cut off has no last boundary.
        if let start, start < bytes.endIndex { slices.append(bytes[start...]) }
        return slices
    }

    /// The line break before a boundary belongs to the boundary.
    private static func trimmed(_ slice: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var slice = slice
        if slice.last == 10 { slice.removeLast() }
        if slice.last == 13 { slice.removeLast() }
        return slice
    }
}
