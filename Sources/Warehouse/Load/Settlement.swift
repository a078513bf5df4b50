import EngagementModel

/// What becomes of appended rows whose key the history, or the same file, holds already.
///
/// Of two rows with one key in one file the last wins. A row that says what the version before it says is no version.
/// Every version ends where the next one of its key begins to be known, in whatever order files arrive.
struct Settlement: Sendable {
    var table: CanonicalTable
    var source: String
    var deliveryNo: Int
    /// Whether rows state when they became known, so that a file may hold several versions of a key.
    var statesKnownAt: Bool

    private var history: String { table.history }
    private var isSource: String { "source = \(SQLText.literal(source as String))" }
    private var key: String { SQLText.names(table.identity) }
    private var keyHash: String { "hash(\(key))" }

    /// Whether earlier deliveries of the source left rows.
    var hasEarlier: String {
        "SELECT 1 AS found FROM \(history) WHERE \(isSource) AND delivery_no <> \(deliveryNo) LIMIT 1"
    }

    /// Hashes of the keys that need settling, into a temporary table; a collision only means a needless look.
    func contest(amongEarlier: Bool) -> String {
        let fresh = "SELECT \(keyHash) FROM \(history) WHERE \(isSource) AND delivery_no = \(deliveryNo)"
        let scope = amongEarlier ? "\(isSource) AND \(keyHash) IN (\(fresh))" : isSource
        return """
            CREATE OR REPLACE TEMP TABLE contested AS SELECT \(keyHash) AS key_hash FROM \(history) \
            WHERE \(scope) GROUP BY 1 HAVING count(*) > 1
            """
    }

    /// The verdict on every row with a contested key, into a temporary table.
    var judge: String {
        let content = SQLText.names(table.columns.map(\.name) + ["traits"])
        let line = SQLText.name(table.lineColumn)
        let version = "PARTITION BY \(key) ORDER BY known_at, delivery_no, line, place"
        let latest = table.latestBy.map { SQLText.name($0) + ", " } ?? ""
        let same = statesKnownAt ? "\(key), known_at" : key
        let fresh = "delivery_no = \(deliveryNo)"
        return """
            CREATE OR REPLACE TEMP TABLE verdict AS
            WITH versions AS (
              SELECT rowid AS place, \(key), \(latest)known_at, superseded_at, delivery_no, \(line) AS line,
                hash(\(content)) AS content
              FROM \(history) WHERE \(isSource) AND \(keyHash) IN (SELECT key_hash FROM contested)
            ),
            within_file AS (
              SELECT *, \(fresh) AND row_number() OVER (
                PARTITION BY \(same), delivery_no ORDER BY \(latest)line, place) < count(*) OVER (
                PARTITION BY \(same), delivery_no) AS is_duplicate
              FROM versions
            ),
            compared AS (
              SELECT *, \(fresh) AND coalesce(content = lag(content) OVER (\(version)), false) AS is_unchanged
              FROM within_file WHERE NOT is_duplicate
            ),
            chained AS (
              SELECT *, lead(known_at) OVER (\(version)) AS next_known
              FROM compared WHERE NOT is_unchanged
            )
            SELECT place, 'duplicate' AS verdict, CAST(NULL AS TIMESTAMP) AS next_known
              FROM within_file WHERE is_duplicate
            UNION ALL SELECT place, 'unchanged', NULL FROM compared WHERE is_unchanged
            UNION ALL SELECT place, 'chain', next_known FROM chained
              WHERE superseded_at IS DISTINCT FROM next_known
            """
    }

    /// Applies the verdicts.
    var apply: [String] {
        [
            "DELETE FROM \(history) WHERE rowid IN (SELECT place FROM verdict WHERE verdict <> 'chain')",
            """
            UPDATE \(history) SET superseded_at = verdict.next_known FROM verdict \
            WHERE \(history).rowid = verdict.place AND verdict.verdict = 'chain'
            """,
        ]
    }

    static let count = """
        SELECT count(*) FILTER (WHERE verdict = 'duplicate') AS duplicates,
          count(*) FILTER (WHERE verdict = 'unchanged') AS unchanged FROM verdict
        """
}
