import EngagementModel
import Foundation
import Testing

@testable import Warehouse

@Suite struct LoadMappingTests {
    @Test func monthsOfAPanelBecomeDatesByTheOrderOfRowsInTheFile() async throws {
        let bench = try await LoadBench()
        try bench.write("panel/counts.csv", "id,scripts,detailing\n1,3,1\n1,12,0\n2,5,2\n1,6,2\n2,7,1\n")
        let mapping = try LoadBench.mapping(
            """
            source: panel
            files: ${panel}/counts.csv
            lag: 5d
            variables: {start: 2001-02-01}
            let: |
              monthly AS (
                SELECT *, DATE '${start}' + to_months(CAST(n - 1 AS INTEGER)) AS month
                FROM (SELECT *, row_number() OVER (PARTITION BY id ORDER BY line) AS n FROM rows) AS numbered),
              visit AS (SELECT * EXCLUDE n, unnest(range(1, CAST(detailing AS INTEGER) + 1)) AS n FROM monthly)
            tables:
              volume:
                from: monthly
                columns: {period_start: month, subject_kind: "'hcp'", subject_id: id, product_id: "'drug'",
                  measure: "'prescriptions'", value: scripts}
              interaction:
                from: visit
                columns:
                  interaction_id: id || '-' || strftime(month, '%Y%m') || '-' || n
                  hcp_id: id
                  occurred_at: month + to_days(CAST(7 * n AS INTEGER))
                  channel: "'in_person'"
            """)
        let report = try await bench.load([mapping], variables: ["panel": "panel"])
        #expect(report.allDiagnostics == [])
        #expect(
            try await bench.rows(
                "SELECT subject_id, period_start, value, line, known_at FROM canon.volume ORDER BY 1, 2") == [
                    "1|2001-02-01|3.0|2|2001-03-05 23:59:59.999999", "1|2001-03-01|12.0|3|2001-04-05 23:59:59.999999",
                    "1|2001-04-01|6.0|5|2001-05-05 23:59:59.999999", "2|2001-02-01|5.0|4|2001-03-05 23:59:59.999999",
                    "2|2001-03-01|7.0|6|2001-04-05 23:59:59.999999",
                ])
        #expect(
            try await bench.rows("SELECT interaction_id, occurred_at, line FROM canon.interaction ORDER BY 1") == [
                "1-200102-1|2001-02-08 00:00:00|2", "1-200104-1|2001-04-08 00:00:00|5",
                "1-200104-2|2001-04-15 00:00:00|5", "2-200102-1|2001-02-08 00:00:00|4",
                "2-200102-2|2001-02-15 00:00:00|4", "2-200103-1|2001-03-08 00:00:00|6",
            ])
        #expect(try await bench.load([mapping], variables: ["panel": "panel"]).files.allSatisfy(\.isSkipped))
    }

    @Test(arguments: ["csv", "tsv", "jsonl", "parquet", "table", "semicolon", "headless"])
    func everyFormatGivesTheSameRows(_ format: String) async throws {
        let bench = try await LoadBench()
        let head =
            "source: s\ntables: {hcp: {where: \"kind = 'p'\", columns: {hcp_id: id, last_name: name, latitude: lat}}}\n"
        var place = "files: in.\(format)\n"
        let rows = [
            ("1", "Müller", "1.5", "p"), ("2", "Org", "", "o"), ("3", "O'Neil, \"X\"", "", "p"), ("4", "Ng", "z", "p"),
        ]
        func quoted(_ text: String) -> String { "\"\(text.replacing("\"", with: "\"\""))\"" }
        func lines(_ delimiter: String) -> String {
            rows.map { [$0.0, quoted($0.1), $0.2, $0.3].joined(separator: delimiter) }.joined(separator: "\n")
        }
        let values = rows.map { "('\($0.0)', '\($0.1.replacing("'", with: "''"))', '\($0.2)', '\($0.3)')" }
        let relation = "(VALUES \(values.joined(separator: ", "))) AS t(id, name, lat, kind)"
        switch format {
        case "csv": try bench.write("in.csv", "ID,Name,lat,kind\n" + lines(","))
        case "tsv": try bench.write("in.tsv", "id\tname\tlat\tkind\n" + lines("\t") + "\n")
        case "semicolon":
            place = "files: in.txt\nformat: csv\ndelimiter: ;\n"
            try bench.write("in.txt", "id;name;lat;kind\n" + lines(";"))
        case "headless":
            place = "files: in.csv\nheader: false\ncolumns: [id, name, lat, kind]\n"
            try bench.write("in.csv", lines(","))
        case "jsonl":
            try bench.write(
                "in.jsonl",
                #"""
                {"id": 1, "name": "Müller", "lat": 1.5, "kind": "p", "more": {"a": [1]}}
                {"id": 2, "name": "Org", "kind": "o"}
                {"id": "3", "NAME": "O'Neil, \"X\"", "lat": null, "kind": "p"}
                {"id": 4, "name": "Ng", "lat": "z", "kind": "p"}
                """#)
        case "parquet":
            try await bench.connection.execute("COPY (SELECT * FROM \(relation)) TO '\(bench.path)/in.parquet'")
        default:
            place = "table: main.input\n"
            try await bench.connection.execute("CREATE TABLE main.input AS SELECT * FROM \(relation)")
        }
        let report = try await bench.load([try LoadBench.mapping(head + place)])
        #expect(report.files.first?.isRefused == false, "\(report.allDiagnostics)")
        #expect(
            try await bench.rows("SELECT hcp_id, last_name, latitude FROM canon.hcp ORDER BY 1") == [
                "1|Müller|1.5", "3|O'Neil, \"X\"|",
            ])
        let rejects = try await bench.rows("SELECT column_name, code, line FROM history.reject")
        let line = ["jsonl", "parquet", "table", "headless"].contains(format) ? 4 : 5
        #expect(rejects == ["latitude|bad_number|\(line)"])
        #expect(try await bench.load([try LoadBench.mapping(head + place)]).files.map(\.isSkipped) == [true])
    }

    @Test(arguments: [("latin-1", String.Encoding.isoLatin1), ("utf-16", String.Encoding.utf16LittleEndian)])
    func otherEncodingsAreReadWhenTheMappingNamesThem(_ name: String, _ encoding: String.Encoding) async throws {
        let bench = try await LoadBench()
        try bench.write("in.csv", "id,name\n1,Müller\n2,Ørsted\n", encoding: encoding)
        let report = try await bench.load([
            try LoadBench.mapping(
                "{source: s, files: in.csv, encoding: \(name), tables: {hcp: {columns: {hcp_id: id, last_name: name}}}}"
            )
        ])
        #expect(report.allDiagnostics == [])
        #expect(try await bench.rows("SELECT hcp_id, last_name FROM canon.hcp ORDER BY 1") == ["1|Müller", "2|Ørsted"])
    }

    @Test func aLineThatIsNoJSONIsSetAside() async throws {
        let bench = try await LoadBench()
        try bench.write(
            "canonical/hcp.jsonl", "{\"hcp_id\":\"a\",\"last_name\":\"A\"}\n\nnot json\n[1]\n{\"hcp_id\":\"b\"}\n")
        try await bench.load()
        #expect(try await bench.rows("SELECT hcp_id FROM canon.hcp") == ["a"])
        #expect(
            try await bench.rows("SELECT line, code FROM history.reject ORDER BY 1") == [
                "3|bad_json", "4|bad_json", "5|missing_value",
            ])
    }

    @Test func anExpressionThatFailsOnOneRowSetsThatRowAside() async throws {
        let bench = try await LoadBench()
        try bench.write("in.csv", "id,n\n1,5\n2,secret\n3,7\n")
        let report = try await bench.load([
            try LoadBench.mapping(
                "{source: s, files: in.csv, tables: {hco: {columns: {hco_id: id, name: id, beds: \"CAST(n AS INTEGER) + 1\"}}}}"
            )
        ])
        #expect(try await bench.rows("SELECT hco_id, beds FROM canon.hco ORDER BY 1") == ["1|6", "3|8"])
        #expect(try await bench.rejects() == ["in.csv:3 - expression_failed"])
        #expect(!report.allDiagnostics.contains { $0.description.contains("secret") })
    }

    @Test func aliasesAndMissingOptionalColumns() async throws {
        let bench = try await LoadBench()
        let mapping = try LoadBench.mapping(
            """
            source: s
            files: [a.csv, b.csv]
            expects: [Id]
            optional: [Sex Code, City]
            aliases: {Sex Code: [Gender Code], Id: key}
            tables: {hcp: {columns: {hcp_id: Id, last_name: Id, city: City}, traits: {sex: '"Sex Code"'}}}
            """)
        try bench.write("a.csv", "id,gender code\n1,F\n")
        try bench.write("b.csv", "KEY,SEX CODE,city\n2,M,Bonn\n")
        #expect(try await bench.load([mapping]).allDiagnostics == [])
        #expect(
            try await bench.rows("SELECT hcp_id, city, traits FROM canon.hcp ORDER BY 1") == [
                #"1||{"sex":"F"}"#, #"2|Bonn|{"sex":"M"}"#,
            ])
    }

    @Test func furtherFilesAreRelationsAndMayBeMissing() async throws {
        let bench = try await LoadBench()
        let mapping = try LoadBench.mapping(
            """
            source: s
            files: main.csv
            inputs: {town: {files: "town*.csv", columns: [id, name, mayor]}}
            let: joined AS (SELECT rows.*, town.name AS town, mayor FROM rows LEFT JOIN town ON town.id = rows.town_id)
            tables: {hcp: {from: joined, columns: {hcp_id: id, last_name: id, city: town}, traits: {mayor: mayor}}}
            """)
        try bench.write("main.csv", "id,town_id\n1,t1\n2,t2\n")
        try await bench.load([mapping])
        #expect(try await bench.rows("SELECT hcp_id, city, line FROM canon.hcp ORDER BY 1") == ["1||2", "2||3"])
        try bench.write("town1.csv", "id,name\nt1,Bonn\n")
        try bench.write("town2.csv", "mayor,id,name\nKim,t2,Köln\n")
        let load = try #require(try await bench.load([mapping]).files.first)
        #expect(!load.isSkipped && load.newVersions == 2)
        #expect(
            try await bench.rows("SELECT hcp_id, city, traits FROM canon.hcp ORDER BY 1") == [
                "1|Bonn|", #"2|Köln|{"mayor":"Kim"}"#,
            ])
    }

    @Test func wrongKeysTablesColumnsAndVariablesAreNamed() async throws {
        func message(_ yaml: String) -> String {
            do {
                _ = try LoadBench.mapping(yaml)
                return ""
            } catch { return "\(error)" }
        }
        #expect(message("{source: s, fils: x}").contains("unknown key `fils`"))
        #expect(message("{source: s, tables: {doctor: {columns: {}}}}").contains("unknown canonical table `doctor`"))
        #expect(message("{source: s, tables: {hcp: {columns: {surname: x}}}}").contains("no column `surname`"))
        #expect(message("{source: s, tables: {hcp: {colums: {}}}}").contains("unknown key `colums`"))
        #expect(message("{source: s, lag: soon}").contains("5d"))
        let bench = try await LoadBench()
        let mapping = try LoadBench.mapping("{source: s, files: \"${where}/x.csv\"}")
        #expect(try await bench.load([mapping]).diagnostics.map(\.code) == ["unknown_variable"])
        #expect(try await bench.load([mapping], variables: ["where": "."]).diagnostics.map(\.code) == ["file_missing"])
    }

    @Test func anExpressionOverAColumnThatDoesNotExistRefusesTheFileWithTheEnginesWords() async throws {
        let bench = try await LoadBench()
        try bench.write("in.csv", "id,name\n1,A\n")
        let report = try await bench.load([
            try LoadBench.mapping("{source: s, files: in.csv, tables: {hcp: {columns: {hcp_id: id, last_name: nam}}}}")
        ])
        let diagnostic = try #require(report.refused.first?.diagnostics.first)
        #expect(diagnostic.message.contains("\"nam\"") && diagnostic.file == "in.csv")
    }

    @Test func rowsOfDifferentSourcesAreDifferentRows() async throws {
        let bench = try await LoadBench()
        try bench.write("canonical/hcp.csv", "hcp_id,last_name\nh1,Canonical\n")
        try bench.write("in.csv", "id\nh1\n")
        try await bench.load([
            try LoadBench.mapping("{source: s, files: in.csv, tables: {hcp: {columns: {hcp_id: id, last_name: id}}}}")
        ])
        #expect(
            try await bench.rows("SELECT source, last_name FROM canon.hcp ORDER BY 1") == [
                "canonical|Canonical", "s|h1",
            ])
    }
}
