internal import EngagementModel
internal import Insight

/// The columns of one file or two, as `match` compares them.
struct MatchInput {
    let table: AnalysisTable
    private let second: AnalysisTable?
    let columns: [IdentityColumn]
    let leftCount: Int?
    let rowCount: Int
    /// True cluster of each row as a code, -1 where not known.
    private(set) var truth: [Int32]?
    /// Cluster of an earlier run; empty when there was none.
    private(set) var known: [String] = []
    private(set) var warnings: [String] = []
    private let keys: [String]

    /// Columns that hold answers, not observations.
    private static let revealing: Set<String> = [
        "cluster", "cluster_id", "ground_truth", "true_cluster", "entity_id", "golden_id",
    ]

    init(_ command: MatchMethod) async throws {
        let first = try await AnalysisTable.read(command.file)
        let other: AnalysisTable? =
            if let path = command.secondFile { try await AnalysisTable.read(path) } else { nil }
        let renamed = try MatchInput.pairs(command.map, separator: "=", option: "--map COLUMN2=COLUMN")
        var kinds: [String: FieldKind] = [:]
        for (column, word) in try MatchInput.pairs(command.compare, separator: ":", option: "--compare COLUMN:KIND") {
            guard let kind = FieldKind(rawValue: word) else {
                throw Diagnostic(
                    "unknown_kind", "`\(word)` is no kind of comparison",
                    remedy: "use one of \(FieldKind.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            _ = try MatchInput.header(column, first)
            kinds[column] = kind
        }
        for name in command.ignore { _ = try MatchInput.header(name, first) }
        table = first
        second = other
        leftCount = other == nil ? nil : first.rowCount
        rowCount = first.rowCount + (other?.rowCount ?? 0)

        func counterpart(_ name: String) -> String {
            renamed.first { $0.1 == name }?.0 ?? name
        }
        let id = try MatchInput.header(command.id, first)
        var keys = try first.texts(id)
        try MatchInput.checkKeys(keys, first, column: id)
        if let other {
            let own = try MatchInput.header(command.id2 ?? counterpart(command.id), other)
            let more = try other.texts(own)
            try MatchInput.checkKeys(more, other, column: own)
            keys += more
        }
        self.keys = keys

        func whole(_ name: String) throws -> IdentityColumn {
            let header = try MatchInput.header(name, first)
            let own = try first.codes(header)
            let plain = MatchInput.trimmed(header)
            let column = IdentityColumn(name: plain, kind: kinds[plain], codes: own.codes, values: own.values)
            guard let other else { return column }
            let more = try other.codes(MatchInput.header(counterpart(plain), other))
            return column.appending(IdentityColumn(name: plain, codes: more.codes, values: more.values))
        }
        var left: Set<String> = [MatchInput.trimmed(command.id)]
        left.formUnion(command.ignore)
        if let name = command.truth {
            truth = try whole(name).codes
            left.insert(name)
        }
        if let name = command.known {
            let column = try whole(name)
            known = column.codes.map { $0 < 0 ? "" : column.values[Int($0)] }
            left.insert(name)
        }
        var columns: [IdentityColumn] = []
        var silent: [String] = []
        for header in first.names {
            let name = MatchInput.trimmed(header)
            guard !name.isEmpty, !left.contains(name) else { continue }
            if kinds[name] == nil, MatchInput.revealing.contains(name.lowercased()) {
                silent.append("column `\(name)` is left out: it names clusters (--compare \(name):KIND to compare it)")
                continue
            }
            if let other, (try? MatchInput.header(counterpart(name), other)) == nil {
                silent.append("column `\(name)` is left out: the second file has none of that name (--map)")
                continue
            }
            columns.append(try whole(header))
        }
        guard !columns.isEmpty else {
            throw Diagnostic(
                "nothing_to_compare", "no column is left to compare", file: command.file, line: 1,
                remedy: "ignore fewer columns, or name the second file's columns with --map")
        }
        warnings = silent
        self.columns = columns
    }

    func key(_ row: Int) -> String { keys[row] }

    /// What a new cluster is named for: the key of its first record, with the file when keys of two may clash.
    var clusterNames: [String] {
        guard let leftCount else { return keys }
        return keys.enumerated().map { row, key in (row < leftCount ? "1:" : "2:") + key }
    }

    /// `id,cluster_id`, for two files with the number of the file.
    func table(of identifiers: [String]) -> AnalysisColumns {
        var table = AnalysisColumns()
        table.add("id", keys)
        if let leftCount { table.add("file", (0..<rowCount).map { $0 < leftCount ? 1 : 2 }) }
        table.add("cluster_id", identifiers)
        return table
    }

    /// Pairs of keys with a score: from a half on the records are the same.
    func labels(_ path: String) async throws -> [(pair: RowPair, isMatch: Bool)] {
        let file = try await AnalysisTable.read(path)
        let left = try MatchInput.column(of: file, ending: ["_l", "_left", "1"])
        let right = try MatchInput.column(of: file, ending: ["_r", "_right", "2"])
        let score = try MatchInput.column(of: file, containing: ["score", "match", "label", "same", "probability"])
        let rows = self.rows()
        let scores = try file.doubles(score)
        return try zip(try file.texts(left), try file.texts(right)).enumerated().map { row, pair in
            guard let a = rows.left[pair.0], let b = rows.right[pair.1] else {
                throw file.fault(
                    "unknown_key", "a key of the pair is in no record", row: row,
                    remedy: "write the keys as the records have them")
            }
            return (RowPair(a, b), scores[row] >= 0.5)
        }
    }

    func answers(_ path: String) async throws -> PairAnswers {
        var answers = PairAnswers()
        for (pair, isMatch) in try await labels(path) {
            if isMatch { answers.same.append(pair) } else { answers.different.append(pair) }
        }
        return answers
    }

    private func rows() -> (left: [String: Int32], right: [String: Int32]) {
        var left: [String: Int32] = [:]
        var right: [String: Int32] = [:]
        for (row, key) in keys.enumerated() {
            if row < leftCount ?? rowCount { left[key] = Int32(row) } else { right[key] = Int32(row) }
        }
        return (left, leftCount == nil ? left : right)
    }

    private static func checkKeys(_ keys: [String], _ table: AnalysisTable, column: String) throws {
        var seen = Set<String>()
        seen.reserveCapacity(keys.count)
        for (row, key) in keys.enumerated() {
            guard !key.isEmpty else {
                throw table.fault(
                    "missing_key", "the record has no key", row: row, column: column,
                    remedy: "give every record a key of its own")
            }
            guard seen.insert(key).inserted else {
                throw table.fault(
                    "duplicate_key", "another record has the same key", row: row, column: column,
                    remedy: "give every record a key of its own")
            }
        }
    }

    private static func pairs(_ texts: [String], separator: Character, option: String) throws -> [(String, String)] {
        try texts.map { text in
            guard let place = text.lastIndex(of: separator), place != text.startIndex,
                text.index(after: place) != text.endIndex
            else {
                throw Diagnostic(
                    "bad_option", "`\(text)` is not of the form \(option)", remedy: "write the option in that form")
            }
            return (String(text[..<place]), String(text[text.index(after: place)...]))
        }
    }

    static func trimmed(_ text: String) -> String {
        var text = text[...]
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }

    /// The column as the file spells it: spaces around a header do not count.
    private static func header(_ name: String, _ table: AnalysisTable) throws -> String {
        if table.has(name) { return name }
        let plain = trimmed(name)
        if let found = table.names.first(where: { trimmed($0) == plain }), !plain.isEmpty { return found }
        _ = try table.codes(name)  // says which columns there are
        return name
    }

    private static func column(of table: AnalysisTable, ending: [String]) throws -> String {
        if let name = table.names.first(where: { name in
            ending.contains { name.hasSuffix($0) } && !name.contains("source") && !name.contains("dataset")
        }) {
            return name
        }
        throw Diagnostic(
            "missing_column", "no column of keys ends in \(ending.joined(separator: " or "))", file: table.path,
            line: 1,
            remedy: "name the columns id_l, id_r and match")
    }

    private static func column(of table: AnalysisTable, containing words: [String]) throws -> String {
        if let name = table.names.first(where: { name in words.contains { name.contains($0) } }) { return name }
        throw Diagnostic(
            "missing_column", "no column holds the answer (score, match, label)", file: table.path, line: 1,
            remedy: "name the columns id_l, id_r and match")
    }
}
