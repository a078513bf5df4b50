import EngagementModel
import Foundation
import GRDB
import Synchronization

/// Who was erased, as digests: tells of an identifier whether it was one of theirs, and of nobody who they were.
package struct ErasedPeople: Sendable {
    private let digests: KeyedDigest
    private var known: Set<[UInt8]> = []
    /// Rows of the list that were read; it only grows.
    fileprivate var last: Int64 = 0

    fileprivate init(_ digests: KeyedDigest) { self.digests = digests }

    package var isEmpty: Bool { known.isEmpty }
    /// Grows with every erasure.
    package var count: Int { known.count }

    package func contains(hcpID: String) -> Bool { known.contains(digests.subject(hcpID)) }

    /// - Parameter scheme: `npi`, `record:SOURCE`, `id` and the like, as given when the person was erased.
    package func contains(_ scheme: String, _ value: String) -> Bool {
        known.contains(digests.identifier(scheme, value))
    }

    /// Whether the id that an event gives is one of an erased person: the HCP's own, another system's, an address.
    func contains(eventID: String) -> Bool {
        if eventID.utf8.contains(UInt8(ascii: "@")) { return known.contains(digests.address(eventID, .email)) }
        return contains(hcpID: eventID) || contains(Self.eventScheme, eventID)
    }

    /// The same of an id as events keep it: of an address they keep the digest.
    func contains(standIn id: String) -> Bool {
        guard id.hasPrefix("mail:") else { return contains(eventID: id) }
        let text = id.dropFirst(5)
        let bytes = stride(from: 0, to: text.count - 1, by: 2).compactMap { place in
            UInt8(text.dropFirst(place).prefix(2), radix: 16)
        }
        return known.contains(bytes)
    }

    /// Ids under which events of a person were found.
    static let eventScheme = "id"

    fileprivate mutating func read(_ db: Database) throws {
        let rows = try Row.fetchCursor(
            db.cachedStatement(
                sql: "SELECT suppression_no, digest FROM suppression WHERE suppression_no > ? AND cause = 'erasure'"),
            arguments: [last])
        while let row = try rows.next() {
            last = max(last, row[0])
            known.insert(Array(row[1] as Data))
        }
    }
}

extension Ledger {
    package func erasedPeople() async throws -> ErasedPeople { try await write { db in try self.erasedPeople(db) } }

    /// Reads what was added since it was last asked.
    func erasedPeople(_ db: Database) throws -> ErasedPeople {
        var people = try erased.withLock { $0 } ?? ErasedPeople(digests(db))
        let before = people.last
        try people.read(db)
        // A transaction that fails takes its rows back, but erasures are in transactions of their own.
        if people.last != before || before == 0 { erased.withLock { [people] in $0 = people } }
        return people
    }
}
