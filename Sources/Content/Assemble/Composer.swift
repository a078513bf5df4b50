internal import Definitions
internal import EngagementModel

/// A body whose values are filled in: words and elements, nothing to interpret any more.
indirect enum FilledNode: Sendable, Hashable {
    case text(String)
    case element(String, [FilledAttribute], [FilledNode])
}

struct FilledAttribute: Sendable, Hashable {
    var name: String
    var value: String
}

/// Fills the tree of one message for one reader and notes what it used.
struct Composer {
    private let library: Library
    private let index: LibraryIndex
    private let language: String
    private let reader: Reader
    private let values: [Field: String]
    private(set) var parts: [MessagePart] = []
    private var noted: Set<PartKey> = []
    /// Numbered in the order in which claims first cite them.
    private var references: [ClaimPart.Reference] = []

    init(library: Library, index: LibraryIndex, language: String, request: AssemblyRequest) {
        self.library = library
        self.index = index
        self.language = language
        reader = request.reader
        values = request.fields
    }

    mutating func note(_ key: PartKey) {
        guard noted.insert(key).inserted, let record = index.record(of: key) else { return }
        parts.append(MessagePart(id: key.description, version: record.version.version))
    }

    // MARK: Lines

    /// A subject: one line, without marks of references.
    mutating func line(_ phrase: Phrase, in key: PartKey) throws(AssemblyRefusal) -> String {
        var text = ""
        for piece in phrase.pieces {
            switch piece {
            case .literal(let words): text += words
            case .field(let field, let otherwise): text += try value(field, otherwise, in: key)
            case .claim(let id):
                note(PartKey(.claim, id, language))
                text += try claim(id).texts[language]?.string ?? ""
            }
        }
        return Escape.line(text)
    }

    // MARK: Bodies

    mutating func body(of message: MessagePlan) throws(AssemblyRefusal) -> [FilledNode] {
        guard let id = message.template else {
            var nodes: [FilledNode] = []
            for module in message.slots["body"] ?? [] { nodes += try self.module(module) }
            return nodes + list()
        }
        guard let template = library.template(id, language) else {
            throw AssemblyRefusal(.missingPart, "template/\(id)")
        }
        let key = PartKey(.template, id, template.language)
        note(key)
        // References stand where the template puts them, and are known only when everything else is filled.
        let marked = try fill(template.body, in: key, message)
        return marked.flatMap { Self.replacing($0, list()) }
    }

    /// Stands for the references until they are known; no author can write an element of this name.
    private static let mark = "references"

    private static func replacing(_ node: FilledNode, _ list: [FilledNode]) -> [FilledNode] {
        guard case .element(let name, let attributes, let children) = node else { return [node] }
        if name == mark { return list }
        return [.element(name, attributes, children.flatMap { replacing($0, list) })]
    }

    private mutating func fill(
        _ nodes: [MarkupNode], in key: PartKey, _ message: MessagePlan?
    ) throws(AssemblyRefusal) -> [FilledNode] {
        var result: [FilledNode] = []
        for node in nodes {
            switch node {
            case .text(let phrase): result += try words(phrase, in: key)
            case .references: result.append(.element(Self.mark, [], []))
            case .slot(let name):
                for module in message?.slots[name] ?? [] { result += try self.module(module) }
            case .element(let element):
                var attributes: [FilledAttribute] = []
                for attribute in element.attributes {
                    attributes.append(try filled(attribute, in: key))
                }
                result.append(.element(element.name, attributes, try fill(element.children, in: key, message)))
            }
        }
        return result
    }

    private func filled(
        _ attribute: MarkupElement.Attribute, in key: PartKey
    ) throws(AssemblyRefusal) -> FilledAttribute {
        let isLink = attribute.name == "href" || attribute.name == "src"
        return FilledAttribute(
            name: attribute.name,
            value: isLink ? try link(attribute.value, in: key) : Escape.line(try plain(attribute.value, in: key)))
    }

    private func plain(_ phrase: Phrase, in key: PartKey) throws(AssemblyRefusal) -> String {
        var text = ""
        for piece in phrase.pieces {
            switch piece {
            case .literal(let words): text += words
            case .field(let field, let otherwise): text += try value(field, otherwise, in: key)
            case .claim: break
            }
        }
        return text
    }

    /// An address: a field alone, or literal parts with values percent-encoded between them.
    private func link(_ phrase: Phrase, in key: PartKey) throws(AssemblyRefusal) -> String {
        var text = ""
        for piece in phrase.pieces {
            switch piece {
            case .literal(let words): text += words
            case .field(let field, let otherwise):
                let value = try value(field, otherwise, in: key)
                text += field.isURL ? value : Escape.url(Escape.line(value))
            case .claim: break
            }
        }
        guard SafeLink.isSafe(text) || text.hasPrefix("mailto:") && phrase.pieces.count == 1 else {
            throw AssemblyRefusal(.badField, key.description, "an address")
        }
        return text
    }

