import EngagementModel

extension Loader {
    /// Rebuilds the catalogue of sources: `report.source`, `report.completeness` and `report.orphan`, as of the clock.
    ///
    /// Every figure is exact: one pass over each table for counts, freshness and completeness, one join for each
    /// column that refers to another table.
    package func catalogue() async throws {
        try await connection.transaction { @Sendable connection in
            for statement in Catalogue.tables { try await connection.execute(statement) }
            let filled = try await Catalogue.filledTables(on: connection)
            for table in CanonicalSchema.tables where filled.contains(table.name) {
                try await connection.execute(Catalogue.count(table))
                for column in table.columns {
                    // Without the other file nothing can be checked; then nothing is an orphan.
                    guard let other = column.references, filled.contains(other) else { continue }
                    try await connection.execute(Catalogue.orphans(table, column))
                }
            }
            for statement in Catalogue.summary { try await connection.execute(statement) }
        }
    }
}

/// The SQL of the catalogue.
enum Catalogue {
    static let tables = [
        """
        CREATE OR REPLACE TABLE report.completeness (
          source VARCHAR, table_name VARCHAR, column_name VARCHAR, filled DOUBLE, "rows" BIGINT)
        """,
        """
        CREATE OR REPLACE TABLE report.orphan (
          source VARCHAR, table_name VARCHAR, column_name VARCHAR, references_table VARCHAR, orphans BIGINT)
        """,
        """
        CREATE OR REPLACE TEMP TABLE counted (
          source VARCHAR, table_name VARCHAR, grain VARCHAR, "rows" BIGINT, freshness TIMESTAMP,
          known_until TIMESTAMP)
        """,
    ]

    static func filledTables(on connection: WarehouseConnection) async throws -> Set<String> {
        let parts = CanonicalSchema.tables.map { table in
            "SELECT \(SQLText.literal(table.name as String)) AS name WHERE EXISTS (SELECT 1 FROM \(table.canon))"
        }
        return Set(try await connection.query(parts.joined(separator: " UNION ALL ")).texts("name"))
    }

    /// One pass: rows, freshness, and how many values each column has.
    static func count(_ table: CanonicalTable) -> String {
        let name = SQLText.literal(table.name as String)
        let columns = table.columns.map(\.name)
        let counts = columns.map { "count(\(SQLText.name($0)))" }.joined(separator: ", ")
        let known = "max(CASE WHEN known_at > \(LoadStatement.ever) THEN known_at END)"
        let time =
            switch table.ownTime {
            case .moment(let column, _), .endOfPeriod(let column): "max(CAST(\(SQLText.name(column)) AS TIMESTAMP))"
            case nil: known
            }
        return """
            CREATE OR REPLACE TEMP TABLE pass AS SELECT source, count(*) AS n, \(time) AS freshness, \
            \(known) AS known_until, [\(counts)] AS filled FROM \(table.canon) GROUP BY source;
            INSERT INTO counted SELECT source, \(name), \(SQLText.literal(table.grain as String)), n, freshness, \
            known_until FROM pass;
            INSERT INTO report.completeness SELECT source, \(name), unnest([\(SQLText.list(columns))]), \
            CAST(unnest(filled) AS DOUBLE) / n, n FROM pass
            """
    }

    /// Rows whose reference leads nowhere, in any source: identities may come from one source, activity from another.
    static func orphans(_ table: CanonicalTable, _ column: CanonicalColumn) -> String {
        guard let other = column.references.flatMap(CanonicalSchema.table), let key = other.identity.first else {
            return ""
        }
        let name = SQLText.name(column.name)
        return """
            INSERT INTO report.orphan SELECT source, \(SQLText.literal(table.name as String)), \
            \(SQLText.literal(column.name as String)), \(SQLText.literal(other.name as String)), sum(n) FROM (
              SELECT source, \(name) AS value, count(*) AS n FROM \(table.canon) WHERE \(name) IS NOT NULL GROUP BY 1, 2
            ) AS used WHERE value NOT IN (SELECT \(SQLText.name(key)) FROM \(other.canon)) GROUP BY source
            """
    }

    static let summary = [
        """
        CREATE OR REPLACE TABLE report.source AS
        WITH delivered AS (
          SELECT source, table_name, count(*) AS deliveries, sum(rejected) AS rejected, sum(duplicates) AS duplicates,
            sum(formulas) AS formulas, max(loaded_at) AS loaded_at, arg_max(file, delivery_no) AS last_file
          FROM history.delivery GROUP BY 1, 2
        ),
        orphaned AS (SELECT source, table_name, sum(orphans) AS orphans FROM report.orphan GROUP BY 1, 2),
        completeness AS (
          SELECT source, table_name, avg(filled) AS filled FROM report.completeness GROUP BY 1, 2
        )
        SELECT d.source, d.table_name, s.owner, c.grain, c.freshness, c.known_until,
          coalesce(c."rows", 0) AS "rows", CAST(d.rejected AS BIGINT) AS rejected,
          CAST(d.duplicates AS BIGINT) AS duplicates, CAST(coalesce(o.orphans, 0) AS BIGINT) AS orphans,
          CAST(d.formulas AS BIGINT) AS formulas, f.filled AS completeness, d.deliveries, d.loaded_at, d.last_file,
          s.priority
        FROM delivered AS d
        LEFT JOIN counted AS c ON c.source = d.source AND c.table_name = d.table_name
        LEFT JOIN orphaned AS o ON o.source = d.source AND o.table_name = d.table_name
        LEFT JOIN completeness AS f ON f.source = d.source AND f.table_name = d.table_name
        LEFT JOIN history.source AS s ON s.source = d.source
        ORDER BY d.source, d.table_name
        """
    ]
}
