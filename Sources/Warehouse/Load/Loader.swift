package import EngagementModel

/// What to load.
package struct LoadRequest: Sendable {
    /// Folders with canonical files, such as `sources/canonical`, relative to `baseDirectory` or absolute.
    package var canonicalFolders: [String]
    package var mappings: [SourceMapping]
    /// Values of `${name}` in mappings.
    package var variables: [String: String]
    /// The workspace; relative paths start here.
    package var baseDirectory: String
    /// Lag of the canonical files.
    package var canonicalLag: Span
    package var canonicalOwner: String?
    package var canonicalPriority: Int
    /// Microseconds since 1970, written into `history.delivery`.
    package var now: Int64

    package init(
        canonicalFolders: [String] = [], mappings: [SourceMapping] = [], variables: [String: String] = [:],
        baseDirectory: String = ".", canonicalLag: Span = Span(seconds: 0), canonicalOwner: String? = nil,
        canonicalPriority: Int = 100, now: Int64
    ) {
        self.canonicalFolders = canonicalFolders
        self.mappings = mappings
        self.variables = variables
        self.baseDirectory = baseDirectory
        self.canonicalLag = canonicalLag
        self.canonicalOwner = canonicalOwner
        self.canonicalPriority = canonicalPriority
        self.now = now
    }
}

