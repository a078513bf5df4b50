import EngagementModel
import Foundation
import GRDB

/// Claims inside of one immediate transaction: each is decided on its own, in order, and sees the rows of those before it.
struct ClaimTransaction {
    let db: Database
    let policy: ClaimPolicy
    let now: Int64
    let actor: String
    private let principal: Principal
    private let reader: ClaimFactsReader
    /// The latest time that the ledger has seen, this transaction included.
    private let latestSeen: Int64

    init(_ db: Database, ledger: Ledger, policy: ClaimPolicy, actor: Principal) throws {
        self.db = db
        self.policy = policy
        self.actor = actor.id
        principal = actor
        now = ledger.now()
        reader = ClaimFactsReader(db: db, digests: try ledger.digests(db), policy: policy)
        let stored = try Int64.fetchOne(db.cachedStatement(sql: "SELECT latest FROM ledger_time")) ?? .min
        // A clock that was far ahead and is right again must not freeze the ledger in the future.
        let isSlip = stored > now && stored - now <= Moments.longestSlip
        latestSeen = isSlip ? stored : now
        if latestSeen != stored {
            try db.cachedStatement(sql: "INSERT OR REPLACE INTO ledger_time (one, latest) VALUES (1, ?)")
                .execute(arguments: [latestSeen])
        }
    }

    func claim(_ request: ClaimRequest) throws -> ClaimOutcome {
        if let earlier = try Claim.find(db, request.key, request.hcpID) { return .existing(earlier) }
        let facts = try reader.facts(for: request, now: now, latestSeen: latestSeen)
        switch policy.decide(request, facts) {
        case .refused(let reason, let retryAt):
            try record(reason, request)
            return .refused(reason, retryAt: retryAt)
        case .granted(let basis): return .claimed(try insert(request, facts, basis))
        }
    }

    private func insert(_ request: ClaimRequest, _ facts: ClaimFacts, _ basis: ClaimBasis) throws -> Claim {
        let at = max(request.plannedAt ?? latestSeen, latestSeen)
        let day = facts.recipient.flatMap { policy.zones.zone($0.zone) }?.local(at).day ?? Day(microseconds: at)
        try db.cachedStatement(
            sql: """
                INSERT INTO contact (hcp_id, channel, direction, purpose, product_id, content_id, campaign_id, sender,
                    decision_id, occurred_at, day, status, origin, recorded_at, step_id, claim_state, claimed_at,
                    changed_at, basis, content_version, arm, address_hash, not_before)
                VALUES (?, ?, 'push', ?, ?, ?, ?, ?, ?, ?, ?, 'planned', 'rapport', ?, ?, 'claimed', ?, ?, ?, ?, ?, ?,
                    ?)
                """
        ).execute(
            arguments: [
                request.hcpID, request.channel.rawValue, request.purpose.rawValue, request.productID,
                request.contentID, request.key.campaign, request.sender, request.decisionID, at, day.stored, now,
                request.key.step, now, now, basis.description, request.contentVersion, request.arm,
                request.address.map { Data(reader.digests.address($0, request.channel)) }, at,
            ])
        let number = db.lastInsertedRowID
        try event(number, .claimed)
        return Claim(
            number: number, key: request.key, hcpID: request.hcpID, channel: request.channel,
            purpose: request.purpose, state: .claimed, basis: basis.description, contentID: request.contentID,
            contentVersion: request.contentVersion, decisionID: request.decisionID, sender: request.sender,
            claimedAt: now, occurredAt: at, day: day, attempts: 0, failure: nil)
    }

