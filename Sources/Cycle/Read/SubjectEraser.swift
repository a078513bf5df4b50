internal import EngagementModel
internal import Foundation
internal import Ledger
internal import Warehouse

/// Takes a person out of Rapport (GDPR article 17): at once out of the ledger, with the next run out of the warehouse.
public struct SubjectEraser: Sendable {
    private let workspace: Workspace
    private let now: @Sendable () -> Int64

    public init(workspace: Workspace, now: @escaping @Sendable () -> Int64) {
        self.workspace = workspace
        self.now = now
    }

    /// What an erasure changed; names nobody.
    public struct Outcome: Sendable, Codable {
        /// What stands for the person in the rows that stay.
        public var pseudonym: String
        public var consents: Int
        public var contacts: Int
        public var decisions: Int
        public var notes: Int
        public var events: Int
        /// Digests that stay, so that nothing brings the person back.
        public var suppressions: Int
        /// Open safety reports that keep their words and their reporter until they are settled.
        public var heldReports: Int

        /// Nothing but the id was found: most likely it is mistyped.
        public var isOfNobodyKnown: Bool { consents + contacts + decisions + notes + events == 0 && suppressions <= 1 }
    }

    /// - Parameters:
    ///   - hcpID: as `rapport decisions` prints it. Somebody whom the snapshot does not know is erased by the id alone.
    ///   - login: who answers for it; nil = whoever may run the command.
    public func erase(_ hcpID: String, by login: String?) async throws -> Outcome {
        let ledger = try workspace.openLedger(now: now)
        defer { try? ledger.close() }
        var principal = Principal(id: "command")
        if let login {
            guard let user = try await ledger.user(login: login) else {
                throw Diagnostic("unknown_login", "nobody signs in as \(login)", remedy: "see `rapport user list`")
            }
            guard user.role == .compliance || user.role == .admin else {
                throw Diagnostic("not_allowed", "compliance and administrators erase people")
            }
            principal = user.principal
        }
        let (addresses, identifiers) = try await known(hcpID)
        let report = try await ledger.eraseSubject(
            hcpID, addresses: addresses, identifiers: identifiers, by: principal)
        return Outcome(
            pseudonym: report.pseudonym, consents: report.consents, contacts: report.contacts,
            decisions: report.decisions, notes: report.notes, events: report.events,
            suppressions: report.suppressions, heldReports: report.heldReports)
    }

    /// Every address and every name that the sources have for the person.
    private func known(
        _ hcpID: String
    ) async throws -> (addresses: [(channel: Channel, address: String)], identifiers: [(scheme: String, value: String)])
    {
        guard let file = SnapshotStore(directory: workspace.snapshotDirectory).current else { return ([], []) }
        let warehouse = try Warehouse.open(workspace.warehouseOptions(path: file.path, readOnly: true))
        defer { warehouse.close() }
        let connection = try warehouse.connect()
        let records = try await connection.query(
            """
            SELECT DISTINCT x.source, x.source_hcp_id AS id, h.npi, h.email, h.phone,
              x.rule = 'shared id' AS guest, NOT EXISTS (
                SELECT 1 FROM mart.xref AS o WHERE o.source_hcp_id = x.source_hcp_id AND o.hcp_id <> x.hcp_id) AS plain
            FROM mart.xref AS x LEFT JOIN history.hcp AS h ON h.source = x.source AND h.hcp_id = x.source_hcp_id
            WHERE x.hcp_id = ?
            """, [.text(hcpID)])
        let (sources, ids) = (try records.texts("source"), try records.texts("id"))
        let (npis, emails) = (try records.strings("npi"), try records.strings("email"))
        let (phones, guests) = (try records.strings("phone"), try records.bools("guest"))
        // An id that two systems use for two people must not shut the other one out.
        let plain = try records.bools("plain")
        var identifiers: [(scheme: String, value: String)] = []
        var addresses: [(channel: Channel, address: String)] = []
        for i in ids.indices {
            if plain[i] { identifiers.append(("id", ids[i])) }
            if !guests[i] { identifiers.append(("record:\(sources[i])", ids[i])) }
            if let npi = npis[i] { identifiers.append(("npi", npi)) }
            if let email = emails[i] { addresses.append((.email, email)) }
            if let phone = phones[i] { addresses += [(.phone, phone), (.sms, phone), (.messaging, phone)] }
        }
        return (addresses, identifiers)
    }
}
