import EngagementModel
import Foundation
import Yams

@testable import Warehouse

/// A workspace in a temporary folder and a warehouse in memory, for the tests of loading.
final class LoadBench {
    let folder: URL
    var path: String { folder.path }
    let warehouse: Warehouse
    let connection: WarehouseConnection
    let loader: Loader
    var now: Int64 = 1_767_225_600_000_000  // 2026-01-01

    init(database: String? = nil) async throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("load-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: folder.appendingPathComponent("canonical"), withIntermediateDirectories: true)
        warehouse = try Warehouse.open(WarehouseOptions(path: database ?? ":memory:", threads: 2))
        connection = try warehouse.connect()
        loader = Loader(connection, temporaryDirectory: folder.path)
        try await loader.prepare()
    }

    deinit {
        warehouse.close()
        try? FileManager.default.removeItem(at: folder)
    }

    func write(_ name: String, _ text: String) throws { try write(name, Data(text.utf8)) }

    func write(_ name: String, _ text: String, encoding: String.Encoding) throws {
        try write(name, text.data(using: encoding) ?? Data())
    }

    func write(_ name: String, _ data: Data) throws {
        let url = folder.appendingPathComponent(name)
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try data.write(to: url)
    }

    func remove(_ name: String) throws { try FileManager.default.removeItem(at: folder.appendingPathComponent(name)) }

    /// Loads the folder `canonical` and the mappings.
    @discardableResult
    func load(
        _ mappings: [SourceMapping] = [], variables: [String: String] = [:], lag: String = "0d"
    ) async throws -> LoadReport {
        try await loader.load(
            LoadRequest(
                canonicalFolders: ["canonical"], mappings: mappings, variables: variables, baseDirectory: folder.path,
                canonicalLag: Span(lag) ?? Span(seconds: 0), now: now))
    }

    /// Rows as texts, cells joined by `|`, NULL empty.
    func rows(_ sql: String) async throws -> [String] {
        let table = try await connection.query("SELECT CAST(COLUMNS(*) AS VARCHAR) FROM (\(sql)) AS asked")
        let columns = try table.columns.map { try table.strings($0) }
        return (0..<table.rowCount).map { row in columns.map { $0[row] ?? "" }.joined(separator: "|") }
    }

    func asOf(_ day: String) async throws {
        guard let day = Day(day) else { throw Diagnostic("bad_date", "test") }
        try await loader.setClock(asOf: day)
    }

    /// What was set aside: `file:line column code`.
    func rejects() async throws -> [String] {
        try await rows(
            "SELECT file || ':' || line || ' ' || coalesce(column_name, '-') || ' ' || code FROM history.reject "
                + "ORDER BY delivery_no, line, code")
    }

    static func mapping(_ yaml: String) throws -> SourceMapping {
        try YAMLDecoder().decode(SourceMapping.self, from: yaml)
    }

    static func builtIn(_ mapping: BuiltInMapping) throws -> SourceMapping {
        let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let source = url.deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Sources/Warehouse/Mappings/\(mapping.rawValue).yaml")
        let path = mapping.path ?? source.path
        return try Self.mapping(String(contentsOfFile: path, encoding: .utf8))
    }

    static var fixtures: String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures").path
    }
}
