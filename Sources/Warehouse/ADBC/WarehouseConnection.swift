internal import EngagementModel

/// One connection to the warehouse. Its work runs in order on a thread of its own.
///
/// Cancelling the task that waits for a statement interrupts the statement and throws `CancellationError`.
/// The connection is one session: tasks that share it share its transaction, so a unit of work takes its own.
package actor WarehouseConnection {
    nonisolated let thread: ConnectionThread
    nonisolated let handle: ConnectionHandle
    let isDuckDB: Bool
    var inTransaction = false
    let open = OpenObjects()
    private var lastNumber = 0

    package nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    init(_ database: DatabaseHandle) throws {
        handle = try ConnectionHandle(database)
        if case .duckdb = database.options.engine { isDuckDB = true } else { isDuckDB = false }
        thread = ConnectionThread(name: "warehouse")
        if isDuckDB {
            // Times are UTC everywhere; without this a cast between zones would follow the machine.
            let statement = try ADBCStatement(handle)
            try statement.setQuery("SET TimeZone = 'UTC'")
            _ = try statement.execute()
        }
    }

    deinit {
        // No operation runs any more, since it would hold the actor. Results and statements go before their connection;
        // all of it here and now, so that `Warehouse.close()` never waits for a thread that waits for it.
        open.release()
        handle.close()
    }

    // MARK: - Statements

    /// Runs one or, without parameters, several statements; returns the rows that the last one changed, -1 if unknown.
    @discardableResult
    package func execute(_ sql: String, _ parameters: [SQLValue] = []) async throws -> Int64 {
        try await operation {
            let (result, affected) = try self.start(sql, parameters)
            return try Self.drain(result, affected)
        }
    }

    /// Runs a query and keeps its whole result in memory, as the driver laid it out.
    package func query(_ sql: String, _ parameters: [SQLValue] = []) async throws -> ArrowTable {
        try await operation { try Self.collect(try self.start(sql, parameters).result) }
    }

    /// Interrupts the statement that runs now, if one does; it fails with code `cancelled`.
    package nonisolated func cancel() {
        if let operation = handle.running { handle.interruptUntilEnded(operation) }
    }

    /// Closes the connection; later calls fail. Also happens with the last reference.
    package func close() {
        open.release()
        handle.close()
    }

    /// Closes from outside: interrupts what runs, waits for the thread.
    nonisolated func closeAndWait() {
        cancel()
        thread.perform { self.assumeIsolated { $0.close() } }
    }

    // MARK: - How

    /// Runs blocking `work` on the connection's thread with cancellation of the task passed on to the engine.
    func operation<R>(_ work: () throws -> R) async throws -> R {
        try Task.checkCancellation()
        let handle = handle
        let number = try handle.begin()
        defer { handle.end(number) }
        do {
            return try await withTaskCancellationHandler {
                // Through `self`: a closure that does not name the actor would run on the cooperative pool.
                try self.run(work)
            } onCancel: {
                handle.interruptUntilEnded(number)
            }
        } catch {
            throw Self.cancellation(of: error)
        }
    }

    /// `CancellationError` where the engine stopped because the task was cancelled.
    static func cancellation(of error: any Error) -> any Error {
        guard Task.isCancelled, (error as? Diagnostic)?.code == WarehouseError.cancelled else { return error }
        return CancellationError()
    }

    private func run<R>(_ work: () throws -> R) rethrows -> R { try work() }

    func start(_ sql: String, _ parameters: [SQLValue]) throws -> (result: ResultStream, affected: Int64) {
        let statement = try ADBCStatement(handle)
        try statement.setQuery(sql)
        if !parameters.isEmpty { try statement.bind(parameters) }
        return try statement.execute()
    }

    /// Reads a result to its end, because some engines work only as they are read.
    static func drain(_ result: ResultStream, _ affected: Int64) throws -> Int64 {
        var count: Int64?
        var batches = 0
        while let batch = try result.next() {
            batches += 1
            if batches == 1, batch.rowCount == 1, result.schema.names == ["Count"] {
                count = try batch.int64s("Count").first
            }
        }
        // DuckDB reports a change of no rows as "unknown" and puts the 0 into the result.
        if affected < 0, batches == 1, let count { return count }
        return affected
    }

    static func collect(_ result: ResultStream) throws -> ArrowTable {
        var batches: [RecordBatch] = []
        while let batch = try result.next() {
            if batch.rowCount > 0 { batches.append(batch) }
        }
        return ArrowTable(schema: result.schema, batches: batches)
    }

    func nextNumber() -> Int {
        lastNumber += 1
        return lastNumber
    }

    /// Open results and prepared statements by number.
    // Unchecked: touched on the connection's thread only; the last time after the actor is gone.
    final class OpenObjects: @unchecked Sendable {
        var streams: [Int: ResultStream] = [:]
        var prepared: [Int: ADBCStatement] = [:]

        func release() {
            streams = [:]
            prepared = [:]
        }
    }
}
