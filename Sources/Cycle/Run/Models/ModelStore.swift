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

    /// Keeps the bytes of released trees with the plan that they made, under the model's name: the trees that are learnt
    /// every run lie apart. nil = the online model made the plan, or the rules did.
    static func savePlanner(
        _ planner: (name: String, version: String, bytes: [UInt8])?, asOf: Day, _ connection: WarehouseConnection
    ) async throws {
        try await prepare(connection)
        try await connection.execute("DELETE FROM history.model WHERE starts_with(name, '\(plannerPrefix)')")
        guard let planner else { return }
        try await save(
            plannerPrefix + planner.name, version: planner.version, asOf: asOf, bytes: planner.bytes, connection)
    }

    /// The trees that made the plan of a snapshot or record; nil when it was the online model, or the rules.
    static func planner(_ connection: WarehouseConnection) async throws -> (name: String, bytes: [UInt8])? {
        let table = try await connection.query(
            "SELECT name, bytes FROM history.model WHERE starts_with(name, '\(plannerPrefix)')")
        guard table.rowCount > 0, let bytes = try table.binaries("bytes")[0] else { return nil }
        return (String(try table.texts("name")[0].dropFirst(plannerPrefix.count)), bytes)
    }

    private static let plannerPrefix = "planner "

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
