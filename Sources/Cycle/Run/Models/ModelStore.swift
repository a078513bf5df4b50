internal import EngagementModel
internal import Warehouse

/// Models live in the snapshot that they were learnt in: a run that dies leaves the published model untouched, and a
/// snapshot always holds the model that made its plan.
enum ModelStore {
    static func prepare(_ connection: WarehouseConnection) async throws {
        try await connection.execute(
            "CREATE TABLE IF NOT EXISTS history.model (name VARCHAR, version VARCHAR, as_of DATE, learned_until TIMESTAMP, bytes BLOB)"
        )
    }

    /// The stored bytes of a model, of any version or of the one named; nil when there is none.
    static func bytes(
        _ name: String, version: String? = nil, _ connection: WarehouseConnection
    ) async throws -> [UInt8]? {
        try await prepare(connection)
        return try await read(name, version: version, connection)
    }

    /// The same from a published snapshot, which nobody writes to.
    static func read(
        _ name: String, version: String? = nil, _ connection: WarehouseConnection
    ) async throws -> [UInt8]? {
        let table = try await connection.query(
            "SELECT bytes FROM history.model WHERE name = ? AND version = coalesce(?, version)",
            [.text(name), version.map(SQLValue.text) ?? .null])
        return try table.binaries("bytes").first ?? nil
    }

    static func save(
        _ name: String, version: String, asOf: Day, bytes: [UInt8], _ connection: WarehouseConnection
    ) async throws {
        try await prepare(connection)
        try await connection.transaction { connection in
            try await connection.execute("DELETE FROM history.model WHERE name = ?", [.text(name)])
            try await connection.ingest(
                ColumnSet([
                    ("name", .text([name])), ("version", .text([version])), ("as_of", .day([asOf])),
                    ("learned_until", .optionalTimestamp([nil])), ("bytes", .bytes([bytes])),
                ]), into: "history.model", mode: .append)
        }
    }
}
