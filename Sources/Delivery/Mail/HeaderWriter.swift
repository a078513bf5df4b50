import EngagementModel
import Foundation

/// Writes header fields: folded, ASCII, and never with a line break that a value brought along.
///
/// Source: RFC 5322, sections 2.2.3 and 3.2; RFC 2047 (encoded words).
package struct HeaderWriter: Sendable {
    package private(set) var bytes: [UInt8] = []
    /// Where lines are folded; the hard limit is 998.
    static let width = 76

    package init() {}

    /// A field of free text: `Subject`.
    package mutating func text(_ name: String, _ value: String) throws {
        try Self.check(value)
        let isPlain =
            value.utf8.allSatisfy { (32...126).contains($0) } && !value.contains("=?")
            && !value.split(separator: " ").contains { $0.utf8.count > Self.width - 2 }
        write(name, isPlain ? Self.words(value) : Self.encodedWords(value, firstRoom: 75 - name.utf8.count - 2))
    }

    /// A field of ASCII tokens, which folds at spaces only: `Message-ID`, `Date`, `List-Unsubscribe`.
    package mutating func structured(_ name: String, _ value: String) throws {
        try Self.check(value)
        guard value.utf8.allSatisfy({ (32...126).contains($0) }),
            value.split(separator: " ").allSatisfy({ $0.utf8.count <= 900 })
        else { throw Diagnostic("bad_header", "The header \(name) may hold only short words of ASCII.") }
        write(name, Self.words(value))
    }

    /// A field with one address and the name that goes with it.
    package mutating func mailbox(_ name: String, _ address: MailAddress, displayName: String?) throws {
        let display = displayName?.trimmingCharacters(in: .whitespaces) ?? ""
        try Self.check(display)
        guard !display.isEmpty else { return write(name, [address.description]) }
        let words: [String]
        if display.utf8.allSatisfy({ (32...126).contains($0) }), display.utf8.count <= 60 {
            let isAtoms = display.utf8.allSatisfy { MailAddress.isAtext($0) || $0 == 32 } && !display.contains("=?")
            words = isAtoms ? Self.words(display) : [Self.quoted(display)]
        } else {
            words = Self.encodedWords(display, firstRoom: 75 - name.utf8.count - 2)
        }
        write(name, words + ["<\(address.description)>"])
    }

    private mutating func write(_ name: String, _ words: [String]) {
        var column = name.utf8.count + 1
        bytes += name.utf8
        bytes.append(58)
        for (index, word) in words.enumerated() {
            if index > 0, column + 1 + word.utf8.count > Self.width {
                bytes += [13, 10]
                column = 0
            }
            bytes.append(32)
            bytes += word.utf8
            column += 1 + word.utf8.count
        }
        bytes += [13, 10]
    }

    /// Refuses what would begin a new header line: the whole of header injection.
    private static func check(_ value: String) throws {
        guard !value.unicodeScalars.contains(where: { $0.value < 32 && $0 != "\t" || $0.value == 127 }) else {
            throw Diagnostic(
                "header_injection", "A header value holds a line break or a control character.",
                remedy: "remove it from the subject, the name or the address")
        }
    }

    private static func words(_ text: String) -> [String] {
        text.split(separator: " ", omittingEmptySubsequences: false).reduce(into: []) { words, piece in
            // Spaces in a row stay together, so that a reader who unfolds sees the same text.
            if piece.isEmpty, !words.isEmpty { words[words.count - 1] += " " } else { words.append(String(piece)) }
        }
    }

    private static func quoted(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }

    /// Words of at most 75 octets, cut between characters; white space between two of them is no part of the text.
    static func encodedWords(_ text: String, firstRoom: Int) -> [String] {
        let (head, tail) = ("=?UTF-8?B?", "?=")
        var words: [String] = []
        var piece: [UInt8] = []
        var room = max(30, firstRoom)
        func flush() {
            words.append(head + Data(piece).base64EncodedString() + tail)
            piece = []
            room = 75
        }
        for character in text {
            let bytes = Array(String(character).utf8)
            // A cluster of many marks is cut between its scalars: half a cluster is text, half a scalar is not.
            let units = bytes.count <= 40 ? [bytes] : String(character).unicodeScalars.map { Array(String($0).utf8) }
            for unit in units {
                let length = head.utf8.count + tail.utf8.count + (piece.count + unit.count + 2) / 3 * 4
                if length > room, !piece.isEmpty { flush() }
                piece += unit
            }
        }
        if !piece.isEmpty || words.isEmpty { flush() }
        return words
    }
}
