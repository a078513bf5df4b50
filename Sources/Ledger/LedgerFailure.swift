import EngagementModel
import GRDB

/// Turns errors of the store into diagnostics that a person can act on. Never quotes a value of a row.
enum LedgerFailure {
    static func translate(_ error: any Error, path: String) -> any Error {
        if error is Diagnostic || error is CancellationError { return error }
        guard let failure = error as? DatabaseError else {
            return Diagnostic("ledger_error", "The ledger failed: \(type(of: error)).", file: path)
        }
        switch failure.resultCode {
        case .SQLITE_FULL: return diskFull(path: path)
        case .SQLITE_IOERR: return inputOutput(failure, path: path)
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: return corrupt(path: path)
        case .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_PROTOCOL:
            return Diagnostic(
                "ledger_locked", "Another process has kept the ledger locked for too long.", file: path,
                remedy: "wait for the other run to finish, or stop the process that holds the file")
        case .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH: return unwritable(path: path)
        case .SQLITE_CONSTRAINT:
            // SQLite names tables and columns here, never values.
            return Diagnostic(
                "ledger_conflict", "The ledger refused a row: \(failure.message ?? "constraint failed").", file: path)
        case .SQLITE_MISUSE where failure.message?.contains("closed") == true:
            return Diagnostic("ledger_closed", "The ledger is closed.", file: path)
        default:
            return Diagnostic(
                "ledger_error", "The ledger failed with SQLite code \(failure.extendedResultCode.rawValue).",
                file: path)
        }
    }

    static func diskFull(path: String) -> Diagnostic {
        Diagnostic(
            "disk_full", "There is no room left to write the ledger; nothing of this step was stored.", file: path,
            remedy: "free space on that disk; the next attempt continues where this one began")
    }

    static func corrupt(path: String) -> Diagnostic {
        Diagnostic(
            "ledger_corrupt", "The ledger file is damaged or is not a database.", file: path,
            remedy: "restore the latest backup; keep the damaged file for inspection")
    }

    static func unwritable(path: String) -> Diagnostic {
        Diagnostic(
            "ledger_unwritable", "The ledger cannot be opened for writing.", file: path,
            remedy: "check that the folder exists and that this user may write to it")
    }

    static func newer(path: String, found: Int, known: Int) -> Diagnostic {
        Diagnostic(
            "ledger_newer", "The ledger has schema \(found), this program knows \(known).", file: path,
            remedy: "use the newer rapport that wrote it, or restore a backup from before the upgrade")
    }

    static func foreign(path: String) -> Diagnostic {
        Diagnostic(
            "not_a_ledger", "The file is a database of another program.", file: path,
            remedy: "point the workspace's ledger address at another file")
    }

    /// A full disk shows as an I/O error where SQLite cannot grow its side files (WAL index, temporary files).
    private static func inputOutput(_ failure: DatabaseError, path: String) -> Diagnostic {
        switch failure.extendedResultCode {
        case .SQLITE_IOERR_WRITE, .SQLITE_IOERR_FSYNC, .SQLITE_IOERR_DIR_FSYNC, .SQLITE_IOERR_TRUNCATE,
            .SQLITE_IOERR_SHMOPEN, .SQLITE_IOERR_SHMSIZE, .SQLITE_IOERR_SHMMAP, .SQLITE_IOERR_MMAP:
            return diskFull(path: path)
        default:
            return Diagnostic(
                "disk_error", "The disk failed while the ledger was used (\(failure.extendedResultCode.rawValue)).",
                file: path, remedy: "check the disk and its file system, then run `rapport doctor`")
        }
    }
}
