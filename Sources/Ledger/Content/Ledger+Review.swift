import Crypto
package import EngagementModel
import Foundation
import GRDB

/// The steps of a review. Each is one transaction: the step, its signature, its event, its audit row, and what the send
/// gate is told; the next claim sees all of it or nothing.
extension Ledger {
    /// Minutes after which a signing session has gone cold: login and password are then asked for again.
    private static let signingPause: Int64 = 30

    /// Hands drafts (or expired parts) to review; parts in another state are left as they are.
    /// - Returns: what was submitted.
    @discardableResult
    package func submitParts(_ versions: [PartVersion], by principal: Principal) async throws -> [PartVersion] {
        let at = now()
        return try await write { db in
            var submitted: [PartVersion] = []
            for row in try Self.rows(db, versions) where row.standing.state == .draft || row.standing.state == .expired
            {
                try Self.step(db, row, .submit, "submitted", at: at, by: principal)
                submitted.append(row.version)
            }
            guard !submitted.isEmpty else { throw ReviewFailure.nothing }
            return submitted
        }
    }

    /// Whether a session has to identify itself with both components at its next signature.
    package func needsIdentification(session: String?) async throws -> Bool {
        guard let session else { return true }
        let (hash, since) = (Self.sessionHash(session), now() - Self.signingPause * 60_000_000)
        return try await read { db in
            try Int.fetchOne(
                db, sql: "SELECT 1 FROM content_signature WHERE session = ? AND signed_at > ? LIMIT 1",
                arguments: [hash, since]) == nil
        }
    }

    /// Signs parts for a discipline. Parts in a state that does not wait for this signature are left out; the same
    /// person signs for one discipline only, and never for a part that the person submitted.
    ///
    /// - Parameter expires: the last day of use that goes with a release; nil = as the part says.
    /// - Returns: the states that follow, by version.
    package func signParts(
        _ versions: [PartVersion], as discipline: ReviewDiscipline, _ meaning: SignatureMeaning, expires: Day? = nil,
        with credentials: SigningCredentials, by user: User
    ) async throws -> [PartVersion: MLRState] {
        guard try await disciplines(of: user).contains(discipline) else { throw ReviewFailure.notAnApprover }
        let isFirst = try await needsIdentification(session: credentials.session)
        if isFirst {
            guard let login = credentials.login, !login.isEmpty else { throw ReviewFailure.identification }
            guard Self.normalised(login) == user.login else { throw ReviewFailure.signature }
        }
        guard case .welcome(let known) = try await authenticate(login: user.login, password: credentials.password),
            known.number == user.number
        else { throw ReviewFailure.signature }
        let at = now()
        let session = credentials.session.map(Self.sessionHash)
        return try await write { db in
            // Rights may have been taken away while the password was looked at.
            guard try Self.disciplines(db, user).contains(discipline) else { throw ReviewFailure.notAnApprover }
            var result: [PartVersion: MLRState] = [:]
            for row in try Self.rows(db, versions) {
                var machine = try row.machine(db)
                guard machine.apply(.sign(discipline, meaning)) != nil else { continue }
                if row.submittedBy == user.principal.id { throw ReviewFailure.ownSubmission }
                let hats = try row.signatures(db).filter {
                    $0.round == row.round && $0.meaning == .approve && $0.actor == user.principal.id
                }
                if meaning == .approve, !hats.isEmpty { throw ReviewFailure.secondHat }
                try Self.insertSignature(
                    db, row, discipline, meaning, actor: user.principal.id, name: user.name, at: at,
                    components: isFirst ? 2 : 1, session: session, reference: nil)
                result[row.version] = try Self.step(
                    db, row, .sign(discipline, meaning), "signed:\(discipline.rawValue):\(meaning.rawValue)", at: at,
                    by: user.principal, expires: expires)
            }
            guard !result.isEmpty else { throw ReviewFailure.nothing }
            return result
        }
    }

    /// Sends parts back to their authors, with the cause. Signatures of the round stay on record and count no more.
    package func rejectParts(_ versions: [PartVersion], cause: String, by user: User) async throws {
        guard try await !disciplines(of: user).isEmpty else { throw ReviewFailure.notAnApprover }
        try await end(versions, .reject, "rejected", cause: cause, by: user.principal)
    }

    /// Takes parts out of use, at once and for good.
    package func withdrawParts(_ versions: [PartVersion], cause: String, by principal: Principal) async throws {
        try await end(versions, .withdraw, "withdrawn", cause: cause, by: principal)
    }

    /// Marks as expired what is approved and past its last day. The send gate goes by the day itself; this is for pages
    /// and for the record.
    /// - Returns: versions that expired.
    @discardableResult
    package func expireParts(on today: Day) async throws -> [PartVersion] {
        let at = now()
        return try await write { db in
            let rows = try PartRow.all(
                db,
                """
                WHERE state IN ('approved_for_production', 'approved_for_distribution')
                    AND min(coalesce(expires_day, 2147483647), coalesce(last_day, 2147483647)) < ?
                """, [today.stored])
            for row in rows { try Self.step(db, row, .expire, "expired", at: at, by: .system) }
            return rows.map(\.version)
        }
    }

