import Testing

@testable import Warehouse

@Suite struct ADBCBenchmarkTests {
    /// `script/bench` measures the speed; here only what cannot depend on the machine is held.
    @Test func theBenchmarkReadsTheDriversOwnBuffers() async throws {
        try await withDatabasePath { path in
            let result = try await WarehouseBenchmark.columnsOverADBC(rows: 500_000, path: path, repeats: 5)
            #expect(result.isWithoutCopy && result.isApart)
            #expect(result.rows == 500_000)
        }
    }
}
