import EngagementModel

/// The input of a job, opened: where its rows come from, and what identifies its content.
struct JobInput {
    var rows: RowsRelation
    /// Content of the file, of further files and of the mapping.
    var hash: String
    var facts: FileFacts?
    /// Set for delimited files in a byte-wise encoding: then places in the file can be found again.
    var readable: ReadableFile?
    var delimiter: UInt8 = 44
    var hasHeader = true
    var relations: [String] = []

    static func delimiter(of job: LoadJob, format: SourceFormat) -> String {
        job.mapping?.delimiter ?? (format == .tsv ? "\t" : ",")
    }

    /// Content hash, before anything is parsed, and the file's facts when it had to be read for it.
    static func hash(
        _ job: LoadJob, _ contents: FileContents, on connection: WarehouseConnection
    ) async throws -> (String, FileFacts?) {
        var parts: [String] = [job.fingerprint]
        var facts: FileFacts?
        switch job.input {
        case .file(let file):
            let delimiter = delimiter(of: job, format: file.format).utf8.first ?? 44
            let content = try await contents.content(of: file.path, delimiter: delimiter)
            parts.append(content.text)
            facts = content.facts
        case .table(let name):
            let table = try await connection.query(
                "SELECT CAST(count(*) AS VARCHAR) || ' ' || CAST(bit_xor(hash(t)) AS VARCHAR) AS content FROM \(name) AS t"
            )
            parts.append(try table.strings("content").first.flatMap { $0 } ?? "empty")
        }
        for (name, input) in (job.mapping?.inputs ?? [:]).sorted(by: { $0.key < $1.key }) {
            for path in paths(input, job) {
                let content = try await contents.content(of: path, delimiter: 44)
                parts.append("\(name) \(path) \(content.text)")
            }
        }
        return (String(XXH64.hash(parts.joined(separator: "\u{1E}")), radix: 16), facts)
    }

    private static func paths(_ input: MappingInput, _ job: LoadJob) -> [String] {
        input.files.flatMap { DeliveryFile.matching(Loader.path($0, in: job.baseDirectory)) }
    }

    init(
        _ job: LoadJob, hash: String, facts: FileFacts?, temporaryDirectory: String,
        on connection: WarehouseConnection
    ) async throws {
        self.hash = hash
        self.facts = facts
        switch job.input {
        case .table(let name):
            rows = .table(name, names: try await Self.names(of: "SELECT * FROM \(name)", on: connection))
        case .file(let file):
            switch file.format {
            case .csv, .tsv:
                rows = RowsRelation(sql: "", columns: [], emptyIsNull: true)
                try openDelimited(job, file, temporaryDirectory: temporaryDirectory)
            case .parquet:
                let source = "SELECT * FROM read_parquet(\(SQLText.literal(file.path as String)))"
                rows = .parquet(file.path, names: try await Self.names(of: source, on: connection, file: file.name))
            case .jsonl:
                let keys = try await connection.query(
                    "SELECT DISTINCT unnest(json_keys(json)) AS name FROM \(RowsRelation.objects(file.path)) "
                        + "WHERE json_type(json) = 'OBJECT'")
                rows = .jsonLines(file.path, keys: try keys.texts("name"))
            }
        }
        relations = try await Self.relations(of: job)
    }

    /// Column names of a query; a file that the engine cannot open is told as such.
    private static func names(
        of sql: String, on connection: WarehouseConnection, file: String? = nil
    ) async throws -> [String] {
        do {
            return try await connection.query("DESCRIBE \(sql)").texts("column_name")
        } catch let diagnostic as Diagnostic where diagnostic.code == WarehouseError.engine && file != nil {
            throw Diagnostic(
                "file_unreadable", "the file is not readable Parquet: \(diagnostic.redacted.message)", file: file,
                remedy: "deliver it again, complete")
        }
    }

