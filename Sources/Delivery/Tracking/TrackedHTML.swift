import Foundation

/// HTML whose links lead through the click redirect, with an open pixel at its end.
///
/// Only `href` attributes of `<a>` and `<area>` tags that hold an absolute https address are changed: text, styles and
/// other attributes stay as they were approved.
struct TrackedHTML {
    let html: String

    init(_ source: String, claim: Int64, _ links: LinkMint) throws {
        let bytes = Array(source.utf8)
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count + 1024)
        var index = 0
        while index < bytes.count {
            guard bytes[index] == 60 else {
                output.append(bytes[index])
                index += 1
                continue
            }
            if Self.matches(bytes, index, "<!--") {
                let end = Self.find(bytes, index + 4, "-->").map { $0 + 3 } ?? bytes.count
                output += bytes[index..<end]
                index = end
                continue
            }
            let end = Self.endOfTag(bytes, index)
            let tag = bytes[index..<end]
            if Self.isLink(tag), let value = Self.href(bytes, index, end) {
                let target = Self.unescaped(String(decoding: bytes[value], as: UTF8.self))
                if target.lowercased().hasPrefix("https://"), TrackedTarget.isSafe(target),
                    let tracked = try links.click(claim, to: target)
                {
                    output += bytes[index..<value.lowerBound] + Array(tracked.utf8) + bytes[value.upperBound..<end]
                } else {
                    output += tag
                }
            } else {
                output += tag
            }
            index = end
        }
        let pixel = "<img src=\"\(try links.open(claim))\" width=\"1\" height=\"1\" alt=\"\">"
        let text = String(decoding: output, as: UTF8.self)
        if let end = text.range(of: "</body", options: [.caseInsensitive, .backwards]) {
            html = text[..<end.lowerBound] + pixel + text[end.lowerBound...]
        } else {
            html = text + pixel
        }
    }

    /// Behind the `>` that ends the tag; quotes are respected.
    private static func endOfTag(_ bytes: [UInt8], _ start: Int) -> Int {
        var quote: UInt8?
        var index = start + 1
        while index < bytes.count {
            let byte = bytes[index]
            if let open = quote {
                if byte == open { quote = nil }
            } else if byte == 34 || byte == 39 {
                quote = byte
            } else if byte == 62 {
                return index + 1
            }
            index += 1
        }
        return bytes.count
    }

    private static func isLink(_ tag: ArraySlice<UInt8>) -> Bool {
        let name = tag.dropFirst().prefix { MailAddress.isLetterOrDigit($0) }.map { $0 | 0x20 }
        return name == Array("a".utf8) || name == Array("area".utf8)
    }

    /// Range of the quoted value of `href` within a tag.
    private static func href(_ bytes: [UInt8], _ start: Int, _ end: Int) -> Range<Int>? {
        var index = start + 1
        while index < end, !isSpace(bytes[index]) { index += 1 }
        while index < end {
            while index < end, isSpace(bytes[index]) || bytes[index] == 47 { index += 1 }
            let nameStart = index
            while index < end, !isSpace(bytes[index]), bytes[index] != 61, bytes[index] != 62 { index += 1 }
            let name = bytes[nameStart..<index].map { $0 | 0x20 }
            while index < end, isSpace(bytes[index]) { index += 1 }
            guard index < end, bytes[index] == 61 else {
                if index >= end || bytes[index] == 62 { return nil }
                continue
            }
            index += 1
            while index < end, isSpace(bytes[index]) { index += 1 }
            guard index < end else { return nil }
            let valueStart: Int
            if bytes[index] == 34 || bytes[index] == 39 {
                let quote = bytes[index]
                valueStart = index + 1
                index = valueStart
                while index < end, bytes[index] != quote { index += 1 }
            } else {
                valueStart = index
                while index < end, !isSpace(bytes[index]), bytes[index] != 62 { index += 1 }
            }
            if name == Array("href".utf8) { return valueStart..<index }
            index += 1
        }
        return nil
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }

    private static func matches(_ bytes: [UInt8], _ at: Int, _ text: String) -> Bool {
        bytes[at...].starts(with: text.utf8)
    }

    private static func find(_ bytes: [UInt8], _ from: Int, _ text: String) -> Int? {
        var index = from
        while index < bytes.count {
            if matches(bytes, index, text) { return index }
            index += 1
        }
        return nil
    }

    private static func unescaped(_ text: String) -> String {
        text.replacing("&quot;", with: "\"").replacing("&#39;", with: "'").replacing("&lt;", with: "<")
            .replacing("&gt;", with: ">").replacing("&amp;", with: "&")
    }
}

/// What may stand in a redirect.
package enum TrackedTarget {
    /// An https address of printable ASCII, without what ends an attribute or a header, and with a host.
    package static func isSafe(_ target: String) -> Bool {
        guard target.lowercased().hasPrefix("https://"),
            target.utf8.allSatisfy({ (33...126).contains($0) && !"<>\"\\^`{|}".utf8.contains($0) })
        else { return false }
        let authority = target.dropFirst(8).prefix { !"/?#".contains($0) }
        // A user part is how a link pretends to lead elsewhere.
        return !authority.isEmpty && !authority.contains("@")
    }
}
