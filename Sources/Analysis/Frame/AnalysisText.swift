/// A document for a person: one key a line, aligned; lists of objects as small tables.
enum AnalysisText {
    /// Rows of a table that are shown; the rest is in the JSON document and the `--out` file.
    private static let rowsShown = 25

    static func text(_ value: AnalysisValue) -> String {
        guard case .object(let entries) = value else { return inline(value) + "\n" }
        return block(entries, indent: 0)
    }

    private static func block(_ entries: [AnalysisEntry], indent: Int) -> String {
        let space = String(repeating: "  ", count: indent)
        let plain = entries.filter { !isNested($0.value) }
        let width = plain.map(\.key.count).max() ?? 0
        var out = ""
        for entry in entries {
            if case .list(let values) = entry.value, values.isEmpty { continue }
            switch entry.value {
            case .object(let inner):
                out += "\(space)\(entry.key)\n" + block(inner, indent: indent + 1)
            case .list(let values) where isNested(entry.value):
                out += "\(space)\(entry.key)\n" + table(values, indent: indent + 1)
            default:
                out += "\(space)\(padded(entry.key, width))  \(inline(entry.value))\n"
            }
        }
        return out
    }

    private static func isNested(_ value: AnalysisValue) -> Bool {
        switch value {
        case .object: true
        case .list(let values): values.contains { if case .object = $0 { true } else { false } }
        default: false
        }
    }

    private static func table(_ values: [AnalysisValue], indent: Int) -> String {
        let space = String(repeating: "  ", count: indent)
        var header: [String] = []
        var rows: [[String: String]] = []
        // A table within a row goes below the row: as a cell it would be wider than any screen.
        var below: [String] = []
        for case .object(let entries) in values.prefix(rowsShown) {
            let plain = entries.filter { !isNested($0.value) }
            for entry in plain where !header.contains(entry.key) { header.append(entry.key) }
            rows.append(Dictionary(plain.map { ($0.key, inline($0.value)) }, uniquingKeysWith: { $1 }))
            below.append(block(entries.filter { isNested($0.value) }, indent: indent + 1))
        }
        let widths = header.map { key in max(key.count, rows.map { $0[key]?.count ?? 0 }.max() ?? 0) }
        func line(_ cells: [String]) -> String {
            space + zip(cells, widths).map { padded($0, $1) }.joined(separator: "  ") + "\n"
        }
        var out = line(header)
        for (row, inner) in zip(rows, below) { out += line(header.map { row[$0] ?? "" }) + inner }
        if values.count > rowsShown { out += "\(space)… \(values.count - rowsShown) more\n" }
        return out
    }

    private static func inline(_ value: AnalysisValue) -> String {
        switch value {
        case .text(let text): text
        case .flag(let flag): flag ? "yes" : "no"
        case .missing: "–"
        case .number(let number): AnalysisJSON.number(number) == "null" ? "–" : AnalysisJSON.number(number)
        case .integer(let number): String(number)
        case .list(let values):
            values.prefix(12).map(inline).joined(separator: ", ") + (values.count > 12 ? ", …" : "")
        case .object(let entries): entries.map { "\($0.key) \(inline($0.value))" }.joined(separator: ", ")
        }
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
