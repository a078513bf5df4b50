import Crypto
package import EngagementModel
import Foundation
import GRDB

extension Ledger {
    /// Stores events that a part of Rapport reports (delivery: sent, opened, bounced …); durable when it returns. The
    /// same message id of the same source is one event.
    @discardableResult
    package func record(_ events: [EngagementEvent]) async throws -> EventReceipt {
        let batches = Dictionary(grouping: events, by: \.source).sorted { $0.key < $1.key }.map { source, events in
            EventBatch(
                source: .own(source), events: events.map(Self.own), receivedAt: events.first?.receivedAt ?? 0)
        }
        return try await store(batches).reduce(EventReceipt()) {
            EventReceipt(stored: $0.stored + $1.stored, duplicates: $0.duplicates + $1.duplicates)
        }
    }

    private static func own(_ event: EngagementEvent) -> InboundEvent {
        var times = EventTimes(original: event.occurredAt, sent: nil, received: event.receivedAt)
        times.original = nil
        return InboundEvent(
            kind: .own, messageID: event.messageID, name: event.name, userID: event.hcpID, times: times,
            payload: EventAttributes.payload(event.attributes))
    }

    /// Stores an event of a part of Rapport inside of the transaction of what it reports; the caller rings the bell.
    func storeOwn(_ db: Database, _ event: EngagementEvent) throws {
        var writer = try EventWriter(db, ledger: self)
        _ = try writer.store(
            EventBatch(source: .own(event.source), events: [Self.own(event)], receivedAt: event.receivedAt))
    }

    /// Stores batches in one transaction, in order; one receipt each.
    package func store(_ batches: [EventBatch]) async throws -> [EventReceipt] {
        let receipts = try await write { db in
            var writer = try EventWriter(db, ledger: self)
            return try batches.map { try writer.store($0) }
        }
        if receipts.contains(where: { $0.stored > 0 }) { bell.ring() }
        return receipts
    }

    /// Says which HCP each id of another system means; takes the place of what was said before.
    package func replaceCrosswalk(_ pairs: [(externalID: String, hcpID: String)]) async throws {
        try await bulkWrite { db in
            try db.execute(sql: "DELETE FROM event_crosswalk")
            var insert = try BulkStatement(
                db,
                """
                INSERT INTO event_crosswalk (external_id, hcp_id) VALUES (?, ?) ON CONFLICT (external_id) DO NOTHING
                """)
            for (externalID, hcpID) in pairs {
                insert.bind(externalID)
                insert.bind(hcpID)
                try insert.step()
            }
        }
    }

    /// A name that stands for an e-mail address where an id is expected: personal data stays in the payload, and the
    /// events of one person still belong together.
    static func standIn(_ address: String, _ digests: KeyedDigest) -> String {
        "mail:" + hex(digests.address(address, .email))
    }
}

/// Writes events inside of a transaction.
private struct EventWriter {
    private let db: Database
    private let ledger: Ledger
    private var insert: BulkStatement
    private var sources: [EventSource: Int64] = [:]
    private var digests: KeyedDigest?
    private let erased: ErasedPeople
    /// Answers of this transaction.
    private var gone: [String: Bool] = [:]

    init(_ db: Database, ledger: Ledger) throws {
        self.db = db
        self.ledger = ledger
        erased = try ledger.erasedPeople(db)
        insert = try BulkStatement(
            db,
            """
            INSERT INTO event (source_no, message_id, kind, name, user_id, anonymous_id, occurred_at, original_at,
                sent_at, received_at, clamped, payload)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (source_no, message_id) DO NOTHING
            """)
    }

    mutating func store(_ batch: EventBatch) throws -> EventReceipt {
        let source = try number(of: batch.source)
        var receipt = EventReceipt()
        for event in batch.events {
            let event = nameless(event) ?? event
            let user = try event.userID.map { try identifier($0) }
            insert.bind(source)
            if let packed = MessageID.packed(event.messageID) {
                insert.bind(packed)
            } else {
                insert.bind(event.messageID)
            }
            insert.bind(Int64(event.kind.rawValue))
            insert.bind(event.name)
            insert.bind(user)
            insert.bind(event.anonymousID)
            insert.bind(event.times.occurred)
            insert.bind(event.times.original)
            insert.bind(event.times.sent)
            insert.bind(event.times.received)
            insert.bind(Int64(event.times.isClamped ? 1 : 0))
            insert.bind(event.payload)
            try insert.step()
            guard db.changesCount > 0 else {
                receipt.duplicates += 1
                continue
            }
            receipt.stored += 1
            if event.kind == .identify || event.kind == .alias { try link(event, user, source) }
        }
        for reject in batch.rejected where !isErased(reject.userID) {
            try keep(reject, source, at: batch.receivedAt)
        }
        return receipt
    }

    /// What an erased person does later happened, and says nothing about them.
    private mutating func nameless(_ event: InboundEvent) -> InboundEvent? {
        guard !erased.isEmpty, isErased(event.userID) || isErased(event.previousID) else { return nil }
        var bare = event
        (bare.userID, bare.anonymousID, bare.previousID, bare.payload) = ("erased:later", nil, nil, "{}")
        return bare
    }

    private mutating func isErased(_ id: String?) -> Bool {
        guard !erased.isEmpty, let id else { return false }
        if let known = gone[id] { return known }
        let answer = erased.contains(eventID: id)
        gone[id] = answer
        return answer
    }

    private mutating func link(_ event: InboundEvent, _ user: String?, _ source: Int64) throws {
        guard let user else { return }
        let others = try [event.kind == .identify ? event.anonymousID : nil, event.previousID].compactMap { $0 }
            .map { try identifier($0) }
        let number = db.lastInsertedRowID
        for other in others where other != user {
            try db.cachedStatement(
                sql: """
                    INSERT INTO event_link (source_no, other_id, at, user_id, event_no) VALUES (?, ?, ?, ?, ?)
                    ON CONFLICT DO NOTHING
                    """
            ).execute(arguments: [source, other, event.times.occurred, user, number])
        }
    }

    private func keep(_ reject: RejectedEvent, _ source: Int64, at: Int64) throws {
        let digest = SHA256.hash(data: Data("\(reject.code)\u{0}\(reject.payload)".utf8)).prefix(16)
        try db.cachedStatement(
            sql: """
                INSERT INTO event_reject (source_no, digest, place, code, message, user_id, received_at, payload)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (source_no, digest) DO NOTHING
                """
        ).execute(arguments: [
            source, Data(digest), reject.index, reject.code, reject.message, reject.userID, at, reject.payload,
        ])
    }

    private mutating func identifier(_ text: String) throws -> String {
        guard text.utf8.contains(UInt8(ascii: "@")) else { return text }
        let digests = try self.digests ?? ledger.digests(db)
        self.digests = digests
        return Ledger.standIn(text, digests)
    }

    private mutating func number(of source: EventSource) throws -> Int64 {
        if let known = sources[source] { return known }
        let values: StatementArguments = [source.kind, source.name]
        let find = "SELECT source_no FROM event_source WHERE kind = ? AND name = ?"
        var number = try Int64.fetchOne(db.cachedStatement(sql: find), arguments: values)
        if number == nil {
            try db.execute(sql: "INSERT INTO event_source (kind, name) VALUES (?, ?)", arguments: values)
            number = db.lastInsertedRowID
        }
        sources[source] = number
        return number ?? 0
    }
}
