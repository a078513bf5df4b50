import EngagementModel
import GRDB

/// Appends consents to the history, one prepared lookup and at most one insert for each.
struct ConsentInsert {
    private(set) var load = ConsentLoad()
    private let origin: Origin
    private let at: Int64
    private var latest: BulkStatement
    private var insert: BulkStatement
    private var supersede: BulkStatement

    init(_ db: Database, origin: Origin, at: Int64) throws {
        self.origin = origin
        self.at = at
        // Where a consent was captured is not part of it: a Rapport consent that comes back from a CRM is the same one.
        latest = try BulkStatement(
            db,
            """
            SELECT version, (hcp_id, channel, address, purpose, product_id, status, basis, text_version, captured_at,
                    expires_at, evidence) IS (?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
            FROM consent WHERE consent_id = ?1 ORDER BY version DESC LIMIT 1
            """)
        insert = try BulkStatement(
            db,
            """
            INSERT INTO consent (consent_id, hcp_id, channel, address, purpose, product_id, status, basis,
                text_version, captured_at, expires_at, evidence, origin, version, recorded_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
            """)
        // What is loaded supersedes neither what Rapport captured itself nor an objection, unless by an objection.
        supersede = try BulkStatement(
            db,
            """
            UPDATE consent SET superseded_at = ?1
            WHERE consent_id = ?2 AND version < ?3 AND superseded_at IS NULL
                AND (?4 = 'rapport' OR origin = 'loaded' AND (status <> 'objection' OR ?5 = 'objection'))
            """)
    }

    mutating func add(_ columns: ConsentColumns, _ index: Int) throws {
        Self.bind(columns, index, to: &latest)
        let known = try latest.numbers()
        if let known, known.1 == 1 { return }
        let version = (known?.0 ?? 0) + 1
        Self.bind(columns, index, to: &insert)
        insert.bind(origin.rawValue)
        insert.bind(version)
        insert.bind(at)
        try insert.step()
        guard version > 1 else {
            load.inserted += 1
            return
        }
        load.corrected += 1
        supersede.bind(at)
        supersede.bind(columns.consentID[index])
        supersede.bind(version)
        supersede.bind(origin.rawValue)
        supersede.bind(columns.status[index].rawValue)
        try supersede.step()
    }

    private static func bind(_ columns: ConsentColumns, _ index: Int, to row: inout BulkStatement) {
        row.bind(columns.consentID[index])
        row.bind(columns.hcpID[index])
        row.bind(columns.channel[index].rawValue)
        row.bind(columns.address[index] ?? "")
        row.bind(columns.purpose[index].rawValue)
        row.bind(columns.productID[index] ?? "")
        row.bind(columns.status[index].rawValue)
        row.bind(columns.basis[index]?.rawValue)
        row.bind(columns.textVersion[index])
        row.bind(columns.capturedAt[index])
        row.bind(columns.expiresAt[index])
        row.bind(columns.evidence[index])
    }
}
