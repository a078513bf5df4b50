import EngagementModel
import Ledger
import Synchronization
import Warehouse
import Words

/// Whose consent a page is about, as far as the person may see the HCP.
struct ConsentSubject: Sendable {
    var label: HCPLabel
    var country: String?
    var language: String?
    var market: String?
    var email: String?
    var phone: String?
}

/// Reads what the consent page shows.
struct ConsentReads: Sendable {
    let context: ServerContext
    let snapshot: Snapshot
    let identity: Identity

    /// nil when there is no such HCP, or it is not this person's to see: the two are not told apart.
    func subject(_ hcpID: String) async throws -> ConsentSubject? {
        for number in snapshot.facts.hcps.candidates(hcpID) {
            guard let table = try await snapshot.rows("hcp-record", [.int(Int64(number))]), table.rowCount > 0 else {
                continue
            }
            let names = Set(table.schema.names)
            func text(_ name: String) throws -> String? { names.contains(name) ? try table.strings(name)[0] : nil }
            guard try text("hcp_id") == hcpID else { continue }
            let reps = try await snapshot.rows("hcp-reps", [.int(Int64(number))])?.texts("rep_id") ?? []
            guard Scope(identity, facts: snapshot.facts).allows(anyOf: reps) else { return nil }
            // Known to the warehouse and gone from the ledger: the person was erased since the last run.
            guard let recipient = try await context.ledger.recipient(hcpID) else { return nil }
            let country = try text("country") ?? recipient.country
            return ConsentSubject(
                label: HCPLabel(
                    hcpID: hcpID,
                    name: HCPLabel.name(
                        first: try text("first_name"), last: try text("last_name"), credential: try text("credential")),
                    specialty: try text("specialty"), site: try text("hco_name"), city: try text("city")),
                country: country, language: recipient.language,
                market: country.flatMap { context.markets[$0]?.code }, email: try text("email"),
                phone: try text("phone"))
        }
        return nil
    }

    /// Everything that was ever recorded, the newest first.
    func history(_ hcpID: String) async throws -> [ConsentRecord] {
        let records = Mutex<[ConsentRecord]>([])
        try await context.ledger.exportConsents(ofHCP: hcpID) { record in records.withLock { $0.append(record) } }
        return records.withLock { $0 }.sorted { ($0.recordedAt, $0.number) > ($1.recordedAt, $1.number) }
    }

    /// Ways that the market allows at all, in the order of the preference centre.
    func channels(_ subject: ConsentSubject) -> [Channel] {
        Channel.allCases.filter { context.consentRule($0, country: subject.country).map { $0 != .denied } ?? false }
    }

    /// Medical people take no consent to advertising.
    var purposes: [Purpose] { PublicWords.asked.filter { identity.role != .msl || $0 != .promotional } }

    /// By name.
    var products: [(id: String, name: String)] {
        snapshot.facts.brands.map { (id: $0.key, name: $0.value) }.sorted { ($0.name, $0.id) < ($1.name, $1.id) }
    }
}
