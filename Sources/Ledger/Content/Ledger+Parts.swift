package import EngagementModel
import GRDB

extension Ledger {
    /// Tells review what the library holds now. New versions begin as drafts; known ones keep their state. What messages
    /// are made of is brought up to date, and with it what the send gate reads.
    ///
    /// - Returns: versions whose words differ from those that were registered under the same version: they stay out, and
    ///   whatever uses them is closed.
    @discardableResult
    package func registerParts(
        _ parts: [ReviewPart], messages: [ReviewMessage], by principal: Principal = .system
    ) async throws -> [PartVersion] {
        let at = now()
        return try await bulkWrite { db in
            var (added, reused) = (0, [PartVersion]())
            for part in parts {
                let version = part.version
                try db.cachedStatement(
                    sql: """
                        INSERT INTO content_part (kind, part_id, language, version, digest, title, body, last_day, state,
                            round, registered_at, changed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'draft', 0, ?, ?)
                        ON CONFLICT DO NOTHING
                        """
                ).execute(arguments: [
                    version.key.kind.rawValue, version.key.id, version.key.language, version.version, version.digest,
                    part.title, part.body, part.expires?.stored, at, at,
                ])
                added += db.changesCount
                if db.changesCount == 0, try PartRow.find(db, version) == nil { reused.append(version) }
            }
            for message in messages { try Self.register(db, message, at: at, by: principal) }
            if added > 0 {
                try Self.audit(
                    db, at: at, by: principal, "content.registered", subject: "content",
                    after: ["versions": "\(added)"])
            }
            return reused
        }
    }

    /// States of every version that review has seen.
    package func partStandings() async throws -> [PartVersion: PartStanding] {
        try await read { db in
            var result: [PartVersion: PartStanding] = [:]
            for row in try PartRow.all(db, "") { result[row.version] = row.standing }
            return result
        }
    }

    /// One version with its signatures and its history; nil when review has not seen these words.
    package func partReview(_ version: PartVersion) async throws -> PartReview? {
        try await read { db in
            guard let row = try PartRow.find(db, version) else { return nil }
            return try row.review(db)
        }
    }

    /// Every version of a part in a language, newest first.
    package func partHistory(_ key: PartKey) async throws -> [PartReview] {
        try await read { db in
            try PartRow.all(
                db, "WHERE kind = ? AND part_id = ? AND language = ? ORDER BY part_no DESC",
                [key.kind.rawValue, key.id, key.language]
            ).map { try $0.review(db) }
        }
    }

    /// Ids of the contents that are written in the library: what the sources say about them does not count.
    package func authoredContents() async throws -> Set<String> {
        try await read { db in
            try String.fetchSet(db, sql: "SELECT DISTINCT part_id FROM content_part WHERE kind = 'message'")
        }
    }

    /// What the send gate knows about a version of a content.
    package func contentApproval(_ id: String, version: String) async throws -> ContentApproval? {
        try await read { db in try ContentApproval.read(db, id, version) }
    }

