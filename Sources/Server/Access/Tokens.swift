import Crypto
import Foundation

/// Tokens that forms carry, so that no other site can send them in a person's name.
///
/// Derived from a secret that only the browser's HttpOnly cookie holds: nothing has to be stored, and a restart of
/// the server invalidates no open page.
enum FormToken {
    static func derived(from secret: String) -> String {
        let digest = SHA256.hash(data: Data("rapport form \(secret)".utf8))
        return Data(digest.prefix(24)).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
    }

    /// Compared in constant time.
    static func matches(_ given: String?, secret: String) -> Bool {
        guard let given else { return false }
        let (a, b) = (Array(given.utf8), Array(derived(from: secret).utf8))
        guard a.count == b.count else { return false }
        return zip(a, b).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
