import EngagementModel
import Testing

@testable import Warehouse

/// The feature tables against a plain computation in Swift over a random small history.
@Suite struct MartBruteForceTests {
    struct Row {
        var id: String
        var hcp: Int
        var minute: Int  // since 1970
        var channel: String
        var push: Bool
        var status: String?
        var response: Int?
        var medical: Bool
        var content: Int?
        var parent: String?
        var kind: String
        var machine: Bool
    }

    static let channels = ["email", "in_person", "phone", "portal"]
    static let asOf = Day(year: 2025, month: 6, day: 30)
    static let topics = [("efficacy", "paper"), ("efficacy", "video"), ("dosing", "paper")]

    func history(_ random: inout some RandomNumberGenerator) -> [Row] {
        var rows: [Row] = []
        for n in 0..<240 {
            let minute =
                (Int(Self.asOf.number) - Int.random(in: -3...420, using: &random)) * 1440
                + Int.random(in: 0..<1440, using: &random)
            let channel = Self.channels.randomElement(using: &random) ?? "email"
            rows.append(
                Row(
                    id: "t\(n)", hcp: Int.random(in: 0..<5, using: &random), minute: minute, channel: channel,
                    push: channel == "portal" ? false : Int.random(in: 0..<8, using: &random) > 0,
                    status: ["delivered", "sent", "failed", "planned", nil].randomElement(using: &random) ?? nil,
                    response: [0, 1, 2, 3].randomElement(using: &random),
                    medical: Int.random(in: 0..<9, using: &random) == 0,
                    content: Int.random(in: 0..<4, using: &random) == 0 ? nil : Int.random(in: 0..<3, using: &random),
                    parent: nil, kind: "touch", machine: false))
            for k in 0..<Int.random(in: 0..<3, using: &random) where channel == "email" {
                rows.append(
                    Row(
                        id: "c\(n)-\(k)", hcp: rows[rows.count - 1 - k].hcp,
                        minute: minute + Int.random(in: 1..<2000, using: &random), channel: "email", push: false,
                        status: nil, response: nil, medical: false, content: nil, parent: "t\(n)",
                        kind: ["open", "click", "reply", "question", "unsubscribe"].randomElement(using: &random)
                            ?? "open",
                        machine: Bool.random(using: &random)))
            }
        }
        return rows
    }

    @Test(arguments: [1, 2, 3]) func featuresEqualAPlainComputation(seed: Int) async throws {
        var random = Lehmer(state: UInt64(seed) &* 7919)
        let rows = history(&random)
        let f = try await MartFixture(asOf: "2025-06-30")
        for n in 0..<5 {
            try await f.add(
                "hcp",
                ["hcp_id": .text("\(n)"), "last_name": .text("L\(n)"), "timezone": n < 3 ? "Asia/Kolkata" : .null])
        }
        for (n, topic) in Self.topics.enumerated() {
            try await f.add(
                "content",
                ["content_id": .text("\(n)"), "version": "1", "topic": .text(topic.0), "format": .text(topic.1)])
        }
        let names = ["none", "reached", "engaged", "advanced"]
        for row in rows {
            let at = moment(row.minute)
            try await f.add(
                "interaction", known: at,
                [
                    "interaction_id": .text(row.id), "hcp_id": .text("\(row.hcp)"), "occurred_at": .text(at),
                    "channel": .text(row.channel), "direction": .text(row.push ? "push" : "pull"),
                    "kind": .text(row.kind),
                    "status": row.status.map { .text($0) } ?? .null,
                    "response": row.response.map { .text(names[$0]) } ?? .null,
                    "purpose": .text(row.medical ? "medical" : "promotional"),
                    "content_id": row.content.map { .text("\($0)") } ?? .null,
                    "parent_interaction_id": row.parent.map { .text($0) } ?? .null, "machine": .bool(row.machine),
                ])
        }
        try await f.run()
        let touches = expected(rows)
        try await compareChannels(f, touches)
        try await compareTopics(f, touches)
        try await compareHours(f, touches)
        try await compareLines(f, touches)
    }

