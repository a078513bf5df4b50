import EngagementModel
import Foundation
import GRDB

/// Reads what the policy needs for one claim, inside of the claim's own transaction; one prepared statement for each
/// table, shared by the claims of a batch.
struct ClaimFactsReader {
    let db: Database
    let digests: KeyedDigest
    let policy: ClaimPolicy

    /// - Parameter except: the claim's own row, when it is judged again before it is sent.
    func facts(for request: ClaimRequest, now: Int64, latestSeen: Int64, except: Int64 = 0) throws -> ClaimFacts {
        var facts = ClaimFacts(now: now, latestSeen: latestSeen, recipient: try recipient(request.hcpID))
        guard let recipient = facts.recipient else { return facts }
        facts.suppressions = try suppressions(request)
        facts.consents = try consents(request)
        let at = max(request.plannedAt ?? now, now)
        let day = policy.zones.zone(recipient.zone)?.local(at).day ?? Day(microseconds: at)
        if request.contentID != nil { facts.content = try content(request) }
        if request.sender != ClaimRequest.system { try sender(request, on: day, &facts) }
        // Service and safety are bound neither by history nor by holds nor by experiments, but by booked visits.
        if !request.purpose.skipsPromotionalPolicy {
            facts.touches = try contacts(request, around: day, except: except)
            facts.assignments = try assignments(request)
            facts.holds = try holds(request)
        }
        facts.touches += try booked(request, from: day)
        if request.key.campaign == InquiryReply.campaign { facts.inquiry = try inquiry(request, now: now) }
        return facts
    }

    /// The inquiry that a claim says it answers: the HCP's own, by e-mail or not, of the last thirty days.
    private func inquiry(_ request: ClaimRequest, now: Int64) throws -> Int64? {
        guard let number = Int64(request.key.step.prefix { $0 != ":" }) else { return nil }
        return try rows(
            """
            SELECT inquiry_no FROM inquiry WHERE inquiry_no = ? AND hcp_id = ? AND state <> 'closed'
                AND identified_by IS NOT NULL AND received_at > ?
            """, [number, request.hcpID, now - 30 * 86_400_000_000]
        ).next()?[0]
    }

    private func rows(_ sql: String, _ arguments: StatementArguments) throws -> RowCursor {
        try Row.fetchCursor(db.cachedStatement(sql: sql), arguments: arguments)
    }

    func recipient(_ hcpID: String) throws -> Recipient? {
        let found = try rows(
            """
            SELECT r.market, r.country, r.zone, r.language, r.stakeholder, r.specialty, r.access, r.restricted, s.body
            FROM recipient r LEFT JOIN own_schedule s USING (hcp_id) WHERE r.hcp_id = ?
            """, [hcpID])
        guard let row = try found.next() else { return nil }
        let schedule = try (row[8] as String?).map { try JSONDecoder().decode(OwnSchedule.self, from: Data($0.utf8)) }
        return Recipient(
            hcpID: hcpID, market: row[0], country: row[1], zone: row[2], language: row[3],
            stakeholder: try row.optionalClosed(4), specialty: row[5], access: try row.optionalClosed(6),
            isRestricted: row[7], schedule: schedule)
    }

    func suppressions(_ request: ClaimRequest) throws -> [SuppressionReach] {
        var found = try suppressed(digests.subject(request.hcpID))
        if let address = request.address {
            found += try suppressed(digests.address(address, request.channel))
        }
        return found
    }

    func suppressed(_ digest: [UInt8]) throws -> [SuppressionReach] {
        var found: [SuppressionReach] = []
        let cursor = try rows(
            "SELECT reach FROM suppression WHERE digest = ? AND lifted_at IS NULL", [Data(digest)])
        while let row = try cursor.next() { found.append(try row.closed(0)) }
        return found
    }

    func consents(_ request: ClaimRequest) throws -> [ConsentFact] {
        var found: [ConsentFact] = []
        let cursor = try rows(
            """
            SELECT c.consent_no, c.consent_id, c.address, c.product_id, c.status, c.basis, c.captured_at,
                c.expires_at, c.origin, e.confirms IS NOT NULL OR e.signature_hash IS NOT NULL
            FROM consent c LEFT JOIN consent_evidence e USING (consent_no)
            WHERE c.hcp_id = ? AND c.channel = ? AND c.purpose = ? AND c.superseded_at IS NULL
            """, [request.hcpID, request.channel.rawValue, request.purpose.rawValue])
        while let row = try cursor.next() {
            let (address, product): (String, String) = (row[2], row[3])
            let origin: Origin = try row.closed(8)
            found.append(
                ConsentFact(
                    number: row[0], consentID: row[1], channel: request.channel,
                    address: address.isEmpty ? nil : Address.normalised(address, request.channel),
                    purpose: request.purpose, productID: product.isEmpty ? nil : product, status: try row.closed(4),
                    basis: try row.optionalClosed(5), capturedAt: row[6], expiresAt: row[7], origin: origin,
                    isConfirmed: origin == .loaded || row[9]))
        }
        return found
    }

