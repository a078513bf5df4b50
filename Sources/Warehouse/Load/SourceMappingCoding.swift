import EngagementModel

// Written by hand so that a wrong key is an error with its name, a scalar may stand for a list of one, and spans read
// as strategies spell them.

/// Any key of a mapping file.
struct MappingKey: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init(_ text: String) { stringValue = text }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

/// One value, or a list of them.
private struct OneOrMore<Element: Codable>: Codable {
    var values: [Element]
    init(from decoder: any Decoder) throws {
        if var list = try? decoder.unkeyedContainer() {
            values = []
            while !list.isAtEnd { values.append(try list.decode(Element.self)) }
        } else {
            values = [try decoder.singleValueContainer().decode(Element.self)]
        }
    }
}

extension KeyedDecodingContainer<MappingKey> {
    fileprivate func refuseKeys(outside known: [String]) throws {
        for key in allKeys where !known.contains(key.stringValue) {
            let wanted = known.sorted().joined(separator: ", ")
            throw DecodingError.dataCorruptedError(
                forKey: key, in: self, debugDescription: "unknown key `\(key.stringValue)`; known are \(wanted)")
        }
    }
    fileprivate func text(_ key: String) throws -> String? {
        try decodeIfPresent(String.self, forKey: MappingKey(key))
    }
    fileprivate func list(_ key: String) throws -> [String] {
        try decodeIfPresent(OneOrMore<String>.self, forKey: MappingKey(key))?.values ?? []
    }
    fileprivate func map<V: Decodable>(_ key: String, of type: V.Type) throws -> [String: V] {
        try decodeIfPresent([String: V].self, forKey: MappingKey(key)) ?? [:]
    }
}

extension SourceMapping {
    /// The keys that a mapping file may hold.
    package static let keys = [
        "source", "owner", "priority", "lag", "files", "table", "format", "delimiter", "encoding", "header", "columns",
        "expects", "optional", "aliases", "inputs", "variables", "let", "tables",
    ]

    package init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: MappingKey.self)
        try box.refuseKeys(outside: Self.keys)
        var lag = Span(seconds: 0)
        if let text = try box.text("lag") {
            guard let span = Span(text) else {
                throw DecodingError.dataCorruptedError(
                    forKey: MappingKey("lag"), in: box, debugDescription: "a lag looks like 5d, 48h or 2w")
            }
            lag = span
        }
        self.init(
            source: try box.decode(String.self, forKey: MappingKey("source")), owner: try box.text("owner"),
            priority: try box.decodeIfPresent(Int.self, forKey: MappingKey("priority")) ?? 100, lag: lag,
            files: try box.list("files"), table: try box.text("table"),
            format: try box.decodeIfPresent(SourceFormat.self, forKey: MappingKey("format")),
            delimiter: try box.text("delimiter"), encoding: try box.text("encoding"),
            header: try box.decodeIfPresent(Bool.self, forKey: MappingKey("header")) ?? true,
            columns: try box.list("columns"), expects: try box.list("expects"), optional: try box.list("optional"),
            aliases: try box.map("aliases", of: OneOrMore<String>.self).mapValues(\.values),
            inputs: try box.map("inputs", of: MappingInput.self), variables: try box.map("variables", of: String.self),
            relations: try box.text("let"),
            tables: try box.map("tables", of: OneOrMore<TableMapping>.self).mapValues(\.values))
        for name in tables.keys.sorted() where CanonicalSchema.table(name) == nil {
            throw DecodingError.dataCorruptedError(
                forKey: MappingKey("tables"), in: box, debugDescription: "unknown canonical table `\(name)`")
        }
        for (name, mappings) in tables {
            let known = CanonicalSchema.table(name).map { $0.columns.map(\.name) + ["known_at"] } ?? []
            for column in mappings.flatMap(\.columns.keys).sorted() where !known.contains(column) {
                throw DecodingError.dataCorruptedError(
                    forKey: MappingKey("tables"), in: box,
                    debugDescription: "`\(name)` has no column `\(column)`; other facts go under `traits`")
            }
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var box = encoder.container(keyedBy: MappingKey.self)
        func put(_ value: some Encodable, _ key: String) throws { try box.encode(value, forKey: MappingKey(key)) }
        try put(source, "source")
        if let owner { try put(owner, "owner") }
        try put(priority, "priority")
        try put(lag.description, "lag")
        if !files.isEmpty { try put(files, "files") }
        if let table { try put(table, "table") }
        if let format { try put(format, "format") }
        if let delimiter { try put(delimiter, "delimiter") }
        if let encoding { try put(encoding, "encoding") }
        try put(header, "header")
        if !columns.isEmpty { try put(columns, "columns") }
        if !expects.isEmpty { try put(expects, "expects") }
        if !optional.isEmpty { try put(optional, "optional") }
        if !aliases.isEmpty { try put(aliases, "aliases") }
        if !inputs.isEmpty { try put(inputs, "inputs") }
        if !variables.isEmpty { try put(variables, "variables") }
        if let relations { try put(relations, "let") }
        try put(tables, "tables")
    }
}

extension MappingInput {
    package init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: MappingKey.self)
        try box.refuseKeys(outside: ["files", "columns"])
        self.init(files: try box.list("files"), columns: try box.list("columns"))
    }

    package func encode(to encoder: any Encoder) throws {
        var box = encoder.container(keyedBy: MappingKey.self)
        try box.encode(files, forKey: MappingKey("files"))
        try box.encode(columns, forKey: MappingKey("columns"))
    }
}

extension TableMapping {
    package init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: MappingKey.self)
        try box.refuseKeys(outside: ["from", "where", "columns", "traits", "period"])
        self.init(
            from: try box.text("from") ?? "rows", filter: try box.text("where"),
            columns: try box.map("columns", of: String.self), traits: try box.map("traits", of: String.self),
            period: try box.decodeIfPresent(MappingPeriod.self, forKey: MappingKey("period")) ?? .month)
    }

    package func encode(to encoder: any Encoder) throws {
        var box = encoder.container(keyedBy: MappingKey.self)
        try box.encode(from, forKey: MappingKey("from"))
        if let filter { try box.encode(filter, forKey: MappingKey("where")) }
        try box.encode(columns, forKey: MappingKey("columns"))
        if !traits.isEmpty { try box.encode(traits, forKey: MappingKey("traits")) }
        try box.encode(period, forKey: MappingKey("period"))
    }
}
