import Crypto
import EngagementModel
import Foundation
import GRDB

extension Ledger {
    /// Events after a number, in the order in which they were stored, each with the HCP that the ledger knows now.
    package func events(after number: Int64, limit: Int) async throws -> [StoredEvent] {
        try await read { db in
            var identities = EventIdentities(db)
            let rows = try Row.fetchCursor(
                db.cachedStatement(
                    sql: "SELECT \(StoredEvent.columns) WHERE e.event_no > ? ORDER BY e.event_no LIMIT ?"),
                arguments: [number, limit])
            var result: [StoredEvent] = []
            while let row = try rows.next() { result.append(try StoredEvent(row, &identities)) }
            return result
        }
    }

    /// The next stretch of events for a reader that acts on HCPs.
    ///
    /// Most events name nobody whom the ledger knows, or are of a kind that the reader passes over: those cost a look at
    /// some columns, and no payload is read.
    ///
    /// - Parameters:
    ///   - limit: events that are handed on.
    ///   - scan: events that are looked at.
    ///   - wants: by kind and name.
    package func stretch(
        after number: Int64, limit: Int, scan: Int, wants: @escaping @Sendable (EventKind, String) -> Bool
    ) async throws -> EventStretch {
        try await read { db in
            var identities = EventIdentities(db)
            let rows = try Row.fetchCursor(
                db.cachedStatement(
                    sql: """
                        SELECT e.event_no, e.source_no, s.kind, s.name, e.message_id, e.kind, e.name, e.user_id,
                            e.anonymous_id, e.occurred_at, e.received_at, e.clamped, e.payload,
                            coalesce(r.hcp_id, x.hcp_id), EXISTS (SELECT 1 FROM event_link l
                                WHERE l.source_no = e.source_no AND l.other_id = coalesce(e.user_id, e.anonymous_id))
                        FROM event e CROSS JOIN event_source s ON s.source_no = e.source_no
                            LEFT JOIN recipient r ON r.hcp_id = e.user_id
                            LEFT JOIN event_crosswalk x ON x.external_id = e.user_id
                        WHERE e.event_no > ? ORDER BY e.event_no LIMIT ?
                        """), arguments: [number, scan])
            var stretch = EventStretch()
            while stretch.events.count < limit, let row = try rows.next() {
                stretch.last = row[0]
                let kind = EventKind(rawValue: row[5]) ?? .track
                let known: String? = kind == .own ? row[7] : row[13]
                guard known != nil || row[14] as Bool, wants(kind, row[6]) else { continue }
                if let known {
                    stretch.events.append(try StoredEvent(row, kind, hcp: known, knownSince: nil))
                } else {
                    let event = try StoredEvent(row, &identities)
                    if event.event.hcpID != nil { stretch.events.append(event) }
                }
            }
            return stretch
        }
    }

    /// Events of an HCP under every id that the ledger knows of them, newest first; with those of visitors who were
    /// identified as this HCP.
    package func events(ofHCP hcpID: String, limit: Int = 200) async throws -> [StoredEvent] {
        try await read { db in
            let ids = try EventIdentities.ids(of: hcpID, db)
            let users = try canonicalJSON(ids.users)
            let visitors = try canonicalJSON(ids.visitors)
            var identities = EventIdentities(db)
            var result: [StoredEvent] = []
            let rows = try Row.fetchCursor(
                db,
                sql: """
                    SELECT \(StoredEvent.columns) WHERE e.event_no IN (
                        SELECT event_no FROM json_each(:users) u CROSS JOIN event x ON x.user_id = u.value
                        UNION ALL
                        SELECT event_no FROM json_each(:visitors) v CROSS JOIN event x ON x.anonymous_id = v.value
                            AND x.user_id IS NULL)
                    ORDER BY e.occurred_at DESC, e.event_no DESC
                    """, arguments: ["users": users, "visitors": visitors])
            while result.count < limit, let row = try rows.next() {
                let event = try StoredEvent(row, &identities)
                // A visitor may have been two people, one after the other.
                if event.event.hcpID == hcpID { result.append(event) }
            }
            return result
        }
    }

    /// Number of the last event; 0 = none.
    package func lastEvent() async throws -> Int64 {
        try await read { db in try Int64.fetchOne(db, sql: "SELECT max(event_no) FROM event") ?? 0 }
    }