    /// One row for each reason and day, however often it is tried.
    private func record(_ reason: ClaimRefusal, _ request: ClaimRequest) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO claim_refusal (campaign_id, step_id, hcp_id, reason, day, channel, times, last_at)
                VALUES (?, ?, ?, ?, ?, ?, 1, ?)
                ON CONFLICT DO UPDATE SET times = times + 1, last_at = excluded.last_at
                """
        ).execute(
            arguments: [
                request.key.campaign, request.key.step, request.hcpID, reason.rawValue, Day(microseconds: now).stored,
                request.channel.rawValue, now,
            ])
    }

    // MARK: - Before and after the hand-over

    /// Judges a claim again at the moment of sending, and marks it as `sending` when it still holds.
    ///
    /// - Parameter address: where it will go, when the channel needs one; must be the one that was claimed.
    func begin(_ number: Int64, address: String?, worker: String, keyPrefix: String) throws -> SendPermit {
        guard var claim = try Claim.find(db, number) else { return .unknown }
        guard claim.state == .claimed else { return .taken(claim.state) }
        var request = try storedRequest(claim)
        request.address = address
        if let claimed = try addressDigest(number) {
            guard let address, reader.digests.address(address, claim.channel) == claimed else {
                try move(claim, to: .failed, status: .cancelled, cause: "address_changed")
                return .withdrawn(.noAddress)
            }
        }
        let facts = try reader.facts(for: request, now: now, latestSeen: latestSeen, except: number)
        switch policy.decide(request, facts) {
        case .refused(let reason, let retryAt):
            if reason.isTemporary {
                // Not looked at again before there is hope, so that others get their turn; at the latest in an hour.
                try rest(number, until: min(retryAt ?? .max, now + 3_600_000_000))
                return .notNow(reason, retryAt: retryAt)
            }
            try move(claim, to: .failed, status: .cancelled, cause: reason.rawValue)
            return .withdrawn(reason)
        case .granted: break
        }
        // It counts from when it leaves, not from when it was claimed.
        let at = max(request.plannedAt ?? latestSeen, latestSeen)
        let zone = facts.recipient.flatMap { policy.zones.zone($0.zone) }
        try db.cachedStatement(
            sql: """
                UPDATE contact SET claim_state = 'sending', changed_at = ?, worker = ?, attempts = attempts + 1,
                    occurred_at = ?, day = ? WHERE contact_no = ?
                """
        ).execute(
            arguments: [now, worker, at, (zone?.local(at).day ?? Day(microseconds: at)).stored, number])
        try event(number, .sending, cause: worker)
        claim.state = .sending
        claim.attempts += 1
        claim.occurredAt = at
        return .send(SendTicket(claim: claim, messageKey: "\(number).\(keyPrefix)"))
    }

    private func storedRequest(_ claim: Claim) throws -> ClaimRequest {
        let row = try Row.fetchOne(
            db.cachedStatement(sql: "SELECT product_id, arm FROM contact WHERE contact_no = ?"),
            arguments: [claim.number])
        return ClaimRequest(
            key: claim.key, hcpID: claim.hcpID, channel: claim.channel, purpose: claim.purpose, productID: row?[0],
            contentID: claim.contentID, contentVersion: claim.contentVersion, sender: claim.sender,
            decisionID: claim.decisionID, arm: row?[1], plannedAt: claim.occurredAt)
    }

    private func addressDigest(_ number: Int64) throws -> [UInt8]? {
        let row = try Row.fetchOne(
            db.cachedStatement(sql: "SELECT address_hash FROM contact WHERE contact_no = ?"), arguments: [number])
        return (row?[0] as Data?).map(Array.init)
    }

    func finish(_ number: Int64, _ result: SendResult) throws {
        guard let claim = try Claim.find(db, number) else { throw ClaimFailure.unknown }
        // A visit takes place without a hand-over; a message must have passed the last look.
        guard claim.state != .claimed || claim.channel.isHuman else { throw ClaimFailure.notSending }
        switch result {
        case .sent:
            try move(claim, to: .sent, status: .sent)
            try carriedOut(claim)
        case .failed(let code): try move(claim, to: .failed, status: .failed, cause: code)
        case .deferred(let code, let retryAt):
            try move(claim, to: .claimed, status: .planned, cause: code)
            try rest(number, until: retryAt ?? now)
        case .uncertain(let code): try move(claim, to: .uncertain, status: .uncertain, cause: code)
        }
    }

    /// The decision that a message carries out is executed in the same transaction as the message is sent.
    private func carriedOut(_ claim: Claim) throws {
        guard claim.key.campaign == ClaimKey.decisions, let id = claim.decisionID,
            let found = try Ledger.decision(db, id), found.decision.status != .executed
        else { return }
        _ = try Ledger.perform(
            db, DecisionRequest(decisionID: id, principal: principal, action: .execute(), at: now))
    }

    private func rest(_ number: Int64, until: Int64) throws {
        try db.cachedStatement(sql: "UPDATE contact SET not_before = ? WHERE contact_no = ?")
            .execute(arguments: [until, number])
    }

    func move(_ claim: Claim, to state: ClaimState, status: TouchStatus, cause: String? = nil) throws {
        guard claim.state != state else { return }
        try db.cachedStatement(
            sql: "UPDATE contact SET claim_state = ?, status = ?, changed_at = ?, failure = ? WHERE contact_no = ?"
        ).execute(arguments: [state.rawValue, status.rawValue, now, cause, claim.number])
        try event(claim.number, state, cause: cause)
    }

    private func event(_ number: Int64, _ state: ClaimState, cause: String? = nil) throws {
        try db.cachedStatement(
            sql: "INSERT INTO claim_event (contact_no, state, at, actor, cause) VALUES (?, ?, ?, ?, ?)"
        ).execute(arguments: [number, state.rawValue, now, actor, cause])
    }
}

enum ClaimFailure {
    static let unknown = Diagnostic(
        "unknown_claim", "There is no claim with this number.", remedy: "claim first, then send")
    static let notSending = Diagnostic(
        "not_sending", "This message was not handed out for sending.", remedy: "ask for a ticket with beginSending")
}

extension Claim {
    static let columns = """
        contact_no, campaign_id, step_id, hcp_id, channel, purpose, claim_state, basis, content_id, content_version, \
        decision_id, sender, claimed_at, occurred_at, day, attempts, failure
        """

    init(_ row: Row) throws {
        self.init(
            number: row[0], key: ClaimKey(campaign: row[1], step: row[2]), hcpID: row[3], channel: try row.closed(4),
            purpose: try row.closed(5), state: try row.closed(6), basis: row[7], contentID: row[8],
            contentVersion: row[9], decisionID: row[10], sender: row[11], claimedAt: row[12], occurredAt: row[13],
            day: row.day(14), attempts: row[15], failure: row[16])
    }

    static func find(_ db: Database, _ number: Int64) throws -> Claim? {
        try Row.fetchOne(
            db.cachedStatement(
                sql: "SELECT \(columns) FROM contact WHERE contact_no = ? AND claim_state IS NOT NULL"),
            arguments: [number]
        ).map(Claim.init)
    }

    static func find(_ db: Database, _ key: ClaimKey, _ hcpID: String) throws -> Claim? {
        try Row.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT \(columns) FROM contact
                    WHERE campaign_id = ? AND step_id = ? AND hcp_id = ? AND claim_state IS NOT NULL
                    """),
            arguments: [key.campaign, key.step, hcpID]
        ).map(Claim.init)
    }
}
