internal import EngagementModel
package import Foundation

/// Writes what a company would see of a market as canonical files: one HCP after another, so that memory does not
/// grow with the market, and never the truth.
package struct MarketWriter {
    /// What was written.
    package struct Summary: Sendable {
        /// Rows by file name without its extension (`interaction`, `interaction-2026-01-05`, …).
        package var rows: [String: Int] = [:]
        package var bytes = 0
    }

    private let market: SimulatedMarket

    package init(_ market: SimulatedMarket) { self.market = market }

    /// Writes every canonical table into a folder, which is made when it is absent; files of the same names are
    /// replaced. With `deltaDays` in the parameters the days after `endDay` follow as dated files.
    ///
    /// Throws `file_not_writable` and `file_not_written`.
    @discardableResult
    package func write(to folder: URL, progress: ((_ done: Int, _ of: Int) -> Void)? = nil) throws -> Summary {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let files = try FileSet(folder)
        try MasterFiles(market).write(files)
        try OrganisationFiles(market).write(files)
        try RepFiles(market).write(files)
        try MarketingFiles(market).write(files)
        let people = try ProfessionalFiles(market, files)
        let history = try HistoryFiles(market, files)
        let outcomes = try OutcomeFiles(market, files)
        let commerce = try CommerceFiles(market, files)
        var record = HCPHistory()
        var site = -1
        for hcp in 0..<market.hcps.count {
            if Int(market.hcps.site[hcp]) != site {
                if site >= 0 { try commerce.closeSite(site) }
                site = Int(market.hcps.site[hcp])
            }
            market.walk(hcp, into: &record)
            try people.write(hcp)
            try history.write(hcp, record)
            try outcomes.write(hcp, record)
            commerce.add(hcp, record)
            if hcp % 4096 == 4095 { progress?(hcp + 1, market.hcps.count) }
        }
        if site >= 0 { try commerce.closeSite(site) }
        progress?(market.hcps.count, market.hcps.count)
        return try files.close()
    }

    /// Writes the hidden truth, for tests and closed loops: `hcp.csv` and `coefficients.csv`. Never call it with a
    /// folder that a workspace reads.
    package func writeTruth(to folder: URL) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try TruthFiles(market).write(to: folder)
    }
}

/// The open files of one delivery and its deltas.
final class FileSet {
    let folder: URL
    private var open: [(name: String, writer: TableWriter)] = []

    init(_ folder: URL) throws { self.folder = folder }

    /// A new file `<table>.csv`, or `<table>-<day>.csv` for a delta.
    func table(_ table: CanonicalTable, delta: Day? = nil) throws -> TableWriter {
        let name = table.rawValue + (delta.map { "-\($0)" } ?? "")
        let writer = try TableWriter(folder.appending(path: name + ".csv"), columns: table.columns)
        open.append((name, writer))
        return writer
    }

    func close() throws -> MarketWriter.Summary {
        var summary = MarketWriter.Summary()
        for (name, writer) in open {
            try writer.close()
            summary.rows[name] = writer.rows
            summary.bytes += writer.bytes
        }
        return summary
    }
}

/// Instants that every file agrees on.
struct Cut {
    /// Last second of the as-of day, UTC.
    let end: Int64
    /// Last second of each delta day.
    let deltas: [Int64]

    init(_ market: SimulatedMarket) {
        func last(_ day: Day) -> Int64 { Int64(day.number) * 86_400 + 86_399 }
        end = last(market.parameters.endDay)
        let days = market.parameters.deltaDays
        deltas = days == 0 ? [] : (1...days).map { last(market.parameters.endDay + $0) }
    }
}

extension Day {
    /// Six in the morning UTC: when a delivery of that day arrives.
    var delivery: Int64 { Int64(number) * 86_400 + 21_600 }
}
