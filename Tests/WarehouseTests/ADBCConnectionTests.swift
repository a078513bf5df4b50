import EngagementModel
import Foundation
import Testing

@testable import Warehouse

@Suite struct ADBCConnectionTests {
    @Test func severalStatementsRunInOneCall() async throws {
        let connection = try memoryConnection()
        try await connection.execute(
            """
            -- a comment; with a semicolon
            CREATE TABLE t(a BIGINT, b VARCHAR); /* and; another */
            INSERT INTO t VALUES (1, 'x;y'), (2, $$dollar;quoted$$);
            """)
        #expect(try await connection.query("SELECT b FROM t ORDER BY a").strings("b") == ["x;y", "dollar;quoted"])
    }

    @Test func affectedRowsAreTold() async throws {
        let connection = try memoryConnection()
        try await connection.execute("CREATE TABLE t(a BIGINT)")
        #expect(try await connection.execute("INSERT INTO t SELECT * FROM range(5000)") == 5000)
        #expect(try await connection.execute("UPDATE t SET a = a + 1 WHERE a < ?", [10]) == 10)
        #expect(try await connection.execute("DELETE FROM t WHERE a < 0") == 0)
        #expect(try await connection.execute("SELECT 1") == -1)
    }

    @Test func aFileKeepsWhatWasCommitted() async throws {
        try await withDatabasePath { path in
            let first = try Warehouse.open(WarehouseOptions(path: path))
            try await first.connect().execute("CREATE TABLE t AS SELECT * FROM range(10) r(i)")
            first.close()
            let second = try Warehouse.open(WarehouseOptions(path: path))
            defer { second.close() }
            #expect(try await second.connect().query("SELECT count(*) AS n FROM t").ints("n") == [10])
        }
    }

    @Test func closingGivesTheFileBackThoughConnectionsAreReferenced() async throws {
        try await withDatabasePath { path in
            for round in 0..<3 {
                let warehouse = try Warehouse.open(WarehouseOptions(path: path))
                let connection = try warehouse.connect()
                try await connection.execute("CREATE OR REPLACE TABLE t AS SELECT * FROM range(1000000) r(i)")
                warehouse.close()
                #expect(await diagnostic { try await connection.execute("SELECT 1") }.code == WarehouseError.closed)
                #expect(round < 3)
            }
        }
    }

    @Test func readOnlyRefusesChangesAndSharesTheFile() async throws {
        try await withDatabasePath { path in
            let writer = try Warehouse.open(WarehouseOptions(path: path))
            try await writer.connect().execute("CREATE TABLE t AS SELECT 1 AS a")
            writer.close()
            let reader = try Warehouse.open(WarehouseOptions(path: path, readOnly: true))
            let other = try Warehouse.open(WarehouseOptions(path: path, readOnly: true))
            defer {
                reader.close()
                other.close()
            }
            let connection = try reader.connect()
            let error = await diagnostic { try await connection.execute("INSERT INTO t VALUES (2)") }
            #expect(error.message.contains("read-only") && error.remedy != nil)
            let ingest = await diagnostic {
                try await connection.ingest(ColumnSet([("a", .int64([1]))]), into: "n", mode: .create)
            }
            #expect(ingest.message.contains("read-only"))
            #expect(try await connection.query("SELECT a FROM t").ints("a") == [1])
            #expect(try await other.connect().query("SELECT a FROM t").ints("a") == [1])
        }
    }

    @Test func aFileIsNotOpenedTwiceForWritingInOneProcess() async throws {
        try await withDatabasePath { path in
            let link = path + "-link"
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
            let first = try Warehouse.open(WarehouseOptions(path: path))
            for (name, readOnly) in [(path, false), (path, true), (link, false)] {
                let error = await diagnostic {
                    _ = try Warehouse.open(WarehouseOptions(path: name, readOnly: readOnly))
                }
                #expect(error.code == "warehouse_busy")
            }
            first.close()
            try Warehouse.open(WarehouseOptions(path: link)).close()
        }
    }

