import EngagementModel
import Testing

@testable import Warehouse

/// Every type that the engine sends, with its extremes and nulls, arrives in Swift as it was.
@Suite struct ADBCTypeTests {
    private func column(_ expressions: [String], type: String) async throws -> ArrowColumn {
        let rows = expressions.enumerated().map { "(\($0), \($1)::\(type))" }.joined(separator: ", ")
        let table = try await memoryConnection().query("SELECT v FROM (VALUES \(rows)) t(i, v) ORDER BY i")
        return try table["v"]
    }

    @Test func truthValues() async throws {
        let column = try await column(["true", "false", "NULL"], type: "BOOLEAN")
        #expect(try column.optionalBools() == [true, false, nil])
        #expect(try column.values() == [.bool(true), .bool(false), .null])
        #expect(column.type == .bool)
    }

    @Test func truthValuesBeyondOneByteOfBits() async throws {
        let table = try await memoryConnection().query("SELECT i % 3 = 0 AS b FROM range(5000) r(i) ORDER BY i")
        #expect(try table.bools("b") == (0..<5000).map { $0 % 3 == 0 })
    }

    @Test(arguments: [
        ("TINYINT", ["-128", "127"]), ("SMALLINT", ["-32768", "32767"]),
        ("INTEGER", ["-2147483648", "2147483647"]),
        ("BIGINT", ["-9223372036854775808", "9223372036854775807"]),
        ("UTINYINT", ["0", "255"]), ("USMALLINT", ["0", "65535"]), ("UINTEGER", ["0", "4294967295"]),
        ("UBIGINT", ["0", "9223372036854775807"]), ("HUGEINT", ["-9223372036854775808", "9223372036854775807"]),
    ])
    func wholeNumbersOfEveryWidth(type: String, extremes: [String]) async throws {
        let column = try await column(extremes.map { "'\($0)'" } + ["NULL"], type: type)
        let expected = extremes.map { Int64($0) } + [nil]
        #expect(try column.ints() == expected)
        #expect(try column.integers(Int64.self) == expected.map { $0 ?? 0 })
        #expect(try column.optionalDoubles() == expected.map { $0.map(Double.init) })
    }

    @Test func unsignedNumbersAboveInt64AreReportedNotWrapped() async throws {
        let column = try await column(["'18446744073709551615'"], type: "UBIGINT")
        #expect(await diagnostic { _ = try column.ints() }.code == "out_of_range")
        #expect(try column.values() == [.uint(.max)])
        #expect(try column.doubles() == [1.8446744073709552e19])
        let view: UnsafeBufferPointer<UInt64> = try column.chunks[0].view(.uint64)
        #expect(Array(view) == [UInt64.max])
    }

    @Test func numbersThatDoNotFitTheWantedWidthAreReported() async throws {
        let column = try await column(["1", "300"], type: "BIGINT")
        #expect(await diagnostic { _ = try column.integers(UInt8.self) }.code == "out_of_range")
        #expect(try column.integers(Int16.self) == [1, 300])
    }

    @Test func floatingPoint() async throws {
        let doubles = try await column(
            ["1.7976931348623157e308", "-5e-324", "'nan'", "'-infinity'", "NULL"], type: "DOUBLE")
        let values = try doubles.optionalDoubles()
        #expect(values[0] == Double.greatestFiniteMagnitude && values[1] == -Double.leastNonzeroMagnitude)
        #expect(values[2]?.isNaN == true && values[3] == -Double.infinity && values[4] == nil)
        #expect(try doubles.doubles()[4].isNaN)
        let floats = try await column(["1.5", "3.4028234663852886e38", "NULL"], type: "FLOAT")
        #expect(try floats.floats().prefix(2) == [1.5, Float.greatestFiniteMagnitude])
        #expect(try floats.floats()[2].isNaN)
        #expect(try floats.optionalDoubles() == [1.5, Double(Float.greatestFiniteMagnitude), nil])
    }

    @Test func decimalsExactlyAndAsDoubles() async throws {
        let column = try await column(
            ["'12345678901234567890.12'", "'-0.01'", "'0'", "'-12.30'", "NULL"], type: "DECIMAL(38, 2)")
        #expect(try column.decimalTexts() == ["12345678901234567890.12", "-0.01", "0.00", "-12.30", nil])
        #expect(try column.optionalDoubles() == [12345678901234567890.12, -0.01, 0, -12.3, nil])
        #expect(await diagnostic { _ = try column.ints() }.code == "wrong_type")
        for type in ["DECIMAL(4,1)", "DECIMAL(9,1)", "DECIMAL(18,1)"] {
            let small = try await self.column(["'-1.5'", "NULL", "'100.0'"], type: type)
            #expect(try small.decimalTexts() == ["-1.5", nil, "100.0"])
            #expect(try small.optionalDoubles() == [-1.5, nil, 100])
        }
    }

