/// A text of a definition file together with the place where it stands.
///
/// Offsets count characters of `string`. In a block (`|`, `>`) they are mapped line by line; in a quoted text that
/// holds escapes the column is that of the escaped spelling's beginning at the least.
package struct LocatedText: Sendable, Hashable {
    package enum Style: Sendable, Hashable { case plain, quoted, block }

    package let string: String
    package let file: String
    /// From 1; of the first character, or of the block's indicator.
    package let line: Int
    package let column: Int
    private let style: Style
    /// Columns by which the lines of a block are indented.
    private let indentation: Int

    package init(
        _ string: String, file: String = "", line: Int = 1, column: Int = 1, style: Style = .plain,
        source: String = ""
    ) {
        self.string = string
        self.file = file
        self.line = line
        self.column = column
        self.style = style
        indentation = style == .block ? Self.indentation(of: source, after: line) : 0
    }

    package static func == (a: LocatedText, b: LocatedText) -> Bool { a.string == b.string }
    package func hash(into hasher: inout Hasher) { hasher.combine(string) }

    /// The place of the character at an offset.
    package func place(_ offset: Int = 0) -> (line: Int, column: Int) {
        let before = string.prefix(offset)
        let breaks = before.count(where: \.isNewline)
        let inLine = before.lastIndex(where: \.isNewline).map { before[before.index(after: $0)...].count } ?? offset
        switch style {
        case .block: return (line + 1 + breaks, indentation + inLine + 1)
        case .quoted: return (line + breaks, breaks == 0 ? column + 1 + inLine : inLine + 1)
        case .plain: return (line + breaks, breaks == 0 ? column + inLine : inLine + 1)
        }
    }

    private static func indentation(of source: String, after line: Int) -> Int {
        let lines = source.split(separator: "\n", omittingEmptySubsequences: false).dropFirst(line)
        let first = lines.first { !$0.allSatisfy(\.isWhitespace) }
        return first?.prefix { $0 == " " }.count ?? 0
    }
}
