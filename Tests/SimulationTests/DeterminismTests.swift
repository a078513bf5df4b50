import EngagementModel
import Foundation
import Testing

@testable import Simulation

@Suite struct DeterminismTests {
    private func parameters(_ seed: UInt64 = 1, _ change: (inout MarketParameters) -> Void = { _ in })
        -> MarketParameters
    {
        var parameters = MarketParameters(hcps: 300, seed: seed, endDay: Day(year: 2025, month: 9, day: 17))
        change(&parameters)
        return parameters
    }

    private func bytes(_ parameters: MarketParameters) throws -> [String: Data] {
        let (folder, _) = try WrittenMarket.write(parameters)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try WrittenMarket.files(folder)
    }

    @Test func theSameSeedGivesTheSameBytes() throws {
        let first = try bytes(parameters())
        #expect(first.count == CanonicalTable.allCases.count)
        #expect(try bytes(parameters()) == first)
        let other = try bytes(parameters(2))
        #expect(other["interaction.csv"] != first["interaction.csv"])
        #expect(other["hcp.csv"] != first["hcp.csv"])
    }

    @Test func anHCPsHistoryDoesNotDependOnTheOrderOfWork() throws {
        let market = try SimulatedMarket(parameters())
        var reused = HCPHistory()
        for hcp in (0..<300).reversed() {
            market.walk(hcp, into: &reused)
            guard hcp % 60 == 0 else { continue }
            let alone = market.history(of: hcp)
            #expect(alone.touches.map(\.at) == reused.touches.map(\.at))
            #expect(alone.volumes.map(\.value) == reused.volumes.map(\.value))
        }
    }

