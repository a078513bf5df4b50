import EngagementModel
import Foundation

/// An e-mail address that can stand in an envelope: a local part of ASCII, a domain in its ASCII form.
///
/// Quoted local parts are refused: no HCP has one, and they are the usual way to smuggle syntax. Local parts beyond ASCII
/// need SMTPUTF8 (RFC 6531), which most receiving hospitals do not offer; they are refused with a code of their own.
/// International domains become A-labels (RFC 5890), so that every server takes them.
///
/// Source: RFC 5321, section 4.1.2 and 4.5.3.1; RFC 5322, section 3.4.1.
package struct MailAddress: Sendable, Hashable, CustomStringConvertible {
    package let local: String
    /// Lower case, A-labels.
    package let domain: String

    package var description: String { "\(local)@\(domain)" }

    /// - Throws: `bad_address`, `address_needs_smtputf8`; the address itself is never in the message.
    package init(_ text: String) throws {
        let trimmed = text.trimmingCharacters(in: .whitespaces)
        guard let at = trimmed.lastIndex(of: "@") else { throw Self.bad("it has no @") }
        let local = String(trimmed[..<at])
        guard local.utf8.allSatisfy({ $0 < 128 }) else {
            throw Diagnostic(
                "address_needs_smtputf8", "The part before the @ holds letters that most mail servers cannot take.",
                remedy: "use an address in ASCII")
        }
        guard (1...64).contains(local.utf8.count), Self.isDotAtom(local) else {
            throw Self.bad("the part before the @ is no plain address")
        }
        self.local = local
        domain = try Self.ascii(String(trimmed[trimmed.index(after: at)...]))
        guard local.utf8.count + domain.utf8.count + 1 <= 254 else { throw Self.bad("it is too long") }
    }

    /// The domain's ASCII form.
    package static func ascii(_ domain: String) throws -> String {
        let labels = domain.lowercased().precomposedStringWithCompatibilityMapping
            .split(whereSeparator: { ".\u{3002}\u{FF0E}\u{FF61}".contains($0) }, omittingEmpty: false)
        guard labels.count >= 2, domain.utf8.count <= 1000 else { throw bad("the part after the @ is no domain") }
        let ascii = try labels.map { label in
            let text = label.utf8.allSatisfy { $0 < 128 } ? label : try "xn--" + Punycode.encode(label)
            let isPlain = text.utf8.allSatisfy { isLetterOrDigit($0) || $0 == 45 }
            guard (1...63).contains(text.utf8.count), isPlain, !text.hasPrefix("-"), !text.hasSuffix("-") else {
                throw bad("the part after the @ is no domain")
            }
            return text
        }.joined(separator: ".")
        guard ascii.utf8.count <= 253 else { throw bad("the part after the @ is too long") }
        return ascii
    }

    static func isDotAtom(_ text: String) -> Bool {
        let atoms = text.utf8.split(separator: 46, omittingEmptySubsequences: false)
        return atoms.allSatisfy { !$0.isEmpty && $0.allSatisfy(isAtext) }
    }

    static func isAtext(_ byte: UInt8) -> Bool { isLetterOrDigit(byte) || "!#$%&'*+-/=?^_`{|}~".utf8.contains(byte) }

    static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
    }

    private static func bad(_ why: String) -> Diagnostic {
        Diagnostic("bad_address", "This is no e-mail address: \(why).", remedy: "correct it where it was captured")
    }
}

extension String {
    fileprivate func split(whereSeparator isSeparator: (Character) -> Bool, omittingEmpty: Bool) -> [String] {
        split(omittingEmptySubsequences: omittingEmpty, whereSeparator: isSeparator).map(String.init)
    }
}

/// Unicode labels as ASCII. Source: RFC 3492, section 6.3.
enum Punycode {
    static func encode(_ label: String) throws -> String {
        let scalars = label.unicodeScalars.map(\.value)
        guard scalars.count <= 63, label.unicodeScalars.allSatisfy({ isAllowed($0) }) else {
            throw Diagnostic("bad_address", "The domain holds a character that no domain may hold.")
        }
        var output = scalars.filter { $0 < 128 }.map { UInt8($0) }
        let basic = output.count
        if basic > 0 { output.append(45) }
        var (n, delta, bias, handled): (UInt32, Int, Int, Int) = (128, 0, 72, basic)
        while handled < scalars.count {
            let next = scalars.filter { $0 >= n }.min() ?? n
            delta += Int(next - n) * (handled + 1)
            n = next
            for scalar in scalars {
                if scalar < n { delta += 1 }
                guard scalar == n else { continue }
                var q = delta
                var k = 36
                while true {
                    let t = k <= bias ? 1 : (k >= bias + 26 ? 26 : k - bias)
                    if q < t { break }
                    output.append(digit(t + (q - t) % (36 - t)))
                    q = (q - t) / (36 - t)
                    k += 36
                }
                output.append(digit(q))
                bias = adapt(delta, handled + 1, isFirst: handled == basic)
                delta = 0
                handled += 1
            }
            delta += 1
            n += 1
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// Letters, marks and digits; a domain with symbols or invisible characters is a trap, not a hospital.
    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.value < 128 {
            return scalar == "-" || scalar.properties.isAlphabetic || (48...57).contains(scalar.value)
        }
        switch scalar.properties.generalCategory {
        case .lowercaseLetter, .otherLetter, .modifierLetter, .nonspacingMark, .spacingMark, .decimalNumber: return true
        default: return false
        }
    }

    private static func digit(_ value: Int) -> UInt8 { UInt8(value < 26 ? 97 + value : 22 + value) }

    private static func adapt(_ delta: Int, _ count: Int, isFirst: Bool) -> Int {
        var delta = isFirst ? delta / 700 : delta / 2
        delta += delta / count
        var k = 0
        while delta > 455 {
            delta /= 35
            k += 36
        }
        return k + 36 * delta / (delta + 38)
    }
}
