internal import EngagementModel

/// Everything that a text may say about its reader, its sender and its occasion: a closed list.
package enum Field: String, ClosedList {
    case salutation
    case firstName = "first_name"
    case lastName = "last_name"
    case fullName = "full_name"
    case credential, specialty, site, city
    case repName = "rep_name"
    case repPhone = "rep_phone"
    case company
    case eventTitle = "event_title"
    case eventDate = "event_date"
    case eventTime = "event_time"
    case eventSpeaker = "event_speaker"
    case eventURL = "event_url"
    case contactURL = "contact_url"
    case unsubscribeURL = "unsubscribe_url"
    case preferencesURL = "preferences_url"
    /// The HCP's own messages on the portal.
    case notesURL = "notes_url"

    /// Whether the value is an address to go to: the whole of a link, never a part of its text.
    package var isURL: Bool {
        switch self {
        case .eventURL, .contactURL, .unsubscribeURL, .preferencesURL, .notesURL: true
        default: false
        }
    }
}

/// A running text with places to fill in: what an author writes as `Dear {{salutation}}, {{claim CL-1}}`.
///
/// Values are put into the finished structure and are never read again as text with places: a value that looks like a
/// placeholder or like markup stays what it is.
package struct Phrase: Sendable, Hashable {
    package enum Piece: Sendable, Hashable {
        case literal(String)
        /// `{{name}}` or `{{name|what to say without it}}`
        case field(Field, otherwise: String?)
        /// `{{claim ID}}`
        case claim(String)
    }

    package var pieces: [Piece]

    package init(_ pieces: [Piece] = []) { self.pieces = pieces }
    package init(literal: String) { pieces = literal.isEmpty ? [] : [.literal(literal)] }

    package var claims: [String] {
        pieces.compactMap { if case .claim(let id) = $0 { id } else { nil } }
    }

    package var isEmpty: Bool { pieces.isEmpty }

    /// The text as its author would write it.
    package var source: String {
        pieces.map { piece in
            switch piece {
            case .literal(let text): text
            case .field(let field, let otherwise): "{{\(field.rawValue)\(otherwise.map { "|\($0)" } ?? "")}}"
            case .claim(let id): "{{claim \(id)}}"
            }
        }.joined()
    }
}
