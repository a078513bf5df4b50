import Foundation

/// A strict reader of RFC 4180: throws on anything that the grammar forbids, so that it can prove files right.
struct CSVDocument {
    enum Fault: Error, Equatable {
        case quoteInsidePlainField(line: Int)
        case textAfterQuote(line: Int)
        case openQuote
        case ragged(line: Int, fields: Int, expected: Int)
        case noFinalLineEnd
        case notUTF8
    }

    let header: [String]
    let rows: [[String]]

    init(_ url: URL) throws { try self.init(Array(Data(contentsOf: url))) }

    init(_ bytes: [UInt8]) throws {
        var records: [[String]] = []
        var fields: [String] = []
        var field: [UInt8] = []
        var i = 0
        var line = 1
        func close() throws {
            guard let text = String(validating: field, as: UTF8.self) else { throw Fault.notUTF8 }
            fields.append(text)
            field.removeAll(keepingCapacity: true)
        }
        guard bytes.last == 0x0A else { throw Fault.noFinalLineEnd }
        while i < bytes.count {
            if bytes[i] == 0x22 && field.isEmpty {
                i += 1
                while true {
                    guard i < bytes.count else { throw Fault.openQuote }
                    if bytes[i] == 0x22 {
                        if i + 1 < bytes.count && bytes[i + 1] == 0x22 {
                            field.append(0x22)
                            i += 2
                            continue
                        }
                        i += 1
                        break
                    }
                    field.append(bytes[i])
                    i += 1
                }
                guard i < bytes.count, bytes[i] == 0x2C || bytes[i] == 0x0A else {
                    throw Fault.textAfterQuote(line: line)
                }
            }
            switch bytes[i] {
            case 0x2C: try close()
            case 0x0A:
                try close()
                if let width = records.first?.count, fields.count != width {
                    throw Fault.ragged(line: line, fields: fields.count, expected: width)
                }
                records.append(fields)
                fields.removeAll(keepingCapacity: true)
                line += 1
            case 0x22: throw Fault.quoteInsidePlainField(line: line)
            default: field.append(bytes[i])
            }
            i += 1
        }
        header = records.first ?? []
        rows = Array(records.dropFirst())
    }

    /// A column's cells; empty when there is no such column.
    func column(_ name: String) -> [String] {
        guard let i = header.firstIndex(of: name) else { return [] }
        return rows.map { $0[i] }
    }

    func index(_ name: String) -> Int { header.firstIndex(of: name) ?? -1 }
}
