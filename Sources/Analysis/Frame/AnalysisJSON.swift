/// A value as JSON (RFC 8259): numbers in the shortest form that reads back as the same Double.
enum AnalysisJSON {
    static func text(_ value: AnalysisValue) -> String {
        var out = ""
        write(value, indent: 0, &out)
        return out + "\n"
    }

    private static func write(_ value: AnalysisValue, indent: Int, _ out: inout String) {
        switch value {
        case .number(let number): out += Self.number(number)
        case .integer(let number): out += String(number)
        case .text(let text): quote(text, &out)
        case .flag(let flag): out += flag ? "true" : "false"
        case .missing: out += "null"
        case .list(let values):
            guard !values.isEmpty else { return out += "[]" }
            // Plain numbers and words on one line; objects one a line.
            let isNested = values.contains { if case .object = $0 { true } else { false } }
            out += "["
            for (index, element) in values.enumerated() {
                if index > 0 { out += isNested ? "," : ", " }
                if isNested { newLine(indent + 1, &out) }
                write(element, indent: indent + 1, &out)
            }
            if isNested { newLine(indent, &out) }
            out += "]"
        case .object(let entries):
            guard !entries.isEmpty else { return out += "{}" }
            out += "{"
            for (index, entry) in entries.enumerated() {
                if index > 0 { out += "," }
                newLine(indent + 1, &out)
                quote(entry.key, &out)
                out += ": "
                write(entry.value, indent: indent + 1, &out)
            }
            newLine(indent, &out)
            out += "}"
        }
    }

    private static func newLine(_ indent: Int, _ out: inout String) {
        out += "\n" + String(repeating: "  ", count: indent)
    }

    /// Swift prints 1e+16 and 5e-324, which are JSON; NaN and infinities have no JSON and become null.
    static func number(_ value: Double) -> String {
        guard value.isFinite else { return "null" }
        if value == value.rounded(), abs(value) < 1e15 { return value == 0 ? "0" : String(Int(value)) }
        return "\(value)"
    }

    private static func quote(_ text: String, _ out: inout String) {
        out += "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\r": out += "\\r"
            case "\t": out += "\\t"
            case _ where scalar.value < 0x20:
                let hex = String(scalar.value, radix: 16)
                out += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: out.unicodeScalars.append(scalar)
            }
        }
        out += "\""
    }
}
