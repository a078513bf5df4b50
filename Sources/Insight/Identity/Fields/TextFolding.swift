import Foundation

/// One spelling for what differs only in case, accents, punctuation or spaces: bytes, one per letter.
enum TextFolding {
    /// Cells that say "no value".
    private static let placeholders: Set<String> = [
        "null", "nan", "n/a", "#n/a", "-", "--", "?", "none given", "unknown",
    ]

    /// Letters and digits in lower case, separated by single spaces. Letters outside Latin become one byte each.
    static func words(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        for byte in letters(text) {
            switch byte {
            case 0x61...0x7A, 0x30...0x39, 0x80...0xFF: bytes.append(byte)
            case 0x41...0x5A: bytes.append(byte | 0x20)
            case 0x27, 0x60: continue  // O'Neil is one word
            default: if let last = bytes.last, last != 0x20 { bytes.append(0x20) }
            }
        }
        if bytes.last == 0x20 { bytes.removeLast() }
        return bytes
    }

    /// Letters and digits only.
    static func compact(_ text: String) -> [UInt8] { words(text).filter { $0 != 0x20 } }

    /// Lower case without spaces; every other sign counts.
    static func email(_ text: String) -> [UInt8] {
        letters(text).compactMap { byte in
            switch byte {
            case 0x41...0x5A: byte | 0x20
            case 0...0x20: nil
            default: byte
            }
        }
    }

    /// The last nine digits: country and trunk prefixes are written in many ways.
    static func phone(_ text: String) -> [UInt8] {
        let digits = text.utf8.filter { $0 >= 0x30 && $0 <= 0x39 }
        return Array(digits.suffix(9))
    }

    static func isPlaceholder(_ text: String) -> Bool {
        text.utf8.count <= 10 && placeholders.contains(text.lowercased())
    }

    /// Bytes of the text with accents removed; ASCII passes without a copy of the text.
    private static func letters(_ text: String) -> [UInt8] {
        var isPlain = true
        for byte in text.utf8 where byte >= 0x80 { isPlain = false }
        if isPlain { return Array(text.utf8) }
        var bytes: [UInt8] = []
        let folded = text.folding(options: [.diacriticInsensitive, .caseInsensitive, .widthInsensitive], locale: nil)
        for scalar in folded.unicodeScalars {
            switch scalar {
            case "ß": bytes += [0x73, 0x73]
            case "æ": bytes += [0x61, 0x65]
            case "œ": bytes += [0x6F, 0x65]
            case "ø": bytes.append(0x6F)
            case "ł": bytes.append(0x6C)
            case "đ", "ð": bytes.append(0x64)
            case "þ": bytes += [0x74, 0x68]
            default: bytes.append(scalar.isASCII ? UInt8(scalar.value) : 0x80 | UInt8(scalar.value & 0x7F))
            }
        }
        return bytes
    }
}
