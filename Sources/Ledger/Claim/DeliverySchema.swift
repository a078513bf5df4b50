import EngagementModel
import GRDB

/// Receivers of webhooks that are switched off. A row is the present state; who switched is in the audit trail.
extension Schema {
    static let delivery = """
        CREATE TABLE delivery_endpoint (
            name TEXT PRIMARY KEY,
            disabled_at INTEGER NOT NULL,
            code TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        """
}

extension Ledger {
    /// Switches a receiver off: it said that it is gone (410), or a person did. Its claims wait.
    package func disableEndpoint(_ name: String, code: String, by principal: Principal = .system) async throws {
        let at = now()
        try await write { db in
            try db.execute(
                sql: "INSERT OR IGNORE INTO delivery_endpoint (name, disabled_at, code) VALUES (?, ?, ?)",
                arguments: [name, at, code])
            guard db.changesCount > 0 else { return }
            try Self.audit(
                db, at: at, by: principal, "endpoint.disabled", subject: "endpoint:\(name)", after: ["code": code])
        }
    }

    package func enableEndpoint(_ name: String, by principal: Principal) async throws {
        let at = now()
        try await write { db in
            try db.execute(sql: "DELETE FROM delivery_endpoint WHERE name = ?", arguments: [name])
            guard db.changesCount > 0 else { return }
            try Self.audit(db, at: at, by: principal, "endpoint.enabled", subject: "endpoint:\(name)")
        }
    }

    /// Names of receivers that are switched off, with the reason.
    package func disabledEndpoints() async throws -> [String: String] {
        try await read { db in
            try Dictionary(
                uniqueKeysWithValues: Row.fetchAll(db, sql: "SELECT name, code FROM delivery_endpoint")
                    .map { ($0[0] as String, $0[1] as String) })
        }
    }
}
