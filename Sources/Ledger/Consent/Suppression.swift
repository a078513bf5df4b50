package import EngagementModel
import Foundation
import GRDB

/// Why an address or a subject is on the suppression list.
package enum SuppressionCause: String, ClosedList, Codable {
    case optOut = "opt_out"
    case objection, complaint, bounce, erasure, manual
}

extension Ledger {
    /// Puts an address on the suppression list: from its commit no claim is granted for it, whatever is loaded later.
    package func suppress(
        address: String, channel: Channel, _ reach: SuppressionReach, cause: SuppressionCause, by principal: Principal
    ) async throws {
        let at = now()
        try await write { db in
            let digest = try self.digests(db).address(address, channel)
            try Self.suppress(db, digest, kind: "address", reach, cause, at: at, by: principal)
        }
    }

    /// Puts an HCP on the suppression list.
    package func suppress(
        hcpID: String, _ reach: SuppressionReach, cause: SuppressionCause, by principal: Principal
    ) async throws {
        let at = now()
        try await write { db in
            let digest = try self.digests(db).subject(hcpID)
            try Self.suppress(db, digest, kind: "subject", reach, cause, at: at, by: principal)
        }
    }

    /// Takes an address off the list; the row stays, with who did it. What an erasure put there stays for ever.
    /// - Returns: whether something was lifted.
    @discardableResult
    package func liftSuppression(address: String, channel: Channel, by principal: Principal) async throws -> Bool {
        let at = now()
        return try await write { db in
            let digest = try self.digests(db).address(address, channel)
            try db.execute(
                sql: """
                    UPDATE suppression SET lifted_at = ?, lifted_by = ?
                    WHERE digest = ? AND lifted_at IS NULL AND cause <> 'erasure'
                    """, arguments: [at, principal.id, Data(digest)])
            let count = db.changesCount
            guard count > 0 else { return false }
            try Self.audit(
                db, at: at, by: principal, "suppression.lifted", subject: "suppression:\(hex(digest.prefix(4)))",
                after: ["rows": "\(count)"])
            return true
        }
    }

    /// Whether an address is suppressed, and how far.
    package func suppressions(ofAddress address: String, channel: Channel) async throws -> [SuppressionReach] {
        try await write { db in
            let digest = try self.digests(db).address(address, channel)
            return try Row.fetchAll(
                db, sql: "SELECT reach FROM suppression WHERE digest = ? AND lifted_at IS NULL ORDER BY 1",
                arguments: [Data(digest)]
            ).map { try $0.closed(0) }
        }
    }

    /// Whether a person with any of these identifiers was erased: asked before master data bring somebody back.
    package func wasErased(hcpID: String? = nil, identifiers: [(scheme: String, value: String)] = []) async throws
        -> Bool
    {
        try await write { db in
            let digests = try self.digests(db)
            let asked =
                (hcpID.map { [digests.subject($0)] } ?? [])
                + identifiers.map { digests.identifier($0.scheme, $0.value) }
            return try asked.contains { digest in
                try Bool.fetchOne(
                    db, sql: "SELECT EXISTS (SELECT 1 FROM suppression WHERE digest = ? AND cause = 'erasure')",
                    arguments: [Data(digest)]) == true
            }
        }
    }

    static func suppress(
        _ db: Database, _ digest: [UInt8], kind: String, _ reach: SuppressionReach, _ cause: SuppressionCause,
        at: Int64, by principal: Principal
    ) throws {
        let known = try Bool.fetchOne(
            db,
            sql: """
                SELECT EXISTS (SELECT 1 FROM suppression
                    WHERE digest = ? AND reach = ? AND cause = ? AND lifted_at IS NULL)
                """, arguments: [Data(digest), reach.rawValue, cause.rawValue])
        guard known != true else { return }
        try db.execute(
            sql: """
                INSERT INTO suppression (digest, kind, reach, cause, actor, recorded_at) VALUES (?, ?, ?, ?, ?, ?)
                """,
            arguments: [Data(digest), kind, reach.rawValue, cause.rawValue, principal.id, at])
        try audit(
            db, at: at, by: principal, "suppression.added", subject: "suppression:\(hex(digest.prefix(4)))",
            after: ["kind": kind, "reach": reach.rawValue, "cause": cause.rawValue])
    }
}
