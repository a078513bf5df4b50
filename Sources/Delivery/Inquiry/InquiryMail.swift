import Crypto
import EngagementModel
import Foundation
package import Ledger

/// A mail of a person as an inquiry: the own words without what is quoted, who writes, and what it answers.
///
/// Reads what strangers send, in whatever language and form: never fails, bounded, and takes nothing of the text for an
/// instruction. Files come with it as they are; nothing in them is believed.
package struct InquiryMail: Sendable {
    /// Source of mails in the ledger.
    package static let source = "mail"

    /// - Parameters:
    ///   - claim: the message of ours that it answers, when that is proven, and to whom that went.
    ///   - at: when it arrived, microseconds since 1970.
    /// - Returns: nil when the mail holds no words.
    package static func draft(of message: MIMEPart, claim: (number: Int64, hcpID: String)?, at: Int64) -> InquiryDraft?
    {
        let body = text(of: message)
        let subject = topic(EncodedWords.decoded(message["subject"] ?? ""))
        let (name, address) = sender(message["from"] ?? "")
        guard !body.isEmpty || !subject.isEmpty else { return nil }
        let messageID = identifiers(message["message-id"] ?? "").first
        var draft = InquiryDraft(
            source: source, sourceID: messageID ?? fingerprint([address ?? "", subject, body]), channel: .email,
            receivedAt: at, subject: String(subject.prefix(InquiryDraft.longestSubject)),
            body: cut(body, to: InquiryDraft.longestBody))
        draft.fromName = name.map { String($0.prefix(120)) }
        draft.fromAddress = address
        draft.messageID = messageID
        draft.answers = identifiers(message["in-reply-to"] ?? "") + identifiers(message["references"] ?? "").reversed()
        draft.files = files(of: message)
        draft.language = message["content-language"].flatMap(language)
        if let claim {
            draft.claim = claim.number
            if !claim.hcpID.hasPrefix("erased:") {
                draft.hcpID = claim.hcpID
                draft.identifiedBy = .reply
            }
        }
        return draft
    }

    /// An id for a mail whose own id was used for another: some programs repeat theirs, and an enemy may.
    package static func fingerprint(_ parts: [String]) -> String {
        SHA256.hash(data: Data(parts.joined(separator: "\u{1F}").utf8)).prefix(16)
            .map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    // MARK: - Header

    /// Ids of a field, without brackets; at most twenty.
    static func identifiers(_ field: String) -> [String] {
        field.prefix(4_000).split { " \t,<>".contains($0) }.map(String.init)
            .filter { $0.contains("@") && $0.utf8.count <= 250 }.prefix(20).map { $0 }
    }

    /// `"Dr. A. B." <a@b.example>` as name and address.
    static func sender(_ field: String) -> (name: String?, address: String?) {
        let text = EncodedWords.decoded(String(field.prefix(2_000)))
        let quote = CharacterSet(charactersIn: " \t\"'")
        if let open = text.lastIndex(of: "<"), let close = text[open...].firstIndex(of: ">") {
            let address = text[text.index(after: open)..<close].trimmingCharacters(in: .whitespaces)
            let name = text[..<open].trimmingCharacters(in: quote)
            return (name.isEmpty ? nil : name, isAddress(address) ? address.lowercased() : nil)
        }
        let bare = text.split { " \t(),;".contains($0) }.first { isAddress($0) }
        return (nil, bare.map { $0.lowercased() })
    }

    private static func isAddress(_ text: some StringProtocol) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        return text.utf8.count <= 254 && parts.count == 2 && !parts[0].isEmpty && parts[1].contains(".")
            && text.unicodeScalars.allSatisfy { $0.value > 32 && $0 != "<" && $0 != ">" }
    }

    private static func language(_ field: String) -> String? {
        let tag = field.split { ", ;".contains($0) }.first.map(String.init) ?? ""
        let isTag =
            (2...12).contains(tag.utf8.count) && tag.utf8.allSatisfy { $0 == 45 || ($0 | 32) >= 97 && ($0 | 32) <= 122 }
        return isTag ? String(tag.prefix { $0 != "-" }).lowercased() : nil
    }

    private static let prefixes = [
        "re:", "aw:", "antw:", "fw:", "fwd:", "wg:", "tr:", "rv:", "r:", "i:", "sv:", "ref:",
    ]

    /// A subject without what mail programs put before it.
    static func topic(_ subject: String) -> String {
        var rest = subject.trimmingCharacters(in: .whitespaces)
        while let prefix = prefixes.first(where: { rest.lowercased().hasPrefix($0) }) {
            rest = rest.dropFirst(prefix.count).trimmingCharacters(in: .whitespaces)
        }
        return rest
    }

    // MARK: - Body

    /// The words of the mail itself: plain text where there is any, else the HTML's; without quotations.
    static func text(of message: MIMEPart) -> String {
        let leaves = message.all.filter { $0.parts.isEmpty && !isAttached($0) }
        let plain = leaves.filter { $0.type == "text/plain" }.map { $0.text }
            .first { !$0.allSatisfy(\.isWhitespace) }
        let whole = plain ?? leaves.first { $0.type == "text/html" }.map { HTMLText.plain($0.text) } ?? ""
        return Quotation.own(whole)
    }

    private static func isAttached(_ part: MIMEPart) -> Bool {
        let disposition = MIMEPart.parameters(of: part["content-disposition"] ?? "")
        return disposition.value.lowercased() == "attachment" || disposition.parameters["filename"] != nil
            || part.parameters["name"] != nil
    }

    /// Files in the order of the mail, pictures within the text among them.
    static func files(of message: MIMEPart) -> [AttachedFile] {
        let leaves = message.all.filter(\.parts.isEmpty)
        return leaves.enumerated().filter { _, part in
            isAttached(part) || !(part.type.hasPrefix("text/") || part.type.hasPrefix("multipart/"))
        }.map { place, part in
            let disposition = MIMEPart.parameters(of: part["content-disposition"] ?? "")
            let name = disposition.parameters["filename"] ?? part.parameters["name"] ?? ""
            // Of a mail that is longer than what is read the end of the last part is missing.
            return AttachedFile(
                name: EncodedWords.decoded(name), bytes: part.decoded,
                isCut: message.isLong && place == leaves.count - 1)
        }
    }

    private static func cut(_ text: String, to length: Int) -> String {
        guard text.count > length else { return text }
        return text.prefix(length - 40) + "\n[cut: the rest is in the mailbox]"
    }
}

