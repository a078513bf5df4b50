internal import CADBC
internal import EngagementModel
internal import Synchronization

/// An open connection of a driver: used from one thread, interrupted from any.
// Unchecked: the pointer is used by one operation at a time on the connection's thread; `cancel` and `close` meet
// under the lock of `state`.
final class ConnectionHandle: @unchecked Sendable {
    private struct State {
        var isOpen = true
        /// The operation that runs now; 0 when none.
        var running: UInt64 = 0
        var lastOperation: UInt64 = 0
    }

    let driver: ADBCDriver
    let pointer: UnsafeMutablePointer<AdbcConnection>
    private let state = Mutex(State())
    /// Kept so that the database outlives its connections.
    private let database: DatabaseHandle

    init(_ database: DatabaseHandle) throws {
        try database.addConnection()
        self.database = database
        driver = database.driver
        pointer = .allocate(capacity: 1)
        pointer.initialize(to: AdbcConnection())
        let table = driver.table
        try driver.call("ConnectionNew") { table.pointee.ConnectionNew?(pointer, $0) }
        try driver.call("ConnectionInit") { table.pointee.ConnectionInit?(pointer, database.pointer, $0) }
    }

    deinit {
        close()
        pointer.deallocate()
    }

    /// Idempotent. Waits for nothing: callers make sure that no operation runs.
    func close() {
        state.withLock { state in
            guard state.isOpen else { return }
            state.isOpen = false
            if pointer.pointee.private_data != nil {
                // Nothing can be done about a failed release.
                try? driver.call("ConnectionRelease") { driver.table.pointee.ConnectionRelease?(pointer, $0) }
            }
            database.removeConnection()
        }
    }

    func requireOpen() throws {
        if !state.withLock({ $0.isOpen }) { throw Self.closed }
    }

    private static var closed: Diagnostic {
        Diagnostic(WarehouseError.closed, "the warehouse connection is closed")
    }

    // MARK: Operations and their cancellation

    func begin() throws -> UInt64 {
        try state.withLock { state in
            guard state.isOpen else { throw Self.closed }
            state.lastOperation += 1
            state.running = state.lastOperation
            return state.running
        }
    }

    func end(_ operation: UInt64) {
        state.withLock { if $0.running == operation { $0.running = 0 } }
    }

    /// The operation that runs now, if any.
    var running: UInt64? { state.withLock { $0.running == 0 ? nil : $0.running } }

    /// Asks the engine to stop `operation`; false when it no longer runs, so that no later one is hit.
    func interrupt(_ operation: UInt64) -> Bool {
        state.withLock { state in
            guard state.isOpen, state.running == operation else { return false }
            guard driver.version >= Int32(ADBC_1_1_0) else { return false }
            // A driver that cannot cancel lets the operation end by itself.
            try? driver.call("ConnectionCancel") { driver.table.pointee.ConnectionCancel?(pointer, $0) }
            return true
        }
    }

    /// Interrupts `operation` until it has ended: engines forget an interrupt that comes between two of their own
    /// steps, for instance before a statement has started to run.
    func interruptUntilEnded(_ operation: UInt64) {
        guard interrupt(operation) else { return }
        // Unstructured on purpose: it outlives the cancelled task by as long as the engine needs, no longer.
        Task.detached { [self] in
            repeat { try await Task.sleep(for: .milliseconds(10)) } while interrupt(operation)
        }
    }
}
