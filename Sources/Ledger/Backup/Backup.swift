import EngagementModel
import Foundation
import GRDB
import Glibc

/// What a verified backup holds.
package struct BackupReport: Sendable, Hashable, Codable {
    package var path: String
    package var bytes: Int
    package var auditRows: Int64
    /// The last hash of the audit trail, in hexadecimal: write it down elsewhere.
    package var auditHead: String
    package var consents: Int
    package var contacts: Int
    /// Microseconds since 1970 of the newest audit row; nil when there is none.
    package var lastAudit: Int64?
    /// Of a restore: people who were erased after the backup, and are again.
    package var erasedAgain: Int?
}

/// Moments of a restore at which the machine may stop; tests stop it there.
package enum RestoreMoment: String, CaseIterable, Sendable {
    case copied, salvaged, erased, flushed, aside, cleared, renamed
}

extension Ledger {
    /// Copies the whole ledger into a new file while others read and write, and checks the copy: every page, every
    /// foreign key, the whole audit trail.
    ///
    /// The copy is one snapshot of everything committed when it began (`VACUUM INTO` reads inside of one transaction).
    /// It is made beside its final name, flushed, then renamed: a file of that name is a whole backup.
    /// - Throws: `backup_exists` when the file exists, `disk_full`, `ledger_corrupt` when the check fails.
    package func backup(to path: String) async throws -> BackupReport {
        try await Self.backup(to: path, copy: copyOut)
    }

    /// The same of a ledger that need not be of this program's version: it is opened for reading only.
    package static func backup(
        of source: String, to path: String, options: LedgerOptions = LedgerOptions()
    ) async throws -> BackupReport {
        try await backup(to: path) { part in try await copyOut(of: source, to: part, options: options) }
    }

    private static func backup(
        to path: String, copy: (_ part: String) async throws -> Void
    ) async throws -> BackupReport {
        guard access(path, F_OK) != 0 else {
            throw Diagnostic(
                "backup_exists", "There is a file of this name already.", file: path, remedy: "choose another name")
        }
        let part = path + ".part"
        unlink(part)
        defer { unlink(part) }
        // Readable by the owner alone, before the first page is in it; SQLite fills an empty file.
        let descriptor = Glibc.open(part, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw LedgerFailure.unwritable(path: path) }
        Glibc.close(descriptor)
        do { try await copy(part) } catch { throw LedgerFailure.translate(error, path: path) }
        var report = try await verifyBackup(part)
        try flush(part)
        guard rename(part, path) == 0 else { throw LedgerFailure.unwritable(path: path) }
        try flush((path as NSString).deletingLastPathComponent)
        report.path = path
        return report
    }

    private func copyOut(to part: String) async throws {
        guard path != ":memory:" else {
            return try await store.writeWithoutTransaction { db in
                try db.execute(sql: "VACUUM INTO ?", arguments: [part])
            }
        }
        try await Self.copyOut(of: path, to: part, options: options)
    }

    /// Over a connection of its own, so that writers of this process do not wait for the copy.
    private static func copyOut(of path: String, to part: String, options: LedgerOptions) async throws {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(options.busyTimeout)
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        try await queue.writeWithoutTransaction { db in
            try db.execute(sql: "VACUUM INTO ?", arguments: [part])
        }
        try queue.close()
    }

    /// Checks a backup without changing it.
    /// - Throws: `not_a_ledger`, `ledger_corrupt`, `ledger_newer`.
    package static func verifyBackup(_ path: String) async throws -> BackupReport {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.publicStatementArguments = false
        do {
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            defer { try? queue.close() }
            return try await queue.read { db in
                guard try Int.fetchOne(db, sql: "PRAGMA application_id") == Migrations.applicationID else {
                    throw LedgerFailure.foreign(path: path)
                }
                let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
                guard version <= Migrations.steps.count else {
                    throw LedgerFailure.newer(path: path, found: version, known: Migrations.steps.count)
                }
                let faults =
                    try String.fetchAll(db, sql: "PRAGMA integrity_check(5)").filter { $0 != "ok" }.count
                    + Row.fetchAll(db, sql: "PRAGMA foreign_key_check").count
                guard faults == 0, case .intact(let rows, let head) = try auditVerdict(db) else {
                    throw LedgerFailure.corrupt(path: path)
                }
                let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
                return BackupReport(
                    path: path, bytes: size ?? 0, auditRows: rows, auditHead: head,
                    consents: try Int.fetchOne(db, sql: "SELECT count(*) FROM consent") ?? 0,
                    contacts: try Int.fetchOne(db, sql: "SELECT count(*) FROM contact") ?? 0,
                    lastAudit: try Int64.fetchOne(db, sql: "SELECT at FROM audit ORDER BY seq DESC LIMIT 1"))
            }
        } catch { throw LedgerFailure.translate(error, path: path) }
    }

