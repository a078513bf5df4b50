internal import EngagementModel
internal import Foundation
internal import Insight
internal import Ledger
internal import Warehouse

/// One run of the cycle: load → resolve → learn → insight → decide → publish → measure, into a snapshot that is published as a whole.
///
/// A run that dies is taken up by the next: deliveries are loaded once each, finished steps of the same run are not
/// done again, and the plan is published under an id that the inputs determine.
public struct CycleRun: Sendable {
    private let workspace: Workspace
    private let request: RunRequest
    private let now: @Sendable () -> Int64
    private let progress: @Sendable (String) -> Void

    /// - Parameters:
    ///   - now: microseconds since 1970, UTC; for bookkeeping only, never for a decision.
    ///   - progress: called with one line for each thing done.
    public init(
        workspace: Workspace, request: RunRequest, now: @escaping @Sendable () -> Int64,
        progress: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.workspace = workspace
        self.request = request
        self.now = now
        self.progress = progress
    }

    public func perform() async throws -> RunSummary {
        let lock = try RunLock(directory: workspace.stateDirectory)
        defer { withExtendedLifetime(lock) {} }
        let store = SnapshotStore(directory: workspace.snapshotDirectory)
        let ledger = try workspace.openLedger(now: now)
        defer { try? ledger.close() }
        if !request.rulesOnly, !request.steps.isDisjoint(with: [.learn, .decide]) {
            try await TreeStep.check(workspace, ledger)
        }
        var state = try store.begin()
        let warehouse = try Warehouse.open(workspace.warehouseOptions(path: store.next.path, readOnly: false))
        let connection = try warehouse.connect()
        var summary = RunSummary()
        var erased = ErasureStep.Result()
        summary.asOf = request.asOf
        summary.rulesOnly = request.rulesOnly
        var context = RunContext(
            workspace: workspace, request: request, connection: connection, ledger: ledger, now: now,
            progress: progress)
        do {
            try await step(.load, &summary) { [context] in try await LoadStep.run(context, &$0) }
            let editions = try await ContentEdition.collect(workspace, ledger, on: request.asOf)
            summary.diagnostics += ContentEdition.warnings(editions, workspace, on: request.asOf)
            erased = try await ErasureStep.run(context)
            let runID = try await runID(context, editions, erased)
            context.runID = runID
            summary.runID = runID
            if state.runID != runID { state = SnapshotStore.Progress(base: state.base, runID: runID, steps: []) }
            summary.resumed = !state.steps.isEmpty
            if !request.force, request.steps == Set(RunStep.allCases), try await ledger.run(runID) != nil,
                try await published(in: store) == runID
            {
                // Nothing new: what was loaded again is dropped with the unfinished snapshot.
                await connection.close()
                warehouse.close()
                try store.discard()
                summary.unchanged = true
                return summary
            }
            try store.save(state)
            try await ContentEdition.save(editions, connection)
            let done = request.force ? [] : state.steps
            func perform(_ name: RunStep, _ body: (inout RunSummary) async throws -> Void) async throws {
                guard request.steps.contains(name), !done.contains(name.rawValue) else { return }
                try await step(name, &summary, body)
                try await connection.execute("CHECKPOINT")
                state.steps.append(name.rawValue)
                try store.save(state)
            }
            let known = context
            var people: ResolveStep.Record?
            if request.steps.contains(.resolve), !done.contains(RunStep.resolve.rawValue) {
                try await step(.resolve, &summary) { people = try await ResolveStep.run(known, &$0) }
                try await connection.execute("CHECKPOINT")
            }
            // The ledger takes in contacts and consents while the models learn; done is the step only afterwards.
            let found = people
            async let recording = Self.record(found, in: ledger)
            var memory = RunMemory()
            try await perform(.learn) { try await LearnStep.run(known, &memory, &$0) }
            try await perform(.insight) { try await InsightStep.run(known, &$0) }
            if try await recording {
                state.steps.append(RunStep.resolve.rawValue)
                try store.save(state)
            }
            try await perform(.decide) { try await DecideStep.run(known, &memory, runID: runID, &$0) }
            // The ledger writes the plan on one core and asks nothing of the warehouse, which measures and archives.
            let publication = try await reading(known, runID, done, memory)
            async let publishing = publication.write(ledger)
            try await perform(.measure) { try await MeasureStep.run(known, &$0) }
            try await MeasureStep.summarise(known, &summary)
            if case .duckdb = workspace.settings.engine {
                try await RecordArchive(directory: workspace.recordDirectory).write(
                    runID, from: connection, keep: workspace.settings.recordsKept)
                try await RecordArchive(directory: workspace.recordDirectory).forget(erased.hcpIDs, connection)
            }
            let waited = ContinuousClock.now
            if try await publishing {
                state.steps.append(RunStep.publish.rawValue)
                try store.save(state)
                // What the rest did not hide.
                finish(.publish, publication.reading + (ContinuousClock.now - waited), &summary)
            }
            try await connection.execute("CHECKPOINT")
        } catch {
            await connection.close()
            warehouse.close()
            throw Self.translate(error)
        }
        await connection.close()
        warehouse.close()
        // Who was taken out stays in no older snapshot either.
        _ = try store.publish(keep: erased.rows > 0 ? 1 : workspace.settings.snapshotsKept)
        return summary
    }

