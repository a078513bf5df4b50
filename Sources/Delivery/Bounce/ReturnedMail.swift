import Foundation
import Ledger

/// What a received message is, as far as it can be told with certainty.
package enum ReturnedMail: Sendable, Hashable {
    /// A delivery status notification about one of our messages.
    case bounce(Bounce)
    /// An abuse report: whoever reports wants nothing more.
    case complaint(claim: Int64?, kind: String)
    /// Out of the office, a ticket system, a list: nobody has read it.
    case autoReply(claim: Int64?)
    /// An answer that asks to be left alone.
    case unsubscribe(claim: Int64?)
    /// An answer of a person.
    case reply(claim: Int64?)
    case unknown

    package struct Bounce: Sendable, Hashable {
        package enum Action: String, Sendable, Hashable { case failed, delayed, delivered, relayed, expanded }
        package var claim: Int64?
        package var action: Action
        /// `5.1.1` (RFC 3463).
        package var status: String

        /// Whether the address is dead: failed, and for good. A full box, a size, a policy or a spam filter say nothing
        /// about the address, even with 5.
        package var suppresses: Bool {
            guard action == .failed, status.hasPrefix("5.") else { return false }
            let subject = status.split(separator: ".").dropFirst().first
            let isExempt =
                ["5.2.2", "5.2.3"].contains(status) || subject == "3" || subject == "4" || subject == "6"
                || subject == "7"
            return !isExempt
        }
    }

    package var claim: Int64? {
        switch self {
        case .bounce(let bounce): bounce.claim
        case .complaint(let claim, _), .autoReply(let claim), .unsubscribe(let claim), .reply(let claim): claim
        case .unknown: nil
        }
    }
}

