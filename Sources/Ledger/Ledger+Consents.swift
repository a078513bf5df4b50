import EngagementModel
import GRDB

extension Ledger {
    /// Adds consents of other systems to the history. Idempotent by consent id: the same consent again writes nothing,
    /// a corrected one adds a version.
    ///
    /// An objection that the ledger holds stands against everything that is loaded, also against a later opt-in and
    /// against a correction of the objection itself.
    package func recordConsents(_ columns: ConsentColumns) async throws -> ConsentLoad {
        guard columns.isRectangular else {
            throw Diagnostic("columns_differ", "The columns of the consent load differ in length.")
        }
        return try await record(columns, origin: .loaded, by: .system)
    }

    /// Records a consent that Rapport captured itself: preference centre, unsubscribe link, a rep with the HCP. Only
    /// such a consent, captured later, lifts an objection.
    package func recordConsent(_ consent: Consent, by principal: Principal) async throws {
        var columns = ConsentColumns()
        columns.append(consent)
        _ = try await record(columns, origin: .rapport, by: principal)
    }

    /// The whole history of an HCP's consents, newest first, superseded versions left out.
    package func consents(ofHCP hcpID: String) async throws -> [Consent] {
        try await read { db in
            try Self.consents(
                db,
                """
                consent WHERE hcp_id = ? AND superseded_at IS NULL
                ORDER BY captured_at DESC, consent_id DESC, version DESC
                """, [hcpID])
        }
    }

    /// What holds now for an HCP: one row per channel, purpose, product and address, in this order.
    package func currentConsents(ofHCP hcpID: String) async throws -> [Consent] {
        try await read { db in
            var result: [Consent] = []
            try Self.forEachCurrent(db, "AND hcp_id = ?", [hcpID]) { result.append($0) }
            return result
        }
    }

    /// What holds now for everyone, in the order of HCP, channel, purpose, product and address. Expiry is for the
    /// caller to check, who knows the time.
    package func currentConsents() async throws -> ConsentColumns {
        try await read { db in
            var result = ConsentColumns()
            try Self.forEachCurrent(db, "", []) { result.append($0) }
            return result
        }
    }

    // MARK: - Recording

    private func record(_ columns: ConsentColumns, origin: Origin, by principal: Principal) async throws -> ConsentLoad
    {
        let at = now()
        return try await bulkWrite { db in
            var insert = try ConsentInsert(db, origin: origin, at: at)
            for index in 0..<columns.count { try insert.add(columns, index) }
            let load = insert.load
            guard load.inserted + load.corrected > 0 else { return load }
            // A captured consent is named by its id; a load only by its size.
            let subject = origin == .loaded ? "consents" : columns.consentID[0]
            var after = ["inserted": "\(load.inserted)", "corrected": "\(load.corrected)"]
            if origin == .rapport {
                after = [
                    "hcp_id": columns.hcpID[0], "channel": columns.channel[0].rawValue,
                    "purpose": columns.purpose[0].rawValue, "status": columns.status[0].rawValue,
                ]
            }
            try Self.audit(
                db, at: at, by: principal, origin == .loaded ? "consents.loaded" : "consent.recorded",
                subject: subject, after: after)
            return load
        }
    }

    // MARK: - Reading

    private static let consentColumns = """
        consent_id, hcp_id, channel, address, purpose, product_id, status, basis, text_version, captured_at, \
        expires_at, evidence, origin
        """

    static func consents(_ db: Database, _ source: String, _ arguments: StatementArguments) throws -> [Consent] {
        try Row.fetchAll(db, sql: "SELECT \(consentColumns) FROM \(source)", arguments: arguments).map(consent)
    }

    /// Reads histories in the order of subjects and hands on what holds at the end of each.
    private static func forEachCurrent(
        _ db: Database, _ condition: String, _ arguments: StatementArguments, _ body: (Consent) -> Void
    ) throws {
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT \(consentColumns) FROM consent WHERE superseded_at IS NULL \(condition)
                ORDER BY hcp_id, channel, purpose, product_id, address, captured_at, consent_id, version
                """,
            arguments: arguments)
        var history = ConsentHistory()
        while let row = try rows.next() {
            let next = try consent(row)
            if let held = history.current, held.subject != next.subject {
                body(held)
                history = ConsentHistory()
            }
            history.add(next)
        }
        if let held = history.current { body(held) }
    }

    private static func consent(_ row: Row) throws -> Consent {
        let (address, product): (String, String) = (row[3], row[5])
        return Consent(
            consentID: row[0], hcpID: row[1], channel: try row.closed(2), address: address.isEmpty ? nil : address,
            purpose: try row.closed(4), productID: product.isEmpty ? nil : product, status: try row.closed(6),
            basis: try row.optionalClosed(7), textVersion: row[8], capturedAt: row[9], expiresAt: row[10],
            evidence: row[11], origin: try row.closed(12))
    }
}
