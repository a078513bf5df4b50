/// The words of an HTML mail, without its markup, scripts, styles and quotations.
///
/// No browser: tags are left out by their shape, whatever nonsense stands in them; nothing is fetched or run, and the
/// result is text that pages escape like any other.
enum HTMLText {
    private static let silent: Set<String> = ["script", "style", "head", "title", "blockquote", "template", "svg"]
    private static let breaking: Set<String> = [
        "p", "br", "div", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol", "hr", "section",
    ]
    private static let names: [String: String] = [
        "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": " ", "auml": "ä", "ouml": "ö",
        "uuml": "ü", "Auml": "Ä", "Ouml": "Ö", "Uuml": "Ü", "szlig": "ß", "eacute": "é", "egrave": "è", "ecirc": "ê",
        "agrave": "à", "acirc": "â", "ccedil": "ç", "ocirc": "ô", "ugrave": "ù", "igrave": "ì", "ograve": "ò",
        "aacute": "á", "iacute": "í", "oacute": "ó", "uacute": "ú", "ntilde": "ñ", "euro": "€", "ndash": "–",
        "mdash": "—", "hellip": "…", "rsquo": "’", "lsquo": "‘", "ldquo": "“", "rdquo": "”", "deg": "°", "micro": "µ",
    ]

    static func plain(_ html: String) -> String {
        let source = Array(html.unicodeScalars.prefix(400_000))
        var result = String.UnicodeScalarView()
        var hidden: (name: String, depth: Int)?
        var index = 0
        while index < source.count {
            let scalar = source[index]
            if scalar == "<" {
                let (tag, next) = tag(source, index)
                index = next
                guard let tag else { continue }
                if let inside = hidden {
                    guard tag.name == inside.name, !tag.isEmpty else { continue }
                    let depth = inside.depth + (tag.isEnd ? -1 : 1)
                    hidden = depth == 0 ? nil : (inside.name, depth)
                } else if !tag.isEnd, !tag.isEmpty, silent.contains(tag.name) || tag.isQuotation {
                    hidden = (tag.name, 1)
                } else if breaking.contains(tag.name) {
                    result.append("\n")
                } else if tag.name == "td" || tag.name == "th" {
                    result.append(" ")
                }
                continue
            }
            index += 1
            guard hidden == nil else { continue }
            if scalar == "&", let (text, next) = entity(source, index) {
                result.append(contentsOf: text.unicodeScalars)
                index = next
            } else {
                // Line breaks of the source are spaces.
                result.append(scalar == "\n" || scalar == "\r" || scalar == "\t" ? " " : scalar)
            }
        }
        return String(result).split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.split(separator: " ").joined(separator: " ") }.joined(separator: "\n")
    }

    private struct Tag {
        var name: String
        var isEnd: Bool
        /// `<br/>`, and elements that never hold anything.
        var isEmpty: Bool
        var isQuotation: Bool
    }

    /// The tag that begins at `<`, and the place behind it; nil for a comment, and for a sign that begins none.
    private static func tag(_ source: [Unicode.Scalar], _ start: Int) -> (Tag?, Int) {
        var index = start + 1
        func matches(_ text: String, at place: Int) -> Bool {
            place + text.unicodeScalars.count <= source.count
                && zip(source[place...], text.unicodeScalars).allSatisfy { $0 == $1 }
        }
        if matches("!--", at: index) {
            while index < source.count, !matches("-->", at: index) { index += 1 }
            return (nil, min(index + 3, source.count))
        }
        var quote: Unicode.Scalar?
        var inside = String.UnicodeScalarView()
        while index < source.count {
            let scalar = source[index]
            if let open = quote {
                if scalar == open { quote = nil }
            } else if scalar == ">" {
                break
            } else if (scalar == "\"" || scalar == "'") && inside.contains("=") {
                quote = scalar
            }
            if inside.count < 400 { inside.append(scalar) }
            index += 1
        }
        let text = String(inside).lowercased()
        let isEnd = text.hasPrefix("/")
        let name = String((isEnd ? text.dropFirst() : text[...]).prefix { $0.isLetter || $0.isNumber })
        let isVoid = text.hasSuffix("/") || ["br", "hr", "img", "meta", "link", "input", "wbr", "col"].contains(name)
        let isQuotation =
            !isEnd && name == "div"
            && (text.contains("gmail_quote") || text.contains("moz-cite-prefix")
                || text.contains("yahoo_quoted") || text.contains("divrplyfwdmsg"))
        return (Tag(name: name, isEnd: isEnd, isEmpty: isVoid, isQuotation: isQuotation), min(index + 1, source.count))
    }

    /// The entity whose name begins at `start`, behind its `&`.
    private static func entity(_ source: [Unicode.Scalar], _ start: Int) -> (String, Int)? {
        var name = ""
        var index = start
        while index < source.count, source[index] != ";", name.count < 10 {
            guard
                source[index] == "#" || source[index].properties.isASCIIHexDigit
                    || source[index].properties.isAlphabetic
            else { return nil }
            name.unicodeScalars.append(source[index])
            index += 1
        }
        guard index < source.count, source[index] == ";" else { return nil }
        if let text = names[name] { return (text, index + 1) }
        guard name.hasPrefix("#") else { return nil }
        let digits = name.dropFirst()
        let value = digits.lowercased().hasPrefix("x") ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
        guard let value, value >= 32, let scalar = Unicode.Scalar(value) else { return nil }
        return (String(scalar), index + 1)
    }
}
