package import EngagementModel
import Foundation
import GRDB

/// What the claim reads beside consent and contacts. The cycle fills it with each run; review, reps and HCPs change
/// single rows at once, so that the next claim sees them.
extension Ledger {
    /// Brings HCPs into the ledger: market, zone, language, rights. Rows that are the same cost no write.
    /// - Throws: `unknown_zone` when a zone is no IANA name; nothing is stored then.
    /// - Returns: rows that were new or changed.
    @discardableResult
    package func registerRecipients(_ recipients: [Recipient], by principal: Principal = .system) async throws -> Int {
        var zones: Set<String> = []
        for (index, recipient) in recipients.enumerated() where zones.insert(recipient.zone).inserted {
            if TimeZone(identifier: recipient.zone) != nil { continue }
            throw Diagnostic(
                "unknown_zone", "The time zone of recipient \(index + 1) is none that the world knows.",
                remedy: "use an IANA name such as Europe/Berlin")
        }
        let at = now()
        return try await bulkWrite { db in
            var upsert = try BulkStatement(
                db,
                """
                INSERT INTO recipient (hcp_id, market, country, zone, language, stakeholder, specialty, access,
                    restricted, changed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT DO UPDATE SET market = excluded.market, country = excluded.country,
                    zone = excluded.zone, language = excluded.language, stakeholder = excluded.stakeholder,
                    specialty = excluded.specialty, access = excluded.access,
                    restricted = excluded.restricted, changed_at = excluded.changed_at
                WHERE (market, country, zone, language, stakeholder, specialty, access, restricted) IS NOT
                    (excluded.market, excluded.country, excluded.zone, excluded.language, excluded.stakeholder,
                    excluded.specialty, excluded.access, excluded.restricted)
                """)
            let before = db.totalChangesCount
            for r in recipients {
                upsert.bind(r.hcpID)
                upsert.bind(r.market)
                upsert.bind(r.country)
                upsert.bind(r.zone)
                upsert.bind(r.language)
                upsert.bind(r.stakeholder?.rawValue)
                upsert.bind(r.specialty)
                upsert.bind(r.access?.rawValue)
                upsert.bind(Int64(r.isRestricted ? 1 : 0))
                upsert.bind(at)
                try upsert.step()
            }
            let changed = db.totalChangesCount - before
            if changed > 0 {
                try Self.audit(
                    db, at: at, by: principal, "recipients.registered", subject: "recipients",
                    after: ["changed": "\(changed)"])
            }
            return changed
        }
    }

    /// Where an HCP lives and what language it speaks; nil when the ledger does not know it.
    package func recipient(_ hcpID: String) async throws -> (country: String?, language: String?)? {
        try await read { db in
            try Row.fetchOne(
                db, sql: "SELECT country, language FROM recipient WHERE hcp_id = ? AND restricted = 0",
                arguments: [hcpID]
            ).map { ($0[0], $0[1]) }
        }
    }

    /// Replaces the kinds of senders and who is in charge of whom, from which day to which (the last included). What is
    /// the same already costs a read.
    package func replaceAlignments(
        senders: [(repID: String, kind: RepKind)],
        alignments: [(repID: String, hcpID: String, first: Day, last: Day?)]
    ) async throws {
        let at = now()
        let wanted = Set(
            alignments.map { Alignment(rep: $0.repID, hcp: $0.hcpID, first: $0.first.stored, last: $0.last?.stored) })
        let kinds = Dictionary(senders.map { ($0.repID, $0.kind.rawValue) }, uniquingKeysWith: { $1 })
        let isSame = try await read { db in
            let present = try Row.fetchAll(db, sql: "SELECT rep_id, kind FROM sender").map {
                ($0[0] as String, $0[1] as String)
            }
            guard Dictionary(present, uniquingKeysWith: { $1 }) == kinds else { return false }
            let rows = try Row.fetchCursor(db, sql: "SELECT rep_id, hcp_id, first_day, last_day FROM alignment")
            var count = 0
            while let row = try rows.next() {
                let last: Int64 = row[3]
                guard
                    wanted.contains(
                        Alignment(rep: row[0], hcp: row[1], first: row[2], last: last == Self.openEnd ? nil : last))
                else { return false }
                count += 1
            }
            return count == wanted.count
        }
        if isSame { return }
        try await bulkWrite { db in
            try db.execute(sql: "DELETE FROM alignment; DELETE FROM sender")
            for sender in senders {
                try db.cachedStatement(sql: "INSERT OR REPLACE INTO sender (rep_id, kind) VALUES (?, ?)")
                    .execute(arguments: [sender.repID, sender.kind.rawValue])
            }
            let insert = try db.makeStatement(
                sql: "INSERT OR REPLACE INTO alignment (rep_id, hcp_id, first_day, last_day) VALUES (?, ?, ?, ?)")
            for row in alignments {
                try insert.execute(
                    arguments: [row.repID, row.hcpID, row.first.stored, row.last?.stored ?? Self.openEnd])
            }
            try Self.audit(
                db, at: at, by: .system, "alignments.replaced", subject: "alignments",
                after: ["senders": "\(senders.count)", "alignments": "\(alignments.count)"])
        }
    }

