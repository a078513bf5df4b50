import EngagementModel
import Testing

@testable import Warehouse

@Suite struct MartIdentityTests {
    @Test func recordsOfOneNPIAreOnePersonAndInvalidNPIsLinkNobody() async throws {
        let f = try await MartFixture()
        try await f.source("crm", priority: 10)
        try await f.source("registry", priority: 50)
        try await f.add("hcp", source: "crm", ["hcp_id": "A1", "last_name": "Meyer", "npi": .text(npi(1))])
        try await f.add(
            "hcp", source: "registry", ["hcp_id": .text(npi(1)), "last_name": "MEYER", "npi": .text(npi(1))])
        try await f.add("hcp", source: "crm", ["hcp_id": "A2", "last_name": "Roe", "npi": "1234567890"])
        try await f.add("hcp", source: "registry", ["hcp_id": "Z", "last_name": "Roe", "npi": "1234567890"])
        try await Marts.resolve(f.connection)
        #expect(try await f.crosswalk() == ["crm/A1 A1", "crm/A2 A2", "registry/\(npi(1)) A1", "registry/Z Z"])
        #expect(try await f.texts("SELECT npi FROM mart.hcp ORDER BY hcp_no") == [npi(1), "-", "-"])
    }

    @Test func licencesEmailsAndSourceIdsLink() async throws {
        let f = try await MartFixture()
        try await f.add(
            "hcp", source: "a", ["hcp_id": "1", "first_name": "Ann", "last_name": "Lee", "email": "Ann.Lee@x.org "])
        try await f.add(
            "hcp", source: "b", ["hcp_id": "2", "first_name": "A.", "last_name": "LEE", "email": "ann.lee@X.org"])
        try await f.add("hcp", source: "a", ["hcp_id": "3", "last_name": "Fox"])
        try await f.add("hcp", source: "b", ["hcp_id": "4", "last_name": "Fox"])
        for (source, id) in [("a", "3"), ("b", "4")] {
            try await f.add(
                "identifier", source: source,
                ["subject_kind": "hcp", "subject_id": .text(id), "scheme": "licence:CA", "value": "G12345"])
        }
        try await f.add("hcp", source: "a", ["hcp_id": "5", "last_name": "Ito"])
        try await f.add("hcp", source: "b", ["hcp_id": "6x", "last_name": "Itoh"])
        try await f.add(
            "identifier", source: "a", ["subject_kind": "hcp", "subject_id": "5", "scheme": "B", "value": "6X"])
        try await Marts.resolve(f.connection)
        #expect(try await f.crosswalk() == ["a/1 1", "a/3 3", "a/5 5", "b/2 1", "b/4 3", "b/6x 5"])
        #expect(
            try await f.texts("SELECT rule FROM mart.xref WHERE source = 'b' ORDER BY source_hcp_id")
                == ["e-mail", "licence", "source id"])
    }

    @Test func sharedAndGenericMailboxesLinkNobody() async throws {
        let f = try await MartFixture()
        try await f.add("hcp", source: "a", ["hcp_id": "1", "last_name": "Lee", "email": "info@clinic.org"])
        try await f.add("hcp", source: "b", ["hcp_id": "2", "last_name": "Lee", "email": "info@clinic.org"])
        try await f.add(
            "hcp", source: "a", ["hcp_id": "3", "last_name": "Fox", "email": "fox@clinic.org", "npi": .text(npi(3))])
        try await f.add(
            "hcp", source: "b", ["hcp_id": "4", "last_name": "Fox", "email": "fox@clinic.org", "npi": .text(npi(4))])
        try await f.add("hcp", source: "c", ["hcp_id": "5", "last_name": "Fox", "email": "fox@clinic.org"])
        try await f.add(
            "hcp", source: "a", ["hcp_id": "6", "first_name": "Max", "last_name": "Ray", "email": "ray@x.org"])
        try await f.add(
            "hcp", source: "b", ["hcp_id": "7", "first_name": "Eva", "last_name": "Ray", "email": "ray@x.org"])
        try await Marts.resolve(f.connection)
        #expect(try await f.texts("SELECT count(*) FROM mart.hcp") == ["7"])
    }

    /// A – e-mail – B – licence – C, where A and C have different NPIs: B can be one of them, never the bridge.
    @Test func conflictingNPIsNeverMergeOverAThirdRecord() async throws {
        let f = try await MartFixture()
        try await f.add(
            "hcp", source: "a", ["hcp_id": "A", "last_name": "Lee", "email": "lee@x.org", "npi": .text(npi(1))])
        try await f.add("hcp", source: "b", ["hcp_id": "B", "last_name": "Lee", "email": "lee@x.org"])
        try await f.add("hcp", source: "c", ["hcp_id": "C", "last_name": "Lee", "npi": .text(npi(2))])
        for (source, id) in [("b", "B"), ("c", "C")] {
            try await f.add(
                "identifier", source: source,
                ["subject_kind": "hcp", "subject_id": .text(id), "scheme": "licence:NY", "value": "77"])
        }
        try await Marts.resolve(f.connection)
        // The licence is the stronger link.
        #expect(try await f.crosswalk() == ["a/A A", "b/B B", "c/C B"])

        // A second licence, of A: now both pull equally, and B belongs to neither.
        try await f.delivery(2)
        for (source, id) in [("a", "A"), ("b", "B")] {
            try await f.add(
                "identifier", source: source, delivery: 2,
                ["subject_kind": "hcp", "subject_id": .text(id), "scheme": "licence:CA", "value": "99"])
        }
        try await Marts.resolve(f.connection)
        #expect(try await f.crosswalk() == ["a/A A", "b/B B", "c/C C"])
    }

    @Test func aChainOfLinksWithoutNPIsIsOnePerson() async throws {
        let f = try await MartFixture()
        for n in 0..<12 {
            try await f.add(
                "hcp", source: "s\(n)",
                ["hcp_id": .text("H\(n)"), "first_name": "Jo", "last_name": "Ng", "email": .text("jo\(n / 2)@x.org")])
            try await f.add(
                "identifier", source: "s\(n)",
                [
                    "subject_kind": "hcp", "subject_id": .text("H\(n)"), "scheme": "onekey",
                    "value": .text("K\((n + 1) / 2)"),
                ])
        }
        try await Marts.resolve(f.connection)
        #expect(try await f.texts("SELECT count(*) FROM mart.hcp") == ["1"])
        #expect(try await f.texts("SELECT DISTINCT hcp_id FROM mart.xref") == ["H0"])
    }

    @Test func goldenIdentitiesStayWhenNewRecordsAndLinksArrive() async throws {
        let f = try await MartFixture()
        try await f.source("late", priority: 1)
        try await f.source("crm", priority: 10)
        for (n, id) in ["B", "D", "F"].enumerated() {
            try await f.add(
                "hcp", source: "crm", ["hcp_id": .text(id), "last_name": .text("L\(n)"), "email": .text("l\(n)@x.org")])
        }
        try await Marts.resolve(f.connection, runID: "r1")
        let before = try await f.texts("SELECT hcp_id || ' ' || hcp_no FROM mart.hcp ORDER BY hcp_no")
        #expect(before == ["B 0", "D 1", "F 2"])

        // A better source arrives whose records sort before, one the same person as D, one unknown so far.
        try await f.delivery(2, source: "late")
        try await f.add("hcp", source: "late", delivery: 2, ["hcp_id": "A", "last_name": "L1", "email": "l1@x.org"])
        try await f.add("hcp", source: "late", delivery: 2, ["hcp_id": "B", "last_name": "Other"])
        try await Marts.resolve(f.connection, runID: "r2")
        #expect(
            try await f.texts("SELECT hcp_id || ' ' || hcp_no FROM mart.hcp ORDER BY hcp_no")
                == ["B 0", "D 1", "F 2", "late:B 3"])
        #expect(try await f.crosswalk() == ["crm/B B", "crm/D D", "crm/F F", "late/A D", "late/B late:B"])

        // A link that joins two old identities keeps the older one and says so.
        try await f.delivery(3, source: "crm")
        for id in ["B", "F"] {
            try await f.add(
                "identifier", source: "crm", delivery: 3,
                ["subject_kind": "hcp", "subject_id": .text(id), "scheme": "onekey", "value": "W1"])
        }
        try await Marts.resolve(f.connection, runID: "r3")
        // Numbers stay without holes: the last one moves into the place that became free.
        #expect(
            try await f.texts("SELECT hcp_id || ' ' || hcp_no FROM mart.hcp ORDER BY hcp_no") == [
                "B 0", "D 1", "late:B 2",
            ])
        #expect(
            try await f.texts("SELECT merged_hcp_id || '>' || kept_hcp_id || ' ' || run_id FROM history.golden_merge")
                == ["F>B r3"])
        #expect(
            try await f.texts("SELECT founded_run FROM history.golden ORDER BY hcp_no") == ["r1", "r1", "r1", "r2"])

        // Nothing new: nothing changes, and nothing is built again.
        let built = try await Marts.resolve(f.connection, runID: "r4").filter { !$0.skipped }
        #expect(built.isEmpty)
        #expect(try await f.texts("SELECT count(*) FROM history.golden_merge") == ["1"])
    }

    /// Replay: as of a day before the link was known the two are two, under their own old names.
    @Test func replayOfAnEarlierDayUndoesALaterMerge() async throws {
        let f = try await MartFixture()
        try await f.add("hcp", source: "a", ["hcp_id": "A", "last_name": "Lee"])
        try await f.add("hcp", source: "b", ["hcp_id": "B", "last_name": "Lee"])
        for (source, id) in [("a", "A"), ("b", "B")] {
            try await f.add(
                "identifier", source: source, known: "2025-06-01 00:00:00",
                ["subject_kind": "hcp", "subject_id": .text(id), "scheme": "onekey", "value": "W"])
        }
        try await f.clock("2025-05-01")
        try await Marts.resolve(f.connection)
        #expect(try await f.crosswalk() == ["a/A A", "b/B B"])
        try await f.clock("2025-06-30")
        try await Marts.resolve(f.connection)
        #expect(try await f.crosswalk() == ["a/A A", "b/B A"])
        #expect(try await f.texts("SELECT hcp_no FROM mart.hcp ORDER BY hcp_no") == ["0"])
        try await f.clock("2025-05-02")
        try await Marts.resolve(f.connection)
        #expect(try await f.crosswalk() == ["a/A A", "b/B B"])
        #expect(try await f.texts("SELECT hcp_no FROM mart.hcp ORDER BY hcp_no") == ["0", "1"])
    }

    /// As of a day before the founding record was known, the other record carries the identity.
    @Test func theIdentityIsTheSameBeforeItsFoundingRecordIsKnown() async throws {
        let f = try await MartFixture()
        try await f.source("best", priority: 1)
        try await f.source("other", priority: 9)
        try await f.add(
            "hcp", source: "best", known: "2025-06-01 00:00:00",
            ["hcp_id": "X", "last_name": "Lee", "npi": .text(npi(5))])
        try await f.add("hcp", source: "other", ["hcp_id": "Y", "last_name": "Lee", "npi": .text(npi(5))])
        try await Marts.resolve(f.connection)
        #expect(try await f.crosswalk() == ["best/X X", "other/Y X"])
        try await f.clock("2025-05-01")
        try await Marts.resolve(f.connection)
        #expect(try await f.crosswalk() == ["other/Y X"])
    }

    @Test func everyColumnComesFromTheBestSourceThatHasIt() async throws {
        let f = try await MartFixture()
        try await f.source("crm", priority: 10)
        try await f.source("registry", priority: 20)
        try await f.add(
            "hcp", source: "crm", known: "2025-02-01 00:00:00",
            ["hcp_id": "1", "last_name": "Lee", "city": "Bonn", "npi": .text(npi(8)), "specialty": "Family Practice"])
        try await f.add(
            "hcp", source: "crm", known: "2025-03-01 00:00:00",
            ["hcp_id": "2", "last_name": "Lee-Fox", "phone": "22", "npi": .text(npi(8))])
        try await f.add(
            "hcp", source: "registry", known: "2025-05-01 00:00:00",
            ["hcp_id": "3", "last_name": "LEE", "city": "Kiel", "phone": "33", "language": "de", "npi": .text(npi(8))])
        try await Marts.resolve(f.connection)
        #expect(
            try await f.texts(
                "SELECT last_name || ',' || city || ',' || phone || ',' || language || ',' || specialty || ',' || sources FROM mart.hcp"
            )
                == ["Lee-Fox,Bonn,22,de,general_practice,2"])
        #expect(
            try await f.texts(
                """
                SELECT column_name || ' ' || source || '/' || source_hcp_id || ' ' || value_from FROM mart.hcp_source
                WHERE hcp_no = 0 AND column_name IN ('city', 'last_name', 'language') ORDER BY 1
                """) == ["city crm/1 Bonn", "language registry/3 de", "last_name crm/2 Lee-Fox"])
    }

    @Test func volumesAreHiddenByIdentifierTraitOrMarket() async throws {
        let f = try await MartFixture()
        for (id, country) in [("1", "US"), ("2", "US"), ("3", "FR"), ("4", "US")] {
            try await f.add("hcp", ["hcp_id": .text(id), "last_name": "X", "country": .text(country)])
        }
        try await f.add("identifier", ["subject_kind": "hcp", "subject_id": "1", "scheme": "pdrp", "value": "opt_out"])
        try await f.connection.execute(
            "UPDATE history.hcp SET traits = '{\"prescriber_opt_out\": true}' WHERE hcp_id = '2'")
        try await MartTables.create(f.connection)
        try await f.connection.execute("INSERT INTO history.market VALUES ('FR', TRUE)")
        try await Marts.resolve(f.connection)
        #expect(
            try await f.texts("SELECT hides_volume FROM mart.hcp ORDER BY hcp_id") == ["true", "true", "true", "false"])
    }
}
