package import EngagementModel
internal import Yams

/// Reads one YAML mapping key by key and collects every mistake with its file, line and column.
///
/// A reader never stops at the first mistake: the user gets the whole list. Keys that no one asked for are
/// reported by `finish()`, with the nearest known key as a suggestion.
package final class YAMLReader {
    package let file: String
    private let mapping: Node.Mapping
    private let path: String
    private let log: DiagnosticLog
    private let source: String
    private var asked: [String] = []

    /// Where the mistakes of one file are collected.
    package final class DiagnosticLog {
        package var diagnostics: [Diagnostic] = []
        package init() {}
    }

    private init(file: String, mapping: Node.Mapping, path: String, log: DiagnosticLog, source: String) {
        self.file = file
        self.mapping = mapping
        self.path = path
        self.log = log
        self.source = source
    }

    /// Opens the text of a file; nil (and a diagnostic in `log`) when it is no YAML mapping. An empty file is an empty mapping.
    package static func open(_ text: String, file: String, log: DiagnosticLog) -> YAMLReader? {
        do {
            guard let node = try Yams.compose(yaml: text) else {
                return YAMLReader(file: file, mapping: Node.Mapping([]), path: "", log: log, source: text)
            }
            if case .scalar(let scalar) = node, scalar.string.isEmpty {
                return YAMLReader(file: file, mapping: Node.Mapping([]), path: "", log: log, source: text)
            }
            guard let mapping = node.mapping else {
                log.diagnostics.append(
                    Diagnostic(
                        "not_a_mapping", "expected `key: value` lines", file: file, line: node.mark?.line ?? 1,
                        column: node.mark?.column ?? 1))
                return nil
            }
            reportDuplicates(mapping, file: file, log: log)
            return YAMLReader(file: file, mapping: mapping, path: "", log: log, source: text)
        } catch let error as YamlError {
            log.diagnostics.append(place(of: error, file: file))
        } catch {
            log.diagnostics.append(Diagnostic("bad_yaml", "not readable as YAML", file: file, line: 1, column: 1))
        }
        return nil
    }

    private static func reportDuplicates(_ mapping: Node.Mapping, file: String, log: DiagnosticLog) {
        var seen: Set<String> = []
        for (key, _) in mapping {
            guard let name = key.string else { continue }
            if !seen.insert(name).inserted {
                log.diagnostics.append(
                    Diagnostic(
                        "duplicate_key", "the key `\(name)` stands twice", file: file, line: key.mark?.line,
                        column: key.mark?.column, remedy: "keep one of them"))
            }
        }
    }

    // MARK: Places

    /// Where the mapping itself begins.
    package var start: (line: Int, column: Int) {
        guard let mark = mapping.first?.key.mark else { return (1, 1) }
        return (mark.line, mark.column)
    }

    /// One text that knows where it stands in the file, so that a mistake inside of it can be shown.
    package func located(_ key: String) -> LocatedText? {
        guard let node = node(key) else { return nil }
        guard let text = located(node) else {
            report(key, "bad_value", "expected one text")
            return nil
        }
        return text
    }

    /// A list of located texts; one text counts as a list of one.
    package func locatedList(_ key: String) -> [LocatedText] {
        guard let node = node(key) else { return [] }
        if let one = located(node) { return [one] }
        let texts = node.sequence?.compactMap { located($0) } ?? []
        guard let sequence = node.sequence, sequence.count == texts.count else {
            report(key, "bad_value", "expected a list of texts")
            return []
        }
        return texts
    }

    private func located(_ node: Node) -> LocatedText? {
        guard case .scalar(let scalar) = node else { return nil }
        let style: LocatedText.Style =
            switch scalar.style {
            case .literal, .folded: .block
            case .singleQuoted, .doubleQuoted: .quoted
            default: .plain
            }
        return LocatedText(
            scalar.string, file: file, line: node.mark?.line ?? 1, column: node.mark?.column ?? 1, style: style,
            source: source)
    }

    package func place(_ key: String) -> (line: Int, column: Int) {
        if let node = mapping[key], let mark = node.mark { return (mark.line, mark.column) }
        // What is missing in an entry of a list is missing there, not at the head of the file.
        return path.isEmpty ? (1, 1) : start
    }

    package func report(_ key: String, _ code: String, _ message: String, remedy: String? = nil, warning: Bool = false)
    {
        let at = place(key)
        log.diagnostics.append(
            Diagnostic(
                code, "\(path)\(key): \(message)", severity: warning ? .warning : .error, file: file, line: at.line,
                column: at.column, remedy: remedy))
    }

    // MARK: Values

    private func node(_ key: String) -> Node? {
        asked.append(key)
        guard let node = mapping[key] else { return nil }
        if case .scalar(let scalar) = node, scalar.string.isEmpty || scalar.string == "~" || scalar.string == "null",
            scalar.style == .any || scalar.style == .plain
        {
            return nil
        }
        return node
    }

    package func has(_ key: String) -> Bool { mapping[key] != nil }

    package var keys: [String] { mapping.compactMap { $0.key.string } }

    package func string(_ key: String) -> String? {
        guard let node = node(key) else { return nil }
        guard let value = node.string else {
            report(key, "bad_value", "expected one text")
            return nil
        }
        return value
    }

    package func required(_ key: String) -> String? {
        if let value = string(key) { return value }
        if !has(key) { report(key, "missing_key", "is required", remedy: "add `\(key): …`") }
        return nil
    }

    package func number(_ key: String, _ range: ClosedRange<Double> = -1e15...1e15) -> Double? {
        guard let node = node(key) else { return nil }
        guard let text = node.string, let value = Double(text), value.isFinite else {
            report(key, "bad_value", "expected a number")
            return nil
        }
        guard range.contains(value) else {
            report(
                key, "out_of_range", "expected a number from \(short(range.lowerBound)) to \(short(range.upperBound))")
            return nil
        }
        return value
    }

    package func integer(_ key: String, _ range: ClosedRange<Int>) -> Int? {
        guard let node = node(key) else { return nil }
        guard let text = node.string, let value = Int(text) else {
            report(key, "bad_value", "expected a whole number")
            return nil
        }
        guard range.contains(value) else {
            report(key, "out_of_range", "expected a whole number from \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return value
    }

    package func flag(_ key: String) -> Bool? {
        guard let node = node(key) else { return nil }
        switch node.string?.lowercased() {
        case "true", "yes", "on": return true
        case "false", "no", "off": return false
        default:
            report(key, "bad_value", "expected true or false")
            return nil
        }
    }

    /// Whether the value is a plain `off`, `false` or `no`; asks for nothing.
    package func isFalse(_ key: String) -> Bool {
        guard let text = mapping[key]?.string?.lowercased(), ["off", "false", "no"].contains(text) else { return false }
        asked.append(key)
        return true
    }

    package func span(_ key: String) -> Span? {
        guard let text = string(key) else { return nil }
        guard let span = Span(text) else {
            report(key, "bad_value", "expected a length of time such as 7d, 48h or 30m")
            return nil
        }
        return span
    }

    /// Minutes since midnight of a time of day `HH:MM`.
    package func timeOfDay(_ key: String) -> Int? {
        guard let text = string(key) else { return nil }
        let parts = text.split(separator: ":").map { Int($0) }
        guard parts.count == 2, let hour = parts[0], let minute = parts[1], (0...23).contains(hour),
            (0...59).contains(minute)
        else {
            report(key, "bad_value", "expected a time of day such as \"21:00\"", remedy: "put it in quotes")
            return nil
        }
        return hour * 60 + minute
    }

    /// One value of a closed list.
    package func choice<Value: ClosedList>(_ key: String, _ type: Value.Type) -> Value? {
        guard let text = string(key) else { return nil }
        if let value = Value(rawValue: text) { return value }
        report(
            key, "unknown_value", "`\(text)` is none of \(Value.allCases.map(\.rawValue).joined(separator: ", "))",
            remedy: nearest(text, Value.allCases.map(\.rawValue)).map { "did you mean `\($0)`?" })
        return nil
    }

    /// A list of texts; one text counts as a list of one.
    package func strings(_ key: String) -> [String]? {
        guard let node = node(key) else { return nil }
        if let one = node.string { return [one] }
        guard let sequence = node.sequence, sequence.allSatisfy({ $0.string != nil }) else {
            report(key, "bad_value", "expected a list of texts")
            return nil
        }
        return sequence.compactMap(\.string)
    }

    /// A nested mapping.
    package func mapping(_ key: String) -> YAMLReader? {
        guard let node = node(key) else { return nil }
        guard let inner = node.mapping else {
            report(key, "bad_value", "expected a mapping")
            return nil
        }
        Self.reportDuplicates(inner, file: file, log: log)
        return YAMLReader(file: file, mapping: inner, path: "\(path)\(key).", log: log, source: source)
    }

    /// Whether the value is a list.
    package func isList(_ key: String) -> Bool { mapping[key]?.sequence != nil }

    /// A list of mappings.
    package func mappings(_ key: String) -> [YAMLReader] {
        guard let node = node(key) else { return [] }
        guard let sequence = node.sequence else {
            report(key, "bad_value", "expected a list of mappings (lines that begin with `- `)")
            return []
        }
        return sequence.enumerated().compactMap { index, item in
            guard let inner = item.mapping else {
                report(key, "bad_value", "entry \(index + 1) is no mapping")
                return nil
            }
            return YAMLReader(
                file: file, mapping: inner, path: "\(path)\(key)[\(index + 1)].", log: log, source: source)
        }
    }

    /// Reports the keys that no one asked for.
    package func finish() {
        let known = Set(asked)
        for (key, _) in mapping {
            guard let name = key.string, !known.contains(name) else { continue }
            log.diagnostics.append(
                Diagnostic(
                    "unknown_key", "\(path)\(name) is not a key here", file: file, line: key.mark?.line,
                    column: key.mark?.column,
                    remedy: nearest(name, asked).map { "did you mean `\($0)`?" }
                        ?? "known keys: \(Array(known).sorted().joined(separator: ", "))"))
        }
    }

    private func short(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : String(value)
    }
}

/// The candidate within edit distance 2 of `text` that is nearest to it.
package func nearest(_ text: String, _ candidates: [String]) -> String? {
    func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var row = Array(0...b.count)
        for (i, x) in a.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, y) in b.enumerated() {
                let next = x == y ? diagonal : min(diagonal, row[j], row[j + 1]) + 1
                diagonal = row[j + 1]
                row[j + 1] = next
            }
        }
        return row[b.count]
    }
    return candidates.map { ($0, distance(Array(text.utf8), Array($0.utf8))) }
        .filter { $0.1 <= 2 }.min { $0.1 < $1.1 }?.0
}
