import EngagementModel
import Foundation
import Testing

@testable import Warehouse

/// A connection to a warehouse in memory, which goes with it.
func memoryConnection() throws -> WarehouseConnection { try Warehouse.open(WarehouseOptions()).connect() }

/// Runs `body` with a path for a database file in a folder of its own.
func withDatabasePath<R>(_ body: (String) async throws -> R) async throws -> R {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("rapport-adbc-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await body(folder.appendingPathComponent("warehouse.duckdb").path)
}

/// The diagnostic that `body` throws.
func diagnostic(
    sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> Void
) async -> Diagnostic {
    do {
        try await body()
        Issue.record("no error was thrown", sourceLocation: sourceLocation)
    } catch let diagnostic as Diagnostic {
        return diagnostic
    } catch {
        Issue.record("not a diagnostic: \(error)", sourceLocation: sourceLocation)
    }
    return Diagnostic("none", "")
}

/// Waits until a statement of the connection is inside the engine.
func untilRunning(_ connection: WarehouseConnection) async {
    while connection.handle.running == nil { await Task.yield() }
}

/// Runs for hours unless interrupted.
let endlessQuery = "SELECT count(*) FROM range(10000000000) a(i), range(1000) b(j) WHERE (i * j) % 7 = 3"
