internal import Decisioning
internal import EngagementModel
internal import Ledger
internal import Warehouse

/// The contents as known on the as-of day, and their numbers.
struct ContentShelf: Sendable {
    struct Item: Sendable {
        var id: String
        var version: String
        var title: String?
        var topic: String?
        var format: String?
        var product: String?
        var purpose: Purpose
        var audience: String?
        var channels: Set<Channel>
        var language: String?
        var countries: Set<String>
        var state: MLRState
        /// First and last day on which it may be sent; nil = open.
        var approved: Day?
        var expires: Day?
        /// What review says where the content is written in `content/`, by language; then nothing above counts that an
        /// edition has too. nil = the sources' word is the word.
        var editions: [ContentEdition]?

        /// The first day on which one of its approvals ends; nil = none does.
        var ends: Day? { editions.map { $0.compactMap(\.approval.expiresOn).min() } ?? expires }
    }

    var items: [Item] = []
    var ids = Interner()
    var columns = ContentColumns()

    static func read(_ connection: WarehouseConnection) async throws -> ContentShelf {
        let table = try await connection.query(
            """
            SELECT content_id, coalesce(version, '1') AS version, title, topic, format, product_id, purpose, audience, channels, language, countries, mlr_state,
              CAST(approved_at AS DATE) AS approved, CAST(expires_at AS DATE) AS expires
            FROM mart.content ORDER BY content_id
            """)
        var shelf = ContentShelf()
        let ids = try table.texts("content_id")
        let versions = try table.texts("version")
        let titles = try table.strings("title")
        let topics = try table.strings("topic")
        let formats = try table.strings("format")
        let products = try table.strings("product_id")
        let purposes = try table.strings("purpose")
        let audiences = try table.strings("audience")
        let channels = try table.strings("channels")
        let languages = try table.strings("language")
        let countries = try table.strings("countries")
        let states = try table.strings("mlr_state")
        let approved = try table.days("approved")
        let expires = try table.days("expires")
        var topicNames = Interner()
        var formatNames = Interner()
        var columns = ContentColumns()
        for i in ids.indices {
            _ = shelf.ids.number(of: ids[i])
            shelf.items.append(
                Item(
                    id: ids[i], version: versions[i], title: titles[i], topic: topics[i], format: formats[i],
                    product: products[i],
                    purpose: purposes[i].flatMap(Purpose.init(rawValue:)) ?? .promotional, audience: audiences[i],
                    channels: Set(list(channels[i]).compactMap(Channel.init(rawValue:))), language: languages[i],
                    countries: Set(list(countries[i])),
                    state: states[i].flatMap { MLRState(vendor: $0) } ?? .draft, approved: approved[i],
                    expires: expires[i]))
            columns.ids.append(ids[i])
            columns.topic.append(topicNames.optional(topics[i]))
            columns.format.append(formatNames.optional(formats[i]))
        }
        shelf.take(try await ContentEdition.read(connection))
        columns.topicNames = topicNames.names
        columns.formatNames = formatNames.names
        shelf.columns = columns
        return shelf
    }

    /// Takes over what review says now about contents that are written in `content/`.
    mutating func take(_ editions: [ContentEdition]) {
        for place in items.indices { items[place].editions = nil }
        for edition in editions {
            let place = ids.known(edition.approval.contentID)
            guard place >= 0 else { continue }
            items[Int(place)].editions = (items[Int(place)].editions ?? []) + [edition]
            items[Int(place)].purpose = edition.approval.purpose
        }
    }

    private static func list(_ text: String?) -> [String] {
        (text ?? "").split(separator: ";").map { String($0.filter { $0 != " " }) }
    }
}
