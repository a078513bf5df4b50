import EngagementModel
import Testing

@testable import Warehouse

@Suite struct LoadCanonicalTests {
    @Test func everyTableExistsEmptyBeforeAnythingIsLoaded() async throws {
        let bench = try await LoadBench()
        for table in CanonicalSchema.tables {
            #expect(try await bench.rows("SELECT count(*) FROM \(table.canon)") == ["0"])
        }
        #expect(CanonicalSchema.tables.count == 37)
    }

    @Test func aTypedRowOfEveryTableIsAccepted() async throws {
        let bench = try await LoadBench()
        for table in CanonicalSchema.tables {
            let cells = table.columns.map { column in
                switch column.type {
                case .text: "x1"
                case .day: "2025-01-31"
                case .timestamp: "2025-01-31T09:30:00Z"
                case .double: "1.5"
                case .integer: "3"
                case .bool: "true"
                case .choice(let list): list[list.count - 1]
                case .reviewState: "Approved for Distribution"
                }
            }
            let header = table.columns.map(\.name).joined(separator: ",")
            try bench.write("canonical/\(table.name).csv", "\(header)\n\(cells.joined(separator: ","))\n")
        }
        let report = try await bench.load()
        #expect(report.allDiagnostics == [])
        #expect(report.exitCode == 0)
        #expect(report.files.map(\.newVersions) == Array(repeating: 1, count: CanonicalSchema.tables.count))
        for table in CanonicalSchema.tables {
            let nulls = table.columns.map { "\(SQLText.name($0.name)) IS NULL" }.joined(separator: " OR ")
            #expect(
                try await bench.rows("SELECT count(*) FROM \(table.canon) WHERE \(nulls)") == ["0"], "\(table.name)")
        }
        #expect(try await bench.rows("SELECT mlr_state FROM canon.content") == ["approved_for_distribution"])
    }

    @Test func timesAreReadWithTheirOffsetAndKeptInUTC() async throws {
        let bench = try await LoadBench()
        try bench.write(
            "canonical/interaction.csv",
            """
            interaction_id,hcp_id,occurred_at,channel
            a,h,2025-03-01T10:00:00Z,phone
            b,h,2025-03-01T10:00:00+02:00,phone
            c,h,2025-03-01T10:00:00.250-05:00,phone
            d,h,2025-03-01,phone
            e,h,2025-03-01 10:00,phone
            """)
        #expect(try await bench.load().rejected == 0)
        #expect(
            try await bench.rows("SELECT interaction_id, occurred_at FROM canon.interaction ORDER BY 1") == [
                "a|2025-03-01 10:00:00", "b|2025-03-01 08:00:00", "c|2025-03-01 15:00:00.25", "d|2025-03-01 00:00:00",
                "e|2025-03-01 10:00:00",
            ])
    }

    @Test func aBadRowIsSetAsideWithLineColumnAndCodeAndNeverStopsItsNeighbours() async throws {
        let bench = try await LoadBench()
        try bench.write(
            "canonical/interaction.csv",
            """
            interaction_id,hcp_id,occurred_at,channel,duration_seconds,machine
            ok1,h,2025-03-01T10:00:00Z,phone,60,true
            x1,h,2025-02-30T10:00:00Z,phone,,
            x2,h,2025-03-01T10:00:00Z,fax,,
            x3,,2025-03-01T10:00:00Z,phone,,
            x4,h,2025-03-01T10:00:00Z,phone,sixty,
            x5,h,2025-03-01T10:00:00Z,phone,1.5,
            x6,h,2025-03-01T10:00:00Z,phone,60,perhaps
            x7,h,infinity,phone,60,
            x8,h
            x9,h,2025-03-01T10:00:00Z,phone,60,true,more
            ok2,h,2025-03-01T10:00:00Z,phone,60.0,false
            """)
        let report = try await bench.load()
        #expect(
            try await bench.rejects() == [
                "canonical/interaction.csv:3 occurred_at bad_date", "canonical/interaction.csv:4 channel unknown_value",
                "canonical/interaction.csv:5 hcp_id missing_value",
                "canonical/interaction.csv:6 duration_seconds bad_number",
                "canonical/interaction.csv:7 duration_seconds bad_number",
                "canonical/interaction.csv:8 machine bad_bool",
                "canonical/interaction.csv:9 occurred_at bad_date", "canonical/interaction.csv:10 - ragged_row",
                "canonical/interaction.csv:11 - ragged_row",
            ])
        #expect(
            try await bench.rows("SELECT interaction_id, line FROM canon.interaction ORDER BY line") == [
                "ok1|2", "ok2|12",
            ])
        let load = try #require(report.files.first)
        #expect((load.rows, load.newVersions, load.rejected, load.duplicates) == (11, 2, 9, 0))
        #expect(report.exitCode == 4)
        let first = try #require(load.diagnostics.first)
        #expect(first.line == 3 && first.column == 3 && first.file == "canonical/interaction.csv")
        // Privacy: what a cell holds is nowhere in the messages.
        #expect(!load.diagnostics.contains { $0.description.contains("sixty") || $0.description.contains("fax") })
        #expect(try await bench.rows("SELECT count(*) FROM history.reject WHERE message LIKE '%fax%'") == ["0"])
    }

    @Test func theLineOfARejectIsThePhysicalLineAfterCellsWithLineBreaks() async throws {
        let bench = try await LoadBench()
        try bench.write(
            "canonical/note.csv",
            "note_id,written_at,text\nn1,2025-01-01,\"one\ntwo\nthree\"\n\nn2,2025-99-01,\"a \"\"quoted\"\" word\"\n"
                + "n3,2025-01-02\nn4,2025-01-03,\"x\ny\"\nn5,never,\n")
        try await bench.load()
        #expect(
            try await bench.rejects() == [
                "canonical/note.csv:6 written_at bad_date", "canonical/note.csv:7 - ragged_row",
                "canonical/note.csv:10 written_at bad_date",
            ])
        #expect(try await bench.rows("SELECT note_id, line FROM canon.note ORDER BY 1") == ["n1|2", "n4|5"])
    }

    @Test func unknownColumnsAreKeptAsTraitsAndLetterCaseOfKnownOnesDoesNotMatter() async throws {
        let bench = try await LoadBench()
        try bench.write(
            "canonical/hcp.csv",
            "HCP_ID,Last_Name,shoe size,Club\nh1,Miller,42,\nh2,\"O'Neil\",,\nh3,Ng,,\"a \"\"b\"\"\"\n")
        #expect(try await bench.load().allDiagnostics == [])
        #expect(
            try await bench.rows("SELECT hcp_id, last_name, traits FROM canon.hcp ORDER BY 1") == [
                #"h1|Miller|{"shoe size":"42"}"#, "h2|O'Neil|", #"h3|Ng|{"Club":"a \"b\""}"#,
            ])
    }

    @Test func parquetIsReadLikeCSVAndTypedColumnsNeedNoText() async throws {
        let bench = try await LoadBench()
        let path = bench.path + "/canonical/interaction.parquet"
        try await bench.connection.execute(
            """
            COPY (SELECT 'i' || i AS interaction_id, CASE WHEN i <> 2 THEN 'h1' ELSE '' END AS hcp_id,
              TIMESTAMPTZ '2025-03-01 10:00:00+01' AS occurred_at, CASE i WHEN 3 THEN 'fax' ELSE 'phone' END AS channel,
              CAST(i AS INTEGER) AS duration_seconds, i % 2 = 0 AS machine, [i] AS extra
              FROM range(5) AS t(i)) TO '\(path)' (FORMAT parquet)
            """)
        let report = try await bench.load()
        #expect(report.files.first?.rejected == 2)
        #expect(
            try await bench.rejects() == [
                "canonical/interaction.parquet:3 hcp_id missing_value",
                "canonical/interaction.parquet:4 channel unknown_value",
            ])
        #expect(
            try await bench.rows(
                "SELECT interaction_id, occurred_at, duration_seconds, machine, traits FROM canon.interaction "
                    + "ORDER BY 1 LIMIT 1") == [#"i0|2025-03-01 09:00:00|0|true|{"extra":"[0]"}"#])
    }

    @Test func aMissingKeyColumnNamesItAndWhatWasExpected() async throws {
        let bench = try await LoadBench()
        try bench.write("canonical/interaction.csv", "interaction_id,hcp_id,channel\na,h,phone\n")
        try bench.write("canonical/hcp.csv", "hcp_id,last_name\nh,Miller\n")
        let report = try await bench.load()
        let refused = try #require(report.refused.first)
        #expect(report.refused.count == 1 && refused.table == "interaction")
        let diagnostic = try #require(refused.diagnostics.first)
        #expect(diagnostic.code == "missing_column" && diagnostic.line == 1)
        #expect(diagnostic.message.contains("`occurred_at`"))
        #expect(try await bench.rows("SELECT count(*) FROM canon.hcp") == ["1"])
        #expect(report.exitCode == 4)
    }

    @Test func anAlignmentNeedsAPersonOrAnOrganisation() async throws {
        let bench = try await LoadBench()
        try bench.write("canonical/alignment.csv", "territory_id,hcp_id,hco_id\nt,h,\nt,,o\nt,,\n")
        try await bench.load()
        #expect(try await bench.rejects() == ["canonical/alignment.csv:4 - missing_value"])
    }

    @Test func orderLinesAreNoOrdersAndKeepTheirOwnLine() async throws {
        let bench = try await LoadBench()
        try bench.write("canonical/order-2025-01-05.csv", "order_id,total\no1,10\n")
        try bench.write("canonical/order_line.csv", "order_id,line,product_id,quantity\no1,7,p,2\n")
        #expect(try await bench.load().allDiagnostics == [])
        #expect(try await bench.rows("SELECT order_id, line, file_line FROM canon.order_line") == ["o1|7|2"])
        #expect(
            try await bench.rows("SELECT order_id, known_at FROM canon.\"order\"") == ["o1|2025-01-05 23:59:59.999999"])
    }

    @Test func aFileThatIsNoTablesNameIsTold() async throws {
        let bench = try await LoadBench()
        try bench.write("canonical/interactions.csv", "a\n1\n")
        let report = try await bench.load()
        #expect(report.diagnostics.map(\.code) == ["unknown_file"])
        #expect(report.files.isEmpty)
    }

    @Test func formulasAreKeptAndCounted() async throws {
        let bench = try await LoadBench()
        try bench.write(
            "canonical/hcp.csv",
            "hcp_id,last_name,phone,city,latitude\nh1,=1+1,+49 30 123456,@SUM(A1),-33.5\nh2,Plain,,Town,2\n")
        let report = try await bench.load()
        #expect(report.files.first?.formulas == 2)
        #expect(try await bench.rows("SELECT last_name FROM canon.hcp ORDER BY hcp_id") == ["=1+1", "Plain"])
    }
}
