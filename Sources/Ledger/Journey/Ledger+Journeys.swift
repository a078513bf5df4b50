import EngagementModel
import GRDB

extension Ledger {
    /// One immediate transaction over journeys and claims.
    package func journeys<R: Sendable>(
        policy: ClaimPolicy, by principal: Principal, _ body: @escaping @Sendable (JourneyTransaction) throws -> R
    ) async throws -> R {
        try await write { db in
            try body(try JourneyTransaction(db, ledger: self, policy: policy, actor: principal))
        }
    }

    /// Registers a definition: the same text is the same version, another text is the next one. Running instances stay
    /// with theirs.
    /// - Returns: the version.
    package func registerJourney(_ id: String, body: String, by principal: Principal) async throws -> Int {
        let at = now()
        return try await write { db in
            let last = try Row.fetchOne(
                db,
                sql: "SELECT version, body FROM journey_definition WHERE journey_id = ? ORDER BY version DESC LIMIT 1",
                arguments: [id])
            if let last, last[1] == body { return last[0] }
            let version = (last?[0] ?? 0) + 1
            try db.execute(
                sql: """
                    INSERT INTO journey_definition (journey_id, version, body, registered_at, actor)
                    VALUES (?, ?, ?, ?, ?)
                    """, arguments: [id, version, body, at, principal.id])
            try Self.audit(
                db, at: at, by: principal, "journey.registered", subject: id, after: ["version": "\(version)"])
            return version
        }
    }

    /// Every definition that was ever registered, in the order of id and version.
    package func journeyDefinitions() async throws -> [(journeyID: String, version: Int, body: String)] {
        try await read { db in
            try Row.fetchAll(
                db, sql: "SELECT journey_id, version, body FROM journey_definition ORDER BY journey_id, version"
            ).map { ($0[0], $0[1], $0[2]) }
        }
    }

    /// Stops the timers and waits of a journey, or lets them go on; what became due meanwhile runs at once then.
    package func setJourney(_ id: String, paused: Bool, by principal: Principal) async throws {
        let at = now()
        try await write { db in
            try db.execute(
                sql: "UPDATE journey_instance SET phase = ? WHERE journey_id = ? AND phase = ?",
                arguments: [paused ? "paused" : "waiting", id, paused ? "waiting" : "paused"])
            try Self.audit(
                db, at: at, by: principal, paused ? "journey.paused" : "journey.resumed", subject: id,
                after: ["instances": "\(db.changesCount)"])
        }
    }

    package func journeyInstances(ofHCP hcpID: String) async throws -> [JourneyRow] {
        try await read { db in
            try Row.fetchAll(
                db,
                sql: "SELECT \(JourneyRow.columns) FROM journey_instance WHERE hcp_id = ? ORDER BY instance_no",
                arguments: [hcpID]
            ).map(JourneyRow.init)
        }
    }

    /// What an instance did, in order.
    package func journeySteps(of instance: Int64) async throws -> [JourneyStepRow] {
        try await read { db in
            try Row.fetchAll(
                db,
                sql:
                    "SELECT visit, node, at, result, contact_no FROM journey_step WHERE instance_no = ? ORDER BY visit",
                arguments: [instance]
            ).map {
                JourneyStepRow(visit: $0[0], node: $0[1], at: $0[2], result: $0[3], contactNumber: $0[4])
            }
        }
    }

    /// Live counts of a journey's graph.
    package func journeyCounts(_ id: String) async throws -> JourneyCounts {
        try await read { db in
            var counts = JourneyCounts()
            let rows = try Row.fetchCursor(
                db,
                sql: """
                    SELECT version, phase, iif(phase = 'ended', coalesce(outcome, ''), node), count(*)
                    FROM journey_instance WHERE journey_id = ? GROUP BY 1, 2, 3
                    """, arguments: [id])
            while let row = try rows.next() {
                let (version, place, count): (Int, String, Int) = (row[0], row[2], row[3])
                if row[1] == "ended" {
                    counts.ended[version, default: [:]][place] = count
                } else {
                    if row[1] == "paused" { counts.paused += count }
                    counts.present[version, default: [:]][place, default: 0] += count
                }
            }
            return counts
        }
    }

    /// Tasks about HCPs that are still open, the earliest due first.
    package func openTasks(ofHCPs hcpIDs: [String], limit: Int = 200) async throws -> [RepTask] {
        let list = try canonicalJSON(hcpIDs)
        return try await read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT t.task_no, t.hcp_id, t.journey_id, t.kind, t.title, t.product_id, t.due_at, t.created_at,
                        t.done_at
                    FROM json_each(?) j CROSS JOIN rep_task t ON t.hcp_id = j.value WHERE t.done_at IS NULL
                    ORDER BY t.due_at IS NULL, t.due_at, t.task_no LIMIT ?
                    """, arguments: [list, limit]
            ).map {
                RepTask(
                    number: $0[0], hcpID: $0[1], journeyID: $0[2], kind: $0[3], title: $0[4], productID: $0[5],
                    dueAt: $0[6], createdAt: $0[7], doneAt: $0[8])
            }
        }
    }

    /// Marks a task as done; once.
    package func finishTask(_ number: Int64, by principal: Principal) async throws {
        let at = now()
        try await write { db in
            try db.execute(
                sql: "UPDATE rep_task SET done_at = ?, done_by = ? WHERE task_no = ? AND done_at IS NULL",
                arguments: [at, principal.id, number])
            guard db.changesCount > 0 else { return }
            try Self.audit(db, at: at, by: principal, "task.done", subject: "task:\(number)")
        }
    }
}
