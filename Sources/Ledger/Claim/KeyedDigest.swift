import Crypto
import EngagementModel
import Foundation
import GRDB

/// Digests of addresses and subjects under a key that never leaves the ledger: a stolen list of digests cannot be tried
/// against a list of addresses without the file itself.
///
/// Source: HMAC, RFC 2104 (1997), with SHA-256, cut to 16 bytes.
struct KeyedDigest: Sendable {
    private let key: SymmetricKey

    init(key: [UInt8]) { self.key = SymmetricKey(data: key) }

    func address(_ text: String, _ channel: Channel) -> [UInt8] {
        digest("address", Address.normalised(text, channel))
    }

    func subject(_ hcpID: String) -> [UInt8] { digest("subject", hcpID) }

    /// Any other identifier of a person (`npi`, `licence:DE-BE`): survives a new id in the master data.
    func identifier(_ scheme: String, _ value: String) -> [UInt8] {
        digest("identifier:\(scheme)", value.lowercased().filter { !$0.isWhitespace })
    }

    private func digest(_ kind: String, _ text: String) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Data("\(kind)\u{0}\(text)".utf8), using: key).prefix(16))
    }
}

extension Ledger {
    /// The ledger's own secret of a name, made at first use.
    func secret(_ db: Database, _ name: String) throws -> [UInt8] {
        let found = try Data.fetchOne(db, sql: "SELECT value FROM ledger_secret WHERE name = ?", arguments: [name])
        if let found { return Array(found) }
        let made = randomBytes(32)
        try db.execute(
            sql: "INSERT INTO ledger_secret (name, value, created_at) VALUES (?, ?, ?)",
            arguments: [name, Data(made), now()])
        return made
    }

    func digests(_ db: Database) throws -> KeyedDigest { KeyedDigest(key: try secret(db, "suppression")) }
}
