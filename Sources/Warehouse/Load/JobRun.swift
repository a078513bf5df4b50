import EngagementModel

/// Runs one job inside a transaction of its connection.
struct JobRun {
    let job: LoadJob
    let connection: WarehouseConnection
    let temporaryDirectory: String
    let shownRejects: Int
    let now: Int64
    /// See `LoadStatement.guarded`.
    let guarded: Bool
    private var input: JobInput?

    init(
        job: LoadJob, connection: WarehouseConnection, temporaryDirectory: String, shownRejects: Int, now: Int64,
        guarded: Bool
    ) {
        self.job = job
        self.connection = connection
        self.temporaryDirectory = temporaryDirectory
        self.shownRejects = shownRejects
        self.now = now
        self.guarded = guarded
    }

    func cleanUp() { input?.readable?.remove() }

    mutating func load() async throws -> [FileLoad] {
        let clock = ContinuousClock()
        var begin = clock.now
        var contents = FileContents(connection: connection, now: now)
        var (hash, facts) = try await JobInput.hash(job, contents, on: connection)
        var loads: [FileLoad] = []
        for (place, table) in job.tables.enumerated() {
            var load = job.emptyLoad(table)
            if try await isLoaded(table, hash: hash) {
                load.isSkipped = true
            } else {
                if facts == nil, input == nil {
                    // Known, but to be read after all: by what the file says now.
                    contents.afresh = true
                    (hash, facts) = try await JobInput.hash(job, contents, on: connection)
                }
                let opened = try await open(hash: hash, facts: facts)
                try await fill(table, from: opened, into: &load, tellsStructure: place == 0)
            }
            load.seconds = Self.seconds(clock.now - begin)
            begin = clock.now
            if !load.isSkipped { try await record(load, hash: hash) }
            loads.append(load)
        }
        return loads
    }

    private static func seconds(_ duration: Duration) -> Double {
        Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
    }

    /// Whether the latest delivery of this file had the same content.
    private func isLoaded(_ table: CanonicalTable, hash: String) async throws -> Bool {
        let latest = try await connection.query(
            """
            SELECT content_hash FROM history.delivery WHERE table_name = ? AND source = ? AND file = ? \
            ORDER BY delivery_no DESC LIMIT 1
            """, [.text(table.name), .text(job.source), .text(job.name)])
        return try latest.strings("content_hash").first == hash
    }

    private mutating func open(hash: String, facts: FileFacts?) async throws -> JobInput {
        if let input { return input }
        let opened = try await JobInput(
            job, hash: hash, facts: facts, temporaryDirectory: temporaryDirectory, on: connection)
        input = opened
        try checkColumns(opened.rows.columns)
        try await guardPatients(opened)
        return opened
    }

    // MARK: Checks before reading

    private func checkColumns(_ names: [String]) throws {
        let present = Set(names.map { $0.lowercased() })
        var needed: [String] = []
        switch job.columns {
        case .canonical(let table): needed = table.columns.filter(\.required).map(\.name)
        case .mapped(let mapping): needed = mapping.expects
        }
        if let missing = needed.first(where: { !present.contains($0.lowercased()) }) {
            throw Diagnostic(
                "missing_column", "the header lacks the column `\(missing)`", file: job.name, line: 1,
                remedy: "expected at least \(needed.joined(separator: ", "))")
        }
    }

    private func guardPatients(_ input: JobInput) async throws {
        let names = input.rows.columns
        let strict = job.tables.contains { $0.name == "claim" } ? "claim" : job.tables.first?.name ?? ""
        let isText = input.readable != nil
        if let place = PatientGuard.column(among: names, table: strict) {
            throw PatientGuard.refusal(
                names[place], file: job.name, line: isText ? 1 : nil, column: place + 1,
                what: "is named like an identifier of a patient")
        }
        guard !names.isEmpty else { return }
        let shares = names.enumerated().map { "\(PatientGuard.share(of: $1, table: strict)) AS share_\($0)" }
        let sample = try await connection.query(
            "WITH sampled AS (SELECT * FROM (\(input.rows.sql)) AS file LIMIT \(PatientGuard.sample)) "
                + "SELECT \(shares.joined(separator: ", ")) FROM sampled")
        for (place, name) in names.enumerated() {
            let share = try sample.doubles("share_\(place)").first ?? .nan
            if share >= PatientGuard.threshold(table: strict) {
                throw PatientGuard.refusal(
                    name, file: job.name, line: nil, column: place + 1,
                    what: "holds values that look like identifiers of patients")
            }
        }
    }

    // MARK: Reading

