import EngagementModel
import Foundation
import Ledger

/// Turns an assembled message into mail: the same parcel, date and keys give the same bytes.
///
/// `multipart/alternative` of text and HTML, each quoted-printable; the postal address and the way out below both;
/// `List-Unsubscribe` with its one-click companion, both signed. Source: RFC 5322, 2045, 2046, 2047, 8058, 6376.
package struct MailWriter: Sendable {
    package let profile: MailProfile
    package let links: LinkMint

    package init(profile: MailProfile, links: LinkMint) {
        self.profile = profile
        self.links = links
    }

    /// - Parameter at: the date of the message, microseconds since 1970.
    /// - Throws: `Diagnostic`: `bad_address`, `header_injection`, `no_address`, `message_too_large`; without personal data.
    package func mail(_ parcel: Parcel, at: Int64) throws -> WireMail {
        let (ticket, content) = (parcel.ticket, parcel.content)
        let message = content.message
        guard let text = content.address else {
            throw Diagnostic("no_address", "A mail needs an address.")
        }
        guard message.text.utf8.count + (message.html?.utf8.count ?? 0) <= Self.longest else {
            throw Diagnostic("message_too_large", "A mail holds at most \(Self.longest) bytes of text.")
        }
        let recipient = try MailAddress(text)
        let claim = ticket.claim
        let isList = !claim.purpose.skipsPromotionalPolicy
        let exit = isList ? try links.unsubscribe(claim.number) : nil

        var head = HeaderWriter()
        try head.structured("Message-ID", ticket.messageID(domain: profile.returnDomain))
        try head.structured("Date", MailDate.written(at))
        try head.mailbox("From", profile.from, displayName: content.senderName ?? profile.fromName)
        if let reply = try content.replyTo.map(MailAddress.init) ?? profile.replyTo {
            try head.mailbox("Reply-To", reply, displayName: nil)
        }
        try head.mailbox("To", recipient, displayName: nil)
        try head.text("Subject", message.subject)
        if let exit {
            try head.structured("List-Unsubscribe", "<\(exit)>")
            try head.structured("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
        }
        try head.structured("Content-Language", message.language)
        try head.structured("MIME-Version", "1.0")
        let body = try body(parcel, exit: exit, at: at, head: &head)
        var bytes = head.bytes
        for signer in profile.signers.reversed() {
            bytes = try signer.field(headers: head.bytes, body: body, at: at / 1_000_000) + bytes
        }
        return WireMail(
            returnPath: links.returnPath(claim.number, domain: profile.returnDomain), recipient: recipient,
            bytes: bytes + [13, 10] + body)
    }

    /// No mail of approved content comes near; larger ones are refused by many servers.
    static let longest = 4_000_000

    private func body(_ parcel: Parcel, exit: String?, at: Int64, head: inout HeaderWriter) throws -> [UInt8] {
        let message = parcel.content.message
        let footer = MailFooter(language: message.language, postalAddress: profile.postalAddress, exit: exit)
        let text = footer.below(text: message.text)
        let html = try message.html.map { html in
            let linked = profile.tracks ? try TrackedHTML(html, claim: parcel.ticket.claim.number, links).html : html
            return footer.below(html: linked)
        }
        let invitation = try parcel.content.invitation.map { ($0.method.rawValue, try $0.bytes(at: at)) }
        var body: [UInt8] = []
        guard html != nil || invitation != nil else {
            try head.structured("Content-Type", "text/plain; charset=utf-8")
            try head.structured("Content-Transfer-Encoding", "quoted-printable")
            QuotedPrintable.encoded(text, into: &body)
            return body
        }
        // "=_" cannot stand in quoted-printable text or in base64.
        let boundary = "=_\(parcel.ticket.messageKey)"
        try head.structured("Content-Type", "multipart/alternative; boundary=\"\(boundary)\"")
        func part(_ type: String, _ encoding: String, _ write: (inout [UInt8]) -> Void) {
            body += "--\(boundary)\r\nContent-Type: \(type)\r\nContent-Transfer-Encoding: \(encoding)\r\n\r\n".utf8
            write(&body)
        }
        part("text/plain; charset=utf-8", "quoted-printable") { QuotedPrintable.encoded(text, into: &$0) }
        if let html {
            part("text/html; charset=utf-8", "quoted-printable") { QuotedPrintable.encoded(html, into: &$0) }
        }
        if let (method, bytes) = invitation {
            part("text/calendar; charset=utf-8; method=\(method)", "base64") { Self.base64(bytes, into: &$0) }
        }
        body += "--\(boundary)--\r\n".utf8
        return body
    }

    static func base64(_ bytes: [UInt8], into output: inout [UInt8]) {
        output +=
            Data(bytes).base64EncodedString(options: [
                .lineLength76Characters, .endLineWithCarriageReturn, .endLineWithLineFeed,
            ]).utf8
        output += [13, 10]
    }
}

/// What stands below every message: who sent it, and the way out.
struct MailFooter: Sendable {
    let language: String
    let postalAddress: String
    let exit: String?

    private static let words = [
        "en": "Unsubscribe", "de": "Abmelden", "fr": "Se désabonner", "es": "Darse de baja", "it": "Annulla iscrizione",
        "nl": "Uitschrijven", "pt": "Cancelar subscrição", "pl": "Wypisz się", "sv": "Avregistrera",
    ]

    private var word: String {
        Self.words[String(language.prefix { $0 != "-" }).lowercased()] ?? "Unsubscribe"
    }

    func below(text: String) -> String {
        var result = text
        while result.hasSuffix("\n") { result.removeLast() }
        // "-- " marks what follows as a signature (RFC 3676, section 4.3).
        result += "\n\n-- \n\(postalAddress)\n"
        if let exit { result += "\(word): \(exit)\n" }
        return result
    }

    func below(html: String) -> String {
        var lines = "<p style=\"font-size:small\">\(Self.escaped(postalAddress))"
        if let exit { lines += "<br><a href=\"\(Self.escaped(exit))\">\(Self.escaped(word))</a>" }
        lines += "</p>\n"
        guard let end = html.range(of: "</body", options: [.caseInsensitive, .backwards]) else { return html + lines }
        return html[..<end.lowerBound] + lines + html[end.lowerBound...]
    }

    static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;").replacing("'", with: "&#39;")
    }
}
