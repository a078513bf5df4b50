internal import Decisioning
internal import EngagementModel
internal import Statistics
internal import Warehouse

/// Contacts of the last year and their answers on the HCPs' own clocks.
///
/// Contacts lie by HCP in the marts: they are read as they lie and counted here, which costs a tenth of grouping them by
/// HCP, hour and channel in SQL.
struct HourEvents: Sendable {
    /// Contacts by HCP: HCP `i` has those in `starts[i]..<starts[i + 1]`, in no order.
    private let starts: [Int]
    /// `Channel.code`.
    private let channel: [UInt8]
    /// Hours of the HCP's own week, 0 = Monday 00:00: of the contact, and of the answer; 168 for no answer.
    private let at: [UInt8]
    private let answeredAt: [UInt8]
    private let isPush: [Bool]

    private static let noAnswer = UInt8(168)

    var count: Int { channel.count }

    /// - Parameter leaveOut: channels without an hour of ours.
    init(_ connection: WarehouseConnection, hcps: Int, leaveOut: Set<Channel>) async throws {
        let codes = Channel.allCases.map { "WHEN '\($0.rawValue)' THEN \($0.code)" }.joined(separator: " ")
        let human = SQLText.list(Channel.allCases.filter(\.isHuman).map(\.rawValue))
        let table = try await connection.query(
            """
            SELECT hcp_no, CAST(CASE channel \(codes) END AS UTINYINT) AS channel,
              CAST(floor(epoch_us(occurred_at) / 60000000) AS INTEGER) AS minute,
              CAST(floor(epoch_us(coalesce(responded_at, occurred_at)) / 60000000) AS INTEGER) AS answer,
              direction = 'push' AS push, level >= CASE WHEN channel IN (\(human)) THEN 2 ELSE 1 END AS came
            FROM feature.contact WHERE age < 365 AND hcp_no IS NOT NULL AND channel IN (\(SQLText.list(
                Channel.allCases.filter { !leaveOut.contains($0) }.map(\.rawValue))))
            """)
        let people = try table.int32s("hcp_no")
        let (channels, pushes, came) = (
            try table.uint8s("channel"), try table.bools("push"), try table.bools("came")
        )
        let (minutes, answers) = (try table.int32s("minute"), try table.int32s("answer"))
        let clock = try await HourClocks(connection, hcps: hcps)
        var starts = [Int](repeating: 0, count: hcps + 1)
        for hcp in people { starts[Int(hcp) + 1] += 1 }
        for hcp in 0..<hcps { starts[hcp + 1] += starts[hcp] }
        var next = starts
        var (channel, push) = (
            [UInt8](repeating: 0, count: people.count), [Bool](repeating: false, count: people.count)
        )
        var (at, answeredAt) = (channel, channel)
        for row in people.indices {
            let hcp = Int(people[row])
            let place = next[hcp]
            next[hcp] += 1
            channel[place] = channels[row]
            push[place] = pushes[row]
            at[place] = clock.hour(minutes[row], hcp)
            answeredAt[place] = came[row] ? clock.hour(answers[row], hcp) : Self.noAnswer
        }
        self.starts = starts
        self.channel = channel
        self.at = at
        self.answeredAt = answeredAt
        isPush = push
    }

    /// Counts by HCP, hour and channel.
    func columns() -> ChannelHourColumns {
        let parts = ParallelRanges.map(starts.count - 1, piece: 8192) { range -> ChannelHourColumns in
            var columns = ChannelHourColumns()
            let width = Channel.allCases.count
            var counts = [SIMD4<Float>](repeating: .zero, count: 168 * width)
            var touched: [Int] = []
            for hcp in range {
                touched.removeAll(keepingCapacity: true)
                func add(_ hour: UInt8, _ channel: UInt8, _ count: SIMD4<Float>) {
                    let cell = Int(hour) * width + Int(channel)
                    if counts[cell] == .zero { touched.append(cell) }
                    counts[cell] += count
                }
                for row in starts[hcp]..<starts[hcp + 1] {
                    let came = answeredAt[row] != Self.noAnswer
                    if isPush[row] { add(at[row], channel[row], SIMD4(1, 0, came ? 1 : 0, 0)) }
                    if came { add(answeredAt[row], channel[row], SIMD4(0, 1, 0, 0)) }
                }
                for cell in touched.sorted() {
                    let count = counts[cell]
                    counts[cell] = .zero
                    columns.append(
                        hcp: Int32(hcp), weekday: UInt8(cell / width / 24), hour: UInt8(cell / width % 24),
                        channel: Channel.allCases[cell % width], sends: count.x, responses: count.y, answered: count.z)
                }
            }
            return columns
        }
        return parts.dropFirst().reduce(into: parts.first ?? ChannelHourColumns()) { $0.append($1) }
    }

