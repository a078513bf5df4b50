import EngagementModel
import Synchronization
import Warehouse

/// One connection to a snapshot with the statements that it has prepared.
final class Reader: Sendable {
    private let connection: WarehouseConnection
    private let prepared = Mutex<[String: PreparedStatement]>([:])
    /// Queries that wait or run; the pool gives the next one to the least busy reader.
    let load = Atomic<Int>(0)

    init(_ connection: WarehouseConnection) { self.connection = connection }

    func rows(_ query: QueryBook.Query, _ parameters: [SQLValue]) async throws -> ArrowTable {
        load.wrappingAdd(1, ordering: .relaxed)
        defer { load.wrappingSubtract(1, ordering: .relaxed) }
        if let statement = prepared.withLock({ $0[query.name] }) { return try await statement.query(parameters) }
        let statement = try await connection.prepare(query.sql)
        // Two tasks may prepare the same at once; the later one replaces the earlier, and nothing is lost.
        prepared.withLock { $0[query.name] = statement }
        return try await statement.query(parameters)
    }

    /// A query that runs once in the life of a snapshot.
    func once(_ sql: String) async throws -> ArrowTable { try await connection.query(sql) }
}
