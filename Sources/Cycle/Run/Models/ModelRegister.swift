internal import Decisioning
internal import EngagementModel
internal import Ledger
internal import Warehouse

/// Which response models a workspace learns, and which of them plans.
///
/// The champion lies in the snapshot as `response`: everything that plans, answers and explains reads that name. The
/// others lie beside it as `response of NAME`. A release is a setting of the ledger, with its audit; the next run
/// exchanges the names.
enum ModelRegister {
    /// The model that every workspace has.
    static let champion = "standard"
    static let setting = "model.champion"

    /// The released model; one that `models.yaml` no longer names falls back to the standard one.
    static func released(_ workspace: Workspace, _ ledger: Ledger) async throws -> String {
        guard let name = try await ledger.setting(setting),
            workspace.challengers.contains(where: { $0.name == name && $0.kind == .online })
        else { return champion }
        return name
    }

    /// Every model that learns on its own: the standard one and those of `models.yaml`.
    static func models(_ workspace: Workspace) -> [Challenger] {
        [Challenger(name: champion, kind: .online)] + workspace.challengers
    }

    /// Makes `response` the bytes of the released model, when another was there.
    static func exchange(_ released: String, _ connection: WarehouseConnection) async throws {
        try await ModelStore.prepare(connection)
        let holder = try await holder(connection)
        guard holder != released else { return }
        try await connection.transaction { connection in
            try await connection.execute(
                "UPDATE history.model SET name = ? WHERE name = 'response'", [.text("response of \(holder)")])
            try await connection.execute(
                "UPDATE history.model SET name = 'response' WHERE name = ?", [.text("response of \(released)")])
            try await connection.execute("DELETE FROM history.model WHERE name = 'champion'")
            try await connection.execute(
                "INSERT INTO history.model (name, version) VALUES ('champion', ?)", [.text(released)])
        }
    }

    /// Whose bytes `response` holds.
    static func holder(_ connection: WarehouseConnection) async throws -> String {
        try await connection.query("SELECT version FROM history.model WHERE name = 'champion'").texts("version").first
            ?? champion
    }

    /// The name under which a model lies while another plans.
    static func stored(_ name: String, released: String) -> String {
        name == released ? "response" : "response of \(name)"
    }
}
