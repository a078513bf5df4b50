import Crypto
package import EngagementModel
import Foundation
import GRDB

extension Ledger {
    /// Carries an action out: status, event and audit row in one transaction, or a refusal and nothing.
    ///
    /// - Parameters:
    ///   - at: time of the action, microseconds since 1970; nil = now.
    ///   - today: the actor's own day; days before it cannot be chosen. nil = not checked.
    ///   - idempotencyKey: a repeated request of the same person with the same key answers like the first and does
    ///     nothing.
    /// - Returns: the decision as it stands afterwards.
    /// - Throws: `unknown_decision`, a code of `DecisionRefusal`, `idempotency_mismatch`, `note_too_long`.
    @discardableResult
    package func act(
        on decisionID: String, by principal: Principal, _ action: DecisionAction, at: Int64? = nil, today: Day? = nil,
        idempotencyKey: String? = nil
    ) async throws -> LedgerDecision {
        let request = DecisionRequest(
            decisionID: decisionID, principal: principal, action: action, at: at ?? now(), today: today,
            key: idempotencyKey)
        return try await write { db in try Self.perform(db, request) }
    }

    /// Marks planned decisions as seen by the person whom a page shows them to. Costs a read when all were seen before.
    package func markShown(_ decisionIDs: [String], to principal: Principal, at: Int64? = nil) async throws {
        let planned = try await statuses(of: decisionIDs).filter { $0.value == .planned }.keys.sorted()
        guard !planned.isEmpty else { return }
        let (list, at) = (try canonicalJSON(planned), at ?? now())
        try await write { db in
            let unseen = """
                FROM json_each(:list) j CROSS JOIN decision d ON d.decision_id = j.value
                WHERE d.status = 'planned' AND d.day IS NOT NULL AND d.run_no = \(Self.latest)
                """
            try db.execute(
                sql: """
                    INSERT INTO decision_event (decision_no, kind, actor, at)
                    SELECT d.decision_no, 'shown', :actor, :at \(unseen)
                    """,
                arguments: ["list": list, "actor": principal.id, "at": at])
            try db.execute(
                sql: """
                    UPDATE decision SET status = 'shown', changed_at = :at
                    WHERE decision_no IN (SELECT d.decision_no \(unseen))
                    """,
                arguments: ["list": list, "at": at])
        }
    }

    // MARK: - Inside of a transaction

    static func perform(_ db: Database, _ request: DecisionRequest) throws -> LedgerDecision {
        if let note = request.action.note, note.utf8.count > 4000 {
            throw Diagnostic("note_too_long", "A note holds at most 4,000 bytes.")
        }
        guard let found = try decision(db, request.decisionID) else {
            throw Diagnostic("unknown_decision", "There is no decision with this id.", remedy: "reload the list")
        }
        let fingerprint = try request.fingerprint()
        if try isRepeated(db, request, fingerprint) { return found }
        let current = DecisionMachine(
            status: found.decision.status, day: found.dueDay, hour: found.dueHour, contentID: found.dueContentID)
        switch current.apply(request.action, today: request.today) {
        case .refused(let refusal): throw refusal.diagnostic
        case .unchanged: return found
        case .changed(let next):
            try requireFreeDay(db, found, next)
            try store(db, request, found, from: current, to: next, fingerprint)
            return try decision(db, request.decisionID) ?? found
        }
    }

    private static func isRepeated(_ db: Database, _ request: DecisionRequest, _ fingerprint: Data) throws -> Bool {
        guard let key = request.key else { return false }
        let earlier = try Data.fetchOne(
            db, sql: "SELECT request_hash FROM decision_event WHERE actor = ? AND idempotency_key = ?",
            arguments: [request.principal.id, key])
        guard let earlier else { return false }
        guard earlier == fingerprint else {
            throw Diagnostic(
                "idempotency_mismatch", "This idempotency key was used for another request.",
                remedy: "send a new key with a new request")
        }
        return true
    }

