package import Crypto
package import CryptoExtras
import EngagementModel
import Foundation

/// Signs mail so that the receiving side can tell that the domain vouches for it.
///
/// Relaxed canonicalisation of header and body. Fields that could be added behind our back are signed once more than
/// they stand there, so that a second `Subject` breaks the signature. Same message, date and key: same bytes.
///
/// Source: RFC 6376 (DKIM), RFC 8463 (Ed25519).
package struct DKIMSigner: Sendable {
    package enum Key: Sendable {
        case rsa(_RSA.Signing.PrivateKey)
        case ed25519(Curve25519.Signing.PrivateKey)

        var algorithm: String {
            switch self {
            case .rsa: "rsa-sha256"
            case .ed25519: "ed25519-sha256"
            }
        }
    }

    package let domain: String
    package let selector: String
    package let key: Key

    /// What is signed where it stands; those of the first row once more than they do.
    private static let oversigned = ["from", "to", "subject", "date"]
    private static let signed = [
        "reply-to", "message-id", "mime-version", "content-type", "content-transfer-encoding", "content-language",
        "list-unsubscribe", "list-unsubscribe-post",
    ]

    package init(domain: String, selector: String, key: Key) throws {
        self.domain = try MailAddress.ascii(domain)
        guard !selector.isEmpty, selector.utf8.count <= 63,
            selector.utf8.allSatisfy({ MailAddress.isLetterOrDigit($0) || $0 == 45 || $0 == 46 })
        else { throw Diagnostic("bad_selector", "A DKIM selector is a name of letters, digits, dots and hyphens.") }
        self.selector = selector
        self.key = key
    }

    /// Reads a private key: PEM of RSA (PKCS #1 or #8, at least 2,048 bits) or of Ed25519 (PKCS #8), or the 32 bytes of an
    /// Ed25519 seed in base64.
    /// - Throws: `bad_dkim_key`; nothing of the key is in the message.
    package static func key(_ text: String) throws -> Key {
        let bad = Diagnostic(
            "bad_dkim_key", "The DKIM key is neither RSA of 2,048 bits or more nor Ed25519.",
            remedy: "make one with: openssl genrsa 2048, or openssl genpkey -algorithm ed25519")
        let text = text.trimmingCharacters(in: .whitespacesAndNewlines)
        if text.hasPrefix("-----BEGIN") {
            if let rsa = try? _RSA.Signing.PrivateKey(pemRepresentation: text) {
                guard rsa.keySizeInBits >= 2048 else { throw bad }
                return .rsa(rsa)
            }
            let body = text.split(whereSeparator: \.isNewline).filter { !$0.hasPrefix("-----") }.joined()
            // PKCS #8 of Ed25519 is this prefix and the seed (RFC 8410, section 7).
            let prefix: [UInt8] = [0x30, 0x2E, 2, 1, 0, 0x30, 5, 6, 3, 0x2B, 0x65, 0x70, 4, 0x22, 4, 0x20]
            guard let der = Data(base64Encoded: body), der.starts(with: prefix), der.count == 48,
                let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: der.suffix(32))
            else { throw bad }
            return .ed25519(key)
        }
        guard let seed = Data(base64Encoded: text), seed.count == 32,
            let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed)
        else { throw bad }
        return .ed25519(key)
    }

    /// What belongs into the DNS at `selector._domainkey.domain` (TXT).
    package var record: String {
        switch key {
        case .rsa(let key): "v=DKIM1; k=rsa; p=\(key.publicKey.derRepresentation.base64EncodedString())"
        case .ed25519(let key): "v=DKIM1; k=ed25519; p=\(key.publicKey.rawRepresentation.base64EncodedString())"
        }
    }

    /// The `DKIM-Signature` field for a message, with its line break.
    ///
    /// - Parameters:
    ///   - headers: header lines with CRLF, without the empty line; `body`: with CRLF.
    ///   - at: seconds since 1970.
    package func field(headers: [UInt8], body: [UInt8], at: Int64) throws -> [UInt8] {
        let fields = Self.fields(headers)
        var names: [String] = []
        var covered: [UInt8] = []
        for name in Self.oversigned + Self.signed {
            // From the bottom up, as verifiers take them.
            for field in fields.reversed() where field.name == name {
                names.append(name)
                covered += Self.relaxed(field) + [13, 10]
            }
            if Self.oversigned.contains(name) { names.append(name) }
        }
        let hash = Data(SHA256.hash(data: Self.relaxed(body: body))).base64EncodedString()
        let tags = [
            "v=1; a=\(key.algorithm); c=relaxed/relaxed; d=\(domain); s=\(selector);", "t=\(at);",
            "h=\(names.joined(separator: ":"));", "bh=\(hash);", "b=",
        ]
        var head = "DKIM-Signature:"
        var column = head.utf8.count
        for tag in tags.flatMap({ $0.count > 72 ? Self.cut($0) : [$0] }) {
            if column + tag.utf8.count + 1 > HeaderWriter.width {
                head += "\r\n"
                column = 0
            }
            head += " " + tag
            column += tag.utf8.count + 1
        }
        covered += Self.relaxed(Self.fields(Array(head.utf8))[0])
        let digest = SHA256.hash(data: covered)
        let signature: Data =
            switch key {
            case .rsa(let key): try key.signature(for: digest, padding: .insecurePKCS1v1_5).rawRepresentation
            case .ed25519(let key): try key.signature(for: Data(digest))
            }
        var line = Array(head.utf8)
        for piece in Self.pieces(signature.base64EncodedString(), of: 72) { line += Array("\r\n \(piece)".utf8) }
        return line + [13, 10]
    }

    /// The list of names is cut at its colons, where white space may stand.
    private static func cut(_ tag: String) -> [String] {
        let parts = tag.split(separator: ":", omittingEmptySubsequences: false)
        return parts.enumerated().reduce(into: [String]()) { lines, part in
            let piece = String(part.element) + (part.offset == parts.count - 1 ? "" : ":")
            if let last = lines.last, last.utf8.count + piece.utf8.count <= 70 {
                lines[lines.count - 1] += piece
            } else {
                lines.append(piece)
            }
        }
    }

    private static func pieces(_ text: String, of length: Int) -> [String] {
        let bytes = Array(text.utf8)
        return stride(from: 0, to: bytes.count, by: length).map {
            String(decoding: bytes[$0..<min($0 + length, bytes.count)], as: UTF8.self)
        }
    }

    // MARK: - Canonical forms (RFC 6376, section 3.4)

    private struct Field {
        var name: String
        var value: ArraySlice<UInt8>
    }

    private static func fields(_ headers: [UInt8]) -> [Field] {
        var fields: [Field] = []
        var start = 0
        while start < headers.count {
            var end = start
            // A line that begins with white space belongs to the one before.
            while end < headers.count {
                if headers[end] == 10, end + 1 >= headers.count || (headers[end + 1] != 32 && headers[end + 1] != 9) {
                    break
                }
                end += 1
            }
            let line = headers[start..<min(end, headers.count)]
            if let colon = line.firstIndex(of: 58) {
                let name = String(decoding: line[start..<colon], as: UTF8.self).lowercased()
                fields.append(Field(name: name.trimmingCharacters(in: .whitespaces), value: line[(colon + 1)...]))
            }
            start = end + 1
        }
        return fields
    }

    private static func relaxed(_ field: Field) -> [UInt8] {
        var result = Array(field.name.utf8) + [58]
        let begin = result.count
        var isBlank = false
        for byte in field.value where byte != 13 && byte != 10 {
            if byte == 32 || byte == 9 {
                isBlank = true
                continue
            }
            if isBlank, result.count > begin { result.append(32) }
            isBlank = false
            result.append(byte)
        }
        return result
    }

    static func relaxed(body: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(body.count)
        var isBlank = false
        var breaks = 0
        for byte in body where byte != 13 {
            switch byte {
            case 32, 9: isBlank = true
            case 10:
                isBlank = false
                breaks += 1
            default:
                while breaks > 0 {
                    result += [13, 10]
                    breaks -= 1
                }
                if isBlank { result.append(32) }
                isBlank = false
                result.append(byte)
            }
        }
        // Empty lines at the end do not count; an empty body stays empty.
        return result.isEmpty ? [] : result + [13, 10]
    }
}