    /// Takes over approvals that were given in another system. Each becomes signatures that name that system's record;
    /// whoever brings them in answers for them and is in the trail.
    /// - Returns: versions that are now approved for distribution.
    @discardableResult
    package func importApprovals(_ approvals: [OutsideApproval], by principal: Principal) async throws -> [PartVersion]
    {
        let at = now()
        return try await bulkWrite { db in
            var done: [PartVersion] = []
            for approval in approvals {
                guard let row = try PartRow.find(db, approval.version) else { throw ReviewFailure.unknown }
                guard row.standing.state == .draft || row.standing.state == .expired else { continue }
                try Self.step(db, row, .submit, "imported", at: at, by: principal, cause: approval.reference)
                let day = approval.approvedOn.stored * 86_400_000_000
                let all = ReviewDiscipline.allCases.map { ($0, SignatureMeaning.approve) } + [(.regulatory, .release)]
                for (discipline, meaning) in all {
                    guard let current = try PartRow.find(db, approval.version) else { throw ReviewFailure.unknown }
                    guard let name = approval.names[discipline], !name.isEmpty else {
                        throw Diagnostic(
                            "approver_missing", "An approval lacks the name of its \(discipline.rawValue) approver.",
                            remedy: "name all three")
                    }
                    try Self.insertSignature(
                        db, current, discipline, meaning, actor: principal.id, name: name, at: day, components: 0,
                        session: nil, reference: approval.reference)
                    try Self.step(
                        db, current, .sign(discipline, meaning), "imported:\(discipline.rawValue):\(meaning.rawValue)",
                        at: at, by: principal, expires: approval.expiresOn, approvedOn: approval.approvedOn)
                }
                done.append(approval.version)
            }
            return done
        }
    }

    // MARK: - Parts

    private static func sessionHash(_ token: String) -> Data {
        Data(SHA256.hash(data: Data("signing \(token)".utf8)))
    }

    private static func rows(_ db: Database, _ versions: [PartVersion]) throws -> [PartRow] {
        guard !versions.isEmpty else { throw ReviewFailure.nothing }
        return try versions.map { version in
            guard let row = try PartRow.find(db, version) else { throw ReviewFailure.unknown }
            return row
        }
    }

    private func end(
        _ versions: [PartVersion], _ action: ReviewAction, _ word: String, cause: String, by principal: Principal
    ) async throws {
        guard !cause.allSatisfy(\.isWhitespace), cause.utf8.count <= 4000 else { throw ReviewFailure.cause }
        let at = now()
        try await write { db in
            for row in try Self.rows(db, versions) {
                guard try row.machine(db).admits(action) else { throw ReviewFailure.state(row.standing.state) }
                try Self.step(db, row, action, word, at: at, by: principal, cause: cause)
            }
        }
    }

    private static func insertSignature(
        _ db: Database, _ row: PartRow, _ discipline: ReviewDiscipline, _ meaning: SignatureMeaning, actor: String,
        name: String, at: Int64, components: Int, session: Data?, reference: String?
    ) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO content_signature (part_no, round, discipline, meaning, actor, printed_name, signed_at,
                    digest, components, session, reference) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            row.number, row.round, discipline.rawValue, meaning.rawValue, actor, name, at, row.version.digest,
            components,
            session, reference,
        ])
    }

    /// Performs one action of the machine: state, event, audit, supersession, gate.
    @discardableResult
    private static func step(
        _ db: Database, _ row: PartRow, _ action: ReviewAction, _ word: String, at: Int64, by principal: Principal,
        cause: String? = nil, expires: Day? = nil, approvedOn: Day? = nil
    ) throws -> MLRState {
        var machine = try row.machine(db)
        // The signature is on file already when its step is performed.
        if case .sign(let discipline, .approve) = action { machine.approved.remove(discipline) }
        guard let state = machine.apply(action) else { throw ReviewFailure.state(row.standing.state) }
        let isNewRound = action == .submit
        let round = row.round + (isNewRound ? 1 : 0)
        let isReleased = state == .approvedForDistribution
        try db.execute(
            sql: """
                UPDATE content_part SET state = ?, round = ?, submitted_by = CASE WHEN ? THEN ? ELSE submitted_by END,
                    approved_day = CASE WHEN ? THEN ? ELSE approved_day END,
                    expires_day = CASE WHEN ? THEN ? ELSE expires_day END, changed_at = ?
                WHERE part_no = ?
                """,
            arguments: [
                state.rawValue, round, isNewRound, principal.id, isReleased,
                (approvedOn ?? Day(microseconds: at)).stored, isReleased, expires?.stored, at, row.number,
            ])
        try db.execute(
            sql:
                "INSERT INTO content_event (part_no, round, action, state, actor, at, cause) VALUES (?, ?, ?, ?, ?, ?, ?)",
            arguments: [row.number, round, word, state.rawValue, principal.id, at, cause])
        try audit(
            db, at: at, by: principal, "part.\(word)", subject: row.version.description,
            before: ["state": row.standing.state.rawValue],
            after: ["state": state.rawValue, "digest": row.version.digest])
        if isReleased { try supersede(db, before: row, at: at, by: principal) }
        try tellGate(db, about: row.number, at: at, by: principal)
        return state
    }

    /// Earlier versions of a part end when a newer one is released.
    private static func supersede(_ db: Database, before row: PartRow, at: Int64, by principal: Principal) throws {
        let key = row.version.key
        let earlier = try PartRow.all(
            db,
            """
            WHERE kind = ? AND part_id = ? AND language = ? AND part_no <> ?
                AND state IN ('in_review', 'approved_for_production', 'approved_for_distribution', 'expired')
            """, [key.kind.rawValue, key.id, key.language, row.number])
        for old in earlier {
            try step(db, old, .supersede, "superseded", at: at, by: principal, cause: row.version.version)
        }
    }
}

extension ReviewMachine {
    /// Whether an action has a place in this state.
    package func admits(_ action: ReviewAction) -> Bool {
        var copy = self
        return copy.apply(action) != nil
    }
}