/// Brings deliveries into the warehouse's history and shows them as of a day.
///
/// Idempotent: a file that was loaded with the same content is skipped, a changed one adds versions only of rows that
/// differ. Each file is one transaction, so that a killed run resumes where it was.
package struct Loader: Sendable {
    let connection: WarehouseConnection
    /// Where working copies of damaged files go.
    let temporaryDirectory: String
    /// At most this many rejects of a file appear as diagnostics; `history.reject` holds all.
    let shownRejects: Int

    package static let canonicalSource = "canonical"

    package init(_ connection: WarehouseConnection, temporaryDirectory: String = "/tmp", shownRejects: Int = 20) {
        self.connection = connection
        self.temporaryDirectory = temporaryDirectory
        self.shownRejects = shownRejects
    }

    /// Creates schemas and tables that are missing, and views over nothing, so that SQL downstream always works.
    package func prepare() async throws {
        try await connection.transaction { @Sendable connection in
            for statement in HistorySchema.statements { try await connection.execute(statement) }
            for statement in try await HistorySchema.missingColumns(on: connection) {
                try await connection.execute(statement)
            }
            // The views follow the tables of this version of Rapport, whatever wrote the warehouse before.
            let clock = try await connection.query("SELECT as_of FROM history.clock").days("as_of")
            try await Clock.set(clock.first.flatMap { $0 } ?? Clock.open, on: connection)
        }
    }

    /// Sets the day whose knowledge `canon.*` shows.
    package func setClock(asOf day: Day) async throws {
        try await connection.transaction { @Sendable connection in try await Clock.set(day, on: connection) }
    }

    /// Loads everything of `request`, in the order of tables and file names.
    ///
    /// Bad rows and unreadable files are told in the report and never stop the rest; what is thrown concerns the
    /// warehouse itself (disk full, cancelled).
    ///
    /// - Parameter progress: called after each file and table.
    package func load(
        _ request: LoadRequest, progress: (@Sendable (FileLoad) -> Void)? = nil
    ) async throws -> LoadReport {
        var report = LoadReport()
        var jobs: [LoadJob] = []
        var sources = [(Self.canonicalSource, request.canonicalOwner, request.canonicalPriority, request.canonicalLag)]
        for folder in request.canonicalFolders {
            let found = CanonicalFolder(path: Self.path(folder, in: request.baseDirectory), name: folder)
            report.diagnostics += found.diagnostics
            for (table, files) in found.files {
                jobs += files.map {
                    LoadJob(
                        input: .file($0), columns: .canonical(table), source: Self.canonicalSource,
                        lag: request.canonicalLag, baseDirectory: request.baseDirectory)
                }
            }
        }
        for mapping in request.mappings {
            do {
                let resolved = try mapping.resolved(request.variables)
                sources.append((resolved.source, resolved.owner, resolved.priority, resolved.lag))
                jobs += try Self.jobs(resolved, baseDirectory: request.baseDirectory)
            } catch let diagnostic as Diagnostic {
                report.diagnostics.append(diagnostic)
            }
        }
        // What the ledger adds to a source does not change what the source said of itself.
        var named: Set<String> = []
        sources = sources.filter { named.insert($0.0).inserted }
        try await connection.transaction { @Sendable [sources] connection in
            for (source, owner, priority, lag) in sources {
                try await connection.execute("DELETE FROM history.source WHERE source = ?", [.text(source)])
                try await connection.execute(
                    "INSERT INTO history.source (source, owner, priority, lag_seconds) VALUES (?, ?, ?, ?)",
                    [.text(source), owner.map { .text($0) } ?? .null, .int(Int64(priority)), .int(Int64(lag.seconds))])
            }
        }
        for job in jobs {
            let loads = try await load(job, now: request.now)
            report.files += loads
            if let progress { for load in loads { progress(load) } }
        }
        return report
    }

    /// One job in one transaction; diagnostics of the file become part of its report.
    private func load(_ job: LoadJob, now: Int64, guarded: Bool = false) async throws -> [FileLoad] {
        let temporaryDirectory = temporaryDirectory
        let shownRejects = shownRejects
        do {
            return try await connection.transaction { @Sendable connection in
                var run = JobRun(
                    job: job, connection: connection, temporaryDirectory: temporaryDirectory,
                    shownRejects: shownRejects, now: now, guarded: guarded)
                defer { run.cleanUp() }
                return try await run.load()
            }
        } catch let diagnostic as Diagnostic where !Self.concernsWarehouse(diagnostic) {
            if !guarded, job.mapping != nil, Self.concernsOneRow(diagnostic) {
                return try await loadGuarded(job, now: now)
            }
            return job.tables.map { table in
                var load = job.emptyLoad(table)
                load.isRefused = true
                var told = diagnostic.redacted
                if told.file == nil { told.file = job.name }
                load.diagnostics = [told]
                return load
            }
        }
    }

    /// Reads the file again so that only the rows on which an expression fails are set aside.
    private func loadGuarded(_ job: LoadJob, now: Int64) async throws -> [FileLoad] {
        // DuckDB would compute what several expressions share outside of their TRY, where it fails the statement.
        try await connection.execute("SET disabled_optimizers = 'common_subexpressions'")
        let result: Result<[FileLoad], any Error>
        do {
            result = .success(try await load(job, now: now, guarded: true))
        } catch {
            result = .failure(error)
        }
        try await connection.execute("RESET disabled_optimizers")
        return try result.get()
    }

    /// Failures that no other file would escape.
    private static func concernsWarehouse(_ diagnostic: Diagnostic) -> Bool {
        if [WarehouseError.cancelled, WarehouseError.closed, "disk"].contains(diagnostic.code) { return true }
        let fatal = ["No space left", "Out of Memory", "database has been invalidated", "FATAL", "Could not write"]
        return diagnostic.code == WarehouseError.engine && fatal.contains { diagnostic.message.contains($0) }
    }

    /// Failures of an expression on some row: the file is read again, row by row guarded, which costs time.
    private static func concernsOneRow(_ diagnostic: Diagnostic) -> Bool {
        let kinds = ["Conversion Error", "Out of Range Error", "Invalid Input Error"]
        return diagnostic.code == WarehouseError.engine && kinds.contains { diagnostic.message.contains($0) }
    }

    private static func jobs(_ mapping: SourceMapping, baseDirectory: String) throws -> [LoadJob] {
        func job(_ input: LoadJob.Input) -> LoadJob {
            LoadJob(
                input: input, columns: .mapped(mapping), source: mapping.source, lag: mapping.lag,
                baseDirectory: baseDirectory)
        }
        if let table = mapping.table { return [job(.table(table))] }
        var jobs: [LoadJob] = []
        for pattern in mapping.files {
            let found = DeliveryFile.matching(path(pattern, in: baseDirectory))
            guard !found.isEmpty else {
                throw Diagnostic(
                    "file_missing", "source `\(mapping.source)` finds no file", file: pattern,
                    remedy: "check the path and its variables")
            }
            for path in found {
                guard let format = mapping.format ?? SourceFormat(path: path) else {
                    throw Diagnostic(
                        "unknown_format", "the file's ending names no known format", file: path,
                        remedy: "set `format` to csv, tsv, parquet or jsonl")
                }
                let prefix = baseDirectory + "/"
                let name = path.hasPrefix(prefix) ? String(path.dropFirst(prefix.count)) : path
                jobs.append(job(.file(DeliveryFile(path: path, name: name, format: format))))
            }
        }
        return jobs
    }

    static func path(_ path: String, in base: String) -> String {
        path.hasPrefix("/") ? path : "\(base)/\(path)"
    }
}
