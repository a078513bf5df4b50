/// One reply of a mail server: a code, an enhanced code where it gives one, lines of text.
///
/// Source: RFC 5321, section 4.2; RFC 3463 (enhanced codes).
package struct SMTPReply: Sendable, Hashable {
    package var code: Int
    /// Text of each line behind the code.
    package var lines: [String]

    package init(code: Int, lines: [String]) {
        self.code = code
        self.lines = lines
    }

    package var isPositive: Bool { (200..<300).contains(code) }
    package var isPermanent: Bool { (500..<600).contains(code) }

    /// `5.1.1`; nil when the reply holds none that fits its code.
    package var enhanced: String? {
        guard let word = lines.first?.split(separator: " ").first else { return nil }
        let parts = word.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].count == 1, parts[0].first == String(code).first,
            parts.dropFirst().allSatisfy({
                (1...3).contains($0.utf8.count) && $0.utf8.allSatisfy { (48...57).contains($0) }
            })
        else { return nil }
        return String(word)
    }

    /// What a ledger row says: `smtp_550`, `smtp_550_5.1.1`. Never the server's text, which often repeats the address.
    package var word: String { "smtp_\(code)" + (enhanced.map { "_\($0)" } ?? "") }
}

/// Bytes into replies; what is no reply ends the conversation.
package struct SMTPReplyReader: Sendable {
    package enum Fault: Error, Sendable, Hashable { case malformed, tooLong }

    /// Longer lines and replies come from no mail server.
    static let longestLine = 4096
    static let mostLines = 128

    private var line: [UInt8] = []
    private var code: Int?
    private var lines: [String] = []

    package init() {}

    /// Whether a reply has begun and not ended.
    package var isInside: Bool { !line.isEmpty || code != nil }

    /// The replies that are complete with these bytes.
    package mutating func read(_ bytes: some Sequence<UInt8>) throws(Fault) -> [SMTPReply] {
        var replies: [SMTPReply] = []
        for byte in bytes {
            guard byte == 10 else {
                guard line.count < Self.longestLine else { throw .tooLong }
                line.append(byte)
                continue
            }
            if line.last == 13 { line.removeLast() }
            if let reply = try end() { replies.append(reply) }
        }
        return replies
    }

    private mutating func end() throws(Fault) -> SMTPReply? {
        let digits = line.prefix(3)
        guard digits.count == 3, digits.allSatisfy({ (48...57).contains($0) }) else { throw .malformed }
        let number = digits.reduce(0) { $0 * 10 + Int($1 - 48) }
        guard (200..<600).contains(number), code == nil || code == number else { throw .malformed }
        let mark = line.count > 3 ? line[3] : 32
        guard mark == 32 || mark == 45 else { throw .malformed }
        code = number
        lines.append(String(decoding: line.dropFirst(4), as: UTF8.self))
        guard lines.count <= Self.mostLines else { throw .tooLong }
        line = []
        guard mark == 32 else { return nil }
        let reply = SMTPReply(code: number, lines: lines)
        (code, lines) = (nil, [])
        return reply
    }
}
