import EngagementModel

/// One file (or warehouse table) and the canonical tables that it fills, in one transaction.
struct LoadJob: Sendable {
    enum Input: Sendable {
        case file(DeliveryFile)
        case table(String)
    }
    enum Columns: Sendable {
        /// Canonical names in the header; the rest are traits.
        case canonical(CanonicalTable)
        case mapped(SourceMapping)
    }

    var input: Input
    var columns: Columns
    var source: String
    var lag: Span
    var baseDirectory: String

    /// The names under which the job appears in reports, one a canonical table.
    var tables: [CanonicalTable] {
        switch columns {
        case .canonical(let table): [table]
        case .mapped(let mapping): CanonicalSchema.tables.filter { mapping.tables[$0.name] != nil }
        }
    }

    var name: String {
        switch input {
        case .file(let file): file.name
        case .table(let name): name
        }
    }

    var fileDay: Day? { if case .file(let file) = input { file.day } else { nil } }

    func emptyLoad(_ table: CanonicalTable) -> FileLoad {
        var kind = FileLoad.Kind.whole
        if case .file(let file) = input {
            let stem = DeliveryFile.stem(file.path)
            switch columns {
            case .canonical: kind = stem == table.name ? .whole : .delta
            case .mapped: kind = file.day == nil ? .whole : .delta
            }
        }
        return FileLoad(table: table.name, source: source, file: name, kind: kind)
    }

    var mapping: SourceMapping? { if case .mapped(let mapping) = columns { mapping } else { nil } }

    /// Changes whenever the same bytes would be read differently.
    var fingerprint: String {
        guard let mapping else { return "canonical 1 \(lag.seconds)" }
        var parts = [
            "mapped 1", mapping.source, "\(mapping.lag.seconds)", mapping.delimiter ?? "", mapping.encoding ?? "",
            "\(mapping.header)", mapping.relations ?? "", mapping.columns.joined(separator: ","),
            mapping.optional.joined(separator: ","),
        ]
        for (name, input) in mapping.inputs.sorted(by: { $0.key < $1.key }) {
            parts += [name, input.columns.joined(separator: ",")]
        }
        for (name, names) in mapping.aliases.sorted(by: { $0.key < $1.key }) { parts += [name] + names }
        for (name, tables) in mapping.tables.sorted(by: { $0.key < $1.key }) {
            for table in tables {
                parts += [name, table.from, table.filter ?? "", table.period.rawValue]
                for (column, sql) in (table.columns.sorted { $0.key < $1.key }) { parts += [column, sql] }
                for (column, sql) in (table.traits.sorted { $0.key < $1.key }) { parts += [column, sql] }
            }
        }
        return parts.joined(separator: "\u{1F}")
    }
}

extension SourceMapping {
    /// The mapping with `${name}` replaced everywhere, by the workspace's variables before the mapping's own.
    package func resolved(_ workspace: [String: String], file: String? = nil) throws -> SourceMapping {
        let values = variables.merging(workspace) { _, workspace in workspace }
        func fill(_ text: String, inSQL: Bool) throws -> String {
            guard text.contains("${") else { return text }
            var result = ""
            var rest = Substring(text)
            while let open = rest.firstRange(of: "${") {
                result += rest[..<open.lowerBound]
                rest = rest[open.upperBound...]
                guard let close = rest.firstIndex(of: "}") else {
                    throw Diagnostic("bad_variable", "a `${` is not closed in source `\(source)`", file: file)
                }
                let name = String(rest[..<close]).trimmed()
                guard let value = values[name] else {
                    throw Diagnostic(
                        "unknown_variable", "source `\(source)` uses the variable `\(name)`, which is not set",
                        file: file, remedy: "set it under `variables` in rapport.yaml or in the mapping")
                }
                result += inSQL ? value.replacing("'", with: "''") : value
                rest = rest[rest.index(after: close)...]
            }
            return result + rest
        }
        var copy = self
        copy.files = try files.map { try fill($0, inSQL: false) }
        copy.table = try table.map { try fill($0, inSQL: false) }
        copy.relations = try relations.map { try fill($0, inSQL: true) }
        copy.inputs = try inputs.mapValues {
            MappingInput(files: try $0.files.map { try fill($0, inSQL: false) }, columns: $0.columns)
        }
        copy.tables = try tables.mapValues { mappings in
            try mappings.map { mapping in
                var mapping = mapping
                mapping.filter = try mapping.filter.map { try fill($0, inSQL: true) }
                mapping.columns = try mapping.columns.mapValues { try fill($0, inSQL: true) }
                mapping.traits = try mapping.traits.mapValues { try fill($0, inSQL: true) }
                return mapping
            }
        }
        return copy
    }
}
