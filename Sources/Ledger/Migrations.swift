import Foundation
import GRDB

/// Numbered, append-only steps of the schema; each runs in a transaction of its own.
///
/// `PRAGMA user_version` holds the number of the last step. It is read again inside of each transaction, so that two
/// processes that open a new ledger at the same moment do not run a step twice.
enum Migrations {
    /// "RPRT": tells a ledger from any other SQLite file.
    static let applicationID = 0x5250_5254

    /// Never edit a step that was released: add the next one.
    static let steps: [String] = [
        Schema.step1, Schema.step2, Schema.step3, Schema.live, Schema.cursors, Schema.inbound, Schema.delivery,
        Schema.identity, Schema.liveEvidence, Schema.content, Schema.audience, Schema.accountMoves, Schema.inquiries,
        Schema.erasureHold, Schema.inquiryFiles, Schema.portalNotes, Schema.inquiryScan,
    ]

    static func apply(to db: Database, path: String, steps: [String] = steps) throws {
        let isEmpty = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") == 0
        guard try isEmpty || Int.fetchOne(db, sql: "PRAGMA application_id") == applicationID else {
            throw LedgerFailure.foreign(path: path)
        }
        for (index, step) in steps.enumerated() {
            try db.inTransaction(.immediate) {
                let version = try Self.version(of: db)
                if version == index {
                    try db.execute(sql: step)
                    try db.execute(sql: "PRAGMA application_id = \(applicationID); PRAGMA user_version = \(index + 1)")
                }
                return .commit
            }
        }
        let version = try Self.version(of: db)
        guard version <= steps.count else {
            throw LedgerFailure.newer(path: path, found: version, known: steps.count)
        }
    }

    /// The whole schema as SQL, in the order of names: what the golden file holds.
    static func dump(_ db: Database) throws -> String {
        try String.fetchAll(
            db,
            sql: """
                SELECT sql || ';' FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'
                ORDER BY CASE type WHEN 'table' THEN 1 WHEN 'index' THEN 2 WHEN 'view' THEN 3 ELSE 4 END, name
                """
        ).joined(separator: "\n\n") + "\n"
    }

    private static func version(of db: Database) throws -> Int {
        try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
    }
}

extension Ledger {
    /// Steps of the schema that this program knows.
    package static var newestSchema: Int { Migrations.steps.count }

    /// Steps that the ledger at `path` has taken, read without changing it; nil when there is none.
    /// - Throws: `not_a_ledger`, `ledger_corrupt`, `ledger_locked`.
    package static func schemaVersion(of path: String) async throws -> Int? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        do {
            var configuration = Configuration()
            configuration.readonly = true
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            defer { try? queue.close() }
            return try await queue.read { db in
                guard try Int.fetchOne(db, sql: "PRAGMA application_id") == Migrations.applicationID else {
                    throw LedgerFailure.foreign(path: path)
                }
                return try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
            }
        } catch { throw LedgerFailure.translate(error, path: path) }
    }
}
