internal import Decisioning
internal import EngagementModel
internal import Ledger
internal import Warehouse

/// Which response models a workspace learns, and which of them plans.
///
/// The online champion lies in the snapshot as `response`: it is what live moments move by, and it plans unless trees are
/// released. The others lie beside it as `response of NAME`, released trees too; what made a plan is kept with it
/// (`ModelStore.planner`). A release is a setting of the ledger, with its audit; the next run exchanges the names.
enum ModelRegister {
    /// The model that every workspace has.
    static let champion = "standard"
    static let setting = "model.champion"

    /// The released model; one that `models.yaml` no longer names falls back to the standard one.
    static func released(_ workspace: Workspace, _ ledger: Ledger) async throws -> String {
        guard let name = try await ledger.setting(setting),
            workspace.challengers.contains(where: { $0.name == name })
        else { return champion }
        return name
    }

    /// The online model that is learnt as `response`: the released one, or beside released trees the standard one.
    static func online(_ released: String, _ workspace: Workspace) -> String {
        trees(released, workspace) == nil ? released : champion
    }

    /// The released model, where it is of trees.
    static func trees(_ released: String, _ workspace: Workspace) -> Challenger? {
        workspace.challengers.first { $0.name == released && $0.kind == .lightgbm }
    }

    /// Every model that learns on its own: the standard one and those of `models.yaml`.
    static func models(_ workspace: Workspace) -> [Challenger] {
        [Challenger(name: champion, kind: .online)] + workspace.challengers
    }

    /// Makes `response` the bytes of an online model, when another was there.
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

    /// Who made the plan of a snapshot or record.
    static func planned(_ connection: WarehouseConnection) async throws -> String {
        if let trees = try await ModelStore.planner(connection) { return trees.name }
        return try await holder(connection)
    }

    /// The name under which a model lies while another is `response`.
    static func stored(_ name: String, released: String) -> String {
        name == released ? "response" : "response of \(name)"
    }
}
