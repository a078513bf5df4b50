import Foundation
import GRDB

/// Another program at the same file that makes single changes of state fail, as a full disk or a broken index would.
final class Blocker: Sendable {
    private let queue: DatabaseQueue

    init(_ path: String) throws { queue = try DatabaseQueue(path: path) }

    /// From now on no claim becomes `state`.
    func refuse(_ state: String) throws {
        try queue.write { db in
            try db.execute(
                sql: """
                    CREATE TRIGGER test_blocker BEFORE UPDATE OF claim_state ON contact
                    WHEN new.claim_state = '\(state)' BEGIN SELECT RAISE(ABORT, 'blocked'); END
                    """)
        }
    }

    func release() { try? queue.write { db in try db.execute(sql: "DROP TRIGGER IF EXISTS test_blocker") } }
}
