internal import CADBC
internal import EngagementModel

/// One statement of a connection. Stays on the connection's thread.
final class ADBCStatement {
    private let connection: ConnectionHandle
    private let pointer: UnsafeMutablePointer<AdbcStatement>
    private var driver: ADBCDriver { connection.driver }
    /// Values bound last: never to be seen in a message.
    private var bound: [SQLValue] = []

    init(_ connection: ConnectionHandle) throws {
        self.connection = connection
        pointer = .allocate(capacity: 1)
        pointer.initialize(to: AdbcStatement())
        try driver.call("StatementNew") {
            driver.table.pointee.StatementNew?(connection.pointer, pointer, $0)
        }
    }

    deinit {
        if pointer.pointee.private_data != nil {
            // Nothing can be done about a failed release.
            try? driver.call("StatementRelease") { driver.table.pointee.StatementRelease?(pointer, $0) }
        }
        pointer.deallocate()
    }

    func setQuery(_ sql: String) throws {
        guard !sql.utf8.contains(0) else {
            throw Diagnostic(WarehouseError.engine, "a statement must not contain a NUL character")
        }
        try driver.call("StatementSetSqlQuery") {
            driver.table.pointee.StatementSetSqlQuery?(pointer, sql, $0)
        }
    }

    func setOption(_ key: String, _ value: String) throws {
        try driver.call("StatementSetOption") {
            driver.table.pointee.StatementSetOption?(pointer, key, value, $0)
        }
    }

    /// Binds one row of values to the parameters, in order.
    func bind(_ values: [SQLValue]) throws {
        try driver.call("StatementPrepare") { driver.table.pointee.StatementPrepare?(pointer, $0) }
        try checkCount(values.count)
        guard !values.isEmpty else { return }
        let row = ColumnSet(values.enumerated().map { (String($0 + 1), $1.column) })
        try bind(ExportStream(row, batchRows: 1))
        bound = values
    }

    /// Binds a stream of rows: the driver takes it over.
    func bind(_ source: ExportStream) throws {
        var stream = source.cStream()
        do {
            try driver.call("StatementBindStream") {
                driver.table.pointee.StatementBindStream?(pointer, &stream, $0)
            }
        } catch {
            if let release = stream.release { release(&stream) }
            throw error
        }
    }

    private func checkCount(_ count: Int) throws {
        var schema = ArrowSchema()
        defer { if let release = schema.release { release(&schema) } }
        var error = AdbcError()
        defer { if let release = error.release { release(&error) } }
        let status = driver.table.pointee.StatementGetParameterSchema?(pointer, &schema, &error)
        // Not every driver can tell; then the count shows at execution.
        guard status == 0, schema.release != nil, schema.n_children != count else { return }
        throw Diagnostic(
            WarehouseError.engine, "the statement has \(schema.n_children) parameters, \(count) values were given")
    }

    /// Runs the statement; the result keeps the statement alive. Rows are -1 where the engine does not say.
    func execute() throws -> (result: ResultStream, affected: Int64) {
        let result = ResultStream(self, connection.driver)
        var affected: Int64 = -1
        try driver.call("StatementExecuteQuery", hiding: bound) {
            driver.table.pointee.StatementExecuteQuery?(pointer, result.pointer, &affected, $0)
        }
        try result.readSchema(hiding: bound)
        return (result, affected)
    }

    /// Runs an ingest or another statement without a result.
    func executeUpdate() throws -> Int64 {
        var affected: Int64 = -1
        try driver.call("StatementExecuteQuery", hiding: bound) {
            driver.table.pointee.StatementExecuteQuery?(pointer, nil, &affected, $0)
        }
        return affected
    }
}

/// The batches of a result as the driver produces them. Stays on the connection's thread.
final class ResultStream {
    let pointer: UnsafeMutablePointer<ArrowArrayStream>
    private(set) var schema = RecordSchema(fields: [])
    private let statement: ADBCStatement
    private let driver: ADBCDriver
    private var hidden: [SQLValue] = []

    fileprivate init(_ statement: ADBCStatement, _ driver: ADBCDriver) {
        self.statement = statement
        self.driver = driver
        pointer = .allocate(capacity: 1)
        pointer.initialize(to: ArrowArrayStream())
    }

    deinit {
        if let release = pointer.pointee.release { release(pointer) }
        pointer.deallocate()
    }

    fileprivate func readSchema(hiding values: [SQLValue]) throws {
        hidden = values
        // No stream at all: an empty statement.
        guard pointer.pointee.release != nil else { return }
        var c = ArrowSchema()
        try check(pointer.pointee.get_schema?(pointer, &c), "the result's columns cannot be read")
        defer { if let release = c.release { release(&c) } }
        schema = withUnsafePointer(to: c) { RecordSchema(fields: ArrowField(reading: $0).children) }
    }

    /// The next rows, nil at the end.
    func next() throws -> RecordBatch? {
        guard pointer.pointee.release != nil else { return nil }
        var array = ArrowArray()
        try check(pointer.pointee.get_next?(pointer, &array), "the result cannot be read")
        return array.release == nil ? nil : RecordBatch(schema: schema, taking: array)
    }

    private func check(_ status: Int32?, _ otherwise: String) throws {
        guard status != 0 else { return }
        let text = pointer.pointee.get_last_error?(pointer).map { String(cString: $0) } ?? otherwise
        var code: AdbcStatusCode = 0
        if driver.version >= Int32(ADBC_1_1_0) {
            _ = driver.table.pointee.ErrorFromArrayStream?(pointer, &code)
        }
        throw WarehouseError.diagnostic(
            text, cancelled: code == AdbcStatusCode(ADBC_CANCELLED), hiding: hidden)
    }
}
