internal import EngagementModel
internal import Insight
internal import Warehouse

/// One building block of the insight step: a named, versioned table made from named inputs.
struct InsightPart: Sendable {
    /// How far the clock matters.
    enum Rhythm: Sendable {
        /// Says how long ago and how soon: another day, other rows.
        case daily
        /// Reads whole months.
        case monthly
    }

    struct Outcome: Sendable {
        var rows: Int
        /// What a person should know: what is switched off, which model was chosen.
        var note: String
    }

    /// What a run did for a part.
    struct Work: Sendable {
        var rows: Int
        /// The rows of an earlier run still stand.
        var stands = false
    }

    var name: String
    /// Raised by hand when the meaning of the rows changes: then they are made again.
    var version: String
    /// Stages of the SQL pipeline whose rows are read.
    var stages: [String]
    var rhythm: Rhythm
    /// Left out of a run without models.
    var isModel: Bool
    /// Tables of the schema `insight` that the part writes; emptied when it cannot.
    var tables: [String]
    /// Which rows of them, where another part writes the rest.
    var rows: String = "TRUE"
    /// What of the workspace's files the rows depend on.
    var settings: @Sendable (Workspace) -> String = { _ in "" }
    var body: @Sendable (RunContext) async throws -> Outcome

    /// Whatever the rows depend on, as one text: the same text, the same rows.
    func inputs(_ serials: [String: Int64], asOf: Day, _ workspace: Workspace) -> String {
        let read = stages.sorted().map { "\($0) \(serials[$0] ?? 0)" }
        let moment =
            switch rhythm {
            case .daily: asOf.description
            case .monthly: String(asOf.description.prefix(7))
            }
        let settings = settings(workspace)
        return ([version, moment] + read + (settings.isEmpty ? [] : [settings])).joined(separator: "; ")
    }

    /// Specialty number of every HCP, -1 for none: whose habits stand in for an HCP's own.
    static func specialties(_ connection: WarehouseConnection) async throws -> [Int32] {
        try await connection.query(
            """
            SELECT CAST(coalesce(f.specialty_no, -1) AS INTEGER) AS specialty_no
            FROM mart.hcp AS h LEFT JOIN mart.feature_hcp AS f ON f.hcp_no = h.hcp_no ORDER BY h.hcp_no
            """
        ).int32s("specialty_no")
    }

    /// Makes the rows unless those of an earlier run still stand.
    ///
    /// A history that is too thin, or files that are not there, switch the part off with a note; they stop nothing else.
    @discardableResult
    func perform(_ context: RunContext, _ serials: [String: Int64]) async throws -> Work {
        let connection = context.connection
        let inputs = inputs(serials, asOf: context.asOf, context.workspace)
        let known = try await connection.query(
            "SELECT inputs, \"rows\" AS n FROM insight.part WHERE part = ?", [.text(name)])
        if try known.texts("inputs").first == inputs {
            return Work(rows: Int(try known.int64s("n")[0]), stands: true)
        }
        try await connection.execute("DELETE FROM insight.part WHERE part = ?", [.text(name)])
        let outcome = try await make(context)
        try await connection.execute(
            "INSERT INTO insight.part VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                .text(name), .text(version), .text(inputs), .day(context.asOf), .text(context.runID),
                .int(Int64(outcome.rows)), .text(outcome.note),
            ])
        return Work(rows: outcome.rows)
    }

    /// Makes the rows, whatever stands; without a usable history there are none.
    @discardableResult
    func make(_ context: RunContext) async throws -> Outcome {
        let connection = context.connection
        do {
            guard !isModel || !context.request.rulesOnly else {
                throw Diagnostic("rules_only", "switched off: the run is without models")
            }
            return try await body(context)
        } catch let problem as HistoryProblem {
            try await clear(connection)
            return Outcome(rows: 0, note: problem.message)
        } catch let problem as NetworkRefusal {
            try await clear(connection)
            return Outcome(rows: 0, note: "the network says nothing yet: \(problem.cause)")
        } catch let problem as Diagnostic where Self.isAboutData(problem) {
            try await clear(connection)
            return Outcome(rows: 0, note: problem.message)
        }
    }

    private func clear(_ connection: WarehouseConnection) async throws {
        for table in tables { try await connection.execute("DELETE FROM insight.\(table) WHERE \(rows)") }
    }

    /// Refusals of methods that a thin or one-sided history earns; anything else is a fault and stops the run.
    private static func isAboutData(_ problem: Diagnostic) -> Bool {
        [
            "rules_only", "no_input", "too_few_rows", "no_variation", "all_missing", "not_finite", "nothing_to_compare",
        ].contains(problem.code)
    }
}

extension WarehouseConnection {
    /// Writes the rows of a table of the schema `insight` in place of those of the run before.
    func replace(_ table: String, _ columns: ColumnSet) async throws {
        try await ingest(columns, into: "insight.\(table)", mode: .replace)
    }
}

/// Numbers for pairs of texts, in order of first appearance.
struct PairNumbers {
    private(set) var pairs: [(String, String)] = []
    private var numbers: [String: [String: Int32]] = [:]

    mutating func number(_ first: String, _ second: String) -> Int32 {
        if let known = numbers[first]?[second] { return known }
        let number = Int32(pairs.count)
        numbers[first, default: [:]][second] = number
        pairs.append((first, second))
        return number
    }
}
