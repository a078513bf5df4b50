import EngagementModel
import Testing

@testable import Warehouse

@Suite struct ADBCIngestTests {
    private func roundTrip(_ data: ColumnData) async throws -> ArrowColumn {
        let connection = try memoryConnection()
        let rows = ColumnData.int64((0..<data.count).map(Int64.init))
        try await connection.ingest(ColumnSet([("v", data), ("row", rows)]), into: "t", mode: .create)
        return try await connection.query("SELECT v FROM t ORDER BY row")["v"]
    }

    @Test func numbers() async throws {
        #expect(try await roundTrip(.int64([.min, 0, .max])).integers(Int64.self) == [.min, 0, .max])
        #expect(try await roundTrip(.int32([.min, .max])).integers(Int32.self) == [.min, .max])
        #expect(try await roundTrip(.int16([.min, .max])).integers(Int16.self) == [.min, .max])
        #expect(try await roundTrip(.uint8([0, 255])).integers(UInt8.self) == [0, 255])
        #expect(try await roundTrip(.double([-0.5, .infinity])).doubles() == [-0.5, .infinity])
        #expect(try await roundTrip(.float([1.25, -3])).floats() == [1.25, -3])
        #expect(try await roundTrip(.int32([1])).type == .int32)
        #expect(try await roundTrip(.uint8([1])).type == .uint8)
    }

    @Test func numbersWithNulls() async throws {
        #expect(try await roundTrip(.optionalInt64([1, nil, .max])).ints() == [1, nil, .max])
        #expect(try await roundTrip(.optionalInt32([nil, 2])).ints() == [nil, 2])
        #expect(try await roundTrip(.optionalDouble([nil, 0.5, nil])).optionalDoubles() == [nil, 0.5, nil])
        #expect(try await roundTrip(.optionalBool([true, nil, false])).optionalBools() == [true, nil, false])
        #expect(try await roundTrip(.optionalInt64([nil, nil])).ints() == [nil, nil])
    }