    /// Touches of the window around a day. The index is by time; a recipient's day lies within a day of the UTC day.
    private func contacts(_ request: ClaimRequest, around day: Day, except: Int64) throws -> [CountedTouch] {
        let reach = Int64(policy.reachDays) + 2
        var found: [CountedTouch] = []
        let cursor = try rows(
            """
            SELECT day, occurred_at, channel, purpose, product_id, sender, content_id FROM contact
            WHERE hcp_id = ? AND occurred_at BETWEEN ? AND ? AND direction = 'push' AND contact_no <> ?
                AND (status IN ('sent', 'delivered', 'uncertain') OR claim_state IN ('claimed', 'sending'))
            """,
            [request.hcpID, (day.stored - reach) * 86_400_000_000, (day.stored + reach) * 86_400_000_000, except])
        while let row = try cursor.next() {
            found.append(
                CountedTouch(
                    day: row.day(0), at: row[1], channel: try row.closed(2), purpose: try row.optionalClosed(3),
                    productID: row[4], sender: row[5], contentID: row[6]))
        }
        return found
    }

    /// Visits and calls that people have accepted and that hold no claim of their own yet.
    private func booked(_ request: ClaimRequest, from day: Day) throws -> [CountedTouch] {
        var found: [CountedTouch] = []
        let cursor = try rows(
            """
            SELECT d.due_day, d.channel, d.purpose, d.product_id, d.sender, d.due_content_id
            FROM decision d INDEXED BY decision_acted_hcp
            WHERE d.hcp_id = ? AND d.due_day BETWEEN ? AND ? AND d.day IS NOT NULL
                AND d.status NOT IN ('planned', 'shown') AND d.status IN ('accepted', 'edited', 'snoozed')
                AND d.decision_id <> ? AND NOT EXISTS (
                    SELECT 1 FROM contact c WHERE c.decision_id = d.decision_id
                        AND (c.claim_state IS NULL OR c.claim_state <> 'failed'))
            """,
            [request.hcpID, day.stored, day.stored + Int64(policy.reachDays), request.decisionID ?? ""])
        while let row = try cursor.next() {
            let (day, channel): (Day, Channel) = (row.day(0), try row.closed(1))
            found.append(
                CountedTouch(
                    day: day, at: day.stored * 86_400_000_000, channel: channel, purpose: try row.optionalClosed(2),
                    productID: row[3], sender: row[4], contentID: row[5], isBooked: true))
        }
        return found
    }

    func content(_ request: ClaimRequest) throws -> ContentApproval? {
        guard let id = request.contentID, let version = request.contentVersion else { return nil }
        return try ContentApproval.read(db, id, version)
    }

    private func sender(_ request: ClaimRequest, on day: Day, _ facts: inout ClaimFacts) throws {
        let kind = try rows("SELECT kind FROM sender WHERE rep_id = ?", [request.sender])
        guard let row = try kind.next() else { return }
        facts.senderKind = try row.closed(0)
        let aligned = try rows(
            "SELECT 1 FROM alignment WHERE rep_id = ? AND hcp_id = ? AND ? BETWEEN first_day AND last_day LIMIT 1",
            [request.sender, request.hcpID, day.stored])
        facts.isAligned = try aligned.next() != nil
    }

    private func assignments(_ request: ClaimRequest) throws -> [ExperimentFact] {
        var found: [ExperimentFact] = []
        let cursor = try rows(
            """
            SELECT experiment_id, arm, holdout FROM experiment_assignment
            WHERE hcp_id = ? AND campaign_id IN ('', ?) AND ended_at IS NULL
            """, [request.hcpID, request.key.campaign])
        while let row = try cursor.next() {
            found.append(ExperimentFact(experimentID: row[0], arm: row[1], isHoldout: row[2]))
        }
        return found
    }

    private func holds(_ request: ClaimRequest) throws -> [Int64] {
        var found: [Int64] = []
        let cursor = try rows(
            """
            SELECT coalesce(until, 9223372036854775807) FROM hold
            WHERE hcp_id = ? AND released_at IS NULL AND (channel IS NULL OR channel = ?)
                AND (campaign_id IS NULL OR campaign_id = ?)
            """, [request.hcpID, request.channel.rawValue, request.key.campaign])
        while let row = try cursor.next() { found.append(row[0]) }
        return found
    }
}

extension ContentApproval {
    static func read(_ db: Database, _ id: String, _ version: String) throws -> ContentApproval? {
        let cursor = try Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT purpose, state, approved_day, expires_day, channels, countries, language, stakeholders,
                        specialties
                    FROM content_version WHERE content_id = ? AND version = ?
                    """), arguments: [id, version])
        guard let row = try cursor.next() else { return nil }
        func words(_ index: Int) -> [String] { (row[index] as String).split(separator: ";").map(String.init) }
        return ContentApproval(
            contentID: id, version: version, purpose: try row.closed(0), state: try row.closed(1),
            approvedOn: row.optionalDay(2), expiresOn: row.optionalDay(3),
            channels: Set(words(4).compactMap(Channel.init(rawValue:))), countries: Set(words(5)), language: row[6],
            stakeholders: Set(words(7).compactMap(Stakeholder.init(rawValue:))), specialties: Set(words(8)))
    }
}
