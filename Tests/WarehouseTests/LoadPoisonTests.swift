import EngagementModel
import Foundation
import Testing

@testable import Warehouse

/// What breaks other importers: every file ends in a clear message with a line, and its good rows are loaded.
@Suite struct LoadPoisonTests {
    private struct Poison: Sendable {
        var name: String
        var bytes: [UInt8]
        /// hcp_id of the rows that must be loaded; nil: the file is refused.
        var kept: [String]?
        /// `line column code`, or the code and line of the refusal.
        var told: [String]
    }

    private static let head = "hcp_id,last_name,beds\n"

    private static func text(_ name: String, _ text: String, kept: [String]?, _ told: String...) -> Poison {
        Poison(name: name, bytes: Array(text.utf8), kept: kept, told: told)
    }

    private static func bytes(_ name: String, _ parts: [[UInt8]], kept: [String]?, _ told: String...) -> Poison {
        Poison(name: name, bytes: parts.flatMap { $0 }, kept: kept, told: told)
    }

    private static func utf16(_ text: String, bom: Bool, big: Bool) -> [UInt8] {
        let units = (bom ? [0xFEFF] : []) + Array(text.utf16)
        return units.flatMap { big ? [UInt8($0 >> 8), UInt8($0 & 255)] : [UInt8($0 & 255), UInt8($0 >> 8)] }
    }

    private static let bom: [UInt8] = [0xEF, 0xBB, 0xBF]
    private static let long = String(repeating: "x", count: 10 << 20)
    private static let lines = (0..<3000).map { "r\($0),n,\n" }.joined()

