import Testing

@testable import Warehouse

@Suite struct ADBCBenchmarkTests {
    /// Small and lenient, since tests run side by side; `script/bench` measures the real figure.
    @Test func typedColumnsComeAtTheDriversSpeedWithoutACopy() async throws {
        try await withDatabasePath { path in
            let result = try await WarehouseBenchmark.columnsOverADBC(rows: 500_000, path: path, repeats: 5)
            #expect(result.isWithoutCopy && result.isApart)
            #expect(result.share > 0.2)
        }
    }
}
