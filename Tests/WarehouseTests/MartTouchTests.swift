import EngagementModel
import Testing

@testable import Warehouse

@Suite struct MartTouchTests {
    func fixture() async throws -> MartFixture {
        let f = try await MartFixture(asOf: "2025-06-30")
        try await f.add("hcp", ["hcp_id": "1", "last_name": "A"])
        return f
    }

    /// A touch of HCP 1.
    func touch(
        _ f: MartFixture, _ id: String, _ at: String, _ channel: String, _ more: KeyValuePairs<String, SQLValue> = [:]
    ) async throws {
        try await f.add(
            "interaction", known: at,
            [
                "interaction_id": .text(id), "hcp_id": "1", "occurred_at": .text(at), "channel": .text(channel),
                "kind": "touch",
            ])
        for (name, value) in more {
            try await f.connection.execute(
                "UPDATE history.interaction SET \(SQLText.name(name)) = ? WHERE interaction_id = ?", [value, .text(id)])
        }
    }

    func child(
        _ f: MartFixture, _ parent: String, _ kind: String, _ at: String, machine: Bool = false, seconds: Int64? = nil
    )
        async throws
    {
        try await f.add(
            "interaction", known: at,
            [
                "interaction_id": .text("\(parent)-\(kind)-\(at)"), "hcp_id": "1", "occurred_at": .text(at),
                "channel": "email", "direction": "pull", "kind": .text(kind), "parent_interaction_id": .text(parent),
                "machine": .bool(machine), "duration_seconds": seconds.map { .int($0) } ?? .null,
            ])
    }

    func levels(_ f: MartFixture) async throws -> [String] {
        try await f.texts(
            "SELECT interaction_id || ' ' || level FROM mart.touch WHERE kind = 'touch' ORDER BY interaction_id")
    }