    private mutating func words(_ phrase: Phrase, in key: PartKey) throws(AssemblyRefusal) -> [FilledNode] {
        var nodes: [FilledNode] = []
        for piece in phrase.pieces {
            switch piece {
            case .literal(let words): nodes.append(.text(words))
            case .field(let field, let otherwise):
                nodes.append(.text(Escape.line(try value(field, otherwise, in: key))))
            case .claim(let id):
                let claim = try claim(id)
                note(PartKey(.claim, id, language))
                nodes.append(.text(Self.trimmed(claim.texts[language]?.string ?? "")))
                let numbers = claim.references.map { String(number(of: $0)) }.joined(separator: ",")
                if !numbers.isEmpty { nodes.append(.element("sup", [], [.text(numbers)])) }
            }
        }
        return nodes
    }

    // MARK: Modules

    private mutating func module(_ id: String) throws(AssemblyRefusal) -> [FilledNode] {
        let key = PartKey(.module, id, language)
        let variants = library.modules[id]?.variants.filter { $0.language == language } ?? []
        guard let variant = narrowest(variants, \.audience, reader) else {
            throw AssemblyRefusal(.missingPart, key.description)
        }
        note(key)
        var nodes: [FilledNode] = []
        for block in variant.blocks { nodes += try self.block(block, in: key) }
        return nodes
    }

    private mutating func block(_ block: ModulePart.Block, in key: PartKey) throws(AssemblyRefusal) -> [FilledNode] {
        switch block {
        case .heading(let phrase): return [.element("h2", [], try words(phrase, in: key))]
        case .text(let phrase): return [.element("p", [], try words(phrase, in: key))]
        case .list(let phrases):
            var items: [FilledNode] = []
            for phrase in phrases { items.append(.element("li", [], try words(phrase, in: key))) }
            return [.element("ul", [], items)]
        case .html(let nodes): return try fill(nodes, in: key, nil)
        case .image(let source, let alternative, let width):
            var attributes = [
                FilledAttribute(name: "src", value: source),
                FilledAttribute(name: "alt", value: Escape.line(try plain(alternative, in: key))),
            ]
            if let width { attributes.append(FilledAttribute(name: "width", value: String(width))) }
            return [.element("p", [], [.element("img", attributes, [])])]
        case .button(let title, let target):
            return [
                .element(
                    "p", [], [.element("a", Self.buttonLook(try link(target, in: key)), try words(title, in: key))])
            ]
        case .offer(let id): return try offer(id)
        }
    }

    private static func buttonLook(_ link: String) -> [FilledAttribute] {
        [
            FilledAttribute(name: "href", value: link),
            FilledAttribute(
                name: "style",
                value: "display:inline-block;padding:10px 18px;background-color:#0b57a4;color:#ffffff;"
                    + "border-radius:4px;text-decoration:none;font-weight:bold"),
        ]
    }

    /// Left out for a reader who does not fulfil its conditions.
    private mutating func offer(_ id: String) throws(AssemblyRefusal) -> [FilledNode] {
        let key = PartKey(.offer, id, language)
        guard let offer = library.offers[id], let words = offer.words[language] else {
            throw AssemblyRefusal(.missingPart, key.description)
        }
        guard offer.audience.includes(reader) else { return [] }
        note(key)
        let text = FilledNode.text(Self.trimmed(words.text.string))
        var nodes: [FilledNode] = []
        if let target = offer.link {
            nodes.append(
                .element(
                    "p", [], [.element("a", [FilledAttribute(name: "href", value: try link(target, in: key))], [text])])
            )
        } else {
            nodes.append(.element("p", [], [text]))
        }
        if let terms = words.terms {
            nodes.append(.element("p", [], [.element("small", [], [.text(Self.trimmed(terms.string))])]))
        }
        return nodes
    }

    // MARK: Claims and values

    private func claim(_ id: String) throws(AssemblyRefusal) -> ClaimPart {
        guard let claim = library.claims[id], claim.texts[language] != nil else {
            throw AssemblyRefusal(.missingPart, "claim/\(id)/\(language)")
        }
        return claim
    }

    private mutating func number(of reference: ClaimPart.Reference) -> Int {
        if let known = references.firstIndex(of: reference) { return known + 1 }
        references.append(reference)
        return references.count
    }

    private func list() -> [FilledNode] {
        references.enumerated().map { index, reference in
            var children: [FilledNode] = [.text("\(index + 1). \(reference.text)")]
            if let url = reference.url {
                children += [.text(" "), .element("a", [FilledAttribute(name: "href", value: url)], [.text(url)])]
            }
            return .element("p", [], [.element("small", [], children)])
        }
    }

    private func value(
        _ field: Field, _ otherwise: String?, in key: PartKey
    ) throws(AssemblyRefusal) -> String {
        let given = values[field].flatMap { Escape.line($0).isEmpty ? nil : $0 }
        guard let value = given ?? otherwise else {
            throw AssemblyRefusal(.missingField, key.description, field.rawValue)
        }
        if field.isURL, !SafeLink.isSafe(value) { throw AssemblyRefusal(.badField, key.description, field.rawValue) }
        return value
    }

    private static func trimmed(_ text: String) -> String {
        var words = Substring(text)
        while words.last?.isWhitespace == true { words.removeLast() }
        return String(words)
    }
}
