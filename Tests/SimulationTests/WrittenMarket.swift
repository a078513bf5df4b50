import EngagementModel
import Foundation
import Testing

@testable import Simulation

/// A market that was written and read back once for all tests of the files.
struct WrittenMarket {
    let market: SimulatedMarket
    let tables: [CanonicalTable: CSVDocument]

    static let endDay = Day(year: 2025, month: 12, day: 31)

    /// Large enough for every rule to show, small enough to parse in a moment.
    static let shared = Result { try WrittenMarket(MarketParameters(hcps: 1500, reps: 24, seed: 7, endDay: endDay)) }

    init(_ parameters: MarketParameters) throws {
        market = try SimulatedMarket(parameters)
        let (folder, _) = try WrittenMarket.write(parameters)
        defer { try? FileManager.default.removeItem(at: folder) }
        var tables: [CanonicalTable: CSVDocument] = [:]
        for table in CanonicalTable.allCases {
            tables[table] = try CSVDocument(folder.appending(path: table.rawValue + ".csv"))
        }
        self.tables = tables
    }

    subscript(table: CanonicalTable) -> CSVDocument {
        get throws { try #require(tables[table]) }
    }

    /// Writes into a new temporary folder, which the caller removes.
    static func write(_ parameters: MarketParameters) throws -> (URL, MarketWriter.Summary) {
        let folder = FileManager.default.temporaryDirectory.appending(path: "market-\(UUID().uuidString)")
        return (folder, try MarketWriter(SimulatedMarket(parameters)).write(to: folder))
    }

    static func files(_ folder: URL) throws -> [String: Data] {
        var result: [String: Data] = [:]
        for url in try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil) {
            result[url.lastPathComponent] = try Data(contentsOf: url)
        }
        return result
    }
}
