import EngagementModel
import Synchronization
import Warehouse

/// What lists show of one HCP; the same for everybody who may see the HCP.
struct HCPCard: Sendable {
    var hcpNo: Int32
    var label: HCPLabel
    var country: String?
    var consents: [ConsentRow] = []
}

/// Cards that were read, kept while the snapshot lives.
final class CardCache: Sendable {
    /// Enough for some hundred reps; about a kilobyte each.
    private let limit = 50_000
    private let cards = Mutex<[Int32: HCPCard]>([:])

    func known(_ numbers: [Int32]) -> [Int32: HCPCard] {
        cards.withLock { cards in
            Dictionary(numbers.compactMap { n in cards[n].map { (n, $0) } }, uniquingKeysWith: { a, _ in a })
        }
    }

    func keep(_ new: [Int32: HCPCard]) {
        cards.withLock { cards in
            if cards.count + new.count > limit { cards.removeAll(keepingCapacity: true) }
            cards.merge(new) { _, later in later }
        }
    }
}

extension Snapshot {
    /// Cards by identifier; identifiers that the snapshot does not know are left out.
    func cards(of identifiers: [String]) async throws -> [String: HCPCard] {
        let wanted = Set(identifiers)
        let numbers = wanted.flatMap { Array(facts.hcps.candidates($0)) }
        var found = cards.known(numbers)
        let missing = numbers.filter { found[$0] == nil }.sorted()
        if !missing.isEmpty {
            let read = try await readCards(missing)
            cards.keep(read)
            found.merge(read) { a, _ in a }
        }
        return Dictionary(
            found.values.lazy.filter { wanted.contains($0.label.hcpID) }.map { ($0.label.hcpID, $0) },
            uniquingKeysWith: { a, _ in a })
    }

    /// The card of one HCP; nil when there is no such HCP.
    func card(of identifier: String) async throws -> HCPCard? { try await cards(of: [identifier])[identifier] }

    private func readCards(_ numbers: [Int32]) async throws -> [Int32: HCPCard] {
        let list = SQLValue.text(numbers.map(String.init).joined(separator: ","))
        guard let labels = try await rows("hcp-labels", [list]) else { return [:] }
        var cards: [Int32: HCPCard] = [:]
        let (nos, ids) = (try labels.int32s("hcp_no"), try labels.texts("hcp_id"))
        let (firsts, lasts) = (try labels.strings("first_name"), try labels.strings("last_name"))
        let (credentials, specialties) = (try labels.strings("credential"), try labels.strings("specialty"))
        let (sites, cities) = (try labels.strings("hco_name"), try labels.strings("city"))
        let countries = try labels.strings("country")
        for row in nos.indices {
            let name = HCPLabel.name(first: firsts[row], last: lasts[row], credential: credentials[row])
            cards[nos[row]] = HCPCard(
                hcpNo: nos[row],
                label: HCPLabel(
                    hcpID: ids[row], name: name, specialty: specialties[row], site: sites[row], city: cities[row]),
                country: countries[row])
        }
        try await addConsents(&cards, list)
        return cards
    }

    private func addConsents(_ cards: inout [Int32: HCPCard], _ list: SQLValue) async throws {
        guard let table = try await rows("hcp-consents", [list]) else { return }
        let nos = try table.int32s("hcp_no")
        for (no, row) in zip(nos, try ConsentRow.read(table)) { if let row { cards[no]?.consents.append(row) } }
    }
}

extension ConsentRow {
    /// One entry a row of `hcp-consents`; nil for spellings that the field does not know.
    static func read(_ table: ArrowTable) throws -> [ConsentRow?] {
        let (channels, purposes) = (try table.texts("channel"), try table.texts("purpose"))
        let (products, statuses) = (try table.strings("product_id"), try table.texts("status"))
        let bases = try table.strings("basis")
        let (from, until) = (try table.days("captured_day"), try table.days("expires_day"))
        return channels.indices.map { row in
            guard let channel = Channel(rawValue: channels[row]), let purpose = Purpose(rawValue: purposes[row]),
                let status = ConsentStatus(rawValue: statuses[row])
            else { return nil }
            let product = products[row].flatMap { $0.isEmpty ? nil : $0 }
            return ConsentRow(
                channel: channel, purpose: purpose, product: product, status: status,
                basis: bases[row].flatMap(ConsentBasis.init(rawValue:)), capturedAt: from[row], expiresAt: until[row])
        }
    }
}
