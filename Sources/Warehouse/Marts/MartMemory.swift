internal import EngagementModel

/// What is known of the last build of each stage (`history.mart_state`), so that a run rebuilds only what can have changed.
///
/// A stage is stale when its text changed, when a table it reads has newer rows or other visible ones (delivered since,
/// or known, superseded or unmasked between the two as-of days), when the clock moved and it reads the clock, or when a
/// stage it reads was built after it.
struct MartMemory {
    struct Entry {
        /// When the stage's rows last changed, counted over all stages.
        var serial: Int64
        /// When the stage was last built; later than `serial` when that made the same rows again.
        var built: Int64
        var asOfEnd: Int64
        var delivery: Int64
        var rows: Int64
        var deltaRows: Int64
        /// Of the stage's text and of the small tables that it reads.
        var fingerprint: String
        /// Of the rows that the stage made, where that is worth knowing.
        var content: String
    }

    let connection: WarehouseConnection
    let runID: String
    /// The last moment of the as-of day, µs UTC.
    let asOfEnd: Int64
    /// The newest delivery in the store.
    let delivery: Int64
    private(set) var entries: [String: Entry] = [:]
    private var serial: Int64 = 0
    private var makers: [String: Set<String>] = [:]
    private var verdicts: [String: Bool] = [:]
    private var prints: [String: String] = [:]

    /// Small tables whose whole content a stage depends on, as a query of their rows.
    private static let small = [
        "history.source": "SELECT CAST(s AS VARCHAR) AS row FROM history.source AS s ORDER BY row",
        "history.market": "SELECT CAST(s AS VARCHAR) AS row FROM history.market AS s ORDER BY row",
        "history.account_move": "SELECT CAST(s AS VARCHAR) AS row FROM history.account_move AS s ORDER BY row",
        "history.code": "SELECT CAST(s AS VARCHAR) AS row FROM history.code AS s ORDER BY row",
        "history.objective": "SELECT CAST(s AS VARCHAR) AS row FROM history.objective AS s ORDER BY row",
        "history.delivery": "SELECT DISTINCT source AS row FROM history.delivery ORDER BY row",
        "history.match_link": "SELECT CAST(s AS VARCHAR) AS row FROM history.match_link AS s ORDER BY row",
        "plan.rule": "SELECT CAST(s AS VARCHAR) AS row FROM plan.rule AS s ORDER BY row",
    ]

    init(_ connection: WarehouseConnection, runID: String) async throws {
        self.connection = connection
        self.runID = runID
        let clock = try await connection.query("SELECT as_of_end FROM history.clock")
        guard clock.rowCount == 1, let end = try clock.timestamps("as_of_end")[0] else {
            throw Diagnostic(
                "mart_clock", "history.clock does not hold exactly one as-of day", remedy: "run the step `load` first")
        }
        asOfEnd = end
        delivery = try await connection.query(
            "SELECT CAST(coalesce(max(delivery_no), 0) AS BIGINT) AS n FROM history.delivery"
        ).int64s("n")[0]
        let rows = try await connection.query(
            "SELECT stage, serial, built, as_of_end, delivery_no, rows, delta_rows, fingerprint, content FROM history.mart_state"
        )
        let ends = try rows.timestamps("as_of_end")
        for (n, stage) in try rows.texts("stage").enumerated() {
            entries[stage] = Entry(
                serial: try rows.int64s("serial")[n], built: try rows.int64s("built")[n], asOfEnd: ends[n] ?? 0,
                delivery: try rows.int64s("delivery_no")[n], rows: try rows.int64s("rows")[n],
                deltaRows: try rows.int64s("delta_rows")[n], fingerprint: try rows.texts("fingerprint")[n],
                content: try rows.texts("content")[n])
        }
        serial = entries.values.map(\.built).max() ?? 0
    }

    /// Says who makes what, for the stages that this pipeline knows.
    mutating func learn(_ stages: [MartStage]) {
        for stage in stages {
            for product in stage.products { makers[product, default: []].insert(stage.file) }
        }
    }

