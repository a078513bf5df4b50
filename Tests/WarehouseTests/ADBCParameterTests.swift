import EngagementModel
import Testing

@testable import Warehouse

@Suite struct ADBCParameterTests {
    @Test(arguments: [
        (SQLValue.null, ArrowValue.null), (.bool(true), .bool(true)), (.bool(false), .bool(false)),
        (.int(.min), .int(.min)), (.int(.max), .int(.max)), (.double(-0.5), .double(-0.5)),
        (.text(""), .text("")), (.text("日本 ' ; --"), .text("日本 ' ; --")), (.bytes([0, 255]), .bytes([0, 255])),
        (.bytes([]), .bytes([])), (.day(Day(number: -1)), .day(Day(number: -1))),
        (.timestamp(-1), .timestamp(-1)), (.timestamp(1_700_000_000_123_456), .timestamp(1_700_000_000_123_456)),
    ])
    func everyKindOfValueComesBackAsItWent(value: SQLValue, expected: ArrowValue) async throws {
        let table = try await memoryConnection().query("SELECT ? AS v", [value])
        #expect(try table.values("v") == [expected])
    }

    @Test func valuesOfAllKindsTogetherKeepTheirPlaces() async throws {
        // Null and truth come first on purpose: the driver gives the row back after such a column.
        let table = try await memoryConnection().query(
            "SELECT ? AS a, ? AS b, ? AS c, ? AS d, ? AS e, ? AS f",
            [nil, true, 7, "seven", 7.5, .day(Day(number: 7))])
        let values = try table.columns.map { try table.values($0)[0] }
        let expected: [ArrowValue] = [.null, .bool(true), .int(7), .text("seven"), .double(7.5), .day(Day(number: 7))]
        #expect(values == expected)
    }

    @Test func aNullFitsEveryType() async throws {
        let connection = try memoryConnection()
        try await connection.execute("CREATE TABLE t(a INTEGER, b DATE, c BLOB, d VARCHAR[])")
        #expect(try await connection.execute("INSERT INTO t VALUES (?, ?, ?, ?)", [nil, nil, nil, nil]) == 1)
        #expect(try await connection.query("SELECT coalesce(?, 5) AS v", [nil]).ints("v") == [5])
    }

    @Test func aWrongNumberOfValuesIsRefused() async throws {
        let connection = try memoryConnection()
        for values: [SQLValue] in [[1], [1, 2, 3]] {
            let error = await diagnostic { _ = try await connection.query("SELECT ? + ? AS v", values) }
            #expect(error.code == WarehouseError.engine && error.message.contains("2 parameters"))
        }
        let none = await diagnostic { try await connection.execute("SELECT 1", [5]) }
        #expect(none.message.contains("0 parameters"))
        #expect(await diagnostic { _ = try await connection.query("SELECT ? AS v") }.code == WarehouseError.engine)
    }

    @Test func boundTextNeverShowsInAnError() async throws {
        let connection = try memoryConnection()
        let error = await diagnostic {
            _ = try await connection.query("SELECT CAST(? AS INTEGER) AS v", ["Erika Mustermann"])
        }
        #expect(error.code == WarehouseError.engine && error.message.contains("Could not convert"))
        #expect(!error.message.contains("Mustermann"))
    }

    @Test func aPreparedStatementRunsManyTimes() async throws {
        let connection = try memoryConnection()
        try await connection.execute("CREATE TABLE t(a BIGINT, b VARCHAR)")
        let insert = try await connection.prepare("INSERT INTO t VALUES (?, ?)")
        for i in 0..<100 { #expect(try await insert.execute([.int(Int64(i)), .text("n\(i)")]) == 1) }
        let select = try await connection.prepare("SELECT b FROM t WHERE a = ?")
        for i in [0, 50, 99] {
            #expect(try await select.query([.int(Int64(i))]).strings("b") == ["n\(i)"])
        }
        #expect(try await select.query([1000]).rowCount == 0)
        _ = await diagnostic { _ = try await select.query(["x", "y"]) }
        #expect(try await select.query([7]).strings("b") == ["n7"])
    }

    @Test func aPreparedStatementOfAClosedConnectionSaysSo() async throws {
        let connection = try memoryConnection()
        let statement = try await connection.prepare("SELECT 1 AS v")
        await connection.close()
        #expect(await diagnostic { _ = try await statement.query() }.code == WarehouseError.closed)
    }
}