    struct Contact {
        var hcp: Int
        var minute: Int
        var channel: String
        var push: Bool
        var level: Int
        var content: Int?
        var answered: Int
        var age: Int { Int(MartBruteForceTests.asOf.number) - Int((Double(minute) / 1440).rounded(.down)) }
    }

    func expected(_ rows: [Row]) -> [Contact] {
        let end = (Int(Self.asOf.number) + 1) * 1440
        let rank = ["open": 1, "click": 2, "reply": 2, "question": 3, "unsubscribe": 0]
        return rows.filter { $0.kind == "touch" && $0.minute < end && !$0.medical }.compactMap { touch in
            guard touch.status != "failed", touch.status != "planned" else { return nil }
            let children = rows.filter { $0.parent == touch.id && !$0.machine && $0.minute < end }
            let raised = children.map { rank[$0.kind] ?? 0 }.max() ?? 0
            let first = children.filter { (rank[$0.kind] ?? 0) > 0 }.map(\.minute).min()
            return Contact(
                hcp: touch.hcp, minute: touch.minute, channel: touch.channel, push: touch.push,
                level: max(touch.response ?? 0, raised), content: touch.content, answered: first ?? touch.minute)
        }
    }

    func compareChannels(_ f: MartFixture, _ contacts: [Contact]) async throws {
        let got = try await f.texts(
            """
            SELECT concat_ws(' ', h.hcp_id, c.channel, touches_90d, touches_365d, touches_all, reached_365d, engaged_365d,
              advanced_365d, recency_days, coalesce(CAST(last_engaged_day AS VARCHAR), '-'), round(response_rate, 9))
            FROM mart.feature_hcp_channel AS c JOIN mart.hcp AS h ON h.hcp_no = c.hcp_no ORDER BY h.hcp_id, c.channel
            """)
        var want: [String] = []
        func share(_ channel: String, _ hcp: Int?, _ test: (Contact) -> Bool) -> Int {
            contacts.count { $0.channel == channel && (hcp == nil || $0.hcp == hcp) && test($0) }
        }
        for hcp in 0..<5 {
            for channel in Self.channels {
                let own = contacts.filter { $0.hcp == hcp && $0.channel == channel }
                guard let recency = own.map(\.age).min() else { continue }
                let year = own.filter { $0.push && $0.age < 365 }
                let engagedAge = own.filter { $0.level >= 2 }.map(\.age).min()
                let prior =
                    Double(share(channel, nil) { $0.push && $0.age < 365 && $0.level >= 2 } + 1)
                    / Double(share(channel, nil) { $0.push && $0.age < 365 } + 10)
                let rate = (Double(year.count { $0.level >= 2 }) + 5 * prior) / Double(year.count + 5)
                let rounded = (rate * 1e9).rounded() / 1e9
                want.append(
                    [
                        "\(hcp)", channel, "\(own.count { $0.push && $0.age < 90 })", "\(year.count)",
                        "\(own.count { $0.push })", "\(year.count { $0.level >= 1 })",
                        "\(year.count { $0.level >= 2 })",
                        "\(year.count { $0.level >= 3 })", "\(recency)",
                        engagedAge.map { (Self.asOf + -$0).description } ?? "-", "\(rounded)",
                    ].joined(separator: " "))
            }
        }
        #expect(got == want)
    }

