internal import CADBC
internal import EngagementModel

extension WarehouseConnection {
    /// Runs `body` in a transaction: committed when it returns, rolled back when it throws or its task is cancelled.
    ///
    /// Use this connection for nothing else meanwhile: other tasks' statements would join the transaction.
    package func transaction<R: Sendable>(
        _ body: @Sendable (isolated WarehouseConnection) async throws -> R
    ) async throws -> R {
        guard !inTransaction else {
            throw Diagnostic(WarehouseError.engine, "a transaction runs on this connection already")
        }
        try await operation { try self.begin() }
        let result: R
        do {
            result = try await body(self)
            try Task.checkCancellation()
        } catch {
            // The first error is the one to tell; a connection that cannot even roll back fails at its next use.
            try? end(commit: false)
            throw error
        }
        try end(commit: true)
        return result
    }

    // ADBC spells a transaction as "autocommit off": commit and rollback then begin the next one at once, which
    // turning autocommit on again ends while it is empty.

    func begin() throws {
        try setAutocommit(false)
        inTransaction = true
    }

    func end(commit: Bool) throws {
        defer { inTransaction = false }
        // Closed meanwhile, which rolled everything back.
        try handle.requireOpen()
        let table = handle.driver.table
        var failure: (any Error)?
        do {
            if commit {
                try handle.driver.call("ConnectionCommit") { table.pointee.ConnectionCommit?(handle.pointer, $0) }
            } else {
                try handle.driver.call("ConnectionRollback") { table.pointee.ConnectionRollback?(handle.pointer, $0) }
            }
        } catch {
            failure = error
        }
        do { try setAutocommit(true) } catch { failure = failure ?? error }
        if let failure { throw failure }
    }

    private func setAutocommit(_ on: Bool) throws {
        try handle.requireOpen()
        try handle.driver.call("ConnectionSetOption") {
            handle.driver.table.pointee.ConnectionSetOption?(
                handle.pointer, "adbc.connection.autocommit", on ? "true" : "false", $0)
        }
    }
}