    /// How far a reader has come; nil when it never began.
    package func eventReader(_ name: String) async throws -> Int64? {
        try await read { db in
            try Int64.fetchOne(db, sql: "SELECT event_no FROM event_reader WHERE reader = ?", arguments: [name])
        }
    }

    /// Notes how far a reader has come; never backwards.
    package func moveEventReader(_ name: String, to number: Int64) async throws {
        try await write { db in try Self.moveReader(db, name, to: number) }
    }

    static func moveReader(_ db: Database, _ name: String, to number: Int64) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO event_reader (reader, event_no) VALUES (?, ?)
                ON CONFLICT (reader) DO UPDATE SET event_no = max(event_no, excluded.event_no)
                """
        ).execute(arguments: [name, number])
    }

    /// The dead letters of a source after a number, oldest first.
    package func rejectedEvents(of source: EventSource, after number: Int64 = 0, limit: Int = 100) async throws
        -> [(number: Int64, receivedAt: Int64, event: RejectedEvent)]
    {
        try await read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT reject_no, received_at, place, code, message, user_id, payload FROM event_reject
                    WHERE source_no = (SELECT source_no FROM event_source WHERE kind = ? AND name = ?)
                        AND reject_no > ? ORDER BY reject_no LIMIT ?
                    """, arguments: [source.kind, source.name, number, limit]
            ).map { row in
                let event = RejectedEvent(
                    index: row[2], code: row[3], message: row[4], userID: row[5], payload: row[6])
                return (row[0], row[1], event)
            }
        }
    }

    /// A digest of everything that the events say, whatever the order and the time in which they came: equal for equal
    /// sets of events.
    package func eventStateHash() async throws -> String {
        try await read { db in
            var identities = EventIdentities(db)
            var sum: [UInt64] = [0, 0, 0, 0]
            let rows = try Row.fetchCursor(db, sql: "SELECT \(StoredEvent.columns)")
            while let row = try rows.next() {
                var event = try StoredEvent(row, &identities)
                event.number = 0
                event.event.receivedAt = 0
                let attributes = event.event.attributes.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
                let parts = [
                    event.event.source, event.event.messageID, event.event.hcpID ?? "-", event.event.name,
                    "\(event.event.occurredAt)", "\(event.kind)", event.userID ?? "-", event.anonymousID ?? "-",
                ]
                // A sum of digests: the order of the rows does not matter.
                for (place, byte) in SHA256.hash(
                    data: Data((parts + attributes).joined(separator: "\u{1F}").utf8)
                ).enumerated() { sum[place / 8] &+= UInt64(byte) << UInt64(8 * (place % 8)) }
            }
            return hex(sum.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } })
        }
    }
}

/// Events for a reader, and how far it has come with them.
package struct EventStretch: Sendable {
    /// Each of an HCP whom the ledger knows.
    package var events: [StoredEvent] = []
    /// The last that was looked at; nil = there was none.
    package var last: Int64?
}

extension StoredEvent {
    static let columns = """
        e.event_no, e.source_no, s.kind, s.name, e.message_id, e.kind, e.name, e.user_id, e.anonymous_id,
        e.occurred_at, e.received_at, e.clamped, e.payload
        FROM event e JOIN event_source s ON s.source_no = e.source_no
        """

    init(_ row: Row, _ identities: inout EventIdentities) throws {
        let kind = EventKind(rawValue: row[5]) ?? .track
        let occurred: Int64 = row[9]
        let user: String? = row[7]
        let visitor: String? = row[8]
        let hcp =
            kind == .own
            ? user : try identities.hcp(source: row[1], user: user, visitor: visitor, at: occurred)
        try self.init(row, kind, hcp: hcp, knownSince: hcp == user ? nil : identities.knownSince)
    }

    init(_ row: Row, _ kind: EventKind, hcp: String?, knownSince: Int64?) throws {
        let message: DatabaseValue = row[4]
        let messageID = Data.fromDatabaseValue(message).flatMap { data in
            message.storage.isBlob ? MessageID.unpacked(data) : nil
        }
        let event = EngagementEvent(
            source: row[3], messageID: messageID ?? row[4], hcpID: hcp, name: row[6], occurredAt: row[9],
            receivedAt: row[10], attributes: EventAttributes.read(row[12]))
        self.init(
            number: row[0], kind: kind, event: event, userID: row[7], anonymousID: row[8], isClamped: row[11],
            knownSince: knownSince)
    }
}

extension DatabaseValue.Storage {
    fileprivate var isBlob: Bool { if case .blob = self { true } else { false } }
}
