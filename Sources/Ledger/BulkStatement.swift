import GRDB
import GRDBSQLite

/// One prepared statement that runs for many rows, bound through SQLite's C interface.
///
/// GRDB's arguments are a dictionary and an array for each row; for hundreds of thousands of rows that costs more than
/// the insert. Values are bound from left to right, then `step()` runs the row and begins the next.
struct BulkStatement {
    private let db: Database
    private let statement: Statement
    private var column: CInt = 0
    private var failure: CInt = SQLITE_OK

    init(_ db: Database, _ sql: String) throws {
        self.db = db
        statement = try db.makeStatement(sql: sql)
    }

    /// SQLite copies the bytes before the call returns. The C macro is a cast of -1 to a function pointer, which Swift
    /// does not import; SQLite compares it and never calls it.
    private static let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    mutating func bind(_ value: Int64) {
        column += 1
        note(sqlite3_bind_int64(statement.sqliteStatement, column, value))
    }

    mutating func bind(_ value: Double) {
        column += 1
        note(sqlite3_bind_double(statement.sqliteStatement, column, value))
    }

    mutating func bind(_ value: String) {
        column += 1
        let (handle, column) = (statement.sqliteStatement, column)
        var value = value
        note(
            value.withUTF8 { utf8 in
                utf8.withMemoryRebound(to: CChar.self) { bytes in
                    bytes.baseAddress.map { sqlite3_bind_text(handle, column, $0, CInt(bytes.count), Self.copied) }
                        ?? sqlite3_bind_text(handle, column, "", 0, Self.copied)
                }
            })
    }

    mutating func bind(_ bytes: [UInt8]) {
        column += 1
        let (handle, column) = (statement.sqliteStatement, column)
        note(bytes.withUnsafeBytes { sqlite3_bind_blob(handle, column, $0.baseAddress, CInt($0.count), Self.copied) })
    }

    mutating func bindNull() {
        column += 1
        note(sqlite3_bind_null(statement.sqliteStatement, column))
    }

    mutating func bind(_ value: Int64?) { if let value { bind(value) } else { bindNull() } }
    mutating func bind(_ value: String?) { if let value { bind(value) } else { bindNull() } }

    /// Runs the row that was bound; the statement answers with no rows.
    mutating func step() throws { _ = try numbers() }

    /// Runs the row that was bound; the first two columns of the first row of the answer, nil when there is none.
    mutating func numbers() throws -> (Int64, Int64)? {
        let handle = statement.sqliteStatement
        var answer: (Int64, Int64)?
        var code = failure
        if code == SQLITE_OK {
            code = sqlite3_step(handle)
            if code == SQLITE_ROW { answer = (sqlite3_column_int64(handle, 0), sqlite3_column_int64(handle, 1)) }
            if code == SQLITE_ROW || code == SQLITE_DONE { code = sqlite3_reset(handle) }
        }
        guard code == SQLITE_OK else {
            let message = db.lastErrorMessage
            sqlite3_reset(handle)
            throw DatabaseError(resultCode: ResultCode(rawValue: code), message: message)
        }
        column = 0
        return answer
    }

    private mutating func note(_ code: CInt) { if failure == SQLITE_OK { failure = code } }
}