/// What a mail says itself, and what it only quotes.
enum Quotation {
    private static let dividers = [
        "original message", "ursprüngliche nachricht", "originalnachricht", "message d'origine", "message original",
        "mensaje original", "messaggio originale", "forwarded message", "weitergeleitete nachricht",
    ]
    /// How programs announce what they quote, by the first word and the end of the line.
    private static let introductions: [(start: String, end: String)] = [
        ("on ", "wrote:"), ("am ", "schrieb:"), ("am ", "schrieb"), ("le ", "a écrit :"), ("le ", "a écrit:"),
        ("el ", "escribió:"), ("il ", "ha scritto:"), ("il giorno ", "ha scritto:"), ("el ", "escribió"),
    ]
    private static let senders = ["from:", "von:", "de:", "de :", "da:"]
    private static let dates = [
        "sent:", "date:", "gesendet:", "datum:", "envoyé:", "envoyé :", "enviado:", "enviado el:", "fecha:", "inviato:",
        "data:",
    ]

    /// The text before the quotation and without quoted lines; the whole text when nothing else is left (a mail that
    /// was only passed on).
    static func own(_ text: String) -> String {
        let lines = text.replacing("\r\n", with: "\n").split(separator: "\n", omittingEmptySubsequences: false)
            .map(String.init)
        let end = lines.indices.first { isEnd(lines, $0) } ?? lines.endIndex
        let kept = lines[..<end].filter { !$0.drop { $0 == " " }.hasPrefix(">") }
        let own = kept.joined(separator: "\n").trimmingCharacters(in: .whitespacesAndNewlines)
        return own.isEmpty ? text.trimmingCharacters(in: .whitespacesAndNewlines) : own
    }

    private static func isEnd(_ lines: [String], _ index: Int) -> Bool {
        let line = lines[index]
        // The mark of a signature keeps its space (RFC 3676, 4.3).
        if line == "-- " || line == "-- \r" { return true }
        let words = line.trimmingCharacters(in: .whitespaces).lowercased()
        guard !words.isEmpty else { return false }
        if words.hasPrefix("-"), dividers.contains(where: words.contains) { return true }
        // Long introductions are broken over two lines.
        let next = index + 1 < lines.count ? lines[index + 1].trimmingCharacters(in: .whitespaces).lowercased() : ""
        for whole in [words, words + " " + next] where whole.count <= 300 {
            if introductions.contains(where: { whole.hasPrefix($0.start) && whole.hasSuffix($0.end) }),
                whole.contains(where: \.isNumber)
            {
                return true
            }
            // German names the writer last; the hour tells a program from a person who tells what somebody wrote.
            if whole.hasPrefix("am "), whole.contains(" schrieb "), whole.hasSuffix(":"),
                whole.dropLast().contains(":")
            {
                return true
            }
        }
        guard senders.contains(where: words.hasPrefix) else { return false }
        return lines[(index + 1)..<min(index + 4, lines.count)].contains { line in
            let words = line.trimmingCharacters(in: .whitespaces).lowercased()
            return dates.contains(where: words.hasPrefix)
        }
    }
}
