import GRDB

/// How far a worker that reads a stream has come, so that a restart goes on where it stopped.
extension Schema {
    static let cursors = """
        CREATE TABLE cursor (
            name TEXT PRIMARY KEY,
            value INTEGER NOT NULL,
            moved_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """
}

extension Ledger {
    /// nil = it was never set.
    package func cursor(_ name: String) async throws -> Int64? {
        try await read { db in
            try Int64.fetchOne(db, sql: "SELECT value FROM cursor WHERE name = ?", arguments: [name])
        }
    }

    /// Moves on; a cursor never goes back.
    package func moveCursor(_ name: String, to value: Int64) async throws {
        let at = now()
        try await write { db in
            try db.execute(
                sql: """
                    INSERT INTO cursor (name, value, moved_at) VALUES (?, ?, ?)
                    ON CONFLICT DO UPDATE SET value = excluded.value, moved_at = excluded.moved_at
                    WHERE excluded.value > value
                    """, arguments: [name, value, at])
        }
    }
}
