import EngagementModel
import Foundation
import Ledger
import TestSupport
import Testing
import Warehouse

@testable import Cycle

/// A person who was erased leaves the warehouse with the next run, its history too, and no source brings them back.
@Suite struct ErasureTests {
    private static let asOf = Day(year: 2026, month: 6, day: 1)
    private static let clock: @Sendable () -> Int64 = { 1_780_000_000_000_000 }

    private func company() throws -> (TemporaryFolder, Workspace) {
        let folder = try TemporaryFolder()
        let root = folder.url.appending(path: "company")
        _ = try WorkspaceTemplate.create(.empty, at: root, hcps: 0, reps: nil, seed: 1, endingOn: Self.asOf)
        let canonical = "company/sources/canonical"
        try folder.write(
            """
            hcp_id,npi,first_name,last_name,email,phone,country
            A1,1234567893,Zyta,Quirrell,zyta@quirrell.example,+49 30 5551,DE
            A2,1000000004,Boris,Birkenfeld,boris@clinic.example,+49 30 5552,DE
            A3,1000000012,Clara,Czerny,clara@clinic.example,+49 30 5553,DE

            """, to: "\(canonical)/hcp.csv")
        try folder.write(
            """
            interaction_id,hcp_id,occurred_at,channel,kind
            I1,A1,2026-05-01 10:00:00,email,touch
            I2,A2,2026-05-02 10:00:00,email,touch

            """, to: "\(canonical)/interaction.csv")
        try folder.write(
            """
            consent_id,hcp_id,channel,address,purpose,status,captured_at
            K1,A1,email,zyta@quirrell.example,promotional,opt_in,2026-01-01
            K2,A2,email,boris@clinic.example,promotional,opt_in,2026-01-01

            """, to: "\(canonical)/consent.csv")
        try folder.write("hco_id,name\nO1,Clinic\n", to: "\(canonical)/hco.csv")
        try folder.write(
            "order_id,hco_id,hcp_id,ordered_at\nB1,O1,A1,2026-05-03\nB2,O1,A2,2026-05-03\n",
            to: "\(canonical)/order.csv")
        try folder.write(
            "from_hcp_id,to_hcp_id,period_start,patients\nA2,A1,2026-04-01,20\nA2,A3,2026-04-01,30\n",
            to: "\(canonical)/referral.csv")
        return (folder, try #require(Workspace.read(at: root).workspace))
    }

    private func run(_ workspace: Workspace, _ day: Int32) async throws {
        let request = RunRequest(asOf: Self.asOf + Int(day), steps: [.load, .resolve])
        _ = try await CycleRun(workspace: workspace, request: request, now: Self.clock).perform()
    }

    private func with<R>(
        _ workspace: Workspace, _ body: (WarehouseConnection) async throws -> R
    ) async throws -> R {
        let current = try #require(SnapshotStore(directory: workspace.snapshotDirectory).current)
        let warehouse = try Warehouse.open(workspace.warehouseOptions(path: current.path, readOnly: true))
        defer { warehouse.close() }
        return try await body(try warehouse.connect())
    }

    /// Tables that hold one of the words, anywhere.
    private func traces(_ words: [String], _ workspace: Workspace) async throws -> [String] {
        try await with(workspace) { connection in
            let tables = try await connection.query(
                """
                SELECT table_schema || '."' || table_name || '"' AS name FROM information_schema.tables
                WHERE table_type = 'BASE TABLE' ORDER BY name
                """
            ).texts("name")
            var found: [String] = []
            for table in tables {
                for word in words {
                    let rows = try await connection.query(
                        "SELECT count(*) AS n FROM \(table) AS t WHERE contains(CAST(t AS VARCHAR), ?)", [.text(word)]
                    ).int64s("n")[0]
                    if rows > 0 { found.append("\(table) \(word)") }
                }
            }
            return found
        }
    }

    @Test func nothingOfThePersonStaysInTheWarehouse() async throws {
        let (folder, workspace) = try company()
        defer { withExtendedLifetime(folder) {} }
        try await run(workspace, 0)
        let words = ["Zyta", "Quirrell", "quirrell.example", "1234567893", "5551", "A1", "I1", "K1"]
        #expect(try await traces(words, workspace).count > 8)
        let outcome = try await SubjectEraser(workspace: workspace, now: Self.clock).erase("A1", by: nil)
        #expect(outcome.consents == 1 && outcome.suppressions >= 5)

        try await run(workspace, 1)
        #expect(try await traces(words, workspace) == [])
        let left = try await with(workspace) { connection in
            try await connection.query(
                """
                SELECT (SELECT string_agg(hcp_id, ' ' ORDER BY hcp_no) FROM mart.hcp) || ' | ' ||
                  (SELECT string_agg(order_id || coalesce(hcp_id, '-'), ' ' ORDER BY order_id) FROM history."order") || ' | ' ||
                  (SELECT count(*) FROM history.referral) AS v
                """
            ).texts("v")
        }
        // An order is the clinic's, and stays without the person; a referral is about both and goes.
        #expect(left.count == 1 && left[0].contains("B1- B2A2 | 1"), "\(left)")
        #expect(left[0].contains("A2") && left[0].contains("A3"))
        // No older snapshot has them either.
        let files = try FileManager.default.contentsOfDirectory(atPath: workspace.snapshotDirectory.path)
        #expect(files.count { $0.hasPrefix("run-") } == 1)

        // Delivered again, once as it was, once under another id with the same NPI.
        try folder.write(
            """
            hcp_id,npi,first_name,last_name,email,phone,country
            A1,1234567893,Zyta,Quirrell,zyta@quirrell.example,+49 30 5551,DE
            A9,1234567893,Zyta,Quirrell,zyta@home.example,+49 30 5559,DE
            A4,1000000020,David,Dornbusch,david@clinic.example,+49 30 5554,DE

            """, to: "company/sources/canonical/hcp-2026-06-02.csv")
        try await run(workspace, 2)
        #expect(try await traces(words + ["A9", "home.example"], workspace) == [])
        let people = try await with(workspace) { try await $0.query("SELECT hcp_id FROM mart.hcp").texts("hcp_id") }
        #expect(people.contains("A4") && people.contains("A2"))
    }
}
