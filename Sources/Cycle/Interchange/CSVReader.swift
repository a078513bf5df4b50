internal import EngagementModel

/// Reads RFC 4180 text record by record, each with the line on which it begins.
///
/// For small interchange files; the sources of a run are read by the warehouse.
struct CSVReader {
    struct Record {
        /// From 1.
        var line: Int
        var fields: [String]
    }

    /// All records of a text in UTF-8 (a byte-order mark is accepted).
    /// - Throws: `Diagnostic` `not_utf8` or `open_quote`, with file and line.
    static func records(_ bytes: some Collection<UInt8>, file: String) throws(Diagnostic) -> [Record] {
        var input = Array(bytes)
        if input.starts(with: [0xEF, 0xBB, 0xBF]) { input.removeFirst(3) }
        guard String(validating: input, as: UTF8.self) != nil, !input.contains(0) else {
            throw Diagnostic("not_utf8", "is not UTF-8 text", file: file, line: 1, remedy: "save it as CSV in UTF-8")
        }
        var records: [Record] = []
        var fields: [String] = []
        var field: [UInt8] = []
        var line = 1
        var start = 1
        var quoted = false
        var index = 0
        func text() -> String { String(decoding: field, as: UTF8.self) }
        while index < input.count {
            let byte = input[index]
            index += 1
            if byte == 0x0A { line += 1 }
            if quoted {
                if byte != 0x22 {
                    field.append(byte)
                } else if index < input.count, input[index] == 0x22 {
                    field.append(0x22)
                    index += 1
                } else {
                    quoted = false
                }
                continue
            }
            switch byte {
            case 0x22 where field.isEmpty: quoted = true
            case 0x2C:
                fields.append(text())
                field.removeAll(keepingCapacity: true)
            case 0x0D where index < input.count && input[index] == 0x0A: continue
            case 0x0A, 0x0D:
                fields.append(text())
                field.removeAll(keepingCapacity: true)
                if fields != [""] { records.append(Record(line: start, fields: fields)) }
                fields = []
                start = line
            default: field.append(byte)
            }
        }
        if quoted {
            throw Diagnostic(
                "open_quote", "a quoted field is never closed", file: file, line: start,
                remedy: "close the quote, or double quotes inside the field")
        }
        if !field.isEmpty || !fields.isEmpty {
            fields.append(text())
            records.append(Record(line: start, fields: fields))
        }
        return records
    }
}
