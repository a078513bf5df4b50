import EngagementModel
import GRDB

extension Ledger {
    /// Takes a person out of the events: ids, payloads, links, dead letters. That something happened, and when, stays.
    /// - Parameter names: further ids under which they stand.
    /// - Returns: how many were emptied, and the user ids under which they stood.
    func eraseEvents(
        _ db: Database, _ hcpID: String, names: [String], pseudonym: String, _ digests: KeyedDigest
    ) throws -> (Int, Set<String>) {
        let ids = try EventIdentities.ids(of: hcpID, db, also: names)
        var identities = EventIdentities(db)
        var numbers: Set<Int64> = []
        for user in ids.users {
            numbers.formUnion(
                try Int64.fetchAll(
                    db.cachedStatement(sql: "SELECT event_no FROM event WHERE user_id = ?"), arguments: [user]))
        }
        let users = Set(ids.users)
        for visitor in ids.visitors {
            let rows = try Row.fetchAll(
                db,
                sql: "SELECT event_no, source_no, occurred_at FROM event WHERE anonymous_id = ? AND user_id IS NULL",
                arguments: [visitor])
            for row in rows {
                let owner = try identities.hcp(source: row[1], user: nil, visitor: visitor, at: row[2])
                // Where nobody else is known to have used the browser, it was this person.
                if owner == nil || owner == hcpID { numbers.insert(row[0]) }
            }
        }
        let empty = try db.makeStatement(
            sql: "UPDATE event SET user_id = ?, anonymous_id = NULL, payload = '{}' WHERE event_no = ?")
        for number in numbers.sorted() { try empty.execute(arguments: [pseudonym, number]) }
        for user in users {
            try db.execute(
                sql: "DELETE FROM event_link WHERE user_id = ?1 OR other_id = ?1", arguments: [user])
            try db.execute(sql: "DELETE FROM event_reject WHERE user_id = ?", arguments: [user])
            try db.execute(sql: "DELETE FROM event_crosswalk WHERE external_id = ?", arguments: [user])
        }
        return (numbers.count, users.subtracting(ids.visitors))
    }
}