    private static let poisons: [Poison] = [
        text("clean", head + "a,A,1\nb,B,2\n", kept: ["a", "b"]),
        bytes("byte order mark", [bom, Array((head + "a,A,1\n").utf8)], kept: ["a"]),
        bytes("byte order mark and quotes", [bom, Array("\"hcp_id\",\"last_name\"\n\"a\",\"A\"\n".utf8)], kept: ["a"]),
        bytes(
            "byte order mark and a stray return", [bom, Array((head + "a,A,1\nb,B\rx,2\nc,C,3\n").utf8)],
            kept: ["a", "c"], "3 - stray_return"),
        text("no line end at the end", head + "a,A,1\nb,B,2", kept: ["a", "b"]),
        text("line ends of Windows", "hcp_id,last_name\r\na,A\r\nb,B\r\n", kept: ["a", "b"]),
        text("line ends of old Macs", "hcp_id,last_name\ra,A\rb\rc,C\r", kept: ["a", "c"], "3 - ragged_row"),
        text("mixed line ends", "hcp_id,last_name\r\na,A\nb\r\nc,C\n", kept: ["a", "c"], "3 - ragged_row"),
        text("a line break in a cell", head + "a,\"A\nA\",1\nb,B\n", kept: ["a"], "4 - ragged_row"),
        text("a line break of Windows in a cell", head + "a,\"A\r\nA\",1\nb,B,2\n", kept: ["a", "b"]),
        text("too few cells", head + "a,A,1\nb,B\nc,C,3\n", kept: ["a", "c"], "3 - ragged_row"),
        text("too many cells", head + "a,A,1\nb,B,2,3,4,5\nc,C,3\n", kept: ["a", "c"], "3 - ragged_row"),
        text("blank lines", head + "\na,A,1\n\n\nb,,2\nc,C,3\n", kept: ["a", "c"], "6 last_name missing_value"),
        text("blanks only", head + "a,A,1\n   \nb,B,1\n", kept: ["a", "b"], "3 - ragged_row"),
        text("delimiters only", head + "a,A,1\n,,\nb,B,1\n", kept: ["a", "b"], "3 hcp_id missing_value"),
        text("NUL in a cell", head + "a,A,1\nb,B\0B,2\nc,C,3\n", kept: ["a", "c"], "3 - nul_byte"),
        text("NUL at the end of a line", head + "a,A,1\0\nc,C,3\n", kept: ["c"], "2 - nul_byte"),
        text("NUL only", head + "\0\0\0\n" + "c,C,3\n", kept: ["c"], "2 - nul_byte"),
        text("an unclosed quotation mark", head + "a,\"A,1\nb,B,2\nc,C,3\n", kept: ["b", "c"], "2 - unclosed_quote"),
        text(
            "an unclosed quotation mark far from the end", head + "a,\"A,1\n" + lines + "c,C,\n", kept: nil,
            "2 - unclosed_quote"),
        text(
            "an unclosed quotation mark before a quoted row", head + "a,\"A,1\nb,B,2\nc,\"C\",3\n", kept: ["b", "c"],
            "2 - unclosed_quote"),
        text("text after a quoted cell", head + "a,\"A\"x,1\nb,B,2\n", kept: ["b"], "2 - unclosed_quote"),
        text("quotation marks inside a plain cell", head + "a,A\"B\"C,1\nb,B,2\n", kept: ["a", "b"]),
        text("doubled quotation marks", head + "a,\"A \"\"B\"\" C\",1\nb,B,2\n", kept: ["a", "b"]),
        text("a quotation mark as the last byte", head + "b,B,2\na,\"", kept: ["b"], "3 - unclosed_quote"),
        text("an empty quoted key", head + "\"\",A,1\nb,B,2\n", kept: ["b"], "2 hcp_id missing_value"),
        text("a cell of 10 MiB", head + "a,A,1\nb,\(long),2\nc,C,3\n", kept: ["a", "c"], "3 - line_too_long"),
        text("a quoted cell of 10 MiB", head + "b,\"\(long)\",2\nc,C,3\n", kept: ["c"], "2 - line_too_long"),
        text("an endless last line", head + "c,C,3\nb,\(long)", kept: ["c"], "3 - line_too_long"),
        bytes(
            "bytes that are no UTF-8", [Array((head + "a,A,1\nb,").utf8), [0xFF, 0xFE], Array(",2\nc,C,3\n".utf8)],
            kept: ["a", "c"], "3 - bad_encoding"),
        bytes(
            "Latin-1", [Array((head + "a,M").utf8), [0xFC], Array("ller,1\nc,C,3\n".utf8)], kept: ["c"],
            "2 - bad_encoding"),
        bytes("UTF-16, little", [utf16(head + "a,A,1\n", bom: true, big: false)], kept: nil, "encoding 1"),
        bytes("UTF-16, big", [utf16(head + "a,A,1\n", bom: true, big: true)], kept: nil, "encoding 1"),
        bytes("UTF-16 without a mark", [utf16(head + "a,A,1\n", bom: false, big: false)], kept: nil, "encoding 1"),
        bytes("a workbook", [[0x50, 0x4B, 3, 4], Array("abc".utf8)], kept: nil, "wrong_format 1"),
        bytes("gzip", [[0x1F, 0x8B, 8], Array("abc".utf8)], kept: nil, "wrong_format 1"),
        text("an empty file", "", kept: nil, "empty_file 1"),
        text("a header only", head, kept: []),
        text("a header without a line end", "hcp_id,last_name", kept: []),
        text("the same header twice", "hcp_id,last_name,hcp_id\na,A,b\n", kept: nil, "duplicate_header 1"),
        text(
            "the same header twice in other case", "hcp_id,last_name,HCP_ID\na,A,b\n", kept: nil, "duplicate_header 1"),
        text("two columns without a name", "hcp_id,last_name,,\na,A,1,2\n", kept: ["a"]),
        text("a missing key", "last_name,beds\nA,1\n", kept: nil, "missing_column 1"),
        text("semicolons", "hcp_id;last_name\na;A\n", kept: nil, "wrong_delimiter 1"),
        text("no header", "h1,A,1\nb,B,2\n", kept: nil, "missing_column 1"),
        text("an endless header", "hcp_id,last_name,\(long)\na,A,1\n", kept: nil, "bad_header 1"),
        text("an unclosed quotation mark in the header", "hcp_id,\"last_name\na,A\n", kept: nil, "missing_column 1"),
        text("a formula", head + "a,=cmd|'/c calc'!A1,1\nb,@SUM(1),2\n", kept: ["a", "b"]),
        text("SQL", head + "a,\"'); DROP TABLE history.hcp; --\",1\n\"b'\"\"\",B,2\n", kept: ["a", "b'\""]),
        text("a backslash before a quotation mark", head + "a,\"A\\\",1\nb,B,2\n", kept: ["a", "b"]),
        text("emoji and right-to-left text", head + "a,😀 م,1\nb,\u{202E}B,2\n", kept: ["a", "b"]),
        text("1e400", "hcp_id,last_name,latitude\na,A,1e400\nb,B,1e4\n", kept: ["b"], "2 latitude bad_number"),
        text(
            "not a number", "hcp_id,last_name,latitude\na,A,nan\nb,B,-inf\nc,C,1.5\n", kept: ["c"],
            "2 latitude bad_number", "3 latitude bad_number"),
        text(
            "a decimal comma", "hcp_id,last_name,latitude\na,A,\"1,5\"\nb,B,2\n", kept: ["b"], "2 latitude bad_number"),
        text("twice the same key", head + "a,A,1\na,B,2\n", kept: ["a"]),
        text(
            "known_at that is no time", "hcp_id,last_name,known_at\na,A,soon\nb,B,\n", kept: ["b"],
            "2 known_at bad_date"),
        text("a header with blanks", " hcp_id , last_name \na,A\n", kept: ["a"]),
        text("a hostile header", "hcp_id,last_name,\"x\"\"); DROP TABLE history.hcp; --\"\na,A,1\n", kept: ["a"]),
    ]