    @Test func daysThatFollowDoNotChangeWhatWasDelivered() throws {
        let base = try bytes(parameters())
        let longer = try bytes(parameters { $0.deltaDays = 12 })
        for (name, data) in base { #expect(longer[name] == data, "\(name)") }
        #expect(longer.count == base.count + 3 * 12)
        let delta = try #require(longer["interaction-2025-09-18.csv"])
        let file = try CSVDocument(Array(delta))
        #expect(!file.rows.isEmpty)
        let (at, responded) = (file.index("occurred_at"), file.index("responded_at"))
        // New touches of the day, and older ones whose response came on it.
        #expect(file.rows.allSatisfy { $0[at].hasPrefix("2025-09-18") || $0[responded].hasPrefix("2025-09-18") })
        // August becomes known on the 21st of September, with restated figures of July.
        let volume = try CSVDocument(Array(try #require(longer["volume-2025-09-21.csv"])))
        #expect(Set(volume.column("period_start")) == ["2025-08-01", "2025-07-01"])
        #expect(volume.column("known_at").allSatisfy { $0.hasPrefix("2025-09-21") })
        #expect(try CSVDocument(Array(try #require(longer["volume-2025-09-19.csv"]))).rows.isEmpty)
    }

    @Test func allDeliveriesTogetherHoldEveryTouchOnce() throws {
        let files = try bytes(parameters { $0.deltaDays = 5 })
        let market = try SimulatedMarket(parameters { $0.deltaDays = 5 })
        var seen: Set<String> = []
        for (name, data) in files where name.hasPrefix("interaction") {
            let file = try CSVDocument(Array(data))
            let kind = file.index("kind")
            for row in file.rows where row[kind] == "touch" { seen.insert(row[0]) }
        }
        let touches = (0..<300).reduce(0) { $0 + market.history(of: $1).touches.count }
        #expect(seen.count == touches)
    }

    @Test func sizesScale() throws {
        func rows(_ hcps: Int) throws -> [String: Int] {
            let (folder, summary) = try WrittenMarket.write(
                MarketParameters(hcps: hcps, seed: 4, endDay: WrittenMarket.endDay))
            try FileManager.default.removeItem(at: folder)
            return summary.rows
        }
        let (small, large) = (try rows(500), try rows(4000))
        for table in ["interaction", "volume", "consent"] {
            let ratio = Double(large[table] ?? 0) / Double(small[table] ?? 1)
            #expect(ratio > 7 && ratio < 9, "\(table): \(ratio)")
        }
        // About fifty rows an HCP and year.
        let perYear = Double(large["interaction"] ?? 0) / 4000 / 2
        #expect(perYear > 42 && perYear < 58, "\(perYear)")
        #expect(large["rep"] == 24)
    }

    @Test(arguments: [200, 201, 333, 2000, 9000])
    func everyRepAndTerritoryHasWork(hcps: Int) throws {
        let market = try SimulatedMarket(MarketParameters(hcps: hcps, seed: 9, endDay: WrittenMarket.endDay))
        #expect(market.reps == market.parameters.reps)
        let used = Set(market.territories.fieldOf)
        #expect(used.count == market.territories.fieldCount)
        #expect(market.organisations.size.reduce(0) { $0 + Int($1) } == hcps)
        #expect(market.hcps.affinity.count == hcps * 12)
    }

    @Test(arguments: MarketParameters.Kind.allCases)
    func everyKindOfMarketIsWhole(kind: MarketParameters.Kind) throws {
        let written = try WrittenMarket(MarketParameters(hcps: 250, seed: 1, endDay: WrittenMarket.endDay, kind: kind))
        let products = Set(try written[.product].column("kind"))
        #expect(products.contains("drug") == (kind != .medtech))
        #expect(products.contains("device") == (kind != .pharma))
        #expect(try written[.order].rows.isEmpty == (kind == .pharma))
    }

    @Test func parametersOutsideTheirRangeAreRefused() {
        #expect(throws: Diagnostic.self) { try SimulatedMarket(parameters { $0.hcps = 199 }) }
        #expect(throws: Diagnostic.self) { try SimulatedMarket(parameters { $0.reps = 0 }) }
        #expect(throws: Diagnostic.self) { try SimulatedMarket(parameters { $0.countries = [] }) }
        #expect(throws: Diagnostic.self) { try SimulatedMarket(parameters { $0.years = 0 }) }
        #expect(throws: Diagnostic.self) { try SimulatedMarket(parameters { $0.dirt.badDates = 2 }) }
    }

    @Test func dirtBreaksRowsAndOnlyWhenAsked() throws {
        let (folder, _) = try WrittenMarket.write(parameters { $0.dirt = .heavy })
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = try CSVDocument(folder.appending(path: "interaction.csv"))
        let dates = file.column("occurred_at")
        let (bad, unknown) = (
            dates.count { $0.contains("T25:") }, file.column("channel").count { $0 == "carrier_pigeon" }
        )
        let repeated = file.rows.count - Set(file.column("interaction_id")).count
        for count in [bad, unknown, repeated] { #expect(count > 10 && count < 120) }
        let second = try CSVDocument(folder.appending(path: "hcp.csv")).column("hcp_id").count { $0.hasPrefix("X") }
        #expect(second > 4 && second < 40)
        let clean = try CSVDocument(Array(try #require(try bytes(parameters())["interaction.csv"])))
        #expect(clean.column("occurred_at").allSatisfy { !$0.contains("T25:") })
    }

    @Test func theTruthIsWrittenOnlyOnRequest() throws {
        let (folder, _) = try WrittenMarket.write(parameters())
        defer { try? FileManager.default.removeItem(at: folder) }
        let names = Set(try WrittenMarket.files(folder).keys)
        #expect(names == Set(CanonicalTable.allCases.map { $0.rawValue + ".csv" }))
        let truth = folder.appending(path: "truth")
        try MarketWriter(SimulatedMarket(parameters())).writeTruth(to: truth)
        let hcps = try CSVDocument(truth.appending(path: "hcp.csv"))
        #expect(hcps.rows.count == 300)
        #expect(hcps.column("visit_increment").compactMap(Double.init).reduce(0, +) > 0)
        #expect(try CSVDocument(truth.appending(path: "coefficients.csv")).rows.count >= 10)
    }
}