/// Reads returned mail: RFC 3464 (delivery status), RFC 5965 (abuse reports), RFC 3834 (automatic answers), and plain
/// answers.
///
/// The claim comes from what only we can have made: the signed return path that the message was sent back to, or a signed
/// unsubscribe link in the returned text. A forged bounce therefore reaches nobody's address.
package struct ReturnedMailReader: Sendable {
    private let links: LinkMint

    package init(links: LinkMint) { self.links = links }

    /// - Parameter recipient: of the envelope, where the mail drop knows it.
    package func read(_ bytes: [UInt8], recipient: String? = nil) -> ReturnedMail {
        let message = MIMEPart(bytes)
        let claim = claim(of: message, recipient: recipient)
        if let report = feedback(message, claim) { return report }
        if let bounce = status(message, claim) { return .bounce(bounce) }
        // A report that cannot be read is no answer of a person, and says nothing for certain.
        if message.type == "multipart/report" { return .unknown }
        if isAutomatic(message) { return .autoReply(claim: claim) }
        // A bounce in prose: too many wordings to be certain of one.
        if isFromDaemon(message) { return .unknown }
        guard !message.fields.isEmpty, message["from"] != nil else { return .unknown }
        return asksToStop(message) ? .unsubscribe(claim: claim) : .reply(claim: claim)
    }

    // MARK: - Whose

    private func claim(of message: MIMEPart, recipient: String?) -> Int64? {
        if let recipient, let found = links.claim(inReturnPath: Self.bare(recipient)) { return found }
        for name in ["delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "to"] {
            for field in message.fields where field.name == name {
                for word in Self.words(field.value) {
                    if let found = links.claim(inReturnPath: word) { return found }
                }
            }
        }
        for part in message.all.dropFirst() {
            for field in part.fields where ["return-path", "list-unsubscribe"].contains(field.name) {
                if let found = signed(field.value) { return found }
            }
            // Reports carry the returned message or only its header.
            if part.type == "text/rfc822-headers" || part.type == "message/feedback-report" {
                for field in Self.statusFields(part.decoded).flatMap(\.self)
                where ["return-path", "list-unsubscribe", "original-mail-from"].contains(field.name) {
                    if let found = signed(field.value) { return found }
                }
            }
        }
        return nil
    }

    private func signed(_ value: String) -> Int64? {
        for word in Self.words(value) {
            if let found = links.claim(inReturnPath: word) { return found }
            if let range = word.range(of: "/u/"),
                let read = links.read(String(word[range.upperBound...]), for: .unsubscribe)
            {
                return read.claim
            }
        }
        return nil
    }

    /// Addresses and links of a field, without their brackets.
    private static func words(_ value: String) -> [String] {
        value.prefix(4000).split { " \t,;<>()\"".contains($0) }.prefix(64).map(bare)
    }

    private static func bare(_ word: some StringProtocol) -> String {
        word.trimmingCharacters(in: CharacterSet(charactersIn: "<> "))
    }

    // MARK: - What

    /// RFC 5965: `multipart/report; report-type=feedback-report`.
    private func feedback(_ message: MIMEPart, _ claim: Int64?) -> ReturnedMail? {
        guard let part = message.all.first(where: { $0.type == "message/feedback-report" }) else { return nil }
        let fields = Self.statusFields(part.decoded).flatMap(\.self)
        guard let kind = fields.first(where: { $0.name == "feedback-type" })?.value.lowercased() else {
            return .unknown
        }
        // "not-spam" takes a complaint back; it is none.
        if kind == "not-spam" { return .unknown }
        return .complaint(claim: claim, kind: kind)
    }

    /// RFC 3464: `message/delivery-status`; the first group is about the message, each further one about a recipient.
    private func status(_ message: MIMEPart, _ claim: Int64?) -> ReturnedMail.Bounce? {
        let reports = message.all.filter {
            ["message/delivery-status", "message/global-delivery-status"].contains($0.type)
        }
        guard let part = reports.first else { return nil }
        let groups = Self.statusFields(part.decoded)
        var found: [ReturnedMail.Bounce] = []
        for group in groups {
            guard let word = group.first(where: { $0.name == "action" })?.value.lowercased(),
                let action = ReturnedMail.Bounce.Action(
                    rawValue: String(word.prefix { $0.isLetter })),
                let status = Self.status(group.first { $0.name == "status" }?.value ?? "")
            else { continue }
            found.append(.init(claim: claim, action: action, status: status))
        }
        // One of our messages has one recipient; a report about several is about somebody else's list.
        guard found.count == 1, let bounce = found.first else { return nil }
        // Contradictions are left alone: "failed" with 4.x.x or 2.x.x is not for good.
        return bounce
    }

    static func status(_ text: String) -> String? {
        let word = text.split(whereSeparator: { " \t(".contains($0) }).first ?? ""
        let parts = word.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, ["2", "4", "5"].contains(parts[0]),
            parts.dropFirst().allSatisfy({
                (1...3).contains($0.utf8.count) && $0.utf8.allSatisfy { (48...57).contains($0) }
            })
        else { return nil }
        return String(word)
    }

    /// Groups of fields with empty lines between.
    private static func statusFields(_ bytes: [UInt8]) -> [[MIMEPart.Field]] {
        let text = String(decoding: bytes.prefix(100_000), as: UTF8.self).replacing("\r\n", with: "\n")
        return text.split(separator: "\n", omittingEmptySubsequences: false).prefix(2000)
            .reduce(into: [[MIMEPart.Field]]([[]])) { groups, line in
                if line.allSatisfy(\.isWhitespace) {
                    if groups[groups.count - 1].isEmpty == false { groups.append([]) }
                } else if line.first == " " || line.first == "\t" {
                    let last = groups.count - 1
                    guard !groups[last].isEmpty else { return }
                    groups[last][groups[last].count - 1].value += " " + line.trimmingCharacters(in: .whitespaces)
                } else if let colon = line.firstIndex(of: ":") {
                    groups[groups.count - 1].append(
                        .init(
                            name: line[..<colon].trimmingCharacters(in: .whitespaces).lowercased(),
                            value: line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)))
                }
            }.filter { !$0.isEmpty }
    }

    /// RFC 3834 and what programs write besides.
    private func isAutomatic(_ message: MIMEPart) -> Bool {
        if let submitted = message["auto-submitted"]?.lowercased(), !submitted.hasPrefix("no") { return true }
        for name in ["x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-response-suppress"]
        where message[name] != nil {
            // Outlook marks its own mail with the last one; only with an automatic subject does it mean an answer.
            if name != "x-auto-response-suppress" { return true }
        }
        if let precedence = message["precedence"]?.lowercased(),
            ["auto_reply", "bulk", "junk", "list"].contains(precedence)
        {
            return true
        }
        let subject = (message["subject"] ?? "").lowercased()
        return [
            "automatic reply", "auto reply", "autoreply", "out of office", "out of the office", "automatische antwort",
            "abwesenheit", "réponse automatique", "absence du bureau", "respuesta automática", "risposta automatica",
        ].contains(where: subject.hasPrefix)
    }

    private func isFromDaemon(_ message: MIMEPart) -> Bool {
        if message["return-path"]?.filter({ $0 != " " }) == "<>" { return true }
        let from = (message["from"] ?? "").lowercased()
        return ["mailer-daemon", "postmaster@", "mail delivery s"].contains(where: from.contains)
    }

    /// Whether the answer's first line of its own, or its subject, is one of the words and nothing else: a sentence that
    /// merely holds "stop" may be a question about a medicine.
    private func asksToStop(_ message: MIMEPart) -> Bool {
        if StopWords.asks(message["subject"] ?? "") { return true }
        guard let text = message.all.first(where: { $0.type == "text/plain" && $0.parts.isEmpty })?.text else {
            return false
        }
        let own = text.prefix(20_000).split(whereSeparator: \.isNewline).lazy
            .map { $0.trimmingCharacters(in: .whitespaces) }
            .first { !$0.isEmpty && !$0.hasPrefix(">") }
        return own.map(StopWords.asks) ?? false
    }
}
