package import Definitions
package import EngagementModel

/// Where mistakes of the content files are collected.
package final class ContentLog {
    package private(set) var diagnostics: [Diagnostic] = []
    package init() {}

    package func report(
        _ code: String, _ message: String, in text: LocatedText, at offset: Int = 0, remedy: String? = nil,
        warning: Bool = false
    ) {
        let place = text.place(offset)
        diagnostics.append(
            Diagnostic(
                code, message, severity: warning ? .warning : .error, file: text.file, line: place.line,
                column: place.column, remedy: remedy))
    }

    package func append(_ more: [Diagnostic]) { diagnostics += more }
}

/// Splits a text at its `{{ }}`.
enum PhraseReader {
    /// What a place may hold beside fields and claims: names of slots, and the list of references.
    enum Place: Hashable {
        case piece(Phrase.Piece)
        case slot(String)
        case references
    }

    /// A text without slots; anything that a phrase cannot hold is reported.
    static func phrase(_ text: LocatedText, log: ContentLog) -> Phrase {
        var pieces: [Phrase.Piece] = []
        // A block of YAML ends with a line break that no reader means.
        var words = Substring(text.string)
        while words.last?.isNewline == true { words.removeLast() }
        for (place, offset) in places(words, base: 0, of: text, log: log) {
            switch place {
            case .piece(let piece): pieces.append(piece)
            case .slot, .references:
                log.report(
                    "misplaced_slot", "slots and references stand in templates only", in: text, at: offset,
                    remedy: "put it into a template, between tags")
            }
        }
        return Phrase(pieces)
    }

    /// Every piece of a part of a text, with its offset.
    static func places(_ part: Substring, base: Int, of text: LocatedText, log: ContentLog) -> [(Place, Int)] {
        var result: [(Place, Int)] = []
        var rest = part
        var offset = base
        func literal(_ words: Substring) {
            if !words.isEmpty { result.append((.piece(.literal(String(words))), offset)) }
            offset += words.count
        }
        while let open = rest.firstRange(of: "{{") {
            literal(rest[..<open.lowerBound])
            let inner = rest[open.upperBound...]
            guard let close = inner.firstRange(of: "}}") else {
                log.report("open_place", "`{{` has no `}}`", in: text, at: offset, remedy: "close it, or write `{ {`")
                return result
            }
            let words = inner[..<close.lowerBound]
            if let place = place(words, at: offset, of: text, log: log) { result.append((place, offset)) }
            offset += words.count + 4
            rest = inner[close.upperBound...]
        }
        literal(rest)
        return result
    }

    private static func place(_ words: Substring, at offset: Int, of text: LocatedText, log: ContentLog) -> Place? {
        let halves = words.split(separator: "|", maxSplits: 1, omittingEmptySubsequences: false)
        let name = halves[0].split(whereSeparator: \.isWhitespace).map(String.init)
        if name == ["references"] { return .references }
        if name.count == 2, halves.count == 1 {
            if name[0] == "claim" { return .piece(.claim(name[1])) }
            if name[0] == "slot" { return .slot(name[1]) }
        }
        if name.count == 1, let field = Field(rawValue: name[0]) {
            let otherwise = halves.count > 1 ? String(halves[1]) : nil
            if field.isURL, otherwise != nil {
                log.report(
                    "bad_default", "an address has no default text", in: text, at: offset,
                    remedy: "write {{\(field.rawValue)}}")
            }
            return .piece(.field(field, otherwise: otherwise))
        }
        let known = Field.allCases.map(\.rawValue)
        log.report(
            "unknown_field", "`{{\(words)}}` is no field", in: text, at: offset,
            remedy: nearest(name.first ?? "", known).map { "did you mean `{{\($0)}}`?" }
                ?? "use claim ID, slot NAME, references, or one of \(known.joined(separator: ", "))")
        return nil
    }
}