    /// Moves with every change of what the send gate knows about contents.
    package func contentStamp() async throws -> ContentStamp {
        try await read { db in
            let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT count(*), coalesce(max(changed_at), 0), total(changed_at),
                        (SELECT coalesce(max(event_no), 0) FROM content_event)
                    FROM content_version
                    """)
            return ContentStamp(versions: row?[0] ?? 0, last: row?[1] ?? 0, sum: row?[2] ?? 0, steps: row?[3] ?? 0)
        }
    }

    /// Disciplines that a person may sign for.
    package func disciplines(of user: User) async throws -> Set<ReviewDiscipline> {
        try await read { db in try Self.disciplines(db, user) }
    }

    static func disciplines(_ db: Database, _ user: User) throws -> Set<ReviewDiscipline> {
        let rows = try Row.fetchAll(
            db, sql: "SELECT discipline FROM content_approver WHERE user_no = ?", arguments: [user.number])
        return Set(try rows.map { try $0.closed(0) })
    }

    /// Names a person as approver of a discipline, or takes the right away.
    package func setApprover(
        _ discipline: ReviewDiscipline, _ user: User, granted: Bool, by principal: Principal
    ) async throws {
        let at = now()
        try await write { db in
            if granted {
                try db.execute(
                    sql: """
                        INSERT INTO content_approver (discipline, user_no, granted_by, granted_at) VALUES (?, ?, ?, ?)
                        ON CONFLICT DO NOTHING
                        """, arguments: [discipline.rawValue, user.number, principal.id, at])
            } else {
                try db.execute(
                    sql: "DELETE FROM content_approver WHERE discipline = ? AND user_no = ?",
                    arguments: [discipline.rawValue, user.number])
            }
            guard db.changesCount > 0 else { return }
            try Self.audit(
                db, at: at, by: principal, granted ? "approver.granted" : "approver.revoked",
                subject: user.principal.id, after: ["discipline": discipline.rawValue])
        }
    }

    // MARK: - Messages and the send gate

    private static func register(_ db: Database, _ message: ReviewMessage, at: Int64, by principal: Principal) throws {
        guard let own = try PartRow.find(db, message.version) else { return }
        try closeSource(db, own.version.key.id, at: at, by: principal)
        let parts = try message.uses.map { try PartRow.find(db, $0)?.number }
        try db.cachedStatement(
            sql: """
                INSERT INTO content_message (part_no, purpose, channels, countries, stakeholders, specialties, stands_in,
                    missing) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT DO UPDATE SET countries = excluded.countries, stands_in = excluded.stands_in,
                    missing = excluded.missing
                """
        ).execute(arguments: [
            own.number, message.purpose.rawValue, joined(message.channels.map(\.rawValue)),
            message.countries.map { joined(Array($0)) }, joined(message.stakeholders.map(\.rawValue)),
            joined(Array(message.specialties)), joined(message.standsIn), parts.count { $0 == nil },
        ])
        for part in parts.compactMap({ $0 }) {
            try db.cachedStatement(
                sql: "INSERT INTO content_use (message_no, part_no) VALUES (?, ?) ON CONFLICT DO NOTHING"
            ).execute(arguments: [own.number, part])
        }
        try tellGate(db, message: own.number, at: at, by: principal)
    }

    /// A content that is written here is no longer open under a version of the sources.
    private static func closeSource(_ db: Database, _ id: String, at: Int64, by principal: Principal) throws {
        let versions = try String.fetchAll(
            db,
            sql: """
                SELECT v.version FROM content_version v WHERE v.content_id = ?1 AND v.state <> 'superseded'
                    AND NOT EXISTS (SELECT 1 FROM content_part p WHERE p.kind = 'message' AND p.part_id = ?1
                        AND (v.version = p.version OR substr(v.version, 1, length(p.version) + 1) = p.version || '~'))
                """, arguments: [id])
        for version in versions {
            guard var content = try ContentApproval.read(db, id, version) else { continue }
            content.state = .superseded
            try store(db, content, at: at, by: principal)
        }
    }

    private static func joined(_ words: [String]) -> String { words.sorted().joined(separator: ";") }

    /// Brings what the send gate reads in line with the parts: for every message that is or uses one of them.
    static func tellGate(_ db: Database, about part: Int64, at: Int64, by principal: Principal) throws {
        let messages = try Int64.fetchAll(
            db,
            sql: """
                SELECT message_no FROM content_use WHERE part_no = :part
                UNION SELECT part_no FROM content_message WHERE part_no = :part
                """, arguments: ["part": part])
        for message in messages { try tellGate(db, message: message, at: at, by: principal) }
    }

    private static func tellGate(_ db: Database, message: Int64, at: Int64, by principal: Principal) throws {
        guard let own = try PartRow.all(db, "WHERE part_no = ?", [message]).first,
            let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT purpose, channels, countries, stakeholders, specialties, stands_in, missing
                    FROM content_message WHERE part_no = ?
                    """, arguments: [message])
        else { return }
        let parts =
            try [own]
            + PartRow.all(db, "WHERE part_no IN (SELECT part_no FROM content_use WHERE message_no = ?)", [message])
        func words(_ index: Int) -> [String] { ((row[index] as String?) ?? "").split(separator: ";").map(String.init) }
        let isNowhere = (row[2] as String?) == nil || (row[6] as Int) > 0
        let weakest = parts.map(\.standing.state).max { Self.weakness($0) < Self.weakness($1) } ?? .draft
        let state = isNowhere && weakest.isSendable ? MLRState.draft : weakest
        // A version that never left the desk is nothing that the gate has to know.
        if state == .draft, try ContentApproval.read(db, own.version.key.id, own.version.version) == nil { return }
        var approval = ContentApproval(
            contentID: own.version.key.id, version: own.version.version, purpose: try row.closed(0), state: state,
            approvedOn: parts.compactMap(\.standing.approvedOn).max(),
            expiresOn: parts.flatMap { [$0.standing.expiresOn, $0.lastDay] }.compactMap { $0 }.min(),
            channels: Set(words(1).compactMap(Channel.init(rawValue:))), countries: Set(words(2)),
            language: own.version.key.language,
            stakeholders: Set(words(3).compactMap(Stakeholder.init(rawValue:))), specialties: Set(words(4)))
        try store(db, approval, at: at, by: principal)
        for language in words(5) {
            approval.version = "\(own.version.version)~\(language)"
            approval.language = language
            try store(db, approval, at: at, by: principal)
        }
    }

