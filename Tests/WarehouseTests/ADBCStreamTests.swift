import EngagementModel
import Foundation
import Testing

@testable import Warehouse

@Suite struct ADBCStreamTests {
    @Test func threeMillionRowsStreamInOrder() async throws {
        let connection = try memoryConnection()
        var rows = 0
        var next: Int64 = 0
        var inOrder = true
        var sum = 0.0
        try await connection.stream("SELECT i, i * 0.5::DOUBLE AS x, 't' || i AS t FROM range(3000000) r(i)") { batch in
            let i = try batch.int64("i")
            let x = try batch.double("x")
            for row in i.indices {
                inOrder = inOrder && i[row] == next
                next += 1
                sum += x[row]
            }
            rows += batch.rowCount
        }
        #expect(rows == 3_000_000 && inOrder)
        #expect(sum == 2_249_999_250_000)
    }

    /// Batches are let go as they are read: 30 million rows of 5 columns would be 1.2 GB when kept. (Counted by batches,
    /// not by the process's memory, which other tests share.)
    @Test func batchesAreReleasedAsTheyAreRead() async throws {
        let connection = try memoryConnection()
        final class Weak: @unchecked Sendable {  // Used by this test's task alone.
            weak var batch: RecordBatch?
            init(_ batch: RecordBatch) { self.batch = batch }
        }
        var seen: [Weak] = []
        var mostAlive = 0
        try await connection.stream(
            "SELECT i AS a, i + 1 AS b, i + 2 AS c, i + 3 AS d, i + 4 AS e FROM range(30000000) r(i)"
        ) { batch in
            seen.append(Weak(batch))
            if seen.count % 500 == 0 { mostAlive = max(mostAlive, seen.count { $0.batch != nil }) }
        }
        #expect(seen.count > 1000)
        #expect(mostAlive < seen.count / 10, "\(mostAlive) of \(seen.count) batches alive")
    }

    @Test func viewsAreTheEnginesOwnBuffersAndKnowTheirNulls() async throws {
        let connection = try memoryConnection()
        var whole: [Int64?] = []
        try await connection.stream(
            "SELECT CASE WHEN i % 3 = 0 THEN NULL ELSE i END AS a, i::INTEGER AS b FROM range(5000) r(i) ORDER BY i"
        ) { batch in
            let a = try batch.int64("a")
            let valid = try batch.validity("a")
            #expect(try batch.validity("b").isComplete)
            #expect(try UnsafeRawPointer(a.baseAddress) == batch.chunk("a").buffer(1))
            for row in a.indices { whole.append(valid[row] ? a[row] : nil) }
        }
        #expect(whole == (0..<5000).map { $0 % 3 == 0 ? nil : $0 })
    }

    @Test func aViewOfTheWrongTypeOrOfNoColumnIsRefused() async throws {
        let table = try await memoryConnection().query("SELECT 1::BIGINT AS a, 'x' AS t")
        let batch = try #require(table.batches.first)
        let wrong = await diagnostic { _ = try batch.double("a") }
        #expect(wrong.code == "wrong_type" && wrong.message.contains("int64"))
        let missing = await diagnostic { _ = try batch.int64("z") }
        #expect(missing.code == "missing_column" && missing.message.contains("a, t"))
    }

    @Test func anEmptyResultHasItsColumnsAndNoRows() async throws {
        let connection = try memoryConnection()
        let table = try await connection.query("SELECT 1 AS a, 'x' AS b WHERE false")
        #expect(table.columns == ["a", "b"] && table.rowCount == 0)
        #expect(try table.ints("a") == [] && table.strings("b") == [])
        var batches = 0
        try await connection.stream("SELECT 1 AS a WHERE false") { _ in batches += 1 }
        #expect(batches == 0)
    }

    @Test func aStatementWithoutAResultReadsAsNone() async throws {
        let connection = try memoryConnection()
        let made = try await connection.query("CREATE TABLE t(a INTEGER)")
        #expect(made.rowCount == 0)
        #expect(try await connection.query("-- nothing but a comment").columns == [])
    }

    @Test func anErrorHalfwayCarriesTheEnginesText() async throws {
        let connection = try memoryConnection()
        var rows = 0
        let error = await diagnostic {
            try await connection.stream(
                "SELECT CASE WHEN i = 2000000 THEN error('row is bad') ELSE i::VARCHAR END AS a FROM range(3000000) r(i)"
            ) { rows += $0.rowCount }
        }
        #expect(error.code == WarehouseError.engine && error.message.contains("row is bad"))
        #expect(rows > 0 && rows < 3_000_000)
    }

    @Test func anErrorOfTheReaderEndsTheQueryAndFreesTheConnection() async throws {
        let connection = try memoryConnection()
        var batches = 0
        let error = await diagnostic {
            try await connection.stream("SELECT i FROM range(1000000000) r(i)") { _ in
                batches += 1
                throw Diagnostic("enough", "enough")
            }
        }
        #expect(error.code == "enough" && batches == 1)
        #expect(try await connection.query("SELECT 1 AS a").ints("a") == [1])
    }

    @Test func aTableOutlivesItsConnectionAndItsFile() async throws {
        let table = try await withDatabasePath { path in
            let warehouse = try Warehouse.open(WarehouseOptions(path: path))
            let table = try await warehouse.connect().query("SELECT i, 'n' || i AS t FROM range(10000) r(i) ORDER BY i")
            warehouse.close()
            return table
        }
        #expect(try table.int64s("i") == (0..<10_000).map(Int64.init))
        #expect(try table.texts("t").last == "n9999")
    }
}
