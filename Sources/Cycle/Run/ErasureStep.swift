internal import EngagementModel
internal import Ledger
internal import Warehouse

/// Takes people who were erased in the ledger out of everything that the sources ever delivered.
///
/// Runs after every load, so that a source which delivers somebody again does not bring them back: a row is an erased
/// person's by its record, its golden identity, its NPI, or an id that a source without master data uses. What tells of
/// harm goes to safety first (`ErasedReports`).
enum ErasureStep {
    struct Result: Sendable {
        /// Digests on the list of erasures.
        var people = 0
        /// Rows that were taken out now.
        var rows = 0
        /// Golden identities that they had in the last snapshot.
        var hcpIDs: [String] = []
    }

    static func run(_ context: RunContext) async throws -> Result {
        let erased = try await context.ledger.erasedPeople()
        var result = Result()
        result.people = erased.count
        guard !erased.isEmpty else { return result }
        let connection = context.connection
        let names = try await names(connection)
        var (sources, ids): ([String], [String]) = ([], [])
        for name in names where name.isErased(erased) {
            sources.append(name.source)
            ids.append(name.id)
            if let golden = name.golden { result.hcpIDs.append(golden) }
        }
        // Before the first run, and of guests, the id of the source is all there is.
        let golden = zip(sources, ids).map { source, id in
            names.lazy.filter { $0.source == source && $0.id == id }.compactMap(\.golden).first
        }
        result.hcpIDs = Array(Set(result.hcpIDs)).sorted()
        guard !ids.isEmpty else { return result }
        try await connection.ingest(
            ColumnSet([("source", .text(sources)), ("id", .text(ids)), ("golden", .optionalText(golden))]),
            into: "history.erased", mode: .replace)
        try await ErasedReports.take(context)
        for table in CanonicalSchema.tables { result.rows += try await purge(table, connection) }
        try await purgeIdentities(result.hcpIDs, connection)
        try await connection.execute("DROP TABLE history.erased")
        context.progress("  erased people: \(result.rows) rows taken out")
        return result
    }

    /// One name that a source uses for a person.
    private struct Name {
        var source: String
        var id: String
        var npi: String?
        /// In the last snapshot.
        var golden: String?
        /// The source delivers no HCPs of its own and speaks of others' ids.
        var isGuest: Bool

        func isErased(_ erased: ErasedPeople) -> Bool {
            golden.map { erased.contains(hcpID: $0) } ?? false || erased.contains("record:\(source)", id)
                || npi.map { erased.contains("npi", $0) } ?? false
                || isGuest && (erased.contains(hcpID: id) || erased.contains("id", id))
        }
    }

    private static func names(_ connection: WarehouseConnection) async throws -> [Name] {
        let every = CanonicalSchema.tables.flatMap { table in
            Self.columns(of: table).map { column in
                let npi = table.name == "hcp" ? "npi" : "NULL"
                let condition = table.name == "identifier" ? "AND subject_kind = 'hcp'" : ""
                return """
                    SELECT source, \(column) AS id, CAST(\(npi) AS VARCHAR) AS npi, \(table.name == "hcp") AS master
                    FROM \(table.history) WHERE \(column) IS NOT NULL \(condition)
                    """
            }
        }.joined(separator: " UNION ALL ")
        // Before the first run there is no crosswalk.
        try await Marts.prepare(connection)
        let known = try await connection.query(
            "SELECT 1 AS one FROM information_schema.tables WHERE table_schema = 'mart' AND table_name = 'xref'")
        let golden =
            known.rowCount > 0
            ? "LEFT JOIN mart.xref AS x ON x.source = n.source AND x.source_hcp_id = n.id"
            : "LEFT JOIN (SELECT NULL::VARCHAR AS hcp_id) AS x ON false"
        let table = try await connection.query(
            """
            WITH name AS (\(every)), host AS (SELECT DISTINCT source FROM history.hcp)
            SELECT DISTINCT n.source, n.id, n.npi, x.hcp_id AS golden,
              n.source NOT IN (SELECT source FROM host) AS guest
            FROM name AS n \(golden) ORDER BY ALL
            """)
        let (sources, ids) = (try table.texts("source"), try table.texts("id"))
        let (npis, goldens) = (try table.strings("npi"), try table.strings("golden"))
        let guests = try table.bools("guest")
        return ids.indices.map {
            Name(source: sources[$0], id: ids[$0], npi: npis[$0], golden: goldens[$0], isGuest: guests[$0])
        }
    }

    /// Columns of a table that name an HCP.
    private static func columns(of table: CanonicalTable) -> [String] {
        switch table.name {
        case "hcp": ["hcp_id"]
        case "identifier": ["subject_id"]
        default: table.columns.filter { $0.references == "hcp" }.map(\.name)
        }
    }

    /// A row about the person goes; one about something else (an order, a payment, a case) stays without them.
    private static func purge(_ table: CanonicalTable, _ connection: WarehouseConnection) async throws -> Int {
        var rows = 0
        for column in columns(of: table) {
            let mine = "EXISTS (SELECT 1 FROM history.erased AS e WHERE e.source = t.source AND e.id = t.\(column))"
            let condition = table.name == "identifier" ? "\(mine) AND t.subject_kind = 'hcp'" : mine
            rows += Int(
                try await connection.query("SELECT count(*) AS n FROM \(table.history) AS t WHERE \(condition)")
                    .int64s("n")[0])
            let speaks = table.columns.contains { ["text", "answer", "evidence", "address"].contains($0.name) }
            let isAbout = table.column(column)?.required ?? true || table.identity.contains(column) || speaks
            try await connection.execute(
                isAbout
                    ? "DELETE FROM \(table.history) AS t WHERE \(condition)"
                    : "UPDATE \(table.history) AS t SET \(column) = NULL, traits = NULL WHERE \(condition)")
        }
        return rows
    }

    /// Identities, and what links them; then everything that derives from the history is built anew.
    private static func purgeIdentities(_ hcpIDs: [String], _ connection: WarehouseConnection) async throws {
        let mine = "EXISTS (SELECT 1 FROM history.erased AS e WHERE e.source = t.source AND e.id = t.source_hcp_id)"
        for table in ["history.golden_member", "history.golden", "history.touch_xref"] {
            try await connection.execute("DELETE FROM \(table) AS t WHERE \(mine)")
        }
        let tables = Set(
            try await connection.query(
                "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'history'"
            ).texts("name"))
        if tables.contains("match_link") {
            for side in ["left", "right"] {
                try await connection.execute(
                    """
                    DELETE FROM history.match_link AS t WHERE EXISTS (
                      SELECT 1 FROM history.erased AS e WHERE e.source = t.\(side)_source AND e.id = t.\(side)_id)
                    """)
            }
        }
        if !hcpIDs.isEmpty {
            let list = SQLText.list(hcpIDs)
            try await connection.execute(
                """
                DELETE FROM history.hcp_number WHERE hcp_id IN (\(list));
                DELETE FROM history.golden WHERE hcp_id IN (\(list));
                DELETE FROM history.golden_merge WHERE merged_hcp_id IN (\(list)) OR kept_hcp_id IN (\(list))
                """)
            if tables.contains("trigger") {
                try await connection.execute("DELETE FROM history.trigger WHERE hcp_id IN (\(list))")
            }
        }
        try await connection.execute("DELETE FROM history.mart_state")
    }
}