    /// Puts a verified backup in the place of a ledger that no process has open. The ledger that was there is kept
    /// beside it, with `.before-restore` behind its name.
    ///
    /// Everything is made ready beside it; one rename is the restore, so that a crash leaves the one ledger or the other,
    /// never none: a new, empty one would know of no opt-out.
    /// - Parameters:
    ///   - salvages: brings over consents and suppressions that the backup lacks, so that nobody who left since is
    ///     contacted, and erases again who was erased since; the ledger that is there must still be readable. Otherwise
    ///     they are lost with it.
    ///   - moment: called at each moment; for tests.
    /// - Throws: `ledger_open` when a process holds the ledger, `not_salvaged`, and what `verifyBackup` throws.
    package static func restore(
        _ backup: String, to path: String, salvages: Bool, now: @escaping @Sendable () -> Int64,
        moment: (RestoreMoment) -> Void = { _ in }
    ) async throws -> BackupReport {
        var report = try await verifyBackup(backup)
        guard access(path + "-wal", F_OK) != 0 || !isBusy(path) else {
            throw Diagnostic(
                "ledger_open", "A process still has the ledger open.", file: path, remedy: "stop the server first")
        }
        let part = path + ".part"
        let leftovers = { for ending in ["", "-journal", "-wal", "-shm"] { unlink(part + ending) } }
        leftovers()
        defer { leftovers() }
        do { try FileManager.default.copyItem(atPath: backup, toPath: part) } catch {
            throw LedgerFailure.diskFull(path: path)
        }
        chmod(part, 0o600)
        moment(.copied)
        if salvages && access(path, F_OK) == 0 {
            try await bringConsents(from: path, to: part)
            moment(.salvaged)
            report.erasedAgain = try await eraseAgain(part, now: now)
        }
        moment(.erased)
        try flush(part)
        moment(.flushed)
        for ending in ["", "-wal"] where access(path + ending, F_OK) == 0 {
            let aside = path + ".before-restore" + ending
            // A restore that was stopped here has done it already.
            if isSameFile(path + ending, aside) { continue }
            // A second name for the same file, or a copy where the disk knows no such names.
            if link(path + ending, aside) != 0 {
                do { try FileManager.default.copyItem(atPath: path + ending, toPath: aside) } catch {
                    throw LedgerFailure.unwritable(path: aside)
                }
            }
        }
        moment(.aside)
        // What is left of the old ledger's log must not meet the new one. A log that holds anything is gone by now:
        // asking whether somebody works on the ledger has written it back (a damaged one keeps a copy aside).
        for ending in ["-wal", "-shm"] { unlink(path + ending) }
        moment(.cleared)
        guard rename(part, path) == 0 else { throw LedgerFailure.unwritable(path: path) }
        moment(.renamed)
        try flush((path as NSString).deletingLastPathComponent)
        return report
    }

    private static func bringConsents(from old: String, to path: String) async throws {
        do {
            let queue = try DatabaseQueue(path: path)
            defer { try? queue.close() }
            try await queue.writeWithoutTransaction { db in
                try db.execute(sql: "ATTACH ? AS old", arguments: [old])
                try db.inTransaction(.immediate) {
                    try db.execute(sql: Salvage.sql)
                    return .commit
                }
                try db.execute(sql: "DETACH old")
            }
        } catch let error as DatabaseError where error.resultCode == .SQLITE_FULL {
            throw LedgerFailure.diskFull(path: path)
        } catch {
            throw Diagnostic(
                "not_salvaged", "The opt-outs since the backup cannot be read from the ledger that is there.",
                file: old,
                remedy: "restore without salvage when they may be given up, and enter them again from elsewhere")
        }
    }