    /// What was sent in an hour, and how much of it was answered at whatever time, by specialty, segment and channel: the
    /// maps of the page of preferences. Answers by the hour of the answer would make every hour look good at which hardly
    /// anything is sent.
    func rates(_ groups: HourGroups) -> ColumnSet {
        let width = Channel.allCases.count * 168
        var sends = [Int64](repeating: 0, count: groups.keys.count * width)
        var answers = sends
        for hcp in 0..<(starts.count - 1) {
            let base = Int(groups.group[hcp]) * width
            for row in starts[hcp]..<starts[hcp + 1] where isPush[row] {
                let cell = base + Int(channel[row]) * 168 + Int(at[row])
                sends[cell] += 1
                if answeredAt[row] != Self.noAnswer { answers[cell] += 1 }
            }
        }
        let cells = sends.indices.filter { sends[$0] > 0 }
        let channels = cells.map { Channel.allCases[$0 % width / 168] }
        return ColumnSet([
            ("specialty", .optionalText(cells.map { groups.keys[$0 / width].specialty })),
            ("segment_no", .int32(cells.map { groups.keys[$0 / width].segment })),
            ("channel", .text(channels.map(\.rawValue))),
            ("kind", .text(channels.map { $0.isHuman ? "personal" : "message" })),
            ("weekday", .int32(cells.map { Int32($0 % 168 / 24) })), ("hour", .int32(cells.map { Int32($0 % 24) })),
            ("sends", .int64(cells.map { sends[$0] })), ("responses", .int64(cells.map { answers[$0] })),
        ])
    }
}

/// Specialty and segment of every HCP, as numbers of the pairs there are.
struct HourGroups: Sendable {
    struct Key: Sendable, Hashable {
        var specialty: String?
        /// 0 for none.
        var segment: Int32
    }
    private(set) var keys: [Key] = []
    private(set) var group: [Int32] = []

    init(_ connection: WarehouseConnection) async throws {
        let table = try await connection.query(
            """
            SELECT h.specialty, coalesce(s.segment_no, 0) AS segment_no FROM mart.hcp AS h
            LEFT JOIN insight.hcp_segment AS s ON s.hcp_no = h.hcp_no ORDER BY h.hcp_no
            """)
        let (specialties, segments) = (try table.strings("specialty"), try table.int32s("segment_no"))
        var numbers: [Key: Int32] = [:]
        for i in specialties.indices {
            let key = Key(specialty: specialties[i], segment: segments[i])
            if numbers[key] == nil {
                numbers[key] = Int32(keys.count)
                keys.append(key)
            }
            group.append(numbers[key] ?? 0)
        }
    }
}

/// What the HCPs' own clocks show, from `feature.zone_hour`; universal time where the zone is not known.
private struct HourClocks {
    private let zone: [Int32]
    /// Minutes ahead by zone and hour since `first`.
    private var ahead: [[Int32]] = []
    private var first = 0

    init(_ connection: WarehouseConnection, hcps: Int) async throws {
        zone = try await connection.query(
            """
            SELECT CAST(coalesce(z.zone_no, -1) AS INTEGER) AS zone_no FROM mart.hcp AS h
            LEFT JOIN feature.zone AS z ON z.timezone = h.timezone AND z.known ORDER BY h.hcp_no
            """
        ).int32s("zone_no")
        let table = try await connection.query(
            """
            SELECT zone_hour // 1000000 AS zone, zone_hour % 1000000 AS hour, CAST(minutes_ahead AS INTEGER) AS ahead
            FROM feature.zone_hour ORDER BY zone_hour
            """)
        let (zones, hours, minutes) = (try table.int64s("zone"), try table.int64s("hour"), try table.int32s("ahead"))
        first = Int(hours.min() ?? 0)
        let width = Int(hours.max() ?? 0) - first + 1
        ahead = .init(repeating: .init(repeating: 0, count: width), count: Int(zones.max() ?? -1) + 1)
        for i in zones.indices { ahead[Int(zones[i])][Int(hours[i]) - first] = minutes[i] }
    }

    /// The hour of an HCP's own week at a minute since 1970, which was a Thursday.
    func hour(_ minute: Int32, _ hcp: Int) -> UInt8 {
        var local = Int(minute)
        let zone = Int(zone[hcp])
        if zone >= 0, ahead.indices.contains(zone) {
            let place = Int((Double(minute) / 60).rounded(.down)) - first
            if ahead[zone].indices.contains(place) { local += Int(ahead[zone][place]) }
        }
        let hour = (local >= 0 ? local : local - 59) / 60 + 72
        return UInt8(((hour % 168) + 168) % 168)
    }
}
