internal import EngagementModel
internal import Insight
internal import Warehouse

/// Which channels, and which topics in which formats, each HCP answers to: answers per try of the last year, shrunk to the
/// specialty and the market, with a 90% interval (`ShrunkRates`).
///
/// Habits change over months: the table is made once a month, as the hours are.
enum PreferencePart {
    static let part = InsightPart(
        name: "preference", version: "preference-1", stages: ["resolve/hcp_number"], rhythm: .monthly, isModel: true,
        tables: ["preference"]
    ) { context in try await run(context) }

    /// Records of one kind, and what its arms are called.
    private struct Kind {
        var name: String
        var records: ShrunkRates.Records
        var arms: [(name: String, format: String)]
    }

    private static func run(_ context: RunContext) async throws -> InsightPart.Outcome {
        let connection = context.connection
        let specialty = try await InsightPart.specialties(connection)
        let groups = Int(specialty.max() ?? -1) + 1
        let kinds = [try await channels(connection), try await topics(connection)]
        guard kinds.contains(where: { !$0.records.person.isEmpty }) else {
            throw Diagnostic("no_input", "switched off: nothing was tried within a year (interaction)")
        }
        var rows = PreferenceRows()
        for kind in kinds where !kind.records.person.isEmpty {
            let model = try ShrunkRates(kind.records, arms: kind.arms.count, group: specialty, groups: groups)
            let rates = model.posteriors(kind.records, group: specialty)
            for (row, rate) in rates.enumerated() {
                rows.append(kind.name, kind.arms[Int(kind.records.arm[row])], kind.records, row, rate)
            }
        }
        try await connection.replace("preference", rows.columns)
        return .init(
            rows: rows.count, note: "\(rows.sure) of \(rows.count) are surely above or below what the specialty answers"
        )
    }

    private static func channels(_ connection: WarehouseConnection) async throws -> Kind {
        let all = Channel.allCases
        let table = try await connection.query(
            """
            SELECT hcp_no, CAST(list_position(string_split(?, ','), channel) - 1 AS INTEGER) AS arm,
              touches_365d AS tries, engaged_365d AS answers
            FROM mart.feature_hcp_channel
            WHERE touches_365d > 0 AND list_position(string_split(?, ','), channel) > 0 ORDER BY hcp_no, arm
            """, [.text(all.map(\.rawValue).joined(separator: ",")), .text(all.map(\.rawValue).joined(separator: ","))])
        return Kind(name: "channel", records: try records(table), arms: all.map { ($0.rawValue, "") })
    }

    private static func topics(_ connection: WarehouseConnection) async throws -> Kind {
        let pairs = try await connection.query(
            "SELECT DISTINCT topic, format FROM mart.feature_hcp_topic ORDER BY topic, format")
        let table = try await connection.query(
            """
            WITH pair AS (
              SELECT topic, format, CAST(row_number() OVER (ORDER BY topic, format) - 1 AS INTEGER) AS arm
              FROM (SELECT DISTINCT topic, format FROM mart.feature_hcp_topic)
            )
            SELECT t.hcp_no, p.arm, t.views AS tries, t.engaged AS answers
            FROM mart.feature_hcp_topic AS t JOIN pair AS p ON p.topic = t.topic AND p.format = t.format
            ORDER BY t.hcp_no, p.arm
            """)
        let (topics, formats) = (try pairs.texts("topic"), try pairs.texts("format"))
        return Kind(name: "topic", records: try records(table), arms: zip(topics, formats).map { ($0, $1) })
    }

    private static func records(_ table: ArrowTable) throws -> ShrunkRates.Records {
        ShrunkRates.Records(
            person: try table.int32s("hcp_no"), arm: try table.int32s("arm"), tries: try table.int32s("tries"),
            answers: try table.int32s("answers"))
    }
}

/// Rows of `insight.preference`.
private struct PreferenceRows {
    private var hcps: [Int32] = []
    private var kinds: [String] = []
    private var names: [String] = []
    private var formats: [String] = []
    private var tried: [Int32] = []
    private var answered: [Int32] = []
    private var rates: [ShrunkRates.Rate] = []

    var count: Int { hcps.count }
    /// Whose interval leaves out what a colleague of the specialty is expected to answer.
    var sure: Int { rates.count { $0.low * $0.lift > $0.value || $0.high * $0.lift < $0.value } }

    mutating func append(
        _ kind: String, _ arm: (name: String, format: String), _ records: ShrunkRates.Records, _ row: Int,
        _ rate: ShrunkRates.Rate
    ) {
        hcps.append(records.person[row])
        kinds.append(kind)
        names.append(arm.name)
        formats.append(arm.format)
        tried.append(records.tries[row])
        answered.append(records.answers[row])
        rates.append(rate)
    }

    var columns: ColumnSet {
        ColumnSet([
            ("hcp_no", .int32(hcps)), ("kind", .text(kinds)), ("name", .text(names)), ("format", .text(formats)),
            ("tried", .int32(tried)), ("answered", .int32(answered)), ("rate", .double(rates.map(\.value))),
            ("low", .double(rates.map(\.low))), ("high", .double(rates.map(\.high))),
            ("lift", .double(rates.map(\.lift))),
        ])
    }
}
