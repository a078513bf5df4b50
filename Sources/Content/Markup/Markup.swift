/// A piece of a message's body: a strict, well-formed part of HTML, read into a tree.
///
/// Output is written from the tree and never copied from a file, so that what a mail program sees is what was checked.
package indirect enum MarkupNode: Sendable, Hashable {
    case text(Phrase)
    case element(MarkupElement)
    /// Filled by the modules of a message.
    case slot(String)
    /// The numbered list of what the claims of the message rest on.
    case references
}

package struct MarkupElement: Sendable, Hashable {
    package struct Attribute: Sendable, Hashable {
        package var name: String
        package var value: Phrase

        package init(_ name: String, _ value: Phrase) {
            self.name = name
            self.value = value
        }
    }

    package var name: String
    package var attributes: [Attribute]
    package var children: [MarkupNode]

    package init(_ name: String, _ attributes: [Attribute] = [], _ children: [MarkupNode] = []) {
        self.name = name
        self.attributes = attributes
        self.children = children
    }
}

extension [MarkupNode] {
    /// Every claim that the tree names, in the order of appearance.
    package var claims: [String] {
        flatMap { node -> [String] in
            switch node {
            case .text(let phrase): phrase.claims
            case .element(let element): element.attributes.flatMap(\.value.claims) + element.children.claims
            case .slot, .references: []
            }
        }
    }

    package var slots: [String] {
        flatMap { node -> [String] in
            switch node {
            case .slot(let name): [name]
            case .element(let element): element.children.slots
            case .text, .references: []
            }
        }
    }

    /// The tree as its author would write it; the same tree gives the same text.
    package var source: String {
        map { node in
            switch node {
            case .text(let phrase): phrase.source
            case .slot(let name): "{{slot \(name)}}"
            case .references: "{{references}}"
            case .element(let element):
                "<\(element.name)" + element.attributes.map { " \($0.name)=\"\($0.value.source)\"" }.joined() + ">"
                    + element.children.source + (MarkupRules.isVoid(element.name) ? "" : "</\(element.name)>")
            }
        }.joined()
    }
}

/// What HTML may hold here. Everything else is refused when it is read, by name and place.
enum MarkupRules {
    /// Where the tree stands: a whole document, or a part of one.
    enum Scope { case document, fragment }

    private static let frame: Set<String> = ["html", "head", "title", "meta", "body"]
    private static let elements: Set<String> = [
        "table", "thead", "tbody", "tr", "td", "th", "div", "span", "p", "br", "hr", "h1", "h2", "h3", "h4", "ul", "ol",
        "li", "a", "strong", "b", "em", "i", "sup", "sub", "small", "img", "blockquote",
    ]
    private static let voids: Set<String> = ["br", "hr", "img", "meta"]
    private static let everywhere: Set<String> = [
        "style", "align", "valign", "width", "height", "bgcolor", "lang", "dir", "title", "role",
    ]
    private static let own: [String: Set<String>] = [
        "table": ["border", "cellpadding", "cellspacing"], "td": ["colspan", "rowspan"],
        "th": ["colspan", "rowspan", "scope"], "a": ["href"], "img": ["src", "alt"],
        "meta": ["charset", "name", "content"],
    ]

    static func isVoid(_ name: String) -> Bool { voids.contains(name) }

    static func allows(_ name: String, _ scope: Scope) -> Bool {
        elements.contains(name) || (scope == .document && frame.contains(name))
    }

    static func allows(attribute: String, of name: String) -> Bool {
        everywhere.contains(attribute) || own[name]?.contains(attribute) ?? false
    }

    /// Elements after which plain text begins a new line.
    static func isBlock(_ name: String) -> Bool {
        switch name {
        case "p", "div", "tr", "table", "li", "ul", "ol", "h1", "h2", "h3", "h4", "hr", "blockquote": true
        default: false
        }
    }

    /// What is wrong with the value of an attribute; nil = nothing.
    static func fault(in value: Phrase, of attribute: String) -> String? {
        switch attribute {
        case "href", "src": return linkFault(value, isImage: attribute == "src")
        case "style":
            guard case .literal(let css)? = value.pieces.first, value.pieces.count == 1 else {
                return value.isEmpty ? nil : "a style holds no fields"
            }
            let bare = css.lowercased()
            // ASCII only: a combining mark must not hide a bracket from the search.
            let isTame =
                css.utf8.allSatisfy { $0 >= 32 && $0 < 127 }
                && !["url(", "expression", "@", "\\", "<", "/*", "behavior", "javascript"].contains(
                    where: bare.contains)
            return isTame ? nil : "a style holds plain properties only"
        case "alt", "title", "content": return value.claims.isEmpty ? nil : "a claim stands in the text, not here"
        default:
            return value.pieces.allSatisfy { if case .literal = $0 { true } else { false } }
                ? nil : "holds no fields"
        }
    }

    /// A link is one field that holds an address, or an https address whose host no field can change.
    private static func linkFault(_ value: Phrase, isImage: Bool) -> String? {
        guard let first = value.pieces.first else { return "an address is missing" }
        if case .field(let field, _) = first, field.isURL {
            return value.pieces.count == 1 && !isImage ? nil : "an address field stands alone, in href"
        }
        guard case .literal(let head) = first else { return "an address begins with https://" }
        for piece in value.pieces.dropFirst() {
            if case .claim = piece { return "an address holds no claim" }
            if case .field(let field, _) = piece, field.isURL { return "an address field stands alone" }
        }
        guard
            head.unicodeScalars.allSatisfy({
                $0.value > 32 && $0.value < 127 && !"\"'<>\\`{}|^".unicodeScalars.contains($0)
            })
        else { return "an address is written in ASCII without spaces; percent-encode the rest" }
        if !isImage, head.hasPrefix("mailto:"), value.pieces.count == 1 {
            return head.contains("?") || !head.contains("@") ? "an e-mail address without options is expected" : nil
        }
        return SafeLink.host(of: head, isWhole: value.pieces.count == 1) == nil
            ? "an address begins with https:// and a host" : nil
    }
}

/// Which addresses may become links.
package enum SafeLink {
    /// The host of an https address; nil when it is none, names a user, or (with more to follow) its host could still grow.
    package static func host(of text: String, isWhole: Bool = true) -> String? {
        guard text.hasPrefix("https://") else { return nil }
        let rest = text.dropFirst("https://".count)
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard isWhole || authority.count < rest.count else { return nil }
        let parts = authority.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2, parts.dropFirst().allSatisfy({ Int($0) != nil }), let host = parts.first,
            host.contains("."), !host.hasPrefix("."), !host.hasSuffix("."),
            host.utf8.allSatisfy({
                ($0 >= 97 && $0 <= 122) || ($0 >= 65 && $0 <= 90) || ($0 >= 48 && $0 <= 57) || $0 == 45 || $0 == 46
            })
        else { return nil }
        return String(host)
    }

    /// Whether a value may be the whole of a link: https, ASCII, nothing that could end an attribute.
    package static func isSafe(_ text: String) -> Bool {
        text.utf8.count <= 2000 && host(of: text) != nil
            && text.unicodeScalars.allSatisfy {
                $0.value > 32 && $0.value < 127 && !"\"'<>\\`{}|^".unicodeScalars.contains($0)
            }
    }
}
