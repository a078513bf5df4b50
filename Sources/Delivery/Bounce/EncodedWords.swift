import Foundation

/// Header text with its encoded words decoded. Source: RFC 2047.
package enum EncodedWords {
    package static func decoded(_ text: String) -> String {
        var result = ""
        var rest = text[...]
        var wasEncoded = false
        while let start = rest.range(of: "=?") {
            let gap = rest[..<start.lowerBound]
            // Between two encoded words white space is only a fold.
            if !(wasEncoded && gap.allSatisfy(\.isWhitespace)) { result += gap }
            let parts = rest[start.upperBound...].split(separator: "?", maxSplits: 3, omittingEmptySubsequences: false)
            guard parts.count == 4, parts[3].hasPrefix("="), let word = word(parts[0], parts[1], parts[2]) else {
                result += "=?"
                rest = rest[start.upperBound...]
                wasEncoded = false
                continue
            }
            result += word
            wasEncoded = true
            rest = parts[3].dropFirst()
        }
        return result + rest
    }

    private static func word(_ charset: Substring, _ encoding: Substring, _ text: Substring) -> String? {
        let bytes: [UInt8]
        switch encoding.lowercased() {
        case "b":
            guard let data = Data(base64Encoded: String(text)) else { return nil }
            bytes = Array(data)
        case "q": bytes = QuotedPrintable.decoded(text.replacing("_", with: " ").utf8)
        default: return nil
        }
        switch charset.lowercased() {
        case "utf-8", "us-ascii": return String(decoding: bytes, as: UTF8.self)
        case "iso-8859-1", "windows-1252":
            return String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
        default: return nil
        }
    }
}