    @Test func textWithNullsAlphabetsAndEmptyStrings() async throws {
        let words = ["", "Größe", "日本語", "👩‍⚕️", "a\0b", "new\nline"]
        #expect(try await roundTrip(.text(words)).strings() == words)
        #expect(try await roundTrip(.optionalText([nil] + words)).strings() == [nil] + words)
        #expect(
            try await roundTrip(.textDictionary(codes: [1, 0, 1, -1, 9], values: ["x", "é"])).strings()
                == ["é", "x", "é", nil, nil])
        #expect(try await roundTrip(.bytes([[0, 255], []])).binaries() == [[0, 255], []])
    }

    @Test func calendarAndClock() async throws {
        let days = [Day(number: -719_162), Day(number: 0), Day("2026-12-31")!]
        #expect(try await roundTrip(.day(days)).days() == days)
        #expect(try await roundTrip(.day(days)).type == .day)
        #expect(try await roundTrip(.optionalDay([nil, days[2]])).days() == [nil, days[2]])
        #expect(
            try await roundTrip(.timestamp([-1, 1_700_000_000_123_456])).timestamps() == [-1, 1_700_000_000_123_456])
        #expect(try await roundTrip(.timestamp([0])).type == .timestamp(.microseconds, zone: nil))
        #expect(try await roundTrip(.optionalTimestamp([5, nil])).timestamps() == [5, nil])
        #expect(try await roundTrip(.bool([true, false, true])).optionalBools() == [true, false, true])
    }

    @Test func manyRowsOfAllKindsCrossTheDriversBatches() async throws {
        let n = 100_003
        let connection = try memoryConnection()
        // Truth first: the driver gives a batch back after such a column and reads on.
        try await connection.ingest(
            ColumnSet([
                ("b", .bool((0..<n).map { $0 % 3 == 0 })), ("i", .int64((0..<n).map(Int64.init))),
                ("t", .optionalText((0..<n).map { $0 % 7 == 0 ? nil : "text \($0)" })),
                ("d", .optionalDouble((0..<n).map { $0 % 5 == 0 ? nil : Double($0) / 2 })),
                ("k", .textDictionary(codes: (0..<n).map { Int32($0 % 2) }, values: ["even", "odd"])),
            ]), into: "t", mode: .create)
        let table = try await connection.query("SELECT * FROM t ORDER BY i")
        #expect(table.columns == ["b", "i", "t", "d", "k"])
        #expect(try table.bools("b") == (0..<n).map { $0 % 3 == 0 })
        #expect(try table.int64s("i") == (0..<n).map(Int64.init))
        #expect(try table.strings("t") == (0..<n).map { $0 % 7 == 0 ? nil : "text \($0)" })
        #expect(try table.optionalDoubles("d") == (0..<n).map { $0 % 5 == 0 ? nil : Double($0) / 2 })
        #expect(try table.texts("k") == (0..<n).map { $0 % 2 == 0 ? "even" : "odd" })
    }

    @Test func createAppendAndReplace() async throws {
        let connection = try memoryConnection()
        try await connection.execute("CREATE SCHEMA mart")
        func rows(_ values: Int64...) -> ColumnSet { ColumnSet([("a", .int64(values))]) }
        func stored() async throws -> [Int64] {
            try await connection.query("SELECT a FROM mart.t ORDER BY a").int64s("a")
        }
        try await connection.ingest(rows(1, 2), into: "mart.t", mode: .create)
        let twice = await diagnostic { try await connection.ingest(rows(9), into: "mart.t", mode: .create) }
        #expect(twice.message.contains("already exists"))
        try await connection.ingest(rows(3), into: "mart.t", mode: .append)
        #expect(try await stored() == [1, 2, 3])
        try await connection.ingest(
            ColumnSet([("a", .int64([7])), ("b", .text(["x"]))]), into: "mart.t", mode: .replace)
        #expect(try await stored() == [7])
        let missing = await diagnostic { try await connection.ingest(rows(1), into: "mart.none", mode: .append) }
        #expect(missing.code == WarehouseError.engine && missing.message.contains("none"), "\(missing)")
    }

    @Test func appendedColumnsMeetTheTablesByName() async throws {
        let connection = try memoryConnection()
        try await connection.execute("CREATE TABLE t(a INTEGER, b VARCHAR, c DOUBLE DEFAULT 0.5)")
        try await connection.ingest(
            ColumnSet([("b", .text(["x", "y"])), ("a", .int64([1, 2]))]), into: "t", mode: .append)
        let table = try await connection.query("SELECT * FROM t ORDER BY a")
        #expect(try table.ints("a") == [1, 2] && table.strings("b") == ["x", "y"])
        #expect(try table.doubles("c") == [0.5, 0.5])
        let unknown = await diagnostic {
            try await connection.ingest(ColumnSet([("z", .int64([1]))]), into: "t", mode: .append)
        }
        #expect(unknown.message.contains("z"))
        #expect(try await connection.query("SELECT * FROM t").rowCount == 2)
        // Nothing of the detour stays behind.
        #expect(try await connection.query("SELECT * FROM duckdb_tables()").rowCount == 1)
    }

    @Test func appendedNumbersTakeTheTypeOfTheTable() async throws {
        let connection = try memoryConnection()
        try await connection.execute("CREATE TABLE t(a INTEGER, b TIMESTAMP)")
        let n = 10_000
        try await connection.ingest(
            ColumnSet([("a", .int64((0..<n).map(Int64.init))), ("b", .timestamp((0..<n).map(Int64.init)))]), into: "t",
            mode: .append)
        #expect(try await connection.query("SELECT a FROM t ORDER BY a").int32s("a") == (0..<n).map(Int32.init))
    }

    @Test func noRowsStillMakeTheTable() async throws {
        let connection = try memoryConnection()
        try await connection.ingest(ColumnSet([("a", .int64([])), ("t", .text([]))]), into: "t", mode: .create)
        let table = try await connection.query("SELECT * FROM t")
        #expect(table.columns == ["a", "t"] && table.rowCount == 0)
    }

    @Test func oddColumnNamesSurvive() async throws {
        let connection = try memoryConnection()
        let name = "Größe \"x\" (cm), select"
        try await connection.ingest(ColumnSet([(name, .int64([1]))]), into: "t", mode: .create)
        #expect(try await connection.query("SELECT * FROM t").int64s(name) == [1])
        try await connection.execute("ALTER TABLE t ADD COLUMN other INTEGER")
        try await connection.ingest(ColumnSet([(name, .int64([2]))]), into: "t", mode: .append)
        #expect(try await connection.query("SELECT * FROM t").rowCount == 2)
    }

    @Test func raggedDoubledOrNoColumnsAreRefused() async throws {
        let connection = try memoryConnection()
        let bad: [(ColumnSet, String)] = [
            (ColumnSet(), "no_columns"),
            (ColumnSet([("a", .int64([1])), ("b", .int64([]))]), "ragged_columns"),
            (ColumnSet([("a", .int64([1])), ("a", .int64([2]))]), "duplicate_column"),
        ]
        for (columns, code) in bad {
            #expect(await diagnostic { try await connection.ingest(columns, into: "t", mode: .create) }.code == code)
        }
    }

    @Test func aRowThatTheTableRefusesLeavesNothingBehind() async throws {
        let connection = try memoryConnection()
        try await connection.execute("CREATE TABLE t(a BIGINT NOT NULL)")
        var values: [Int64?] = (0..<50_000).map(Int64.init)
        values[49_000] = nil
        let error = await diagnostic {
            try await connection.ingest(ColumnSet([("a", .optionalInt64(values))]), into: "t", mode: .append)
        }
        #expect(error.message.contains("NOT NULL"))
        #expect(try await connection.query("SELECT count(*) AS n FROM t").int64s("n") == [0])
        try await connection.ingest(ColumnSet([("a", .int64([1]))]), into: "t", mode: .append)
        #expect(try await connection.query("SELECT count(*) AS n FROM t").int64s("n") == [1])
    }

    @Test func anIngestInsideATransactionGoesWithIt() async throws {
        let connection = try memoryConnection()
        try await connection.execute("CREATE TABLE t(a BIGINT)")
        let error = await diagnostic {
            try await connection.transaction { connection in
                try await connection.ingest(ColumnSet([("a", .int64([1, 2]))]), into: "t", mode: .append)
                #expect(try await connection.query("SELECT * FROM t").rowCount == 2)
                throw Diagnostic("stop", "enough")
            }
        }
        #expect(error.code == "stop")
        #expect(try await connection.query("SELECT * FROM t").rowCount == 0)
    }
}
