internal import EngagementModel
internal import Foundation
internal import Warehouse

/// One trigger of the day in the shape of an event that a journey waits for: an id that stays the same while the
/// occasion lasts, a name, whom it is about, what it is about, and attributes.
public struct InsightTrigger: Sendable, Hashable {
    /// The same occasion has the same id in every run: delivering it again changes nothing.
    public var id: String
    /// `insight.need_due`, `insight.prescribing_fall`, `insight.contract_lapse`, …
    public var name: String
    public var hcpID: String
    /// The product, where there is one.
    public var key: String?
    /// `score`, `evidence`, `subject_kind`, `subject_id`.
    public var attributes: [String: String]
}

/// Reads the triggers of the published snapshot.
public struct TriggerBook: Sendable {
    private let workspace: Workspace

    public init(workspace: Workspace) { self.workspace = workspace }

    /// The alarms of the last run that name an HCP and may go to a journey: none that rests on a volume hidden from the
    /// field, none for safety.
    public func alarms() async throws -> [InsightTrigger] {
        guard let current = SnapshotStore(directory: workspace.snapshotDirectory).current else { return [] }
        let warehouse = try Warehouse.open(workspace.warehouseOptions(path: current.path, readOnly: true))
        defer { warehouse.close() }
        let connection = try warehouse.connect()
        guard try await connection.has("insight", "trigger") else { return [] }
        return try await Self.alarms(connection)
    }

    static func alarms(_ connection: WarehouseConnection) async throws -> [InsightTrigger] {
        let table = try await connection.query(
            """
            SELECT trigger_id, kind, hcp_id, product_id, subject_kind, subject_id, score, evidence FROM insight.trigger
            WHERE alarm AND audience = 'all' AND hcp_id IS NOT NULL ORDER BY trigger_id
            """)
        let (ids, kinds) = (try table.texts("trigger_id"), try table.texts("kind"))
        let (hcps, products) = (try table.texts("hcp_id"), try table.strings("product_id"))
        let (subjectKinds, subjects) = (try table.texts("subject_kind"), try table.texts("subject_id"))
        let (scores, evidence) = (try table.doubles("score"), try table.texts("evidence"))
        return ids.indices.map {
            InsightTrigger(
                id: "trigger:" + ids[$0], name: "insight." + kinds[$0], hcpID: hcps[$0], key: products[$0],
                attributes: [
                    "score": String(format: "%.3f", scores[$0]), "evidence": evidence[$0],
                    "subject_kind": subjectKinds[$0], "subject_id": subjects[$0],
                ])
        }
    }
}
