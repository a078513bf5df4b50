import Crypto
import EngagementModel
import Foundation
import GRDB

extension Ledger {
    /// Adds a row to the audit trail for something that another room did (a file exported, a strategy released).
    ///
    /// `before` and `after` hold ids, states and figures only; a value that looks like an e-mail address is replaced
    /// by a digest.
    package func audit(
        _ action: String, subject: String, by principal: Principal, before: [String: String]? = nil,
        after: [String: String]? = nil
    ) async throws {
        let at = now()
        try await write { db in
            try Self.audit(db, at: at, by: principal, action, subject: subject, before: before, after: after)
        }
    }

    /// Reads the whole trail and names the first row that does not fit.
    package func verifyAudit() async throws -> AuditVerdict {
        try await read { db in try Self.auditVerdict(db) }
    }

    static func auditVerdict(_ db: Database) throws -> AuditVerdict {
        var previous: AuditEntry?
        let rows = try Row.fetchCursor(db, sql: "SELECT \(Self.auditColumns) FROM audit ORDER BY seq")
        while let row = try rows.next() {
            let entry = Self.auditEntry(row)
            if let why = AuditChain.fault(in: entry, after: previous) { return .broken(seq: entry.seq, why: why) }
            previous = entry
        }
        let last = previous?.seq ?? 0
        let head = try Self.auditHead(db)
        guard head.seq == last, head.hash == previous?.hash ?? AuditChain.origin else {
            return .broken(seq: last + 1, why: "the end of the trail was cut off or replaced")
        }
        return .intact(rows: last, head: hex(head.hash))
    }

    /// The trail of one subject, or of everything, newest first.
    package func auditTrail(subject: String? = nil, before seq: Int64 = .max, limit: Int = 100) async throws
        -> [AuditEntry]
    {
        try await read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT \(Self.auditColumns) FROM audit
                    WHERE seq < :seq \(subject == nil ? "" : "AND subject = :subject") ORDER BY seq DESC LIMIT :limit
                    """,
                arguments: subject.map { ["seq": seq, "limit": limit, "subject": $0] }
                    ?? ["seq": seq, "limit": limit]
            ).map(Self.auditEntry)
        }
    }

    /// Adds a row inside of the transaction of what it records: both are durable, or neither is.
    static func audit(
        _ db: Database, at: Int64, by principal: Principal, _ action: String, subject: String,
        before: [String: String]? = nil, after: [String: String]? = nil
    ) throws {
        let head = try auditHead(db)
        var entry = AuditEntry(
            seq: head.seq + 1, at: at, actor: withheld(principal.id), action: action, subject: withheld(subject),
            before: try before.map { try canonicalJSON($0.mapValues(withheld)) },
            after: try after.map { try canonicalJSON($0.mapValues(withheld)) }, previous: head.hash, hash: [])
        entry.hash = AuditChain.hash(entry)
        try db.cachedStatement(
            sql: "INSERT INTO audit (\(auditColumns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
        ).execute(
            arguments: [
                entry.seq, entry.at, entry.actor, entry.action, entry.subject, entry.before, entry.after,
                Data(entry.previous), Data(entry.hash),
            ])
        try db.cachedStatement(sql: "INSERT OR REPLACE INTO audit_head (one, seq, hash) VALUES (1, ?, ?)")
            .execute(arguments: [entry.seq, Data(entry.hash)])
    }

    private static let auditColumns = "seq, at, actor, action, subject, before, after, prev_hash, hash"

    private static func auditHead(_ db: Database) throws -> (seq: Int64, hash: [UInt8]) {
        try Row.fetchOne(db, sql: "SELECT seq, hash FROM audit_head").map { ($0[0], Array($0[1] as Data)) }
            ?? (0, AuditChain.origin)
    }

    private static func auditEntry(_ row: Row) -> AuditEntry {
        AuditEntry(
            seq: row[0], at: row[1], actor: row[2], action: row[3], subject: row[4], before: row[5], after: row[6],
            previous: Array(row[7] as Data), hash: Array(row[8] as Data))
    }

    /// The last guard against personal data in the trail: addresses become digests.
    private static func withheld(_ text: String) -> String {
        text.contains("@") ? "sha256:\(hex(SHA256.hash(data: Array(text.utf8)).prefix(8)))" : text
    }
}
