import EngagementModel
import Testing

@testable import Warehouse

@Suite struct MartIncrementTests {
    static let tables = [
        "mart.touch", "mart.feature_hcp", "mart.feature_hcp_channel", "mart.feature_hcp_topic", "mart.feature_hcp_hour",
        "mart.volume_month", "mart.consent_current",
    ]

    func dump(_ f: MartFixture) async throws -> [[String]] {
        var result: [[String]] = []
        for table in Self.tables {
            result.append(try await f.texts("SELECT CAST(t AS VARCHAR) FROM \(table) AS t ORDER BY 1"))
        }
        return result
    }

    /// Everything built anew.
    func whole(_ f: MartFixture) async throws {
        try await f.connection.execute("DELETE FROM history.mart_state")
        try await f.run("whole")
    }

    /// Days pass, deliveries come late, responses are restated, people turn out to be one: at every step the tables
    /// that were brought up to date are those that a whole build makes.
    @Test(arguments: [11]) func aDaysDeltaMakesWhatAWholeBuildMakes(seed: Int) async throws {
        var random = Lehmer(state: UInt64(seed) &* 104_729)
        let f = try await MartFixture(asOf: "2025-03-01")
        try await f.add("rep", ["rep_id": "R", "name": "R"])
        for n in 0..<8 {
            try await f.add("hcp", source: n < 6 ? "canonical" : "crm", ["hcp_id": .text("H\(n)"), "last_name": "A"])
        }
        try await f.add("content", ["content_id": "C", "version": "1", "topic": "t", "format": "f"])
        let start = Int(Day(year: 2025, month: 1, day: 1).number) * 1440
        for n in 0..<260 {
            let minute = start + Int.random(in: 0..<(75 * 1440), using: &random)
            let hcp = Int.random(in: 0..<8, using: &random)
            let answered = Int.random(in: 0..<3, using: &random) == 0
            try await f.add(
                "interaction", source: hcp < 6 ? "canonical" : "crm",
                known: moment(minute + Int.random(in: 0..<4000, using: &random)),
                [
                    "interaction_id": .text("i\(n)"), "hcp_id": .text("H\(hcp)"), "occurred_at": .text(moment(minute)),
                    "channel": .text(["email", "phone"].randomElement(using: &random) ?? "sms"), "kind": "touch",
                    "direction": "push", "status": "delivered", "content_id": "C", "rep_id": "R",
                    "response": answered ? "reached" : .null,
                    "responded_at": answered ? .text(moment(minute + 3000)) : .null,
                ])
            if n % 3 == 0 {
                try await f.add(
                    "interaction", source: hcp < 6 ? "canonical" : "crm", known: moment(minute + 2500),
                    [
                        "interaction_id": .text("k\(n)"), "hcp_id": .text("H\(hcp)"), "channel": "email",
                        "occurred_at": .text(moment(minute + 2000)), "kind": .text(n % 2 == 0 ? "click" : "open"),
                        "parent_interaction_id": .text("i\(n)"), "machine": .bool(n % 5 == 0), "direction": "pull",
                    ])
            }
        }
        try await f.run()
        var appended = 0
        for step in 2...14 {
            try await f.clock("2025-03-\(step < 10 ? "0" : "")\(step)")
            let delivery = Int64(step)
            if step == 4 {
                try await f.delivery(delivery)
                try await f.restate("i7", response: "advanced", at: "2025-03-03 12:00:00", delivery: delivery)
            }
            if step == 6 {  // late: known long ago, delivered now
                try await f.delivery(delivery)
                try await f.add(
                    "interaction", known: "2025-01-20 00:00:00", delivery: delivery,
                    [
                        "interaction_id": "late", "hcp_id": "H1", "occurred_at": "2025-01-19 10:00:00",
                        "channel": "email",
                        "kind": "question", "parent_interaction_id": "i9", "direction": "pull",
                    ])
            }
            if step == 8 {  // H6 of the CRM is H2
                try await f.delivery(delivery)
                for (source, id) in [("canonical", "H2"), ("crm", "H6")] {
                    try await f.add(
                        "identifier", source: source, delivery: delivery,
                        ["subject_kind": "hcp", "subject_id": .text(id), "scheme": "onekey", "value": "1"])
                }
            }
            if step == 10 {  // somebody whose interactions were known before the person
                try await f.delivery(delivery)
                try await f.add(
                    "interaction", known: "2025-03-09 00:00:00", delivery: delivery,
                    ["interaction_id": "x", "hcp_id": "New", "occurred_at": "2025-03-08 10:00:00", "channel": "phone"])
            }
            if step == 12 {
                try await f.delivery(delivery)
                try await f.add(
                    "hcp", known: "2025-03-12 00:00:00", delivery: delivery, ["hcp_id": "New", "last_name": "N"])
            }
            try await Marts.resolve(f.connection)
            let timings = try await Marts.features(f.connection)
            if timings.contains(where: { $0.file == "features/touch_delta" }) { appended += 1 }
            let byDelta = try await dump(f)
            try await whole(f)
            let byWhole = try await dump(f)
            for (n, table) in Self.tables.enumerated() { #expect(byDelta[n] == byWhole[n], "\(table) on step \(step)") }
        }
        #expect(appended >= 10)
    }

    @Test func aRunWithoutNewsBuildsNothing() async throws {
        let f = try await MartFixture()
        try await f.add("hcp", ["hcp_id": "1", "last_name": "A"])
        try await f.run()
        try await Marts.measure(f.connection)
        let resolve = try await Marts.resolve(f.connection)
        let features = try await Marts.features(f.connection)
        let measure = try await Marts.measure(f.connection)
        let built = (resolve + features + measure).filter { !$0.skipped }.map(\.file)
        #expect(built.isEmpty, "\(built)")
    }

    @Test func aStageRunsAlone() async throws {
        let f = try await MartFixture()
        try await f.add("hcp", ["hcp_id": "1", "last_name": "A"])
        try await f.run()
        for file in Marts.resolveStages + Marts.featureStages + Marts.measureStages {
            let timings = try await Marts.stage(file, f.connection)
            #expect(timings.contains { !$0.skipped }, "\(file)")
        }
        #expect(try await f.texts("SELECT hcp_id FROM mart.hcp") == ["1"])
    }

    @Test func conflictsAreFoundInsideTheYear() async throws {
        let f = try await MartFixture(asOf: "2025-06-30")
        try await MartTables.create(f.connection)
        try await f.connection.execute(
            "INSERT INTO plan.rule VALUES ('cap', 'any', 2, 7), ('gap', 'email;email_rep', 0, 2)")
        try await f.add("hcp", ["hcp_id": "1", "last_name": "A"])
        try await f.add("rep", ["rep_id": "R1", "name": "R", "team": "field"])
        try await f.add("rep", ["rep_id": "R2", "name": "R", "team": "inside"])
        for (n, (at, channel, rep)) in [
            ("2025-06-01 09:00:00", "email", nil), ("2025-06-02 09:00:00", "email_rep", "R1"),
            ("2025-06-05 09:00:00", "phone", "R1"), ("2025-06-05 15:00:00", "in_person", "R2"),
            ("2025-06-20 09:00:00", "email", nil), ("2024-01-01 09:00:00", "email", nil),
            ("2024-01-01 10:00:00", "email", nil),
        ].enumerated() {
            try await f.add(
                "interaction",
                [
                    "interaction_id": .text("\(n)"), "hcp_id": "1", "occurred_at": .text(at), "channel": .text(channel),
                    "rep_id": rep.map { .text($0) } ?? .null, "status": "sent",
                ])
        }
        try await f.run()
        try await Marts.measure(f.connection)
        #expect(
            try await f.texts("SELECT kind || ' ' || day || ' ' || n || ' ' || detail FROM report.conflict ORDER BY 1")
                == [
                    "too_close 2025-06-02 1 less than 2 days apart: email, email_rep",
                    "too_many 2025-06-05 3 more than 2 in 7 days: any",
                    "too_many 2025-06-05 3 more than 2 in 7 days: any",
                    "two_teams 2025-06-05 2 two teams on one day",
                ])
        #expect(
            try await f.texts("SELECT month || ' ' || channel || ' ' || touches FROM report.channel_month ORDER BY 1")
                == [
                    "2024-01-01 email 2", "2025-06-01 email 2", "2025-06-01 email_rep 1", "2025-06-01 in_person 1",
                    "2025-06-01 phone 1",
                ])
    }
}
