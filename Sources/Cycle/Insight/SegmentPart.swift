internal import EngagementModel
internal import Foundation
internal import Insight
internal import Warehouse

/// A few segments, each one rule of at most three clauses that a rep understands.
///
/// The rules of an earlier run are kept while they hold: while their sizes have not drifted and a quarter has not
/// passed. So a segment means today what it meant yesterday.
enum SegmentPart {
    static let part = InsightPart(
        name: "segment", version: "segment-1",
        stages: ["features/feature_hcp", "features/feature_hcp_channel", "resolve/hcp_number"], rhythm: .daily,
        isModel: true, tables: ["segment", "hcp_segment"]
    ) { context in try await run(context) }

    /// The population stability index from which on the segments are found again.
    static let largestDrift = 0.1
    static let longestLife = 92

    /// The rules with the day on which they were found.
    struct Stored: Codable {
        var rules: SegmentRules
        var founded: Day
        var version: String
    }

    private static func run(_ context: RunContext) async throws -> InsightPart.Outcome {
        let connection = context.connection
        let columns = try await columns(connection)
        var note = ""
        let kept = try await stored(connection)
        var current: Stored
        var assignment: [Int32]
        if let kept, let reason = try? reasonToFindAgain(kept, columns, context.asOf) {
            (current, assignment, note) = (kept, reason.assignment, reason.note)
            if !reason.stands {
                (current, assignment) = try found(columns, context)
                note = "found again: \(reason.note)"
            }
        } else {
            (current, assignment) = try found(columns, context)
            note = "found on \(InsightWords.day(context.asOf, asOf: context.asOf))"
        }
        if current.founded == context.asOf {
            try await ModelStore.save(
                "segments", version: current.version, asOf: context.asOf,
                bytes: Array(try JSONEncoder().encode(current)), connection)
        }
        try await write(current, assignment, columns, connection)
        return .init(rows: current.rules.rules.count, note: note)
    }

    private static func stored(_ connection: WarehouseConnection) async throws -> Stored? {
        guard let bytes = try await ModelStore.bytes("segments", connection) else { return nil }
        return try? JSONDecoder().decode(Stored.self, from: Data(bytes))
    }

    /// Whether the rules of an earlier run stand, and the assignment that they make today.
    private static func reasonToFindAgain(
        _ kept: Stored, _ columns: [SegmentColumn], _ asOf: Day
    ) throws -> (stands: Bool, assignment: [Int32], note: String) {
        let assignment = try kept.rules.assign(columns)
        let drift = kept.rules.drift(assignment)
        let age = asOf - kept.founded
        let said = "drift \(String(format: "%.3f", drift)) since \(kept.founded)"
        let stands = kept.version == part.version && drift <= largestDrift && (0...longestLife).contains(age)
        return (stands, assignment, stands ? "kept, \(said)" : said)
    }

    private static func found(
        _ columns: [SegmentColumn], _ context: RunContext
    ) throws -> (Stored, [Int32]) {
        var options = Segmentation.Options()
        // Enough for the rules of eight segments; every HCP is assigned.
        options.sample = 4_000
        options.silhouetteSample = 1_000
        options.resamples = 6
        options.starts = 4
        let result = try Segmentation(columns, options: options, seed: context.workspace.strategy.seed)
        return (
            Stored(rules: result.rules, founded: context.asOf, version: part.version), result.assignment
        )
    }