    @Test func aFileThatIsNoDatabaseIsRefused() async throws {
        try await withDatabasePath { path in
            try Data("not a database, but long enough to be looked at as one".utf8).write(
                to: URL(fileURLWithPath: path))
            let error = await diagnostic { _ = try Warehouse.open(WarehouseOptions(path: path)) }
            #expect(error.code == WarehouseError.engine && error.message.contains("not a valid DuckDB"))
            // A failed open holds nothing.
            try FileManager.default.removeItem(atPath: path)
            try Warehouse.open(WarehouseOptions(path: path)).close()
        }
    }

    @Test func twoConnectionsWorkAtOnce() async throws {
        let warehouse = try Warehouse.open(WarehouseOptions())
        defer { warehouse.close() }
        try await warehouse.connect().execute("CREATE TABLE t AS SELECT * FROM range(100000) r(i)")
        let sums = try await withThrowingTaskGroup(of: Int64.self) { group in
            for part in 0..<4 {
                group.addTask {
                    let connection = try warehouse.connect()
                    var sum: Int64 = 0
                    for _ in 0..<5 {
                        sum += try await connection.query(
                            "SELECT sum(i) AS s FROM t WHERE i % 4 = ?", [.int(Int64(part))]
                        ).int64s("s")[0]
                    }
                    return sum
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(sums == 5 * 99_999 * 100_000 / 2)
    }

    @Test func aTransactionCommitsOrLeavesNothing() async throws {
        let warehouse = try Warehouse.open(WarehouseOptions())
        defer { warehouse.close() }
        let connection = try warehouse.connect()
        let other = try warehouse.connect()
        try await connection.execute("CREATE TABLE t(a INTEGER)")
        let seen = try await connection.transaction { connection in
            try await connection.execute("INSERT INTO t VALUES (1)")
            return try await other.query("SELECT * FROM t").rowCount
        }
        #expect(seen == 0)
        #expect(try await other.query("SELECT * FROM t").rowCount == 1)
        let error = await diagnostic {
            try await connection.transaction { connection in
                try await connection.execute("INSERT INTO t VALUES (2)")
                try await connection.execute("SELECT * FROM nowhere")
            }
        }
        #expect(error.message.contains("nowhere"))
        #expect(try await connection.query("SELECT a FROM t").ints("a") == [1])
        try await connection.execute("INSERT INTO t VALUES (3)")
        #expect(try await other.query("SELECT a FROM t ORDER BY a").ints("a") == [1, 3])
    }

    @Test func aTransactionInsideATransactionIsRefused() async throws {
        let connection = try memoryConnection()
        let error = await diagnostic {
            try await connection.transaction { connection in
                try await connection.transaction { _ in () }
            }
        }
        #expect(error.message.contains("already"))
        #expect(try await connection.transaction { _ in 7 } == 7)
    }

    @Test func aStreamInsideATransactionSeesItsChanges() async throws {
        let connection = try memoryConnection()
        try await connection.execute("CREATE TABLE t(a BIGINT)")
        let rows = try await connection.transaction { connection in
            try await connection.execute("INSERT INTO t SELECT * FROM range(10000)")
            var rows = 0
            try await connection.stream("SELECT a FROM t") { rows += $0.rowCount }
            return rows
        }
        #expect(rows == 10_000)
    }

    @Test func theBlockingCallsRunOnAThreadOfTheirOwn() async throws {
        let connection = try memoryConnection()
        for _ in 0..<10 { #expect(try await connection.worksOnItsThread()) }
        let inside = try await connection.transaction { try await $0.worksOnItsThread() }
        #expect(inside)
    }
}

extension WarehouseConnection {
    fileprivate func worksOnItsThread() async throws -> Bool { try await operation { thread.isCurrent } }
}