    private mutating func openDelimited(_ job: LoadJob, _ file: DeliveryFile, temporaryDirectory: String) throws {
        guard let facts else { return }
        let text = Self.delimiter(of: job, format: file.format)
        guard text.utf8.count == 1, let byte = text.utf8.first else {
            throw Diagnostic(
                "bad_delimiter", "source `\(job.source)` has a delimiter that is not one character", file: file.name)
        }
        delimiter = byte
        hasHeader = job.mapping?.header ?? true
        var expected: [String] = []
        switch job.columns {
        case .canonical(let table): expected = table.columns.map(\.name)
        case .mapped(let mapping): expected = mapping.expects + mapping.columns
        }
        let encoding = job.mapping?.encoding
        let isBytewise = encoding.map { !$0.lowercased().hasPrefix("utf-16") } ?? true
        var path = file.path
        if isBytewise {
            let opened = try ReadableFile(
                path: file.path, facts: facts, delimiter: byte, folder: temporaryDirectory)
            readable = opened
            path = opened.path
        }
        var names = job.mapping?.columns ?? []
        if hasHeader {
            let bytes = isBytewise ? facts.beginning : facts.beginning.filter { $0 != 0 && $0 != 0xFF && $0 != 0xFE }
            names =
                try DelimitedHeader(bytes, delimiter: byte, file: file.name, expected: expected).names
        }
        rows = .delimited(
            path, names: Self.renamed(names, job.mapping?.aliases ?? [:]), delimiter: text, header: hasHeader,
            encoding: encoding)
    }

    /// Names under which the mapping knows the columns.
    private static func renamed(_ names: [String], _ aliases: [String: [String]]) -> [String] {
        let present = Set(names.map { $0.lowercased() })
        return names.map { name in
            let known = aliases.sorted { $0.key < $1.key }.first { key, others in
                !present.contains(key.lowercased()) && others.contains { $0.lowercased() == name.lowercased() }
            }
            return known?.key ?? name
        }
    }

    /// The further files of a mapping, and its own relations.
    private static func relations(of job: LoadJob) async throws -> [String] {
        guard let mapping = job.mapping else { return [] }
        var result: [String] = []
        for (name, input) in mapping.inputs.sorted(by: { $0.key < $1.key }) {
            let nulls = input.columns.map { "CAST(NULL AS VARCHAR) AS \(SQLText.name($0))" }
            var parts = ["SELECT \(nulls.joined(separator: ", ")) WHERE false"]
            for path in paths(input, job) { parts.append(try select(input.columns, from: path, job)) }
            result.append("\(SQLText.name(name)) AS (\(parts.joined(separator: " UNION ALL ")))")
        }
        if let own = mapping.relations?.trimmed(), !own.isEmpty { result.append(own) }
        return result
    }

    private static func select(_ columns: [String], from path: String, _ job: LoadJob) throws -> String {
        let format = SourceFormat(path: path) ?? .csv
        switch format {
        case .parquet:
            return "SELECT \(SQLText.names(columns)) FROM read_parquet(\(SQLText.literal(path as String)))"
        case .jsonl:
            return "SELECT \(SQLText.names(columns)) FROM read_json_auto(\(SQLText.literal(path as String)))"
        case .csv, .tsv:
            let text = delimiter(of: job, format: format)
            let facts = try FileFacts(path: path, delimiter: text.utf8.first ?? 44)
            let header = try DelimitedHeader(
                facts.beginning, delimiter: text.utf8.first ?? 44, file: path, expected: columns)
            let present = Set(header.names.map { $0.lowercased() })
            let cells = columns.map { name in
                present.contains(name.lowercased())
                    ? "CAST(\(SQLText.name(name)) AS VARCHAR)" : "CAST(NULL AS VARCHAR)"
            }
            let relation = RowsRelation.delimited(
                path, names: header.names, delimiter: text, header: true, encoding: job.mapping?.encoding)
            return "SELECT \(cells.joined(separator: ", ")) FROM (\(relation.sql)) AS file"
        }
    }
}