    /// Of several parts the one that is furthest from the door decides.
    private static func weakness(_ state: MLRState) -> Int {
        switch state {
        case .approvedForDistribution: 0
        case .approvedForProduction: 1
        case .inReview: 2
        case .draft: 3
        case .expired: 4
        case .superseded: 5
        case .withdrawn: 6
        }
    }
}

/// A row of `content_part`.
struct PartRow {
    var number: Int64
    var version: PartVersion
    var title: String
    var body: String
    var lastDay: Day?
    var standing: PartStanding
    var round: Int
    var submittedBy: String?
    var registeredAt: Int64

    /// The row with this version and these words.
    static func find(_ db: Database, _ version: PartVersion) throws -> PartRow? {
        try all(
            db, "WHERE kind = ? AND part_id = ? AND language = ? AND version = ? AND digest = ?",
            [
                version.key.kind.rawValue, version.key.id, version.key.language, version.version, version.digest,
            ]
        ).first
    }

    static func all(_ db: Database, _ tail: String, _ arguments: StatementArguments = []) throws -> [PartRow] {
        let statement = try db.cachedStatement(
            sql: """
                SELECT part_no, kind, part_id, language, version, digest, title, body, last_day, state, approved_day,
                    expires_day, round, submitted_by, registered_at FROM content_part \(tail)
                """)
        return try Row.fetchAll(statement, arguments: arguments).map { row in
            PartRow(
                number: row[0],
                version: PartVersion(
                    PartKey(try row.closed(1), row[2], row[3]), version: row[4], digest: row[5]),
                title: row[6], body: row[7], lastDay: row.optionalDay(8),
                standing: PartStanding(
                    try row.closed(9), approvedOn: row.optionalDay(10), expiresOn: row.optionalDay(11)),
                round: row[12], submittedBy: row[13], registeredAt: row[14])
        }
    }

    func signatures(_ db: Database) throws -> [ContentSignature] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT round, discipline, meaning, actor, printed_name, signed_at, digest, components, reference
                FROM content_signature WHERE part_no = ? ORDER BY signature_no
                """, arguments: [number]
        ).map { row in
            ContentSignature(
                round: row[0], discipline: try row.closed(1), meaning: try row.closed(2), actor: row[3],
                printedName: row[4], signedAt: row[5], digest: row[6], components: row[7], reference: row[8])
        }
    }

    func machine(_ db: Database) throws -> ReviewMachine {
        let approved = try signatures(db).filter { $0.round == round && $0.meaning == .approve }.map(\.discipline)
        return ReviewMachine(state: standing.state, approved: Set(approved))
    }

    func review(_ db: Database) throws -> PartReview {
        let events = try Row.fetchAll(
            db,
            sql: "SELECT round, action, state, actor, at, cause FROM content_event WHERE part_no = ? ORDER BY event_no",
            arguments: [number]
        ).map { row in
            ContentEvent(
                round: row[0], action: row[1], state: try row.closed(2), actor: row[3], at: row[4], cause: row[5])
        }
        return PartReview(
            version: version, title: title, body: body, standing: standing, round: round, submittedBy: submittedBy,
            registeredAt: registeredAt, signatures: try signatures(db), events: events)
    }
}

/// Tells one state of all versions of contents from another, without reading them.
package struct ContentStamp: Sendable, Hashable {
    let versions: Int
    let last: Int64
    let sum: Double
    /// Of reviews: two of one moment still differ.
    let steps: Int64
}
