import EngagementModel
import Testing

@testable import Warehouse

/// The SQL of the insight step on rows made by hand.
@Suite struct MartInsightTests {
    private func prepared(_ f: MartFixture) async throws {
        try await Marts.resolve(f.connection)
        try await Marts.features(f.connection)
        try await Marts.insight(f.connection)
    }

    private func link(_ f: MartFixture, _ a: String, _ b: String, same: Bool, origin: String = "person") async throws {
        try await f.connection.execute(
            "INSERT INTO history.match_link VALUES ('a', ?, 'a', ?, ?, ?, 1.0)",
            [.text(a), .text(b), .bool(same), .text(origin)])
    }

    @Test func purchasesAddUpByDayAndCancelledOrdersAreNone() async throws {
        let f = try await MartFixture()
        try await f.add("hco", ["hco_id": "O1", "name": "Clinic"])
        for (order, status, quantity) in [("1", "delivered", "3"), ("2", "open", "4"), ("3", "Cancelled", "9")] {
            try await f.add(
                "order",
                [
                    "order_id": .text(order), "hco_id": "O1", "ordered_at": "2025-03-01 10:00:00",
                    "status": .text(status),
                ])
            try await f.add(
                "order_line",
                [
                    "order_id": .text(order), "line": "1", "product_id": "P1", "quantity": .text(quantity),
                    "unit_price": "2",
                ])
        }
        try await prepared(f)
        #expect(
            try await f.texts("SELECT day || ' ' || units || ' ' || amount || ' ' || orders FROM insight.purchase")
                == ["2025-03-01 7.0 14.0 2"])
    }

    @Test func tiesComeFromReferralsSharedPatientsWorkplacesAndSmallEvents() async throws {
        let f = try await MartFixture()
        for id in ["1", "2", "3"] { try await f.add("hcp", ["hcp_id": .text(id), "last_name": "X"]) }
        try await f.add("hco", ["hco_id": "O1", "name": "Clinic"])
        try await f.add(
            "referral", ["from_hcp_id": "1", "to_hcp_id": "2", "period_start": "2025-01-01", "patients": "5"])
        for id in ["2", "3"] { try await f.add("affiliation", ["hcp_id": .text(id), "hco_id": "O1"]) }
        for (claim, hcp, token) in [
            ("1", "1", "a"), ("2", "3", "a"), ("3", "1", "b"), ("4", "3", "b"), ("5", "1", "c"), ("6", "3", "c"),
            ("7", "1", "d"), ("8", "2", "d"),
        ] {
            try await f.add(
                "claim",
                [
                    "claim_id": .text(claim), "hcp_id": .text(hcp), "patient_token": .text(token),
                    "service_date": "2025-02-01", "code_system": "cpt", "code": "1",
                ])
        }
        for id in ["1", "2"] {
            try await f.add("event_attendance", ["event_id": "E", "hcp_id": .text(id), "status": "attended"])
        }
        try await prepared(f)
        let ties = try await f.texts(
            """
            SELECT a.hcp_id || '>' || b.hcp_id || ' ' || t.weight FROM insight.tie AS t
            JOIN mart.hcp AS a ON a.hcp_no = t.from_no JOIN mart.hcp AS b ON b.hcp_no = t.to_no ORDER BY 1
            """)
        // Three shared patients tie 1 and 3; one is chance. A referral has a direction, a workplace has none.
        #expect(ties == ["1>2 5.25", "1>3 3.0", "2>1 0.25", "2>3 1.0", "3>1 3.0", "3>2 1.0"])
    }

    @Test func oneHCPAtSeveralPracticesHasSeveralPlacesEachOnce() async throws {
        let f = try await MartFixture()
        try await f.add(
            "hcp", ["hcp_id": "1", "last_name": "X", "address_line": "1 Hill Rd.", "postal_code": "100", "city": "A"])
        try await f.add(
            "hco", ["hco_id": "O1", "name": "Hill Practice", "address_line": "1 hill rd", "postal_code": "100"])
        try await f.add(
            "hco", ["hco_id": "O2", "name": "Lake Practice", "address_line": "9 Lake", "postal_code": "200"])
        for id in ["O1", "O2"] { try await f.add("affiliation", ["hcp_id": "1", "hco_id": .text(id)]) }
        try await prepared(f)
        #expect(
            try await f.texts(
                "SELECT place || ' ' || coalesce(name, '-') || ' ' || mentions FROM insight.workplace ORDER BY place")
                == ["1 Hill Practice 2", "2 Lake Practice 1"])
    }

    @Test func whomToPersuadeWhomToSpareAndWhoCannotBeReached() async throws {
        let f = try await MartFixture()
        for id in ["1", "2", "3", "4", "5"] { try await f.add("hcp", ["hcp_id": .text(id), "last_name": "X"]) }
        try await prepared(f)
        try await f.connection.execute(
            """
            CREATE TABLE plan.action AS SELECT * FROM (VALUES (1, 'promotional'), (2, 'medical')) AS t (action_no, purpose);
            CREATE TABLE plan.candidate AS
            SELECT h.hcp_no, c.* EXCLUDE (hcp_id) FROM (VALUES
              -- The better of two surely adds something; a medical answer that is worth more is no targeting.
              ('1', 1, NULL, 0.4, 0.3, 0.1, 0.5, 9.0, 2.0), ('1', 1, NULL, 0.2, 0.1, 0.05, 0.2, 5.0, 2.0),
              ('1', 2, NULL, 0.9, 0.9, 0.8, 1.0, 99.0, 0.0),
              -- It may add something.
              ('2', 1, NULL, 0.3, 0.1, -0.2, 0.4, 3.0, 0.0),
              -- It costs more than it adds.
              ('3', 1, NULL, 0.5, 0.0, -0.1, 0.1, -1.0, 0.0),
              -- What is refused does not count.
              ('4', 1, 'no_consent', 0.5, 0.5, 0.4, 0.6, 7.0, 0.0)
            ) AS c (hcp_id, action_no, refusal, probability, effect, effect_low, effect_high, value, price)
            JOIN mart.hcp AS h ON h.hcp_id = c.hcp_id
            """)
        try await Marts.stage("insight/target", f.connection)
        #expect(
            try await f.texts(
                """
                SELECT h.hcp_id || ' ' || t.advice || ' ' || coalesce(CAST(t.propensity AS VARCHAR), '-') || ' '
                  || coalesce(CAST(t.uplift_low AS VARCHAR), '-')
                FROM insight.target AS t JOIN mart.hcp AS h ON h.hcp_no = t.hcp_no ORDER BY h.hcp_id
                """) == [
                    "1 persuade 0.4 0.1", "2 try 0.3 -0.2", "3 spare 0.5 -0.1", "4 unreachable - -",
                    "5 unreachable - -",
                ])
    }

    @Test func aPersonsWordJoinsTwoRecordsAndKeepsTwoApart() async throws {
        let f = try await MartFixture()
        try await Marts.prepare(f.connection)
        for id in ["1", "2"] {
            try await f.add("hcp", source: "a", ["hcp_id": .text(id), "last_name": .text("N\(id)")])
        }
        // The same mailbox and surname: joined by e-mail, unless a person says otherwise.
        for id in ["3", "4"] {
            try await f.add("hcp", source: "a", ["hcp_id": .text(id), "last_name": "Lee", "email": "lee@x.org"])
        }
        try await Marts.resolve(f.connection)
        #expect(try await f.crosswalk() == ["a/1 1", "a/2 2", "a/3 3", "a/4 3"])
        try await link(f, "1", "2", same: true)
        try await link(f, "3", "4", same: false)
        try await Marts.resolve(f.connection)
        #expect(try await f.crosswalk() == ["a/1 1", "a/2 1", "a/3 3", "a/4 4"])
        let rule = try await f.texts("SELECT rule FROM mart.xref WHERE source = 'a' AND source_hcp_id = '2'")
        #expect(rule == ["review"])
        // Withdrawn, everything is as before, with the identifiers of before.
        try await f.connection.execute("DELETE FROM history.match_link")
        try await Marts.resolve(f.connection)
        #expect(try await f.crosswalk() == ["a/1 1", "a/2 2", "a/3 3", "a/4 3"])
    }

    @Test func twoValidNPIsAreTwoPeopleWhateverAnyoneSays() async throws {
        let f = try await MartFixture()
        try await Marts.prepare(f.connection)
        for id in ["1", "2"] {
            try await f.add(
                "hcp", source: "a", ["hcp_id": .text(id), "last_name": "Lee", "npi": .text(npi(Int(id) ?? 0))])
        }
        try await link(f, "1", "2", same: true)
        try await link(f, "1", "2", same: true, origin: "model")
        try await Marts.resolve(f.connection)
        #expect(try await f.crosswalk() == ["a/1 1", "a/2 2"])
    }

    @Test func triggersHaveOneIdAnOccasionAndHiddenVolumesStayInTheConsole() async throws {
        let f = try await MartFixture()
        try await f.add("hcp", ["hcp_id": "1", "last_name": "X", "country": "DE"])
        try await f.add("hco", ["hco_id": "O1", "name": "Clinic"])
        try await f.add("affiliation", ["hcp_id": "1", "hco_id": "O1", "buying_role": "buyer"])
        try await Marts.prepare(f.connection)
        try await f.connection.execute("INSERT INTO history.market VALUES ('DE', TRUE)")
        try await prepared(f)
        try await f.connection.execute(
            """
            INSERT INTO insight.change VALUES
              ('hcp', '1', 0, NULL, 'P1', 'prescriptions', DATE '2025-05-01', 0.97, 0.95, 10, 2, 12, 'fell'),
              ('hco', 'O1', NULL, 'O1', 'P2', 'units', DATE '2025-05-01', 0.97, 0.95, 2, 10, 12, 'rose');
            INSERT INTO insight.need VALUES
              ('hco', 'O1', NULL, 'O1', 'P2', DATE '2025-06-01', 9, 30, DATE '2025-07-03', DATE '2025-06-30',
                DATE '2025-07-08', 0.98, 0.9, 0.7, 0, 0.9, 'own', 'bgnbd', 'due', 0.4);
            """)
        for _ in 0..<2 { try await Marts.stage("insight/trigger", f.connection) }
        let rows = try await f.texts(
            "SELECT trigger_id || ' ' || coalesce(hcp_id, '-') || ' ' || audience || ' ' || alarm FROM insight.trigger ORDER BY 1"
        )
        #expect(
            rows == [
                "need_due:O1:P2:2025-06-01 1 all true", "ordering_rise:O1:P2:2025-05-01 1 all true",
                "prescribing_fall:1:P1:2025-05-01 1 console true",
            ])
        #expect(try await f.texts("SELECT count(*)::VARCHAR FROM history.trigger") == ["3"])
        // The next day the same occasions have the same ids, and the history knows when each was first seen.
        try await f.clock("2025-07-01")
        try await Marts.stage("insight/trigger", f.connection)
        #expect(
            try await f.texts("SELECT DISTINCT first_as_of::VARCHAR FROM history.trigger") == ["2025-06-30"])
        // What a back-test has taught of one kind corrects its scores, and no other's: 0.95 is 2.944 on the logit scale.
        try await f.connection.execute(
            "INSERT INTO insight.trigger_calibration VALUES ('prescribing_fall', 0.5, -3, 20)")
        try await Marts.stage("insight/trigger", f.connection)
        #expect(
            try await f.texts(
                "SELECT kind || ' ' || round(score, 3) || ' ' || alarm FROM insight.trigger ORDER BY 1")
                == ["need_due 0.7 true", "ordering_rise 0.95 true", "prescribing_fall 0.178 false"])
    }

    /// Who orders all the time is no occasion; who stands out from its own usual chance comes first.
    @Test func aNeedIsAnOccasionWhenItStandsOut() async throws {
        let f = try await MartFixture()
        for name in ["O1", "O2", "O3"] { try await f.add("hco", ["hco_id": .text(name), "name": "Clinic"]) }
        try await prepared(f)
        for (name, chance, usual) in [("O1", 0.99, 0.97), ("O2", 0.9, 0.75), ("O3", 0.8, 0.3)] {
            try await f.connection.execute(
                """
                INSERT INTO insight.need VALUES
                  ('hco', '\(name)', NULL, '\(name)', 'P2', DATE '2025-06-01', 9, 30, DATE '2025-07-03', DATE '2025-06-30',
                    DATE '2025-07-08', 0.98, 0.9, \(chance), 0, 0.9, 'own', 'bgnbd', 'Orders.', \(usual));
                """)
        }
        try await Marts.stage("insight/trigger", f.connection)
        #expect(
            try await f.texts(
                "SELECT place || ' ' || subject_id || ' ' || alarm || ' ' || evidence FROM insight.trigger ORDER BY place"
            )
                == [
                    "1 O3 true Orders. An order within a fortnight: 80%, against 30% at any other time.",
                    "2 O2 false Orders. An order within a fortnight: 90%, against 75% at any other time.",
                ])
    }

    @Test func alarmsAreJudgedWhenTheTimeToTellHasPassed() async throws {
        let f = try await MartFixture()
        try await f.add("hco", ["hco_id": "O1", "name": "Clinic"])
        for (order, day) in [("1", "2025-05-01"), ("2", "2025-06-20")] {
            try await f.add(
                "order", ["order_id": .text(order), "hco_id": "O1", "ordered_at": .text(day + " 10:00:00")])
            try await f.add("order_line", ["order_id": .text(order), "line": "1", "product_id": "P1", "quantity": "1"])
        }
        try await prepared(f)
        try await f.connection.execute(
            """
            INSERT INTO history.trigger VALUES
              ('a', 'need_due', 'hco', 'O1', NULL, 'P1', DATE '2025-06-01', 0.8, DATE '2025-06-10', DATE '2025-06-25', NULL, TRUE),
              ('b', 'need_due', 'hco', 'O1', NULL, 'P9', DATE '2025-06-01', 0.6, DATE '2025-06-10', DATE '2025-06-25', NULL, TRUE),
              ('c', 'need_due', 'hco', 'O1', NULL, 'P1', DATE '2025-06-25', 0.6, DATE '2025-07-10', DATE '2025-07-25', NULL, TRUE);
            INSERT INTO insight.need VALUES
              ('hco', 'O1', NULL, 'O1', 'P1', DATE '2025-06-20', 9, 30, DATE '2025-07-03', DATE '2025-06-30',
                DATE '2025-07-08', 0.98, 0.9, 0.7, 0, 0.9, 'own', 'bgnbd', 'due', 0.4);
            """)
        try await Marts.stage("insight/trigger", f.connection)
        try await Marts.stage("measure/trigger_precision", f.connection)
        #expect(
            try await f.texts(
                "SELECT kind || ' ' || judged || ' ' || confirmed || ' ' || \"precision\" || ' ' || expected FROM report.trigger_precision"
            )
                == ["need_due 2 1 0.5 0.7"])
    }
}
