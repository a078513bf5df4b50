import EngagementModel
import Foundation
import GRDB
import Testing

@testable import Ledger

/// T9: an opt-out races claims of four workers, each with a connection pool of its own on the same file.
///
/// The order is told by triggers of the test's own: SQLite numbers the rows of `race` inside of the same transactions, so
/// that their numbers are the order of commits, whatever the code under test believes.
@Suite(.serialized) struct ClaimRaceTests {
    private static let trials = 10_000
    private static let workers = 4

    @Test func noClaimAfterTheOptOutsCommit() async throws {
        let folder = try TemporaryFolder()
        let path = folder.ledger
        let clock = Wrist()
        let hcps = (0..<Self.trials).map { "h\($0)" }
        let ledger = try await claimLedger(clock, path: path, hcps: hcps)
        try await ledger.write { db in
            try db.execute(
                sql: """
                    CREATE TABLE race (number INTEGER PRIMARY KEY, kind TEXT NOT NULL, hcp_id TEXT NOT NULL) STRICT;
                    CREATE TRIGGER race_claim AFTER INSERT ON contact
                        BEGIN INSERT INTO race (kind, hcp_id) VALUES ('claim', new.hcp_id); END;
                    CREATE TRIGGER race_out AFTER INSERT ON consent WHEN new.status = 'opt_out'
                        BEGIN INSERT INTO race (kind, hcp_id) VALUES ('out', new.hcp_id); END;
                    """)
        }
        let rules = policy {
            $0.caps = []
            $0.gaps = []
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<Self.workers {
                group.addTask {
                    let own = try Ledger.open(path: path, options: options(), now: clock.read)
                    try await Self.claim(ClaimDesk(ledger: own, policy: rules), hcps, worker)
                    try own.close()
                }
            }
            group.addTask {
                let own = try Ledger.open(path: path, options: options(), now: clock.read)
                try await Self.leave(own, hcps, at: clock.now)
                try own.close()
            }
            try await group.waitForAll()
        }
        let (late, early, claims, outs) = try await ledger.read { db in
            func count(_ sql: String) throws -> Int { try Int.fetchOne(db, sql: sql) ?? -1 }
            let after =
                "SELECT count(*) FROM race c JOIN race o USING (hcp_id) WHERE c.kind = 'claim' AND o.kind = 'out'"
            return (
                try count("\(after) AND c.number > o.number"), try count("\(after) AND c.number < o.number"),
                try count("SELECT count(*) FROM race WHERE kind = 'claim'"),
                try count("SELECT count(*) FROM race WHERE kind = 'out'")
            )
        }
        #expect(late == 0, "claims after the opt-out's commit")
        #expect(outs == Self.trials && claims == early)
        // A race it must have been: some claims came first, and some came too late.
        #expect(claims > 0 && claims < Self.trials * Self.workers, "\(claims) claims")
        print("figure: T9: \(Self.trials) opt-outs, \(claims) claims before them, \(late) after")
    }

    /// Every worker asks for its own step of every HCP, in its own pace and a little ahead of or behind the opt-outs.
    private static func claim(_ desk: ClaimDesk, _ hcps: [String], _ worker: Int) async throws {
        var random = Seeded(UInt64(worker) + 1)
        var next = 0
        while next < hcps.count {
            let end = min(hcps.count, next + Int.random(in: 1...64, using: &random))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for hcp in hcps[next..<end] {
                    group.addTask { _ = try await desk.claim(email(hcp, step: "s\(worker)")) }
                }
                try await group.waitForAll()
            }
            next = end
        }
    }

    private static func leave(_ ledger: Ledger, _ hcps: [String], at: Int64) async throws {
        var random = Seeded(99)
        var next = 0
        while next < hcps.count {
            let end = min(hcps.count, next + Int.random(in: 1...64, using: &random))
            var columns = ConsentColumns()
            for hcp in hcps[next..<end] { columns.append(optIn(hcp, id: "out-\(hcp)", .optOut, at: at)) }
            _ = try await ledger.recordConsents(columns)
            next = end
        }
    }

    /// Claims of the same campaign, step and recipient from every side: one row, and caps hold in spite of the crowd.
    @Test func manyWorkersNeverExceedACap() async throws {
        let folder = try TemporaryFolder()
        let path = folder.ledger
        let clock = Wrist()
        let hcps = (0..<60).map { "h\($0)" }
        let ledger = try await claimLedger(clock, path: path, hcps: hcps)
        let rules = policy { $0.gaps = [] }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<Self.workers {
                group.addTask {
                    let own = try Ledger.open(path: path, options: options(), now: clock.read)
                    let desk = ClaimDesk(ledger: own, policy: rules)
                    try await withThrowingTaskGroup(of: Void.self) { inner in
                        for hcp in hcps {
                            for step in 0..<5 {
                                inner.addTask {
                                    // Two workers fight for each step, and all of them for the cap of two.
                                    let name = "s\(step)-\(worker / 2)"
                                    _ = try await desk.claim(email(hcp, step: name))
                                }
                            }
                        }
                        try await inner.waitForAll()
                    }
                    try own.close()
                }
            }
            try await group.waitForAll()
        }
        let counts = try await ledger.read { db in
            try Int.fetchAll(db, sql: "SELECT count(*) FROM contact GROUP BY hcp_id")
        }
        #expect(counts == [Int](repeating: 2, count: hcps.count))
    }
}
