import EngagementModel
import Foundation

/// Where words go: data to standard output, everything else to standard error.
enum Console {
    /// Whether standard error is a terminal that wants colour (https://no-color.org).
    static let colour = isatty(2) == 1 && ProcessInfo.processInfo.environment["NO_COLOR"] == nil

    static func note(_ text: String) {
        FileHandle.standardError.write(Data((text + "\n").utf8))
    }

    static func message(_ diagnostic: Diagnostic) {
        guard colour else { return note(diagnostic.description) }
        let code =
            switch diagnostic.severity {
            case .error: "31"
            case .warning: "33"
            case .note: "36"
            }
        let word = diagnostic.severity.rawValue
        note(diagnostic.description.replacing("\(word):", with: "\u{1B}[\(code)m\(word):\u{1B}[0m", maxReplacements: 1))
    }

    static func data(_ text: String) {
        FileHandle.standardOutput.write(Data(text.utf8))
    }

    static func json(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
        data(String(decoding: try encoder.encode(value), as: UTF8.self) + "\n")
    }
}

/// A plain text table: columns wide enough for their cells, numbers to the right.
struct TextTable {
    var header: [String]
    var rows: [[String]] = []
    var rightAligned: Set<Int> = []

    func rendered() -> String {
        var widths = header.map(\.count)
        for row in rows {
            for (i, cell) in row.enumerated() { widths[i] = max(widths[i], cell.count) }
        }
        func line(_ cells: [String]) -> String {
            var text = ""
            for (i, cell) in cells.enumerated() {
                let padding = String(repeating: " ", count: widths[i] - cell.count)
                if i > 0 { text += "  " }
                text += rightAligned.contains(i) ? padding + cell : (i == cells.count - 1 ? cell : cell + padding)
            }
            return text + "\n"
        }
        return line(header) + line(widths.map { String(repeating: "-", count: $0) }) + rows.map(line).joined()
    }
}
