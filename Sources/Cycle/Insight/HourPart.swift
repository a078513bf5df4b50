internal import Decisioning
internal import EngagementModel
internal import Statistics
internal import Warehouse

/// When each HCP is best reached, in person and by message: the model that decisions and journeys use, in figures with
/// their uncertainty, corrected for the hours at which the company itself writes.
///
/// Habits change over months: the table is made once a month. A decision asks the same model with the counts of the day.
enum HourPart {
    static let part = InsightPart(
        name: "hour", version: "hour-1", stages: ["resolve/hcp_number"], rhythm: .monthly, isModel: true,
        tables: ["hour"]
    ) { context in try await run(context) }

    /// One channel stands for its kind: which hours may be used is all that differs within a kind.
    private static let kinds: [(name: String, channel: Channel)] = [("personal", .inPerson), ("message", .email)]

    private static func run(_ context: RunContext) async throws -> InsightPart.Outcome {
        let connection = context.connection
        let hcps = try await connection.query(
            """
            SELECT h.hcp_no, CAST(coalesce(f.specialty_no, -1) AS INTEGER) AS specialty_no
            FROM mart.hcp AS h LEFT JOIN mart.feature_hcp AS f ON f.hcp_no = h.hcp_no ORDER BY h.hcp_no
            """)
        let columns = try await Moments.read(connection)
        guard !columns.hcp.isEmpty else {
            throw Diagnostic("no_input", "switched off: no contact with a time is on record (interaction)")
        }
        let specialty = try hcps.int32s("specialty_no")
        let model = TimingModel(columns, specialty: specialty, specialties: Int(specialty.max() ?? -1) + 1)
        // Nobody who has never been tried and never answered has an hour of their own to tell.
        let known = Array(Set(columns.hcp)).sorted()
        let parts = Cores.count * 4
        let rows = Cores.map(parts) { part in
            known[(part * known.count / parts)..<((part + 1) * known.count / parts)].flatMap { hcp in
                kinds.compactMap { kind in
                    model.preference(hcp: Int(hcp), channel: kind.channel).map { (hcp, kind.name, $0) }
                }
            }
        }.flatMap { $0 }
        try await connection.replace(
            "hour",
            ColumnSet([
                ("hcp_no", .int32(rows.map(\.0))), ("kind", .text(rows.map(\.1))),
                ("weekday", .int32(rows.map { Int32($0.2.moment.weekday) })),
                ("hour", .int32(rows.map { Int32($0.2.moment.hour) })),
                ("lift", .double(rows.map(\.2.moment.lift))), ("lift_low", .double(rows.map(\.2.liftLow))),
                ("lift_high", .double(rows.map(\.2.liftHigh))), ("belief", .double(rows.map(\.2.belief))),
                ("tried", .int32(rows.map { Int32($0.2.tried) })),
                ("answered", .int32(rows.map { Int32($0.2.answered) })), ("own", .bool(rows.map(\.2.moment.isOwn))),
            ]))
        let sure = rows.count { $0.2.liftLow > 1 }
        return .init(rows: rows.count, note: "\(sure) of \(rows.count) hours are surely better than the HCP's mean")
    }
}
