import EngagementModel
import Testing

@testable import Warehouse

@Suite(.timeLimit(.minutes(1))) struct ADBCCancellationTests {
    @Test func cancellingTheTaskInterruptsTheQuery() async throws {
        let connection = try memoryConnection()
        let task = Task { try await connection.query(endlessQuery) }
        await untilRunning(connection)
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(try await connection.query("SELECT 1 AS a").ints("a") == [1])
    }

    @Test func cancellingTheConnectionEndsTheStatementWithItsOwnCode() async throws {
        let connection = try memoryConnection()
        let task = Task { try await connection.execute(endlessQuery + "; SELECT 1") }
        await untilRunning(connection)
        connection.cancel()
        let error = await diagnostic { _ = try await task.value }
        #expect(error.code == WarehouseError.cancelled, "\(error)")
        #expect(try await connection.query("SELECT 1 AS a").ints("a") == [1])
    }

    @Test func cancellingAStreamStopsIt() async throws {
        let connection = try memoryConnection()
        let (started, signal) = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            try await connection.stream("SELECT i FROM range(100000000000) r(i)") { _ in signal.yield() }
        }
        for await _ in started { break }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(try await connection.query("SELECT 1 AS a").ints("a") == [1])
    }

    @Test func aTaskThatIsCancelledAlreadyDoesNotStart() async throws {
        let connection = try memoryConnection()
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await connection.execute("CREATE TABLE t(a INTEGER)")
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(await diagnostic { _ = try await connection.query("SELECT * FROM t") }.code == WarehouseError.engine)
    }

    @Test func anInterruptHitsOnlyItsOwnStatement() async throws {
        let connection = try memoryConnection()
        connection.cancel()
        #expect(try await connection.query("SELECT count(*) AS n FROM range(1000000)").ints("n") == [1_000_000])
    }

    @Test func aCancelledTransactionIsRolledBack() async throws {
        let connection = try memoryConnection()
        try await connection.execute("CREATE TABLE t(a INTEGER)")
        let (inside, signal) = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            try await connection.transaction { connection in
                try await connection.execute("INSERT INTO t VALUES (1)")
                signal.yield()
                _ = try await connection.query(endlessQuery)
            }
        }
        for await _ in inside { break }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(try await connection.query("SELECT * FROM t").rowCount == 0)
        try await connection.execute("INSERT INTO t VALUES (2)")
        #expect(try await connection.query("SELECT a FROM t").ints("a") == [2])
    }

    @Test func closingTheWarehouseInterruptsWhatRuns() async throws {
        let warehouse = try Warehouse.open(WarehouseOptions())
        let connection = try warehouse.connect()
        let task = Task { try await connection.query(endlessQuery) }
        await untilRunning(connection)
        warehouse.close()
        let error = await diagnostic { _ = try await task.value }
        #expect(error.code == WarehouseError.cancelled, "\(error)")
        #expect(await diagnostic { try await connection.execute("SELECT 1") }.code == WarehouseError.closed)
        #expect(await diagnostic { _ = try warehouse.connect() }.code == WarehouseError.closed)
        warehouse.close()
    }

    @Test func aTransactionWhoseConnectionIsClosedEndsWithThatError() async throws {
        let connection = try memoryConnection()
        let error = await diagnostic {
            try await connection.transaction { connection in
                try await connection.execute("CREATE TABLE t(a INTEGER)")
                connection.close()
            }
        }
        #expect(error.code == WarehouseError.closed)
    }

    @Test func anIngestStopsWithItsTask() async throws {
        let connection = try memoryConnection()
        let task = Task {
            // Already cancelled when the driver asks for the first batch.
            try await connection.ingestAfterCancelling(ColumnSet([("a", .int64(Array(0..<100_000)))]), into: "t")
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(try await connection.query("SELECT * FROM duckdb_tables()").rowCount == 0)
    }
}

extension WarehouseConnection {
    fileprivate func ingestAfterCancelling(_ columns: ColumnSet, into table: String) async throws {
        try await transaction { connection in
            try await connection.execute("SELECT 1")
            withUnsafeCurrentTask { $0?.cancel() }
            try await connection.ingest(columns, into: table, mode: .create)
        }
    }
}