    /// What segments may speak of: behaviour and size of the HCP, in words that a rep uses. No medical contact, no
    /// person's traits, and not what we did ourselves.
    private static func columns(_ connection: WarehouseConnection) async throws -> [SegmentColumn] {
        let table = try await connection.query(
            """
            WITH channel AS (
              SELECT hcp_no, sum(CASE WHEN channel IN ('in_person', 'phone', 'video') THEN engaged_365d ELSE 0 END) AS personal,
                sum(engaged_365d) AS engaged
              FROM mart.feature_hcp_channel GROUP BY hcp_no
            )
            SELECT h.hcp_no, CAST(f.volume_12m AS DOUBLE) AS volume, CAST(f.volume_trend AS DOUBLE) AS trend,
              CASE WHEN f.touches_365d >= 5 THEN CAST(f.engaged_365d AS DOUBLE) / f.touches_365d END AS answers,
              CAST(f.pull_90d AS DOUBLE) AS requests,
              CASE WHEN c.engaged >= 3 THEN CAST(c.personal AS DOUBLE) / c.engaged END AS personal
            FROM mart.hcp AS h LEFT JOIN mart.feature_hcp AS f ON f.hcp_no = h.hcp_no
            LEFT JOIN channel AS c ON c.hcp_no = h.hcp_no ORDER BY h.hcp_no
            """)
        return try [
            ("yearly_volume", "volume"), ("volume_trend", "trend"),
            ("answer_rate", "answers"), ("own_requests", "requests"), ("share_of_personal_answers", "personal"),
        ].compactMap { name, column in
            let values = try table.optionalDoubles(column).map { $0 ?? .nan }
            // A file that is missing leaves a column without any value: the segments do without it.
            return values.allSatisfy(\.isNaN) ? nil : SegmentColumn(name: name, values: .numbers(values))
        }
    }

    private static func write(
        _ stored: Stored, _ assignment: [Int32], _ columns: [SegmentColumn], _ connection: WarehouseConnection
    ) async throws {
        let rules = stored.rules.rules
        var sizes = [Int64](repeating: 0, count: rules.count)
        for segment in assignment { sizes[Int(segment)] += 1 }
        let total = Double(max(1, assignment.count))
        let numbers = rules.indices.map { Int32($0 + 1) }
        try await connection.replace(
            "segment",
            ColumnSet([
                ("segment_no", .int32(numbers)), ("name", .text(rules.map(\.name))), ("rule", .text(rules.map(\.text))),
                ("clauses", .int32(rules.map { Int32($0.conditions.count) })), ("size", .int64(sizes)),
                ("share", .double(sizes.map { Double($0) / total })),
                ("typical", .text(rules.indices.map { typical($0, assignment, columns) })),
                ("stability", .double(rules.map { _ in stored.rules.stability })),
                ("silhouette", .double(rules.map { _ in stored.rules.silhouette })),
                ("founded_as_of", .day(rules.map { _ in stored.founded })),
                ("version", .text(rules.map { _ in stored.version })),
            ]))
        try await connection.replace(
            "hcp_segment",
            ColumnSet([
                ("hcp_no", .int32(assignment.indices.map { Int32($0) })),
                ("segment_no", .int32(assignment.map { $0 + 1 })),
            ]))
    }

    /// Medians of the segment beside those of all, the most unlike first: "yearly volume 320 (all: 84)".
    private static func typical(_ segment: Int, _ assignment: [Int32], _ columns: [SegmentColumn]) -> String {
        var found: [(text: String, distance: Double)] = []
        for column in columns {
            guard case .numbers(let values) = column.values else { continue }
            let known = values.filter { !$0.isNaN }.sorted()
            let own = values.indices.filter { Int(assignment[$0]) == segment && !values[$0].isNaN }.map { values[$0] }
                .sorted()
            guard !known.isEmpty, !own.isEmpty else { continue }
            let (a, b) = (own[own.count / 2], known[known.count / 2])
            let spread = max(known[known.count * 3 / 4] - known[known.count / 4], 1e-9)
            found.append(
                (
                    "\(column.name.replacing("_", with: " ")) \(number(a)) (all: \(number(b)))",
                    abs(a - b) / spread
                ))
        }
        return found.sorted { $0.distance > $1.distance }.prefix(3).map(\.text).joined(separator: "; ")
    }

    private static func number(_ value: Double) -> String {
        abs(value) >= 10 ? String(format: "%.0f", value) : String(format: "%.2f", value)
    }
}
