import EngagementModel

/// The rows of one file and table that are set aside, and where they lie.
struct Rejects {
    let job: LoadJob
    let table: CanonicalTable
    let input: JobInput
    let deliveryNo: Int
    /// Records that could not be read at all.
    private(set) var structural = 0
    private var refused: [RecordPlaces.Refused] = []
    private var judged: [(line: Int?, fault: RowFault)] = []
    private var found: [(line: Int?, fault: RowFault)] = []

    init(job: LoadJob, table: CanonicalTable, input: JobInput, deliveryNo: Int) {
        self.job = job
        self.table = table
        self.input = input
        self.deliveryNo = deliveryNo
    }

    var count: Int { found.count }

    /// Empties the engine's own tables of rejects before a scan.
    static func forget(on connection: WarehouseConnection) async throws {
        try await connection.execute("DROP TABLE IF EXISTS reject_errors")
        try await connection.execute("DROP TABLE IF EXISTS reject_scans")
    }

    /// Takes the faulty rows out of the history after a scan, and what the engine's reader refused.
    mutating func collect(faults: [RowFault], structure: Bool, on connection: WarehouseConnection) async throws {
        if structure, refused.isEmpty, input.readable != nil { refused = try await Self.engineRejects(on: connection) }
        let line = SQLText.name(table.lineColumn)
        let rows = try await connection.query(
            "SELECT \(line) AS line, -delivery_no AS fault FROM \(table.history) WHERE delivery_no < 0 ORDER BY 1, 2")
        guard rows.rowCount > 0 else { return }
        let lines = try rows.ints("line")
        let numbers = try rows.int64s("fault")
        judged.reserveCapacity(judged.count + rows.rowCount)
        for (line, number) in zip(lines, numbers) where faults.indices.contains(Int(number) - 1) {
            judged.append((line.map { Int($0) }, faults[Int(number) - 1]))
        }
        try await connection.execute("DELETE FROM \(table.history) WHERE delivery_no < 0")
    }

    private static func engineRejects(on connection: WarehouseConnection) async throws -> [RecordPlaces.Refused] {
        let known = try await connection.query(
            "SELECT 1 AS found FROM duckdb_tables() WHERE table_name = 'reject_errors' AND temporary")
        guard known.rowCount > 0 else { return [] }
        let rows = try await connection.query(
            """
            SELECT CAST(line_byte_position AS BIGINT) AS place, min(CAST(error_type AS VARCHAR)) AS kind \
            FROM reject_errors GROUP BY 1 ORDER BY 1
            """)
        let faults: [String: StructuralFault] = [
            "INVALID ENCODING": .badEncoding, "UNQUOTED VALUE": .unclosedQuote,
            "LINE SIZE OVER MAXIMUM": .lineTooLong,
        ]
        return zip(try rows.int64s("place"), try rows.texts("kind")).map { place, kind in
            RecordPlaces.Refused(offset: max(0, Int(place) - 1), fault: faults[kind] ?? .raggedRow)
        }
    }

    /// Finds the places of everything set aside, corrects the numbers of the accepted rows, writes `history.reject`.
    mutating func settle(on connection: WarehouseConnection) async throws {
        let setAside = input.readable?.setAside ?? []
        let tells = !refused.isEmpty || (!setAside.isEmpty && structuralIsMine)
        let shift = input.hasHeader ? 1 : 0
        if let readable = input.readable, case .file(let file) = job.input, tells || !judged.isEmpty {
            let places = try RecordPlaces(
                path: file.path, readable: readable, delimiter: input.delimiter, header: input.hasHeader,
                refused: refused, rows: Set(judged.compactMap { $0.line.map { $0 - shift } }))
            if structuralIsMine {
                found = places.setAside.map { aside in
                    (aside.line, RowFault(code: aside.fault.rawValue, column: nil, message: aside.fault.message))
                }
                structural = found.count
            }
            try await renumber(places.setAside.map(\.record), on: connection)
            judged = judged.map { line, fault in (line.map { places.rows[$0 - shift]?.line ?? $0 }, fault) }
        } else if case .file(let file) = job.input, file.format == .jsonl, !judged.isEmpty {
            let lines = try RecordPlaces.linesOfObjects(file.path, rows: Set(judged.compactMap(\.line)))
            judged = judged.map { line, fault in (line.map { lines[$0] ?? $0 }, fault) }
        }
        found = (found + judged).sorted { ($0.line ?? 0) < ($1.line ?? 0) }
        guard !found.isEmpty else { return }
        try await connection.ingest(
            ColumnSet([
                ("delivery_no", .int32(found.map { _ in Int32(deliveryNo) })),
                ("file", .textDictionary(codes: found.map { _ in 0 }, values: [job.name])),
                ("line", .optionalInt64(found.map { $0.line.map { Int64($0) } })),
                ("column_name", .optionalText(found.map(\.fault.column))),
                ("code", .text(found.map(\.fault.code))), ("message", .text(found.map(\.fault.message))),
            ]), into: "history.reject", mode: .append)
    }

    /// Records that cannot be read belong to no table; they are told once, with the first.
    private var structuralIsMine: Bool { job.tables.first?.name == table.name }

    /// The engine numbers the rows that it accepts; the history holds the number among all records of the file.
    private func renumber(_ setAside: [Int], on connection: WarehouseConnection) async throws {
        guard !setAside.isEmpty else { return }
        var steps: [(from: Int, shift: Int)] = []
        for (place, record) in setAside.sorted().enumerated() {
            let from = record - place
            if steps.last?.from == from {
                steps[steps.count - 1].shift = place + 1
            } else {
                steps.append((from, place + 1))
            }
        }
        let line = SQLText.name(table.lineColumn)
        // Within the transaction only: nobody else ever sees the table.
        try await connection.ingest(
            ColumnSet([
                ("from_line", .int64(steps.map { Int64($0.from) })), ("shift", .int64(steps.map { Int64($0.shift) })),
            ]), into: "history.line_shift", mode: .create)
        try await connection.execute(
            """
            UPDATE \(table.history) SET \(line) = moved.line FROM (
              SELECT version.rowid AS place, version.\(line) + line_shift.shift AS line
              FROM \(table.history) AS version
              ASOF JOIN history.line_shift ON version.\(line) >= line_shift.from_line
              WHERE version.delivery_no = \(deliveryNo)) AS moved
            WHERE \(table.history).rowid = moved.place;
            DROP TABLE history.line_shift
            """)
    }

    /// The first rejects, as people read them.
    func diagnostics(atMost limit: Int) -> [Diagnostic] {
        found.prefix(limit).map { line, fault in
            let place = fault.column.flatMap { name in
                input.rows.columns.firstIndex { $0.lowercased() == name.lowercased() }
            }
            return Diagnostic(
                fault.code, fault.message, severity: .warning, file: job.name, line: line,
                column: job.mapping == nil ? place.map { $0 + 1 } : nil)
        }
    }
}
