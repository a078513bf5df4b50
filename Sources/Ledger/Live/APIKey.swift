import Crypto
import EngagementModel
import Foundation
import GRDB

/// What a program may ask for with a key.
package enum KeyScope: String, CaseIterable, Sendable, Hashable, Codable {
    case readDecisions = "decisions:read"
    case writeOutcomes = "outcomes:write"
    /// Reports what HCPs did: tracking calls and CloudEvents.
    case writeEvents = "events:write"
    case writeMail = "mail:write"
    case writeInquiries = "inquiries:write"
    /// Shows an HCP's notes on a portal of the company's own, and says that they were opened.
    case portalNotes = "portal:notes"
}

/// A key of a program: a name, a digest, what it may do. The secret itself is shown once and kept nowhere.
package struct APIKey: Sendable, Hashable {
    package var number: Int64
    package var name: String
    package var scopes: Set<KeyScope>
    /// Requests a second; nil = no limit of its own.
    package var perSecond: Int?
    package var createdAt: Int64
    package var isRevoked: Bool
    /// SHA-256 of the whole key.
    package var digest: [UInt8]

    /// Stands for a key that does not exist: no text opens it.
    package static let nobody = APIKey(
        number: 0, name: "", scopes: [], perSecond: nil, createdAt: 0, isRevoked: true,
        digest: [UInt8](repeating: 0, count: 32))

    package var principal: Principal { Principal(id: "key:\(number)") }

    /// Whether `text` is this key; compared in constant time.
    package func matches(_ text: some Collection<UInt8>) -> Bool {
        let given = Array(SHA256.hash(data: Array(text)))
        guard given.count == digest.count else { return false }
        return zip(given, digest).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }

    /// Number of the key that `text` claims to be: `rpk_<number>_<secret>`; nil for any other form.
    package static func number(in text: some StringProtocol) -> Int64? {
        let parts = text.split(separator: "_", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "rpk", parts[2].utf8.count == 43, parts[1].utf8.count <= 18 else {
            return nil
        }
        return Int64(parts[1])
    }
}

extension Ledger {
    /// Makes a key; the text is returned once and stored nowhere.
    ///
    /// - Throws: `bad_key_name` (1 to 80 characters), `key_name_taken`, `no_scope`.
    package func createKey(
        name: String, scopes: Set<KeyScope>, perSecond: Int? = nil, by principal: Principal
    ) async throws -> (key: APIKey, text: String) {
        guard (1...80).contains(name.count), !name.contains(where: \.isNewline) else {
            throw Diagnostic("bad_key_name", "A key has a name of 1 to 80 characters.")
        }
        guard !scopes.isEmpty else {
            throw Diagnostic(
                "no_scope", "A key needs a scope.",
                remedy: "give --scope \(KeyScope.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        if let perSecond, perSecond < 1 {
            throw Diagnostic("bad_rate", "The limit of a key is at least one request a second.")
        }
        let at = now()
        let secret = Data(randomBytes(32)).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
            .replacing("=", with: "")
        let words = scopes.map(\.rawValue).sorted().joined(separator: " ")
        return try await write { db in
            guard try Int.fetchOne(db, sql: "SELECT 1 FROM api_key WHERE name = ?", arguments: [name]) == nil else {
                throw Diagnostic("key_name_taken", "There is a key with this name already.")
            }
            // The number is part of the key, and of what is hashed.
            let last = try Int64.fetchOne(db, sql: "SELECT seq FROM sqlite_sequence WHERE name = 'api_key'") ?? 0
            let text = "rpk_\(last + 1)_\(secret)"
            let digest = Array(SHA256.hash(data: Data(text.utf8)))
            try db.execute(
                sql: """
                    INSERT INTO api_key (key_no, name, secret_hash, scopes, per_second, created_at)
                    VALUES (?, ?, ?, ?, ?, ?)
                    """,
                arguments: [last + 1, name, Data(digest), words, perSecond, at])
            let key = APIKey(
                number: last + 1, name: name, scopes: scopes, perSecond: perSecond, createdAt: at, isRevoked: false,
                digest: digest)
            try Self.audit(
                db, at: at, by: principal, "key.created", subject: key.principal.id, after: ["scopes": words])
            return (key, text)
        }
    }

    /// Every key, revoked ones too, in the order of their making.
    package func keys() async throws -> [APIKey] {
        try await read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT key_no, name, scopes, per_second, created_at, revoked_at IS NOT NULL, secret_hash FROM api_key
                    ORDER BY key_no
                    """
            ).map { row in
                let words: String = row[2]
                return APIKey(
                    number: row[0], name: row[1],
                    scopes: Set(words.split(separator: " ").compactMap { KeyScope(rawValue: String($0)) }),
                    perSecond: row[3], createdAt: row[4], isRevoked: row[5], digest: Array(row[6] as Data))
            }
        }
    }

    /// Takes a key away for good.
    package func revokeKey(name: String, by principal: Principal) async throws {
        let at = now()
        try await write { db in
            let found = try Row.fetchOne(
                db, sql: "SELECT key_no, revoked_at IS NULL FROM api_key WHERE name = ?", arguments: [name])
            guard let found else { throw Diagnostic("unknown_key", "There is no key with this name.") }
            guard found[1] else { return }
            let number: Int64 = found[0]
            try db.execute(sql: "UPDATE api_key SET revoked_at = ? WHERE key_no = ?", arguments: [at, number])
            try Self.audit(db, at: at, by: principal, "key.revoked", subject: "key:\(number)")
        }
    }
}
