import Content
import EngagementModel
import Warehouse

/// What the content pages need from a snapshot: contents of the sources, where contents are used, and a reader's facts.
struct ContentReads: Sendable {
    let snapshot: Snapshot?

    struct Use: Sendable, Hashable {
        var touches: Int
        var hcps: Int
    }

    func uses() async throws -> [String: Use] {
        guard let table = try await snapshot?.rows("content-uses") else { return [:] }
        let (ids, touches) = (try table.texts("content_id"), try table.int64s("touches"))
        let hcps = try table.int64s("hcps")
        return Dictionary(
            ids.indices.map { (ids[$0], Use(touches: Int(touches[$0]), hcps: Int(hcps[$0]))) }, uniquingKeysWith: { $1 }
        )
    }

    /// Contents as the sources deliver them.
    func sources() async throws -> [SourceContent] {
        guard let table = try await snapshot?.rows("content-shelf") else { return [] }
        let bodies = try await self.bodies()
        let (ids, versions, titles) = (
            try table.texts("content_id"), try table.texts("version"), try table.texts("title")
        )
        let (purposes, products) = (try table.strings("purpose"), try table.strings("product_id"))
        let (topics, formats) = (try table.strings("topic"), try table.strings("format"))
        let (channels, languages) = (try table.strings("channels"), try table.strings("language"))
        let (countries, states) = (try table.strings("countries"), try table.strings("mlr_state"))
        let (approved, expires) = (try table.days("approved"), try table.days("expires"))
        func list(_ text: String?) -> [String] { (text ?? "").split(separator: ";").map { $0.filter { $0 != " " } } }
        return ids.indices.map { row in
            SourceContent(
                contentID: ids[row], version: versions[row], title: titles[row],
                body: bodies["\(ids[row])\u{1f}\(versions[row])"] ?? "",
                purpose: purposes[row].flatMap(Purpose.init(rawValue:)) ?? .promotional, product: products[row],
                topic: topics[row], format: formats[row],
                channels: Set(list(channels[row]).compactMap(Channel.init(rawValue:))), language: languages[row],
                countries: Set(list(countries[row])),
                standing: PartStanding(
                    states[row].flatMap { MLRState(vendor: $0) } ?? .draft,
                    approvedOn: approved[row], expiresOn: expires[row]))
        }
    }

    private func bodies() async throws -> [String: String] {
        guard let table = try await snapshot?.rows("content-bodies") else { return [:] }
        let (ids, versions) = (try table.texts("content_id"), try table.texts("version"))
        let bodies = try table.texts("body")
        return Dictionary(
            ids.indices.map { ("\(ids[$0])\u{1f}\(versions[$0])", bodies[$0]) }, uniquingKeysWith: { $1 })
    }

    struct Person: Sendable {
        var hcpID: String
        var label: String
        var reader: Content.Reader
        var name: ReaderName
    }

    /// A reader by id; nil when nobody has it.
    func person(_ hcpID: String) async throws -> Person? {
        guard let snapshot else { return nil }
        for number in snapshot.facts.hcps.candidates(hcpID) {
            guard let table = try await snapshot.rows("hcp-record", [.int(Int64(number))]), table.rowCount > 0 else {
                continue
            }
            let names = Set(table.schema.names)
            func text(_ name: String) throws -> String? { names.contains(name) ? try table.strings(name)[0] : nil }
            guard try text("hcp_id") == hcpID else { continue }
            let (first, last, credential) = (try text("first_name"), try text("last_name"), try text("credential"))
            let country = try text("country") ?? ""
            let reader = Content.Reader(
                language: try text("language") ?? "en", country: country, specialty: try text("specialty"),
                stakeholder: try text("stakeholder").flatMap(Stakeholder.init(rawValue:)) ?? .clinical)
            let name = ReaderName(
                first: first, last: last, credential: credential, site: try text("hco_name"), city: try text("city"))
            return Person(
                hcpID: hcpID, label: HCPLabel.name(first: first, last: last, credential: credential), reader: reader,
                name: name)
        }
        return nil
    }
}
