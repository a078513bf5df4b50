/// Reads a page as a browser's parser does in outline, and says what is wrong with it.
///
/// Small on purpose: tags balance, ids are unique, attributes are quoted, controls have names, tables have captions.
/// axe in a real browser (`Tests/Browser`) checks the rest.
struct HTMLCheck {
    private(set) var problems: [String] = []
    private(set) var tags: [(name: String, attributes: [String: String])] = []
    /// What a reader sees: everything between tags.
    private(set) var text = ""

    private static let voids: Set<String> = ["meta", "link", "input", "br", "img", "hr"]
    /// Drawn elements that close themselves.
    private static let drawn: Set<String> = ["line", "circle"]

    init(_ html: String) {
        var rest = Substring(html)
        var open: [String] = []
        var labelled = 0
        while let start = rest.firstIndex(of: "<") {
            text += rest[..<start]
            rest = rest[rest.index(after: start)...]
            guard let end = rest.firstIndex(of: ">") else {
                problems.append("a tag has no end")
                return
            }
            var tag = rest[..<end]
            rest = rest[rest.index(after: end)...]
            if tag.hasPrefix("!") { continue }
            if tag.hasPrefix("/") {
                let name = String(tag.dropFirst())
                if name == "label" { labelled -= 1 }
                guard open.last == name else {
                    problems.append("</\(name)> closes <\(open.last ?? "nothing")>")
                    if let place = open.lastIndex(of: name) { open.removeSubrange(place...) }
                    continue
                }
                open.removeLast()
                continue
            }
            let closesItself = tag.hasSuffix("/")
            if closesItself { tag = tag.dropLast() }
            let (name, attributes) = read(tag)
            tags.append((name, attributes))
            if name == "label" { labelled += 1 }
            check(name, attributes, isLabelled: labelled > 0)
            if !Self.voids.contains(name) && !closesItself && !Self.drawn.contains(name) { open.append(name) }
        }
        text += rest
        if !open.isEmpty { problems.append("left open: \(open)") }
        var seen: Set<String> = []
        for id in tags.compactMap({ $0.attributes["id"] }) where !seen.insert(id).inserted {
            problems.append("the id \(id) is there twice")
        }
        for (name, attributes) in tags {
            if let target = attributes["aria-labelledby"], !seen.contains(target) {
                problems.append("<\(name)> is named by \(target), which is not there")
            }
        }
        let captions = tags.filter { $0.name == "caption" }.count
        if captions != tags.filter({ $0.name == "table" }).count { problems.append("a table has no caption") }
    }

    func count(_ name: String) -> Int { tags.filter { $0.name == name }.count }

    private mutating func read(_ tag: Substring) -> (String, [String: String]) {
        var attributes: [String: String] = [:]
        var rest = tag
        let name = String(rest.prefix { !$0.isWhitespace })
        rest = rest.dropFirst(name.count)
        while true {
            rest = rest.drop(while: \.isWhitespace)
            if rest.isEmpty { return (name, attributes) }
            let key = String(rest.prefix { $0 != "=" && !$0.isWhitespace })
            rest = rest.dropFirst(key.count)
            guard rest.first == "=" else {
                attributes[key] = ""
                continue
            }
            rest = rest.dropFirst()
            guard let quote = rest.first, quote == "\"" || quote == "'" else {
                problems.append("<\(name) \(key)> is not quoted")
                return (name, attributes)
            }
            rest = rest.dropFirst()
            let value = rest.prefix { $0 != quote }
            attributes[key] = String(value)
            rest = rest.dropFirst(value.count + 1)
        }
    }

    private mutating func check(_ name: String, _ attributes: [String: String], isLabelled: Bool) {
        for key in attributes.keys where key.hasPrefix("on") || key == "style" {
            problems.append("<\(name)> has an inline \(key), which the security policy forbids")
        }
        if name == "style" || name == "script" && attributes["src"] == nil { problems.append("inline <\(name)>") }
        let isHidden = attributes["type"] == "hidden"
        if (name == "input" && !isHidden || name == "select") && !isLabelled && attributes["aria-label"] == nil {
            problems.append("<\(name) name=\(attributes["name"] ?? "?")> has no label")
        }
        if name == "th" && attributes["scope"] == nil { problems.append("a <th> has no scope") }
        if name == "svg" && attributes["aria-hidden"] == nil && attributes["aria-label"] == nil {
            problems.append("an <svg> says nothing")
        }
    }
}
