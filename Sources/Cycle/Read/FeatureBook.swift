internal import EngagementModel
public import Foundation
internal import Warehouse

/// Features and models of the published snapshot for the next analysis: one Parquet file a table, and the catalogue.
///
/// The same tables can be read in place: `state/warehouse/current` is a DuckDB file that no run writes to.
public struct FeatureBook: Sendable {
    private let workspace: Workspace

    public init(workspace: Workspace) { self.workspace = workspace }

    /// Tables of features; one that speaks of an HCP's own volumes leaves out those whom a data right hides.
    private static let tables: [(name: String, hides: String?)] = [
        ("mart.feature_hcp", nil), ("mart.feature_hcp_channel", nil), ("mart.feature_hcp_topic", nil),
        ("mart.feature_hcp_hour", nil), ("insight.need", "hcp_no"), ("insight.change", "hcp_no"),
        ("insight.replenish", nil), ("insight.lapse", nil), ("insight.segment", nil), ("insight.hcp_segment", nil),
        ("insight.influence", nil), ("insight.tie", nil), ("insight.target", nil), ("insight.trigger", nil),
        ("catalogue.feature", nil),
    ]

    /// Writes the tables to a folder as `insight.need.parquet`, …
    ///
    /// - Returns: the files with their rows, in order.
    /// - Throws: `no_snapshot` before the first run.
    public func export(to folder: URL) async throws -> [(file: String, rows: Int64)] {
        guard let current = SnapshotStore(directory: workspace.snapshotDirectory).current else {
            throw Diagnostic("no_snapshot", "nothing has been published yet", remedy: "run `rapport run` first")
        }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let warehouse = try Warehouse.open(workspace.warehouseOptions(path: current.path, readOnly: true))
        defer { warehouse.close() }
        let connection = try warehouse.connect()
        var written: [(file: String, rows: Int64)] = []
        for (name, hides) in Self.tables {
            let parts = name.split(separator: ".").map(String.init)
            guard try await connection.has(parts[0], parts[1]) else { continue }
            var query = "SELECT t.* FROM \(name) AS t"
            if let hides {
                query +=
                    " WHERE t.\(hides) IS NULL OR t.\(hides) NOT IN (SELECT hcp_no FROM mart.hcp WHERE hides_volume)"
            } else if name == "insight.trigger" {
                query += " WHERE t.audience = 'all'"
            }
            let file = "\(name).parquet"
            let path = folder.appending(path: file).path
            let rows = try await connection.query("SELECT count(*) AS n FROM (\(query)) AS q").int64s("n")[0]
            try await connection.execute(
                "COPY (\(query)) TO \(SQLText.literal(path)) (FORMAT parquet, COMPRESSION zstd)")
            written.append((file, rows))
        }
        return written
    }
}