    /// Erases in a restored copy who was erased after the backup: their digests were brought over, their rows are back.
    /// - Returns: how many people.
    private static func eraseAgain(_ path: String, now: @escaping @Sendable () -> Int64) async throws -> Int {
        let ledger = try openAlone(path: path, now: now)
        defer { try? ledger.close() }
        return try await ledger.write { db in try ledger.eraseAgain(db) }
    }

    /// Whether some process writes: an exclusive lock cannot be had.
    private static func isBusy(_ path: String) -> Bool {
        guard access(path, F_OK) == 0 else { return false }
        var configuration = Configuration()
        configuration.busyMode = .immediateError
        guard let queue = try? DatabaseQueue(path: path, configuration: configuration) else { return false }
        defer { try? queue.close() }
        do {
            // In WAL mode only the last connection can leave the mode: any other one keeps it from doing so.
            try queue.writeWithoutTransaction { db in try db.execute(sql: "PRAGMA journal_mode = DELETE") }
            return false
        } catch let error as DatabaseError { return error.resultCode == .SQLITE_BUSY } catch { return true }
    }

    /// Whether two names lead to one file.
    package static func isSameFile(_ a: String, _ b: String) -> Bool {
        var (left, right) = (stat(), stat())
        return stat(a, &left) == 0 && stat(b, &right) == 0 && left.st_ino == right.st_ino && left.st_dev == right.st_dev
    }

    private static func flush(_ path: String) throws {
        let descriptor = Glibc.open(path.isEmpty ? "." : path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw LedgerFailure.unwritable(path: path) }
        defer { Glibc.close(descriptor) }
        guard fsync(descriptor) == 0 else { throw LedgerFailure.diskFull(path: path) }
    }
}

/// What is carried from a damaged ledger into a restored one: consents and suppressions that the backup lacks, and the
/// digests of who was erased since.
enum Salvage {
    static let sql = """
        INSERT OR IGNORE INTO ledger_secret (name, value, created_at)
        SELECT name, value, created_at FROM old.ledger_secret;
        INSERT OR IGNORE INTO erasure (subject_digest, actor, erased_at)
        SELECT subject_digest, actor, erased_at FROM old.erasure;
        INSERT INTO consent (consent_id, version, hcp_id, channel, address, purpose, product_id, status, basis,
            text_version, captured_at, expires_at, evidence, origin, recorded_at, superseded_at)
        SELECT consent_id, version, hcp_id, channel, address, purpose, product_id, status, basis, text_version,
            captured_at, expires_at, evidence, origin, recorded_at, superseded_at
        FROM old.consent o WHERE o.hcp_id NOT LIKE 'erased:%' AND NOT EXISTS (
            SELECT 1 FROM main.consent c WHERE c.consent_id = o.consent_id AND c.version = o.version)
        ORDER BY o.consent_no;
        UPDATE main.consent SET superseded_at = (
            SELECT o.superseded_at FROM old.consent o
            WHERE o.consent_id = consent.consent_id AND o.version = consent.version)
        WHERE superseded_at IS NULL AND EXISTS (
            SELECT 1 FROM old.consent o WHERE o.consent_id = consent.consent_id AND o.version = consent.version
                AND o.superseded_at IS NOT NULL);
        INSERT INTO suppression (digest, kind, reach, cause, actor, recorded_at, lifted_at, lifted_by)
        SELECT digest, kind, reach, cause, actor, recorded_at, lifted_at, lifted_by
        FROM old.suppression o WHERE NOT EXISTS (
            SELECT 1 FROM main.suppression s WHERE (s.digest, s.reach, s.cause, s.recorded_at)
                = (o.digest, o.reach, o.cause, o.recorded_at))
        ORDER BY o.suppression_no;
        """
}
