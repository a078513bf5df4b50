internal import Decisioning
internal import EngagementModel
internal import Statistics
internal import Warehouse

/// When each HCP is best reached on each channel: the model that decisions and journeys use, fitted for every channel
/// with the others for a part of their weight (`ChannelHours`), in figures with their uncertainty, corrected for the hours
/// at which the company itself writes.
///
/// Habits change over months: the tables are made once a month. A decision asks the model of all channels together with the
/// counts of the day.
enum HourPart {
    static let part = InsightPart(
        name: "hour", version: "hour-2", stages: ["resolve/hcp_number"], rhythm: .monthly, isModel: true,
        tables: ["channel_hour", "hour_rate"]
    ) { context in try await run(context) }

    /// Post and advertisements have no hour that is ours; nearly all of them count as reached, and would hide the others.
    private static let hourless: Set<Channel> = [.mail, .ad]

    private static func run(_ context: RunContext) async throws -> InsightPart.Outcome {
        let connection = context.connection
        let columns = try await read(connection)
        guard !columns.hcp.isEmpty else {
            throw Diagnostic("no_input", "switched off: no contact with a time is on record (interaction)")
        }
        let specialty = try await InsightPart.specialties(connection)
        let specialties = Int(specialty.max() ?? -1) + 1
        var rows = HourRows()
        var sent = Set<UInt8>()
        for row in columns.channel.indices where columns.sends[row] > 0 { sent.insert(columns.channel[row]) }
        // What nobody was ever sent by has no best hour of sending.
        for channel in Channel.allCases where sent.contains(channel.code) && !hourless.contains(channel) {
            let hours = ChannelHours(columns, channel: channel, specialty: specialty, specialties: specialties)
            rows.append(hours)
        }
        try await rows.write(connection)
        try await writeRates(connection)
        return .init(
            rows: rows.count,
            note: "\(rows.sure) of \(rows.count) hours are surely better than the HCP's mean")
    }

    /// Counts by HCP, hour of the HCP's own week and channel, as `mart.feature_hcp_hour` counts them for all channels.
    private static func read(_ connection: WarehouseConnection) async throws -> ChannelHourColumns {
        try await connection.execute(
            """
            CREATE OR REPLACE TEMP TABLE hour_count AS
            WITH event AS (
              SELECT hcp_no, channel, CAST(floor(epoch(occurred_at) / 60) AS BIGINT) AS minute, 1 AS send, 0 AS response,
                CASE WHEN level >= CASE WHEN channel IN ('in_person', 'video', 'phone') THEN 2 ELSE 1 END THEN 1 ELSE 0 END
                  AS answered
              FROM feature.contact WHERE direction = 'push' AND age < 365
              UNION ALL
              SELECT hcp_no, channel, CAST(floor(epoch(coalesce(responded_at, occurred_at)) / 60) AS BIGINT), 0, 1, 0
              FROM feature.contact
              WHERE age < 365 AND level >= CASE WHEN channel IN ('in_person', 'video', 'phone') THEN 2 ELSE 1 END
            ),
            place AS (
              SELECT h.hcp_no, z.zone_no FROM mart.hcp AS h JOIN feature.zone AS z ON z.timezone = h.timezone AND z.known
            )
            SELECT e.hcp_no, CAST(slot // 24 AS UTINYINT) AS weekday, CAST(slot % 24 AS UTINYINT) AS hour, e.channel,
              CAST(sum(e.send) AS FLOAT) AS sends, CAST(sum(e.response) AS FLOAT) AS responses,
              CAST(sum(e.answered) AS BIGINT) AS answered
            FROM (
              SELECT e.hcp_no, e.channel, ((e.minute + coalesce(o.minutes_ahead, 0)) // 60 + 72) % 168 AS slot, e.send,
                e.response, e.answered
              FROM event AS e LEFT JOIN place AS p ON p.hcp_no = e.hcp_no
              LEFT JOIN feature.zone_hour AS o ON o.zone_hour = p.zone_no * 1000000 + e.minute // 60
            ) AS e
            GROUP BY e.hcp_no, e.slot, e.channel
            """)
        let names = Channel.allCases.map(\.rawValue).joined(separator: ",")
        let table = try await connection.query(
            """
            SELECT hcp_no, weekday, hour, CAST(list_position(string_split(?, ','), channel) - 1 AS UTINYINT) AS channel,
              sends, responses
            FROM hour_count WHERE list_position(string_split(?, ','), channel) > 0
            ORDER BY hcp_no, weekday, hour, channel
            """, [.text(names), .text(names)])
        return ChannelHourColumns(
            hcp: try table.int32s("hcp_no"), weekday: try table.uint8s("weekday"), hour: try table.uint8s("hour"),
            channel: try table.uint8s("channel"), sends: try table.floats("sends"),
            responses: try table.floats("responses"))
    }

