/// Writes a filled body as HTML; the only place where markup becomes text.
enum HTMLText {
    /// A whole document. A body without its own `html` element is put into a plain one.
    static func document(_ nodes: [FilledNode], language: String) -> String {
        var text = "<!DOCTYPE html>\n"
        let isWhole = nodes.contains { if case .element("html", _, _) = $0 { true } else { false } }
        if isWhole {
            for node in nodes where !isBlank(node) { write(named(node, language), &text) }
        } else {
            text += "<html lang=\"\(Escape.html(language))\"><head><meta charset=\"utf-8\"></head><body>"
            for node in nodes { write(node, &text) }
            text += "</body></html>"
        }
        return text + "\n"
    }

    /// The document says its language, whatever its template said.
    private static func named(_ node: FilledNode, _ language: String) -> FilledNode {
        guard case .element("html", let attributes, let children) = node else { return node }
        let others = attributes.filter { $0.name != "lang" }
        return .element("html", [FilledAttribute(name: "lang", value: language)] + others, children)
    }

    private static func isBlank(_ node: FilledNode) -> Bool {
        if case .text(let words) = node { words.allSatisfy(\.isWhitespace) } else { false }
    }

    private static func write(_ node: FilledNode, _ text: inout String) {
        switch node {
        case .text(let words): text += Escape.html(words)
        case .element(let name, let attributes, let children):
            text += "<\(name)"
            for attribute in attributes { text += " \(attribute.name)=\"\(Escape.html(attribute.value))\"" }
            text += ">"
            if MarkupRules.isVoid(name) { return }
            for child in children { write(child, &text) }
            text += "</\(name)>"
        }
    }
}

/// Writes a filled body as plain text: complete in itself, links behind their words, lists with dashes.
struct PlainText {
    private var lines: [String] = []
    private var line = ""

    static func write(_ nodes: [FilledNode]) -> String {
        var writer = PlainText()
        for node in nodes { writer.write(node) }
        writer.endLine()
        var text = ""
        var wasBlank = true
        for line in writer.lines {
            if line.isEmpty && wasBlank { continue }
            text += line + "\n"
            wasBlank = line.isEmpty
        }
        while text.hasSuffix("\n\n") { text.removeLast() }
        return text
    }

    private mutating func write(_ node: FilledNode) {
        switch node {
        case .text(let words): write(words)
        case .element(let name, let attributes, let children):
            element(name, attributes, children)
        }
    }

    private mutating func element(_ name: String, _ attributes: [FilledAttribute], _ children: [FilledNode]) {
        func value(_ key: String) -> String? { attributes.first { $0.name == key }?.value }
        switch name {
        // Words of the head are no words of the letter.
        case "head": return
        case "br": return endLine()
        case "img": return write(value("alt") ?? "")
        case "hr":
            endLine()
            lines.append("--")
            return
        case "sup": write("[")
        default: break
        }
        let isBlock = MarkupRules.isBlock(name)
        if isBlock { endLine() }
        if name == "li" { line = "- " }
        if ["p", "h1", "h2", "h3", "h4", "ul", "ol", "table"].contains(name) { lines.append("") }
        let before = line
        for child in children { write(child) }
        if name == "sup" { line += "]" }
        if name == "a", let link = value("href") {
            let words = line.hasPrefix(before) ? String(line.dropFirst(before.count)) : line
            let address = link.hasPrefix("mailto:") ? String(link.dropFirst("mailto:".count)) : link
            if Self.trimmed(words) != address { line += (line.isEmpty ? "" : " ") + "(\(address))" }
        }
        if name == "td" || name == "th" { line += " " }
        if isBlock { endLine() }
        if ["p", "h1", "h2", "h3", "h4", "ul", "ol", "table"].contains(name) { lines.append("") }
    }

    /// Runs of white space are one space, as in HTML.
    private mutating func write(_ words: String) {
        for scalar in Escape.text(words).unicodeScalars {
            if scalar == " " || scalar == "\n" || scalar == "\t" {
                if !line.isEmpty, line.unicodeScalars.last != " " { line += " " }
            } else if scalar != "\u{AD}" {
                line.unicodeScalars.append(scalar)
            }
        }
    }

    private mutating func endLine() {
        let words = Self.trimmed(line)
        if !words.isEmpty { lines.append(words) }
        line = ""
    }

    private static func trimmed(_ text: String) -> String {
        var words = Substring(text)
        while words.first?.isWhitespace == true { words.removeFirst() }
        while words.last?.isWhitespace == true { words.removeLast() }
        return String(words)
    }
}
