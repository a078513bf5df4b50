import EngagementModel
import GRDB
import Testing

@testable import Ledger

/// Pages stay fast as the ledger grows because every read goes through an index that was made for it.
@Suite struct QueryPlanTests {
    /// Runs `body` and returns the plan of every statement that read the given table.
    private func plans(_ table: String, _ body: (Ledger) async throws -> Void) async throws -> [String] {
        let ledger = try memoryLedger()
        let first = run("r1")
        _ = try await ledger.publish(first, decisions: [touch(first, "h1", on: monday + 1), noTouch(first, "h2")])
        let seen = Statements()
        try await ledger.store.writeWithoutTransaction { db in
            db.trace(options: .statement) { event in
                if case .statement(let statement) = event { seen.add(statement.sql) }
            }
        }
        try await body(ledger)
        return try await ledger.store.writeWithoutTransaction { db in
            db.trace(options: [])
            return try seen.all.filter { $0.contains("SELECT") && $0.contains(table) }.map { sql in
                let statement = try db.makeStatement(sql: "EXPLAIN QUERY PLAN " + sql)
                statement.setUncheckedArguments([])
                return try Row.fetchAll(statement).map { $0["detail"] as String }.joined(separator: "\n")
            }
        }
    }

    private final class Statements: @unchecked Sendable {  // used on the ledger's one queue, then read after it
        private(set) var all: [String] = []
        func add(_ sql: String) { all.append(sql) }
    }

    @Test func pagesNeverScanATable() async throws {
        let decisions = try await plans("decision") { ledger in
            _ = try await ledger.decisions(of: "rep-1", from: monday, through: monday + 9)
            _ = try await ledger.decisions(ofHCP: "h1", from: monday)
            _ = try await ledger.decision("x")
            _ = try await ledger.statuses(of: ["x"])
            _ = try await ledger.events(of: "x")
            _ = try await ledger.commitments(from: monday)
        }
        let others =
            try await plans("contact") { _ = try await $0.contacts(ofHCP: "h1") }
            + plans("consent") { _ = try await $0.currentConsents(ofHCP: "h1") }
            + plans("session") { _ = try await $0.session(for: "x") }
        #expect(decisions.count >= 6 && others.count >= 3)
        for plan in decisions + others {
            for line in plan.split(separator: "\n") where line.hasPrefix("SCAN") {
                // The inner result of a page, a list of ids, and the last run are short.
                let short = ["SCAN (", "SCAN j", "SCAN run", "SCAN r "].contains { line.hasPrefix($0) }
                #expect(short || line.contains("decision_acted_day"), "\(plan)")
            }
        }
    }

    @Test func aRepsPageIsReadInOrder() async throws {
        let plans = try await plans("decision_due") { ledger in
            _ = try await ledger.decisions(of: "rep-1", from: monday, through: monday + 9)
        }
        let plan = try #require(plans.first)
        #expect(
            plan.contains("USING INDEX decision_due (run_no=? AND sender=? AND due_day>? AND due_day<?)"), "\(plan)")
        #expect(plan.contains("USING INDEX decision_acted (sender=? AND due_day>? AND due_day<?)"), "\(plan)")
    }
}
