import EngagementModel
import Foundation
import GRDB
import Glibc
import Synchronization

/// The transactional store: everything that must be exactly right for one HCP, one decision, one person.
///
/// A SQLite file in WAL mode with `synchronous=FULL`: what a method has returned is on disk. Many may read while
/// one writes; a server and a run may hold the same file open. Blocking calls run on GRDB's own queues, never on
/// the cooperative pool. Clock and randomness are parameters, so that replays and tests are exact.
///
/// ## Topics
/// - Runs and plans: `publish`, `latestRun`, `runs`, `decisions(of:from:through:)`, `statuses(of:)`, `act(on:by:_:)`
/// - Contacts: `replaceLoadedContacts`, `recordContact`, `contacts(ofHCP:)`, `contactWindow(from:through:)`
/// - Consent: `recordConsents`, `consents(ofHCP:)`, `currentConsents()`
/// - People: `createUser`, `authenticate`, `openSession`, `session(for:)`
/// - Audit: `verifyAudit`, `auditTrail`
package final class Ledger: Sendable {
    let store: any DatabaseWriter
    let options: LedgerOptions
    /// Microseconds since 1970, UTC.
    let now: @Sendable () -> Int64
    let randomBytes: @Sendable (Int) -> [UInt8]
    let passwordWorkers: PasswordWorkers
    /// Who was erased, as far as it was read.
    let erased = Mutex<ErasedPeople?>(nil)
    /// Rings after every commit of events.
    package let bell = EventBell()
    /// `:memory:` for a ledger that lives as long as the value.
    package let path: String

    private init(
        store: any DatabaseWriter, path: String, options: LedgerOptions, now: @escaping @Sendable () -> Int64,
        randomBytes: @escaping @Sendable (Int) -> [UInt8]
    ) {
        self.store = store
        self.path = path
        self.options = options
        self.now = now
        self.randomBytes = randomBytes
        passwordWorkers = PasswordWorkers(limit: options.passwordWorkers)
    }

    /// Opens the ledger at `path`, creates it when it does not exist, and brings its schema up to date.
    ///
    /// - Parameters:
    ///   - now: the clock, microseconds since 1970 (UTC).
    ///   - randomBytes: source of session tokens and password salts; must be unpredictable outside of tests.
    /// - Throws: `Diagnostic` with code `ledger_unwritable`, `ledger_locked`, `ledger_corrupt`, `ledger_newer`,
    ///   `not_a_ledger`, `disk_full`.
    package static func open(
        path: String, options: LedgerOptions = LedgerOptions(), now: @escaping @Sendable () -> Int64,
        randomBytes: @escaping @Sendable (Int) -> [UInt8] = systemRandomBytes
    ) throws -> Ledger {
        do {
            try createPrivateFile(at: path)
            let pool = try DatabasePool(path: path, configuration: configuration(options))
            try prepare(pool, options: options, path: path)
            return Ledger(store: pool, path: path, options: options, now: now, randomBytes: randomBytes)
        } catch { throw LedgerFailure.translate(error, path: path) }
    }

    /// A ledger that nobody else knows of, over one connection and without a log beside it: for work on a copy.
    static func openAlone(
        path: String, options: LedgerOptions = LedgerOptions(), now: @escaping @Sendable () -> Int64
    ) throws -> Ledger {
        do {
            let queue = try DatabaseQueue(path: path, configuration: configuration(options))
            try prepare(queue, options: options, path: path)
            return Ledger(store: queue, path: path, options: options, now: now, randomBytes: systemRandomBytes)
        } catch { throw LedgerFailure.translate(error, path: path) }
    }

    /// A ledger in memory, for tests and dry runs; it is gone with the value.
    package static func inMemory(
        options: LedgerOptions = LedgerOptions(), now: @escaping @Sendable () -> Int64,
        randomBytes: @escaping @Sendable (Int) -> [UInt8] = systemRandomBytes
    ) throws -> Ledger {
        let path = ":memory:"
        do {
            let queue = try DatabaseQueue(configuration: configuration(options))
            try prepare(queue, options: options, path: path)
            return Ledger(store: queue, path: path, options: options, now: now, randomBytes: randomBytes)
        } catch { throw LedgerFailure.translate(error, path: path) }
    }

    /// Waits for running accesses and closes every connection; later calls fail with `ledger_closed`.
    package func close() throws {
        do { try store.close() } catch { throw LedgerFailure.translate(error, path: path) }
    }

    /// SQLite's own check of every page and index, and of every foreign key; slow on large ledgers.
    package func checkIntegrity() async throws {
        let findings = try await read { db in
            try String.fetchAll(db, sql: "PRAGMA integrity_check(5)").filter { $0 != "ok" }.count
                + Row.fetchAll(db, sql: "PRAGMA foreign_key_check").count
        }
        guard findings == 0 else { throw LedgerFailure.corrupt(path: path) }
    }

    /// 32 lower-case hexadecimal digits from the ledger's source of randomness: an identifier for a new thing.
    package func newID() -> String { hex(randomBytes(16)) }

    package static let systemRandomBytes: @Sendable (Int) -> [UInt8] = { count in
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }

    // MARK: - One face to read, one to write

    /// Reads from one consistent snapshot; never waits for a writer.
    func read<R: Sendable>(_ body: @escaping @Sendable (Database) throws -> R) async throws -> R {
        do { return try await store.read(body) } catch { throw LedgerFailure.translate(error, path: path) }
    }

    /// One immediate transaction: everything in `body` becomes durable, or nothing does.
    func write<R: Sendable>(_ body: @escaping @Sendable (Database) throws -> R) async throws -> R {
        do { return try await store.write(body) } catch { throw LedgerFailure.translate(error, path: path) }
    }

    /// A transaction that touches a large part of the file; the memory that it took is given back afterwards.
    func bulkWrite<R: Sendable>(_ body: @escaping @Sendable (Database) throws -> R) async throws -> R {
        let result = try await write(body)
        // A hint to SQLite: the work is committed, and nothing depends on the answer.
        try? await store.writeWithoutTransaction { db in try db.execute(sql: "PRAGMA shrink_memory") }
        return result
    }

    // MARK: - Opening

    private static func configuration(_ options: LedgerOptions) -> Configuration {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(options.busyTimeout)
        configuration.maximumReaderCount = options.readers
        configuration.label = "rapport.ledger"
        // Rows carry personal data: statement arguments must never reach an error message.
        configuration.publicStatementArguments = false
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA cache_size = -32768; PRAGMA mmap_size = 268435456; PRAGMA temp_store = MEMORY")
        }
        return configuration
    }

    private static func prepare(_ store: any DatabaseWriter, options: LedgerOptions, path: String) throws {
        try store.writeWithoutTransaction { db in
            // GRDB lowers the writer to NORMAL when it turns WAL on; an acknowledged write must survive a power cut.
            // The cache holds one large publish, so that no page is written twice; `bulkWrite` gives it back. Message ids
            // are random, so many commits touch a page of their index before the log is copied into the file (32 MiB).
            try db.execute(
                sql: """
                    PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -262144;
                    PRAGMA wal_autocheckpoint = 8192
                    """)
            if let limit = options.pageLimit { try db.execute(sql: "PRAGMA max_page_count = \(limit)") }
            try Migrations.apply(to: db, path: path)
        }
    }

    /// Creates a missing file readable by its owner alone: it will hold password hashes and personal data.
    ///
    /// Exclusively: when two processes begin at once, the second must not replace what the first has begun to write.
    private static func createPrivateFile(at path: String) throws {
        let descriptor = Glibc.open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
        if descriptor >= 0 {
            Glibc.close(descriptor)
        } else if errno != EEXIST {
            throw LedgerFailure.unwritable(path: path)
        }
    }
}

/// How a ledger is opened.
package struct LedgerOptions: Sendable {
    /// Connections that may read at the same time.
    package var readers = 6
    /// Seconds to wait for another process that writes (a publish of a large run takes some seconds).
    package var busyTimeout: Double = 30
    /// Upper bound of the file, in pages of 4 KiB; nil = the disk is the limit.
    package var pageLimit: Int?
    /// Cost of new password hashes.
    package var passwordCost = PasswordHash.Cost.standard
    /// Passwords hashed at the same time; each holds 32 MiB at the standard cost.
    package var passwordWorkers = 2
    package var signIn = SignInPolicy()
    package init() {}
}
