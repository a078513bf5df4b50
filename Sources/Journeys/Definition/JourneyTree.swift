import EngagementModel

/// A decoded file with the place of every part: what the caller makes of YAML, and `JourneyReader` reads.
package indirect enum JourneyTree: Sendable, Hashable {
    package struct Place: Sendable, Hashable {
        /// From 1.
        package var line: Int
        package var column: Int
        package init(line: Int = 1, column: Int = 1) {
            self.line = line
            self.column = column
        }
    }
    package struct Entry: Sendable, Hashable {
        package var key: String
        package var value: JourneyTree
        package var place: Place
        package init(_ key: String, _ value: JourneyTree, _ place: Place = Place()) {
            self.key = key
            self.value = value
            self.place = place
        }
    }

    /// Keys in the order of the file.
    case mapping([Entry], Place)
    case list([JourneyTree], Place)
    /// A plain value as its text; "" and `null` are nothing.
    case text(String, Place)

    package var place: Place {
        switch self {
        case .mapping(_, let place), .list(_, let place), .text(_, let place): place
        }
    }
}

/// A mapping of the tree, read key by key: every mistake is collected with its place, and keys that nobody asked for are
/// reported at the end.
struct TreeReader {
    let entries: [JourneyTree.Entry]
    let place: JourneyTree.Place
    let log: TreeLog
    private let asked = TreeLog.Keys()

    init?(_ tree: JourneyTree, _ log: TreeLog) {
        guard case .mapping(let entries, let place) = tree else {
            log.report("not_a_mapping", "expected `key: value` lines", tree.place)
            return nil
        }
        self.entries = entries
        self.place = place
        self.log = log
        var seen: Set<String> = []
        for entry in entries where !seen.insert(entry.key).inserted {
            log.report("duplicate_key", "the key `\(entry.key)` stands twice", entry.place, remedy: "keep one of them")
        }
    }

    func tree(_ key: String) -> JourneyTree? {
        asked.names.insert(key)
        guard let value = entries.first(where: { $0.key == key })?.value else { return nil }
        if case .text(let text, _) = value, text.isEmpty || text == "~" || text == "null" { return nil }
        return value
    }

    func text(_ key: String) -> String? {
        guard let tree = tree(key) else { return nil }
        guard case .text(let text, _) = tree else {
            log.report("bad_value", "\(key): expected one text", tree.place)
            return nil
        }
        return text
    }

    func required(_ key: String) -> String? {
        if let text = text(key) { return text }
        if tree(key) == nil {
            log.report("missing_key", "`\(key)` is required", place, remedy: "add `\(key): …`")
        }
        return nil
    }

    func span(_ key: String) -> Span? {
        guard let text = text(key) else { return nil }
        if let span = Span(text) { return span }
        log.report(
            "bad_value", "\(key): expected a length of time", tree(key)?.place ?? place,
            remedy: "write 30m, 12h, 3d or 2w")
        return nil
    }

    func number(_ key: String) -> Double? {
        guard let text = text(key) else { return nil }
        if let value = Double(text), value.isFinite { return value }
        log.report("bad_value", "\(key): expected a number", tree(key)?.place ?? place)
        return nil
    }

    func list(_ key: String) -> [JourneyTree] {
        guard let tree = tree(key) else { return [] }
        if case .list(let items, _) = tree { return items }
        return [tree]
    }

    func closed<List: ClosedList>(_ key: String, _ type: List.Type = List.self) -> List? {
        guard let text = text(key) else { return nil }
        if let value = List(rawValue: text) { return value }
        let known = List.allCases.map(\.rawValue).joined(separator: ", ")
        log.report(
            "unknown_value", "\(key): the list has no such value", tree(key)?.place ?? place,
            remedy: "one of \(known)")
        return nil
    }

    func finish() {
        for entry in entries where !asked.names.contains(entry.key) {
            let known = asked.names.sorted().joined(separator: ", ")
            log.report("unknown_key", "`\(entry.key)` is not known here", entry.place, remedy: "one of \(known)")
        }
    }
}

/// Where the mistakes of one file are collected.
final class TreeLog {
    final class Keys { var names: Set<String> = [] }
    let file: String?
    private(set) var diagnostics: [Diagnostic] = []

    init(file: String?) { self.file = file }

    func report(_ code: String, _ message: String, _ place: JourneyTree.Place, remedy: String? = nil) {
        diagnostics.append(
            Diagnostic(code, message, file: file, line: place.line, column: place.column, remedy: remedy))
    }
}
