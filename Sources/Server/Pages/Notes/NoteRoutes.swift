import Delivery
import EngagementModel
import Foundation
import HTTPTypes
import Hummingbird
import Ledger
import Words

/// An HCP's own messages on the portal, behind a signed link like that of the preference centre.
///
/// The list changes nothing; a note that a person opens is seen, once. Programs that follow links open nothing.
struct NoteRoutes: Sendable {
    let pages: PageRenderer
    let context: ServerContext

    func add(to routes: Routes) {
        routes.open(.notes) { request, page in
            let (hcp, words) = try await reader(page)
            let notes = try await context.ledger.portalNotes(ofHCP: hcp)
            let view = View.with { view in
                view.set("title", words.notes.title)
                view.set("lead", words.notes.lead)
                view.set("empty", words.notes.empty)
                view.set(
                    "notes",
                    notes.map { note in
                        Self.view(note, words).setting {
                            $0.set("notePath", note.isCurrent ? "\(request.uri.path)/\(note.number)" : nil)
                            $0.set("unread", note.isCurrent && note.seenAt == nil ? words.notes.unread : nil)
                        }
                    })
            }
            return try await document("notes", view, hcp, words)
        }
        routes.open(.note) { request, page in
            let (hcp, words) = try await reader(page)
            guard let number = page.parameters.get("id").flatMap({ Int64($0) }) else { throw HTTPError(.notFound) }
            let counts = request.method != .head && !Self.isMachine(request, at: context.now())
            guard let note = try await context.ledger.openNote(number, ofHCP: hcp, counts: counts) else {
                throw HTTPError(.notFound)
            }
            var view = Self.view(note, words)
            view.set("back", words.notes.back)
            view.set("backPath", "/" + request.uri.path.split(separator: "/").dropLast().joined(separator: "/"))
            view.set("bodyMarkup", note.isCurrent ? NoteText.markup(note.text) : nil)
            return try await document("note", view, hcp, words, status: note.isCurrent ? .ok : .gone)
        }
    }

    /// Whose notes the link opens, and in which words.
    private func reader(_ page: PageContext) async throws -> (hcp: String, PublicWords) {
        let text = FormFields.decode(page.parameters.get("token") ?? "")
        switch LinkToken.read(text, keys: [try await context.ledger.linkKey()], now: context.now()) {
        case .valid(let token) where token.action == .notes:
            guard let recipient = try await context.ledger.recipient(token.subject) else { throw HTTPError(.notFound) }
            return (token.subject, PublicWords.of(recipient.language))
        case .expired(let token) where token.action == .notes:
            let recipient = try await context.ledger.recipient(token.subject)
            throw HTTPError(.gone, message: PublicWords.of(recipient?.language).expired)
        default: throw HTTPError(.notFound)
        }
    }

    private static func isMachine(_ request: Request, at: Int64) -> Bool {
        let purpose = [HTTPField.Name.secPurpose, .purpose, .xPurpose, .xMoz].lazy.compactMap { request.headers[$0] }
        // A note may be read in the second in which it comes: only the program says that it is one.
        return MachineReader().isMachine(
            .init(userAgent: request.headers[.userAgent], purpose: purpose.first, at: at), isClick: true, sentAt: 0)
    }

    private static func view(_ note: PortalNote, _ words: PublicWords) -> View {
        .with {
            $0.set("subject", note.subject)
            $0.set("language", note.language)
            $0.set("day", Day(number: Int32(clamping: note.postedAt / 86_400_000_000)).description)
            $0.set("gone", note.isCurrent ? nil : words.notes.gone)
        }
    }

    /// Below every page of notes: the way to the choices.
    private func document(
        _ template: String, _ view: View, _ hcp: String, _ words: PublicWords, status: HTTPResponse.Status = .ok
    ) async throws -> Response {
        let token = LinkToken(
            action: .preferences, subject: hcp, expiresAt: context.now() + LinkToken.pageValidity)
        let signed = try token.signed(with: try await context.ledger.linkKey())
        let framed = view.setting {
            $0.set("choices", words.preferences.title)
            $0.set("choicesPath", "/p/\(signed)")
        }
        return .html(
            try pages.document(template, framed, title: words.notes.title, language: words.language), status: status)
    }
}

/// Plain words as HTML: paragraphs, line breaks, and https addresses that lead where they say.
enum NoteText {
    static func markup(_ text: String) -> Markup {
        let paragraphs = text.replacing("\r\n", with: "\n").split(separator: /\n{2,}/)
        let html = paragraphs.map { part -> String in
            let lines = part.split(separator: "\n", omittingEmptySubsequences: false).map(Self.line)
            return "<p>\(lines.joined(separator: "<br>"))</p>"
        }
        return Markup(trusted: html.joined(separator: "\n"))
    }

    private static func line(_ text: Substring) -> String {
        var result = ""
        var rest = text
        while let found = rest.firstMatch(of: /https:\/\/[!#-;=?-Z_a-z~]+/) {
            // The full stop of a sentence is no part of the address.
            var address = found.output
            while let last = address.last, ".,;:!?)".contains(last) { address = address.dropLast() }
            result += Markup.escape(String(rest[..<found.range.lowerBound]))
            let shown = Markup.escape(String(address))
            result +=
                TrackedTarget.isSafe(String(address)) ? "<a href=\"\(shown)\" rel=\"noreferrer\">\(shown)</a>" : shown
            rest = rest[address.endIndex...]
        }
        return result + Markup.escape(String(rest))
    }
}

extension LinkToken {
    /// A link to a page of the HCP's own holds for half a year.
    package static let pageValidity: Int64 = 180 * 86_400_000_000
}

extension View {
    /// A copy with more in it.
    func setting(_ body: (inout View) -> Void) -> View {
        var copy = self
        body(&copy)
        return copy
    }
}
