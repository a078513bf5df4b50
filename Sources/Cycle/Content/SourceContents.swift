internal import Content
internal import EngagementModel
internal import Warehouse

extension SourceContent {
    /// Contents that other systems wrote, as a snapshot knows them: one version each, with its words.
    static func read(_ connection: WarehouseConnection) async throws -> [SourceContent] {
        var bodies: [String: String] = [:]
        let table = try await connection.query(
            "SELECT content_id, coalesce(version, '1') AS version, body FROM canon.content WHERE body IS NOT NULL")
        let (ids, versions, texts) = (
            try table.texts("content_id"), try table.texts("version"), try table.texts("body")
        )
        for row in ids.indices { bodies["\(ids[row])\u{1f}\(versions[row])"] = texts[row] }
        return try await ContentShelf.read(connection).items.map { item in
            SourceContent(
                contentID: item.id, version: item.version, title: item.title ?? item.id,
                body: bodies["\(item.id)\u{1f}\(item.version)"] ?? "", purpose: item.purpose, product: item.product,
                topic: item.topic, format: item.format, channels: item.channels, language: item.language,
                countries: item.countries,
                standing: PartStanding(item.state, approvedOn: item.approved, expiresOn: item.expires))
        }
    }
}
