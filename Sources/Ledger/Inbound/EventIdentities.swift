import GRDB

/// Who an event's ids mean, as far as the ledger knows: a recipient's own id, another system's id in the crosswalk, or
/// an id that an `identify` or `alias` of the same source named.
///
/// What is answered depends on the set of statements and their times, never on the order in which they arrived.
struct EventIdentities {
    private let db: Database
    private var known: [String: String?] = [:]
    /// When the last statement was received that the last answer rests on; nil = it needed none.
    private(set) var knownSince: Int64?

    init(_ db: Database) { self.db = db }

    /// - Parameter at: when the event happened: two people may use one browser, one after the other.
    mutating func hcp(source: Int64, user: String?, visitor: String?, at: Int64) throws -> String? {
        knownSince = nil
        guard let id = user ?? visitor else { return nil }
        var name = id
        // An anonymous id leads to a user, whose id may itself be an earlier one of another: no further.
        for hop in 0...2 {
            if hop > 0 || user != nil, let found = try hcp(name) { return found }
            guard let next = try link(source, name, at) else { return nil }
            name = next
        }
        return nil
    }

    private mutating func hcp(_ id: String) throws -> String? {
        if let answer = known[id] { return answer }
        let found = try String.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT coalesce((SELECT hcp_id FROM recipient WHERE hcp_id = :id),
                        (SELECT hcp_id FROM event_crosswalk WHERE external_id = :id))
                    """), arguments: ["id": id])
        known[id] = .some(found)
        return found
    }

    /// The user of an id: the last said before the event, else the first said after it.
    private mutating func link(_ source: Int64, _ other: String, _ at: Int64) throws -> String? {
        let values: StatementArguments = [source, other, at]
        func find(_ condition: String) throws -> Row? {
            try Row.fetchOne(
                db.cachedStatement(
                    sql: """
                        SELECT l.user_id, e.received_at FROM event_link l JOIN event e ON e.event_no = l.event_no
                        WHERE l.source_no = ? AND l.other_id = ? AND l.at \(condition) LIMIT 1
                        """), arguments: values)
        }
        guard
            let row = try find("<= ? ORDER BY l.at DESC, l.user_id DESC") ?? find("> ? ORDER BY l.at, l.user_id")
        else { return nil }
        knownSince = max(knownSince ?? 0, row[1])
        return row[0]
    }

    /// Every id under which events of an HCP may stand: user ids, and ids that were linked to them.
    static func ids(of hcpID: String, _ db: Database, also more: [String] = []) throws -> (
        users: [String], visitors: [String]
    ) {
        var users = Set([hcpID] + more)
        users.formUnion(
            try String.fetchAll(
                db, sql: "SELECT external_id FROM event_crosswalk WHERE hcp_id = ?", arguments: [hcpID]))
        var visitors: Set<String> = []
        var fresh = users
        for _ in 0...1 {
            var next: Set<String> = []
            for user in fresh {
                next.formUnion(
                    try String.fetchAll(
                        db.cachedStatement(sql: "SELECT other_id FROM event_link WHERE user_id = ?"),
                        arguments: [user]))
            }
            fresh = next.subtracting(visitors)
            visitors.formUnion(next)
        }
        return (users.union(visitors).sorted(), visitors.sorted())
    }
}
