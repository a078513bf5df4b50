import Crypto
import EngagementModel
import Foundation
package import Ledger

/// Makes and reads the signed links and return paths of messages.
///
/// A link says which claim it belongs to, and nothing about the person; a click carries its target inside of the
/// signature, so that the redirect leads to addresses of our own messages and nowhere else.
package struct LinkMint: Sendable {
    package let baseURL: String
    /// The first signs, all are accepted.
    let keys: [[UInt8]]

    package init(baseURL: String, keys: [[UInt8]]) {
        self.baseURL = baseURL
        self.keys = keys
    }

    package init(baseURL: String, ledger: Ledger) async throws {
        self.init(baseURL: baseURL, keys: [try await ledger.linkKey()])
    }

    package func unsubscribe(_ claim: Int64) throws -> String { "\(baseURL)/u/\(try token(.unsubscribe, claim))" }

    package func open(_ claim: Int64) throws -> String { "\(baseURL)/t/o/\(try token(.open, claim))" }

    /// The tracked form of a target; nil when it is too long for a link, and then stays as it is.
    package func click(_ claim: Int64, to target: String) throws -> String? {
        guard target.utf8.count <= 1200 else { return nil }
        return "\(baseURL)/t/c/\(try token(.click, claim, target: target))"
    }

    package func token(_ action: LinkToken.Action, _ claim: Int64, target: String? = nil) throws -> String {
        var token = LinkToken(action: action, subject: String(claim), expiresAt: nil)
        token.target = target
        return try token.signed(with: keys[0])
    }

    /// What a token says: the claim, and the target of a click; nil when it is forged or for something else.
    package func read(_ text: String, for action: LinkToken.Action) -> (claim: Int64, target: String?)? {
        guard case .valid(let token) = LinkToken.read(text, keys: keys, now: 0), token.action == action,
            let claim = Int64(token.subject), claim > 0
        else { return nil }
        return (claim, token.target)
    }

    // MARK: - Return paths

    /// `b-17-<seal>@domain`: where a bounce of this claim comes back to; nobody else can make one.
    ///
    /// Letters of one case only: some servers change the case on the way.
    package func returnPath(_ claim: Int64, domain: String) -> String {
        "b-\(claim)-\(Self.seal(claim, keys[0]))@\(domain)"
    }

    /// The claim of a return path, or of any text that holds one; nil when none is ours.
    package func claim(inReturnPath text: some StringProtocol) -> Int64? {
        let local = text.prefix { $0 != "@" }.lowercased()
        let parts = local.split(separator: "-", omittingEmptySubsequences: false)
        guard local.utf8.count <= 64, parts.count == 3, parts[0] == "b", let claim = Int64(parts[1]), claim > 0,
            String(claim) == parts[1]
        else { return nil }
        let given = Array(parts[2].utf8)
        for key in keys {
            let seal = Array(Self.seal(claim, key).utf8)
            if seal.count == given.count, zip(seal, given).reduce(UInt8(0), { $0 | ($1.0 ^ $1.1) }) == 0 {
                return claim
            }
        }
        return nil
    }

    private static let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)

    private static func seal(_ claim: Int64, _ key: [UInt8]) -> String {
        let mac = HMAC<SHA256>.authenticationCode(
            for: Data("rapport.return.1\u{0}\(claim)".utf8), using: SymmetricKey(data: key))
        var (bits, count, text): (UInt32, Int, [UInt8]) = (0, 0, [])
        for byte in mac.prefix(10) {
            bits = bits << 8 | UInt32(byte)
            count += 8
            while count >= 5 {
                count -= 5
                text.append(alphabet[Int(bits >> UInt32(count)) & 31])
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