    @Test func decimalTextOfEveryScale() {
        #expect(decimalText(5, scale: 3) == "0.005")
        #expect(decimalText(-5, scale: 0) == "-5")
        #expect(decimalText(5, scale: -2) == "500")
        #expect(decimalText(Int128.min, scale: 1) == "-17014118346046923173168730371588410572.8")
    }

    @Test func sumsOfBigintReadAsWholeNumbers() async throws {
        let table = try await memoryConnection().query("SELECT sum(i) AS s FROM range(10) r(i)")
        #expect(try table.int64s("s") == [45])
    }

    @Test func textOfEveryAlphabet() async throws {
        let words = ["", "a", "Zürich", "日本語", "👩‍⚕️", "quote ' and \\ and tab\t"]
        let quoted = words.map { "'" + $0.replacing("'", with: "''") + "'" }
        let column = try await column(quoted + ["NULL"], type: "VARCHAR")
        #expect(try column.strings() == words + [nil])
        #expect(try column.texts() == words + [""])
        #expect(await diagnostic { _ = try column.doubles() }.code == "wrong_type")
    }

    @Test func textInAllThreeLayouts() async throws {
        let connection = try memoryConnection()
        let query =
            "SELECT CASE WHEN i % 5 = 0 THEN NULL ELSE repeat('é', i % 40) END AS t FROM range(3000) r(i) ORDER BY i"
        let expected = (0..<3000).map { $0 % 5 == 0 ? nil : String(repeating: "é", count: $0 % 40) }
        let small = try await connection.query(query)
        try await connection.execute("SET arrow_large_buffer_size = true")
        let large = try await connection.query(query)
        try await connection.execute("SET arrow_large_buffer_size = false; SET produce_arrow_string_view = true")
        try await connection.execute("SET arrow_output_version = '1.4'")
        let view = try await connection.query(query)
        #expect(try small["t"].type == .text(.small))
        #expect(try large["t"].type == .text(.large))
        #expect(try view["t"].type == .text(.view))
        for table in [small, large, view] { #expect(try table.strings("t") == expected) }
    }

    @Test func binary() async throws {
        let column = try await column([#"'\x00\xFF\x41'"#, "''", "NULL"], type: "BLOB")
        #expect(try column.binaries() == [[0, 255, 65], [], nil])
    }

    @Test func days() async throws {
        let column = try await column(
            ["'1970-01-01'", "'1969-12-31'", "'2026-02-28'", "'0001-01-01'", "'9999-12-31'", "NULL"], type: "DATE")
        #expect(
            try column.days() == [
                Day(number: 0), Day(number: -1), Day("2026-02-28"), Day("0001-01-01"), Day("9999-12-31"), nil,
            ])
        #expect(try column.timestamps().prefix(2) == [0, -86_400_000_000])
    }

    @Test(arguments: [
        ("TIMESTAMP_S", Int64(1_000_000)), ("TIMESTAMP_MS", 1000), ("TIMESTAMP", 1), ("TIMESTAMP_NS", 1),
        ("TIMESTAMPTZ", 1),
    ])
    func timestampsOfEveryUnit(type: String, grain: Int64) async throws {
        let column = try await column(
            ["'1970-01-01 00:00:00'", "'1969-12-31 23:59:59.123456'", "'2026-03-04 05:06:07.123456'", "NULL"],
            type: type)
        func rounded(_ micros: Int64) -> Int64 { micros.floorDivided(by: grain) * grain }
        let values = try column.timestamps()
        let last = Int64(Day("2026-03-04")!.number) * 86_400_000_000 + (5 * 3600 + 6 * 60 + 7) * 1_000_000 + 123_456
        #expect(values[0] == 0 && values[3] == nil)
        // Engines round to the unit or cut; either way it is the same unit.
        #expect(abs((values[1] ?? 0) - rounded(-876_544)) <= grain)
        #expect(abs((values[2] ?? 0) - rounded(last)) <= grain)
        let eve = values[1] == 0 ? Day(number: 0) : Day(number: -1)
        let days: [Day?] = [Day(number: 0), eve, Day("2026-03-04"), nil]
        #expect(try column.days() == days)
        if case .timestamp(_, let zone) = column.type { #expect((zone != nil) == (type == "TIMESTAMPTZ")) }
    }

    @Test func timesWithZoneAreUTCOnEveryMachine() async throws {
        let table = try await memoryConnection().query(
            "SELECT TIMESTAMPTZ '2026-07-01 12:00:00+02' AS z, (TIMESTAMPTZ '2026-07-01 12:00:00+02')::TIMESTAMP AS t")
        let noon = Int64(Day("2026-07-01")!.number) * 86_400_000_000 + 10 * 3_600_000_000
        #expect(try table.timestamps("z") == [noon] && table.timestamps("t") == [noon])
    }

    @Test func timesOfDay() async throws {
        let column = try await column(["'00:00:00'", "'23:59:59.999999'", "NULL"], type: "TIME")
        #expect(try column.times() == [0, 86_399_999_999, nil])
    }

    @Test func listsOfTextAndOfNumbers() async throws {
        let connection = try memoryConnection()
        let sql = """
            SELECT t, n FROM (VALUES (1, ['a', NULL, 'b'], [1, 2]), (2, [], NULL), (3, NULL, [3]), (4, ['c'], []))
            v(i, t, n) ORDER BY i
            """
        for setting in ["", "SET arrow_large_buffer_size = true", "SET arrow_output_list_view = true"] {
            if !setting.isEmpty { try await connection.execute(setting) }
            let table = try await connection.query(sql)
            #expect(try table.textLists("t") == [["a", "", "b"], [], nil, ["c"]])
            #expect(
                try table.values("n") == [.list([.int(1), .int(2)]), .null, .list([.int(3)]), .list([])])
        }
    }

    @Test func structsAndListsOfStructs() async throws {
        let table = try await memoryConnection().query(
            """
            SELECT v FROM (VALUES (1, [{'k': 'a', 'n': 1.5::DOUBLE}, {'k': NULL, 'n': 2}]), (2, NULL), (3, [])) t(i, v)
            ORDER BY i
            """)
        let values = try table.values("v")
        guard case .list(let first) = values[0] else { return #expect(Bool(false)) }
        #expect(first[0]["k"] == .text("a") && first[0]["n"] == .double(1.5))
        #expect(first[1]["k"] == .null && first[1]["n"] == .double(2))
        #expect(values[1] == .null && values[2] == .list([]))
    }

    @Test func fixedArraysAndMaps() async throws {
        let table = try await memoryConnection().query(
            "SELECT [1, 2, 3]::INTEGER[3] AS a, MAP {'x': 1} AS m UNION ALL SELECT NULL, NULL")
        #expect(try table.values("a") == [.list([.int(1), .int(2), .int(3)]), .null])
        guard case .list(let entries) = try table.values("m")[0] else { return #expect(Bool(false)) }
        #expect(entries.count == 1 && entries[0]["key"] == .text("x") && entries[0]["value"] == .int(1))
    }

    @Test func dictionariesReadAsTheirValues() async throws {
        let connection = try memoryConnection()
        try await connection.execute("CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy')")
        let table = try await connection.query(
            "SELECT v::mood AS v FROM (VALUES (1, 'happy'), (2, NULL), (3, 'sad'), (4, 'happy')) t(i, v) ORDER BY i")
        #expect(try table["v"].field.dictionary != nil)
        #expect(try table.strings("v") == ["happy", nil, "sad", "happy"])
        #expect(try table.values("v") == [.text("happy"), .null, .text("sad"), .text("happy")])
    }

    @Test func columnsOfNothingButNull() async throws {
        let table = try await memoryConnection().query("SELECT NULL AS n FROM range(3)")
        #expect(try table.ints("n") == [nil, nil, nil])
        #expect(try table.strings("n") == [nil, nil, nil] && table.days("n") == [nil, nil, nil])
        #expect(try table.values("n") == [.null, .null, .null])
    }

    @Test func intervalsAreRefusedByNameAndLeaveTheirNeighboursReadable() async throws {
        let table = try await memoryConnection().query("SELECT INTERVAL 3 DAY AS span, 7 AS n")
        #expect(try table.ints("n") == [7])
        let error = await diagnostic { _ = try table.values("span") }
        #expect(error.code == "wrong_type" && error.message.contains("span"))
    }

    @Test func formatsOfTheSpecification() {
        #expect(ArrowType(format: "tsu:Europe/Berlin") == .timestamp(.microseconds, zone: "Europe/Berlin"))
        #expect(ArrowType(format: "tss:") == .timestamp(.seconds, zone: nil))
        #expect(ArrowType(format: "d:38,4") == .decimal(precision: 38, scale: 4, bits: 128))
        #expect(ArrowType(format: "d:9,2,32") == .decimal(precision: 9, scale: 2, bits: 32))
        #expect(ArrowType(format: "w:16") == .fixedBinary(16))
        #expect(ArrowType(format: "+w:3") == .list(.fixed(3)))
        for odd in ["tin", "+ud:1,2", "d:76,2,256", "tsx:", "w:x", "", "?"] {
            #expect(ArrowType(format: odd) == .unsupported(odd))
        }
    }
}
