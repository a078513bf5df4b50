import Crypto
package import EngagementModel
import Foundation

/// A signed link without a login: unsubscribe, preference centre, confirmation of an opt-in.
///
/// `base64url(body) . base64url(HMAC-SHA256(key, purpose ‖ body))`. The body holds an opaque subject, never an address;
/// the signature covers what the link is for, so that a link for one thing opens no other. Several keys verify, the
/// first signs: keys are rotated without breaking links in letter boxes.
///
/// Source: RFC 2104 (HMAC), RFC 4648 section 5 (base64url).
package struct LinkToken: Sendable, Hashable, Codable {
    package enum Action: String, ClosedList, Codable {
        case unsubscribe, preferences, confirm
        /// The pixel of a message; a link of a message, with its `target`.
        case open, click
        /// The form for questions; the stamp of a form that was shown, so that it counts once.
        case question, form
        /// An HCP's notes on the portal.
        case notes
    }
    package var action: Action
    /// HCP id, consent id, or number of a ledger row.
    package var subject: String
    package var channel: Channel?
    /// Microseconds since 1970; nil = never (an unsubscribe link must work as long as the message exists).
    package var expiresAt: Int64?
    /// Where a click leads.
    package var target: String?

    private enum CodingKeys: String, CodingKey {
        case action = "a"
        case subject = "s"
        case channel = "c"
        case expiresAt = "e"
        case target = "t"
    }

    package init(action: Action, subject: String, channel: Channel? = nil, expiresAt: Int64?) {
        self.action = action
        self.subject = subject
        self.channel = channel
        self.expiresAt = expiresAt
    }

    /// What a text says, when it is no forgery.
    package enum Reading: Sendable, Hashable {
        case valid(LinkToken)
        case expired(LinkToken)
        /// Not ours, or changed. Nothing more is said: whoever guesses learns nothing.
        case forged
    }

    package func signed(with key: [UInt8]) throws -> String {
        let body = Data(try canonicalJSON(self).utf8)
        return Self.encoded(body) + "." + Self.encoded(Self.mac(body, key))
    }

    package static func read(_ text: String, keys: [[UInt8]], now: Int64) -> Reading {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard text.utf8.count <= 2048, parts.count == 2, let body = decoded(parts[0]), let seal = decoded(parts[1]),
            keys.contains(where: { PasswordHash.isEqual(Array(mac(body, $0)), Array(seal)) }),
            let token = try? JSONDecoder().decode(LinkToken.self, from: body)
        else { return .forged }
        if let end = token.expiresAt, now >= end { return .expired(token) }
        return .valid(token)
    }

    private static func mac(_ body: Data, _ key: [UInt8]) -> Data {
        Data(
            HMAC<SHA256>.authenticationCode(
                for: Data("rapport.link.1\u{0}".utf8) + body, using: SymmetricKey(data: key)))
    }

    private static func encoded(_ data: Data) -> String {
        data.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    /// Only the canonical spelling: the spare bits of the last digit must be zero, else one link had many texts.
    private static func decoded(_ text: Substring) -> Data? {
        guard text.utf8.allSatisfy({ $0 != 43 && $0 != 47 && $0 != 61 }) else { return nil }
        let plain = text.replacing("-", with: "+").replacing("_", with: "/")
        let padded = plain + String(repeating: "=", count: (4 - plain.utf8.count % 4) % 4)
        guard let data = Data(base64Encoded: String(padded)), encoded(data) == text else { return nil }
        return data
    }
}

extension Ledger {
    /// The key that signs this ledger's links.
    package func linkKey() async throws -> [UInt8] { try await write { db in try self.secret(db, "link") } }
}
