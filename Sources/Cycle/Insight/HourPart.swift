internal import Decisioning
internal import EngagementModel
internal import Warehouse

/// When each HCP is best reached on each channel: one model (`ChannelHours`) whose hours the pages show, the plan takes
/// and journeys wait for, in figures with their uncertainty.
///
/// Habits change over months: the tables are made once a month, and when the quiet hours of a country change.
enum HourPart {
    static let part = InsightPart(
        name: "hour", version: "hour-3", stages: ["resolve/hcp_number"], rhythm: .monthly, isModel: false,
        tables: ["channel_hour", "hour_rate"], settings: { quietHours($0) }
    ) { context in try await run(context) }

    /// Post and advertisements have no hour that is ours; nearly all of them count as reached, and would hide the others.
    static let hourless: Set<Channel> = [.mail, .ad]

    private static func quietHours(_ workspace: Workspace) -> String {
        let own = workspace.markets.filter { $0.quietHours != nil }.sorted { $0.code < $1.code }
        return (["\(workspace.strategy.quietHours as Any)"] + own.map { "\($0.code) \($0.quietHours as Any)" })
            .joined(separator: ", ")
    }

    private static func run(_ context: RunContext) async throws -> InsightPart.Outcome {
        let connection = context.connection
        let specialty = try await InsightPart.specialties(connection)
        let events = try await HourEvents(connection, hcps: specialty.count, leaveOut: hourless)
        guard events.count > 0 else {
            throw Diagnostic("no_input", "switched off: no contact with a time is on record (interaction)")
        }
        let columns = events.columns()
        let model = ChannelHours(columns, specialty: specialty, specialties: Int(specialty.max() ?? -1) + 1)
        var sent = Set<UInt8>()
        for row in columns.channel.indices where columns.sends[row] > 0 { sent.insert(columns.channel[row]) }
        let quiet = try await quietByHCP(context)
        // What nobody was ever sent by has no best hour of sending.
        let channels = Channel.allCases.filter { sent.contains($0.code) }
        let rows = model.rows(channels: Set(channels)) { quiet[$0] }
        try await write(rows, connection)
        try await connection.replace("hour_rate", events.rates(try await HourGroups(connection)))
        let sure = rows.count { $0.preference.liftLow > 1 }
        return .init(rows: rows.count, note: "\(sure) of \(rows.count) hours are surely better than the HCP's mean")
    }

    private static func quietByHCP(_ context: RunContext) async throws -> [Strategy.QuietHours?] {
        let markets = Dictionary(context.workspace.markets.map { ($0.code, $0.quietHours) }, uniquingKeysWith: { $1 })
        let usual = context.workspace.strategy.quietHours
        return try await context.connection.query("SELECT country FROM mart.hcp ORDER BY hcp_no").strings("country")
            .map { code in code.flatMap { markets[$0] ?? nil } ?? usual }
    }

    /// The best hours as the step wrote them.
    static func hours(
        _ connection: WarehouseConnection, specialty: [Int32], specialties: Int
    ) async throws -> BestHours {
        let table = try await connection.query(
            """
            SELECT hcp_no, channel, weekday, hour, lift, answered_all, own FROM insight.channel_hour
            ORDER BY hcp_no, channel
            """)
        let (weekdays, hours) = (try table.int32s("weekday"), try table.int32s("hour"))
        let (lifts, own) = (try table.doubles("lift"), try table.bools("own"))
        return BestHours(
            hcps: try table.int32s("hcp_no"),
            channels: try table.texts("channel").map { Channel(rawValue: $0) ?? .email },
            moments: hours.indices.map {
                Moment(weekday: Int(weekdays[$0]), hour: Int(hours[$0]), lift: lifts[$0], isOwn: own[$0])
            }, answers: try table.int32s("answered_all"), specialty: specialty, specialties: specialties)
    }

    static func hours(_ connection: WarehouseConnection, _ population: Population) async throws -> BestHours {
        try await hours(
            connection, specialty: population.specialty, specialties: population.specialtyNames.count)
    }

    private static func write(_ rows: [ChannelHours.Row], _ connection: WarehouseConnection) async throws {
        try await connection.replace(
            "channel_hour",
            ColumnSet([
                ("hcp_no", .int32(rows.map(\.hcp))), ("channel", .text(rows.map(\.channel.rawValue))),
                ("kind", .text(rows.map { $0.channel.isHuman ? "personal" : "message" })),
                ("weekday", .int32(rows.map { Int32($0.preference.moment.weekday) })),
                ("hour", .int32(rows.map { Int32($0.preference.moment.hour) })),
                ("lift", .double(rows.map(\.preference.moment.lift))),
                ("lift_low", .double(rows.map(\.preference.liftLow))),
                ("lift_high", .double(rows.map(\.preference.liftHigh))),
                ("belief", .double(rows.map(\.preference.belief))),
                ("tried", .int32(rows.map { Int32($0.preference.tried) })),
                ("answered", .int32(rows.map { Int32($0.preference.answered) })),
                ("answered_all", .int32(rows.map { Int32($0.answers) })),
                ("own", .bool(rows.map(\.preference.moment.isOwn))),
            ]))
    }
}
