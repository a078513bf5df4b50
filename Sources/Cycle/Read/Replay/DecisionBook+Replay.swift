internal import Decisioning
internal import EngagementModel
internal import Foundation
internal import Ledger
internal import Warehouse

extension DecisionBook {
    /// Makes a logged decision again from its record, of the plan or of a live moment, and compares bit for bit.
    ///
    /// - Throws: `unknown_decision`; `record_gone` when the snapshot of its run is no longer kept.
    public func replay(_ decisionID: String) async throws -> ReplayReport {
        if let found = try await ledger.decision(decisionID)?.decision {
            return try await withSnapshot(of: found.runID) { connection in
                let replay = try await PlanReplay.read(connection, hcpID: found.hcpID, workspace)
                return try Self.check([found], replay)[0]
            }
        }
        if let live = try await ledger.liveDecision(decisionID) {
            let outcomes = try await ledger.liveOutcomes(ofHCP: live.hcpID, through: live.scoredThrough)
            return try await withSnapshot(of: live.runID) { connection in
                try await LiveReplay(record: live, outcomes: outcomes).check(connection, workspace)
            }
        }
        throw Diagnostic("unknown_decision", "no decision has that id", remedy: "`rapport decisions` prints the ids")
    }

    /// Makes every decision of a run again; nil = the newest run.
    public func replayRun(_ runID: String?) async throws -> RunReplayReport {
        let runID = if let runID { runID } else { try await run(asOf: nil).record.runID }
        let logged = try await ledger.decisions(ofRun: runID, includingNoTouch: true).map(\.decision)
        guard !logged.isEmpty else {
            throw Diagnostic("unknown_run", "no run has that id", remedy: "`rapport decisions` prints the run_id")
        }
        return try await withSnapshot(of: runID) { connection in
            let replay = try await PlanReplay.read(connection, hcpID: nil, workspace)
            var report = RunReplayReport(
                runID: runID, decisions: logged.count, exact: 0, differing: [:], examples: [])
            for found in try Self.check(logged, replay) {
                guard !found.isExact else {
                    report.exact += 1
                    continue
                }
                let part = found.parts.first { $0.difference != nil }?.name.rawValue ?? ""
                report.differing[part, default: 0] += 1
                if report.examples.count < 5 { report.examples.append(found) }
            }
            return report
        }
    }

    private static func check(_ decisions: [Decision], _ replay: PlanReplay) throws -> [ReplayReport] {
        var numbers: [String: Int] = [:]
        for (number, id) in replay.run.inputs.population.hcpIDs.enumerated() { numbers[id] = number }
        let rows = try decisions.map { decision -> (hcp: Int, decision: Decision) in
            guard let hcp = numbers[decision.hcpID] else {
                throw Diagnostic(
                    "record_gone", "the HCP of the decision is not in the snapshot of its run",
                    remedy: "an erased person's decisions cannot be replayed")
            }
            return (hcp, decision)
        }.sorted { $0.hcp < $1.hcp }
        var reports: [ReplayReport] = []
        reports.reserveCapacity(rows.count)
        var first = rows.startIndex
        while first < rows.endIndex {
            // Blocks of HCPs bound the memory of the scores.
            let block = rows[first].hcp..<(rows[first].hcp + 4096)
            let end = rows[first...].firstIndex { $0.hcp >= block.upperBound } ?? rows.endIndex
            let hcps = rows[first].hcp..<(rows[end - 1].hcp + 1)
            let scored = try replay.run.scorer?.score(hcps)
            let part = Array(rows[first..<end])
            // Trees take all choices of a block apart at once.
            let choices = part.map { replay.variant(of: $0.decision, hcp: $0.hcp) }
            let parts = try replay.run.scorer?.parts(
                zip(part, choices).compactMap { row, variant in
                    variant.map { TreeCell(hcp: row.hcp, action: $0) }
                })
            var place = 0
            for (row, variant) in zip(part, choices) {
                let trace = variant.flatMap { variant in
                    replay.run.scorer?.traces(
                        hcp: row.hcp, actions: [variant], parts ?? TreeParts(), from: place)[0]
                }
                place += variant == nil ? 0 : 1
                reports.append(replay.check(row.decision, hcp: row.hcp, scored: scored, trace: trace))
            }
            first = end
        }
        return reports
    }

    /// A connection to what is kept of a run: its snapshot, else its record.
    func withSnapshot<R: Sendable>(
        of runID: String, _ body: (WarehouseConnection) async throws -> R
    ) async throws -> R {
        for file in SnapshotStore(directory: workspace.snapshotDirectory).kept {
            let found = try await withConnection(file) { connection -> R? in
                let tables = try await connection.query(
                    "SELECT 1 AS one FROM information_schema.tables WHERE table_schema = 'plan' AND table_name = 'run'")
                guard tables.rowCount > 0,
                    try await connection.query("SELECT run_id FROM plan.run").texts("run_id").first == runID
                else { return nil }
                return try await body(connection)
            }
            if let found { return found }
        }
        if let file = RecordArchive(directory: workspace.recordDirectory).file(of: runID) {
            return try await withConnection(file, body)
        }
        throw Diagnostic(
            "record_gone", "neither snapshot nor record of \(runID) is kept any more",
            remedy: "raise snapshots_kept or records_kept in rapport.yaml, or restore state/ from a backup")
    }

    func withConnection<R: Sendable>(
        _ file: URL, _ body: (WarehouseConnection) async throws -> R
    ) async throws -> R {
        let warehouse = try Warehouse.open(workspace.warehouseOptions(path: file.path, readOnly: true))
        defer { warehouse.close() }
        return try await body(try warehouse.connect())
    }
}
