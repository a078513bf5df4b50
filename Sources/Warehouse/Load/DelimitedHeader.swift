import EngagementModel

/// The first record of a delimited file: its column names, or why they cannot be read.
struct DelimitedHeader {
    var names: [String]

    /// - Parameters:
    ///   - beginning: the first bytes of the file.
    ///   - expected: names of which the file should have some, to recognise another delimiter.
    init(_ beginning: [UInt8], delimiter: UInt8, file: String, expected: [String]) throws {
        try Self.refuseEncodings(beginning, file)
        var bytes = beginning[...]
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
        guard !bytes.isEmpty else {
            throw Diagnostic(
                "empty_file", "the file is empty; expected a header row", file: file, line: 1,
                remedy: "deliver at least the header: \(expected.prefix(6).joined(separator: ",")), …")
        }
        var names: [String] = []
        var cell: [UInt8] = []
        var quoted = false
        var closed = false
        scan: for byte in bytes {
            switch byte {
            case 34: quoted.toggle()
            case 10 where !quoted, 13 where !quoted:
                closed = true
                break scan
            case delimiter where !quoted:
                names.append(String(decoding: cell, as: UTF8.self))
                cell = []
            default: cell.append(byte)
            }
        }
        guard closed || beginning.count < 1 << 18 else {
            throw Diagnostic(
                "bad_header", "the header row is longer than 256 KB or a quotation mark in it is not closed",
                file: file,
                line: 1, remedy: "check that the first row holds the column names")
        }
        names.append(String(decoding: cell, as: UTF8.self))
        self.names = names.map { $0.trimmed() }
        try check(file: file, expected: expected, delimiter: delimiter)
    }

    private mutating func check(file: String, expected: [String], delimiter: UInt8) throws {
        if names.contains(where: { $0.utf8.contains(0) }) {
            throw Diagnostic("bad_header", "the header row holds a NUL byte", file: file, line: 1)
        }
        var seen: [String: Int] = [:]
        for (place, name) in names.enumerated() {
            if name.isEmpty {
                names[place] = "column_\(place + 1)"
                continue
            }
            if let first = seen[name.lowercased()] {
                throw Diagnostic(
                    "duplicate_header", "the header names `\(name)` twice, in columns \(first) and \(place + 1)",
                    file: file, line: 1, column: place + 1, remedy: "rename or remove one of the two columns")
            }
            seen[name.lowercased()] = place + 1
        }
        let known = Set(expected.map { $0.lowercased() })
        if names.count == 1, !known.contains(names[0].lowercased()) {
            for (other, title) in [(";", "semicolons"), ("\t", "tabs"), ("|", "bars"), (",", "commas")]
            where other.utf8.first != delimiter {
                let parts = names[0].split(separator: Character(other)).map { String($0).trimmed().lowercased() }
                if parts.contains(where: known.contains) {
                    throw Diagnostic(
                        "wrong_delimiter", "cells are separated by \(title)", file: file, line: 1,
                        remedy: "canonical CSV uses commas; a source mapping may set `delimiter`")
                }
            }
        }
    }

    private static func refuseEncodings(_ bytes: [UInt8], _ file: String) throws {
        let sample = bytes.prefix(4096)
        let zeros = sample.enumerated().filter { $0.element == 0 }
        let wide =
            bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF])
            || (sample.count >= 8 && zeros.count * 3 >= sample.count
                && (zeros.allSatisfy { $0.offset % 2 == 0 } || zeros.allSatisfy { $0.offset % 2 == 1 }))
        if wide {
            throw Diagnostic(
                "encoding", "the file is UTF-16; expected UTF-8", file: file, line: 1, column: 1,
                remedy: "save it as UTF-8 (iconv -f UTF-16 -t UTF-8), or set `encoding: utf-16` in its mapping")
        }
        let binary: [([UInt8], String)] = [
            ([0x50, 0x4B, 0x03, 0x04], "a ZIP archive or an Excel workbook"), ([0x1F, 0x8B], "compressed with gzip"),
            ([0x50, 0x41, 0x52, 0x31], "Parquet"), ([0x25, 0x50, 0x44, 0x46], "PDF"),
        ]
        if let match = binary.first(where: { bytes.starts(with: $0.0) }) {
            throw Diagnostic(
                "wrong_format", "the file is \(match.1); expected text in columns", file: file, line: 1, column: 1,
                remedy: "deliver plain CSV in UTF-8, or Parquet with the ending .parquet")
        }
    }
}

extension String {
    /// Without blanks at both ends.
    func trimmed() -> String {
        var text = Substring(self)
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text)
    }
}