    func compareTopics(_ f: MartFixture, _ contacts: [Contact]) async throws {
        let table = try await f.connection.query(
            """
            SELECT h.hcp_id || ' ' || topic || ' ' || format || ' ' || views || ' ' || engaged AS v, affinity
            FROM mart.feature_hcp_topic AS t JOIN mart.hcp AS h ON h.hcp_no = t.hcp_no ORDER BY h.hcp_id, topic, format
            """)
        var want: [(String, Double)] = []
        for hcp in 0..<5 {
            for (n, topic) in Self.topics.enumerated().sorted(by: { $0.element < $1.element }) {
                let own = contacts.filter { $0.hcp == hcp && $0.content == n && $0.level >= 1 && $0.age < 365 }
                guard !own.isEmpty else { continue }
                let affinity = own.reduce(0.0) { sum, c in
                    var halved = [0.0, 1, 3, 5][c.level]
                    halved *= power(0.5, Double(c.age) / 90)
                    return sum + halved
                }
                want.append(("\(hcp) \(topic.0) \(topic.1) \(own.count) \(own.count { $0.level >= 2 })", affinity))
            }
        }
        #expect(try table.texts("v") == want.map(\.0))
        for (got, want) in zip(try table.doubles("affinity"), want.map(\.1)) { #expect(abs(got - want) < 1e-9) }
    }

    func compareHours(_ f: MartFixture, _ contacts: [Contact]) async throws {
        let got = try await f.texts(
            """
            SELECT concat_ws(' ', h.hcp_id, weekday, hour, sends, responses)
            FROM mart.feature_hcp_hour AS c JOIN mart.hcp AS h ON h.hcp_no = c.hcp_no ORDER BY h.hcp_id, weekday, hour
            """)
        var slots: [[Int]: (Int, Int)] = [:]
        for c in contacts where c.age < 365 {
            func slot(_ minute: Int) -> [Int] {
                let local = minute + (c.hcp < 3 ? 330 : 0)
                return [c.hcp, Day(number: Int32(local / 1440)).weekday, local / 60 % 24]
            }
            if c.push { slots[slot(c.minute), default: (0, 0)].0 += 1 }
            let threshold = c.channel == "in_person" || c.channel == "phone" ? 2 : 1
            if c.level >= threshold { slots[slot(c.answered), default: (0, 0)].1 += 1 }
        }
        let want = slots.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map {
            "\($0.key[0]) \($0.key[1]) \($0.key[2]) \($0.value.0) \($0.value.1)"
        }
        #expect(got == want)
    }

    func compareLines(_ f: MartFixture, _ contacts: [Contact]) async throws {
        let got = try await f.texts(
            """
            SELECT concat_ws(' ', h.hcp_id, coalesce(CAST(last_touch_day AS VARCHAR), '-'), touches_30d, touches_365d,
              engaged_365d, pull_90d)
            FROM mart.feature_hcp AS c JOIN mart.hcp AS h ON h.hcp_no = c.hcp_no ORDER BY h.hcp_id
            """)
        let want = (0..<5).map { hcp in
            let own = contacts.filter { $0.hcp == hcp }
            let push = own.filter(\.push)
            let last = push.map(\.age).min().map { (Self.asOf + -$0).description } ?? "-"
            return """
                \(hcp) \(last) \(push.count { $0.age < 30 }) \(push.count { $0.age < 365 }) \
                \(push.count { $0.age < 365 && $0.level >= 2 }) \(own.count { !$0.push && $0.age < 90 })
                """
        }
        #expect(got == want)
    }
}

/// A small seeded generator (Lehmer 64).
struct Lehmer: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state = state &* 0xda94_2042_e4dd_58b5 &+ 0x9e37_79b9_7f4a_7c15
        return state ^ (state >> 29)
    }
}

/// `YYYY-MM-DD HH:MM:SS` of a minute since 1970.
func moment(_ minute: Int) -> String {
    func two(_ n: Int) -> String { n < 10 ? "0\(n)" : "\(n)" }
    return "\(Day(number: Int32(minute / 1440))) \(two(minute / 60 % 24)):\(two(minute % 60)):00"
}

/// base to the power, for base in (0, 1], by halving the exponent: no need for a mathematics library here.
func power(_ base: Double, _ exponent: Double) -> Double {
    var result = 1.0
    var whole = exponent
    while whole >= 1 {
        result *= base
        whole -= 1
    }
    var root = base
    for _ in 0..<60 {
        root = root.squareRoot()
        whole *= 2
        if whole >= 1 {
            result *= root
            whole -= 1
        }
    }
    return result
}
