internal import EngagementModel

/// A statement that the engine has parsed once and that runs many times with other values.
package final class PreparedStatement: Sendable {
    private let connection: WarehouseConnection
    private let number: Int

    fileprivate init(_ connection: WarehouseConnection, _ number: Int) {
        self.connection = connection
        self.number = number
    }

    deinit { connection.forget(number) }

    /// Runs the statement; returns the rows that it changed, -1 if unknown.
    @discardableResult
    package func execute(_ parameters: [SQLValue] = []) async throws -> Int64 {
        try await connection.executePrepared(number, parameters)
    }

    /// Runs the statement and keeps its whole result.
    package func query(_ parameters: [SQLValue] = []) async throws -> ArrowTable {
        try await connection.queryPrepared(number, parameters)
    }
}

extension WarehouseConnection {
    /// Parses one statement for repeated use; it lives as long as it is referenced and the connection is open.
    package func prepare(_ sql: String) async throws -> PreparedStatement {
        try await operation {
            let statement = try ADBCStatement(handle)
            try statement.setQuery(sql)
            let number = nextNumber()
            open.prepared[number] = statement
            return PreparedStatement(self, number)
        }
    }

    fileprivate func executePrepared(_ number: Int, _ parameters: [SQLValue]) async throws -> Int64 {
        try await operation {
            let (result, affected) = try run(number, parameters)
            return try Self.drain(result, affected)
        }
    }

    fileprivate func queryPrepared(_ number: Int, _ parameters: [SQLValue]) async throws -> ArrowTable {
        try await operation { try Self.collect(try run(number, parameters).result) }
    }

    private func run(_ number: Int, _ parameters: [SQLValue]) throws -> (result: ResultStream, affected: Int64) {
        guard let statement = open.prepared[number] else {
            throw Diagnostic(WarehouseError.closed, "the prepared statement's connection is closed")
        }
        try statement.bind(parameters)
        return try statement.execute()
    }

    fileprivate nonisolated func forget(_ number: Int) {
        // Holding the actor: its deinit empties the same place.
        thread.post { [self] in withExtendedLifetime(self) { open.prepared[number] = nil } }
    }
}
