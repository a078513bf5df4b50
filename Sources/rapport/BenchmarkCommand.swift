import ArgumentParser
import Decisioning
import EngagementModel
import Foundation
import Warehouse

/// Single figures for `script/bench`; each prints one JSON document.
struct Benchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Measure a part of Rapport by itself (used by script/bench).")

    enum Part: String, ExpressibleByArgument, CaseIterable { case adbc, plan, grid, interactions }

    @Argument(help: "adbc, plan, grid, or interactions (writes a file to load).") var part: Part
    @Option(help: "Rows, or HCPs for plan and grid.") var rows = 10_000_000
    @Option(help: "The plan's instance: standard, clones, two-visits or one-visit.") var instance = "standard"
    @Option(help: "The file that interactions writes.") var out: String?

    func run() async throws {
        switch part {
        case .adbc: try await columns()
        case .plan: try await plan()
        case .grid: try grid()
        case .interactions: try await interactions()
        }
    }

    private struct Columns: Encodable {
        var rows: Int
        var driverSeconds: Double
        var columnsSeconds: Double
        var shareOfDriver: Double
        var shareOfDriverSumming: Double
        var withoutCopy: Bool
    }

    private func columns() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "rapport-bench-\(UUID().uuidString).duckdb")
        defer { try? FileManager.default.removeItem(at: file) }
        let result = try await WarehouseBenchmark.columnsOverADBC(rows: rows, path: file.path)
        try Console.json(
            Columns(
                rows: result.rows, driverSeconds: result.driverSeconds, columnsSeconds: result.columnsSeconds,
                shareOfDriver: result.share, shareOfDriverSumming: result.sumShare,
                withoutCopy: result.isWithoutCopy))
    }

    private struct Planned: Encodable {
        var hcps: Int
        var seconds: Double
        var cpuSeconds: Double
        var gap: Double
        var sweeps: Int
        var touches: Int
        var violations: Int
        var peakMiB: Double
    }

    private func plan() async throws {
        let hcps = min(rows, 1_000_000)
        guard let instance = PlanBenchmark.instance(instance, hcps: hcps) else {
            throw ValidationError("--instance takes standard, clones, two-visits or one-visit")
        }
        let figures = try PlanBenchmark.run(instance)
        try Console.json(
            Planned(
                hcps: hcps, seconds: figures.seconds, cpuSeconds: figures.cpuSeconds, gap: figures.plan.gap,
                sweeps: figures.plan.sweeps,
                touches: figures.plan.touches, violations: figures.plan.violations, peakMiB: figures.peakMiB))
    }

    private struct Grid: Encodable {
        var hcps: Int
        var seconds: Double
        var fillSeconds: Double
        var gap: Double
        var violations: Int
        var peakMiB: Double
    }

    /// One touch each of 24 for many HCPs.
    private func grid() throws {
        let figures = GridBenchmark.run(groups: rows)
        var usage = rusage()
        // RUSAGE_SELF is 0 everywhere; Glibc declares it as a type of its own. Linux counts KiB.
        _ = getrusage(.init(0), &usage)
        try Console.json(
            Grid(
                hcps: figures.groups, seconds: figures.solveSeconds, fillSeconds: figures.fillSeconds,
                gap: figures.gap, violations: figures.violations, peakMiB: Double(usage.ru_maxrss) / 1024))
    }

    /// Rows of a plausible interaction file, all keys distinct.
    private func interactions() async throws {
        guard let out else { throw ValidationError("interactions needs --out FILE") }
        let connection = try Warehouse.open(WarehouseOptions()).connect()
        try await connection.execute(
            """
            COPY (
              SELECT 'I' || lpad(CAST(i AS VARCHAR), 9, '0') AS interaction_id, 'H' || (hash(i) % 100000) AS hcp_id,
                strftime(TIMESTAMP '2024-06-01' + to_seconds(CAST(i * 6 AS BIGINT)), '%Y-%m-%dT%H:%M:%SZ') AS occurred_at,
                list_extract(['in_person', 'email', 'email_rep', 'phone', 'portal', 'webinar'], CAST(i % 6 + 1 AS INTEGER)) AS channel,
                CASE WHEN i % 6 = 4 THEN 'pull' ELSE 'push' END AS direction, 'promotional' AS purpose, 'touch' AS kind,
                CASE WHEN i % 6 IN (0, 2, 3) THEN 'R' || (i % 600) END AS rep_id, 'C' || (i % 40) AS content_id, 'P' || (i % 4) AS product_id,
                CASE WHEN i % 6 = 4 THEN NULL ELSE 'delivered' END AS status,
                list_extract(['none', 'reached', 'engaged'], CAST(hash(i) % 3 + 1 AS INTEGER)) AS response
              FROM range(\(rows)) AS r(i)
            ) TO \(SQLText.literal(out)) (FORMAT csv, HEADER)
            """)
    }
}