    private func step(
        _ name: RunStep, _ summary: inout RunSummary, _ body: (inout RunSummary) async throws -> Void
    ) async throws {
        try Task.checkCancellation()
        progress("\(name.rawValue) …")
        let start = ContinuousClock.now
        try await body(&summary)
        finish(name, ContinuousClock.now - start, &summary)
    }

    /// Steps are told in their order, whichever ends first.
    private func finish(_ name: RunStep, _ duration: Duration, _ summary: inout RunSummary) {
        let (whole, fraction) = duration.components
        let seconds = Double(whole) + Double(fraction) / 1e18
        let order = RunStep.allCases.map(\.rawValue)
        let later = Set(order.drop { $0 != name.rawValue })
        let place = summary.steps.firstIndex { later.contains($0.name) } ?? summary.steps.count
        summary.steps.insert(.init(name: name.rawValue, seconds: seconds), at: place)
        progress("\(name.rawValue) done in \(String(format: "%.1f", seconds)) s")
    }

    /// Reads what is to be published; nothing when that is done or not asked for.
    private func reading(
        _ context: RunContext, _ runID: String, _ done: [String], _ memory: RunMemory
    ) async throws -> Publication {
        guard request.steps.contains(.publish), !done.contains(RunStep.publish.rawValue) else { return Publication() }
        progress("\(RunStep.publish.rawValue) …")
        let start = ContinuousClock.now
        let step = try await PublishStep(context, runID: runID, plan: memory.plan)
        return Publication(step: step, reading: ContinuousClock.now - start)
    }

    private struct Publication: Sendable {
        var step: PublishStep?
        var reading = Duration.zero

        /// False when there is nothing to write.
        func write(_ ledger: Ledger) async throws -> Bool {
            try await step?.write(ledger)
            return step != nil
        }
    }

    /// False when there is nothing to write.
    private static func record(_ people: ResolveStep.Record?, in ledger: Ledger) async throws -> Bool {
        try await people?.write(ledger)
        return people != nil
    }

    /// The same inputs give the same run: day, strategy, mode, every delivery, what people have taken in hand,
    /// what review says about the contents, and who was erased.
    private func runID(
        _ context: RunContext, _ editions: [ContentEdition], _ erasure: ErasureStep.Result
    ) async throws -> String {
        let deliveries = try await context.connection.query(
            "SELECT table_name || ' ' || file || ' ' || content_hash AS line FROM history.delivery ORDER BY line"
        ).texts("line")
        let commitments = try await context.ledger.commitments(from: request.asOf + 1)
        let mode = request.rulesOnly ? "rules" : "full"
        let released = try await ModelRegister.released(workspace, context.ledger)
        // Models are part of the inputs only where there is a choice of them.
        let models = workspace.challengers.isEmpty ? [] : ["champion \(released)", "\(workspace.challengers)"]
        let taken = commitments.decisionID.indices.map {
            "\(commitments.decisionID[$0]) \(commitments.status[$0].rawValue) \(commitments.day[$0])"
        }
        // A question about identities that a person answered changes who is who.
        let answered = try await context.ledger.identityAnswers().map { "answer \($0.number)" }
        // So does a classifier that reads messages otherwise.
        let texts = try TextModelFile.trained(workspace) == nil ? [] : [try TextModelFile.reader(workspace).version]
        let triggers = TriggerReportFile.read(workspace)?.calibration ?? []
        return "run-"
            + fingerprint(
                [request.asOf.description, workspace.strategyVersion, mode, ProgramVersion.current] + models
                    + deliveries + taken.sorted() + answered + texts + triggers.map { "\($0)" } + editions.map(\.line)
                    + (erasure.people == 0 ? [] : ["erased \(erasure.people)"]))
    }

    private func published(in store: SnapshotStore) async throws -> String? {
        guard let current = store.current else { return nil }
        let warehouse = try Warehouse.open(workspace.warehouseOptions(path: current.path, readOnly: true))
        defer { warehouse.close() }
        let connection = try warehouse.connect()
        let tables = try await connection.query(
            "SELECT 1 AS one FROM information_schema.tables WHERE table_schema = 'plan' AND table_name = 'run'")
        guard tables.rowCount > 0 else { return nil }
        return try await connection.query("SELECT run_id FROM plan.run").texts("run_id").first
    }

    /// What a full disk says in the engine's words, in ours.
    private static func translate(_ error: any Error) -> any Error {
        guard let diagnostic = error as? Diagnostic,
            ["No space left", "Could not write", "could not write"].contains(where: diagnostic.message.contains)
        else { return error }
        return Diagnostic(
            "disk_full", "the disk is full; the last published snapshot is untouched",
            remedy: "free some space and run again: the run goes on where it stopped")
    }
}
