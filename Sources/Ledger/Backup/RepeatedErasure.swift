import EngagementModel
import GRDB

extension Ledger {
    /// Erases everybody whose digests say that they were erased and whose rows are here all the same: after a restore.
    ///
    /// Found by the digests alone: ids in every table that names an HCP, senders of inquiries, names of events.
    /// - Returns: how many people had rows.
    func eraseAgain(_ db: Database) throws -> Int {
        let erased = try erasedPeople(db)
        guard !erased.isEmpty else { return 0 }
        let people = try Self.namedPeople(db).filter { erased.contains(hcpID: $0) }.sorted()
        let senders = try String.fetchAll(
            db,
            sql: """
                SELECT DISTINCT from_address FROM inquiry WHERE from_address IS NOT NULL
                    AND coalesce(hcp_id, '') NOT LIKE 'erased:%' ORDER BY 1
                """
        ).filter { erased.contains(eventID: $0) }
        let names = try String.fetchAll(
            db,
            sql: """
                SELECT DISTINCT user_id FROM event WHERE user_id IS NOT NULL AND user_id NOT LIKE 'erased:%'
                ORDER BY 1
                """
        ).filter { erased.contains(standIn: $0) }
        let mail = senders.map { (channel: Channel.email, address: $0) }
        for hcp in people { _ = try eraseSubject(db, hcp, addresses: mail, names: names, by: .system) }
        // Whom only an address or a name of events led to: nobody's id is left, so the first of these stands for them.
        if people.isEmpty, let first = senders.first ?? names.first {
            _ = try eraseSubject(db, first, addresses: mail, names: names, by: .system)
            return 1
        }
        return people.count
    }

    /// Ids of HCPs in every table that has a column for them.
    private static func namedPeople(_ db: Database) throws -> Set<String> {
        let columns = try Row.fetchAll(
            db,
            sql: """
                SELECT m.name, p.name FROM sqlite_master m JOIN pragma_table_info(m.name) p
                WHERE m.type = 'table' AND p.name IN ('hcp_id', 'left_id', 'right_id')
                """)
        var found: Set<String> = []
        for column in columns {
            let (table, name): (String, String) = (column[0], column[1])
            found.formUnion(
                try String.fetchAll(
                    db, sql: "SELECT DISTINCT \"\(name)\" FROM \"\(table)\" WHERE \"\(name)\" IS NOT NULL"))
        }
        return found.filter { !$0.hasPrefix("erased:") }
    }
}
