import EngagementModel
import Synchronization
import Warehouse

/// One published state of the warehouse, open for reading. It never changes, so whatever was read may be kept for as
/// long as the snapshot is the current one.
final class Snapshot: Sendable {
    /// Name of its file.
    let id: String
    let facts: SnapshotFacts
    let cards = CardCache()
    /// Pages that are the same for everybody.
    let console: ConsoleCache
    /// Their bodies as text, by what is shown in them.
    let bodies = Mutex<[String: String]>([:])
    private let warehouse: Warehouse
    private let readers: [Reader]
    private let book: QueryBook
    private let tables: Set<String>

    private init(
        id: String, warehouse: Warehouse, readers: [Reader], book: QueryBook, tables: Set<String>,
        facts: SnapshotFacts, console: ConsoleCache
    ) {
        self.id = id
        self.warehouse = warehouse
        self.readers = readers
        self.book = book
        self.tables = tables
        self.facts = facts
        self.console = console
    }

    deinit { warehouse.close() }

    /// Opens the file and reads what every page needs.
    static func open(
        path: String, id: String, book: QueryBook, readers count: Int, nativeDirectory: String?, currency: String
    ) async throws -> Snapshot {
        // One thread a connection: a page's query is small, and many run side by side.
        let warehouse = try Warehouse.open(
            WarehouseOptions(path: path, readOnly: true, threads: 1, nativeDirectory: nativeDirectory))
        do {
            let readers = try (0..<max(1, count)).map { _ in Reader(try warehouse.connect()) }
            let listing = try await readers[0].once(
                "SELECT table_schema || '.' || table_name AS name FROM information_schema.tables")
            let tables = Set(try listing.texts("name"))
            func make(_ facts: SnapshotFacts, _ console: ConsoleCache) -> Snapshot {
                Snapshot(
                    id: id, warehouse: warehouse, readers: readers, book: book, tables: tables, facts: facts,
                    console: console)
            }
            // The first two are only steps on the way: they share the connections and close nothing.
            let bare = Tables(readers: readers, book: book, tables: tables)
            let facts = try await SnapshotFacts.read(bare)
            return make(facts, try await ConsoleCache.read(bare, facts: facts, currency: currency))
        } catch {
            warehouse.close()
            throw error
        }
    }

    /// The query side of the snapshot.
    var rows: Tables { Tables(readers: readers, book: book, tables: tables) }
}

/// Runs the named queries on whichever reader is least busy.
struct Tables: Sendable {
    let readers: [Reader]
    let book: QueryBook
    let tables: Set<String>

    /// The result; nil when the snapshot lacks a table that the query needs.
    func callAsFunction(_ name: String, _ parameters: [SQLValue] = []) async throws -> ArrowTable? {
        guard let query = book[name] else { throw Diagnostic("missing_query", "No query is called \(name).") }
        guard query.tables.allSatisfy(tables.contains) else { return nil }
        let reader = readers.min { $0.load.load(ordering: .relaxed) < $1.load.load(ordering: .relaxed) }
        guard let reader else { throw Diagnostic("no_snapshot", "No connection is open.") }
        return try await reader.rows(query, parameters)
    }
}
