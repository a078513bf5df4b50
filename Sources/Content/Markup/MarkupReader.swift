import Definitions

/// Reads the strict part of HTML that messages are made of: quoted attributes, closed elements, no scripts, comments or
/// styles of their own. Whatever is not expected is reported with its place, and left out of the tree.
struct MarkupReader {
    private let text: LocatedText
    private let scope: MarkupRules.Scope
    private let log: ContentLog
    private let scalars: [Character]
    private var at = 0

    private init(_ text: LocatedText, _ scope: MarkupRules.Scope, _ log: ContentLog) {
        self.text = text
        self.scope = scope
        self.log = log
        scalars = Array(text.string)
    }

    static func read(_ text: LocatedText, scope: MarkupRules.Scope, log: ContentLog) -> [MarkupNode] {
        var reader = MarkupReader(text, scope, log)
        var nodes: [MarkupNode] = []
        var open: [(element: MarkupElement, at: Int)] = []
        // What may not be written is not kept either, nor what stands inside of it.
        func add(_ node: MarkupNode) {
            if case .element(let element) = node, !MarkupRules.allows(element.name, scope) { return }
            if open.isEmpty { nodes.append(node) } else { open[open.count - 1].element.children.append(node) }
        }
        while let piece = reader.next() {
            switch piece {
            case .nodes(let more): more.forEach(add)
            case .begin(let element, let offset):
                if MarkupRules.isVoid(element.name) { add(.element(element)) } else { open.append((element, offset)) }
            case .end(let name, let offset):
                guard let last = open.last, last.element.name == name else {
                    log.report(
                        "bad_markup", "</\(name)> closes \(open.last.map { "<\($0.element.name)>" } ?? "nothing")",
                        in: text, at: offset, remedy: "close elements in the reverse order of their opening")
                    continue
                }
                open.removeLast()
                add(.element(last.element))
            }
        }
        while let last = open.popLast() {
            log.report("bad_markup", "<\(last.element.name)> is never closed", in: text, at: last.at)
            add(.element(last.element))
        }
        return nodes
    }

    private enum Piece {
        case nodes([MarkupNode])
        case begin(MarkupElement, Int)
        case end(String, Int)
    }

    private mutating func next() -> Piece? {
        while at < scalars.count {
            if scalars[at] != "<" { return .nodes(words()) }
            let start = at
            if peek("</") {
                at += 2
                let name = takeName()
                skipSpace()
                guard take(">") else {
                    fault("bad_markup", "an end tag holds a name only", start)
                    skipTag()
                    continue
                }
                return .end(name, start)
            }
            if peek("<!") || peek("<?") {
                fault("bad_markup", "comments and declarations are not sent", start, "leave it out")
                at += peek("<!--") ? distance(to: "-->") : distance(to: ">")
                continue
            }
            at += 1
            let name = takeName()
            let isKnown = MarkupRules.allows(name, scope)
            if name.isEmpty {
                fault("bad_markup", "`<` begins no element", start, "write &lt; for the sign itself")
                continue
            }
            if !isKnown { fault("bad_element", "<\(name)> is not allowed in a message", start) }
            guard let attributes = attributes(of: name, isKnown: isKnown, start) else { continue }
            // What an unknown element holds is still read, so that every mistake shows at once.
            return .begin(MarkupElement(name, attributes), start)
        }
        return nil
    }

    // MARK: Attributes

    private mutating func attributes(of name: String, isKnown: Bool, _ start: Int) -> [MarkupElement.Attribute]? {
        var result: [MarkupElement.Attribute] = []
        while at < scalars.count {
            skipSpace()
            if take(">") { return result }
            if peek("/>"), MarkupRules.isVoid(name) {
                at += 2
                return result
            }
            let begin = at
            let key = takeName()
            guard !key.isEmpty, take("="), take("\"") else {
                fault("bad_markup", "an attribute of <\(name)> is not written name=\"value\"", begin)
                skipTag()
                return nil
            }
            let from = at
            while at < scalars.count, scalars[at] != "\"" { at += 1 }
            let raw = Substring(String(scalars[from..<min(at, scalars.count)]))
            at += 1
            if result.contains(where: { $0.name == key }) { fault("bad_markup", "\(key) stands twice", begin) }
            guard isKnown, MarkupRules.allows(attribute: key, of: name) else {
                if isKnown { fault("bad_attribute", "\(key) is not allowed on <\(name)>", begin) }
                continue
            }
            let value = phrase(raw, base: from)
            if let why = MarkupRules.fault(in: value, of: key) {
                fault("bad_attribute", "\(key): \(why)", from)
                continue
            }
            result.append(.init(key, value))
        }
        fault("bad_markup", "<\(name)> has no end", start)
        return nil
    }

