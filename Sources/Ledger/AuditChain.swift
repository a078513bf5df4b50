import Crypto
import Foundation

/// One link of the audit trail.
package struct AuditEntry: Sendable, Hashable {
    /// From 1, without gaps.
    package var seq: Int64
    /// Microseconds since 1970, UTC.
    package var at: Int64
    package var actor: String
    /// What was done: `decision.accepted`, `user.created`, …
    package var action: String
    package var subject: String
    /// JSON objects of ids, states and figures; never names, addresses or free text.
    package var before: String?
    package var after: String?
    package var previous: [UInt8]
    package var hash: [UInt8]
}

/// The result of checking the whole audit trail.
package enum AuditVerdict: Sendable, Hashable {
    /// `head` is the last hash in hexadecimal: written down elsewhere, it also proves that the trail was not replaced.
    case intact(rows: Int64, head: String)
    /// The first row that does not fit, and why.
    case broken(seq: Int64, why: String)
}

/// The rule that ties one audit row to the one before it; a pure function of the row.
enum AuditChain {
    /// What the first row names as its predecessor.
    static let origin = [UInt8](repeating: 0, count: 32)

    /// SHA-256 over the row in canonical form: every field with a presence byte and its length in front, so that no
    /// two different rows have the same form.
    static func hash(_ entry: AuditEntry) -> [UInt8] {
        var form = Array("rapport.audit.1".utf8)
        append(entry.previous, to: &form)
        for number in [entry.seq, entry.at] {
            withUnsafeBytes(of: UInt64(bitPattern: number).littleEndian) { append(Array($0), to: &form) }
        }
        for text in [entry.actor, entry.action, entry.subject, entry.before, entry.after] {
            append(text.map { Array($0.utf8) }, to: &form)
        }
        return Array(SHA256.hash(data: form))
    }

    /// What is wrong with a row, given the one before it; nil when it fits.
    static func fault(in entry: AuditEntry, after previous: AuditEntry?) -> String? {
        let expected = (previous?.seq ?? 0) + 1
        if entry.seq != expected { return "row \(expected) is missing" }
        if entry.previous != previous?.hash ?? origin { return "it does not continue the row before it" }
        if entry.hash != hash(entry) { return "its content was changed" }
        return nil
    }

    private static func append(_ bytes: [UInt8]?, to form: inout [UInt8]) {
        guard let bytes else {
            form.append(0)
            return
        }
        form.append(1)
        withUnsafeBytes(of: UInt64(bytes.count).littleEndian) { form.append(contentsOf: $0) }
        form.append(contentsOf: bytes)
    }
}
