import Crypto
import EngagementModel
import Foundation
import Ledger

/// An HCP as advertisers know them: nothing but a digest leaves.
package enum AudienceDigest {
    /// SHA-256 of the e-mail address in lower case without white space, hexadecimal; nil for what is no address.
    ///
    /// Source: the customer match formats of the large platforms, which agree on this form.
    package static func email(_ address: String) -> String? {
        let normal = Address.normalised(address, .ad)
        guard normal.contains("@") else { return nil }
        return SHA256.hash(data: Data(normal.utf8)).map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }
}

extension Parcel {
    /// nil for everything but a place in an audience.
    package var audienceDigest: String? {
        ticket.claim.channel == .ad ? content.address.flatMap(AudienceDigest.email) : nil
    }
}

/// A removal as JSON; the same member gives the same bytes at every attempt.
enum AudienceJSON {
    private struct Body: Encodable {
        struct Data: Encodable {
            var audience: String
            var email_sha256: String
        }
        var type = "audience.remove"
        var data: Data
    }

    static func removal(_ member: AudienceMember) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(
            try encoder.encode(Body(data: .init(audience: member.audience, email_sha256: member.digest))))
    }

    /// Unique to the member, the same at every attempt.
    static func key(_ member: AudienceMember) -> String { "leaves_\(member.number)_\(member.digest.prefix(12))" }
}