    private func fill(
        _ table: CanonicalTable, from input: JobInput, into load: inout FileLoad, tellsStructure: Bool
    ) async throws {
        let number = try await connection.query(
            "SELECT coalesce(max(delivery_no), 0) + 1 AS next FROM history.delivery"
        ).int64s("next")
        let deliveryNo = Int(number.first ?? 1)
        var rejects = Rejects(job: job, table: table, input: input, deliveryNo: deliveryNo)
        for mapping in mappings(table, input) {
            var statement = LoadStatement(
                table: table, source: job.source, lag: job.lag, deliveryNo: deliveryNo, fileDay: job.fileDay,
                rows: input.rows, optional: job.mapping?.optional ?? [], relations: input.relations,
                mapping: mapping.mapping, traitColumns: mapping.traits, guarded: guarded)
            try await prepare(&statement)
            let described = try await connection.query(statement.describe)
            let types = Dictionary(
                zip(try described.texts("column_name"), try described.texts("column_type")),
                uniquingKeysWith: { first, _ in first })
            let (sql, faults) = statement.insert(types: types)
            try await Rejects.forget(on: connection)
            load.rows += Int(try await connection.execute(sql))
            try await rejects.collect(faults: faults, structure: tellsStructure, on: connection)
        }
        try await rejects.settle(on: connection)
        load.rows += rejects.structural
        load.rejected = rejects.count
        load.diagnostics = rejects.diagnostics(atMost: shownRejects)
        if input.facts?.mayHoldFormulas ?? true {
            load.formulas = try await formulas(table, deliveryNo)
        }
        let statesKnownAt = mappings(table, input).contains { $0.mapping.columns["known_at"] != nil }
        try await settle(table, deliveryNo, statesKnownAt: statesKnownAt, into: &load)
        load.newVersions = load.rows - load.rejected - load.duplicates - load.unchanged
    }

    /// How rows of the table are made: by the header's own names, or by the source's mapping.
    private func mappings(_ table: CanonicalTable, _ input: JobInput) -> [(mapping: TableMapping, traits: [String])] {
        if let mapping = job.mapping { return (mapping.tables[table.name] ?? []).map { ($0, []) } }
        var columns: [String: String] = [:]
        var traits: [String] = []
        for name in input.rows.columns {
            let canonical = name.lowercased()
            if canonical == "known_at" || table.column(canonical) != nil {
                columns[canonical] = SQLText.name(name)
            } else {
                traits.append(name)
            }
        }
        return [(TableMapping(columns: columns), traits)]
    }

    /// Finds out what the statement must know about the data: whether places survive, spellings of review states.
    private func prepare(_ statement: inout LoadStatement) async throws {
        if statement.mapping.from != "rows" {
            let names = try await connection.query(statement.describeRelation).texts("column_name")
            statement.placeColumn = ["_line", "line"].first { names.contains($0) }
        }
        for column in statement.table.columns where column.type == .reviewState {
            guard statement.mapping.columns[column.name] != nil else { continue }
            for spelling in try await connection.query(statement.spellings(of: column.name)).texts("spelling") {
                statement.states[spelling] = MLRState(vendor: spelling)?.rawValue
            }
        }
    }

    /// Cells that begin like a formula, signed numbers and telephone numbers apart.
    private func formulas(_ table: CanonicalTable, _ deliveryNo: Int) async throws -> Int {
        let counts = table.columns.filter { $0.type == .text }.map { column in
            let name = SQLText.name(column.name)
            return "count(*) FILTER (WHERE left(\(name), 1) IN ('=', '+', '-', '@') AND NOT "
                + "regexp_full_match(\(name), '[+-]?[0-9 ().,/-]*'))"
        }
        let result = try await connection.query(
            "SELECT \(counts.joined(separator: " + ")) AS formulas FROM \(table.history) WHERE delivery_no = \(deliveryNo)"
        )
        return Int(try result.int64s("formulas").first ?? 0)
    }

    // MARK: Versions

    private func settle(
        _ table: CanonicalTable, _ deliveryNo: Int, statesKnownAt: Bool, into load: inout FileLoad
    ) async throws {
        let settlement = Settlement(
            table: table, source: job.source, deliveryNo: deliveryNo, statesKnownAt: statesKnownAt)
        let earlier = try await connection.query(settlement.hasEarlier).rowCount > 0
        try await connection.execute(settlement.contest(amongEarlier: earlier))
        guard try await connection.query("SELECT 1 AS found FROM contested LIMIT 1").rowCount > 0 else { return }
        try await connection.execute(settlement.judge)
        let counts = try await connection.query(Settlement.count)
        load.duplicates = Int(try counts.int64s("duplicates").first ?? 0)
        load.unchanged = Int(try counts.int64s("unchanged").first ?? 0)
        for statement in settlement.apply { try await connection.execute(statement) }
    }

    private func record(_ load: FileLoad, hash: String) async throws {
        let counts = [load.rows, load.rejected, load.duplicates].map { SQLValue.int(Int64($0)) }
        let more = [load.newVersions, load.unchanged, load.formulas].map { SQLValue.int(Int64($0)) }
        try await connection.execute(
            """
            INSERT INTO history.delivery (delivery_no, table_name, source, file, content_hash, "rows", rejected, \
            duplicates, loaded_at, kind, new_versions, unchanged, formulas, seconds) \
            SELECT coalesce((SELECT max(delivery_no) FROM history.delivery), 0) + 1, \
            ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?
            """,
            [.text(load.table), .text(load.source), .text(load.file), .text(hash)] + counts + [
                .timestamp(now), .text(load.kind.rawValue),
            ] + more + [.double(load.seconds)])
    }
}