    private func phrase(_ raw: Substring, base: Int) -> Phrase {
        Phrase(
            PhraseReader.places(raw, base: base, of: text, log: log).compactMap { place, offset in
                switch place {
                case .piece(.literal(let words)): return .literal(decoded(words, offset))
                case .piece(let piece): return piece
                case .slot, .references:
                    fault("misplaced_slot", "a slot stands between tags, not inside of one", offset)
                    return nil
                }
            })
    }

    // MARK: Words

    private mutating func words() -> [MarkupNode] {
        let from = at
        while at < scalars.count, scalars[at] != "<" { at += 1 }
        var nodes: [MarkupNode] = []
        var pieces: [Phrase.Piece] = []
        func flush() {
            if !pieces.isEmpty { nodes.append(.text(Phrase(pieces))) }
            pieces = []
        }
        for (place, offset) in PhraseReader.places(
            Substring(String(scalars[from..<at])), base: from, of: text, log: log)
        {
            switch place {
            case .piece(.literal(let words)): pieces.append(.literal(decoded(words, offset)))
            case .piece(let piece): pieces.append(piece)
            case .slot(let name):
                flush()
                if scope == .document {
                    nodes.append(.slot(name))
                } else {
                    fault("misplaced_slot", "a module has no slots", offset, "slots belong to templates")
                }
            case .references:
                flush()
                if scope == .document {
                    nodes.append(.references)
                } else {
                    fault("misplaced_slot", "references stand in templates only", offset)
                }
            }
        }
        flush()
        return nodes
    }

    /// Character references become characters, so that the tree holds words and nothing else.
    private func decoded(_ words: String, _ offset: Int) -> String {
        guard words.contains("&") else { return words }
        var result = ""
        var rest = Substring(words)
        var place = offset
        while let sign = rest.firstIndex(of: "&") {
            result += rest[..<sign]
            place += rest[..<sign].count
            rest = rest[rest.index(after: sign)...]
            let name = rest.prefix { $0 != ";" && !$0.isWhitespace && $0 != "&" }
            guard rest.dropFirst(name.count).first == ";", let value = Self.character(String(name)) else {
                fault("bad_markup", "`&` begins no known character reference", place, "write &amp; for the sign itself")
                result += "&"
                place += 1
                continue
            }
            result += value
            rest = rest.dropFirst(name.count + 1)
            place += name.count + 2
        }
        return result + rest
    }

    private static let named: [String: String] = [
        "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": "\u{A0}", "shy": "\u{AD}",
        "ndash": "–", "mdash": "—", "hellip": "…", "middot": "·", "bull": "•", "copy": "©", "reg": "®", "trade": "™",
        "euro": "€", "le": "≤", "ge": "≥", "plusmn": "±", "times": "×", "micro": "µ", "deg": "°", "zwnj": "\u{200C}",
    ]

    private static func character(_ name: String) -> String? {
        guard name.hasPrefix("#") else { return named[name] }
        let digits = name.dropFirst()
        let isHex = digits.first == "x" || digits.first == "X"
        guard let number = isHex ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits), number >= 32, number != 127,
            let scalar = Unicode.Scalar(number)
        else { return nil }
        return String(Character(scalar))
    }

    // MARK: Characters

    private func peek(_ word: String) -> Bool {
        at + word.count <= scalars.count && String(scalars[at..<at + word.count]) == word
    }

    private mutating func take(_ character: Character) -> Bool {
        guard at < scalars.count, scalars[at] == character else { return false }
        at += 1
        return true
    }

    /// A name in lower case, as HTML is read.
    private mutating func takeName() -> String {
        let from = at
        while at < scalars.count, scalars[at].isASCII,
            scalars[at].isLetter || scalars[at].isNumber || scalars[at] == "-"
        {
            at += 1
        }
        return String(scalars[from..<at]).lowercased()
    }

    private mutating func skipSpace() {
        while at < scalars.count, scalars[at].isWhitespace { at += 1 }
    }

    private mutating func skipTag() {
        while at < scalars.count, scalars[at] != ">" { at += 1 }
        at += 1
    }

    private func distance(to word: String) -> Int {
        var end = at
        while end < scalars.count {
            if end + word.count <= scalars.count, String(scalars[end..<end + word.count]) == word {
                return end + word.count - at
            }
            end += 1
        }
        return scalars.count - at
    }

    private func fault(_ code: String, _ message: String, _ offset: Int, _ remedy: String? = nil) {
        log.report(code, message, in: text, at: offset, remedy: remedy)
    }
}
