import Foundation
import Testing

@testable import Warehouse

@Suite struct ADBCBenchmarkTests {
    @Test func viewsOfColumnsCostNextToNothingBesideTheDriver() async throws {
        let path = FileManager.default.temporaryDirectory.path + "/adbc-bench-\(UUID().uuidString).duckdb"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let result = try await WarehouseBenchmark.columnsOverADBC(rows: 10_000_000, path: path)
        print(result.share, result.sumShare)
        #expect(result.isWithoutCopy)
    }
}
