internal import EngagementModel
internal import Synchronization

/// An open analytical database; connections to it work independently.
package struct Warehouse: Sendable {
    private let state: State

    /// Opens the database, which for DuckDB also locks its file.
    ///
    /// Errors: `driver_missing` names the command that installs the driver; `warehouse_error` is the engine's.
    package static func open(_ options: WarehouseOptions) throws -> Warehouse {
        Warehouse(state: State(try DatabaseHandle(options)))
    }

    package func connect() throws -> WarehouseConnection {
        try state.contents.withLock { contents in
            guard let database = contents.database else {
                throw Diagnostic(WarehouseError.closed, "the warehouse is closed")
            }
            let connection = try WarehouseConnection(database)
            contents.connections.removeAll { $0.connection == nil }
            contents.connections.append(Weak(connection))
            return connection
        }
    }

    /// Interrupts what runs, closes every connection and then the file. Idempotent; waits for the engine.
    package func close() {
        let open = state.contents.withLock { contents in
            defer { contents = Contents(database: nil) }
            return contents
        }
        for weak in open.connections { weak.connection?.closeAndWait() }
        open.database?.close()
    }

    private struct Weak: Sendable {
        weak var connection: WarehouseConnection?
        init(_ connection: WarehouseConnection) { self.connection = connection }
    }

    private struct Contents: Sendable {
        var database: DatabaseHandle?
        var connections: [Weak] = []
    }

    private final class State: Sendable {
        let contents: Mutex<Contents>
        init(_ database: DatabaseHandle) { contents = Mutex(Contents(database: database)) }
    }
}
