internal import EngagementModel

/// One stage of a run: which file, how long, how many rows its table has now.
package struct MartTiming: Sendable, Hashable {
    /// `features/touch`.
    package var file: String
    package var seconds: Double
    package var rows: Int64
    /// Nothing that the stage reads had changed.
    package var skipped: Bool
}

/// From canonical rows to golden HCPs, features and reports: the SQL pipeline of `SQL/resolve`, `SQL/features`,
/// `SQL/insight` and `SQL/measure`, one stage a file.
///
/// All stages see the warehouse as of `history.clock`. A stage whose inputs have not changed since its last build is
/// skipped; `mart.touch` is brought up to date by the changed rows alone.
///
/// ## Topics
/// - ``prepare(_:)``
/// - ``resolve(_:runID:progress:)``
/// - ``features(_:runID:progress:)``
/// - ``insight(_:runID:progress:)``
/// - ``measure(_:runID:progress:)``
/// - ``stage(_:_:runID:)``
package enum Marts {
    /// Called before each stage: its file, its place from 0, how many there are.
    package typealias Progress = @Sendable (_ file: String, _ place: Int, _ count: Int) -> Void

    static let resolveStages = [
        "code", "record", "link", "person", "person_npi", "person_label", "component", "golden", "hcp_number", "xref",
        "hcp_record", "hcp_source", "hco", "affiliation", "hcp", "rep", "territory_rep", "hcp_rep",
    ].map { "resolve/\($0)" }

    static let featureStages = [
        "touch", "contact", "content", "consent_current", "volume_month", "feature_hcp_channel", "feature_hcp_topic",
        "zone_hour", "feature_hcp_hour", "specialty", "feature_volume", "feature_hcp",
    ].map { "features/\($0)" }

    static let measureStages = [
        "channel_month", "conflict", "preference", "segment_preference", "topic_preference", "topic_change",
        "hour_preference", "reach_input", "summary",
    ].map { "measure/\($0)" }

    static let insightStages = [
        "purchase", "tie", "workplace", "message", "lapse_due",
    ].map { "insight/\($0)" }

    /// Read what the models of the insight step wrote, and so come after them.
    static let lateInsightStages = ["insight/trigger", "insight/target", "measure/trigger_precision"]

    /// Creates the tables that outlive a run where they are missing: golden identities, `history.market`,
    /// `history.code`, `history.objective`, `plan.rule`. For those who fill them before the first run of the pipeline.
    package static func prepare(_ connection: WarehouseConnection) async throws {
        try await MartTables.create(connection)
    }

    /// Identity: `mart.xref`, `mart.hcp` and its provenance, `mart.hco`, `mart.rep`, `mart.hcp_rep`.
    ///
    /// - Parameter runID: kept with golden identities that this run founds or merges.
    @discardableResult
    package static func resolve(
        _ connection: WarehouseConnection, runID: String = "", progress: Progress? = nil
    ) async throws -> [MartTiming] {
        try await run(resolveStages, connection, runID, progress)
    }

    /// What models, pages and rules read: touches, volumes, consents, contents and the feature tables.
    @discardableResult
    package static func features(
        _ connection: WarehouseConnection, runID: String = "", progress: Progress? = nil
    ) async throws -> [MartTiming] {
        try await run(featureStages, connection, runID, progress)
    }

    /// `report.*`: channels by month, conflicts, preferences, reach, summary.
    @discardableResult
    package static func measure(
        _ connection: WarehouseConnection, runID: String = "", progress: Progress? = nil
    ) async throws -> [MartTiming] {
        try await run(measureStages, connection, runID, progress)
    }

    /// What the models of needs, changes, ties and texts read: `insight.purchase`, `insight.tie`, `insight.message`, …
    @discardableResult
    package static func insight(
        _ connection: WarehouseConnection, runID: String = "", progress: Progress? = nil
    ) async throws -> [MartTiming] {
        try await run(insightStages, connection, runID, progress)
    }

    /// When the rows of each stage last changed, as a number that only grows: who reads a stage is up to date while the
    /// number is the one of the last reading.
    package static func serials(_ connection: WarehouseConnection) async throws -> [String: Int64] {
        let table = try await connection.query("SELECT stage, serial FROM history.mart_state")
        return Dictionary(
            zip(try table.texts("stage"), try table.int64s("serial")), uniquingKeysWith: { first, _ in first })
    }

    /// One stage alone (`measure/conflict`), whether stale or not; what it reads must be there.
    @discardableResult
    package static func stage(
        _ file: String, _ connection: WarehouseConnection, runID: String = ""
    ) async throws -> [MartTiming] {
        try await run([file], connection, runID, nil, always: true)
    }

    // MARK: - How

    private static func run(
        _ files: [String], _ connection: WarehouseConnection, _ runID: String, _ progress: Progress?,
        always: Bool = false
    ) async throws -> [MartTiming] {
        try await MartTables.create(connection)
        var memory = try await MartMemory(connection, runID: runID)
        memory.learn(
            try (resolveStages + featureStages + insightStages + lateInsightStages + measureStages).map(MartStage.load))
        try await memory.remember("run", fingerprint: "", rows: 0, deltaRows: 0)
        var timings: [MartTiming] = []
        try await MartTables.plansAsWritten(connection) {
            for (place, file) in files.enumerated() {
                try Task.checkCancellation()
                progress?(file, place, files.count)
                let stage = try MartStage.load(file)
                if file == "features/touch" {
                    timings += try await MartTouch.update(stage, connection, &memory, whole: always)
                    continue
                }
                let start = ContinuousClock.now
                let stale = try await memory.isStale(stage)
                if always || stale {
                    let last = memory.entries[file]
                    try await memory.forget(file)
                    try await perform(stage, connection)
                    try await memory.remember(
                        stage, rows: try await rows(of: stage, connection), last: last,
                        content: try await content(of: stage, connection))
                }
                let rows = memory.entries[file]?.rows ?? 0
                timings.append(
                    MartTiming(file: file, seconds: seconds(since: start), rows: rows, skipped: !(always || stale)))
            }
        }
        return timings
    }

    static func perform(_ stage: MartStage, _ connection: WarehouseConnection) async throws {
        guard let query = stage.repeatUntilStable else {
            try await connection.execute(stage.sql)
            return
        }
        func measure() async throws -> Int64 {
            try await connection.query("SELECT CAST((\(query)) AS BIGINT) AS n").int64s("n")[0]
        }
        var last = try await measure()
        while true {
            try Task.checkCancellation()
            try await connection.execute(stage.sql)
            let now = try await measure()
            if now == last { return }
            last = now
        }
    }

    /// Rows of the stage's table; views are not counted.
    static func rows(of stage: MartStage, _ connection: WarehouseConnection) async throws -> Int64 {
        guard let product = stage.product, !stage.sql.contains("CREATE OR REPLACE VIEW \(product) ") else { return 0 }
        return try await connection.query("SELECT count(*) AS n FROM \(product)").int64s("n")[0]
    }

    /// A fingerprint of what a dated stage of identity made: most days the same as yesterday, and then nothing behind it
    /// needs to be built again. Empty where it is not worth a look at every row.
    static func content(of stage: MartStage, _ connection: WarehouseConnection) async throws -> String {
        guard connection.isDuckDB, stage.file.hasPrefix("resolve/"), stage.products.count == 1,
            stage.inputs.contains("history.clock"), let product = stage.product
        else { return "" }
        let sum = try await connection.query(
            "SELECT count(*) || ' ' || coalesce(bit_xor(hash(t)), 0) || ' ' || coalesce(sum(hash(t) >> 32), 0) AS v FROM \(product) AS t"
        )
        return try sum.texts("v")[0]
    }

    static func seconds(since start: ContinuousClock.Instant) -> Double {
        let (whole, fraction) = (ContinuousClock.now - start).components
        return Double(whole) + Double(fraction) * 1e-18
    }
}
