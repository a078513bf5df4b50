internal import CADBC
internal import EngagementModel
internal import Foundation

/// An open database of a driver, and how many connections it has.
// Unchecked: the pointer is released once, by `close`, when no connection is left; ADBC allows a database to be used
// from several threads. The condition guards the counts.
final class DatabaseHandle: @unchecked Sendable {
    let driver: ADBCDriver
    let options: WarehouseOptions
    let pointer: UnsafeMutablePointer<AdbcDatabase>
    private let lease: FileLease?
    private let condition = NSCondition()
    private var connections = 0
    private var isOpen = false

    init(_ options: WarehouseOptions) throws {
        driver = try ADBCDriver.load(options)
        self.options = options
        if case .duckdb = options.engine, options.path != ":memory:", !options.path.isEmpty {
            lease = try FileLease(path: options.path, readOnly: options.readOnly)
        } else {
            lease = nil
        }
        pointer = .allocate(capacity: 1)
        pointer.initialize(to: AdbcDatabase())
        let table = driver.table
        try driver.call("DatabaseNew") { table.pointee.DatabaseNew?(pointer, $0) }
        for (key, value) in options.databaseOptions {
            try driver.call("DatabaseSetOption \(key)") {
                table.pointee.DatabaseSetOption?(pointer, key, value, $0)
            }
        }
        try driver.call("DatabaseInit") { table.pointee.DatabaseInit?(pointer, $0) }
        isOpen = true
    }

    deinit {
        release()
        pointer.deallocate()
    }

    func addConnection() throws {
        condition.lock()
        defer { condition.unlock() }
        guard isOpen else { throw Diagnostic(WarehouseError.closed, "the warehouse is closed") }
        connections += 1
    }

    func removeConnection() {
        condition.lock()
        connections -= 1
        condition.signal()
        condition.unlock()
    }

    /// Refuses further connections, waits for the last one to go and gives the file back. Idempotent.
    func close() {
        condition.lock()
        isOpen = false
        while connections > 0 { condition.wait() }
        condition.unlock()
        release()
    }

    private func release() {
        condition.lock()
        defer { condition.unlock() }
        if pointer.pointee.private_data != nil {
            // Nothing can be done about a failed release.
            try? driver.call("DatabaseRelease") { driver.table.pointee.DatabaseRelease?(pointer, $0) }
            pointer.pointee.private_data = nil
        }
        lease?.end()
    }
}
