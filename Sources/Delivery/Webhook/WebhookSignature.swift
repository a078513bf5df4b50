import Crypto
import EngagementModel
import Foundation

/// Signs webhooks, and verifies them: Standard Webhooks.
///
/// `v1,<base64>` of HMAC-SHA256 over `id.timestamp.body`, one for each secret, so that a receiver may still hold the old one.
/// Source: github.com/standard-webhooks/standard-webhooks, `spec/standard-webhooks.md`.
package struct WebhookSignature: Sendable {
    private let keys: [SymmetricKey]
    /// Seconds by which a message may be old or ahead.
    package static let tolerance: Int64 = 300

    /// - Parameter secrets: `whsec_` and 24 to 64 bytes in base64; the newest first.
    /// - Throws: `bad_webhook_secret`.
    package init(secrets: [String]) throws {
        keys = try secrets.map { text in
            let text = text.trimmingCharacters(in: .whitespacesAndNewlines)
            guard text.hasPrefix("whsec_"), let data = Data(base64Encoded: String(text.dropFirst(6))),
                (24...64).contains(data.count)
            else {
                throw Diagnostic(
                    "bad_webhook_secret", "A webhook's secret is whsec_ and 24 to 64 bytes in base64.",
                    remedy: "make one with: echo whsec_$(openssl rand -base64 32)")
            }
            return SymmetricKey(data: data)
        }
        guard !keys.isEmpty else { throw Diagnostic("bad_webhook_secret", "A webhook needs a secret.") }
    }

    /// - Parameter timestamp: seconds since 1970, of this attempt.
    package func header(id: String, timestamp: Int64, body: [UInt8]) -> String {
        let signed = Data("\(id).\(timestamp).".utf8) + body
        return keys.map { "v1," + Data(HMAC<SHA256>.authenticationCode(for: signed, using: $0)).base64EncodedString() }
            .joined(separator: " ")
    }

    /// Whether a received webhook is genuine and fresh.
    package func accepts(id: String, timestamp: String, signature: String, body: [UInt8], now: Int64) -> Bool {
        guard let sent = Int64(timestamp), String(sent) == timestamp, sent > 0,
            abs(now.subtractingReportingOverflow(sent).partialValue) <= Self.tolerance, !id.isEmpty, !id.contains(".")
        else { return false }
        let signed = Data("\(id).\(timestamp).".utf8) + body
        for entry in signature.split(separator: " ") where entry.hasPrefix("v1,") {
            guard let code = Data(base64Encoded: String(entry.dropFirst(3))),
                code.base64EncodedString() == entry.dropFirst(3)
            else { continue }
            if keys.contains(where: { HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: signed, using: $0) })
            {
                return true
            }
        }
        return false
    }
}

/// When a webhook that failed is tried again: at once, 5 s, 5 min, 30 min, 2, 5, 10, 14, 20 and 24 hours after the attempt
/// before, each up to a tenth later, so that receivers that come back are not met by everybody at once.
package enum WebhookSchedule {
    private static let seconds: [Int64] = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400]

    /// Microseconds until the next attempt; nil = it is over.
    ///
    /// - Parameters:
    ///   - attempts: those that were made, from 1.
    ///   - jitter: in 0..<1.
    package static func delay(after attempts: Int, jitter: Double) -> Int64? {
        guard attempts >= 1, attempts <= seconds.count else { return nil }
        let base = seconds[attempts - 1] * 1_000_000
        return base + Int64(Double(base) * 0.1 * min(max(jitter, 0), 0.999))
    }
}