    mutating func isStale(_ stage: MartStage) async throws -> Bool {
        guard let entry = entries[stage.file], entry.fingerprint == (try await fingerprint(stage)) else { return true }
        for input in stage.inputs {
            if input == "history.clock" {
                if entry.asOfEnd != asOfEnd { return true }
            } else if input.hasPrefix("canon.") {
                if try await changed(String(input.dropFirst(6)), since: entry) { return true }
            } else if let files = makers[input],
                files.contains(where: { $0 != stage.file && (entries[$0]?.serial ?? .max) > entry.built })
            {
                return true
            }
        }
        return false
    }

    /// The stage's text together with the small tables that it reads.
    mutating func fingerprint(_ stage: MartStage) async throws -> String {
        var print = Fingerprint()
        print.add(stage.sql)
        for input in stage.inputs where Self.small[input] != nil { print.add(try await content(of: input)) }
        return print.text
    }

    private mutating func content(of table: String) async throws -> String {
        if let known = prints[table] { return known }
        var print = Fingerprint()
        if let query = Self.small[table] {
            for row in try await connection.query(query).texts("row") { print.add(row) }
        }
        prints[table] = print.text
        return print.text
    }

    /// Whether the visible rows of a canonical table can differ from those of an earlier build.
    private mutating func changed(_ name: String, since entry: Entry) async throws -> Bool {
        if entry.asOfEnd == asOfEnd && entry.delivery == delivery { return false }
        if entry.asOfEnd > asOfEnd { return true }
        let key = "\(name) \(entry.asOfEnd) \(entry.delivery)"
        if let verdict = verdicts[key] { return verdict }
        guard let table = CanonicalSchema.table(name) else { return true }
        let moments = ["known_at", "superseded_at"] + table.masks.map(\.moment)
        // A mask may depend on another table; then its moment is an expression over `version`.
        let terms = moments.map { $0.contains("(") ? $0 : SQLText.name($0) }
        let between = terms.map { " OR (\($0) > ? AND \($0) <= ?)" }.joined()
        let window = moments.flatMap { _ in [SQLValue.timestamp(entry.asOfEnd), .timestamp(asOfEnd)] }
        let found = try await connection.query(
            "SELECT 1 AS found FROM \(table.history) AS version WHERE delivery_no > ?\(between) LIMIT 1",
            [.int(entry.delivery)] + window)
        verdicts[key] = found.rowCount > 0
        return found.rowCount > 0
    }

    /// To be called before a stage begins: what is interrupted is built again.
    mutating func forget(_ file: String) async throws {
        guard entries.removeValue(forKey: file) != nil else { return }
        try await connection.execute("DELETE FROM history.mart_state WHERE stage = ?", [.text(file)])
    }

    /// To be called when a stage is complete.
    ///
    /// - Parameters:
    ///   - last: the entry of the build before.
    ///   - content: fingerprint of the rows; when it is the one of the build before, whoever reads the stage is not stale.
    mutating func remember(_ stage: MartStage, rows: Int64, last: Entry?, content: String) async throws {
        let unchanged = last.map { $0.content == content && !content.isEmpty } ?? false
        try await remember(
            stage.file, fingerprint: try await fingerprint(stage), rows: rows, deltaRows: 0, content: content,
            serial: unchanged ? last?.serial : nil)
    }

    mutating func remember(
        _ file: String, fingerprint: String, rows: Int64, deltaRows: Int64, content: String = "", serial: Int64? = nil
    ) async throws {
        try await forget(file)
        self.serial += 1
        let entry = Entry(
            serial: serial ?? self.serial, built: self.serial, asOfEnd: asOfEnd, delivery: delivery, rows: rows,
            deltaRows: deltaRows,
            fingerprint: fingerprint, content: content)
        try await connection.execute(
            "INSERT INTO history.mart_state VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                .text(file), .text(runID), .int(entry.serial), .int(entry.built), .timestamp(entry.asOfEnd),
                .int(entry.delivery),
                .int(rows), .int(deltaRows), .text(fingerprint), .text(content),
            ])
        entries[file] = entry
    }
}
