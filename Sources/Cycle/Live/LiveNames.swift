internal import EngagementModel
internal import Warehouse

/// From what a caller knows of an HCP to its number.
struct LiveNames: Sendable {
    private let byID: [String: Int32]
    private let byNPI: [String: Int32]
    /// Lower case; −1 = more than one HCP has it.
    private let byEmail: [String: Int32]
    /// Zone of each HCP, nil = none on file.
    let zones: [String?]

    static func read(_ connection: WarehouseConnection, hcpIDs: [String]) async throws -> LiveNames {
        let table = try await connection.query("SELECT hcp_no, npi, email, timezone FROM mart.hcp ORDER BY hcp_no")
        let (npis, emails) = (try table.strings("npi"), try table.strings("email"))
        var byID: [String: Int32] = [:]
        var byNPI: [String: Int32] = [:]
        var byEmail: [String: Int32] = [:]
        byID.reserveCapacity(hcpIDs.count)
        for (number, id) in hcpIDs.enumerated() { byID[id] = Int32(number) }
        for (number, npi) in npis.enumerated() {
            if let npi { byNPI[npi] = byNPI[npi] == nil ? Int32(number) : -1 }
        }
        for (number, email) in emails.enumerated() {
            if let key = email?.lowercased() { byEmail[key] = byEmail[key] == nil ? Int32(number) : -1 }
        }
        return LiveNames(byID: byID, byNPI: byNPI, byEmail: byEmail, zones: try table.strings("timezone"))
    }

    /// - Throws: `unknown_hcp`, `ambiguous_identifier`.
    func number(of identifier: LiveRequest.Identifier) throws -> Int {
        let found: Int32? =
            switch identifier {
            case .hcp(let id): byID[id]
            case .npi(let npi): byNPI[npi]
            case .email(let address): byEmail[address.lowercased()]
            }
        guard let found else { throw Diagnostic("unknown_hcp", "The plan knows no such HCP.") }
        guard found >= 0 else {
            throw Diagnostic(
                "ambiguous_identifier", "More than one HCP has this identifier.", remedy: "ask with hcp_id")
        }
        return Int(found)
    }

    func number(ofID id: String) -> Int32? { byID[id] }
}
