import Foundation
import Testing

@testable import Warehouse

/// Code that waits for the warehouse goes on where it was, never on the connection's thread.
@Suite struct ADBCIsolationTests {
    @Test func codeOfNoActorReadsOnTheConnectionsThreadAndLeavesIt() async throws {
        let connection = try memoryConnection()
        try await connection.execute("SELECT 1")
        #expect(!connection.thread.isCurrent)
        var inside = false
        try await connection.stream("SELECT 1") { _ in inside = connection.thread.isCurrent }
        #expect(inside && !connection.thread.isCurrent)
        for _ in 0..<3 {
            #expect(try await helper(connection))
            #expect(!connection.thread.isCurrent)
        }
    }

    @Test func actorsStayWhereTheyAre() async throws {
        try await Reader().read(memoryConnection())
    }

    private func helper(_ connection: WarehouseConnection) async throws -> Bool {
        var one = false
        try await connection.stream("SELECT 1") { one = $0.rowCount == 1 }
        return one && !connection.thread.isCurrent
    }

    private actor Reader {
        var rows = 0
        var away = true

        func read(_ connection: WarehouseConnection) async throws {
            try await connection.stream("SELECT * FROM range(100000)") { batch in
                assertIsolated()
                away = away && !connection.thread.isCurrent
                rows += batch.rowCount
            }
            assertIsolated()
            #expect(rows == 100_000 && away)
        }
    }
}