    @Test(arguments: poisons.map(\.name)) func poisonIsToldAndItsNeighboursAreLoaded(_ name: String) async throws {
        let poison = try #require(Self.poisons.first { $0.name == name })
        let bench = try await LoadBench()
        try bench.write("canonical/hcp.csv", Data(poison.bytes))
        let report = try await bench.load()
        let load = try #require(report.files.first)
        if name == "an unclosed quotation mark far from the end" {
            #expect(try await bench.rows("SELECT count(*) FROM canon.hcp") == ["3001"])
            #expect(load.rejected == 1 && load.diagnostics.first?.line == 2)
            return
        }
        guard let kept = poison.kept else {
            #expect(load.isRefused)
            #expect(load.diagnostics.map { "\($0.code) \($0.line ?? 0)" } == poison.told)
            #expect(try await bench.rows("SELECT count(*) FROM history.hcp") == ["0"])
            return
        }
        #expect(!load.isRefused, "\(load.diagnostics)")
        #expect(try await bench.rows("SELECT hcp_id FROM canon.hcp ORDER BY 1") == kept)
        let told = try await bench.rows(
            "SELECT line || ' ' || coalesce(column_name, '-') || ' ' || code FROM history.reject ORDER BY line")
        #expect(told == poison.told)
        #expect(load.rejected == poison.told.count && load.rows == load.newVersions + load.rejected + load.duplicates)
        // Nothing of the file's content is in what is told, and no working copy is left behind.
        #expect(!load.diagnostics.contains { $0.description.contains("DROP TABLE") })
        let left = try FileManager.default.contentsOfDirectory(atPath: bench.folder.path)
        #expect(left.filter { $0.hasPrefix("rapport-load") } == [])
    }

    @Test func manyBadRowsAmongManyGoodOnesAreAllPlaced() async throws {
        let bench = try await LoadBench()
        var text = "hcp_id,last_name,latitude\n"
        for row in 2...200_001 {
            switch row % 1000 {
            case 7: text += "r\(row),n\n"
            case 8: text += "r\(row),n,x\n"
            case 9: text += "r\(row),n\0,1\n"
            case 10: text += "r\(row),\"n\n"
            default: text += "r\(row),n,1\n"
            }
        }
        try bench.write("canonical/hcp.csv", text)
        let load = try #require(try await bench.load().files.first)
        #expect(load.rejected == 800 && load.newVersions == 199_200)
        #expect(load.diagnostics.count == 20)
        #expect(
            try await bench.rows("SELECT line % 1000, code, count(*) FROM history.reject GROUP BY 1, 2 ORDER BY 1") == [
                "7|ragged_row|200", "8|bad_number|200", "9|nul_byte|200", "10|unclosed_quote|200",
            ])
        #expect(try await bench.rows("SELECT count(*) FROM canon.hcp WHERE hcp_id <> 'r' || line") == ["0"])
    }

    @Test func anUnreadableParquetFileIsRefusedAndTheRestGoesOn() async throws {
        let bench = try await LoadBench()
        try bench.write("canonical/hcp.parquet", "this is no parquet file at all")
        try bench.write("canonical/hco.csv", "hco_id,name\no,Clinic\n")
        let report = try await bench.load()
        #expect(report.refused.map { $0.diagnostics.map(\.code) } == [["file_unreadable"]])
        #expect(try await bench.rows("SELECT name FROM canon.hco") == ["Clinic"])
    }

    @Test func theHashIsXXH64() throws {
        // Vectors of the reference implementation.
        #expect(XXH64.hash("") == 0xEF46_DB37_51D8_E999)
        #expect(XXH64.hash("abc") == 0x44BC_2CF5_AD77_0999)
        let bench = FileManager.default.temporaryDirectory.appendingPathComponent("facts-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: bench) }
        let bytes = (0..<3_000_017).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        try Data(bytes).write(to: bench)
        let facts = try FileFacts(path: bench.path, delimiter: 44)
        #expect(facts.bytes == bytes.count && facts.hasNUL && facts.hasQuote)
        var copy = bytes
        copy[2_999_999] ^= 1
        try Data(copy).write(to: bench)
        #expect(try FileFacts(path: bench.path, delimiter: 44).hash != facts.hash)
    }
}
