import EngagementModel
import Testing

@testable import Warehouse

@Suite struct LoadVersionTests {
    private let header = "period_start,subject_kind,subject_id,product_id,measure,value"

    @Test func aRestatedVolumeIsSeenOnlyFromTheDayItWasKnown() async throws {
        let bench = try await LoadBench()
        try bench.write("canonical/volume.csv", "\(header)\n2025-01-01,hcp,h,p,prescriptions,10\n")
        try bench.write("canonical/volume-2025-04-10.csv", "\(header)\n2025-01-01,hcp,h,p,prescriptions,14\n")
        try await bench.load(lag: "5d")
        let expected = [
            ("2025-01-31", []), ("2025-02-04", []), ("2025-02-05", ["10.0"]), ("2025-04-09", ["10.0"]),
            ("2025-04-10", ["14.0"]), ("2026-01-01", ["14.0"]),
        ]
        for (day, values) in expected {
            try await bench.asOf(day)
            #expect(try await bench.rows("SELECT value FROM canon.volume") == values, "\(day)")
        }
        #expect(
            try await bench.rows("SELECT value, superseded_at FROM history.volume ORDER BY known_at") == [
                "10.0|2025-04-10 23:59:59.999999", "14.0|",
            ])
    }

    @Test func versionsInOneFileAreToldApartByKnownAt() async throws {
        let bench = try await LoadBench()
        try bench.write(
            "canonical/volume.csv",
            """
            \(header),known_at
            2025-01-01,hcp,h,p,prescriptions,14,2025-04-10
            2025-01-01,hcp,h,p,prescriptions,10,2025-02-05
            2025-01-01,hcp,h,p,prescriptions,10,2025-03-05
            """)
        let report = try await bench.load()
        #expect(report.files.first?.unchanged == 1 && report.newVersions == 2)
        try await bench.asOf("2025-03-31")
        #expect(try await bench.rows("SELECT value FROM canon.volume") == ["10.0"])
        try await bench.asOf("2025-04-10")
        #expect(try await bench.rows("SELECT value FROM canon.volume") == ["14.0"])
    }

    @Test func deliveriesOutOfOrderEndInTheSameHistory() async throws {
        func history(_ order: [String]) async throws -> [String] {
            let bench = try await LoadBench()
            for day in order {
                try bench.write(
                    "canonical/volume-\(day).csv", "\(header)\n2025-01-01,hcp,h,p,prescriptions,\(day.suffix(2))\n")
                try await bench.load()
            }
            return try await bench.rows("SELECT value, known_at, superseded_at FROM history.volume ORDER BY known_at")
        }
        let inOrder = try await history(["2025-03-01", "2025-03-02", "2025-03-03"])
        #expect(inOrder.count == 3)
        #expect(try await history(["2025-03-03", "2025-03-01", "2025-03-02"]) == inOrder)
    }

    @Test func theSameFileIsSkippedAndAChangedOneAddsOnlyWhatDiffers() async throws {
        let bench = try await LoadBench()
        let rows = (0..<50).map { "h\($0),Name\($0)" }
        try bench.write("canonical/hcp.csv", "hcp_id,last_name\n" + rows.joined(separator: "\n"))
        #expect(try await bench.load().newVersions == 50)
        let again = try await bench.load()
        #expect(again.files.map(\.isSkipped) == [true] && again.newVersions == 0)
        var changed = rows
        changed[7] = "h7,Renamed"
        changed.append("h50,New")
        try bench.write("canonical/hcp.csv", "hcp_id,last_name\n" + changed.joined(separator: "\n"))
        let third = try #require(try await bench.load().files.first)
        #expect((third.rows, third.newVersions, third.unchanged) == (51, 2, 49))
        #expect(try await bench.rows("SELECT last_name FROM canon.hcp WHERE hcp_id = 'h7'") == ["Renamed"])
        #expect(try await bench.rows("SELECT count(*) FROM history.hcp") == ["52"])
        // Back to the first content: the name returns.
        try bench.write("canonical/hcp.csv", "hcp_id,last_name\n" + rows.joined(separator: "\n"))
        #expect(try await bench.load().newVersions == 1)
        #expect(try await bench.rows("SELECT last_name FROM canon.hcp WHERE hcp_id = 'h7'") == ["Name7"])
    }

    @Test func ofTwoRowsWithOneKeyInOneFileTheLastWinsAndTheOtherIsCounted() async throws {
        let bench = try await LoadBench()
        try bench.write("canonical/hcp.csv", "hcp_id,last_name\nh1,First\nh2,Other\nh1,Second\nh1,Third\n")
        let load = try #require(try await bench.load().files.first)
        #expect((load.rows, load.newVersions, load.duplicates) == (4, 2, 2))
        #expect(try await bench.rows("SELECT hcp_id, last_name FROM canon.hcp ORDER BY 1") == ["h1|Third", "h2|Other"])
    }

    @Test func aDeltaUpdatesByKeyAndTheWholeFileIsReadBeforeIt() async throws {
        let bench = try await LoadBench()
        let header = "interaction_id,hcp_id,occurred_at,channel,response,responded_at"
        try bench.write("canonical/interaction-2025-01-09.csv", "\(header)\ni1,h,2025-01-05,email,engaged,2025-01-08\n")
        try bench.write("canonical/interaction.csv", "\(header)\ni1,h,2025-01-05,email,,\ni2,h,2025-01-06,phone,,\n")
        let report = try await bench.load()
        #expect(report.files.map(\.kind) == [.whole, .delta])
        try await bench.asOf("2025-01-08")
        #expect(
            try await bench.rows("SELECT interaction_id, response FROM canon.interaction ORDER BY 1") == ["i1|", "i2|"])
        try await bench.asOf("2025-01-09")
        #expect(
            try await bench.rows("SELECT interaction_id, response FROM canon.interaction ORDER BY 1") == [
                "i1|engaged", "i2|",
            ])
    }

    @Test func factsInARowsFutureAreMasked() async throws {
        let bench = try await LoadBench()
        try bench.write(
            "canonical/interaction.csv",
            "interaction_id,hcp_id,occurred_at,channel,response,responded_at\ni,h,2025-01-05,email,engaged,2025-01-20\n"
        )
        try bench.write(
            "canonical/service_case.csv", "case_id,opened_at,closed_at,status\nc,2025-01-05,2025-01-20,closed\n")
        try bench.write(
            "canonical/content.csv",
            """
            content_id,version,mlr_state,approved_at,expires_at
            a,1,expired,2025-01-10,2025-01-20
            b,1,approved_for_distribution,2025-01-20,2026-01-20
            """)
        try bench.write("canonical/event.csv", "event_id,starts_at\ne,2025-01-20\n")
        try bench.write("canonical/event_attendance.csv", "event_id,hcp_id,status,minutes\ne,h,attended,50\n")
        try await bench.load()
        let asked = [
            "SELECT response, responded_at FROM canon.interaction", "SELECT status, closed_at FROM canon.service_case",
            "SELECT mlr_state FROM canon.content ORDER BY content_id",
            "SELECT status, minutes FROM canon.event_attendance",
        ]
        let expected = [
            "2025-01-15": [["|"], ["open|"], ["approved_for_distribution", "in_review"], ["registered|"]],
            "2025-01-20": [
                ["engaged|2025-01-20 00:00:00"], ["closed|2025-01-20 00:00:00"],
                ["expired", "approved_for_distribution"], ["attended|50.0"],
            ],
        ]
        for (day, answers) in expected {
            try await bench.asOf(day)
            for (sql, answer) in zip(asked, answers) { #expect(try await bench.rows(sql) == answer, "\(day): \(sql)") }
        }
    }

    @Test func knownAtFollowsColumnThenFileNameThenOwnTimeAndLag() async throws {
        let bench = try await LoadBench()
        try bench.write(
            "canonical/claim.csv", "claim_id,service_date,known_at\na,2025-01-05,2025-02-01\nb,2025-01-05,\n")
        try bench.write("canonical/note-20250203.csv", "note_id,written_at\nn,2025-01-01T08:00:00Z\n")
        try bench.write("canonical/referral.csv", "from_hcp_id,to_hcp_id,period_start\nx,y,2024-02-01\n")
        try bench.write("canonical/hcp.csv", "hcp_id,last_name\nh,Miller\n")
        try bench.write("canonical/appointment.csv", "appointment_id,starts_at\np,2025-03-20\n")
        try await bench.load(lag: "2d")
        func known(_ table: String) async throws -> [String] {
            try await bench.rows("SELECT known_at FROM history.\(table) ORDER BY 1")
        }
        #expect(try await known("claim") == ["2025-01-07 00:00:00", "2025-02-01 00:00:00"])
        #expect(try await known("note") == ["2025-02-03 23:59:59.999999"])
        #expect(try await known("referral") == ["2024-03-02 23:59:59.999999"])
        #expect(try await known("hcp") == ["1900-01-01 00:00:00"])
        #expect(try await known("appointment") == ["2025-03-08 00:00:00"])
    }

    @Test func datesInFileNamesAreTheLastOne() {
        let expected: [(String, String?)] = [
            ("interaction-2026-01-05", "2026-01-05"), ("volume-2025-02", "2025-02-28"),
            ("volume-20250203", "2025-02-03"),
            ("npidata_pfile_20050523-20260111", "2026-01-11"), ("hcp", nil), ("hcp-v2", nil), ("x-2025-13-01", nil),
            ("OP_DTL_GNRL_PGYR2023_P01302025", nil),
        ]
        for (stem, day) in expected { #expect(DeliveryFile.day(in: stem)?.description == day, "\(stem)") }
    }

    @Test func anOlderWarehouseGetsTheColumnsThatItLacks() async throws {
        let bench = try await LoadBench()
        try bench.write("canonical/hcp.csv", "hcp_id,last_name,access\nh,Miller,open\n")
        try await bench.load()
        try await bench.connection.execute("DROP VIEW canon.hcp; ALTER TABLE history.hcp DROP COLUMN access")
        try await bench.loader.prepare()
        #expect(try await bench.rows("SELECT last_name, access FROM canon.hcp") == ["Miller|"])
    }

    @Test func aFailedLoadLeavesNothingAndTheNextOneLoadsAll() async throws {
        let bench = try await LoadBench()
        let rows = (0..<5000).map { "h\($0),Name" }.joined(separator: "\n")
        try bench.write("canonical/hcp.csv", "hcp_id,last_name\n\(rows)\n")
        // The delivery cannot be recorded, which is the last step of a file.
        try await bench.connection.execute("ALTER TABLE history.delivery RENAME COLUMN formulas TO other")
        let failed = try await bench.load()
        #expect(failed.refused.count == 1)
        #expect(try await bench.rows("SELECT count(*) FROM history.hcp") == ["0"])
        try await bench.connection.execute("ALTER TABLE history.delivery RENAME COLUMN other TO formulas")
        #expect(try await bench.load().newVersions == 5000)
    }
}