    @Test func childrenRaiseTheirParentAndMachinesDoNot() async throws {
        let f = try await fixture()
        for n in 1...6 { try await touch(f, "e\(n)", "2025-06-0\(n) 09:00:00", "email", ["status": "delivered"]) }
        try await child(f, "e1", "open", "2025-06-01 10:00:00")
        try await child(f, "e2", "open", "2025-06-02 10:00:00", machine: true)
        try await child(f, "e2", "click", "2025-06-02 10:00:01", machine: true)
        try await child(f, "e3", "open", "2025-06-03 10:00:00", machine: true)
        try await child(f, "e3", "click", "2025-06-03 11:00:00")
        try await child(f, "e4", "question", "2025-06-04 11:00:00")
        try await child(f, "e5", "bounce", "2025-06-05 09:01:00")
        try await f.run()
        #expect(try await levels(f) == ["e1 1", "e2 0", "e3 2", "e4 3", "e5 0", "e6 0"])
        #expect(
            try await f.texts(
                "SELECT touches_365d || ' ' || reached_365d || ' ' || engaged_365d || ' ' || advanced_365d FROM mart.feature_hcp_channel"
            )
                == ["5 3 2 1"])
        #expect(try await f.texts("SELECT status FROM mart.touch WHERE interaction_id = 'e5'") == ["bounced"])
    }

    @Test func theLadderOfEachChannelHoldsWithoutAStatedResponse() async throws {
        let f = try await fixture()
        try await touch(f, "a visit", "2025-06-01 09:00:00", "in_person")
        try await touch(f, "b long visit", "2025-06-01 10:00:00", "in_person", ["duration_seconds": 120])
        try await touch(f, "c planned", "2025-06-01 11:00:00", "in_person", ["status": "planned"])
        try await touch(f, "d said no", "2025-06-01 12:00:00", "phone", ["response": "none"])
        try await touch(f, "e advanced", "2025-06-01 13:00:00", "phone", ["response": "advanced"])
        try await touch(f, "f sms", "2025-06-01 14:00:00", "sms", ["status": "delivered"])
        try await touch(f, "g sms sent", "2025-06-01 15:00:00", "sms", ["status": "sent"])
        try await touch(f, "h portal", "2025-06-01 16:00:00", "portal", ["direction": "pull", "duration_seconds": 29])
        try await touch(f, "i portal", "2025-06-01 17:00:00", "portal", ["direction": "pull", "duration_seconds": 30])
        try await touch(f, "j called", "2025-06-01 18:00:00", "phone", ["direction": "pull"])
        try await f.run()
        #expect(
            try await levels(f).map { String($0.last ?? "?") } == ["1", "2", "0", "0", "3", "1", "0", "1", "2", "2"])
    }

    @Test func medicalContactsStayOutOfFeatures() async throws {
        let f = try await fixture()
        try await f.add("rep", ["rep_id": "M", "name": "M", "kind": "msl"])
        try await touch(f, "a", "2025-06-01 09:00:00", "video", ["rep_id": "M", "response": "engaged"])
        try await touch(f, "b", "2025-06-02 09:00:00", "video", ["purpose": "medical", "response": "engaged"])
        try await touch(f, "c", "2025-06-03 09:00:00", "video", ["response": "engaged"])
        try await f.run()
        #expect(
            try await f.texts("SELECT medical FROM mart.touch ORDER BY interaction_id") == ["true", "true", "false"])
        #expect(try await f.texts("SELECT touches_all FROM mart.feature_hcp_channel") == ["1"])
        #expect(try await f.texts("SELECT touches_365d FROM mart.feature_hcp") == ["1"])
    }

    @Test func answersGivenAfterTheDayAreNotKnownYet() async throws {
        let f = try await fixture()
        try await touch(
            f, "a", "2025-06-10 09:00:00", "email",
            ["status": "delivered", "response": "engaged", "responded_at": .timestamp(1_749_902_400_000_000)])
        try await f.clock("2025-06-12")
        try await f.run()
        #expect(try await levels(f) == ["a 0"])
        try await f.clock("2025-06-14")
        try await f.run()
        #expect(try await levels(f) == ["a 2"])
        try await f.clock("2025-06-13")
        try await f.run()
        #expect(try await levels(f) == ["a 0"])
    }

    /// Two touches, 90 and 45 days old: 3 × ½ and 1 × ½^½.
    @Test func affinityDecaysByHalfInNinetyDays() async throws {
        let f = try await fixture()
        try await f.add(
            "content",
            [
                "content_id": "C", "version": "1", "topic": "Side effects", "format": "Slides",
                "mlr_state": "approved_for_distribution",
            ])
        try await touch(f, "a", "2025-04-01 09:00:00", "phone", ["content_id": "C", "response": "engaged"])
        try await touch(f, "b", "2025-05-16 09:00:00", "phone", ["content_id": "C", "response": "reached"])
        try await f.run()
        let table = try await f.connection.query(
            "SELECT topic, format, views, engaged, affinity FROM mart.feature_hcp_topic")
        #expect(try table.texts("topic") == ["safety"] && table.texts("format") == ["detail_aid"])
        #expect(try table.int64s("views") == [2] && table.int64s("engaged") == [1])
        #expect(abs(try table.doubles("affinity")[0] - (1.5 + 0.5.squareRoot())) < 1e-12)
    }

    /// 2025-06-02 is a Monday. Berlin is two hours ahead in June and one in January; Kolkata five and a half.
    @Test func hoursAreTheRecipientsOwn() async throws {
        for (zone, june, january) in [
            ("Europe/Berlin", "6 23", "3 23"), ("Asia/Kolkata", "0 3", "4 4"), ("Mars/Olympus", "6 21", "3 22"),
            ("America/Los_Angeles", "6 14", "3 14"),
        ] {
            let f = try await fixture()
            try await f.connection.execute("UPDATE history.hcp SET timezone = ?", [.text(zone)])
            try await touch(f, "a", "2025-06-01 21:40:00", "sms", ["status": "sent"])
            try await touch(f, "b", "2025-01-02 22:40:00", "sms", ["status": "sent"])
            try await f.run()
            #expect(
                Set(try await f.texts("SELECT weekday || ' ' || hour FROM mart.feature_hcp_hour")) == [june, january],
                "\(zone)")
        }
    }

    @Test func theBestHourIsWhereTheAnswersAre() async throws {
        let f = try await fixture()
        try await f.connection.execute("UPDATE history.hcp SET timezone = 'UTC'")
        for day in ["02", "09", "16", "23"] {
            try await touch(f, "m\(day)", "2025-06-\(day) 09:00:00", "email", ["status": "delivered"])
            try await child(f, "m\(day)", "click", "2025-06-\(day) 18:30:00")
        }
        try await f.run()
        #expect(try await f.texts("SELECT best_weekday || ' ' || best_hour FROM mart.feature_hcp") == ["0 18"])
    }

    @Test func consentIsTheLastWordAndContentTheUsableVersion() async throws {
        let f = try await fixture()
        for (id, status, at) in [
            ("1", "opt_in", "2025-03-01"), ("2", "opt_out", "2025-03-05"), ("3", "opt_in", "2025-03-05"),
        ] {
            try await f.add(
                "consent",
                [
                    "consent_id": .text(id), "hcp_id": "1", "channel": "email", "purpose": "promotional",
                    "status": .text(status), "captured_at": .text(at),
                ])
        }
        for (version, state) in [("1", "superseded"), ("9", "Approved for Distribution"), ("10", "draft")] {
            try await f.add("content", ["content_id": "C", "version": .text(version), "mlr_state": .text(state)])
        }
        try await f.add("content", ["content_id": "D", "version": "9", "mlr_state": "approved_vod"])
        try await f.add("content", ["content_id": "D", "version": "10", "mlr_state": "Live"])
        try await f.run()
        #expect(try await f.texts("SELECT status || ' ' || consent_id FROM mart.consent_current") == ["opt_in 3"])
        #expect(
            try await f.texts("SELECT content_id || ' ' || version || ' ' || mlr_state FROM mart.content ORDER BY 1")
                == ["C 9 approved_for_distribution", "D 10 approved_for_distribution"])
    }
}