    /// A moved touch must not meet another one of the same HCP: at most one a day, whoever planned it.
    private static func requireFreeDay(_ db: Database, _ found: LedgerDecision, _ next: DecisionMachine) throws {
        guard let day = next.day, day != found.dueDay, next.status == .edited || next.status == .snoozed else { return }
        let taken = try Bool.fetchOne(
            db,
            sql: """
                SELECT EXISTS (SELECT 1 FROM decision d WHERE d.decision_no IN (\(standingOfHCP))
                    AND d.due_day = :day AND d.decision_no <> :number
                    AND \(statusNow) NOT IN ('expired', 'dismissed'))
                """,
            arguments: ["hcp": found.decision.hcpID, "day": day.stored, "number": found.number])
        if taken == true { throw DecisionRefusal.dayTaken.diagnostic }
    }

    private static func store(
        _ db: Database, _ request: DecisionRequest, _ found: LedgerDecision, from current: DecisionMachine,
        to next: DecisionMachine, _ fingerprint: Data
    ) throws {
        try db.cachedStatement(
            sql: """
                UPDATE decision SET status = ?, due_day = ?, due_hour = ?, due_content_id = ?, changed_at = ?
                WHERE decision_no = ?
                """
        ).execute(
            arguments: [
                next.status.rawValue, next.day?.stored, next.hour, next.contentID, request.at, found.number,
            ])
        let edits = Self.edits(from: current, to: next)
        try db.cachedStatement(
            sql: """
                INSERT INTO decision_event (decision_no, kind, actor, at, cause, note, edits, idempotency_key,
                    request_hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(
            arguments: [
                found.number, next.status.rawValue, request.principal.id, request.at, request.cause,
                request.action.note, edits.isEmpty ? nil : try canonicalJSON(edits), request.key,
                request.key == nil ? nil : fingerprint,
            ])
        // Notes are free text about a person: the trail says that there is one, the event holds it.
        var after = edits.filter { !$0.key.hasSuffix("_before") }
        after["status"] = next.status.rawValue
        after["cause"] = request.cause
        if request.action.note != nil { after["note"] = "yes" }
        var before = ["status": current.status.rawValue]
        for (key, value) in edits where key.hasSuffix("_before") { before[String(key.dropLast(7))] = value }
        try audit(
            db, at: request.at, by: request.principal, "decision.\(next.status.rawValue)", subject: request.decisionID,
            before: before, after: after)
    }

    private static func edits(from current: DecisionMachine, to next: DecisionMachine) -> [String: String] {
        var edits: [String: String] = [:]
        func note(_ name: String, _ old: String?, _ new: String?) {
            guard old != new else { return }
            edits[name] = new ?? ""
            edits[name + "_before"] = old ?? ""
        }
        note("day", current.day?.description, next.day?.description)
        note("hour", current.hour.map(String.init), next.hour.map(String.init))
        note("content_id", current.contentID, next.contentID)
        return edits
    }
}

/// One request to act on a decision.
struct DecisionRequest: Sendable {
    var decisionID: String
    var principal: Principal
    var action: DecisionAction
    var at: Int64
    var today: Day?
    var key: String?
    /// Overrides the action's own cause: `feedback` for what another system reported.
    var reportedCause: String?

    init(
        decisionID: String, principal: Principal, action: DecisionAction, at: Int64, today: Day? = nil,
        key: String? = nil, reportedCause: String? = nil
    ) {
        self.decisionID = decisionID
        self.principal = principal
        self.action = action
        self.at = at
        self.today = today
        self.key = key
        self.reportedCause = reportedCause
    }

    var cause: String? {
        switch action {
        case .dismiss(let cause, _): cause.rawValue
        case .expire(let cause): cause.rawValue
        default: reportedCause
        }
    }

    /// Tells a repeated request from another one under the same key; the time is left out, as a retry comes later.
    func fingerprint() throws -> Data {
        Data(SHA256.hash(data: Data("\(decisionID)\n\(try canonicalJSON(action))".utf8)))
    }
}