    private struct Alignment: Hashable {
        var rep: String
        var hcp: String
        var first: Int64
        var last: Int64?
    }

    /// An alignment without an end is stored so.
    private static let openEnd = Int64(Int32.max)

    /// What review says about content versions; every change of state is in the audit trail.
    package func registerContent(_ versions: [ContentApproval], by principal: Principal) async throws {
        let at = now()
        try await write { db in
            for content in versions { try Self.store(db, content, at: at, by: principal) }
        }
    }

    /// Writes what review says about one version, and the change into the trail; the same again writes nothing.
    static func store(_ db: Database, _ content: ContentApproval, at: Int64, by principal: Principal) throws {
        let earlier = try ContentApproval.read(db, content.contentID, content.version)
        guard earlier != content else { return }
        try db.cachedStatement(
            sql: """
                INSERT OR REPLACE INTO content_version (content_id, version, purpose, state, approved_day,
                    expires_day, channels, countries, language, stakeholders, specialties, changed_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(
            arguments: [
                content.contentID, content.version, content.purpose.rawValue, content.state.rawValue,
                content.approvedOn?.stored, content.expiresOn?.stored,
                content.channels.map(\.rawValue).sorted().joined(separator: ";"),
                content.countries.sorted().joined(separator: ";"), content.language,
                content.stakeholders.map(\.rawValue).sorted().joined(separator: ";"),
                content.specialties.sorted().joined(separator: ";"), at,
            ])
        try Self.audit(
            db, at: at, by: principal, "content.\(content.state.rawValue)",
            subject: "\(content.contentID)@\(content.version)",
            before: earlier.map { ["state": $0.state.rawValue] },
            after: ["state": content.state.rawValue, "expires": content.expiresOn?.description ?? ""])
    }

    /// The hours that an HCP wants to be reached in; nil removes them.
    package func setSchedule(_ schedule: OwnSchedule?, ofHCP hcpID: String, by principal: Principal) async throws {
        let at = now()
        let body = try schedule.map(canonicalJSON)
        try await write { db in
            try db.execute(sql: "DELETE FROM own_schedule WHERE hcp_id = ?", arguments: [hcpID])
            if let body {
                try db.execute(
                    sql: "INSERT INTO own_schedule (hcp_id, body, changed_at) VALUES (?, ?, ?)",
                    arguments: [hcpID, body, at])
            }
            try Self.audit(
                db, at: at, by: principal, "schedule.changed", subject: hcpID, after: ["body": body ?? "none"])
        }
    }

    package func schedule(ofHCP hcpID: String) async throws -> OwnSchedule? {
        try await read { db in
            try String.fetchOne(db, sql: "SELECT body FROM own_schedule WHERE hcp_id = ?", arguments: [hcpID])
                .map { try JSONDecoder().decode(OwnSchedule.self, from: Data($0.utf8)) }
        }
    }

    /// Holds what the system would send to an HCP, for a channel or a campaign or altogether, until a time or for good.
    /// - Returns: number of the hold, to release it.
    @discardableResult
    package func placeHold(
        onHCP hcpID: String, channel: Channel? = nil, campaign: String? = nil, until: Int64? = nil,
        cause: String? = nil, by principal: Principal
    ) async throws -> Int64 {
        let at = now()
        return try await write { db in
            try db.execute(
                sql: """
                    INSERT INTO hold (hcp_id, channel, campaign_id, actor, cause, placed_at, until)
                    VALUES (?, ?, ?, ?, ?, ?, ?)
                    """, arguments: [hcpID, channel?.rawValue, campaign, principal.id, cause, at, until])
            let number = db.lastInsertedRowID
            try Self.audit(
                db, at: at, by: principal, "hold.placed", subject: "hold:\(number)",
                after: ["hcp_id": hcpID, "channel": channel?.rawValue ?? "any", "campaign": campaign ?? "any"])
            return number
        }
    }

    package func releaseHold(_ number: Int64, by principal: Principal) async throws {
        let at = now()
        try await write { db in
            try db.execute(
                sql: "UPDATE hold SET released_at = ? WHERE hold_no = ? AND released_at IS NULL",
                arguments: [at, number])
            guard db.changesCount > 0 else { return }
            try Self.audit(db, at: at, by: principal, "hold.released", subject: "hold:\(number)")
        }
    }

    /// Puts HCPs into arms of an experiment. An arm once given stays: later assignments of the same HCP are ignored.
    ///
    /// - Parameter campaign: the campaign that it is about; "" = every one.
    package func assignArms(
        experiment: String, campaign: String = "", _ arms: [(hcpID: String, arm: String, isHoldout: Bool)],
        by principal: Principal = .system
    ) async throws {
        let at = now()
        try await bulkWrite { db in
            let insert = try db.makeStatement(
                sql: """
                    INSERT OR IGNORE INTO experiment_assignment (hcp_id, experiment_id, campaign_id, arm, holdout,
                        assigned_at) VALUES (?, ?, ?, ?, ?, ?)
                    """)
            var added = 0
            for row in arms {
                try insert.execute(arguments: [row.hcpID, experiment, campaign, row.arm, row.isHoldout, at])
                added += db.changesCount
            }
            guard added > 0 else { return }
            try Self.audit(
                db, at: at, by: principal, "experiment.assigned", subject: experiment, after: ["hcps": "\(added)"])
        }
    }

    /// Ends every running experiment whose name begins so, but for one.
    package func endExperiments(named prefix: String, except kept: String, by principal: Principal) async throws {
        let running = try await read { db in
            try String.fetchAll(
                db,
                sql: """
                    SELECT DISTINCT experiment_id FROM experiment_assignment
                    WHERE ended_at IS NULL AND substr(experiment_id, 1, ?) = ? AND experiment_id <> ? ORDER BY 1
                    """, arguments: [prefix.count, prefix, kept])
        }
        for experiment in running { try await endExperiment(experiment, by: principal) }
    }

    /// Ends an experiment: its arms bind no claim any more.
    package func endExperiment(_ experiment: String, by principal: Principal) async throws {
        let at = now()
        try await write { db in
            try db.execute(
                sql: "UPDATE experiment_assignment SET ended_at = ? WHERE experiment_id = ? AND ended_at IS NULL",
                arguments: [at, experiment])
            try Self.audit(db, at: at, by: principal, "experiment.ended", subject: experiment)
        }
    }

    /// What the channel or a bounce says later about a message that was sent: it arrived, or it came back. A message that
    /// came back does not count against caps.
    package func recordArrival(_ number: Int64, delivered: Bool, code: String? = nil) async throws {
        let at = now()
        try await write { db in
            guard let claim = try Claim.find(db, number) else { throw ClaimFailure.unknown }
            guard claim.state == .sent || claim.state == .uncertain else { throw ClaimFailure.notSending }
            try db.execute(
                sql: """
                    UPDATE contact SET status = ?, changed_at = ?, claim_state = 'sent', failure = ?
                    WHERE contact_no = ?
                    """, arguments: [delivered ? "delivered" : "bounced", at, code, number])
            if claim.state == .uncertain || !delivered {
                try db.execute(
                    sql: "INSERT INTO claim_event (contact_no, state, at, actor, cause) VALUES (?, 'sent', ?, ?, ?)",
                    arguments: [number, at, Principal.system.id, delivered ? "delivered" : code ?? "bounced"])
            }
        }
    }
}