    /// What was sent in an hour, and how much of it was answered at whatever time, by specialty, segment and channel: the
    /// maps of the page of preferences. Answers by the hour of the answer would make every hour look good at which hardly
    /// anything is sent.
    private static func writeRates(_ connection: WarehouseConnection) async throws {
        try await connection.execute("DELETE FROM insight.hour_rate")
        try await connection.execute(
            """
            INSERT INTO insight.hour_rate
            SELECT h.specialty, coalesce(s.segment_no, 0), c.channel,
              CASE WHEN c.channel IN ('in_person', 'video', 'phone') THEN 'personal' ELSE 'message' END, c.weekday, c.hour,
              CAST(sum(c.sends) AS BIGINT), CAST(sum(c.answered) AS BIGINT)
            FROM hour_count AS c JOIN mart.hcp AS h ON h.hcp_no = c.hcp_no
            LEFT JOIN insight.hcp_segment AS s ON s.hcp_no = c.hcp_no
            WHERE c.sends > 0 AND c.channel NOT IN (\(SQLText.list(hourless.map(\.rawValue).sorted())))
            GROUP BY ALL ORDER BY ALL
            """)
        try await connection.execute("DROP TABLE hour_count")
    }
}

/// Rows of `insight.channel_hour`.
private struct HourRows {
    private var hcps: [Int32] = []
    private var channels: [Channel] = []
    private var found: [HourPreference] = []
    private var answers: [Int32] = []

    var count: Int { hcps.count }
    /// Hours whose whole interval lies above the mean.
    var sure: Int { found.count { $0.liftLow > 1 } }

    mutating func append(_ hours: ChannelHours) {
        let parts = Cores.count * 4
        let all = hours.hcps.count
        let rows = Cores.map(parts) { part in
            ((part * all / parts)..<((part + 1) * all / parts)).compactMap { place in
                hours.preference(place).map { (hours.hcps[place], $0.preference, $0.answers) }
            }
        }.flatMap { $0 }
        hcps += rows.map(\.0)
        channels += [Channel](repeating: hours.channel, count: rows.count)
        found += rows.map(\.1)
        answers += rows.map { Int32($0.2) }
    }

    func write(_ connection: WarehouseConnection) async throws {
        try await connection.replace(
            "channel_hour",
            ColumnSet([
                ("hcp_no", .int32(hcps)), ("channel", .text(channels.map(\.rawValue))),
                ("kind", .text(channels.map { $0.isHuman ? "personal" : "message" })),
                ("weekday", .int32(found.map { Int32($0.moment.weekday) })),
                ("hour", .int32(found.map { Int32($0.moment.hour) })),
                ("lift", .double(found.map(\.moment.lift))), ("lift_low", .double(found.map(\.liftLow))),
                ("lift_high", .double(found.map(\.liftHigh))), ("belief", .double(found.map(\.belief))),
                ("tried", .int32(found.map { Int32($0.tried) })),
                ("answered", .int32(found.map { Int32($0.answered) })),
                ("answered_all", .int32(answers)), ("own", .bool(found.map(\.moment.isOwn))),
            ]))
    }
}
